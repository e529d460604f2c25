/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnoverlay and dnnjson: frames with results → what stands in the pixels and
 * in the file. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <string.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "tests/elements/dnn-check.h"

#define WIDTH 160
#define HEIGHT 120

static void
add_result (GstBuffer *frame, GstDnnResultKind kind, const gchar *label,
    gint label_id, gdouble x, gdouble y, gdouble w, gdouble h)
{
  GstDnnResult result = GST_DNN_RESULT_INIT;

  result.kind = kind;
  result.model = g_quark_from_static_string ("m.onnx");
  result.label = g_quark_from_string (label);
  result.label_id = label_id;
  result.confidence = 0.875;
  result.x = x;
  result.y = y;
  result.w = w;
  result.h = h;
  gst_dnn_results_meta_add (gst_buffer_add_dnn_results_meta (frame), &result);
}

/* --- dnnjson */

static gchar *
make_path (void)
{
  gchar *path = NULL;
  gint fd = g_file_open_tmp ("dnn-XXXXXX.jsonl", &path, NULL);

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  return path;
}

static GstHarness *
new_json (const gchar *path, const gchar *properties)
{
  g_autofree gchar *launch = g_strdup_printf (
      "dnnjson location=%s %s", path, properties);
  GstHarness *harness = gst_harness_new_parse (launch);

  gst_harness_set_src_caps_str (harness,
      "video/x-raw, format=(string)GRAY8, width=(int)160, height=(int)120, "
      "framerate=(fraction)25/1");
  return harness;
}

static GstBuffer *
new_frame (GstHarness *harness, GstClockTime pts)
{
  GstBuffer *frame = gst_harness_create_buffer (harness, WIDTH * HEIGHT);

  GST_BUFFER_PTS (frame) = pts;
  return frame;
}

/* The text as documented, to the letter; the frame is the same buffer. Nothing
 * found is one thing, not looked at another. */
GST_START_TEST (test_json_text)
{
  static const gchar expected[] =
      "{\"timestamp\": 40000000, \"resolution\": {\"width\": 160, \"height\": "
      "120}, \"objects\": [{\"detection\": {\"bounding_box\": {\"x_min\": 0.1, "
      "\"y_min\": 0.25, \"x_max\": 0.35, \"y_max\": 0.75}, \"confidence\": "
      "0.875, \"label\": \"a \\\"b\\\\c\\u000a\", \"label_id\": 3, \"model\": "
      "{\"name\": \"m.onnx\"}}, \"x\": 16, \"y\": 30, \"w\": 40, \"h\": 60, "
      "\"roi_type\": \"a \\\"b\\\\c\\u000a\"}]}\n"
      "{\"timestamp\": 80000000, \"resolution\": {\"width\": 160, \"height\": "
      "120}, \"objects\": []}\n"
      "{\"timestamp\": 120000000, \"resolution\": {\"width\": 160, \"height\": "
      "120}, \"looked_at\": false, \"objects\": []}\n";
  g_autofree gchar *path = make_path ();
  g_autofree gchar *text = NULL;
  GstHarness *harness = new_json (path, "");
  GstBuffer *frame = new_frame (harness, 40 * GST_MSECOND);
  GstBuffer *out;

  add_result (frame, GST_DNN_RESULT_DETECTION, "a \"b\\c\n", 3, 16, 30, 40, 60);
  out = gst_harness_push_and_pull (harness, frame);
  fail_unless (out == frame);
  gst_buffer_unref (out);
  frame = new_frame (harness, 80 * GST_MSECOND);
  gst_buffer_add_dnn_results_meta (frame);
  gst_buffer_unref (gst_harness_push_and_pull (harness, frame));
  gst_buffer_unref (gst_harness_push_and_pull (
      harness, new_frame (harness, 120 * GST_MSECOND)));
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  assert_equals_string (text, expected);
  gst_harness_teardown (harness);
  g_unlink (path);
}
GST_END_TEST;

static JsonObject *
get_member (JsonObject *object, const gchar *const *path)
{
  for (; *path != NULL; path++)
    object = json_object_get_object_member (object, *path);
  return object;
}

/* Classes of a region stand beside its detection; valid JSON in a locale with
 * a comma, too. */
