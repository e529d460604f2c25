/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames that nobody looks at: skipped by interval, or passed because the model
 * is busy. They keep their order, take no place, and wait so long at most. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* A dnnbin of y = 2x whose module waits at a gate; a decoder seems to follow.
 */
typedef struct
{
  GstElement *bin;
  GstHarness *h;
  GstBus *bus;
  GstPad *gate; /* sink pad of the module */
  gulong probe;
  guint64 serial;
} Fixture;

static GstPadProbeReturn
answer_decoder_query (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);

  return GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM ? GST_PAD_PROBE_HANDLED
                                                    : GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
hold (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

static void
shut (Fixture *f)
{
  f->probe = gst_pad_add_probe (f->gate,
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, hold, NULL, NULL);
}

static void
open_gate (Fixture *f)
{
  gst_pad_remove_probe (f->gate, f->probe);
}

static Fixture
set_up (const gchar *drop, guint max_in_flight)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) module = NULL;
  Fixture f = { NULL };

  dnn_check_add_module (config, 0, 1, 1, 2);
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "0:out0", "out:0");
  f.bin = dnn_check_make_bin (config);
  g_object_set (f.bin, "max-in-flight", max_in_flight, "instances", "1", NULL);
  gst_util_set_object_arg (G_OBJECT (f.bin), "drop", drop);
  f.bus = dnn_check_add_bus (f.bin);
  f.h = gst_harness_new_with_element (f.bin, "sink", "src");
  gst_pad_add_probe (f.h->sinkpad,
      GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM | GST_PAD_PROBE_TYPE_PUSH,
      answer_decoder_query, NULL, NULL);
  module = gst_bin_get_by_name (GST_BIN (f.bin), "module0");
  f.gate = gst_element_get_static_pad (module, "sink");
  f.serial = 1;
  gst_harness_set_src_caps (f.h, dnn_check_caps ("4:1"));
  return f;
}

static void
tear_down (Fixture *f)
{
  gst_object_unref (f->gate);
  gst_element_set_bus (f->bin, NULL);
  gst_harness_teardown (f->h);
  gst_object_unref (f->bus);
  gst_object_unref (f->bin);
}

/* Frame @frame with a picture of its own; skipped or to be looked at. */
static GstBuffer *
make_frame (Fixture *f, guint frame, gboolean is_skipped)
{
  GstBuffer *buffer = is_skipped
      ? dnn_check_buffer (0, 0, 0, frame)
      : dnn_check_buffer (1, 4, (gfloat) frame, frame);
  GstBuffer *picture = gst_buffer_new_allocate (NULL, 4, NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-raw");
  GstDnnFrameKey key = { f->serial++, 0, 1 };

  GST_BUFFER_PTS (picture) = GST_BUFFER_PTS (buffer);
  gst_buffer_add_dnn_frame_meta (buffer, picture, caps, NULL, NULL, &key);
  gst_buffer_unref (picture);
  if (is_skipped)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  return buffer;
}

static void
push (Fixture *f, guint frame, gboolean is_skipped)
{
  assert_equals_int (
      gst_harness_push (f->h, make_frame (f, frame, is_skipped)), GST_FLOW_OK);
}

/* The next that leaves: its own frame's picture and, if @result is not below 0,
 * twice that, of a frame so many older. */
static void
check_next (Fixture *f, guint frame, gfloat result, guint age)
{
  GstBuffer *out = gst_harness_pull (f->h);
  GstDnnFrameMeta *meta;

  fail_unless (out != NULL);
  meta = gst_buffer_get_dnn_frame_meta (out);
  assert_equals_uint64 (GST_BUFFER_PTS (out), frame * 10 * GST_MSECOND);
  assert_equals_uint64 (GST_BUFFER_PTS (meta->frame), GST_BUFFER_PTS (out));
  assert_equals_uint64 (meta->age, age * 10 * GST_MSECOND);
  assert_equals_int (gst_buffer_n_memory (out), result >= 0);
  if (result >= 0)
    assert_equals_float (dnn_check_get_float (out, 0, 0), 2 * result);
  gst_buffer_unref (out);
}

static guint64
get_count (Fixture *f, const gchar *name)
{
  guint64 count;

  g_object_get (f->bin, name, &count, NULL);
  return count;
}

/* One is looked at, while the model stands still: nothing is dropped,
 * nothing blocks, order is kept. */
GST_START_TEST (test_interval)
{
  static const gchar *const drops[] = { "oldest", "newest", "pass" };
  Fixture f = set_up (drops[__i__], 2);

  push (&f, 0, FALSE);
  check_next (&f, 0, 0, 0);
  shut (&f);
  for (guint frame = 1; frame < 30; frame++)
    push (&f, frame, frame != 1);
  assert_equals_uint64 (get_count (&f, "dropped"), 0);
  assert_equals_int (gst_harness_buffers_in_queue (f.h), 0);
  open_gate (&f);
  check_next (&f, 1, 1, 0);
  for (guint frame = 2; frame < 30; frame++)
    check_next (&f, frame, -1, 0);
  tear_down (&f);
}
GST_END_TEST;

/* What comes while the model is busy passes, in order, and is counted. */
GST_START_TEST (test_pass)
{
  Fixture f = set_up ("pass", (guint) __i__);
  g_autoptr (GstMessage) message = NULL;

  push (&f, 0, FALSE);
  check_next (&f, 0, 0, 0);
  shut (&f);
  for (guint frame = 1; frame < 6; frame++)
    push (&f, frame, FALSE);
  assert_equals_uint64 (get_count (&f, "passed"), 4);
  assert_equals_uint64 (get_count (&f, "dropped"), 0);
  fail_unless (get_count (&f, "in-flight") <= 1);
  message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_QOS);
  fail_unless (message != NULL);
  open_gate (&f);
  check_next (&f, 1, 1, 0);
  for (guint frame = 2; frame < 6; frame++)
    check_next (&f, frame, -1, 0);
  push (&f, 6, FALSE);
  check_next (&f, 6, 6, 0);
  tear_down (&f);
}
GST_END_TEST;

