/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Reciprocal: 1 / x. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define RECIPROCAL(x) (1 / (x))
DNN_REAL_1 (reciprocal, RECIPROCAL)
static const DnnLines lines = { DNN_LINES_REAL (reciprocal) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Reciprocal = {
  .name = "Reciprocal",
  .doc = "1 / x",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
