/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames in every format → tensors, against a slow computation of its own, one
 * pixel at a time in double precision. */
#include "config.h"

#include "gst-plugin/pixels/gstdnnpixels.h"

#include <math.h>
#include <string.h>

#include "pipeline-core/base/dnn-tensor.h"

#define SEED 20240607
#define GUARD 64
#define GUARD_BYTE 0xa5

/* A frame with random bytes everywhere, padding included. */
static void
make_frame (GstVideoFrame *frame, GstVideoInfo *info, GRand *rand)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, info->size, NULL);
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = g_rand_int_range (rand, 0, 256);
  gst_buffer_unmap (buffer, &map);
  g_assert_true (gst_video_frame_map (frame, info, buffer, GST_MAP_READ));
  gst_buffer_unref (buffer);
}

/* --- The slow computation. */

static gint
get_sample (const GstVideoFrame *frame, gint component, gint x, gint y)
{
  const guint8 *data = GST_VIDEO_FRAME_COMP_DATA (frame, component);

  return data[y * GST_VIDEO_FRAME_COMP_STRIDE (frame, component) +
      x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component)];
}

/* Weight of source sample @i, by definition of the filter. */
static gdouble
get_weight (GstDnnFilter filter, gdouble centre, gdouble step, gint i)
{
  gdouble distance = fabs (i + 0.5 - centre);

  switch (filter) {
    case GST_DNN_FILTER_NEAREST:
      return floor (centre) == i;
    case GST_DNN_FILTER_AREA:
      if (step > 1)
        return fmax (
            fmin (i + 1, centre + step / 2) - fmax (i, centre - step / 2), 0);
      return fmax (1 - distance, 0);
    case GST_DNN_FILTER_ANTIALIAS:
      return fmax (1 - distance / fmax (step, 1), 0);
    case GST_DNN_FILTER_BILINEAR:
    default:
      return fmax (1 - distance, 0);
  }
}

/* One axis: where a component's samples lie, and which may be read. */
typedef struct
{
  gdouble centre, step;
  gint lo, hi;
} Axis;

static Axis
make_axis (gdouble origin, gdouble size, gint n_dst, gint i, gint sub,
    gboolean cosited)
{
  gdouble step = size / n_dst;
  gdouble centre = origin + (i + 0.5) * step;
  gint group = 1 << sub;
  Axis axis = {
    .step = step / group,
    .lo = (gint) (floor (origin + 1e-6) / group),
    .hi = (gint) ((ceil (origin + size - 1e-6) - 1) / group),
  };

  /* Sample j of a subsampled component lies on luma pixel j · group if it is
   * cosited, else in the middle of the group. */
  axis.centre = cosited ? (centre - 0.5) / group + 0.5 : centre / group;
  if (sub == 0)
    axis.centre = centre;
  return axis;
}

static gdouble
resample (const GstVideoFrame *frame, gint component, GstDnnFilter filter,
    const Axis *h, const Axis *v)
{
  gdouble sum = 0, weights = 0;

  for (gint y = floor (v->centre - v->step - 2); y <= v->centre + v->step + 2;
       y++) {
    gdouble wy = get_weight (filter, v->centre, v->step, y);

    if (wy == 0)
      continue;
    for (gint x = floor (h->centre - h->step - 2); x <= h->centre + h->step + 2;
         x++) {
      gdouble w = wy * get_weight (filter, h->centre, h->step, x);

      if (w == 0 ||
          (filter == GST_DNN_FILTER_ANTIALIAS &&
              (x < h->lo || x > h->hi || y < v->lo || y > v->hi)))
        continue;
      weights += w;
      sum += w *
          get_sample (frame, component, CLAMP (x, h->lo, h->hi),
              CLAMP (y, v->lo, v->hi));
    }
  }
  return sum / weights;
}

/* BT.601 or BT.709, full or video range → red, green, blue. */
static void
convert (const GstVideoInfo *info, const gdouble c[3], gdouble rgb[3])
{
  gboolean is_709 = info->colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709;
  gboolean is_full = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  gdouble kr = is_709 ? 0.2126 : 0.299, kb = is_709 ? 0.0722 : 0.114;
  gdouble y, cb, cr;

  if (GST_VIDEO_INFO_IS_GRAY (info)) {
    rgb[0] = rgb[1] = rgb[2] = c[0];
    return;
  }
  if (!GST_VIDEO_INFO_IS_YUV (info)) {
    memcpy (rgb, c, 3 * sizeof (gdouble));
    return;
  }
  y = is_full ? c[0] : (c[0] - 16) * 255 / 219;
  cb = is_full ? c[1] - 128 : (c[1] - 128) * 255 / 224;
  cr = is_full ? c[2] - 128 : (c[2] - 128) * 255 / 224;
  rgb[0] = y + 2 * (1 - kr) * cr;
  rgb[2] = y + 2 * (1 - kb) * cb;
  rgb[1] = (y - kr * rgb[0] - kb * rgb[2]) / (1 - kr - kb);
  for (gint i = 0; i < 3; i++)
    rgb[i] = CLAMP (rgb[i], 0, 255);
}

