/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* exp (x) / Σ exp (x) along one axis → infer, ref. Next: dnn-softmax-loop.c. */
#include "config.h"

#include "kernels/reduce/dnn-softmax.h"

#include <math.h>

#include "kernels/family/dnn-number.h"

const DnnArgRow dnn_softmax_inputs[1] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
const DnnArgRow dnn_softmax_outputs[1] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
const DnnAttrRow dnn_softmax_attrs[1] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .doc = "which dimension; negative: from the end" },
};

DnnInferResult
dnn_softmax_infer (DnnCall *call, GError **error)
{
  gint axis;

  if (!dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, error))
    return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

/* @shape as outer × axis × inner. */
static void
fold (const DnnShape *shape, gint axis, gint64 dims[3])
{
  dims[0] = dims[2] = 1;
  dims[1] = shape->dims[axis];
  for (gint i = 0; i < axis; i++)
    dims[0] *= shape->dims[i];
  for (gint i = axis + 1; i < shape->rank; i++)
    dims[2] *= shape->dims[i];
}

/* One line of @n elements, @stride apart, from @base on. The largest element
 * is subtracted, so that exp can't overflow. */
void
dnn_softmax_compute_line (gboolean is_log, DnnType type, gconstpointer src,
    gpointer dst, gint64 base, gint64 n, gint64 stride)
{
  gdouble largest = -INFINITY, sum = 0;

  for (gint64 i = 0; i < n; i++)
    largest = fmax (largest, dnn_load (type, src, base + i * stride));
  if (!isfinite (largest))
    largest = 0;
  for (gint64 i = 0; i < n; i++)
    sum += exp (dnn_load (type, src, base + i * stride) - largest);
  for (gint64 i = 0; i < n; i++) {
    gdouble x = dnn_load (type, src, base + i * stride) - largest;
    dnn_store (
        type, dst, base + i * stride, is_log ? x - log (sum) : exp (x) / sum);
  }
}

gboolean
dnn_softmax_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnSoftmax *self = call->op->family;
  const DnnShape *shape = &call->inputs[0].shape;
  gint64 dims[3];
  gint axis;

  if (!dnn_call_axis (call, "axis", shape->rank, &axis, error))
    return FALSE;
  fold (shape, axis, dims);
  for (gint64 i = 0; i < dims[0]; i++)
    for (gint64 j = 0; j < dims[2]; j++)
      dnn_softmax_compute_line (self->is_log, call->inputs[0].type, src[0],
          dst[0], i * dims[1] * dims[2] + j, dims[1], dims[2]);
  return TRUE;
}
