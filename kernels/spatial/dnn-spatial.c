/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attributes of a sliding window → padding and output dimensions. Next:
 * dnn-pool.c, ops/Conv.c. */
#include "config.h"

#include "kernels/spatial/dnn-spatial.h"

#include <string.h>

const gchar *const dnn_spatial_auto_pads[] = { "NOTSET", "SAME_UPPER",
  "SAME_LOWER", "VALID", NULL };

/* Copies an attribute with one number (or, for pads, two) a dimension. */
static gboolean
read_ints (const DnnCall *call, const gchar *key, gint n, const gint64 *def,
    gint64 *to, GError **error)
{
  const DnnAttrValue *value = dnn_call_attr (call, key);

  if (!value->present) {
    memcpy (to, def, n * sizeof (gint64));
    return TRUE;
  }
  if ((gint) value->n != n)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "%s has %u numbers, expected %d", key, value->n, n);
  memcpy (to, value->ints, n * sizeof (gint64));
  return TRUE;
}

static gboolean
read_src (const DnnCall *call, DnnSpatial *self, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;

  self->n = shape->rank - 2;
  if (self->n < 1 || self->n > DNN_MAX_SPATIAL) {
    g_autofree gchar *text = dnn_shape_to_string (shape);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "input 0 is of shape %s, expected rank 3 to %d", text,
        DNN_MAX_SPATIAL + 2);
  }
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    self->src[i] = self->dst[i] = self->kernel[i] = self->stride[i] =
        self->dilation[i] = 1;
  memcpy (self->src + DNN_MAX_SPATIAL - self->n, shape->dims + 2,
      self->n * sizeof (gint64));
  return TRUE;
}

static gboolean
read_window (const DnnCall *call, const gint64 *kernel, gboolean has_dilations,
    DnnSpatial *self, GError **error)
{
  static const gint64 ones[DNN_MAX_SPATIAL] = { 1, 1, 1 };
  gint first = DNN_MAX_SPATIAL - self->n;

  if (!read_ints (call, "kernel_shape", self->n, kernel ? kernel : ones,
          self->kernel + first, error) ||
      !read_ints (call, "strides", self->n, ones, self->stride + first, error))
    return FALSE;
  if (has_dilations &&
      !read_ints (
          call, "dilations", self->n, ones, self->dilation + first, error))
    return FALSE;
  if (kernel &&
      memcmp (kernel, self->kernel + first, self->n * sizeof (gint64)) != 0) {
    DnnShape given = dnn_shape_of (self->n, self->kernel + first);
    DnnShape weights = dnn_shape_of (self->n, kernel);
    g_autofree gchar *given_text = dnn_shape_to_string (&given);
    g_autofree gchar *weights_text = dnn_shape_to_string (&weights);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "kernel_shape is %s, but the weights' is %s", given_text, weights_text);
  }
  return TRUE;
}

static gboolean
read_pads (const DnnCall *call, DnnSpatial *self, GError **error)
{
  static const gint64 zeros[2 * DNN_MAX_SPATIAL] = { 0 };
  gint64 pads[2 * DNN_MAX_SPATIAL];
  gint first = DNN_MAX_SPATIAL - self->n;

  if (!read_ints (call, "pads", 2 * self->n, zeros, pads, error))
    return FALSE;
  memcpy (self->begin + first, pads, self->n * sizeof (gint64));
  memcpy (self->end + first, pads + self->n, self->n * sizeof (gint64));
  return TRUE;
}

/* Elements that a window spans. */
static gint64
get_extent (const DnnSpatial *self, gint i)
{
  return (self->kernel[i] - 1) * self->dilation[i] + 1;
}

/* Splits padding of both sides together: the odd one goes behind, or before
 * with SAME_LOWER. */
static void
split_padding (DnnSpatial *self, gint i, gint64 both, gboolean lower)
{
  self->begin[i] = (both + (lower ? 1 : 0)) / 2;
  self->end[i] = both - self->begin[i];
}

/* dst of one dimension with explicit pads; ceil_mode drops a last window that
 * would begin behind src and the padding before it. */
static gint64
count_windows (const DnnSpatial *self, gint i, gboolean ceil_mode)
{
  gint64 room = self->src[i] + self->begin[i] + self->end[i] -
      get_extent (self, i);
  gint64 n;

  if (room < 0)
    return 0;
  n = (room + (ceil_mode ? self->stride[i] - 1 : 0)) / self->stride[i] + 1;
  if (ceil_mode && (n - 1) * self->stride[i] >= self->src[i] + self->begin[i])
    n--;
  return n;
}

static void
compute_dst (
    DnnSpatial *self, gint i, const gchar *auto_pad, gboolean ceil_mode)
{
  gint64 src = self->src[i];

  if (strcmp (auto_pad, "VALID") == 0)
    self->begin[i] = self->end[i] = 0;
  if (src == DNN_DIM_OPEN) {
    self->dst[i] = DNN_DIM_OPEN;
  } else if (g_str_has_prefix (auto_pad, "SAME")) {
    gint64 both;
    self->dst[i] = (src + self->stride[i] - 1) / self->stride[i];
    both = (self->dst[i] - 1) * self->stride[i] + get_extent (self, i) - src;
    split_padding (
        self, i, MAX (both, 0), strcmp (auto_pad, "SAME_LOWER") == 0);
  } else {
    self->dst[i] = count_windows (self, i, ceil_mode);
  }
}

