/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RandomUniform: numbers between two. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-random.h"

static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT },
};
static const DnnAttrRow attrs[] = {
  { .key = "shape",
      .kind = DNN_ATTR_INTS,
      .required = TRUE,
      .max = G_MAXINT32,
      .doc = "of the output" },
  { .key = "dtype",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = DNN_CAST_TYPE_DOC },
  { .key = "low", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "high", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "" },
  { .key = "seed",
      .kind = DNN_ATTR_FLOAT,
      .doc = "other numbers; each frame draws the same ones" },
};

static const DnnRandom random_op = { FALSE };

const DnnOp dnn_op_RandomUniform = {
  .name = "RandomUniform",
  .doc = "Numbers between two",
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_RANDOM_OP,
  .family = &random_op,
};
