/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Equal: A = B. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define EQUAL(x, y) ((x) == (y))
DNN_TEST_2 (equal, EQUAL)
DNN_AT_LEVELS (DNN_LINE_2, equal_U8, guint8, guint8, guint8, integer, EQUAL)
static const DnnLines lines = { DNN_LINES_REAL (equal),
  DNN_LINES_INTEGER (equal), DNN_LINES_OF (equal, U8) };

static const DnnMapOp map = {
  .lines = &lines, .n = 2, .result = DNN_TYPE_BOOL
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_BOOL },
};

const DnnOp dnn_op_Equal = {
  .name = "Equal",
  .doc = "Whether A = B, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
