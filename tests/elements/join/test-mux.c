/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmux: what is joined with what, picks, events, queries, gaps, ends. */
#include "config.h"

#include "tests/elements/dnn-check.h"

/* A mux with two sink pads; b has no src pad. */
typedef struct
{
  GstElement *mux;
  GstHarness *a, *b;
  GstBus *bus;
} Fixture;

static Fixture
set_up (const gchar *picks_a, const gchar *picks_b, const gchar *match)
{
  Fixture self;

  dnn_check_assert_plugin ();
  self.mux = gst_element_factory_make ("dnnmux", NULL);
  fail_unless (self.mux != NULL);
  gst_util_set_object_arg (G_OBJECT (self.mux), "match", match);
  self.bus = dnn_check_add_bus (self.mux);
  self.a = gst_harness_new_with_element (self.mux, "sink_0", "src");
  self.b = gst_harness_new_with_element (self.mux, "sink_1", NULL);
  gst_child_proxy_set (
      GST_CHILD_PROXY (self.mux), "sink_0::tensors", picks_a, NULL);
  gst_child_proxy_set (
      GST_CHILD_PROXY (self.mux), "sink_1::tensors", picks_b, NULL);
  return self;
}

static void
start (Fixture *self, const gchar *dimensions_a, const gchar *dimensions_b)
{
  gst_harness_set_src_caps (self->b, dnn_check_caps (dimensions_b));
  gst_harness_set_src_caps (self->a, dnn_check_caps (dimensions_a));
}

static void
tear_down (Fixture *self)
{
  gst_harness_teardown (self->b);
  gst_harness_teardown (self->a);
  gst_element_set_bus (self->mux, NULL);
  gst_object_unref (self->bus);
  gst_object_unref (self->mux);
}

GST_START_TEST (test_join)
{
  Fixture f = set_up ("", "1", "auto");
  GstBuffer *a = dnn_check_add_key (dnn_check_buffer (1, 4, 1, 0), 7);
  GstBuffer *b = dnn_check_add_key (dnn_check_buffer (2, 3, 2, 0), 7);
  GstMemory *memory_a = gst_buffer_peek_memory (a, 0);
  GstMemory *memory_b = gst_buffer_peek_memory (b, 1);
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) expected = dnn_check_caps ("4,3");
  GstBuffer *joined;

  start (&f, "4", "3,3");
  assert_equals_int (gst_harness_push (f.b, b), GST_FLOW_OK);
  assert_equals_int (gst_harness_push (f.a, a), GST_FLOW_OK);
  joined = gst_harness_pull (f.a);
  assert_equals_int (gst_buffer_n_memory (joined), 2);
  /* No copy. */
  fail_unless (gst_buffer_peek_memory (joined, 0) == memory_a);
  fail_unless (gst_buffer_peek_memory (joined, 1) == memory_b);
  assert_equals_uint64 (dnn_check_get_serial (joined), 7);
  caps = gst_pad_get_current_caps (f.a->sinkpad);
  fail_unless (gst_caps_is_equal (caps, expected), "%" GST_PTR_FORMAT, caps);
  gst_buffer_unref (joined);
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_one_pad_picks)
{
  GstHarness *h = gst_harness_new_with_padnames ("dnnmux", "sink_0", "src");
  GstBuffer *joined;

  gst_child_proxy_set (
      GST_CHILD_PROXY (h->element), "sink_0::tensors", "2,0,0", NULL);
  gst_harness_set_src_caps (h, dnn_check_caps ("2,2,2"));
  /* No key and no time are needed to join with nothing. */
  gst_harness_push (h, dnn_check_buffer (3, 2, 5, 0));
  joined = gst_harness_pull (h);
  assert_equals_int (gst_buffer_n_memory (joined), 3);
  assert_equals_float (dnn_check_get_float (joined, 0, 1), 206);
  assert_equals_float (dnn_check_get_float (joined, 1, 0), 5);
  assert_equals_float (dnn_check_get_float (joined, 2, 0), 5);
  gst_buffer_unref (joined);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Serials (or frames, by time) of the two pads, and which are joined. */
static const struct
{
  const gchar *match;
  gboolean has_key;
  guint a[6], b[6], joined[6]; /* frames + 1; 0 ends */
  guint dropped;
} orders[] = {
  { "key", TRUE, { 1, 2, 3 }, { 1, 2, 3 }, { 1, 2, 3 }, 0 },
  { "key", TRUE, { 2, 3, 5 }, { 1, 3, 4, 5 }, { 3, 5 }, 3 },
  { "time", FALSE, { 1, 2, 3, 4 }, { 2, 4 }, { 2, 4 }, 2 },
  { "time", TRUE, { 3 }, { 1, 2, 3 }, { 3 }, 2 },
  { "auto", FALSE, { 1, 3, 4 }, { 2, 3, 4 }, { 3, 4 }, 2 },
  { "auto", TRUE, { 1, 2, 4 }, { 2, 3, 4 }, { 2, 4 }, 2 },
};

static gpointer
push_b (gpointer data)
{
  Fixture *f = data;
  guint row = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (f->mux), "row"));

  for (const guint *b = orders[row].b; *b != 0; b++) {
    GstBuffer *buffer = dnn_check_buffer (1, 1, (gfloat) *b, *b - 1);
    if (orders[row].has_key)
      dnn_check_add_key (buffer, *b);
    gst_harness_push (f->b, buffer);
  }
  gst_harness_push_event (f->b, gst_event_new_eos ());
  return NULL;
}

