/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Abs: |x|. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define ABSOLUTE(x) DNN_FABS (x)
DNN_REAL_1 (abs, ABSOLUTE)
#define ABS_SIGNED(x) ((x) < 0 ? (T) (0 - (U) (x)) : (x))
DNN_SIGNED_1 (abs, ABS_SIGNED)
#define ABS_UNSIGNED(x) (x)
DNN_UNSIGNED_1 (abs, ABS_UNSIGNED)
static const DnnLines lines = { DNN_LINES_REAL (abs), DNN_LINES_INTEGER (abs) };

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1 },
  .alg = DNN_ALG_ABS,
  .is_exact = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Abs = {
  .name = "Abs",
  .doc = "|x|",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
