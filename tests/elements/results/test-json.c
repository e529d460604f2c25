/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Properties of dnnjson and metadata of a frame → the text of its line. What
 * results look like: test-output.c. */
#include "config.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <math.h>
#include <string.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "gst-plugin/meta/gstdnnmeta-tensors.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "tests/elements/dnn-check.h"

#define CAPS                                                           \
  "video/x-raw, format=(string)GRAY8, width=(int)16, height=(int)12, " \
  "framerate=(fraction)25/1"
#define RESOLUTION "\"resolution\": {\"width\": 16, \"height\": 12}"

/* A frame at 40 ms. */
static GstBuffer *
new_frame (gboolean is_looked_at)
{
  GstBuffer *frame = gst_buffer_new_allocate (NULL, 16 * 12, NULL);

  GST_BUFFER_PTS (frame) = 40 * GST_MSECOND;
  if (is_looked_at)
    gst_buffer_add_dnn_results_meta (frame);
  return frame;
}

/* What dnnjson with @properties writes for @frame, which it takes. */
static gchar *
write_frame (const gchar *properties, GstBuffer *frame, GstBus **bus)
{
  g_autofree gchar *path = g_build_filename (
      g_get_tmp_dir (), "dnn-json-XXXXXX", NULL);
  gint fd = g_mkstemp (path);
  g_autofree gchar *launch = g_strdup_printf (
      "dnnjson location=%s %s", path, properties);
  GstHarness *harness;
  gchar *text = NULL;

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  harness = gst_harness_new_parse (launch);
  if (bus != NULL)
    *bus = dnn_check_add_bus (harness->element);
  gst_harness_set_src_caps_str (harness, CAPS);
  gst_harness_push (harness, frame);
  if (bus != NULL)
    gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  g_unlink (path);
  return text;
}

static void
check_line (const gchar *properties, GstBuffer *frame, const gchar *expected)
{
  g_autofree gchar *text = write_frame (properties, frame, NULL);

  assert_equals_string (text, expected);
}

GST_START_TEST (test_source)
{
  check_line ("source=rtsp://camera/1", new_frame (TRUE),
      "{\"source\": \"rtsp://camera/1\", \"timestamp\": 40000000, " RESOLUTION
      ", \"objects\": []}\n");
}
GST_END_TEST;

/* However they are laid out, they stand on one line. */
GST_START_TEST (test_tags)
{
  check_line ("tags=\"{\\\"place\\\" :\\\"a: [b, c]\\\",\n\\\"n\\\":[1,2]}\"",
      new_frame (TRUE),
      "{\"timestamp\": 40000000, \"tags\": {\"place\": \"a: [b, c]\", \"n\": "
      "[1, 2]}, " RESOLUTION ", \"objects\": []}\n");
}
GST_END_TEST;

