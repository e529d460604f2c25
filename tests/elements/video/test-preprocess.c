/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnpreprocess: what downstream asks for → caps, values, metadata, gaps,
 * queries, errors. The pixels themselves are test-pixels.c's. */
#include "config.h"

#include <gst/video/video.h>

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "pipeline-core/base/dnn-type.h"
#include "tests/elements/dnn-check.h"

#define CAPS(format)                                                        \
  "video/x-raw, format=(string)" format ", width=(int)64, height=(int)48, " \
  "framerate=(fraction)25/1, pixel-aspect-ratio=(fraction)1/1"

#define TENSOR(dimensions, type)                                \
  "other/tensors, format=(string)static, num_tensors=(int)1, "  \
  "dimensions=(string)" dimensions ", types=(string)" type ", " \
  "framerate=(fraction)[ 0/1, 2147483647/1 ]"

typedef struct
{
  GstHarness *harness;
  GstElement *element;
  GstBus *bus;
} Fixture;

/* @sink: what the tensors' reader takes; %NULL for anything. */
static Fixture
set_up (const gchar *properties, const gchar *sink)
{
  Fixture self;
  g_autofree gchar *launch = g_strdup_printf ("dnnpreprocess %s", properties);
  GError *error = NULL;

  dnn_check_assert_plugin ();
  self.element = gst_parse_launch (launch, &error);
  g_assert_no_error (error);
  self.bus = dnn_check_add_bus (self.element);
  self.harness = gst_harness_new_with_element (self.element, "sink", "src");
  if (sink != NULL)
    gst_harness_set_sink_caps_str (self.harness, sink);
  return self;
}

static void
tear_down (Fixture *self)
{
  gst_harness_teardown (self->harness);
  gst_element_set_bus (self->element, NULL);
  gst_object_unref (self->element);
  gst_object_unref (self->bus);
}

/* A frame whose bytes are all @value. */
static GstBuffer *
new_frame (guint8 value, gsize size, GstClockTime pts)
{
  GstBuffer *frame = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (frame, 0, value, -1);
  GST_BUFFER_PTS (frame) = pts;
  GST_BUFFER_DURATION (frame) = 40 * GST_MSECOND;
  return frame;
}

static GstBuffer *
push_gray (Fixture *f, guint8 value, GstClockTime pts)
{
  GstBuffer *out = gst_harness_push_and_pull (
      f->harness, new_frame (value, 64 * 48, pts));

  fail_unless (out != NULL);
  return out;
}

/* --- What downstream asks for. */

typedef struct
{
  const gchar *properties, *sink;
  const gchar *dimensions, *type;
  gdouble first; /* value of the first element for pixels of 200 */
} WantedRow;

static const WantedRow wanted_rows[] = {
  { "", TENSOR ("32:24:3:1", "float32"), "32:24:3:1", "float32", 200 / 255.0 },
  { "", TENSOR ("32:24:3", "float32"), "32:24:3", "float32", 200 / 255.0 },
  { "", TENSOR ("3:32:24:1", "uint8"), "3:32:24:1", "uint8", 200 },
  { "", TENSOR ("32:24:1:1", "int8"), "32:24:1:1", "int8", 72 },
  { "mean=100 scale=0.5", TENSOR ("32:24:3:1", "float32"), "32:24:3:1",
      "float32", 50 },
  { "width=20 height=10", NULL, "20:10:3:1", "float32", 200 / 255.0 },
  { "width=20 height=10 layout=nhwc type=uint8 color=bgr", NULL, "3:20:10:1",
      "uint8", 200 },
  { "width=20 height=10 color=gray", NULL, "20:10:1:1", "float32",
      200 / 255.0 },
};

static gdouble
get_first (GstBuffer *buffer, const gchar *type)
{
  GstMapInfo map;
  gdouble value;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  value = dnn_type_get (dnn_type_from_name (type), map.data, 0);
  gst_buffer_unmap (buffer, &map);
  return value;
}