GST_START_TEST (test_orders)
{
  Fixture f = set_up ("", "", orders[__i__].match);
  guint64 n_dropped;
  guint n_messages = 0;
  GstMessage *message;
  GThread *thread;

  g_object_set_data (G_OBJECT (f.mux), "row", GUINT_TO_POINTER ((guint) __i__));
  start (&f, "1", "1");
  thread = g_thread_new ("b", push_b, &f);
  for (const guint *a = orders[__i__].a; *a != 0; a++) {
    GstBuffer *buffer = dnn_check_buffer (1, 1, (gfloat) *a, *a - 1);
    if (orders[__i__].has_key)
      dnn_check_add_key (buffer, *a);
    gst_harness_push (f.a, buffer);
  }
  g_thread_join (thread);
  for (const guint *joined = orders[__i__].joined; *joined != 0; joined++) {
    GstBuffer *buffer = gst_harness_pull (f.a);
    fail_unless (buffer != NULL);
    assert_equals_float (dnn_check_get_float (buffer, 0, 0), (gfloat) *joined);
    assert_equals_float (dnn_check_get_float (buffer, 1, 0), (gfloat) *joined);
    gst_buffer_unref (buffer);
  }
  assert_equals_int (gst_harness_buffers_in_queue (f.a), 0);
  g_object_get (f.mux, "dropped", &n_dropped, NULL);
  assert_equals_uint64 (n_dropped, orders[__i__].dropped);
  while ((message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_QOS)) != NULL) {
    n_messages++;
    gst_message_unref (message);
  }
  assert_equals_int (n_messages, orders[__i__].dropped);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_no_time)
{
  Fixture f = set_up ("", "", "time");
  GstBuffer *timeless = dnn_check_buffer (1, 1, 0, 0);

  start (&f, "1", "1");
  GST_BUFFER_PTS (timeless) = GST_CLOCK_TIME_NONE;
  gst_harness_push (f.b, timeless);
  assert_equals_int (
      gst_harness_push (f.a, dnn_check_buffer (1, 1, 0, 0)), GST_FLOW_ERROR);
  dnn_check_assert_error (f.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
      (const gchar *[]){ "sink_1", "no running time", NULL });
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_gap)
{
  Fixture f = set_up ("", "", "key");
  GstBuffer *joined;

  start (&f, "1", "1");
  gst_harness_push (f.b, dnn_check_gap (3, 2));
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 2), 3));
  joined = gst_harness_pull (f.a);
  assert_equals_int (gst_buffer_n_memory (joined), 0);
  fail_unless (GST_BUFFER_FLAG_IS_SET (joined, GST_BUFFER_FLAG_GAP));
  assert_equals_uint64 (dnn_check_get_serial (joined), 3);
  assert_equals_uint64 (GST_BUFFER_PTS (joined), 20 * GST_MSECOND);
  gst_buffer_unref (joined);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_end_with_an_empty_pad)
{
  Fixture f = set_up ("", "", "key");
  GstBuffer *joined;
  GstEvent *event;
  gboolean ended = FALSE;

  start (&f, "1", "1");
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  gst_harness_push_event (f.b, gst_event_new_eos ());
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  joined = gst_harness_pull (f.a);
  gst_buffer_unref (joined);
  assert_equals_int (gst_harness_push (f.a,
                         dnn_check_add_key (dnn_check_buffer (1, 1, 0, 1), 2)),
      GST_FLOW_EOS);
  while ((event = gst_harness_try_pull_event (f.a)) != NULL) {
    ended |= GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless (ended);
  tear_down (&f);
}
GST_END_TEST;

/* How many events of @type came out, the last one's segment start. */
static guint
count_events (Fixture *f, GstEventType type, guint64 *start_time)
{
  GstEvent *event;
  const GstSegment *segment;
  guint n = 0;

  while ((event = gst_harness_try_pull_event (f->a)) != NULL) {
    if (GST_EVENT_TYPE (event) == type) {
      n++;
      if (type == GST_EVENT_SEGMENT) {
        gst_event_parse_segment (event, &segment);
        *start_time = segment->start;
      }
    }
    gst_event_unref (event);
  }
  return n;
}

static void
push_segment (GstHarness *h, GstClockTime start_time)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = start_time;
  gst_harness_push_event (h, gst_event_new_segment (&segment));
}