static gdouble
get_gray (const GstVideoInfo *info, const gdouble c[3], const gdouble rgb[3])
{
  gboolean is_full = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;

  if (GST_VIDEO_INFO_IS_GRAY (info))
    return c[0];
  if (GST_VIDEO_INFO_IS_YUV (info))
    return CLAMP (is_full ? c[0] : (c[0] - 16) * 255 / 219, 0, 255);
  return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/* Channel @channel of tensor pixel (@x, @y) before mean and scale. */
static gdouble
get_expected (const GstVideoFrame *frame, const GstDnnPixelsOptions *o,
    const GstDnnGeometry *g, gint channel, gint x, gint y)
{
  const GstVideoInfo *info = &frame->info;
  gdouble c[3] = { 0 }, rgb[3];
  gint n = MIN (GST_VIDEO_INFO_N_COMPONENTS (info), 3);

  x -= g->dst_x;
  y -= g->dst_y;
  if (x < 0 || y < 0 || x >= g->dst_w || y >= g->dst_h) {
    for (gint i = 0; i < 3; i++)
      rgb[i] = o->fill[i];
    if (o->color == GST_DNN_COLOR_GRAY)
      return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    return rgb[o->color == GST_DNN_COLOR_BGR ? 2 - channel : channel];
  }
  for (gint i = 0; i < n; i++) {
    Axis h = make_axis (g->src_x, g->src_w, g->dst_w, x,
        GST_VIDEO_FORMAT_INFO_W_SUB (info->finfo, i),
        info->chroma_site & GST_VIDEO_CHROMA_SITE_H_COSITED);
    Axis v = make_axis (g->src_y, g->src_h, g->dst_h, y,
        GST_VIDEO_FORMAT_INFO_H_SUB (info->finfo, i),
        info->chroma_site & GST_VIDEO_CHROMA_SITE_V_COSITED);

    c[i] = resample (frame, i, o->filter, &h, &v);
  }
  convert (info, c, rgb);
  if (o->color == GST_DNN_COLOR_GRAY)
    return get_gray (info, c, rgb);
  return rgb[o->color == GST_DNN_COLOR_BGR ? 2 - channel : channel];
}

static gdouble
get_found (const GstDnnPixelsOptions *o, const guint8 *data, gint n_channels,
    gint channel, gint x, gint y)
{
  gsize idx = o->layout == GST_DNN_LAYOUT_NCHW
      ? ((gsize) channel * o->height + y) * o->width + x
      : ((gsize) y * o->width + x) * n_channels + channel;

  return dnn_type_get (o->type, data, idx);
}

static void
compare (const GstVideoFrame *frame, const GstDnnPixelsOptions *o,
    const GstDnnGeometry *g, const guint8 *data, const gchar *what)
{
  gint n_channels = gst_dnn_color_get_n_channels (o->color);
  gdouble tolerance = o->type == DNN_TYPE_FLOAT32 ? 2e-3 * o->scale[0] : 0.51;

  for (gint channel = 0; channel < n_channels; channel++) {
    for (gint y = 0; y < o->height; y++) {
      for (gint x = 0; x < o->width; x++) {
        gdouble expected = get_expected (frame, o, g, channel, x, y);
        gdouble found = get_found (o, data, n_channels, channel, x, y);

        expected = (expected - o->mean[channel]) * o->scale[channel];
        if (o->type == DNN_TYPE_UINT8)
          expected = CLAMP (expected, 0, 255);
        if (o->type == DNN_TYPE_INT8)
          expected = CLAMP (expected, -128, 127);
        if (!(fabs (found - expected) <= tolerance))
          g_error ("%s: channel %d, (%d, %d): %.6f, expected %.6f", what,
              channel, x, y, found, expected);
      }
    }
  }
}

/* Runs twice, into memory with guards on both sides. */
static void
check (GstVideoInfo *info, const GstDnnPixelsOptions *o, GRand *rand,
    const gchar *what)
{
  g_autoptr (GstDnnPixels) pixels = gst_dnn_pixels_new (info, o);
  gsize size = gst_dnn_pixels_get_size (pixels);
  guint8 *memory = dnn_alloc_aligned (size + 2 * GUARD);
  GstVideoFrame frame;

  for (gint run = 0; run < 2; run++) {
    make_frame (&frame, info, rand);
    memset (memory, GUARD_BYTE, size + 2 * GUARD);
    gst_dnn_pixels_run (pixels, &frame, memory + GUARD);
    for (gint i = 0; i < GUARD; i++) {
      g_assert_cmphex (memory[i], ==, GUARD_BYTE);
      g_assert_cmphex (memory[GUARD + size + i], ==, GUARD_BYTE);
    }
    compare (
        &frame, o, gst_dnn_pixels_get_geometry (pixels), memory + GUARD, what);
    gst_video_frame_unmap (&frame);
  }
  dnn_free_aligned (memory);
}

static GstDnnPixelsOptions
make_options (gint width, gint height)
{
  return (GstDnnPixelsOptions){
    .width = width,
    .height = height,
    .type = DNN_TYPE_FLOAT32,
    .mean = { 10, 20, 30 },
    .scale = { 0.02, 0.02, 0.02 },
    .fill = { 114, 50, 200 },
    .center_crop = 1,
  };
}

/* Every format that the caps name, at odd sizes, shrunk and grown. */
static void
test_formats (void)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "video/x-raw, format=" GST_DNN_PIXELS_FORMATS);
  const GValue *formats = gst_structure_get_value (
      gst_caps_get_structure (caps, 0), "format");
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);

  g_test_message ("seed %u", SEED);
  g_assert_cmpuint (gst_value_list_get_size (formats), >=, 20);
  for (guint i = 0; i < gst_value_list_get_size (formats); i++) {
    const gchar *name = g_value_get_string (
        gst_value_list_get_value (formats, i));
    static const gint sizes[][2] = { { 21, 13 }, { 64, 37 }, { 16, 12 } };

    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
      GstDnnPixelsOptions o = make_options (sizes[s][0], sizes[s][1]);
      g_autofree gchar *what = g_strdup_printf (
          "%s to %dx%d", name, o.width, o.height);
      GstVideoInfo info;

      g_assert_true (gst_video_info_set_format (
          &info, gst_video_format_from_string (name), 47, 31));
      o.color = s;
      o.layout = s % 2;
      check (&info, &o, rand, what);
    }
  }
}

