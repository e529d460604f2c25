/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Neg: -x. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define NEG(x) (-(x))
DNN_REAL_1 (neg, NEG)
#define NEG_SIGNED(x) ((T) (0 - (U) (x)))
DNN_SIGNED_1 (neg, NEG_SIGNED)
#define NEG_UNSIGNED(x) ((T) (0 - (x)))
DNN_UNSIGNED_1 (neg, NEG_UNSIGNED)
static const DnnLines lines = { DNN_LINES_REAL (neg), DNN_LINES_INTEGER (neg) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Neg = {
  .name = "Neg",
  .doc = "-x",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
