/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* IsInf: is x an infinity? */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include <math.h>

#define IS_INF(x) \
  (((x) == INFINITY && c1 != 0) || ((x) == -INFINITY && c0 != 0))
DNN_REAL_TEST_1 (is_inf, IS_INF)
static const DnnLines lines = { DNN_LINES_REAL (is_inf) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_int (call, "detect_negative");
  params->real[1] = dnn_call_int (call, "detect_positive");
}

static const DnnMapOp map = {
  .lines = &lines, .n = 1, .read = read_params, .result = DNN_TYPE_BOOL
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_BOOL },
};
static const DnnAttrRow attrs[] = {
  { .key = "detect_negative",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "whether -∞ counts" },
  { .key = "detect_positive",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "whether +∞ counts" },
};

const DnnOp dnn_op_IsInf = {
  .name = "IsInf",
  .doc = "Whether x is +∞ or -∞",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .family = &map,
};
