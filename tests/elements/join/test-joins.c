/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where streams meet, dnnmux and the entrance of dnnbin: flushes of one or all,
 * ends and new streams, pads that come and go while data flows. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

#define MAX_PADS 4

/* A mux with some sink pads; the first harness has the src pad. */
typedef struct
{
  GstElement *mux;
  GstHarness *pads[MAX_PADS];
  GstBus *bus;
} Fixture;

static Fixture
set_up (guint n_pads, guint first)
{
  Fixture self = { NULL };

  dnn_check_assert_plugin ();
  self.mux = gst_element_factory_make ("dnnmux", NULL);
  fail_unless (self.mux != NULL);
  self.bus = dnn_check_add_bus (self.mux);
  for (guint i = 0; i < n_pads; i++) {
    g_autofree gchar *name = g_strdup_printf ("sink_%u", first + i);
    self.pads[i] = gst_harness_new_with_element (
        self.mux, name, i == 0 ? "src" : NULL);
  }
  for (guint i = n_pads; i-- > 0;)
    gst_harness_set_src_caps (self.pads[i], dnn_check_caps ("1"));
  return self;
}

static void
tear_down (Fixture *self)
{
  for (guint i = MAX_PADS; i-- > 0;)
    if (self->pads[i] != NULL)
      gst_harness_teardown (self->pads[i]);
  gst_element_set_bus (self->mux, NULL);
  gst_object_unref (self->bus);
  gst_object_unref (self->mux);
}

static GstFlowReturn
push (GstHarness *h, guint frame)
{
  return gst_harness_push (h, dnn_check_buffer (1, 1, (gfloat) frame, frame));
}

/* A serialised event, as a queue before the element sends it. */
static gboolean
push_event (GstHarness *h, GstEvent *event)
{
  return gst_pad_push_event (h->srcpad, event);
}

/* Known by its stream time. */
static GstEvent *
new_segment (GstClockTime stream_time)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.time = stream_time;
  return gst_event_new_segment (&segment);
}

static GstEvent *
new_caps (void)
{
  g_autoptr (GstCaps) caps = dnn_check_caps ("1");

  return gst_event_new_caps (caps);
}

/* The next buffer has @n_tensors, each with that value. */
static void
check_next (GstHarness *h, guint n_tensors, gfloat value)
{
  GstBuffer *buffer = gst_harness_pull (h);

  fail_unless (buffer != NULL);
  assert_equals_int (gst_buffer_n_memory (buffer), n_tensors);
  for (guint i = 0; i < n_tensors; i++)
    assert_equals_float (dnn_check_get_float (buffer, i, 0), value);
  gst_buffer_unref (buffer);
}

/* How many events of @type came out; *@last (nullable) is the last one. */
static guint
count_events (GstHarness *h, GstEventType type, GstEvent **last)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_event (h)) != NULL) {
    if (GST_EVENT_TYPE (event) == type) {
      n++;
      if (last != NULL)
        gst_event_replace (last, event);
    }
    gst_event_unref (event);
  }
  return n;
}

