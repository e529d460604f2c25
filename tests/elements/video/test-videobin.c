/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnvideobin: video and a model in → the same frames with boxes where the
 * objects are; properties passed on, errors, and all of it twice. */
#include "config.h"

#include <gst/video/video.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "tests/elements/dnn-check.h"

#define N_FRAMES 10

/* The box of what is bright in a gray frame. */
static void
find_ball (GstBuffer *frame, const GstVideoInfo *info, gdouble box[4])
{
  GstVideoFrame mapped;

  box[0] = box[1] = G_MAXDOUBLE;
  box[2] = box[3] = 0;
  fail_unless (gst_video_frame_map (
      &mapped, (GstVideoInfo *) info, frame, GST_MAP_READ));
  for (gint y = 0; y < info->height; y++) {
    const guint8 *row = (const guint8 *) GST_VIDEO_FRAME_PLANE_DATA (
                            &mapped, 0) +
        (gsize) y * GST_VIDEO_FRAME_PLANE_STRIDE (&mapped, 0);

    for (gint x = 0; x < info->width; x++) {
      if (row[x] < 128)
        continue;
      box[0] = MIN (box[0], x);
      box[1] = MIN (box[1], y);
      box[2] = MAX (box[2], x + 1);
      box[3] = MAX (box[3], y + 1);
    }
  }
  gst_video_frame_unmap (&mapped);
}

static gdouble
get_iou (const GstDnnResult *r, const gdouble box[4])
{
  gdouble w = MIN (box[2], r->x + r->w) - MAX (box[0], r->x);
  gdouble h = MIN (box[3], r->y + r->h) - MAX (box[1], r->y);
  gdouble both = MAX (w, 0) * MAX (h, 0);

  return both / ((box[2] - box[0]) * (box[3] - box[1]) + r->w * r->h - both);
}

static void
check_frame (GstBuffer *frame, const GstVideoInfo *info)
{
  GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (frame);
  const GstDnnResult *result;
  gdouble box[4], iou;

  fail_unless (meta != NULL);
  assert_equals_int (gst_dnn_results_meta_get_n (meta), 1);
  result = gst_dnn_results_meta_get (meta, 0);
  assert_equals_string (gst_dnn_result_get_model (result), "ball.onnx");
  find_ball (frame, info, box);
  iou = get_iou (result, box);
  fail_unless (iou >= 0.7, "IoU %f", iou);
}

/* The model of the demo. */
static const gchar *
get_model (void)
{
  static gchar *path;

  if (path == NULL)
    path = g_build_filename (
        g_getenv ("DNN_EXAMPLES"), "ball", "ball.onnx", NULL);
  return path;
}

static GstHarness *
new_harness (const gchar *properties)
{
  g_autofree gchar *launch = g_strdup_printf (
      "dnnvideobin model=%s %s", get_model (), properties);

  dnn_check_assert_plugin ();
  return gst_harness_new_parse (launch);
}

/* The ball of videotestsrc is found in every frame, in formats that need a
 * conversion and in those that don't. */
GST_START_TEST (test_ball)
{
  static const gchar *const formats[] = { "I420", "GRAY8", "GRAY16_LE" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    GstHarness *harness = new_harness ("score-threshold=0.5");
    g_autofree gchar *src = g_strdup_printf (
        "videotestsrc pattern=ball num-buffers=%d ! "
        "capsfilter caps=video/x-raw,format=%s,width=320,height=240",
        N_FRAMES, formats[i]);

    gst_harness_add_src_parse (harness, src, FALSE);
    for (guint k = 0; k < N_FRAMES; k++) {
      g_autoptr (GstBuffer) frame = NULL;
      g_autoptr (GstCaps) caps = NULL;
      GstVideoInfo info;

      gst_harness_push_from_src (harness);
      frame = gst_harness_pull (harness);
      fail_unless (frame != NULL);
      caps = gst_pad_get_current_caps (harness->sinkpad);
      fail_unless (gst_video_info_from_caps (&info, caps));
      assert_equals_int (info.width, 320);
      if (i < 2)
        check_frame (frame, &info);
      else
        fail_unless (gst_buffer_get_dnn_results_meta (frame) != NULL);
    }
    gst_harness_teardown (harness);
  }
}
GST_END_TEST;

