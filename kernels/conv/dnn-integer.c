/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A convolution of bytes → int32, or bytes again. Next: dnn-integer-matrix.c.
 */
#include "config.h"

#include "kernels/conv/dnn-integer.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-quant.h"

static gboolean
has_input (const DnnCall *call, gint idx)
{
  return idx >= 0 && dnn_call_has_input (call, (guint) idx);
}

/* One number, or one an output channel. */
static gint64
pick (const DnnCall *call, gint idx, gint64 channel)
{
  return dnn_shape_n_elements (&call->inputs[idx].shape) == 1 ? 0 : channel;
}

DnnIntegerCode
dnn_integer_code (const DnnCall *call, gconstpointer const *src, gint input,
    gint zero_input, gint64 idx)
{
  DnnType type = call->inputs[input].type;
  DnnIntegerCode code = { type == DNN_TYPE_INT8 ? 0x80 : 0, 0 };

  code.offset = code.flip;
  if (has_input (call, zero_input))
    code.offset += (gint32) dnn_load_int (type, src[zero_input], idx);
  return code;
}

/* ---- infer ---- */

static gboolean
check_numbers (const DnnCall *call, gint idx, gint64 channels, GError **error)
{
  DnnShape expected = { 1, { channels } };

  if (!has_input (call, idx) || call->inputs[idx].shape.rank == 0 ||
      dnn_shape_n_elements (&call->inputs[idx].shape) == 1)
    return TRUE;
  if (channels < 0)
    return dnn_check_scalar (call, (guint) idx, error);
  return dnn_check_shape (call, (guint) idx, &expected, error);
}

static gboolean
check_inputs (const DnnCall *call, const DnnIntegerConv *conv, GError **error)
{
  const DnnShape *x = &call->inputs[conv->a].shape;
  const DnnShape *w = &call->inputs[conv->b].shape;
  gint64 groups = dnn_call_int (call, "group");
  DnnShape weights = *w;

  if (!dnn_check_rank (call, (guint) conv->a, 3, 2 + DNN_MAX_SPATIAL, error) ||
      !dnn_check_rank (call, (guint) conv->b, x->rank, x->rank, error))
    return FALSE;
  if (x->dims[1] >= 0)
    weights.dims[1] = x->dims[1] / groups;
  for (gint i = 1; i < weights.rank; i++)
    if (w->dims[i] < 1)
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "the weights must be of known shape, and not empty");
  if ((x->dims[1] >= 0 && x->dims[1] % groups != 0) ||
      (w->dims[0] >= 0 && w->dims[0] % groups != 0))
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT
        " channels can't be split into %" G_GINT64_FORMAT " groups",
        x->dims[1], w->dims[0], groups);
  return dnn_check_shape (call, (guint) conv->b, &weights, error) &&
      check_numbers (call, conv->a_zero, -1, error) &&
      check_numbers (call, conv->a_scale, -1, error) &&
      check_numbers (call, conv->y_scale, -1, error) &&
      check_numbers (call, conv->b_zero, w->dims[0], error) &&
      check_numbers (call, conv->b_scale, w->dims[0], error) &&
      check_numbers (call, conv->bias, w->dims[0], error);
}

static gboolean
read_window (const DnnCall *call, const DnnIntegerConv *conv, DnnSpatial *self,
    GError **error)
{
  return dnn_spatial_read (
      call, call->inputs[conv->b].shape.dims + 2, FALSE, self, error);
}

DnnInferResult
dnn_integer_conv_infer (DnnCall *call, GError **error)
{
  const DnnIntegerConv *conv = call->op->family;
  DnnShape shape;
  DnnSpatial spatial;

  if (!check_inputs (call, conv, error) ||
      !read_window (call, conv, &spatial, error))
    return DNN_INFER_ERROR;
  dnn_spatial_set_shape (&spatial, call->inputs[conv->a].shape.dims[0],
      call->inputs[conv->b].shape.dims[0], &shape);
  dnn_infer_set (call, 0,
      conv->y_scale < 0 ? DNN_TYPE_INT32 : call->inputs[conv->y_scale + 1].type,
      &shape);
  return DNN_INFER_OK;
}

/* ---- ref ---- */

/* One output channel of one image. */
typedef struct
{
  const DnnSpatial *s;
  const guint8 *x, *w; /* the first channel of the group; this one's weights */
  DnnIntegerCode x_code, w_code;
  gint64 channels;
} Plane;

