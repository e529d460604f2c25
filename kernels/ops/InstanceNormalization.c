/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* InstanceNormalization: each channel of each image brought to mean 0 and
 * variance 1. */
#include "config.h"

#include "kernels/reduce/dnn-normalize.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
  { .name = "scale", .types = DNN_TYPES_FLOAT, .type_var = "T", .doc = "C" },
  { .name = "B", .types = DNN_TYPES_FLOAT, .type_var = "T", .doc = "C" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "epsilon",
      .kind = DNN_ATTR_FLOAT,
      .def = "1e-05",
      .doc = "added to the variance" },
};

static const DnnNormalize normalize = { DNN_NORMALIZE_INSTANCE, FALSE };

const DnnOp dnn_op_InstanceNormalization = {
  .name = "InstanceNormalization",
  .doc =
      "Each channel brought to mean 0 and variance 1, then scaled and shifted",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_NORMALIZE_OP,
  .family = &normalize,
};