GST_START_TEST (test_tags_refused)
{
  static const struct
  {
    const gchar *tags;
    const gchar *parts[4];
  } rows[] = {
    { "[1]",
        { "tags=\"[1]\": this is no JSON object;", "{\"camera\": 3}", NULL } },
    { "{\"a\": }", { "tags=\"{\"a\": }\": this is no JSON object: ", NULL } },
    { "", { "tags=\"\": this is no JSON object", NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstElement *element = gst_element_factory_make ("dnnjson", NULL);
    GstBus *bus = dnn_check_add_bus (element);

    g_object_set (element, "tags", rows[i].tags, NULL);
    assert_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
        GST_STATE_CHANGE_FAILURE);
    dnn_check_assert_error (
        bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, rows[i].parts);
    gst_element_set_state (element, GST_STATE_NULL);
    gst_element_set_bus (element, NULL);
    gst_object_unref (element);
    gst_object_unref (bus);
  }
}
GST_END_TEST;

/* Now, in UTC. */
GST_START_TEST (test_system_timestamp)
{
  g_autoptr (GDateTime) before = g_date_time_new_now_utc ();
  g_autofree gchar *text = write_frame (
      "system-timestamp=true", new_frame (TRUE), NULL);
  g_autoptr (GDateTime) after = g_date_time_new_now_utc ();
  const gchar *start = strstr (text, "\"system_timestamp\": \"");
  g_autofree gchar *value = NULL;
  g_autoptr (GDateTime) found = NULL;

  fail_unless (start != NULL, "%s", text);
  start += strlen ("\"system_timestamp\": \"");
  value = g_strndup (start, strcspn (start, "\""));
  assert_equals_int (strlen (value), strlen ("2026-11-30T18:27:21.123456Z"));
  found = g_date_time_new_from_iso8601 (value, NULL);
  fail_unless (found != NULL, "%s", value);
  fail_unless (g_date_time_compare (found, before) >= 0, "%s", value);
  fail_unless (g_date_time_compare (found, after) <= 0, "%s", value);
}
GST_END_TEST;

/* A frame that knows when it was taken: ten seconds after five, in a zone two
 * hours before UTC. */
GST_START_TEST (test_time_code)
{
  GstBuffer *frame = new_frame (TRUE);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("+02:00");
  g_autoptr (GDateTime) day = g_date_time_new (zone, 2026, 3, 4, 0, 0, 0);
  GstVideoTimeCode *code = gst_video_time_code_new (
      25, 1, day, GST_VIDEO_TIME_CODE_FLAGS_NONE, 5, 0, 10, 5, 0);

  gst_buffer_add_video_time_code_meta (frame, code);
  gst_video_time_code_free (code);
  check_line ("system-timestamp=true", frame,
      "{\"timestamp\": 40000000, \"system_timestamp\": "
      "\"2026-03-04T03:00:10.200000Z\", " RESOLUTION ", \"objects\": []}\n");
}
GST_END_TEST;

/* Results that came too late for their own frame. */
GST_START_TEST (test_age)
{
  GstBuffer *frame = new_frame (TRUE);

  gst_buffer_get_dnn_results_meta (frame)->age = 80 * GST_MSECOND;
  check_line ("", frame,
      "{\"timestamp\": 40000000, " RESOLUTION
      ", \"age\": 80000000, \"objects\": []}\n");
}
GST_END_TEST;

GST_START_TEST (test_indent)
{
  check_line ("json-indent=2 tags=\"{\\\"a\\\":{},\\\"b\\\":[ ]}\"",
      new_frame (FALSE),
      "{\n"
      "  \"timestamp\": 40000000,\n"
      "  \"tags\": {\n"
      "    \"a\": {},\n"
      "    \"b\": []\n"
      "  },\n"
      "  \"resolution\": {\n"
      "    \"width\": 16,\n"
      "    \"height\": 12\n"
      "  },\n"
      "  \"looked_at\": false,\n"
      "  \"objects\": []\n"
      "}\n");
  check_line ("json-indent=0 add-empty-results=true", new_frame (TRUE),
      "{\n\"timestamp\": 40000000,\n\"resolution\": {\n\"width\": "
      "16,\n\"height\": 12\n},\n\"objects\": []\n}\n");
}
GST_END_TEST;

/* --- Tensors. */

static void
add_tensors (GstBuffer *frame, const gchar *caps_text, gconstpointer data,
    gsize size, const gchar *model)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_text);
  g_autoptr (GstBuffer) tensors = gst_buffer_new_memdup (data, size);

  gst_buffer_add_dnn_tensors_meta (frame, tensors, caps, model);
}

/* Types, shapes outermost first, several models; what is no number is null. */
GST_START_TEST (test_tensors)
{
  static const gfloat floats[] = { 0.1f, NAN, -INFINITY, 1e30f };
  static const gint64 big[] = { G_MAXINT64, -2 };
  GstBuffer *frame = new_frame (TRUE);

  add_tensors (frame,
      "other/tensors, format=static, num_tensors=1, types=float32, "
      "dimensions=(string)2:2:1",
      floats, sizeof (floats), "a.onnx");
  add_tensors (frame,
      "other/tensors, format=static, num_tensors=1, types=int64, "
      "dimensions=(string)2",
      big, sizeof (big), NULL);
  check_line ("add-tensor-data=true", frame,
      "{\"timestamp\": 40000000, " RESOLUTION
      ", \"objects\": [], \"tensors\": [{\"precision\": \"FP32\", \"dims\": "
      "[1, 2, 2], \"model_name\": \"a.onnx\", \"data\": [0.100000001, null, "
      "null, 1.00000002e+30]}, {\"precision\": \"I64\", \"dims\": [2], \"data\": "
      "[9223372036854775807, -2]}]}\n");
}
GST_END_TEST;

