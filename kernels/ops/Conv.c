/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Conv: convolution over one to three dimensions, with groups. */
#include "config.h"

#include "kernels/conv/dnn-conv.h"

#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
  { .name = "W",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "M × C/group × …" },
  { .name = "B",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "M" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  DNN_SPATIAL_ATTRS (FALSE),
  { .key = "group",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = G_MAXINT32,
      .doc = "each sees its own part of the channels" },
};

/* Weights × what they lie on, of one channel. */
static gdouble
sum_window (const DnnSpatial *s, DnnType type, gconstpointer x, gint64 x_base,
    gconstpointer w, gint64 w_base, const gint64 *start)
{
  gdouble sum = 0;

  for (gint64 k = 0; k < s->kernel[0] * s->kernel[1] * s->kernel[2]; k++) {
    gint64 rest = k;
    gint64 at[DNN_MAX_SPATIAL];
    gboolean inside = TRUE;
    for (gint i = DNN_MAX_SPATIAL - 1; i >= 0; i--) {
      at[i] = start[i] + rest % s->kernel[i] * s->dilation[i];
      inside &= at[i] >= 0 && at[i] < s->src[i];
      rest /= s->kernel[i];
    }
    if (inside)
      sum += dnn_load (type, w, w_base + k) *
          dnn_load (type, x,
              x_base + (at[0] * s->src[1] + at[1]) * s->src[2] + at[2]);
  }
  return sum;
}

/* One output channel @m of image @n, into y from @idx on. */
static void
convolve_plane (const DnnConv *conv, DnnType type, gconstpointer const *src,
    gint64 n, gint64 m, gpointer y, gint64 idx)
{
  const DnnSpatial *s = &conv->spatial;
  gint64 n_channels = conv->src_channels / conv->groups;
  gint64 group = m / (conv->dst_channels / conv->groups);
  gint64 plane = s->src[0] * s->src[1] * s->src[2];
  gint64 kernel = s->kernel[0] * s->kernel[1] * s->kernel[2];
  gint64 x_base = (n * conv->src_channels + group * n_channels) * plane;
  gint64 w_base = m * n_channels * kernel;
  gdouble bias = src[2] ? dnn_load (type, src[2], m) : 0;
  gint64 at[DNN_MAX_SPATIAL];

  for (at[0] = 0; at[0] < s->dst[0]; at[0]++)
    for (at[1] = 0; at[1] < s->dst[1]; at[1]++)
      for (at[2] = 0; at[2] < s->dst[2]; at[2]++, idx++) {
        gdouble sum = bias;
        gint64 start[DNN_MAX_SPATIAL];
        for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
          start[i] = at[i] * s->stride[i] - s->begin[i];
        for (gint64 c = 0; c < n_channels; c++)
          sum += sum_window (s, type, src[0], x_base + c * plane, src[1],
              w_base + c * kernel, start);
        dnn_store (type, y, idx, sum);
      }
}

static const DnnConvFamily family = {
  .transposed = FALSE,
  .plane = convolve_plane,
};

const DnnOp dnn_op_Conv = {
  .name = "Conv",
  .doc = "Convolution over one to three dimensions",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_conv_infer,
  .ref = dnn_conv_ref,
  .offer = dnn_conv_offer,
  .family = &family,
  .always_planned = TRUE,
};
