/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A list of axes, negative ones counting from the end → a set. */
#include "config.h"

#include "kernels/family/dnn-axes.h"

gboolean
dnn_axes_read (
    const DnnCall *call, guint idx, gint rank, guint *axes, GError **error)
{
  const DnnCallArg *arg = &call->inputs[idx];
  const gint64 *values = arg->value;

  *axes = 0;
  if (arg->shape.rank > 1 || (arg->shape.rank == 1 && arg->shape.dims[0] < 0))
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "input %s must be a list of axes", call->op->inputs[idx].name);
  for (gint64 i = 0; i < dnn_shape_n_elements (&arg->shape); i++) {
    gint64 axis = values[i] < 0 ? values[i] + rank : values[i];
    if (axis < 0 || axis >= rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axis %" G_GINT64_FORMAT " is outside the %d dimensions", values[i],
          rank);
    if (*axes & 1u << axis)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axis %" G_GINT64_FORMAT " is listed twice", values[i]);
    *axes |= 1u << axis;
  }
  return TRUE;
}
