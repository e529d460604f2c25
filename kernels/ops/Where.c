/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where: of two tensors, the one that a condition names. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define WHERE_LINE(level, name, type)                                         \
  DNN_TARGET_##level static void name##_##level (gpointer dst,                \
      gconstpointer const *src, gsize n, const DnnLoopParams *params)         \
  {                                                                           \
    const guint8 *condition = src[0];                                         \
    const type *a = src[1], *b = src[2];                                      \
    type *y = dst;                                                            \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] = condition[i] ? a[i] : b[i]; \
  }
DNN_AT_LEVELS (WHERE_LINE, where_U8, guint8)
DNN_AT_LEVELS (WHERE_LINE, where_U16, guint16)
DNN_AT_LEVELS (WHERE_LINE, where_U32, guint32)
DNN_AT_LEVELS (WHERE_LINE, where_U64, guint64)
static const DnnLines lines = { DNN_LINES_BITS (where) };

static const DnnMapOp map = { .lines = &lines, .n = 3, .has_condition = TRUE };

static const DnnArgRow inputs[] = {
  { .name = "condition", .types = DNN_TYPES_BOOL },
  { .name = "X",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "where it is true" },
  { .name = "Y",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "where it is false" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};

const DnnOp dnn_op_Where = {
  .name = "Where",
  .doc = "X where a condition is true, Y where it is false, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
