/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Inputs and attributes of a convolution → its geometry. Next:
 * dnn-conv-offer.c. */
#include "config.h"

#include "kernels/conv/dnn-conv.h"

static gboolean
check_group (const DnnCall *call, gint64 groups, gint64 channels,
    const gchar *what, GError **error)
{
  if (channels == DNN_DIM_OPEN || channels % groups == 0)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%" G_GINT64_FORMAT " %s can't be split into %" G_GINT64_FORMAT " groups",
      channels, what, groups);
}

/* W is M × C/groups × …, transposed C × M/groups × … */
static gboolean
check_weights (const DnnCall *call, const DnnConv *self, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *w = &call->inputs[1].shape;
  gint64 expected = self->src_channels, found;

  if (self->transposed) {
    found = w->dims[0];
  } else {
    found = w->dims[1];
    if (expected != DNN_DIM_OPEN)
      expected /= self->groups;
  }
  if (found != DNN_DIM_OPEN && expected != DNN_DIM_OPEN && found != expected) {
    g_autofree gchar *x_text = dnn_shape_to_string (x);
    g_autofree gchar *w_text = dnn_shape_to_string (w);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "W of shape %s doesn't fit X of shape %s: dimension %d of W is %" G_GINT64_FORMAT
        ", expected %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT " groups)",
        w_text, x_text, self->transposed ? 0 : 1, found, expected,
        self->groups);
  }
  return check_group (
             call, self->groups, self->src_channels, "channels", error) &&
      check_group (
          call, self->groups, self->dst_channels, "output channels", error);
}

static gboolean
check_bias (const DnnCall *call, const DnnConv *self, GError **error)
{
  const DnnShape *b = &call->inputs[2].shape;
  DnnShape expected = dnn_shape (1, self->dst_channels);

  if (!dnn_call_has_input (call, 2) || dnn_shape_compatible (b, &expected))
    return TRUE;
  g_autofree gchar *text = dnn_shape_to_string (b);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "B is of shape %s, expected %" G_GINT64_FORMAT, text, self->dst_channels);
}

/* A window without elements would have the attribute kernel_shape believed. */
static gboolean
check_window (const DnnCall *call, const DnnShape *w, GError **error)
{
  for (gint i = 2; i < w->rank; i++) {
    g_autofree gchar *text = NULL;
    if (w->dims[i] != 0)
      continue;
    text = dnn_shape_to_string (w);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "W is of shape %s, expected 1 or more elements in dimension %d", text,
        i);
  }
  return TRUE;
}

static gboolean
read_conv (const DnnCall *call, gboolean transposed, DnnConv *self,
    gboolean *is_open, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *w = &call->inputs[1].shape;
  gboolean has_kernel = TRUE;
  const gint64 *kernel = w->dims + 2;

  *self = (DnnConv){ .transposed = transposed };
  if (x->rank < 3 || x->rank != w->rank) {
    g_autofree gchar *x_text = dnn_shape_to_string (x);
    g_autofree gchar *w_text = dnn_shape_to_string (w);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "X is of shape %s and W of shape %s, expected the same rank of 3 to %d",
        x_text, w_text, DNN_MAX_SPATIAL + 2);
  }
  if (!check_window (call, w, error))
    return FALSE;
  self->batch = x->dims[0];
  self->groups = dnn_call_int (call, "group");
  self->src_channels = x->dims[1];
  self->dst_channels = w->dims[transposed ? 1 : 0];
  if (transposed && self->dst_channels > DNN_MAX_TENSOR_BYTES / self->groups)
    return dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "%" G_GINT64_FORMAT " groups of %" G_GINT64_FORMAT
        " output channels are too many",
        self->groups, self->dst_channels);
  if (transposed && self->dst_channels != DNN_DIM_OPEN)
    self->dst_channels *= self->groups;
  if (!check_weights (call, self, error) || !check_bias (call, self, error))
    return FALSE;
  for (gint i = 2; i < w->rank; i++)
    has_kernel &= w->dims[i] > 0;
  *is_open = !has_kernel && !dnn_call_attr (call, "kernel_shape")->present;
  if (!has_kernel)
    kernel = NULL;
  return transposed
      ? dnn_spatial_read_transposed (call, kernel, &self->spatial, error)
      : dnn_spatial_read (call, kernel, FALSE, &self->spatial, error);
}

DnnInferResult
dnn_conv_infer (DnnCall *call, GError **error)
{
  const DnnConvFamily *family = call->op->family;
  DnnShape *dst = &call->outputs[0].shape;
  gboolean is_open = FALSE;
  DnnConv conv;

  if (!read_conv (call, family->transposed, &conv, &is_open, error))
    return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  dnn_spatial_set_shape (&conv.spatial, conv.batch, conv.dst_channels, dst);
  for (gint i = 2; is_open && i < dst->rank; i++)
    dst->dims[i] = DNN_DIM_OPEN;
  return DNN_INFER_OK;
}

void
dnn_conv_read (const DnnCall *call, DnnConv *self)
{
  const DnnConvFamily *family = call->op->family;
  gboolean is_open;

  if (!read_conv (call, family->transposed, self, &is_open, NULL))
    g_assert_not_reached (); /* infer has read the same */
}

gboolean
dnn_conv_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnConvFamily *family = call->op->family;
  gconstpointer all[3] = { src[0], src[1], NULL };
  DnnConv conv;
  gint64 plane;

  if (dnn_call_has_input (call, 2))
    all[2] = src[2];
  dnn_conv_read (call, &conv);
  plane = conv.spatial.dst[0] * conv.spatial.dst[1] * conv.spatial.dst[2];
  for (gint64 n = 0; n < conv.batch; n++)
    for (gint64 m = 0; m < conv.dst_channels; m++)
      family->plane (&conv, call->inputs[0].type, all, n, m, dst[0],
          (n * conv.dst_channels + m) * plane);
  return TRUE;
}
