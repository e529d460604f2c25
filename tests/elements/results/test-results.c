/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results on a frame, through GStreamer's own scalers, croppers, converters
 * and flippers: boxes follow the picture, or are gone; never wrong. */
#include "config.h"

#include "gst-plugin/meta/gstdnnmeta-results.h"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "gst-plugin/stream/gstdnncompat.h"

/* Luma of the upper left pixel, to see what an element does to the picture. */
#define MARK 0xf0

static void
add_result (GstBuffer *buffer, gdouble x, gdouble y, gdouble w, gdouble h)
{
  GstDnnResultsMeta *meta = gst_buffer_add_dnn_results_meta (buffer);
  GstDnnResult result = GST_DNN_RESULT_INIT;

  result.model = g_quark_from_static_string ("model.onnx");
  result.label = g_quark_from_static_string ("cat");
  result.label_id = 7;
  result.confidence = 0.5;
  result.x = x;
  result.y = y;
  result.w = w;
  result.h = h;
  result.id = 12;
  result.extra = gst_structure_new ("extra", "n", G_TYPE_INT, 3, NULL);
  gst_dnn_results_meta_add (meta, &result);
  gst_structure_free (result.extra);
}

/* Sends one 320×240 frame with a box through @launch. */
static GstBuffer *
push_through (const gchar *launch, gdouble x, gdouble y, gdouble w, gdouble h)
{
  GstHarness *harness = gst_harness_new_parse (launch);
  GstBuffer *buffer, *out;

  gst_harness_set_src_caps_str (harness,
      "video/x-raw, format=I420, width=320, height=240, framerate=25/1, "
      "pixel-aspect-ratio=1/1");
  buffer = gst_harness_create_buffer (harness, 320 * 240 * 3 / 2);
  gst_buffer_memset (buffer, 0, 0x80, -1);
  gst_buffer_memset (buffer, 0, MARK, 1);
  add_result (buffer, x, y, w, h);
  out = gst_harness_push_and_pull (harness, buffer);
  g_assert_nonnull (out);
  gst_harness_teardown (harness);
  return out;
}

static void
check_box_within (GstBuffer *buffer, gdouble x, gdouble y, gdouble w, gdouble h,
    gdouble tolerance)
{
  GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (buffer);
  const GstDnnResult *result;
  gint n = 0;

  g_assert_nonnull (meta);
  g_assert_cmpuint (gst_dnn_results_meta_get_n (meta), ==, 1);
  result = gst_dnn_results_meta_get (meta, 0);
  g_assert_cmpfloat_with_epsilon (result->x, x, tolerance);
  g_assert_cmpfloat_with_epsilon (result->y, y, tolerance);
  g_assert_cmpfloat_with_epsilon (result->w, w, tolerance);
  g_assert_cmpfloat_with_epsilon (result->h, h, tolerance);
  g_assert_cmpstr (gst_dnn_result_get_label (result), ==, "cat");
  g_assert_cmpstr (gst_dnn_result_get_model (result), ==, "model.onnx");
  g_assert_cmpint (result->label_id, ==, 7);
  g_assert_cmpint (result->id, ==, 12);
  g_assert_true (gst_structure_get_int (result->extra, "n", &n));
  g_assert_cmpint (n, ==, 3);
}

static void
check_box (GstBuffer *buffer, gdouble x, gdouble y, gdouble w, gdouble h)
{
  check_box_within (buffer, x, y, w, h, 1e-6);
}

static void
test_value (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  GstDnnResultsMeta *meta;
  GstDnnResult *copy;

  g_assert_null (gst_buffer_get_dnn_results_meta (buffer));
  add_result (buffer, 1, 2, 3, 4);
  meta = gst_buffer_add_dnn_results_meta (buffer);
  g_assert_true (meta == gst_buffer_get_dnn_results_meta (buffer));
  copy = gst_dnn_result_copy (gst_dnn_results_meta_get (meta, 0));
  g_assert_cmpfloat (copy->h, ==, 4);
  g_assert_true (copy->extra != gst_dnn_results_meta_get (meta, 0)->extra);
  g_boxed_free (GST_TYPE_DNN_RESULT, copy);
}

/* A copy has results of its own. */
static void
test_copy (void)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_autoptr (GstBuffer) copy = NULL;

  add_result (buffer, 1, 2, 3, 4);
  copy = gst_buffer_copy (buffer);
  add_result (buffer, 5, 6, 7, 8);
  check_box (copy, 1, 2, 3, 4);
}

static void
test_convert (void)
{
  g_autoptr (GstBuffer) out = push_through (
      "videoconvert ! capsfilter caps=video/x-raw,format=BGRx", 10, 20, 30, 40);

  check_box (out, 10, 20, 30, 40);
}

static void
test_scale (void)
{
  g_autoptr (GstBuffer) out = push_through (
      "videoscale ! capsfilter caps=video/x-raw,width=640,height=480,pixel-aspect-ratio=1/1",
      10, 20, 30, 40);

  check_box (out, 20, 40, 60, 80);
}