GST_START_TEST (test_tensors_flexible)
{
  GstBuffer *frame = new_frame (TRUE);
  guint8 bytes[GST_DNN_HEADER_SIZE + 3] = { 0 };
  DnnShape shape = dnn_shape (2, 1, 3);

  gst_dnn_header_write (bytes, DNN_TYPE_UINT8, &shape);
  bytes[GST_DNN_HEADER_SIZE + 1] = 255;
  add_tensors (
      frame, "other/tensors, format=flexible", bytes, sizeof (bytes), NULL);
  check_line ("add-tensor-data=true", frame,
      "{\"timestamp\": 40000000, " RESOLUTION
      ", \"objects\": [], \"tensors\": [{\"precision\": \"U8\", \"dims\": [1, "
      "3], \"data\": [0, 255, 0]}]}\n");
}
GST_END_TEST;

GST_START_TEST (test_tensors_not_asked_for)
{
  static const gfloat number = 1;
  GstBuffer *frame = new_frame (TRUE);

  add_tensors (frame,
      "other/tensors, format=static, num_tensors=1, types=float32, "
      "dimensions=(string)1",
      &number, sizeof (number), NULL);
  check_line ("", frame,
      "{\"timestamp\": 40000000, " RESOLUTION ", \"objects\": []}\n");
}
GST_END_TEST;

GST_START_TEST (test_tensors_wrong)
{
  static const gchar *const parts[] = {
    "8 bytes for this one; the buffer has 4 "
    "bytes",
    NULL
  };
  static const gfloat number = 1;
  GstBuffer *frame = new_frame (TRUE);
  g_autofree gchar *text = NULL;
  g_autoptr (GstBus) bus = NULL;

  add_tensors (frame,
      "other/tensors, format=static, num_tensors=1, types=float32, "
      "dimensions=(string)2",
      &number, sizeof (number), NULL);
  text = write_frame ("add-tensor-data=true", frame, &bus);
  assert_equals_string (text, "");
  dnn_check_assert_error (
      bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, parts);
}
GST_END_TEST;

/* Asked for, but attach-tensors isn't set: one warning, and no more. A frame
 * that nobody looked at can have none. */
GST_START_TEST (test_tensors_missing)
{
  GstHarness *harness = gst_harness_new_parse (
      "dnnjson location=/dev/null add-tensor-data=true");
  g_autoptr (GstBus) bus = dnn_check_add_bus (harness->element);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstMessage) message = NULL;

  gst_harness_set_src_caps_str (harness, CAPS);
  gst_harness_push (harness, new_frame (FALSE));
  fail_if (gst_bus_have_pending (bus) &&
      gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) != NULL);
  for (guint i = 0; i < 3; i++)
    gst_harness_push (harness, new_frame (TRUE));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL, "no warning");
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, "set attach-tensors=true") != NULL, "%s",
      error->message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}
GST_END_TEST;

static Suite *
json_suite (void)
{
  Suite *suite = suite_create ("json");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_source);
  tcase_add_test (tc, test_tags);
  tcase_add_test (tc, test_tags_refused);
  tcase_add_test (tc, test_system_timestamp);
  tcase_add_test (tc, test_time_code);
  tcase_add_test (tc, test_age);
  tcase_add_test (tc, test_indent);
  tcase_add_test (tc, test_tensors);
  tcase_add_test (tc, test_tensors_flexible);
  tcase_add_test (tc, test_tensors_not_asked_for);
  tcase_add_test (tc, test_tensors_wrong);
  tcase_add_test (tc, test_tensors_missing);
  return suite;
}

GST_CHECK_MAIN (json);