/* What lies in the padding is the zero point: nothing. */
static gint32
sum_window (const Plane *self, const gint64 *start)
{
  const DnnSpatial *s = self->s;
  gint64 plane = s->src[0] * s->src[1] * s->src[2];
  gint64 taps = s->kernel[0] * s->kernel[1] * s->kernel[2];
  guint32 sum = 0;

  for (gint64 tap = 0; tap < taps; tap++) {
    gint64 z = start[0] + tap / (s->kernel[1] * s->kernel[2]) * s->dilation[0];
    gint64 y = start[1] + tap / s->kernel[2] % s->kernel[1] * s->dilation[1];
    gint64 x = start[2] + tap % s->kernel[2] * s->dilation[2];
    gint64 at = (z * s->src[1] + y) * s->src[2] + x;
    if (z < 0 || z >= s->src[0] || y < 0 || y >= s->src[1] || x < 0 ||
        x >= s->src[2])
      continue;
    for (gint64 c = 0; c < self->channels; c++)
      sum += (guint32) dnn_integer_decode (
                 self->x_code, self->x[c * plane + at]) *
          (guint32) dnn_integer_decode (self->w_code, self->w[c * taps + tap]);
  }
  return (gint32) sum;
}

/* The sum as it comes out. */
static void
store (const DnnCall *call, gconstpointer const *src, gpointer dst,
    gint64 channel, gint64 idx, gint32 sum)
{
  const DnnIntegerConv *conv = call->op->family;
  const gfloat *x_scale, *w_scale, *y_scale;
  DnnType type = call->outputs[0].type;
  gfloat factor;

  if (has_input (call, conv->bias))
    sum = (gint32) ((guint32) sum +
        (guint32) ((const gint32 *) src[conv->bias])[channel]);
  if (conv->y_scale < 0) {
    ((gint32 *) dst)[idx] = sum;
    return;
  }
  x_scale = src[conv->a_scale];
  w_scale = src[conv->b_scale];
  y_scale = src[conv->y_scale];
  factor = *x_scale * w_scale[pick (call, conv->b_scale, channel)] / *y_scale;
  dnn_quant_store (type, dst, idx, (gdouble) ((gfloat) sum * factor),
      (gdouble) dnn_load_int (type, src[conv->y_scale + 1], 0), TRUE);
}

static void
compute_plane (const DnnCall *call, const Plane *plane,
    gconstpointer const *src, gpointer dst, gint64 channel, gint64 base)
{
  const DnnSpatial *s = plane->s;

  for (gint64 i = 0; i < s->dst[0] * s->dst[1] * s->dst[2]; i++) {
    const gint64 start[DNN_MAX_SPATIAL] = {
      i / (s->dst[1] * s->dst[2]) * s->stride[0] - s->begin[0],
      i / s->dst[2] % s->dst[1] * s->stride[1] - s->begin[1],
      i % s->dst[2] * s->stride[2] - s->begin[2],
    };
    store (call, src, dst, channel, base + i, sum_window (plane, start));
  }
}

gboolean
dnn_integer_conv_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnIntegerConv *conv = call->op->family;
  const DnnShape *x = &call->inputs[conv->a].shape;
  const DnnShape *w = &call->inputs[conv->b].shape;
  gint64 each = w->dims[0] / dnn_call_int (call, "group");
  gint64 n_src = dnn_check_count (x, 2, x->rank);
  gint64 n_dst = dnn_check_count (
      &call->outputs[0].shape, 2, call->outputs[0].shape.rank);
  gint64 n_weights = dnn_check_count (w, 1, w->rank);
  DnnSpatial s;

  if (!read_window (call, conv, &s, error))
    return FALSE;
  for (gint64 i = 0; i < x->dims[0] * w->dims[0]; i++) {
    gint64 image = i / w->dims[0], m = i % w->dims[0];
    gint64 first = image * x->dims[1] + m / each * w->dims[1];
    gint64 zero = has_input (call, conv->b_zero) ? pick (call, conv->b_zero, m)
                                                 : 0;
    Plane plane = { &s, (const guint8 *) src[conv->a] + first * n_src,
      (const guint8 *) src[conv->b] + m * n_weights,
      dnn_integer_code (call, src, conv->a, conv->a_zero, 0),
      dnn_integer_code (call, src, conv->b, conv->b_zero, zero), w->dims[1] };
    compute_plane (call, &plane, src, dst[0], m, i * n_dst);
  }
  return TRUE;
}
