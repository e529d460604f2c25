/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Erf: the error function. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-math.h"

#define ERF(x) DNN_ERF (x)
DNN_REAL_1 (erf, ERF)
static const DnnLines lines = { DNN_LINES_REAL (erf) };

static const DnnMapOp map = { .lines = &lines, .n = 1, .cost = 0.7 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Erf = {
  .name = "Erf",
  .doc = "Error function",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
