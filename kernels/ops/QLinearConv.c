/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* QLinearConv: convolution of quantised tensors to a quantised one. */
#include "config.h"

#include "kernels/conv/dnn-integer.h"

static const DnnArgRow inputs[] = {
  { .name = "x",
      .types = DNN_QUANT_BYTES,
      .type_var = "T1",
      .doc = "N × C × …" },
  { .name = "x_scale", .types = DNN_TYPES_FLOAT32, .doc = "scalar" },
  { .name = "x_zero_point",
      .types = DNN_QUANT_BYTES,
      .type_var = "T1",
      .doc = "scalar" },
  { .name = "w",
      .types = DNN_QUANT_BYTES,
      .type_var = "T2",
      .doc = "M × (C / group) × kernel" },
  { .name = "w_scale", .types = DNN_TYPES_FLOAT32, .doc = "scalar or M" },
  { .name = "w_zero_point",
      .types = DNN_QUANT_BYTES,
      .type_var = "T2",
      .doc = "scalar or M" },
  { .name = "y_scale", .types = DNN_TYPES_FLOAT32, .doc = "scalar" },
  { .name = "y_zero_point",
      .types = DNN_QUANT_BYTES,
      .type_var = "T3",
      .doc = "scalar" },
  { .name = "B",
      .types = DNN_TYPE_BIT (DNN_TYPE_INT32),
      .flags = DNN_ARG_OPTIONAL,
      .doc = "M" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_QUANT_BYTES, .type_var = "T3" },
};
static const DnnAttrRow attrs[] = {
  DNN_SPATIAL_ATTRS (FALSE),
  { .key = "group",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = G_MAXINT32,
      .doc = "" },
};

static const DnnIntegerConv conv = { 0, 3, 2, 5, 1, 4, 6, 8 };

const DnnOp dnn_op_QLinearConv = {
  .name = "QLinearConv",
  .doc = "Convolution of quantised tensors to a quantised one",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_integer_conv_infer,
  .ref = dnn_integer_conv_ref,
  .family = &conv,
};
