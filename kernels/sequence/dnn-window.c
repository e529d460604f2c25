/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The length of a window → the window. */
#include "config.h"

#include "kernels/sequence/dnn-window.h"

#include <math.h>

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

/* Longest window, so that a number in a file is no bomb. */
#define MAX_SIZE (1 << 28)

DnnInferResult
dnn_window_infer (DnnCall *call, GError **error)
{
  DnnShape shape = { .rank = 1, .dims = { DNN_DIM_OPEN } };
  DnnType type;

  if (!dnn_check_scalar (call, 0, error) ||
      !dnn_cast_read_type (call, "output_datatype", &type, error))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, type, &shape);
  if (!call->inputs[0].value)
    return dnn_infer_needs (call, 0);
  shape.dims[0] = dnn_check_get_int (call, 0, call->inputs[0].value);
  if (shape.dims[0] < 0 || shape.dims[0] > MAX_SIZE)
    return dnn_infer_error (call, error, DNN_ERROR_VALUE,
        "size is %" G_GINT64_FORMAT ", expected 0 to %d", shape.dims[0],
        MAX_SIZE);
  dnn_infer_set (call, 0, type, &shape);
  return DNN_INFER_OK;
}

gboolean
dnn_window_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnWindowOp *window = call->op->family;
  gint64 n = call->outputs[0].shape.dims[0];
  gint64 period = dnn_call_int (call, "periodic") != 0 ? n : n - 1;

  for (gint64 i = 0; i < n; i++) {
    gdouble x = period > 0 ? 2 * G_PI * (gdouble) i / (gdouble) period : G_PI;
    dnn_store (call->outputs[0].type, dst[0], i,
        window->a[0] - window->a[1] * cos (x) + window->a[2] * cos (2 * x));
  }
  return TRUE;
}
