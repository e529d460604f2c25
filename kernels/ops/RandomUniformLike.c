/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RandomUniformLike: numbers between two, in the shape of input. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-random.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_ANY,
      .doc = "only shape and type count" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT },
};
static const DnnAttrRow attrs[] = {
  { .key = "dtype", .kind = DNN_ATTR_INT, .doc = DNN_CAST_TYPE_DOC },
  { .key = "low", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "high", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "" },
  { .key = "seed",
      .kind = DNN_ATTR_FLOAT,
      .doc = "other numbers; each frame draws the same ones" },
};

static const DnnRandom random_op = { FALSE };

const DnnOp dnn_op_RandomUniformLike = {
  .name = "RandomUniformLike",
  .doc = "Numbers between two, in the shape of input",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_RANDOM_OP,
  .ref_shapes_only = TRUE,
  .family = &random_op,
};
