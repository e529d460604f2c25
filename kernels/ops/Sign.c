/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sign: -1, 0 or 1 by the sign of x. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define SIGN(x) ((x) > 0 ? (T) 1 : (x) < 0 ? (T) -1 : (x))
DNN_REAL_1 (sign, SIGN)
#define SIGN_SIGNED(x) ((x) > 0 ? (T) 1 : (x) < 0 ? (T) -1 : (T) 0)
DNN_SIGNED_1 (sign, SIGN_SIGNED)
#define SIGN_UNSIGNED(x) ((T) ((x) > 0))
DNN_UNSIGNED_1 (sign, SIGN_UNSIGNED)
static const DnnLines lines = { DNN_LINES_REAL (sign),
  DNN_LINES_INTEGER (sign) };

static const DnnMapOp map = { .lines = &lines, .n = 1 };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Sign = {
  .name = "Sign",
  .doc = "-1, 0 or 1",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
