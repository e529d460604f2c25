/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* IsNaN: is x NaN? */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define IS_NAN(x) ((x) != (x))
DNN_REAL_TEST_1 (is_nan, IS_NAN)
static const DnnLines lines = { DNN_LINES_REAL (is_nan) };

static const DnnMapOp map = {
  .lines = &lines, .n = 1, .result = DNN_TYPE_BOOL
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_BOOL },
};

const DnnOp dnn_op_IsNaN = {
  .name = "IsNaN",
  .doc = "Whether x is NaN",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
