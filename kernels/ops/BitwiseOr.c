/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitwiseOr: bits that one of both has. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define BITWISE_OR(x, y) ((T) ((x) | (y)))
DNN_BITS_2 (bitwise_or, BITWISE_OR)
static const DnnLines lines = { DNN_LINES_BITS (bitwise_or) };

static const DnnMapOp map = { .lines = &lines, .n = 2 };

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_INTEGER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};

const DnnOp dnn_op_BitwiseOr = {
  .name = "BitwiseOr",
  .doc = "Bits that one of both has, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