/* Until EOS comes out; FALSE where it doesn't. */
static gboolean
pull_end (GstHarness *h)
{
  GstEvent *event;
  gboolean is_end = FALSE;

  while (!is_end && (event = gst_harness_pull_event (h)) != NULL) {
    is_end = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  return is_end;
}

/* --- flushes of dnnmux --- */

/* What the main pad gets while another one flushes counts as taken and leaves
 * before the next frame. */
GST_START_TEST (test_event_into_a_flush)
{
  Fixture f = set_up (2, 0);
  g_autoptr (GstEvent) event = NULL;
  const GstSegment *segment;

  push (f.pads[1], 0);
  push (f.pads[0], 0);
  check_next (f.pads[0], 2, 0);
  count_events (f.pads[0], GST_EVENT_SEGMENT, NULL);
  push_event (f.pads[1], gst_event_new_flush_start ());
  fail_unless (push_event (f.pads[0], new_segment (5)));
  fail_unless (push_event (f.pads[0],
      gst_event_new_custom (
          GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("mark"))));
  push_event (f.pads[1], gst_event_new_flush_stop (TRUE));
  push_event (f.pads[1], new_segment (5));
  push (f.pads[1], 1);
  assert_equals_int (push (f.pads[0], 1), GST_FLOW_OK);
  check_next (f.pads[0], 2, 1);
  event = gst_pad_get_sticky_event (f.pads[0]->sinkpad, GST_EVENT_SEGMENT, 0);
  gst_event_parse_segment (event, &segment);
  assert_equals_uint64 (segment->time, 5);
  assert_equals_int (
      count_events (f.pads[0], GST_EVENT_CUSTOM_DOWNSTREAM, NULL), 1);
  dnn_check_assert_no_error (f.bus);
  tear_down (&f);
}
GST_END_TEST;

/* A flush of another pad takes away what waits there, and nothing behind. */
GST_START_TEST (test_flush_of_another_pad)
{
  Fixture f = set_up (2, 0);

  push (f.pads[1], 0);
  push_event (f.pads[1], gst_event_new_flush_start ());
  assert_equals_int (push (f.pads[1], 0), GST_FLOW_FLUSHING);
  push_event (f.pads[1], gst_event_new_flush_stop (TRUE));
  push_event (f.pads[1], new_segment (0));
  assert_equals_int (push (f.pads[1], 3), GST_FLOW_OK);
  assert_equals_int (push (f.pads[0], 3), GST_FLOW_OK);
  check_next (f.pads[0], 2, 3);
  assert_equals_int (count_events (f.pads[0], GST_EVENT_FLUSH_START, NULL), 0);
  tear_down (&f);
}
GST_END_TEST;

/* Independent sources, each sought by itself: one flush leaves, and what comes
 * next has a segment. */
GST_START_TEST (test_flush_of_all)
{
  Fixture f = set_up (2, 0);

  push (f.pads[1], 0);
  push (f.pads[0], 0);
  check_next (f.pads[0], 2, 0);
  for (guint i = 0; i < 2; i++) {
    guint pad = (i + (guint) __i__) % 2;
    push_event (f.pads[pad], gst_event_new_flush_start ());
    push_event (f.pads[pad], gst_event_new_flush_stop (TRUE));
    fail_unless (push_event (f.pads[pad], new_segment (0)));
  }
  assert_equals_int (push (f.pads[1], 0), GST_FLOW_OK);
  assert_equals_int (push (f.pads[0], 0), GST_FLOW_OK);
  check_next (f.pads[0], 2, 0);
  assert_equals_int (count_events (f.pads[0], GST_EVENT_FLUSH_STOP, NULL), 1);
  tear_down (&f);
}
GST_END_TEST;

/* --- ends --- */

/* The first input ends before its first buffer: events of the others aren't
 * errors, only buffers are told. */
GST_START_TEST (test_events_after_the_end)
{
  Fixture f = { gst_element_factory_make ("dnnmux", NULL), { NULL }, NULL };

  f.bus = dnn_check_add_bus (f.mux);
  f.pads[0] = gst_harness_new_with_element (f.mux, "sink_0", "src");
  f.pads[1] = gst_harness_new_with_element (f.mux, "sink_1", NULL);
  gst_harness_set_src_caps (f.pads[0], dnn_check_caps ("1"));
  fail_unless (push_event (f.pads[0], gst_event_new_eos ()));
  fail_unless (push_event (f.pads[1], gst_event_new_stream_start ("b")));
  fail_unless (push_event (f.pads[1], new_caps ()));
  fail_unless (push_event (f.pads[1], new_segment (0)));
  assert_equals_int (push (f.pads[1], 0), GST_FLOW_EOS);
  assert_equals_int (count_events (f.pads[0], GST_EVENT_EOS, NULL), 1);
  tear_down (&f);
}
GST_END_TEST;

/* The end of an empty pad is that of its own stream. */
GST_START_TEST (test_seqnum_of_the_end)
{
  Fixture f = set_up (2, 0);
  GstEvent *eos = gst_event_new_eos ();
  guint32 seqnum = gst_event_get_seqnum (eos);
  g_autoptr (GstEvent) event = NULL;

  push_event (f.pads[1], eos);
  assert_equals_int (push (f.pads[0], 0), GST_FLOW_EOS);
  assert_equals_int (count_events (f.pads[0], GST_EVENT_EOS, &event), 1);
  assert_equals_int (gst_event_get_seqnum (event), seqnum);
  tear_down (&f);
}
GST_END_TEST;

static void
start_again (GstHarness *h, const gchar *stream)
{
  fail_unless (push_event (h, gst_event_new_stream_start (stream)));
  fail_unless (push_event (h, new_caps ()));
  fail_unless (push_event (h, new_segment (0)));
}

/* A new stream without a flush. Who starts later is waited for. */
GST_START_TEST (test_new_stream_after_the_end)
{
  Fixture f = set_up (2, 0);
  guint early = (guint) __i__;

  push (f.pads[1], 0);
  push (f.pads[0], 0);
  check_next (f.pads[0], 2, 0);
  push_event (f.pads[1], gst_event_new_eos ());
  push_event (f.pads[0], gst_event_new_eos ());
  start_again (f.pads[early], "next");
  if (early == 1)
    assert_equals_int (push (f.pads[1], 7), GST_FLOW_OK);
  start_again (f.pads[1 - early], "next");
  if (early == 0)
    assert_equals_int (push (f.pads[1], 7), GST_FLOW_OK);
  assert_equals_int (push (f.pads[0], 7), GST_FLOW_OK);
  check_next (f.pads[0], 2, 7);
  push_event (f.pads[1], gst_event_new_eos ());
  push_event (f.pads[0], gst_event_new_eos ());
  assert_equals_int (count_events (f.pads[0], GST_EVENT_EOS, NULL), 2);
  tear_down (&f);
}
GST_END_TEST;

/* One thread brings the buffers of all pads, the main pad's first. */
GST_START_TEST (test_one_thread)
{
  Fixture f = set_up (3, 0);

  for (guint frame = 0; frame < 3; frame++) {
    for (guint i = 0; i < 3; i++)
      assert_equals_int (push (f.pads[i], frame), GST_FLOW_OK);
    check_next (f.pads[0], 3, (gfloat) frame);
  }
  for (guint i = 0; i < 3; i++)
    push_event (f.pads[i], gst_event_new_eos ());
  assert_equals_int (count_events (f.pads[0], GST_EVENT_EOS, NULL), 1);
  tear_down (&f);
}
GST_END_TEST;

/* --- pads --- */

static void
release (Fixture *f, guint idx)
{
  g_autoptr (GstPad) pad = gst_pad_get_peer (f->pads[idx]->srcpad);

  gst_pad_unlink (f->pads[idx]->srcpad, pad);
  gst_element_release_request_pad (f->mux, pad);
}

/* What the next pad has put down leaves, with a segment of its stream. */
GST_START_TEST (test_release_main_pad)
{
  Fixture f = set_up (3, 0);
  g_autoptr (GstEvent) event = NULL;
  const GstSegment *segment;

  push_event (f.pads[0], new_segment (0));
  push_event (f.pads[1], new_segment (3));
  push_event (f.pads[2], new_segment (0));
  push (f.pads[2], 0);
  push (f.pads[1], 0);
  release (&f, 0);
  check_next (f.pads[0], 2, 0);
  assert_equals_int (push (f.pads[2], 1), GST_FLOW_OK);
  assert_equals_int (push (f.pads[1], 1), GST_FLOW_OK);
  check_next (f.pads[0], 2, 1);
  fail_unless (count_events (f.pads[0], GST_EVENT_SEGMENT, &event) > 0);
  gst_event_parse_segment (event, &segment);
  assert_equals_uint64 (segment->time, 3);
  tear_down (&f);
}
GST_END_TEST;

/* The main pad goes, and the next one has ended already. */
GST_START_TEST (test_release_before_an_end)
{
  Fixture f = set_up (2, 0);

  push (f.pads[1], 0);
  push_event (f.pads[1], gst_event_new_eos ());
  release (&f, 0);
  check_next (f.pads[0], 1, 0);
  fail_unless (pull_end (f.pads[0]));
  tear_down (&f);
}
GST_END_TEST;

static gpointer
push_frame (gpointer data)
{
  return GINT_TO_POINTER (push (data, 1));
}

/* The main pad's thread waits for partners when a pad below it comes. */
GST_START_TEST (test_request_new_main_pad)
{
  Fixture f = set_up (2, 2);
  GThread *thread;

  push (f.pads[1], 0);
  push (f.pads[0], 0);
  check_next (f.pads[0], 2, 0);
  thread = g_thread_new ("main", push_frame, f.pads[0]);
  f.pads[2] = gst_harness_new_with_element (f.mux, "sink_0", NULL);
  gst_harness_set_src_caps (f.pads[2], dnn_check_caps ("1"));
  push (f.pads[1], 1);
  assert_equals_int (push (f.pads[2], 1), GST_FLOW_OK);
  assert_equals_int (GPOINTER_TO_INT (g_thread_join (thread)), GST_FLOW_OK);
  check_next (f.pads[0], 3, 1);
  tear_down (&f);
}
GST_END_TEST;

/* --- dnnbin with two inputs --- */

typedef struct
{
  GstElement *bin;
  GstHarness *a, *b;
} Inputs;

static Inputs
set_up_inputs (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b");
  Inputs self;

  self.bin = dnn_check_make_bin (config);
  self.b = gst_harness_new_with_element (self.bin, "sink_b", NULL);
  self.a = gst_harness_new_with_element (self.bin, "sink", "src");
  gst_harness_set_src_caps (self.b, dnn_check_caps ("4:1"));
  gst_harness_set_src_caps (self.a, dnn_check_caps ("4:1"));
  return self;
}

static void
tear_down_inputs (Inputs *self)
{
  gst_harness_teardown (self->b);
  gst_harness_teardown (self->a);
  gst_object_unref (self->bin);
}

static void
push_both (Inputs *self, guint frame)
{
  gst_harness_push (self->b, dnn_check_buffer (1, 4, (gfloat) frame, frame));
  gst_harness_push (self->a, dnn_check_buffer (1, 4, (gfloat) frame, frame));
}

/* 3 (b + 2a) with a = b = @frame */
static void
check_both (Inputs *self, guint frame)
{
  GstBuffer *out = gst_harness_pull (self->a);

  fail_unless (out != NULL);
  assert_equals_float (dnn_check_get_float (out, 0, 0), 9 * (gfloat) frame);
  gst_buffer_unref (out);
}

static void
flush (GstHarness *h)
{
  push_event (h, gst_event_new_flush_start ());
  push_event (h, gst_event_new_flush_stop (TRUE));
  push_event (h, new_segment (0));
}

/* Frames stand in all branches while one input is flushed. None of them waits
 * for ever for a partner that is gone. */
GST_START_TEST (test_flush_of_one_input)
{
  Inputs in = set_up_inputs ();
  GstHarness *flushed = __i__ == 0 ? in.a : in.b;
  gulong probe = gst_pad_add_probe (in.a->sinkpad,
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, NULL, NULL, NULL);
  GstClockTime pts;

  for (guint frame = 0; frame < 4; frame++)
    push_both (&in, frame);
  flush (flushed);
  gst_pad_remove_probe (in.a->sinkpad, probe);
  push_both (&in, 50);
  push_both (&in, 51);
  do {
    GstBuffer *out = gst_harness_pull (in.a);
    fail_unless (out != NULL);
    pts = GST_BUFFER_PTS (out);
    gst_buffer_unref (out);
  } while (pts != 510 * GST_MSECOND);
  tear_down_inputs (&in);
}
GST_END_TEST;

/* Caps that came before a flush count behind it. */
GST_START_TEST (test_flush_before_the_first_frame)
{
  Inputs in = set_up_inputs ();

  flush (in.b);
  flush (in.a);
  push_both (&in, 1);
  check_both (&in, 1);
  tear_down_inputs (&in);
}
GST_END_TEST;

/* The stream of an input whose pad is released has ended, and so has all. */
GST_START_TEST (test_release_an_input)
{
  Inputs in = set_up_inputs ();
  g_autoptr (GstPad) pad = gst_pad_get_peer (in.b->srcpad);

  push_both (&in, 1);
  check_both (&in, 1);
  gst_pad_unlink (in.b->srcpad, pad);
  gst_element_release_request_pad (in.bin, pad);
  gst_harness_push (in.a, dnn_check_buffer (1, 4, 2, 2));
  fail_unless (pull_end (in.a));
  tear_down_inputs (&in);
}
GST_END_TEST;

/* --- seeks --- */

typedef struct
{
  GMutex lock;
  GCond changed;
  guint n_buffers;
} Count;

static GstPadProbeReturn
count_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Count *count = data;

  g_mutex_lock (&count->lock);
  count->n_buffers++;
  g_cond_signal (&count->changed);
  g_mutex_unlock (&count->lock);
  return GST_PAD_PROBE_OK;
}

