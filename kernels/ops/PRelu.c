/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* PRelu: x, below 0 slope · x. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#define PRELU_REAL(x, slope) ((x) < 0 ? (slope) * (x) : (x))
DNN_REAL_2 (prelu, PRELU_REAL)
#define PRELU(x, slope) ((x) < 0 ? (T) ((U) (slope) * (U) (x)) : (x))
DNN_SIGNED_2 (prelu, PRELU)
#define PRELU_UNSIGNED(x, slope) (x)
DNN_UNSIGNED_2 (prelu, PRELU_UNSIGNED)
static const DnnLines lines = { DNN_LINES_REAL (prelu),
  DNN_LINES_INTEGER (prelu) };

static const DnnMapOp map = { .lines = &lines, .n = 2 };

/* The slope fits into X, not the other way round. */
static DnnInferResult
infer (DnnCall *call, GError **error)
{
  g_autofree gchar *x = NULL, *slope = NULL;

  if (dnn_map_op_infer (call, error) == DNN_INFER_ERROR)
    return DNN_INFER_ERROR;
  if (dnn_shape_compatible (&call->outputs[0].shape, &call->inputs[0].shape))
    return DNN_INFER_OK;
  x = dnn_shape_to_string (&call->inputs[0].shape);
  slope = dnn_shape_to_string (&call->inputs[1].shape);
  dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "slope is of shape %s, expected one that fits into X, %s", slope, x);
  return DNN_INFER_ERROR;
}

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "slope",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T",
      .doc = "broadcast to X" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_PRelu = {
  .name = "PRelu",
  .doc = "x where x >= 0, slope x below",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = dnn_map_op_ref,
  .offer = dnn_map_op_offer,
  .family = &map,
};
