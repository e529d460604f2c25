/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sigmoid: 1 / (1 + e^-x). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define SIGMOID(x) (1 / (1 + DNN_EXP (-(x))))
DNN_REAL_1 (sigmoid, SIGMOID)
static const DnnLines lines = { DNN_LINES_REAL (sigmoid) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .cost = 0.5 },
  .alg = DNN_ALG_LOGISTIC,
  .is_exact = TRUE,
  .is_inexact_behind = TRUE, /* 2.6: gemm convolutions; 3.12: all */
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Sigmoid = {
  .name = "Sigmoid",
  .doc = "1 / (1 + exp (-x))",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