GST_START_TEST (test_segment_of_the_first_pad)
{
  Fixture f = set_up ("", "", "key");
  guint64 start_time = 0;

  start (&f, "1", "1");
  push_segment (f.b, 5);
  push_segment (f.a, 3600 * GST_SECOND);
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  fail_unless (count_events (&f, GST_EVENT_SEGMENT, &start_time) >= 1);
  assert_equals_uint64 (start_time, 3600 * GST_SECOND);
  gst_buffer_unref (gst_harness_pull (f.a));
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_events_once)
{
  Fixture f = set_up ("", "", "key");
  GstEvent *tags = gst_event_new_tag (
      gst_tag_list_new (GST_TAG_TITLE, "one", NULL));
  GstEvent *custom = gst_event_new_custom (
      GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("both"));
  GstEvent *own = gst_event_new_custom (
      GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("only-b"));
  GstEvent *event;
  guint n_tags = 0, n_custom = 0;

  start (&f, "1", "1");
  gst_harness_push_event (f.b, gst_event_ref (tags));
  gst_harness_push_event (f.b, gst_event_ref (custom));
  gst_harness_push_event (f.b, own);
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  gst_harness_push_event (f.a, tags);
  gst_harness_push_event (f.a, custom);
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  while ((event = gst_harness_try_pull_event (f.a)) != NULL) {
    n_tags += GST_EVENT_TYPE (event) == GST_EVENT_TAG;
    n_custom += GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM;
    gst_event_unref (event);
  }
  assert_equals_int (n_tags, 1);
  assert_equals_int (n_custom, 2);
  gst_buffer_unref (gst_harness_pull (f.a));
  tear_down (&f);
}
GST_END_TEST;

static guint
count_seeks (GstHarness *h)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_upstream_event (h)) != NULL) {
    n += GST_EVENT_TYPE (event) == GST_EVENT_SEEK;
    gst_event_unref (event);
  }
  return n;
}

