/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sinh: hyperbolic sine. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-hyperbola.h"

DNN_REAL_1 (sinh, DNN_SINH)
static const DnnLines lines = { DNN_LINES_REAL (sinh) };

static const DnnMapOp map = { .lines = &lines, .n = 1, .cost = 1 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Sinh = {
  .name = "Sinh",
  .doc = "Hyperbolic sine",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