/* 4:3 in 16:9 leaves borders of 80 on either side. */
static void
test_scale_with_borders (void)
{
  g_autoptr (GstBuffer) out = push_through (
      "videoscale ! capsfilter caps=video/x-raw,width=640,height=360,pixel-aspect-ratio=1/1",
      10, 20, 30, 40);

  check_box (out, 80 + 15, 30, 45, 60);
}

/* Other pixels, same picture: no borders. */
static void
test_scale_pixel_aspect (void)
{
  g_autoptr (GstBuffer) out = push_through (
      "videoscale ! capsfilter caps=video/x-raw,width=160,height=240,pixel-aspect-ratio=2/1",
      10, 20, 30, 40);

  check_box (out, 5, 20, 15, 40);
}

static guint8
get_byte (GstBuffer *buffer, gsize offset)
{
  guint8 byte = 0;

  g_assert_cmpuint (gst_buffer_extract (buffer, offset, &byte, 1), ==, 1);
  return byte;
}

/* An element that can't say what it does to the picture must not leave boxes
 * as they were. One that can mirrors pixels, not their edges: a pixel off. */
static void
check_box_or_nothing (
    GstBuffer *buffer, gdouble x, gdouble y, gdouble w, gdouble h)
{
  if (gst_buffer_get_dnn_results_meta (buffer) != NULL)
    check_box_within (buffer, x, y, w, h, 1.001);
  else
    g_test_message ("this version of the element says nothing: dropped");
}

static void
test_crop (void)
{
  g_autoptr (GstBuffer)
      out = push_through ("videocrop left=16 top=8", 20, 30, 40, 50);

  check_box_or_nothing (out, 4, 22, 40, 50);
}

static void
test_flip (void)
{
  g_autoptr (GstBuffer)
      out = push_through ("videoflip video-direction=horiz", 20, 30, 40, 50);

  g_assert_cmphex (get_byte (out, 319), ==, MARK);
  check_box_or_nothing (out, 320 - 60, 30, 40, 50);
}

static void
test_flip_both (void)
{
  g_autoptr (GstBuffer)
      out = push_through ("videoflip video-direction=180", 20, 30, 40, 50);

  check_box_or_nothing (out, 320 - 60, 240 - 80, 40, 50);
}

static void
test_rotate (void)
{
  g_autoptr (GstBuffer)
      out = push_through ("videoflip video-direction=90r", 20, 30, 40, 50);

  g_assert_cmphex (get_byte (out, 239), ==, MARK);
  check_box_or_nothing (out, 240 - 80, 20, 50, 40);
}

#if GST_DNN_HAVE_META_MATRIX
/* Crop and rotation as one matrix; a box that is cropped away goes. The matrix
 * is one of places (100 - y) or of numbers of pixels (99 - y). */
static void
test_matrix (gconstpointer data)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new ();
  g_autoptr (GstBuffer) out = gst_buffer_new ();
  GstDnnResultsMeta *meta;
  GstVideoInfo in, result;
  GstVideoMetaTransformMatrix transform = {
    .in_info = &in,
    .in_rectangle = { 20, 10, 200, 100 },
    .out_info = &result,
    .out_rectangle = { 5, 0, 100, 200 },
    .matrix = { { 0, -1, GPOINTER_TO_INT (data) }, { 1, 0, 0 }, { 0, 0, 1 } },
  };

  gst_video_info_set_format (&in, GST_VIDEO_FORMAT_RGB, 320, 240);
  gst_video_info_set_format (&result, GST_VIDEO_FORMAT_RGB, 105, 200);
  add_result (buffer, 30, 20, 40, 50);
  add_result (buffer, 300, 200, 10, 10);
  meta = gst_buffer_get_dnn_results_meta (buffer);
  g_assert_true (GST_DNN_RESULTS_META_INFO->transform_func (out, &meta->meta,
      buffer, gst_video_meta_transform_matrix_get_quark (), &transform));
  check_box (out, 5 + 40, 10, 50, 40);
}
#endif

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/results/value", test_value);
  g_test_add_func ("/elements/results/copy", test_copy);
  g_test_add_func ("/elements/results/convert", test_convert);
  g_test_add_func ("/elements/results/scale", test_scale);
  g_test_add_func (
      "/elements/results/scale-with-borders", test_scale_with_borders);
  g_test_add_func (
      "/elements/results/scale-pixel-aspect", test_scale_pixel_aspect);
  g_test_add_func ("/elements/results/crop", test_crop);
  g_test_add_func ("/elements/results/flip", test_flip);
  g_test_add_func ("/elements/results/flip-both", test_flip_both);
  g_test_add_func ("/elements/results/rotate", test_rotate);
#if GST_DNN_HAVE_META_MATRIX
  g_test_add_data_func (
      "/elements/results/matrix", GINT_TO_POINTER (100), test_matrix);
  g_test_add_data_func (
      "/elements/results/matrix-of-pixels", GINT_TO_POINTER (99), test_matrix);
#endif
  return g_test_run ();
}
