/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where a frame comes to lie in a model's input: sizes → rectangles and the
 * affine map back. Next: gstdnnpixels.h. */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DNN_RESIZE_STRETCH, /* whole frame, aspect ratio not kept */
  GST_DNN_RESIZE_LETTERBOX, /* whole frame in the middle, borders */
  GST_DNN_RESIZE_LETTERBOX_TOP_LEFT, /* borders right and below only */
  GST_DNN_RESIZE_CROP, /* middle of the frame fills the input */
} GstDnnResize;

/* A rectangle of the frame (any part of a pixel) that fills a rectangle of
 * the model's input (whole pixels). */
typedef struct
{
  gdouble src_x, src_y, src_w, src_h;
  gint dst_x, dst_y, dst_w, dst_h;
} GstDnnGeometry;

/**
 * gst_dnn_geometry_init:
 * @center_crop: 0 < part of the frame's sides that is used ≤ 1
 *
 * Pixels need not be square: what is kept is the aspect ratio as displayed.
 */
void gst_dnn_geometry_init (GstDnnGeometry *self, const GstVideoInfo *frame,
    gint model_w, gint model_h, GstDnnResize resize, gdouble center_crop);

/* frame = map · (model, 1): x = map[0]·x + map[1]·y + map[2], y likewise. Edges
 * of pixels are at whole numbers. */
void gst_dnn_geometry_get_map (const GstDnnGeometry *self, gdouble map[6]);

G_END_DECLS
