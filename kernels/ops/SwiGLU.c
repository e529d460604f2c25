/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* SwiGLU: SiLU of one tensor times another. */
#include "config.h"

#include "kernels/family/dnn-map.h"
#include "kernels/family/dnn-check.h"
#include "kernels/loops/dnn-loop-math.h"

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "B",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "of the same shape" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha",
      .kind = DNN_ATTR_FLOAT,
      .def = "1",
      .doc = "factor inside the sigmoid" },
};

#define SWIGLU(x, y) ((x) / (1 + DNN_EXP (-c0 * (x))) * (y))
DNN_REAL_2 (swiglu, SWIGLU)
static const DnnLines lines = { DNN_LINES_REAL (swiglu) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
}

static const DnnMapOp map = {
  .lines = &lines, .n = 2, .read = read_params, .cost = 0.6
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  if (!dnn_check_shape (call, 1, &call->inputs[0].shape, error))
    return DNN_INFER_ERROR;
  return dnn_map_op_infer (call, error);
}

const DnnOp dnn_op_SwiGLU = {
  .name = "SwiGLU",
  .doc = "A sigmoid (alpha A) B",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = dnn_map_op_ref,
  .offer = dnn_map_op_offer,
  .family = &map,
};
