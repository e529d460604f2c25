/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Mul: a · b. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

/* Integers wrap around: as signed ones that would be undefined in C. */
#define MUL(x, y) ((T) ((U) (x) * (U) (y)))
DNN_REAL_2 (mul, MUL)
DNN_INTEGER_2 (mul, MUL)
static const DnnLines lines = { DNN_LINES_REAL (mul), DNN_LINES_INTEGER (mul) };

static const DnnBroadcast broadcast = {
  .map = { .lines = &lines, .n = 2 },
  .alg = dnnl_binary_mul,
  .commutes = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Mul = {
  .name = "Mul",
  .doc = "A B, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_BROADCAST_OP,
  .family = &broadcast,
};