GST_START_TEST (test_seek_once_per_stream)
{
  Fixture f = set_up ("", "", "key");
  GstEvent *seek = gst_event_new_seek (1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0);

  start (&f, "1", "1");
  if (__i__ == 0) { /* two branches of one stream */
    gst_harness_push_event (f.a, gst_event_new_stream_start ("same"));
    gst_harness_push_event (f.b, gst_event_new_stream_start ("same"));
  } else {
    gst_harness_push_event (f.a, gst_event_new_stream_start ("a"));
    gst_harness_push_event (f.b, gst_event_new_stream_start ("b"));
  }
  gst_harness_push_upstream_event (f.a, seek);
  assert_equals_int (count_seeks (f.a), 1);
  assert_equals_int (count_seeks (f.b), __i__);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_flush)
{
  Fixture f = set_up ("", "", "key");
  guint64 start_time = 0;

  start (&f, "1", "1");
  push_segment (f.a, 7);
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 0), 1));
  gst_buffer_unref (gst_harness_pull (f.a));
  /* A buffer of before the flush waits on b. */
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 1, 0, 1), 2));
  gst_harness_push_event (f.a, gst_event_new_flush_start ());
  gst_harness_push_event (f.b, gst_event_new_flush_start ());
  assert_equals_int (gst_harness_push (f.a,
                         dnn_check_add_key (dnn_check_buffer (1, 1, 0, 1), 2)),
      GST_FLOW_FLUSHING);
  gst_harness_push_event (f.a, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (f.b, gst_event_new_flush_stop (TRUE));
  assert_equals_int (count_events (&f, GST_EVENT_FLUSH_STOP, NULL), 1);
  push_segment (f.b, 9);
  push_segment (f.a, 9);
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 1, 8, 0), 3));
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 1, 8, 0), 3));
  assert_equals_int (count_events (&f, GST_EVENT_SEGMENT, &start_time), 1);
  assert_equals_uint64 (start_time, 9);
  gst_buffer_unref (gst_harness_pull (f.a));
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_caps_through_picks)
{
  Fixture f = set_up ("1,0", "0", "key");
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) natural = NULL;
  g_autoptr (GstCaps) wanted = dnn_check_caps ("3,2");

  gst_harness_set_sink_caps (f.a, dnn_check_caps ("2,3,4"));
  caps = gst_pad_peer_query_caps (f.a->srcpad, NULL);
  natural = gst_caps_copy_nth (caps, 0);
  fail_unless (gst_caps_is_subset (wanted, natural), "%" GST_PTR_FORMAT, caps);
  tear_down (&f);
}
GST_END_TEST;

/* Picks, caps of both pads, and the error. */
static const struct
{
  const gchar *picks, *dimensions_a, *dimensions_b;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4];
} bad[] = {
  { "0,1", "2", "2", gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS,
      { "sink_0", "index 1", "the stream has 1: float32 2" } },
  { "x", "2", "2", gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS,
      { "sink_0", "\"x\" is no list" } },
};

GST_START_TEST (test_errors)
{
  Fixture f = set_up (bad[__i__].picks, "", "key");
  g_auto (GStrv) words = g_strsplit (bad[__i__].dimensions_b, ",", -1);

  start (&f, bad[__i__].dimensions_a, bad[__i__].dimensions_b);
  gst_harness_push (f.b,
      dnn_check_add_key (dnn_check_buffer (g_strv_length (words), 1, 0, 0), 1));
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (9, 1, 0, 0), 1));
  dnn_check_assert_error (
      f.bus, bad[__i__].domain (), bad[__i__].code, bad[__i__].parts);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_wrong_size)
{
  Fixture f = set_up ("", "", "key");

  start (&f, "4", "4");
  gst_harness_push (f.b, dnn_check_add_key (dnn_check_buffer (1, 3, 0, 0), 1));
  assert_equals_int (gst_harness_push (f.a,
                         dnn_check_add_key (dnn_check_buffer (1, 4, 0, 0), 1)),
      GST_FLOW_ERROR);
  dnn_check_assert_error (f.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
      (const gchar *[]){ "sink_1", "float32 4, 16 bytes", "12 bytes", NULL });
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_latency)
{
  Fixture f = set_up ("", "", "key");

  start (&f, "1", "1");
  gst_harness_set_upstream_latency (f.a, 3 * GST_MSECOND);
  gst_harness_set_upstream_latency (f.b, 8 * GST_MSECOND);
  assert_equals_uint64 (gst_harness_query_latency (f.a), 8 * GST_MSECOND);
  tear_down (&f);
}
GST_END_TEST;

