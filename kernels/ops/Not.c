/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Not: is x false? */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define NOT(x) ((x) == 0)
DNN_AT_LEVELS (DNN_LINE_1, not_U8, guint8, guint8, guint8, integer, NOT)
static const DnnLines lines = { DNN_LINES_OF (not, U8) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_BOOL, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_BOOL, .type_var = "T" },
};

const DnnOp dnn_op_Not = {
  .name = "Not",
  .doc = "Whether x is false",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
