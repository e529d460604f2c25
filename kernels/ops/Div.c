/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Div: a / b. Integers go towards 0; by 0 they give 0, so that no value in a
 * frame can stop the process. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

#define DIV(x, y) ((x) / (y))
DNN_REAL_2 (div, DIV)

/* A quotient of 32 bits is exact in double, and there are vectors for it. */
#define QUOTIENT_I32(x, y) ((T) ((gdouble) (x) / (gdouble) (y)))
#define QUOTIENT(x, y) ((x) / (y))
#define DIV_SIGNED(x, y, DIVIDE) \
  ((y) == 0 ? (T) 0 : (y) == -1 ? (T) (0 - (U) (x)) : DIVIDE (x, y))
#define DIV_I32(x, y) DIV_SIGNED (x, y, QUOTIENT_I32)
#define DIV_I64(x, y) DIV_SIGNED (x, y, QUOTIENT)
#define DIV_U64(x, y) ((y) == 0 ? 0 : (x) / (y))
DNN_AT_LEVELS (DNN_LINE_2, div_I32, gint32, guint32, gint32, integer, DIV_I32)
DNN_AT_LEVELS (DNN_LINE_2, div_I64, gint64, guint64, gint64, integer, DIV_I64)
DNN_UNSIGNED_2 (div, DIV_U64)
static const DnnLines lines = { DNN_LINES_REAL (div), DNN_LINES_INTEGER (div) };

static const DnnBroadcast broadcast = {
  .map = { .lines = &lines, .n = 2 },
  .alg = dnnl_binary_div,
};

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Div = {
  .name = "Div",
  .doc = "A / B, broadcast; integers towards 0, by 0: 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_BROADCAST_OP,
  .family = &broadcast,
};
