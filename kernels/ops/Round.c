/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Round: the nearest integer, half to even. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define ROUND(x) DNN_RINT (x)
DNN_REAL_1 (round, ROUND)
static const DnnLines lines = { DNN_LINES_REAL (round) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1 },
  .alg = DNN_ALG_ROUND,
  .is_exact = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Round = {
  .name = "Round",
  .doc = "The nearest integer; halves to the even one",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
