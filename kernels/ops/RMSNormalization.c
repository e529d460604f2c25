/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RMSNormalization: each slice divided by its root mean square. */
#include "config.h"

#include "kernels/reduce/dnn-normalize.h"

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "scale",
      .types = DNN_TYPES_FLOAT,
      .type_var = "V",
      .doc = "broadcast to X" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "V" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .doc = "first dimension of a slice" },
  { .key = "epsilon",
      .kind = DNN_ATTR_FLOAT,
      .def = "1e-05",
      .doc = "added to the mean square" },
  { .key = "stash_type",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = "type of the first stage; it is computed in double or float32" },
};

static const DnnNormalize normalize = { DNN_NORMALIZE_LAYER, TRUE };

const DnnOp dnn_op_RMSNormalization = {
  .name = "RMSNormalization",
  .doc = "Slices from axis on divided by their root mean square, then scaled",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_NORMALIZE_OP,
  .family = &normalize,
};