static gboolean
check_dst (const DnnCall *call, const DnnSpatial *self, GError **error)
{
  for (gint i = DNN_MAX_SPATIAL - self->n; i < DNN_MAX_SPATIAL; i++) {
    if (self->dst[i] != DNN_DIM_OPEN && self->dst[i] <= 0 &&
        self->src[i] != 0) {
      g_autofree gchar *text = dnn_shape_to_string (&call->inputs[0].shape);
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "no window fits in dimension %d of input 0 (%s): it spans %" G_GINT64_FORMAT
          " of %" G_GINT64_FORMAT " elements and padding of %" G_GINT64_FORMAT,
          i - DNN_MAX_SPATIAL + self->n + 2, text, get_extent (self, i),
          self->src[i], self->begin[i] + self->end[i]);
    }
  }
  return TRUE;
}

gboolean
dnn_spatial_read (const DnnCall *call, const gint64 *kernel, gboolean ceil_mode,
    DnnSpatial *self, GError **error)
{
  const gchar *auto_pad = dnn_call_attr (call, "auto_pad")->s;

  *self = (DnnSpatial){ 0 };
  if (!read_src (call, self, error) ||
      !read_window (call, kernel, TRUE, self, error) ||
      !read_pads (call, self, error))
    return FALSE;
  for (gint i = DNN_MAX_SPATIAL - self->n; i < DNN_MAX_SPATIAL; i++)
    compute_dst (self, i, auto_pad, ceil_mode);
  return check_dst (call, self, error);
}

/* One dimension of a transposed convolution; @wanted: of output_shape, or
 * -1. */
static void
compute_transposed (DnnSpatial *self, gint i, gint64 output_padding,
    gint64 wanted, const gchar *auto_pad)
{
  gboolean same = g_str_has_prefix (auto_pad, "SAME");
  gint64 src = self->src[i];
  gint64 whole; /* without pads */

  if (strcmp (auto_pad, "VALID") == 0)
    self->begin[i] = self->end[i] = 0;
  if (src == DNN_DIM_OPEN) {
    self->dst[i] = wanted;
    return;
  }
  whole = (src - 1) * self->stride[i] + output_padding + get_extent (self, i);
  if (wanted < 0 && same)
    wanted = src * self->stride[i];
  if (wanted >= 0) {
    split_padding (
        self, i, MAX (whole - wanted, 0), strcmp (auto_pad, "SAME_UPPER") != 0);
    self->dst[i] = wanted;
  } else {
    self->dst[i] = whole - self->begin[i] - self->end[i];
  }
}

gboolean
dnn_spatial_read_transposed (
    const DnnCall *call, const gint64 *kernel, DnnSpatial *self, GError **error)
{
  static const gint64 zeros[DNN_MAX_SPATIAL] = { 0 };
  static const gint64 none[DNN_MAX_SPATIAL] = { -1, -1, -1 };
  const gchar *auto_pad = dnn_call_attr (call, "auto_pad")->s;
  gint64 output_padding[DNN_MAX_SPATIAL], wanted[DNN_MAX_SPATIAL];
  gint first;

  *self = (DnnSpatial){ .transposed = TRUE };
  if (!read_src (call, self, error) ||
      !read_window (call, kernel, TRUE, self, error) ||
      !read_pads (call, self, error) ||
      !read_ints (
          call, "output_padding", self->n, zeros, output_padding, error) ||
      !read_ints (call, "output_shape", self->n, none, wanted, error))
    return FALSE;
  first = DNN_MAX_SPATIAL - self->n;
  for (gint i = first; i < DNN_MAX_SPATIAL; i++)
    compute_transposed (
        self, i, output_padding[i - first], wanted[i - first], auto_pad);
  return check_dst (call, self, error);
}

void
dnn_spatial_set_shape (
    const DnnSpatial *self, gint64 n, gint64 channels, DnnShape *shape)
{
  shape->rank = self->n + 2;
  shape->dims[0] = n;
  shape->dims[1] = channels;
  memcpy (shape->dims + 2, self->dst + DNN_MAX_SPATIAL - self->n,
      self->n * sizeof (gint64));
}

void
dnn_spatial_to_window (const DnnSpatial *self, DnnWindow *window)
{
  gint first = DNN_MAX_SPATIAL - self->n;

  *window = (DnnWindow){ .n = self->n };
  for (gint i = first; i < DNN_MAX_SPATIAL; i++) {
    const gint64 *few = self->transposed ? self->src : self->dst;
    const gint64 *many = self->transposed ? self->dst : self->src;
    gint64 reach = (few[i] - 1) * self->stride[i] + get_extent (self, i);
    window->kernel[i - first] = self->kernel[i];
    window->strides[i - first] = self->stride[i];
    window->dilations[i - first] = self->dilation[i];
    window->pads_begin[i - first] = self->begin[i];
    window->pads_end[i - first] = reach - many[i] - self->begin[i];
  }
}