/* Two stages find what one does. */
GST_START_TEST (test_stages)
{
  GstHarness *harness = new_harness (
      "score-threshold=0.5 stages=2 cuts=stage1");
  GstVideoInfo info;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_GRAY8, 320, 240);
  gst_harness_add_src_parse (harness,
      "videotestsrc pattern=ball num-buffers=4 ! "
      "capsfilter caps=video/x-raw,format=GRAY8,width=320,height=240",
      FALSE);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GstBuffer) frame = NULL;

    gst_harness_push_from_src (harness);
    frame = gst_harness_pull (harness);
    fail_unless (frame != NULL);
    check_frame (frame, &info);
  }
  gst_harness_teardown (harness);
}
GST_END_TEST;

static GstElement *
get_child (GstElement *bin, const gchar *name)
{
  GstElement *child = gst_bin_get_by_name (GST_BIN (bin), name);

  fail_unless (child != NULL, "%s", name);
  gst_object_unref (child);
  return child;
}

/* What is set on the bin arrives at its children, before and after they are
 * made; what is not has the children's defaults. */
GST_START_TEST (test_properties)
{
  GstElement *bin = gst_element_factory_make ("dnnvideobin", NULL);
  g_autofree gchar *mean = NULL;
  gdouble threshold;
  gint threads, interval;

  g_object_set (bin, "model", get_model (), "mean", "3", "score-threshold", 0.5,
      "threads", 1, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  g_object_get (get_child (bin, "preprocess"), "mean", &mean, "interval",
      &interval, NULL);
  assert_equals_string (mean, "3");
  assert_equals_int (interval, 1);
  g_object_get (get_child (bin, "pipeline"), "threads", &threads, NULL);
  assert_equals_int (threads, 1);
  g_object_set (bin, "score-threshold", 0.75, NULL);
  g_object_get (
      get_child (bin, "decoder"), "score-threshold", &threshold, NULL);
  g_assert_cmpfloat (threshold, ==, 0.75);
  assert_equals_string (
      G_OBJECT_TYPE_NAME (get_child (bin, "decoder")), "GstDnnDetect");
  gst_element_set_state (bin, GST_STATE_NULL);
  assert_equals_int (GST_BIN_NUMCHILDREN (bin), 0);

  gst_util_set_object_arg (G_OBJECT (bin), "decoder", "classify");
  gst_element_set_state (bin, GST_STATE_READY);
  assert_equals_string (
      G_OBJECT_TYPE_NAME (get_child (bin, "decoder")), "GstDnnClassify");
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_object_unref (bin);
}
GST_END_TEST;

/* A wrong file, then the right one. */
GST_START_TEST (test_recovers)
{
  static const gchar *const parts[] = { "/nowhere/m.onnx", NULL };
  GstElement *bin = gst_element_factory_make ("dnnvideobin", NULL);
  GstBus *bus = dnn_check_add_bus (bin);

  g_object_set (bin, "model", "/nowhere/m.onnx", NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, parts);
  gst_element_set_state (bin, GST_STATE_NULL);
  assert_equals_int (GST_BIN_NUMCHILDREN (bin), 0);
  g_object_set (bin, "model", get_model (), NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  dnn_check_assert_no_error (bus);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
  gst_object_unref (bin);
  gst_object_unref (bus);
}
GST_END_TEST;

GST_START_TEST (test_no_model)
{
  static const gchar *const parts[] = { "Neither config", "nor model", NULL };
  GstElement *bin = gst_element_factory_make ("dnnvideobin", NULL);
  GstBus *bus = dnn_check_add_bus (bin);

  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, parts);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
  gst_object_unref (bin);
  gst_object_unref (bus);
}
GST_END_TEST;

/* Whole pipelines, each played twice: skipped frames keep their place and have
 * no results. */
GST_START_TEST (test_twice)
{
  g_autofree gchar *launch = g_strdup_printf (
      "videotestsrc pattern=ball num-buffers=%d ! "
      "video/x-raw,width=320,height=240 ! "
      "dnnvideobin model=%s interval=2 ! dnnoverlay ! "
      "dnnjson location=/dev/null ! fakesink name=sink sync=false",
      N_FRAMES, get_model ());
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstMessage) message = NULL;

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (
        bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    fail_unless (message != NULL);
    assert_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}
GST_END_TEST;

static Suite *
videobin_suite (void)
{
  Suite *suite = suite_create ("videobin");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_ball);
  tcase_add_test (tc, test_stages);
  tcase_add_test (tc, test_properties);
  tcase_add_test (tc, test_recovers);
  tcase_add_test (tc, test_no_model);
  tcase_add_test (tc, test_twice);
  return suite;
}

GST_CHECK_MAIN (videobin);