GST_START_TEST (test_wanted)
{
  const WantedRow *row = &wanted_rows[__i__];
  Fixture f = set_up (row->properties, row->sink);
  g_autoptr (GstCaps) caps = NULL;
  const GstStructure *structure;
  gint fps_n = 0, fps_d = 0;
  GstBuffer *out;

  gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
  out = push_gray (&f, 200, 0);
  caps = gst_pad_get_current_caps (f.harness->sinkpad);
  structure = gst_caps_get_structure (caps, 0);
  assert_equals_string (
      gst_structure_get_string (structure, "dimensions"), row->dimensions);
  assert_equals_string (
      gst_structure_get_string (structure, "types"), row->type);
  fail_unless (
      gst_structure_get_fraction (structure, "framerate", &fps_n, &fps_d));
  assert_equals_int (fps_n, 25);
  g_assert_cmpfloat_with_epsilon (get_first (out, row->type), row->first, 1e-5);
  gst_buffer_unref (out);
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
}
GST_END_TEST;

/* --- The frame with its tensor. */

GST_START_TEST (test_meta)
{
  Fixture f = set_up ("resize=letterbox", TENSOR ("32:32:3:1", "float32"));
  GstBuffer *frame = new_frame (9, 64 * 48, 80 * GST_MSECOND), *out;
  GstDnnFrameMeta *meta;
  guint64 serial;
  gdouble x = 16, y = 4;

  gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
  out = gst_harness_push_and_pull (f.harness, frame);
  fail_unless (out != NULL && out != frame);
  assert_equals_uint64 (GST_BUFFER_PTS (out), 80 * GST_MSECOND);
  assert_equals_uint64 (GST_BUFFER_DURATION (out), 40 * GST_MSECOND);
  meta = gst_buffer_get_dnn_frame_meta (out);
  fail_unless (meta != NULL);
  fail_unless (meta->frame == frame);
  assert_equals_int (GST_MINI_OBJECT_REFCOUNT_VALUE (frame), 1);
  assert_equals_int (meta->model_w, 32);
  assert_equals_int (meta->model_h, 32);
  assert_equals_int (meta->segment.format, GST_FORMAT_TIME);
  assert_equals_int (meta->key.n_regions, 1);
  gst_dnn_affine_map (&meta->to_frame, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 32, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, 0, 1e-9);
  serial = meta->key.serial;
  gst_buffer_unref (out);
  out = push_gray (&f, 1, 0);
  assert_equals_uint64 (dnn_check_get_serial (out), serial + 1);
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_interval)
{
  Fixture f = set_up ("interval=3", TENSOR ("32:24:3:1", "float32"));

  gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
  for (guint i = 0; i < 7; i++) {
    GstBuffer *out = push_gray (&f, i, i * 40 * GST_MSECOND);
    gboolean skipped = i % 3 != 0;

    assert_equals_int (
        GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP), skipped);
    assert_equals_int (gst_buffer_n_memory (out), skipped ? 0 : 1);
    fail_unless (gst_buffer_get_dnn_frame_meta (out)->frame != NULL);
    assert_equals_uint64 (GST_BUFFER_PTS (out), i * 40 * GST_MSECOND);
    gst_buffer_unref (out);
  }
  tear_down (&f);
}
GST_END_TEST;

/* Memory goes round: the same blocks again and again. */
GST_START_TEST (test_no_allocation)
{
  Fixture f = set_up ("", TENSOR ("32:24:3:1", "float32"));
  GHashTable *blocks = g_hash_table_new (NULL, NULL);

  gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
  for (guint i = 0; i < 50; i++) {
    GstBuffer *out = push_gray (&f, i, 0);
    GstMapInfo map;

    gst_buffer_map (out, &map, GST_MAP_READ);
    assert_equals_int (GPOINTER_TO_SIZE (map.data) % 64, 0);
    g_hash_table_add (blocks, map.data);
    gst_buffer_unmap (out, &map);
    gst_buffer_unref (out);
  }
  fail_unless (g_hash_table_size (blocks) <= 2);
  g_hash_table_unref (blocks);
  tear_down (&f);
}
GST_END_TEST;

