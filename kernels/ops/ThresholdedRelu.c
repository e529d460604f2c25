/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ThresholdedRelu: x above alpha, else 0. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define THRESHOLDED_RELU(x) ((x) <= c0 ? (T) 0 : (x))
DNN_REAL_1 (thresholded_relu, THRESHOLDED_RELU)
static const DnnLines lines = { DNN_LINES_REAL (thresholded_relu) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
}

static const DnnMapOp map = { .lines = &lines, .n = 1, .read = read_params };

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "threshold" },
};

const DnnOp dnn_op_ThresholdedRelu = {
  .name = "ThresholdedRelu",
  .doc = "x where x > alpha, 0 else",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .ref_in_place = TRUE,
  .family = &map,
};
