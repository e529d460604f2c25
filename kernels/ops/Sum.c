/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sum: the sum of all. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define SUM_OF(x, y) ((x) + (y))
DNN_REAL_2 (sum, SUM_OF)
static const DnnLines lines = { DNN_LINES_REAL (sum) };

static const DnnMapOp map = { .lines = &lines };

static const DnnArgRow inputs[] = {
  { .name = "data_0",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "sum", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Sum = {
  .name = "Sum",
  .doc = "The sum of all, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