/* Every way to resize with every filter, in formats with and without
 * subsampling. */
static void
test_geometry (void)
{
  static const GstVideoFormat formats[] = { GST_VIDEO_FORMAT_BGRx,
    GST_VIDEO_FORMAT_NV12 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 1);

  for (guint i = 0; i < 4 * 4 * 2; i++) {
    GstDnnPixelsOptions o = make_options (33, 40);
    GstVideoInfo info;
    g_autofree gchar *what = NULL;

    o.resize = i % 4;
    o.filter = i / 4 % 4;
    o.center_crop = i % 3 == 0 ? 0.8 : 1;
    gst_video_info_set_format (&info, formats[i / 16], 100, 62);
    info.par_n = i % 5 == 4 ? 16 : 1;
    info.par_d = i % 5 == 4 ? 11 : 1;
    what = g_strdup_printf ("resize %d, filter %d, %s", o.resize, o.filter,
        gst_video_format_to_string (formats[i / 16]));
    check (&info, &o, rand, what);
  }
}

static void
test_types (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 2);
  static const DnnType types[] = { DNN_TYPE_UINT8, DNN_TYPE_INT8 };
  GstVideoInfo info;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_I420, 48, 32);
  for (guint i = 0; i < 4; i++) {
    GstDnnPixelsOptions o = make_options (20, 20);

    o.type = types[i % 2];
    o.layout = i / 2;
    o.resize = GST_DNN_RESIZE_LETTERBOX;
    for (gint c = 0; c < 3; c++) {
      o.mean[c] = o.type == DNN_TYPE_INT8 ? 128 : 20;
      o.scale[c] = 1.25;
    }
    check (&info, &o, rand, dnn_type_name (o.type));
  }
}

static void
test_colorimetry (void)
{
  static const gchar *const rows[] = { "bt601", "bt709", "1:4:0:0" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED + 3);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstDnnPixelsOptions o = make_options (17, 9);
    GstVideoInfo info;

    gst_video_info_set_format (&info, GST_VIDEO_FORMAT_YUY2, 34, 18);
    g_assert_true (
        gst_video_colorimetry_from_string (&info.colorimetry, rows[i]));
    info.chroma_site = i == 2 ? GST_VIDEO_CHROMA_SITE_JPEG
                              : GST_VIDEO_CHROMA_SITE_MPEG2;
    check (&info, &o, rand, rows[i]);
  }
}

/* Known results of OpenCV's and PIL's bilinear filters: 2×2 to 4×4, and 4×1
 * to 2×1 with and without antialiasing. */
