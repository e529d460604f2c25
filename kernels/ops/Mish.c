/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Mish: x · tanh (softplus (x)). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

/* tanh (log (1 + e)) is p / (p + 2) with p = e (e + 2); above 20 it is 1. */
#define MISH_OF(x)                                                \
  ({                                                              \
    T e = DNN_EXP ((x) > 20 ? (T) 20 : (x)), power = e * (e + 2); \
    (x) > 20 ? (x) : (x) * (power / (power + 2));                 \
  })
#define MISH(x) MISH_OF (x)
DNN_REAL_1 (mish, MISH)
static const DnnLines lines = { DNN_LINES_REAL (mish) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .cost = 0.7 }, .alg = DNN_ALG_MISH,
  /* Not on its own: oneDNN's is 1e-6 wrong where the result is small. */
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Mish = {
  .name = "Mish",
  .doc = "x tanh (log (1 + exp (x)))",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
