/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Atanh: inverse hyperbolic tangent. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-hyperbola.h"

DNN_REAL_1 (atanh, DNN_ATANH)
static const DnnLines lines = { DNN_LINES_REAL (atanh) };

static const DnnMapOp map = { .lines = &lines, .n = 1, .cost = 1 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Atanh = {
  .name = "Atanh",
  .doc = "Inverse hyperbolic tangent",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
