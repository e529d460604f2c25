/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Or: one of both is true. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define OR(x, y) (((x) != 0) | ((y) != 0))
DNN_AT_LEVELS (DNN_LINE_2, or_U8, guint8, guint8, guint8, integer, OR)
static const DnnLines lines = { DNN_LINES_OF (or, U8) };

static const DnnMapOp map = { .lines = &lines, .n = 2 };

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_BOOL, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_BOOL, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_BOOL, .type_var = "T" },
};

const DnnOp dnn_op_Or = {
  .name = "Or",
  .doc = "Whether one of both is true, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
