/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ai.onnx.ml.Binarizer: 1 above a threshold, else 0. */
#include "config.h"

#include "kernels/family/dnn-map.h"

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "threshold", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
};

#define BINARY(x) ((x) > c0 ? (T) 1 : (T) 0)
DNN_REAL_1 (binary, BINARY)
static const DnnLines lines = { DNN_LINES_REAL (binary) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "threshold");
}

static DnnType
choose_type (const DnnCall *call)
{
  return call->inputs[0].type == DNN_TYPE_FLOAT32 ? DNN_TYPE_FLOAT32
                                                  : DNN_TYPE_FLOAT64;
}

static const DnnMapOp map = {
  .lines = &lines, .n = 1, .read = read_params, .choose_type = choose_type
};

const DnnOp dnn_op_ai_onnx_ml_Binarizer = {
  .name = "ai.onnx.ml.Binarizer",
  .doc = "1 above a threshold, else 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .family = &map,
};
