/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Windows that slide over one to three spatial dimensions: the attributes
 * that convolutions and poolings share, with ONNX's arithmetic of padding. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

#define DNN_MAX_SPATIAL 3

/* Largest number in any of the attributes, so that products can't overflow. */
#define DNN_MAX_WINDOW (1 << 20)

/* Rows for .attrs: kernel_shape (required or not), strides, pads, auto_pad,
 * dilations. */
#define DNN_SPATIAL_ATTRS(is_kernel_required)                          \
  { .key = "kernel_shape",                                             \
    .kind = DNN_ATTR_INTS,                                             \
    .required = (is_kernel_required),                                  \
    .min = 1,                                                          \
    .max = DNN_MAX_WINDOW,                                             \
    .doc = "size of the window" },                                     \
      DNN_STRIDE_ATTRS,                                                \
  {                                                                    \
    .key = "dilations", .kind = DNN_ATTR_INTS, .min = 1,               \
    .max = DNN_MAX_WINDOW, .doc = "steps inside the window, default 1" \
  }
#define DNN_STRIDE_ATTRS                                               \
  { .key = "strides",                                                  \
    .kind = DNN_ATTR_INTS,                                             \
    .min = 1,                                                          \
    .max = DNN_MAX_WINDOW,                                             \
    .doc = "steps of the window, default 1" },                         \
      { .key = "pads",                                                 \
        .kind = DNN_ATTR_INTS,                                         \
        .max = DNN_MAX_WINDOW,                                         \
        .doc = "before each dimension, then behind each; default 0" }, \
  {                                                                    \
    .key = "auto_pad", .kind = DNN_ATTR_STRING, .def = "NOTSET",       \
    .choices = dnn_spatial_auto_pads, .doc = "computes pads"           \
  }

extern const gchar *const dnn_spatial_auto_pads[];

/* Everything by spatial dimension, always three, the missing ones in front
 * with size 1: index DNN_MAX_SPATIAL - 1 is the innermost. */
typedef struct
{
  gint n; /* of them real */
  gboolean transposed;
  gint64 src[DNN_MAX_SPATIAL], dst[DNN_MAX_SPATIAL]; /* may be open */
  gint64 kernel[DNN_MAX_SPATIAL], stride[DNN_MAX_SPATIAL];
  gint64 dilation[DNN_MAX_SPATIAL];
  gint64 begin[DNN_MAX_SPATIAL], end[DNN_MAX_SPATIAL]; /* pads; those of open
                                                          dimensions with
                                                          SAME_… are 0 */
} DnnSpatial;

/* From input 0 (N × C × …) and the attributes. @kernel (nullable): used where
 * there is no kernel_shape: the n last dimensions of a weight. Computes pads
 * and dst. SHAPE and VALUE errors. */
gboolean dnn_spatial_read (const DnnCall *call, const gint64 *kernel,
    gboolean ceil_mode, DnnSpatial *self, GError **error);

/* The same for a transposed convolution with output_padding and
 * output_shape. */
gboolean dnn_spatial_read_transposed (const DnnCall *call, const gint64 *kernel,
    DnnSpatial *self, GError **error);

/* N × C × dst with the first two given. */
void dnn_spatial_set_shape (
    const DnnSpatial *self, gint64 n, gint64 channels, DnnShape *shape);

/* For oneDNN: the end is padded until the last window fits, exactly. */
void dnn_spatial_to_window (const DnnSpatial *self, DnnWindow *window);

G_END_DECLS
