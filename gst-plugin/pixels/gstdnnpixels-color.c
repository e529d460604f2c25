/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Colorimetry of a video format → colour matrix. Formulas: ITU-T H.273, 8.3.
 * Next: gstdnnpixels.c. */
#include "config.h"

#include "gst-plugin/pixels/gstdnnpixels-color.h"

#include <math.h>
#include <string.h>

/* Luma of gray images, as image libraries compute it: BT.601. */
static const gdouble GRAY_WEIGHTS[3] = { 0.299, 0.587, 0.114 };

/* Full scale of the stored components: value = (stored - offset) / scale. */
static void
get_range (const GstVideoInfo *info, gint offset[4], gint scale[4])
{
  GstVideoColorRange range = info->colorimetry.range;

  if (range == GST_VIDEO_COLOR_RANGE_UNKNOWN)
    range = GST_VIDEO_INFO_IS_YUV (info) ? GST_VIDEO_COLOR_RANGE_16_235
                                         : GST_VIDEO_COLOR_RANGE_0_255;
  gst_video_color_range_offsets (range, info->finfo, offset, scale);
}

static void
get_kr_kb (const GstVideoInfo *info, gdouble *kr, gdouble *kb)
{
  if (!gst_video_color_matrix_get_Kr_Kb (info->colorimetry.matrix, kr, kb))
    gst_video_color_matrix_get_Kr_Kb (GST_VIDEO_COLOR_MATRIX_BT601, kr, kb);
}

/* Components, each 0 … 1 (chroma ±0.5) → red, green, blue, 0 … 1. */
static void
get_to_rgb (const GstVideoInfo *info, gdouble m[3][3])
{
  gdouble kr, kb, kg;

  memset (m, 0, 9 * sizeof (gdouble));
  if (GST_VIDEO_INFO_IS_GRAY (info)) {
    m[0][0] = m[1][0] = m[2][0] = 1;
    return;
  }
  if (!GST_VIDEO_INFO_IS_YUV (info)) {
    m[0][0] = m[1][1] = m[2][2] = 1;
    return;
  }
  get_kr_kb (info, &kr, &kb);
  kg = 1 - kr - kb;
  m[0][0] = m[1][0] = m[2][0] = 1;
  m[0][2] = 2 * (1 - kr);
  m[1][1] = -2 * kb * (1 - kb) / kg;
  m[1][2] = -2 * kr * (1 - kr) / kg;
  m[2][1] = 2 * (1 - kb);
}

static void
set_row (GstDnnColorMatrix *self, guint row, const GstVideoInfo *info,
    const gdouble weights[3])
{
  gint offset[4], scale[4];

  get_range (info, offset, scale);
  for (guint c = 0; c < MIN (GST_VIDEO_INFO_N_COMPONENTS (info), 3); c++) {
    gdouble weight = weights[c] * 255 / scale[c];

    self->matrix[row][c] = weight;
    self->matrix[row][3] -= weight * offset[c];
  }
}

void
gst_dnn_color_matrix_init (
    GstDnnColorMatrix *self, const GstVideoInfo *info, GstDnnColor color)
{
  static const gdouble luma[3] = { 1, 0, 0 };
  gint offset[4], scale[4];
  gdouble to_rgb[3][3];

  memset (self, 0, sizeof (*self));
  get_range (info, offset, scale);
  self->n_channels = gst_dnn_color_get_n_channels (color);
  self->clamps = GST_VIDEO_INFO_IS_YUV (info) || offset[0] != 0;
  get_to_rgb (info, to_rgb);
  if (color == GST_DNN_COLOR_GRAY) {
    gboolean has_luma = GST_VIDEO_INFO_IS_YUV (info) ||
        GST_VIDEO_INFO_IS_GRAY (info);

    set_row (self, 0, info, has_luma ? luma : GRAY_WEIGHTS);
    return;
  }
  for (guint o = 0; o < 3; o++)
    set_row (self, color == GST_DNN_COLOR_BGR ? 2 - o : o, info, to_rgb[o]);
}

void
gst_dnn_color_to_components (
    const GstVideoInfo *info, const guint8 rgb[3], guint8 components[3])
{
  gint offset[4], scale[4];
  gdouble value[3], kr, kb;

  get_range (info, offset, scale);
  for (guint i = 0; i < 3; i++)
    value[i] = rgb[i] / 255.0;
  if (GST_VIDEO_INFO_IS_YUV (info)) {
    gdouble y;

    get_kr_kb (info, &kr, &kb);
    y = kr * value[0] + (1 - kr - kb) * value[1] + kb * value[2];
    value[1] = (value[2] - y) / (2 * (1 - kb));
    value[2] = (value[0] - y) / (2 * (1 - kr));
    value[0] = y;
  } else if (GST_VIDEO_INFO_IS_GRAY (info)) {
    value[0] = GRAY_WEIGHTS[0] * value[0] + GRAY_WEIGHTS[1] * value[1] +
        GRAY_WEIGHTS[2] * value[2];
    scale[1] = scale[2] = offset[1] = offset[2] = 0;
  }
  for (guint i = 0; i < 3; i++)
    components[i] = CLAMP (
        floor (value[i] * scale[i] + offset[i] + 0.5), 0, 255);
}
