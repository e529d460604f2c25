/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GreaterOrEqual: A ≥ B. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define GREATER_OR_EQUAL(x, y) ((x) >= (y))
DNN_TEST_2 (greater_or_equal, GREATER_OR_EQUAL)
static const DnnLines lines = { DNN_LINES_REAL (greater_or_equal),
  DNN_LINES_INTEGER (greater_or_equal) };

static const DnnMapOp map = {
  .lines = &lines, .n = 2, .result = DNN_TYPE_BOOL
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_BOOL },
};

const DnnOp dnn_op_GreaterOrEqual = {
  .name = "GreaterOrEqual",
  .doc = "Whether A >= B, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
