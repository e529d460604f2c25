/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ConvInteger: convolution of 8-bit integers to int32. */
#include "config.h"

#include "kernels/conv/dnn-integer.h"

static const DnnArgRow inputs[] = {
  { .name = "x",
      .types = DNN_QUANT_BYTES,
      .type_var = "T1",
      .doc = "N × C × …" },
  { .name = "w",
      .types = DNN_QUANT_BYTES,
      .type_var = "T2",
      .doc = "M × (C / group) × kernel" },
  { .name = "x_zero_point",
      .types = DNN_QUANT_BYTES,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "scalar" },
  { .name = "w_zero_point",
      .types = DNN_QUANT_BYTES,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2",
      .doc = "scalar or M" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_TYPE_BIT (DNN_TYPE_INT32) },
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

static const DnnIntegerConv conv = { 0, 1, 2, 3, -1, -1, -1, -1 };

const DnnOp dnn_op_ConvInteger = {
  .name = "ConvInteger",
  .doc = "Convolution of 8-bit integers to int32",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_integer_conv_infer,
  .ref = dnn_integer_conv_ref,
  .family = &conv,
};