static GstPadProbeReturn
answer_short_latency (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_PAD_PROBE_OK;
  gst_query_set_latency (query, TRUE, 8 * GST_MSECOND, 8 * GST_MSECOND);
  return GST_PAD_PROBE_HANDLED;
}

/* A live branch that can't wait for the other one: said once, with what helps.
 */
GST_START_TEST (test_latency_without_queue)
{
  Fixture f = set_up ("", "", "key");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  start (&f, "1", "1");
  gst_harness_set_upstream_latency (f.a, 30 * GST_MSECOND);
  gst_pad_add_probe (f.b->srcpad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM,
      answer_short_latency, NULL, NULL);
  gst_harness_query_latency (f.a);
  gst_harness_query_latency (f.a);
  message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, "put a queue before sink_1") != NULL,
      "%s", error->message);
  fail_if (gst_bus_have_pending (f.bus));
  tear_down (&f);
}
GST_END_TEST;

/* Static tensors that join flexible ones get headers. */
GST_START_TEST (test_flexible)
{
  Fixture f = set_up ("", "", "key");
  GstBuffer *joined, *flexible = dnn_check_buffer (1, 34, 0, 0);
  GstMapInfo map;

  gst_harness_set_src_caps (f.b,
      gst_caps_from_string (
          "other/tensors,format=(string)flexible,framerate=(fraction)100/1"));
  gst_harness_set_src_caps (f.a, dnn_check_caps ("2"));
  gst_harness_push (f.b, dnn_check_add_key (flexible, 1));
  gst_harness_push (f.a, dnn_check_add_key (dnn_check_buffer (1, 2, 5, 0), 1));
  joined = gst_harness_pull (f.a);
  assert_equals_int (gst_buffer_n_memory (joined), 2);
  gst_memory_map (gst_buffer_peek_memory (joined, 0), &map, GST_MAP_READ);
  assert_equals_int (map.size, 128 + 8);
  assert_equals_int (((guint32 *) map.data)[0], 0xfeedcced);
  assert_equals_float (((gfloat *) map.data)[33], 6);
  gst_memory_unmap (gst_buffer_peek_memory (joined, 0), &map);
  gst_buffer_unref (joined);
  tear_down (&f);
}
GST_END_TEST;

static void
note_end (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* Pads that are still there go with the element, whose last reference nobody
 * else holds for a moment: that of another thread comes too late. */
GST_START_TEST (test_end_of_life)
{
  for (guint round = 0; round < 200; round++) {
    GstElement *mux = gst_element_factory_make ("dnnmux", NULL);
    gboolean ended = FALSE;

    for (guint i = 0; i < 3; i++)
      gst_object_unref (gst_element_request_pad_simple (mux, "sink_%u"));
    g_object_set_data_full (G_OBJECT (mux), "end", &ended, note_end);
    gst_object_unref (mux);
    fail_unless (ended, "round %u", round);
  }
}
GST_END_TEST;

static Suite *
mux_suite (void)
{
  Suite *suite = suite_create ("mux");
  TCase *cases = tcase_create ("mux");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_join);
  tcase_add_test (cases, test_one_pad_picks);
  tcase_add_loop_test (cases, test_orders, 0, G_N_ELEMENTS (orders));
  tcase_add_test (cases, test_no_time);
  tcase_add_test (cases, test_gap);
  tcase_add_test (cases, test_end_with_an_empty_pad);
  tcase_add_test (cases, test_segment_of_the_first_pad);
  tcase_add_test (cases, test_events_once);
  tcase_add_loop_test (cases, test_seek_once_per_stream, 0, 2);
  tcase_add_test (cases, test_flush);
  tcase_add_test (cases, test_caps_through_picks);
  tcase_add_loop_test (cases, test_errors, 0, G_N_ELEMENTS (bad));
  tcase_add_test (cases, test_wrong_size);
  tcase_add_test (cases, test_end_of_life);
  tcase_add_test (cases, test_latency);
  tcase_add_test (cases, test_latency_without_queue);
  tcase_add_test (cases, test_flexible);
  return suite;
}

GST_CHECK_MAIN (mux);
