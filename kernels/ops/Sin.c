/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sin: sine. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-checked.h"
#include "kernels/loops/dnn-loop-circle.h"

DNN_REAL_CHECKED_1 (sin, dnn_sin_float, DNN_IS_FAR, sinf, sin)
static const DnnLines lines = { DNN_LINES_REAL (sin) };

static const DnnMapOp map = { .lines = &lines, .n = 1, .cost = 1 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Sin = {
  .name = "Sin",
  .doc = "Sine",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