/* One of the skipped frames from @frame on, soon, has the results of @older. */
static void
check_late (Fixture *f, guint frame, guint older)
{
  GstBuffer *out = NULL;
  GstDnnFrameMeta *meta;

  do {
    gst_clear_buffer (&out);
    push (f, frame, TRUE);
    out = gst_harness_pull (f->h);
    assert_equals_uint64 (GST_BUFFER_PTS (out), frame++ * 10 * GST_MSECOND);
    g_thread_yield ();
    fail_unless (frame < 100000);
  } while (gst_buffer_n_memory (out) == 0);
  meta = gst_buffer_get_dnn_frame_meta (out);
  assert_equals_float (dnn_check_get_float (out, 0, 0), 2 * (gfloat) older);
  assert_equals_uint64 (meta->age, (frame - 1 - older) * 10 * GST_MSECOND);
  assert_equals_uint64 (GST_BUFFER_PTS (meta->frame), GST_BUFFER_PTS (out));
  gst_buffer_unref (out);
}

/* A model slower than the limit holds nobody up: its frame leaves without
 * results, and a later one has them. */
GST_START_TEST (test_results_of_an_older_frame)
{
  Fixture f = set_up ("pass", 1);

  g_object_set (f.bin, "pass-limit", 30, NULL);
  push (&f, 0, FALSE);
  check_next (&f, 0, 0, 0);
  shut (&f);
  for (guint frame = 1; frame < 5; frame++)
    push (&f, frame, FALSE);
  assert_equals_int (gst_harness_buffers_in_queue (f.h), 0);
  push (&f, 5, FALSE); /* 40 ms later than the first that waits */
  for (guint frame = 1; frame < 6; frame++)
    check_next (&f, frame, -1, 0);
  open_gate (&f);
  check_late (&f, 6, 1);
  push (&f, 200000, FALSE);
  check_next (&f, 200000, 200000, 0);
  tear_down (&f);
}
GST_END_TEST;

static gpointer
push_skipped (gpointer data)
{
  push (data, 9, TRUE);
  return NULL;
}

/* A file isn't hurried: upstream waits, every frame has its own results. */
GST_START_TEST (test_files_wait)
{
  Fixture f = set_up ("none", 0);
  GThread *thread;

  g_object_set (f.bin, "pass-limit", 30, NULL);
  push (&f, 0, FALSE);
  check_next (&f, 0, 0, 0);
  shut (&f);
  push (&f, 1, FALSE);
  push (&f, 2, TRUE);
  thread = g_thread_new ("push", push_skipped, &f);
  open_gate (&f);
  check_next (&f, 1, 1, 0);
  check_next (&f, 2, -1, 0);
  check_next (&f, 9, -1, 0);
  g_thread_join (thread);
  tear_down (&f);
}
GST_END_TEST;

