/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RandomNormal: numbers of a normal distribution. */
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
  { .key = "mean", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "scale",
      .kind = DNN_ATTR_FLOAT,
      .def = "1",
      .doc = "standard deviation" },
  { .key = "seed",
      .kind = DNN_ATTR_FLOAT,
      .doc = "other numbers; each frame draws the same ones" },
};

static const DnnRandom random_op = { TRUE };

const DnnOp dnn_op_RandomNormal = {
  .name = "RandomNormal",
  .doc = "Numbers of a normal distribution",
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_RANDOM_OP,
  .family = &random_op,
};
