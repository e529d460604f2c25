/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* HardSwish: x · min (1, max (0, x / 6 + 0.5)). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#define HARD_SWISH(x) ((x) *CLAMP ((x) / 6 + (T) 0.5, 0, 1))
DNN_REAL_1 (hard_swish, HARD_SWISH)
static const DnnLines lines = { DNN_LINES_REAL (hard_swish) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1 },
  .alg = DNN_ALG_HARDSWISH,
  .is_exact = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_HardSwish = {
  .name = "HardSwish",
  .doc = "x min (1, max (0, x / 6 + 0.5))",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
