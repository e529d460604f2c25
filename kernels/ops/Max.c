/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Max: the largest of each. */
#include "config.h"

#include "kernels/family/dnn-map.h"

/* NaN wins. */
#define MAX_OF_REAL(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))
DNN_REAL_2 (max, MAX_OF_REAL)
#define MAX_OF(x, y) ((x) > (y) ? (x) : (y))
DNN_INTEGER_2 (max, MAX_OF)
static const DnnLines lines = { DNN_LINES_REAL (max), DNN_LINES_INTEGER (max) };

static const DnnMapOp map = { .lines = &lines };

static const DnnArgRow inputs[] = {
  { .name = "data_0",
      .types = DNN_TYPES_NUMBER,
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "max", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Max = {
  .name = "Max",
  .doc = "The largest of each, broadcast; NaN where one is NaN",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
