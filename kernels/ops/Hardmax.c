/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Hardmax: 1 at the first largest element along an axis, 0 elsewhere. */
#include "config.h"

#include "kernels/family/dnn-number.h"
#include "kernels/reduce/dnn-softmax.h"

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 inner = 1, n, n_lines;
  gint axis;

  if (!dnn_call_axis (call, "axis", shape->rank, &axis, error))
    return FALSE;
  n = shape->dims[axis];
  for (gint i = axis + 1; i < shape->rank; i++)
    inner *= shape->dims[i];
  n_lines = n > 0 ? dnn_shape_n_elements (shape) / n : 0;
  for (gint64 i = 0; i < n_lines; i++) {
    gint64 base = i / inner * n * inner + i % inner, best = 0;
    gdouble most = dnn_load (type, src[0], base);
    for (gint64 k = 1; k < n; k++) {
      gdouble x = dnn_load (type, src[0], base + k * inner);
      if (x > most || (x != x && most == most)) {
        most = x;
        best = k;
      }
    }
    for (gint64 k = 0; k < n; k++)
      dnn_store (type, dst[0], base + k * inner, k == best);
  }
  return TRUE;
}

const DnnOp dnn_op_Hardmax = {
  .name = "Hardmax",
  .doc = "1 at the first largest element along an axis, 0 elsewhere",
  .inputs = DNN_ROWS (dnn_softmax_inputs),
  .outputs = DNN_ROWS (dnn_softmax_outputs),
  .attrs = DNN_ROWS (dnn_softmax_attrs),
  .infer = dnn_softmax_infer,
  .ref = ref,
};