static void
test_golden (void)
{
  static const guint8 square[] = { 0, 100, 0, 0, 200, 40, 0, 0 };
  static const gfloat grown[16] = { 0, 25, 75, 100, 50, 58.75f, 76.25f, 85, 150,
    126.25f, 78.75f, 55, 200, 160, 80, 40 };
  static const guint8 line[] = { 0, 80, 160, 240 };
  static const gfloat shrunk[4][2] = { { 40, 200 },
    { 100 / 1.75f, 240 - 100 / 1.75f }, { 40, 200 }, { 80, 240 } };
  GstDnnPixelsOptions o = make_options (4, 4);
  gfloat dst[16];

  for (gint filter = 0; filter < 5; filter++) {
    gboolean is_square = filter == 4;
    GstVideoInfo info;
    GstVideoFrame frame;
    GstBuffer *buffer = gst_buffer_new_memdup (
        is_square ? square : line, is_square ? sizeof square : sizeof line);
    GstDnnPixels *pixels;

    gst_video_info_set_format (
        &info, GST_VIDEO_FORMAT_GRAY8, is_square ? 2 : 4, is_square ? 2 : 1);
    g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
    gst_buffer_unref (buffer);
    o.width = is_square ? 4 : 2;
    o.height = is_square ? 4 : 1;
    o.filter = is_square ? GST_DNN_FILTER_BILINEAR : (GstDnnFilter) filter;
    o.color = GST_DNN_COLOR_GRAY;
    o.mean[0] = 0;
    o.scale[0] = 1;
    pixels = gst_dnn_pixels_new (&info, &o);
    gst_dnn_pixels_run (pixels, &frame, dst);
    for (gint i = 0; i < o.width * o.height; i++)
      g_assert_cmpfloat_with_epsilon (
          dst[i], is_square ? grown[i] : shrunk[filter][i], 1e-3);
    gst_dnn_pixels_free (pixels);
    gst_video_frame_unmap (&frame);
  }
}

/* Where the frame comes to lie: numbers worked out by hand. */
static void
test_map (void)
{
  GstDnnGeometry g;
  GstVideoInfo info;
  gdouble map[6];

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGB, 1280, 720);
  gst_dnn_geometry_init (&g, &info, 640, 640, GST_DNN_RESIZE_LETTERBOX, 1);
  g_assert_cmpint (g.dst_y, ==, 140);
  g_assert_cmpint (g.dst_h, ==, 360);
  gst_dnn_geometry_get_map (&g, map);
  g_assert_cmpfloat_with_epsilon (map[0] * 320 + map[2], 640, 1e-9);
  g_assert_cmpfloat_with_epsilon (map[4] * 140 + map[5], 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (map[4] * 500 + map[5], 720, 1e-9);

  gst_dnn_geometry_init (
      &g, &info, 640, 640, GST_DNN_RESIZE_LETTERBOX_TOP_LEFT, 1);
  g_assert_cmpint (g.dst_y, ==, 0);
  gst_dnn_geometry_init (&g, &info, 224, 224, GST_DNN_RESIZE_CROP, 0.875);
  gst_dnn_geometry_get_map (&g, map);
  g_assert_cmpfloat_with_epsilon (map[0] * 224, 630, 1e-9);
  g_assert_cmpfloat_with_epsilon (map[0] * 112 + map[2], 640, 1e-9);

  info.par_n = 2;
  gst_dnn_geometry_init (&g, &info, 640, 640, GST_DNN_RESIZE_LETTERBOX, 1);
  g_assert_cmpint (g.dst_h, ==, 180);
}

/* Rows of a picture of 1024 pixels' width in a square of 320: round() of
 * Python, which rounds halves to even. */
static void
test_letterbox_rows (void)
{
  static const gint rows[][2] = { { 200, 62 }, { 208, 65 }, { 216, 68 },
    { 199, 62 }, { 201, 63 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstDnnGeometry g;
    GstVideoInfo info;

    gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGB, 1024, rows[i][0]);
    gst_dnn_geometry_init (&g, &info, 320, 320, GST_DNN_RESIZE_LETTERBOX, 1);
    g_assert_cmpint (g.dst_h, ==, rows[i][1]);
    g_assert_cmpint (g.dst_y, ==, (320 - rows[i][1]) / 2);
  }
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/pixels/formats", test_formats);
  g_test_add_func ("/elements/pixels/geometry", test_geometry);
  g_test_add_func ("/elements/pixels/types", test_types);
  g_test_add_func ("/elements/pixels/colorimetry", test_colorimetry);
  g_test_add_func ("/elements/pixels/golden", test_golden);
  g_test_add_func ("/elements/pixels/map", test_map);
  g_test_add_func ("/elements/pixels/letterbox-rows", test_letterbox_rows);
  return g_test_run ();
}