/* Three buffers more. */
static gboolean
wait_for_data (Count *count)
{
  gint64 end = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;
  gboolean flows = TRUE;
  guint n_wanted;

  g_mutex_lock (&count->lock);
  n_wanted = count->n_buffers + 3;
  while (flows && count->n_buffers < n_wanted)
    flows = g_cond_wait_until (&count->changed, &count->lock, end);
  g_mutex_unlock (&count->lock);
  return flows;
}

#define SOURCE(name)                                             \
  "videotestsrc name=" name " ! video/x-raw,width=16,height=16 " \
  "! dnnpreprocess width=4 height=1 color=gray ! queue ! "

/* Where two sources meet, and what is sought. */
static const gchar *const seek_lines[] = {
  "dnnmux name=m ! fakesink name=k async=false " SOURCE (
      "a") "m.sink_0 " SOURCE ("b") "m.sink_1",
  "dnnbin name=m ! fakesink name=k async=false " SOURCE ("a") "m.sink " SOURCE (
      "b") "m.sink_b",
};
static const gchar *const seek_orders[] = { "ab", "ba", "a", "b" };

static void
seek (GstElement *pipeline, gchar source, guint64 time)
{
  const gchar name[] = { source, '\0' };
  g_autoptr (GstElement)
      element = gst_bin_get_by_name (GST_BIN (pipeline), name);

  fail_unless (gst_element_seek_simple (
      element, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, (gint64) time));
}