/* A flush empties it, an end waits for all. */
GST_START_TEST (test_flush_and_end)
{
  Fixture f = set_up ("pass", 1);
  GstSegment segment;
  GstEvent *event;
  gboolean is_end = FALSE;

  push (&f, 0, FALSE);
  check_next (&f, 0, 0, 0);
  shut (&f);
  push (&f, 1, FALSE);
  push (&f, 2, TRUE);
  gst_harness_push_event (f.h, gst_event_new_flush_start ());
  open_gate (&f);
  gst_harness_push_event (f.h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (f.h, gst_event_new_segment (&segment));
  push (&f, 3, FALSE);
  push (&f, 4, TRUE);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  check_next (&f, 3, 3, 0);
  check_next (&f, 4, -1, 0);
  while (!is_end && (event = gst_harness_pull_event (f.h)) != NULL) {
    is_end = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless (is_end);
  assert_equals_int (gst_harness_buffers_in_queue (f.h), 0);
  tear_down (&f);
}
GST_END_TEST;

/* A source with few buffers goes on: copies of its pictures wait. */
GST_START_TEST (test_small_pool)
{
  Fixture f = set_up ("pass", 1);
  GstBufferPool *pool = gst_buffer_pool_new ();
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, 4, 4, 4);
  gst_buffer_pool_set_config (pool, config);
  gst_buffer_pool_set_active (pool, TRUE);
  push (&f, 0, FALSE);
  check_next (&f, 0, 0, 0);
  shut (&f);
  for (guint frame = 1; frame < 20; frame++) {
    GstBufferPoolAcquireParams dont_wait = {
      .flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT
    };
    GstBuffer *buffer = make_frame (&f, frame, frame > 1), *picture = NULL;
    GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);
    assert_equals_int (
        gst_buffer_pool_acquire_buffer (pool, &picture, &dont_wait),
        GST_FLOW_OK);
    GST_BUFFER_PTS (picture) = GST_BUFFER_PTS (buffer);
    gst_buffer_replace (&meta->frame, picture);
    gst_buffer_unref (picture);
    assert_equals_int (gst_harness_push (f.h, buffer), GST_FLOW_OK);
  }
  open_gate (&f);
  check_next (&f, 1, 1, 0);
  for (guint frame = 2; frame < 20; frame++)
    check_next (&f, frame, -1, 0);
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
  tear_down (&f);
}
GST_END_TEST;

/* Every frame leaves or is dropped, with a message each. */
GST_START_TEST (test_drops_are_counted)
{
  static const gchar *const drops[] = { "oldest", "newest" };
  Fixture f = set_up (drops[__i__], 1);
  guint n_messages = 0, n_out = 0;
  GstMessage *message;
  GstEvent *event;
  gboolean is_end = FALSE;

  for (guint frame = 0; frame < 300; frame++)
    push (&f, frame, FALSE);
  gst_harness_push_event (f.h, gst_event_new_eos ());
  while (!is_end && (event = gst_harness_pull_event (f.h)) != NULL) {
    is_end = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  while (gst_harness_buffers_in_queue (f.h) > 0) {
    gst_buffer_unref (gst_harness_pull (f.h));
    n_out++;
  }
  while ((message = gst_bus_pop_filtered (f.bus, GST_MESSAGE_QOS)) != NULL) {
    n_messages++;
    gst_message_unref (message);
  }
  assert_equals_uint64 (get_count (&f, "dropped"), 300 - n_out);
  assert_equals_int (n_messages, 300 - n_out);
  tear_down (&f);
}
GST_END_TEST;

GST_START_TEST (test_several_inputs)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);
  g_autoptr (GstMessage) message = NULL;

  gst_util_set_object_arg (G_OBJECT (bin), "drop", "pass");
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      (const gchar *[]){
          "drop: Pass is for pipelines with one input", "has 2", NULL });
  gst_element_set_state (bin, GST_STATE_NULL);
  /* Later it is only a warning. */
  gst_util_set_object_arg (G_OBJECT (bin), "drop", "none");
  gst_element_set_state (bin, GST_STATE_READY);
  gst_util_set_object_arg (G_OBJECT (bin), "drop", "pass");
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_element_set_bus (bin, NULL);
}
GST_END_TEST;

static Suite *
pass_suite (void)
{
  Suite *suite = suite_create ("pass");
  TCase *cases = tcase_create ("pass");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_loop_test (cases, test_interval, 0, 3);
  tcase_add_loop_test (cases, test_pass, 0, 2);
  tcase_add_test (cases, test_results_of_an_older_frame);
  tcase_add_test (cases, test_files_wait);
  tcase_add_test (cases, test_flush_and_end);
  tcase_add_test (cases, test_small_pool);
  tcase_add_loop_test (cases, test_drops_are_counted, 0, 2);
  tcase_add_test (cases, test_several_inputs);
  return suite;
}

GST_CHECK_MAIN (pass);