GST_START_TEST (test_json_classes)
{
  static const gchar *const box[] = { "detection", "bounding_box", NULL };
  static const gchar *const model[] = { "model", NULL };
  g_autofree gchar *path = make_path ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  GstHarness *harness;
  GstBuffer *frame;
  JsonArray *objects, *classes;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL)
    GST_INFO ("no German locale here");
  harness = new_json (path, "");
  frame = new_frame (harness, GST_CLOCK_TIME_NONE);
  add_result (frame, GST_DNN_RESULT_CLASSIFICATION, "red", 1, 8, 9, 10, 11);
  add_result (frame, GST_DNN_RESULT_DETECTION, "car", 2, 8, 9, 10, 11);
  add_result (frame, GST_DNN_RESULT_CLASSIFICATION, "day", 5, 0, 0, 160, 120);
  add_result (frame, GST_DNN_RESULT_CLASSIFICATION, "night", 6, 0, 0, 160, 120);
  gst_buffer_unref (gst_harness_push_and_pull (harness, frame));
  fail_unless (json_parser_load_from_file (parser, path, NULL));
  fail_if (json_object_has_member (
      json_node_get_object (json_parser_get_root (parser)), "timestamp"));
  objects = json_object_get_array_member (
      json_node_get_object (json_parser_get_root (parser)), "objects");
  assert_equals_int (json_array_get_length (objects), 2);
  g_assert_cmpfloat_with_epsilon (
      json_object_get_double_member (
          get_member (json_array_get_object_element (objects, 0), box),
          "x_min"),
      0.05, 1e-6);
  classes = json_object_get_array_member (
      json_array_get_object_element (objects, 0), "classifications");
  assert_equals_int (json_array_get_length (classes), 1);
  assert_equals_string (
      json_object_get_string_member (
          get_member (json_array_get_object_element (classes, 0), model),
          "name"),
      "m.onnx");
  classes = json_object_get_array_member (
      json_array_get_object_element (objects, 1), "classifications");
  assert_equals_int (json_array_get_length (classes), 2);
  assert_equals_string (
      json_object_get_string_member (
          json_array_get_object_element (classes, 1), "label"),
      "night");
  gst_harness_teardown (harness);
  setlocale (LC_NUMERIC, "C");
  g_unlink (path);
}
GST_END_TEST;

GST_START_TEST (test_json_empty)
{
  g_autofree gchar *path = make_path ();
  g_autofree gchar *text = NULL;
  GstHarness *harness = new_json (path, "add-empty-results=false");
  GstBuffer *frame = new_frame (harness, 0);

  gst_buffer_add_dnn_results_meta (frame);
  gst_buffer_unref (gst_harness_push_and_pull (harness, frame));
  gst_buffer_unref (
      gst_harness_push_and_pull (harness, new_frame (harness, 1)));
  gst_harness_teardown (harness);
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  assert_equals_string (text, "");
  g_unlink (path);
}
GST_END_TEST;

GST_START_TEST (test_json_errors)
{
  static const gchar *const open_parts[] = {
    "location=\"/nowhere/x.jsonl\": can't be opened for writing", NULL
  };
  static const gchar *const write_parts[] = {
    "location=\"/dev/full\": can't be written", NULL
  };
  GstElement *element = gst_element_factory_make ("dnnjson", NULL);
  GstBus *bus = dnn_check_add_bus (element);
  GstHarness *harness;

  g_object_set (element, "location", "/nowhere/x.jsonl", NULL);
  assert_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, open_parts);
  gst_element_set_state (element, GST_STATE_NULL);
  if (g_file_test ("/dev/full", G_FILE_TEST_EXISTS)) {
    g_object_set (element, "location", "/dev/full", NULL);
    harness = gst_harness_new_with_element (element, "sink", "src");
    gst_harness_set_src_caps_str (harness,
        "video/x-raw, format=(string)GRAY8, width=(int)160, height=(int)120, "
        "framerate=(fraction)25/1");
    assert_equals_int (
        gst_harness_push (harness, new_frame (harness, 0)), GST_FLOW_ERROR);
    dnn_check_assert_error (
        bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, write_parts);
    gst_harness_teardown (harness);
  }
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
}
GST_END_TEST;

/* --- dnnoverlay */

/* One frame of @format in mid gray with a box, drawn on, converted to RGB. */
static GstBuffer *
draw (const gchar *format, const gchar *properties, GstDnnResultKind kind)
{
  g_autofree gchar *launch = g_strdup_printf (
      "dnnoverlay thickness=4 %s ! videoconvert ! "
      "capsfilter caps=video/x-raw,format=RGB",
      properties);
  g_autofree gchar *caps = g_strdup_printf (
      "video/x-raw, format=(string)%s, width=(int)160, height=(int)120, "
      "framerate=(fraction)25/1",
      format);
  GstHarness *harness = gst_harness_new_parse (launch);
  GstBuffer *frame, *out;
  GstVideoInfo info;

  gst_harness_set_src_caps_str (harness, caps);
  gst_video_info_set_format (
      &info, gst_video_format_from_string (format), WIDTH, HEIGHT);
  frame = gst_harness_create_buffer (harness, info.size);
  gst_buffer_memset (frame, 0, 0x80, -1);
  add_result (frame, kind, "ball", 0, 40, 50, 80, 60);
  out = gst_harness_push_and_pull (harness, frame);
  fail_unless (out != NULL);
  gst_harness_teardown (harness);
  return out;
}

static void
get_pixel (GstBuffer *frame, gint x, gint y, guint8 rgb[3])
{
  assert_equals_int (
      gst_buffer_extract (frame, (y * WIDTH + x) * 3, rgb, 3), 3);
}

static gboolean
is_drawn (GstBuffer *frame, gint x, gint y)
{
  guint8 rgb[3];

  get_pixel (frame, x, y, rgb);
  return ABS (rgb[0] - rgb[1]) > 60;
}

