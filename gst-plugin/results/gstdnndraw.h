/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Filled rectangles and text masks onto a frame of any 8-bit format, in place.
 * Next: gstdnnoverlay.c. */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * GstDnnMask:
 * @width: pixels
 * @height: pixels
 * @stride: bytes from one row to the next
 * @data: coverage, 0 to 255
 *
 * Text, drawn once and blended often.
 */
typedef struct
{
  gint width, height, stride;
  guint8 *data;
} GstDnnMask;

void gst_dnn_mask_clear (GstDnnMask *self);

/**
 * gst_dnn_draw_rectangle:
 * @frame: mapped for reading and writing
 * @x: left edge; what lies outside the frame is not drawn
 * @rgb: red, green, blue
 * @alpha: 255 covers what was there
 */
void gst_dnn_draw_rectangle (GstVideoFrame *frame, gint x, gint y, gint width,
    gint height, const guint8 rgb[3], guint8 alpha);

/* Blends @rgb where @mask covers, its upper left corner at @x, @y. */
void gst_dnn_draw_mask (GstVideoFrame *frame, gint x, gint y,
    const GstDnnMask *mask, const guint8 rgb[3]);

/**
 * gst_dnn_mask_init_text:
 * @font: as in Pango: "Sans 14"; %NULL: sans of @height
 * @height: of the line, pixels; used where @font is %NULL
 * @max_width: what is wider is cut off, pixels
 * @max_height: what is higher is cut off, pixels
 */
void gst_dnn_mask_init_text (GstDnnMask *self, const gchar *text,
    const gchar *font, gint height, gint max_width, gint max_height);

G_END_DECLS
