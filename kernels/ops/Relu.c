/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Relu: max (0, x). The pattern of an element-wise operator. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

/* NaN is not below, and stays. */
#define RELU(x) ((x) <= 0 ? (T) 0 : (x))
DNN_REAL_1 (relu, RELU)
DNN_INTEGER_1 (relu, RELU)
static const DnnLines lines = { DNN_LINES_REAL (relu),
  DNN_LINES_INTEGER (relu) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1 },
  .alg = DNN_ALG_RELU,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Relu = {
  .name = "Relu",
  .doc = "max (0, x)",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
