/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Softplus: log (1 + e^x). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-hyperbola.h"

#define SOFTPLUS(x) \
  (((x) > 0 ? (x) : 0) + DNN_LOG_1P (DNN_EXP ((x) < 0 ? (x) : -(x))))
DNN_REAL_1 (softplus, SOFTPLUS)
static const DnnLines lines = { DNN_LINES_REAL (softplus) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .cost = 1 }, .alg = DNN_ALG_SOFTPLUS,
  /* Not on its own: oneDNN's (2.6 to 3.12) is 2e-6 wrong, and below 0, where
   * the result is small. */
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Softplus = {
  .name = "Softplus",
  .doc = "log (1 + exp (x))",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