/* Another size and format in the middle of the stream. */
GST_START_TEST (test_new_caps)
{
  Fixture f = set_up ("", TENSOR ("32:24:3:1", "float32"));
  GstBuffer *out;

  gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
  gst_buffer_unref (push_gray (&f, 1, 0));
  gst_harness_set_src_caps_str (f.harness,
      "video/x-raw, format=(string)NV12, width=(int)320, height=(int)200, "
      "framerate=(fraction)25/1");
  out = gst_harness_push_and_pull (
      f.harness, new_frame (128, 320 * 200 * 3 / 2, 0));
  g_assert_cmpfloat_with_epsilon (
      get_first (out, "float32"), (128 - 16) / 219.0, 1e-5);
  g_assert_cmpfloat_with_epsilon (
      gst_buffer_get_dnn_frame_meta (out)->to_frame.m[0], 10, 1e-9);
  gst_buffer_unref (out);
  tear_down (&f);
}
GST_END_TEST;

/* A source with few buffers learns how many are held, and that planes may lie
 * anywhere. */
GST_START_TEST (test_allocation_query)
{
  Fixture f = set_up ("frames-in-flight=5", TENSOR ("32:24:3:1", "float32"));
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS ("I420"));
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  guint min = 0, size = 0;

  fail_unless (gst_pad_peer_query (f.harness->srcpad, query));
  fail_unless (
      gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
  assert_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, NULL, &size, &min, NULL);
  assert_equals_int (min, 7);
  assert_equals_int (size, 64 * 48 * 3 / 2);
  gst_query_unref (query);
  tear_down (&f);
}
GST_END_TEST;

/* What stands behind the decoder gets our frames, so its formats count. The
 * decoder's head says what values its models expect. */
GST_START_TEST (test_decoder_behind)
{
  GstHarness *h = gst_harness_new_parse (
      "dnnpreprocess ! "
      "capsfilter caps=other/tensors,dimensions=(string)320:240:3:1,"
      "types=(string)float32,num_tensors=1,format=static ! identity ! "
      "dnndetect head=ultraface ! capsfilter caps=video/x-raw,format=NV12");
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (h->srcpad, NULL);

  assert_equals_int (gst_caps_get_size (caps), 1);
  assert_equals_string (
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "format"),
      "NV12");
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- Errors. */

typedef struct
{
  const gchar *properties, *sink;
  gboolean at_start;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[3];
} ErrorRow;

static const ErrorRow error_rows[] = {
  { "mean=1,b", NULL, TRUE, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "mean=\"1,b\": one number" } },
  { "fill=300", NULL, TRUE, gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "fill=\"300\"", "0 to 255" } },
  { "modelinfo=/nowhere/m", NULL, TRUE, gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_FOUND, { "/nowhere/m" } },
  { "", NULL, FALSE, gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION,
      { "does not say which shape", "set width and height" } },
  { "", TENSOR ("32:24:16:1", "float32"), FALSE, gst_core_error_quark,
      GST_CORE_ERROR_NEGOTIATION, { "float32 1×16×24×32", "1 or 3 channels" } },
  { "", TENSOR ("32:24:3:2", "float32"), FALSE, gst_core_error_quark,
      GST_CORE_ERROR_NEGOTIATION, { "float32 2×3×24×32" } },
  { "", TENSOR ("32:24:3:1", "int64"), FALSE, gst_core_error_quark,
      GST_CORE_ERROR_NEGOTIATION, { "takes int64" } },
  { "width=31 height=24", TENSOR ("32:24:3:1", "float32"), FALSE,
      gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION,
      { "width=31, but downstream takes 32" } },
  { "", TENSOR ("65536:24:3:1", "float32"), FALSE, gst_resource_error_quark,
      GST_RESOURCE_ERROR_READ,
      { "a picture with a width of 65536; 1 to 16384 are made" } },
  { "", TENSOR ("24:2147483647:3:1", "uint8"), FALSE, gst_resource_error_quark,
      GST_RESOURCE_ERROR_READ, { "a height of 2147483647; 1 to 16384" } },
};

