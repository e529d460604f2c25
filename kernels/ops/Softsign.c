/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Softsign: x / (1 + |x|). */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-math.h"

#define SOFTSIGN(x) ((x) / (1 + DNN_FABS (x)))
DNN_REAL_1 (softsign, SOFTSIGN)
static const DnnLines lines = { DNN_LINES_REAL (softsign) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Softsign = {
  .name = "Softsign",
  .doc = "x / (1 + |x|)",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
