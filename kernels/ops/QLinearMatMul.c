/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* QLinearMatMul: products of quantised matrices, to quantised ones. */
#include "config.h"

#include "kernels/conv/dnn-integer.h"

static const DnnArgRow inputs[] = {
  { .name = "a", .types = DNN_QUANT_BYTES, .type_var = "T1" },
  { .name = "a_scale",
      .types = DNN_TYPES_FLOAT & ~DNN_TYPE_BIT (DNN_TYPE_FLOAT64),
      .type_var = "TS",
      .doc = "scalar or one a row" },
  { .name = "a_zero_point",
      .types = DNN_QUANT_BYTES,
      .type_var = "T1",
      .doc = "as a_scale" },
  { .name = "b", .types = DNN_QUANT_BYTES, .type_var = "T2" },
  { .name = "b_scale",
      .types = DNN_TYPES_FLOAT & ~DNN_TYPE_BIT (DNN_TYPE_FLOAT64),
      .type_var = "TS",
      .doc = "scalar or one a column" },
  { .name = "b_zero_point",
      .types = DNN_QUANT_BYTES,
      .type_var = "T2",
      .doc = "as b_scale" },
  { .name = "y_scale",
      .types = DNN_TYPES_FLOAT & ~DNN_TYPE_BIT (DNN_TYPE_FLOAT64),
      .type_var = "TS",
      .doc = "scalar or one a row" },
  { .name = "y_zero_point",
      .types = DNN_QUANT_BYTES,
      .type_var = "T3",
      .doc = "as y_scale" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_QUANT_BYTES, .type_var = "T3" },
};

static const DnnIntegerMatrix matrix = { 0, 3, 2, 5, 1, 4, 6, 7 };

const DnnOp dnn_op_QLinearMatMul = {
  .name = "QLinearMatMul",
  .doc = "Products of quantised matrices, to quantised ones",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_integer_matrix_infer,
  .ref = dnn_integer_matrix_ref,
  .family = &matrix,
};