GST_START_TEST (test_errors)
{
  const ErrorRow *row = &error_rows[__i__];
  g_autofree gchar *launch = g_strdup_printf (
      "dnnpreprocess %s", row->properties);
  GstElement *element = gst_parse_launch (launch, NULL);
  GstBus *bus = dnn_check_add_bus (element);

  if (row->at_start) {
    assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
        GST_STATE_CHANGE_FAILURE);
    dnn_check_assert_error (bus, row->domain (), row->code, row->parts);
  } else {
    GstHarness *h = gst_harness_new_with_element (element, "sink", "src");
    g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS ("GRAY8"));

    if (row->sink != NULL)
      gst_harness_set_sink_caps_str (h, row->sink);
    gst_harness_push_event (h, gst_event_new_caps (caps));
    dnn_check_assert_error (bus, row->domain (), row->code, row->parts);
    gst_harness_teardown (h);
  }
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
}
GST_END_TEST;

GST_START_TEST (test_short_frame)
{
  static const gchar *const parts[] = { "can't be read as GRAY8 64x48",
    "100 bytes", NULL };
  Fixture f = set_up ("", TENSOR ("32:24:3:1", "float32"));

  gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
  assert_equals_int (
      gst_harness_push (f.harness, new_frame (1, 100, 0)), GST_FLOW_ERROR);
  dnn_check_assert_error (
      f.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, parts);
  tear_down (&f);
}
GST_END_TEST;

/* A guess is a WARNING message, once, though caps come again. */
GST_START_TEST (test_guess)
{
  static const gchar *const launches[] = { "", "scale=1 mean=0" };

  for (guint i = 0; i < G_N_ELEMENTS (launches); i++) {
    Fixture f = set_up (launches[i], TENSOR ("32:24:3:1", "float32"));
    GstMessage *message;
    g_autoptr (GError) warning = NULL;
    g_autofree gchar *debug = NULL;

    gst_harness_set_src_caps_str (f.harness, CAPS ("GRAY8"));
    gst_harness_set_src_caps_str (f.harness, CAPS ("RGB"));
    message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_WARNING);
    fail_unless_equals_int (message != NULL, i == 0);
    if (message != NULL) {
      gst_message_parse_warning (message, &warning, &debug);
      fail_unless (strstr (warning->message,
          "scale 0.00392157,0.00392157,0.00392157 (a guess: nothing says which "
          "values the model expects; set mean, scale and color"));
      /* The debug text names who said it. */
      fail_unless (strstr (debug, "gstdnnpreprocess.c"));
      gst_message_unref (message);
    }
    fail_unless (gst_bus_pop_filtered (f.bus, GST_MESSAGE_WARNING) == NULL);
    tear_down (&f);
  }
}
GST_END_TEST;

static Suite *
preprocess_suite (void)
{
  Suite *suite = suite_create ("preprocess");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_wanted, 0, G_N_ELEMENTS (wanted_rows));
  tcase_add_test (tc, test_meta);
  tcase_add_test (tc, test_interval);
  tcase_add_test (tc, test_no_allocation);
  tcase_add_test (tc, test_new_caps);
  tcase_add_test (tc, test_allocation_query);
  tcase_add_test (tc, test_decoder_behind);
  tcase_add_loop_test (tc, test_errors, 0, G_N_ELEMENTS (error_rows));
  tcase_add_test (tc, test_short_frame);
  tcase_add_test (tc, test_guess);
  return suite;
}

GST_CHECK_MAIN (preprocess);
