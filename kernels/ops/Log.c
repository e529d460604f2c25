/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Log: the natural logarithm. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-math.h"

#define LOG(x) DNN_LOG (x)
DNN_REAL_1 (log, LOG)
static const DnnLines lines = { DNN_LINES_REAL (log) };

static const DnnMapOp map = { .lines = &lines, .n = 1, .cost = 0.5 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Log = {
  .name = "Log",
  .doc = "Natural logarithm",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
