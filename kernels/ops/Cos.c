/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Cos: cosine. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-checked.h"
#include "kernels/loops/dnn-loop-circle.h"

DNN_REAL_CHECKED_1 (cos, dnn_cos_float, DNN_IS_FAR, cosf, cos)
static const DnnLines lines = { DNN_LINES_REAL (cos) };

static const DnnMapOp map = { .lines = &lines, .n = 1, .cost = 1 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Cos = {
  .name = "Cos",
  .doc = "Cosine",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
