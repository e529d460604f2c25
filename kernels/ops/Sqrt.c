/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sqrt: the square root. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define SQRT(x) DNN_SQRT (x)
DNN_REAL_1 (sqrt, SQRT)
static const DnnLines lines = { DNN_LINES_REAL (sqrt) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1 },
  .alg = DNN_ALG_SQRT,
  .is_exact = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Sqrt = {
  .name = "Sqrt",
  .doc = "Square root",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