/* The lines are where they should be, in every format. */
GST_START_TEST (test_overlay_box)
{
  static const gchar *const formats[] = { "RGB", "BGR", "RGBx", "BGRx", "xRGB",
    "I420", "YV12", "NV12", "NV21", "YUY2", "UYVY", "Y444", "AYUV" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    GstBuffer *out = draw (
        formats[i], "draw-labels=false", GST_DNN_RESULT_DETECTION);

    fail_unless (is_drawn (out, 41, 80), "%s: left", formats[i]);
    fail_unless (is_drawn (out, 118, 80), "%s: right", formats[i]);
    fail_unless (is_drawn (out, 80, 52), "%s: top", formats[i]);
    fail_unless (is_drawn (out, 80, 108), "%s: bottom", formats[i]);
    fail_if (is_drawn (out, 80, 80), "%s: inside", formats[i]);
    fail_if (is_drawn (out, 30, 80), "%s: outside", formats[i]);
    fail_if (is_drawn (out, 60, 45), "%s: label", formats[i]);
    gst_buffer_unref (out);
  }
}
GST_END_TEST;

/* How many pixels of a rectangle are drawn on. */
static gint
count_drawn (GstBuffer *frame, gint x0, gint y0, gint x1, gint y1)
{
  gint n = 0;

  for (gint y = y0; y < y1; y++)
    for (gint x = x0; x < x1; x++)
      n += is_drawn (frame, x, y);
  return n;
}

/* A plate above the box with letters in it; none in the box. */
GST_START_TEST (test_overlay_label)
{
  GstBuffer *out = draw ("BGRx", "", GST_DNN_RESULT_DETECTION);
  gint plate = count_drawn (out, 40, 38, 80, 50);

  fail_unless (plate > 100, "%d", plate);
  fail_unless (plate < 40 * 12, "no letters");
  assert_equals_int (count_drawn (out, 46, 56, 112, 104), 0);
  gst_buffer_unref (out);

  out = draw ("BGRx", "", GST_DNN_RESULT_CLASSIFICATION);
  plate = count_drawn (out, 40, 50, 80, 62);
  fail_unless (plate > 100, "%d", plate);
  fail_if (is_drawn (out, 118, 80), "a class has no box");
  gst_buffer_unref (out);
}
GST_END_TEST;

/* Boxes that stick out, empty texts, frames without results. */
GST_START_TEST (test_overlay_edges)
{
  GstHarness *harness = gst_harness_new_parse ("dnnoverlay thickness=9");
  GstBuffer *frame, *out;

  gst_harness_set_src_caps_str (harness,
      "video/x-raw, format=(string)I420, width=(int)33, height=(int)17, "
      "framerate=(fraction)25/1");
  frame = gst_harness_create_buffer (harness, 36 * 18 * 3 / 2);
  out = gst_harness_push_and_pull (harness, frame);
  fail_unless (out == frame);
  add_result (out, GST_DNN_RESULT_DETECTION, "a rather long label", 1, -20, -20,
      90, 90);
  add_result (out, GST_DNN_RESULT_DETECTION, NULL, -1, 30, 15, 0.2, 0.2);
  add_result (out, GST_DNN_RESULT_CLASSIFICATION, "", 1, 0, 0, 33, 17);
  out = gst_harness_push_and_pull (harness, out);
  fail_unless (out == frame);
  gst_buffer_unref (out);
  gst_harness_teardown (harness);
}
GST_END_TEST;

/* Larger than the frame, and than what cairo can draw. */
GST_START_TEST (test_overlay_huge_text)
{
  g_autofree gchar *label = g_strnfill (9000, 'W');
  static const gchar *const fonts[] = { "", "font=\"Sans 9999\"" };

  for (guint i = 0; i < G_N_ELEMENTS (fonts); i++) {
    g_autofree gchar *launch = g_strdup_printf ("dnnoverlay %s", fonts[i]);
    GstHarness *harness = gst_harness_new_parse (launch);
    GstBuffer *frame;

    gst_harness_set_src_caps_str (harness,
        "video/x-raw, format=(string)GRAY8, width=(int)160, height=(int)120, "
        "framerate=(fraction)25/1");
    frame = gst_harness_create_buffer (harness, WIDTH * HEIGHT);
    add_result (frame, GST_DNN_RESULT_DETECTION, label, 1, 40, 50, 80, 60);
    gst_buffer_unref (gst_harness_push_and_pull (harness, frame));
    gst_harness_teardown (harness);
  }
}
GST_END_TEST;

static Suite *
output_suite (void)
{
  Suite *suite = suite_create ("output");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_json_text);
  tcase_add_test (tc, test_json_classes);
  tcase_add_test (tc, test_json_empty);
  tcase_add_test (tc, test_json_errors);
  tcase_add_test (tc, test_overlay_box);
  tcase_add_test (tc, test_overlay_label);
  tcase_add_test (tc, test_overlay_edges);
  tcase_add_test (tc, test_overlay_huge_text);
  return suite;
}

GST_CHECK_MAIN (output);
