/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Shrink: x without lambd around 0, towards 0 by bias. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/family/dnn-number.h"

#define SHRINK(x) ((x) < -c0 ? (x) + c1 : (x) > c0 ? (x) -c1 : (T) 0)
DNN_REAL_1 (shrink, SHRINK)
static const DnnLines lines = { DNN_LINES_REAL (shrink) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "lambd");
  params->real[1] = dnn_call_float (call, "bias");
}

/* Both numbers are real ones, whatever x is. */
static DnnType
choose_type (const DnnCall *call)
{
  DnnType type = call->inputs[0].type;

  return dnn_type_is_float (type) ? type : DNN_TYPE_FLOAT64;
}

static const DnnMapOp map = {
  .lines = &lines,
  .n = 1,
  .read = read_params,
  .choose_type = choose_type,
  .cost = 0.4,
};

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "lambd", .kind = DNN_ATTR_FLOAT, .def = "0.5", .doc = "threshold" },
  { .key = "bias",
      .kind = DNN_ATTR_FLOAT,
      .def = "0",
      .doc = "what is taken off" },
};

const DnnOp dnn_op_Shrink = {
  .name = "Shrink",
  .doc = "x + bias below -lambd, x - bias above lambd, 0 between",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
