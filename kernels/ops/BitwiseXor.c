/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitwiseXor: bits that just one of both has. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define BITWISE_XOR(x, y) ((T) ((x) ^ (y)))
DNN_BITS_2 (bitwise_xor, BITWISE_XOR)
static const DnnLines lines = { DNN_LINES_BITS (bitwise_xor) };

static const DnnMapOp map = { .lines = &lines, .n = 2 };

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_INTEGER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};

const DnnOp dnn_op_BitwiseXor = {
  .name = "BitwiseXor",
  .doc = "Bits that just one of both has, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
