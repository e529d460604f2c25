/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MatMulInteger: products of matrices of 8-bit integers, to int32. */
#include "config.h"

#include "kernels/conv/dnn-integer.h"

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_QUANT_BYTES, .type_var = "T1" },
  { .name = "B", .types = DNN_QUANT_BYTES, .type_var = "T2" },
  { .name = "a_zero_point",
      .types = DNN_QUANT_BYTES,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "scalar or one a row" },
  { .name = "b_zero_point",
      .types = DNN_QUANT_BYTES,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T2",
      .doc = "scalar or one a column" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPE_BIT (DNN_TYPE_INT32) },
};

static const DnnIntegerMatrix matrix = { 0, 1, 2, 3, -1, -1, -1, -1 };

const DnnOp dnn_op_MatMulInteger = {
  .name = "MatMulInteger",
  .doc = "Products of matrices of 8-bit integers, to int32",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_integer_matrix_infer,
  .ref = dnn_integer_matrix_ref,
  .family = &matrix,
};
