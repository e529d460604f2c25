/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Exp: e^x. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define EXP(x) DNN_EXP (x)
DNN_REAL_1 (exp, EXP)
static const DnnLines lines = { DNN_LINES_REAL (exp) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .cost = 0.4 },
  .alg = DNN_ALG_EXP,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Exp = {
  .name = "Exp",
  .doc = "e^x",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
