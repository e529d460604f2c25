/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DynamicQuantizeLinear: numbers → uint8, by a scale that fits them. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"

static const DnnArgRow inputs[] = {
  { .name = "x", .types = DNN_TYPES_FLOAT32 },
};
static const DnnArgRow outputs[] = {
  { .name = "y",
      .types = DNN_TYPE_BIT (DNN_TYPE_UINT8),
      .flags = DNN_ARG_OPTIONAL },
  { .name = "y_scale",
      .types = DNN_TYPES_FLOAT32,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "scalar" },
  { .name = "y_zero_point",
      .types = DNN_TYPE_BIT (DNN_TYPE_UINT8),
      .flags = DNN_ARG_OPTIONAL,
      .doc = "scalar" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape scalar = { 0 };

  dnn_infer_set (call, 0, DNN_TYPE_UINT8, &call->inputs[0].shape);
  dnn_infer_set (call, 1, DNN_TYPE_FLOAT32, &scalar);
  dnn_infer_set (call, 2, DNN_TYPE_UINT8, &scalar);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint64 n = dnn_shape_n_elements (&call->inputs[0].shape);
  const gfloat *x = src[0];
  gfloat low = 0, high = 0, scale, zero;

  for (gint64 i = 0; i < n; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  scale = high == low ? 1 / 255.0f : (high - low) / 255.0f;
  zero = rintf (CLAMP (-low / scale, 0.0f, 255.0f));
  for (gint64 i = 0; i < n; i++) {
    gfloat y = rintf (x[i] / scale) + zero;
    ((guint8 *) dst[0])[i] = y >= 0 ? (guint8) MIN (y, 255.0f) : 0;
  }
  if (call->n_outputs > 1 && call->outputs[1].present)
    *(gfloat *) dst[1] = scale;
  if (call->n_outputs > 2 && call->outputs[2].present)
    *(guint8 *) dst[2] = (guint8) zero;
  return TRUE;
}

const DnnOp dnn_op_DynamicQuantizeLinear = {
  .name = "DynamicQuantizeLinear",
  .doc =
      "x as uint8, by the scale and zero point that reach from its least to its largest",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = ref,
};
