/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Mean: the average of all. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define SUM_OF(x, y) ((x) + (y))
DNN_REAL_2 (sum, SUM_OF)
static const DnnLines lines = { DNN_LINES_REAL (sum) };

#define DIVIDE(x) ((x) / c0)
DNN_REAL_1 (divide, DIVIDE)
static const DnnLines divide = { DNN_LINES_REAL (divide) };

static const DnnMapOp map = { .lines = &lines, .finish = &divide };

static const DnnArgRow inputs[] = {
  { .name = "data_0",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "mean", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Mean = {
  .name = "Mean",
  .doc = "The average of all, broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
