/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Selu: gamma · Elu. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-math.h"

#define SELU(x) (c1 * ((x) <= 0 ? c0 * (DNN_EXP (x) - 1) : (x)))
DNN_REAL_1 (selu, SELU)
static const DnnLines lines = { DNN_LINES_REAL (selu) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
  params->real[1] = dnn_call_float (call, "gamma");
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
      .def = "1.6732632",
      .doc = "factor below 0" },
  { .key = "gamma",
      .kind = DNN_ATTR_FLOAT,
      .def = "1.050701",
      .doc = "factor" },
};

const DnnOp dnn_op_Selu = {
  .name = "Selu",
  .doc = "gamma x where x > 0, gamma alpha (exp (x) - 1) else",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
