/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Floor: the next integer below. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-math.h"

#define FLOOR(x) DNN_FLOOR (x)
DNN_REAL_1 (floor, FLOOR)
static const DnnLines lines = { DNN_LINES_REAL (floor) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Floor = {
  .name = "Floor",
  .doc = "The largest integer not above x",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