/* DNN_TEST_SEEKS=500 for a long run. */
GST_START_TEST (test_seeks)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b");
  g_autofree gchar *path = dnn_check_export (config, dnn_check_get_folder ());
  const gchar *order = seek_orders[__i__ % 4];
  const gchar *rounds = g_getenv ("DNN_TEST_SEEKS");
  guint64 n_seeks = rounds != NULL ? g_ascii_strtoull (rounds, NULL, 10) : 10;
  g_autoptr (GstElement)
      pipeline = gst_parse_launch (seek_lines[__i__ / 4], NULL);
  g_autoptr (GstElement)
      meeting = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "k");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  Count count = { .n_buffers = 0 };

  if (__i__ / 4 == 1)
    g_object_set (meeting, "config", path, NULL);
  g_mutex_init (&count.lock);
  g_cond_init (&count.changed);
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, &count, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless (wait_for_data (&count));
  for (guint64 i = 0; i < n_seeks; i++) {
    for (const gchar *c = order; *c != '\0'; c++)
      seek (pipeline, *c, i % 5 * GST_SECOND);
    fail_unless (wait_for_data (&count), "seek %" G_GUINT64_FORMAT, i);
  }
  dnn_check_assert_no_error (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_mutex_clear (&count.lock);
  g_cond_clear (&count.changed);
}
GST_END_TEST;

static Suite *
joins_suite (void)
{
  Suite *suite = suite_create ("joins");
  TCase *cases = tcase_create ("joins");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_event_into_a_flush);
  tcase_add_test (cases, test_flush_of_another_pad);
  tcase_add_loop_test (cases, test_flush_of_all, 0, 2);
  tcase_add_test (cases, test_events_after_the_end);
  tcase_add_test (cases, test_seqnum_of_the_end);
  tcase_add_loop_test (cases, test_new_stream_after_the_end, 0, 2);
  tcase_add_test (cases, test_one_thread);
  tcase_add_test (cases, test_release_main_pad);
  tcase_add_test (cases, test_release_before_an_end);
  tcase_add_test (cases, test_request_new_main_pad);
  tcase_add_loop_test (cases, test_flush_of_one_input, 0, 2);
  tcase_add_test (cases, test_flush_before_the_first_frame);
  tcase_add_test (cases, test_release_an_input);
  tcase_add_loop_test (cases, test_seeks, 0,
      G_N_ELEMENTS (seek_lines) * G_N_ELEMENTS (seek_orders));
  return suite;
}

GST_CHECK_MAIN (joins);
