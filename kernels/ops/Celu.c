/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Celu: x, below 0 alpha · (e^(x / alpha) - 1). */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-math.h"

#define CELU(x) ((x) < 0 ? c0 * (DNN_EXP ((x) / c0) - 1) : (x))
DNN_REAL_1 (celu, CELU)
static const DnnLines lines = { DNN_LINES_REAL (celu) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
}

static const DnnMapOp map = {
  .lines = &lines, .n = 1, .read = read_params, .cost = 0.4
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha",
      .kind = DNN_ATTR_FLOAT,
      .def = "1",
      .doc = "factor below 0" },
};

const DnnOp dnn_op_Celu = {
  .name = "Celu",
  .doc = "x where x >= 0, alpha (exp (x / alpha) - 1) below",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
