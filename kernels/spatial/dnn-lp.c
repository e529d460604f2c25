/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A feature map → the norm of each window of it. */
#include "config.h"

#include "kernels/spatial/dnn-lp.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static gboolean
is_global (const DnnCall *call)
{
  return ((const DnnLp *) call->op->family)->is_global;
}

DnnInferResult
dnn_lp_infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;
  DnnSpatial spatial;

  if (!dnn_check_rank (call, 0, 3, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  if (is_global (call)) {
    for (gint i = 2; i < shape.rank; i++)
      shape.dims[i] = 1;
  } else {
    if (!dnn_spatial_read (
            call, NULL, dnn_call_int (call, "ceil_mode") != 0, &spatial, error))
      return DNN_INFER_ERROR;
    dnn_spatial_set_shape (&spatial, shape.dims[0], shape.dims[1], &shape);
  }
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

static gdouble
power (gdouble x, gint64 p)
{
  if (p == 1)
    return fabs (x);
  return p == 2 ? x * x : pow (fabs (x), (gdouble) p);
}

static gdouble
root (gdouble sum, gint64 p)
{
  return p == 2 ? sqrt (sum) : pow (sum, 1 / (gdouble) p);
}

static void
compute_global (const DnnCall *call, gconstpointer src, gpointer dst)
{
  const DnnShape *x = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 plane = dnn_check_count (x, 2, x->rank), p = dnn_call_int (call, "p");

  for (gint64 i = 0; i < x->dims[0] * x->dims[1]; i++) {
    gdouble sum = 0;
    for (gint64 k = 0; k < plane; k++)
      sum += power (dnn_load (type, src, i * plane + k), p);
    dnn_store (type, dst, i, root (sum, p));
  }
}

/* Steps of the window from @start on that lie inside dimension @i. */
static void
find_steps (const DnnSpatial *s, gint i, gint64 start, gint64 *from, gint64 *to)
{
  gint64 d = s->dilation[i];

  *from = start >= 0 ? 0 : (-start + d - 1) / d;
  *to = start >= s->src[i]
      ? 0
      : MIN ((s->src[i] - start + d - 1) / d, s->kernel[i]);
}

static gdouble
sum_window (const DnnSpatial *s, DnnType type, gconstpointer src, gint64 base,
    const gint64 *start, gint64 p)
{
  gint64 from[DNN_MAX_SPATIAL], to[DNN_MAX_SPATIAL];
  gdouble sum = 0;

  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    find_steps (s, i, start[i], &from[i], &to[i]);
  for (gint64 z = from[0]; z < to[0]; z++)
    for (gint64 y = from[1]; y < to[1]; y++)
      for (gint64 x = from[2]; x < to[2]; x++) {
        gint64 at = (start[0] + z * s->dilation[0]) * s->src[1] + start[1] +
            y * s->dilation[1];
        sum += power (
            dnn_load (type, src,
                base + at * s->src[2] + start[2] + x * s->dilation[2]),
            p);
      }
  return sum;
}

gboolean
dnn_lp_ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 p = dnn_call_int (call, "p"), idx = 0;
  DnnSpatial s;

  if (is_global (call)) {
    compute_global (call, src[0], dst[0]);
    return TRUE;
  }
  if (!dnn_spatial_read (
          call, NULL, dnn_call_int (call, "ceil_mode") != 0, &s, error))
    return FALSE;
  for (gint64 i = 0; i < x->dims[0] * x->dims[1]; i++)
    for (gint64 k = 0; k < s.dst[0] * s.dst[1] * s.dst[2]; k++, idx++) {
      const gint64 start[DNN_MAX_SPATIAL] = {
        k / (s.dst[1] * s.dst[2]) * s.stride[0] - s.begin[0],
        k / s.dst[2] % s.dst[1] * s.stride[1] - s.begin[1],
        k % s.dst[2] * s.stride[2] - s.begin[2],
      };
      dnn_store (type, dst[0], idx,
          root (sum_window (&s, type, src[0],
                    i * s.src[0] * s.src[1] * s.src[2], start, p),
              p));
    }
  return TRUE;
}
