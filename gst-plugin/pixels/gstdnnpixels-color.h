/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Colour of a video format as one matrix: components as stored → channels of
 * a tensor, 0 to 255. Next: gstdnnpixels.c, gstdnndraw.c. */
#pragma once

#include "gst-plugin/pixels/gstdnnpixels.h"

G_BEGIN_DECLS

/* channel[o] = Σ matrix[o][c] · component[c] + matrix[o][3]. Components in the
 * order of GstVideoFormatInfo: R, G, B or Y, U, V; one for gray. */
typedef struct
{
  guint n_channels;
  gfloat matrix[3][4];
  gboolean clamps; /* results may leave 0 … 255 */
} GstDnnColorMatrix;

void gst_dnn_color_matrix_init (
    GstDnnColorMatrix *self, const GstVideoInfo *info, GstDnnColor color);

/* The other way, for drawing: red, green, blue → stored components. */
void gst_dnn_color_to_components (
    const GstVideoInfo *info, const guint8 rgb[3], guint8 components[3]);

G_END_DECLS
