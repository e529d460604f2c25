/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Add: a + b. The pattern of a broadcasting operator. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

/* Integers wrap around: as signed ones that would be undefined in C. */
#define ADD(x, y) ((T) ((U) (x) + (U) (y)))
DNN_REAL_2 (add, ADD)
DNN_INTEGER_2 (add, ADD)
static const DnnLines lines = { DNN_LINES_REAL (add), DNN_LINES_INTEGER (add) };

static const DnnBroadcast broadcast = {
  .map = { .lines = &lines, .n = 2 },
  .alg = dnnl_binary_add,
  .commutes = TRUE,
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Add = {
  .name = "Add",
  .doc = "A + B, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_BROADCAST_OP,
  .family = &broadcast,
};
