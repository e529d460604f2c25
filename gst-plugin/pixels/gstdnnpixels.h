/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A video frame in any 8-bit format → one tensor, in one pass: crop, resize,
 * colour, normalise, layout, type. Next: gstdnnpreprocess.c. */
#pragma once

#include "gst-plugin/meta/gstdnngeometry.h"
#include "gst-plugin/pixels/gstdnntaps.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DNN_COLOR_RGB,
  GST_DNN_COLOR_BGR,
  GST_DNN_COLOR_GRAY,
} GstDnnColor;

typedef enum
{
  GST_DNN_LAYOUT_NCHW,
  GST_DNN_LAYOUT_NHWC,
} GstDnnLayout;

/* Formats that gst_dnn_pixels_new() takes, for caps; best first. */
#define GST_DNN_PIXELS_FORMATS                                              \
  "{ RGB, BGR, RGBx, BGRx, NV12, I420, YV12, YUY2, UYVY, NV21, YVYU, "      \
  "RGBA, BGRA, xRGB, xBGR, ARGB, ABGR, GBR, RGBP, BGRP, Y444, Y42B, Y41B, " \
  "NV16, NV24, AYUV, GRAY8 }"

/**
 * GstDnnPixelsOptions:
 * @width: of the tensor
 * @height: of the tensor
 * @mean: subtracted, for each channel of the tensor in its order; in the
 *   scale of pixels, 0 to 255
 * @scale: multiplied after that
 * @fill: red, green, blue of the borders, before mean and scale
 * @center_crop: part of the frame's sides that is used
 * @type: DNN_TYPE_FLOAT32, DNN_TYPE_UINT8 or DNN_TYPE_INT8; integers are
 *   rounded and saturate
 */
typedef struct
{
  gint width, height;
  GstDnnResize resize;
  GstDnnFilter filter;
  GstDnnColor color;
  GstDnnLayout layout;
  DnnType type;
  gdouble mean[3], scale[3];
  guint8 fill[3];
  gdouble center_crop;
} GstDnnPixelsOptions;

typedef struct _GstDnnPixels GstDnnPixels;

guint gst_dnn_color_get_n_channels (GstDnnColor color);

/**
 * gst_dnn_pixels_new:
 *
 * All tables for frames of that format and size. One thread at a time.
 */
GstDnnPixels *gst_dnn_pixels_new (
    const GstVideoInfo *info, const GstDnnPixelsOptions *options);
void gst_dnn_pixels_free (GstDnnPixels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnPixels, gst_dnn_pixels_free)

/* Where in the frame each pixel of the tensor comes from. */
const GstDnnGeometry *gst_dnn_pixels_get_geometry (const GstDnnPixels *self);

/* Bytes of the tensor. */
gsize gst_dnn_pixels_get_size (const GstDnnPixels *self);

/**
 * gst_dnn_pixels_run:
 * @frame: mapped for reading, of the format and size given before
 * @dst: gst_dnn_pixels_get_size() bytes, aligned for the type
 *
 * Allocates nothing.
 */
void gst_dnn_pixels_run (
    GstDnnPixels *self, const GstVideoFrame *frame, gpointer dst);

G_END_DECLS
