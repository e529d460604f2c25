/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* BitwiseAnd: bits that both have. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define BITWISE_AND(x, y) ((T) ((x) & (y)))
DNN_BITS_2 (bitwise_and, BITWISE_AND)
static const DnnLines lines = { DNN_LINES_BITS (bitwise_and) };

static const DnnMapOp map = { .lines = &lines, .n = 2 };

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_INTEGER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_INTEGER, .type_var = "T" },
};

const DnnOp dnn_op_BitwiseAnd = {
  .name = "BitwiseAnd",
  .doc = "Bits that both have, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
