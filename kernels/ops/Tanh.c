/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tanh: hyperbolic tangent. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define TANH(x) DNN_TANH (x)
DNN_REAL_1 (tanh, TANH)
static const DnnLines lines = { DNN_LINES_REAL (tanh) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .cost = 0.7 },
  .alg = DNN_ALG_TANH,
  .is_exact = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Tanh = {
  .name = "Tanh",
  .doc = "Hyperbolic tangent",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
