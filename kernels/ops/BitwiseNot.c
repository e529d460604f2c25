/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitwiseNot: each bit turned over. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define BITWISE_NOT(x) ((T) ~(x))
DNN_BITS_1 (bitwise_not, BITWISE_NOT)
static const DnnLines lines = { DNN_LINES_BITS (bitwise_not) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};

const DnnOp dnn_op_BitwiseNot = {
  .name = "BitwiseNot",
  .doc = "Each bit turned over",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
