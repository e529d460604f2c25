/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnbin: pipelined results equal serial ones, in order; several inputs; gaps;
 * limits; elements of others as stages. What can be wrong: test-bin-errors.c.
 */
#include "config.h"

#include <glib/gstdio.h>

#include "gst-plugin/stream/gstdnncaps.h"
#include "pipeline-core/base/dnn-target.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* Names of the children, for messages. */
static gboolean
has_child (GstElement *bin, const gchar *name)
{
  g_autoptr (GstElement) child = gst_bin_get_by_name (GST_BIN (bin), name);

  return child != NULL;
}

static gpointer
push_in_thread (gpointer data)
{
  dnn_check_push_frames (data, 300);
  return NULL;
}

/* Blocks of memory that module @idx has taken so far. */
static guint64
get_blocks (GstElement *bin, guint idx)
{
  g_autofree gchar *name = g_strdup_printf ("module%u::memory-blocks", idx);
  guint64 n_blocks;

  gst_child_proxy_get (GST_CHILD_PROXY (bin), name, &n_blocks, NULL);
  return n_blocks;
}

GST_START_TEST (test_pipelined_equals_serial)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  GThread *thread;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  thread = g_thread_new ("push", push_in_thread, h);
  for (guint frame = 0; frame < 300; frame++) {
    GstBuffer *out = gst_harness_pull (h);
    fail_unless (out != NULL);
    assert_equals_uint64 (GST_BUFFER_PTS (out), frame * 10 * GST_MSECOND);
    for (guint i = 0; i < 4; i++)
      assert_equals_float (
          dnn_check_get_float (out, 0, i), 91.0f * (gfloat) (frame + i));
    gst_buffer_unref (out);
  }
  g_thread_join (thread);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* What was built, and that the links are the bindings. */
GST_START_TEST (test_children)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  g_autofree gchar *dot = NULL;
  guint depth;
  static const gchar *names[] = { "entrance", "queue_in0", "module0", "module1",
    "module2", "tee_0", "mux_1", "mux_2", "queue_0_1", "queue_0_2",
    "queue_1_2" };

  gst_element_set_state (bin, GST_STATE_READY);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    fail_unless (has_child (bin, names[i]), "%s", names[i]);
  assert_equals_int (GST_BIN_NUMCHILDREN (bin), G_N_ELEMENTS (names));
  dot = gst_debug_bin_to_dot_data (GST_BIN (bin), GST_DEBUG_GRAPH_SHOW_ALL);
  fail_unless (strstr (dot, "module2") != NULL);
  gst_child_proxy_get (
      GST_CHILD_PROXY (bin), "queue_0_2::max-size-buffers", &depth, NULL);
  assert_equals_int (depth, 6); /* one stage is skipped: 2 · 3 */
  gst_child_proxy_get (
      GST_CHILD_PROXY (bin), "queue_1_2::max-size-buffers", &depth, NULL);
  assert_equals_int (depth, 2);
  gst_element_set_state (bin, GST_STATE_NULL);
  assert_equals_int (GST_BIN_NUMCHILDREN (bin), 0);
}
GST_END_TEST;

/* The team of one instance: the stage's own, else the bin's. */
GST_START_TEST (test_threads)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = NULL;
  static const gint expected[] = { 7, 3, 7 };

  dnn_pipeline_config_get_stage (config, 1)->threads = 3;
  bin = dnn_check_make_bin (config);
  g_object_set (bin, "threads", 7, NULL);
  gst_element_set_state (bin, GST_STATE_READY);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *name = g_strdup_printf ("module%u::threads", i);
    gint threads;
    gst_child_proxy_get (GST_CHILD_PROXY (bin), name, &threads, NULL);
    assert_equals_int (threads, expected[i]);
  }
  gst_element_set_state (bin, GST_STATE_NULL);
}
GST_END_TEST;

/* How modules are made ready. */
GST_START_TEST (test_target)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);

  gst_util_set_object_arg (G_OBJECT (bin), "tune", "cached");
  g_object_set (bin, "fast-math", FALSE, "winograd", FALSE, NULL);
  gst_element_set_state (bin, GST_STATE_READY);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *name = g_strdup_printf ("module%u", i);
    g_autoptr (GstElement) module = gst_bin_get_by_name (GST_BIN (bin), name);
    gboolean fast_math, winograd;
    g_autofree gchar *tune_file = NULL;
    gint tune;
    g_object_get (module, "tune", &tune, "fast-math", &fast_math, "winograd",
        &winograd, "tune-file", &tune_file, NULL);
    assert_equals_int (tune, DNN_TUNE_CACHED);
    fail_if (fast_math || winograd || tune_file);
  }
  gst_element_set_state (bin, GST_STATE_NULL);
}
GST_END_TEST;

static gpointer
push_second_in_thread (gpointer data)
{
  for (guint frame = 1; frame < 40; frame += 2)
    gst_harness_push (
        data, dnn_check_buffer (1, 4, 1000.0f + (gfloat) frame, frame));
  gst_harness_push_event (data, gst_event_new_eos ());
  return NULL;
}

/* The second input has every other frame; the others are dropped at the
 * entrance, and never reach a module. */
GST_START_TEST (test_two_inputs)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b.c");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *b = gst_harness_new_with_element (bin, "sink_b_c", NULL);
  GstHarness *a = gst_harness_new_with_element (bin, "sink", "src");
  GstFlowReturn flow = GST_FLOW_OK;
  GThread *thread;
  guint64 frames;

  gst_harness_set_src_caps (b, dnn_check_caps ("4:1"));
  gst_harness_set_src_caps (a, dnn_check_caps ("4:1"));
  thread = g_thread_new ("b", push_second_in_thread, b);
  for (guint frame = 0; frame < 60 && flow == GST_FLOW_OK; frame++)
    flow = gst_harness_push (a, dnn_check_buffer (1, 4, (gfloat) frame, frame));
  g_thread_join (thread);
  for (guint frame = 1; frame < 40; frame += 2) {
    GstBuffer *out = gst_harness_pull (a);
    fail_unless (out != NULL);
    assert_equals_int (gst_buffer_n_memory (out), 2);
    assert_equals_float (dnn_check_get_float (out, 0, 0),
        3.0f * (1000.0f + 3.0f * (gfloat) frame));
    assert_equals_float (
        dnn_check_get_float (out, 1, 0), 2.0f * (gfloat) frame);
    gst_buffer_unref (out);
  }
  gst_child_proxy_get (GST_CHILD_PROXY (bin), "module0::frames", &frames, NULL);
  assert_equals_uint64 (frames, 20);
  gst_harness_teardown (b);
  gst_harness_teardown (a);
}
GST_END_TEST;

/* In steady state no module takes memory from the system, and what the second
 * module reads is what the first has written. */
GST_START_TEST (test_no_copy_and_no_allocation)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  guint64 before[3], after[3];

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint frame = 0; frame < 300; frame++) {
    gst_harness_push (h, dnn_check_buffer (1, 4, 1, frame));
    gst_buffer_unref (gst_harness_pull (h));
    if (frame == 30)
      for (guint i = 0; i < 3; i++)
        before[i] = get_blocks (bin, i);
  }
  for (guint i = 0; i < 3; i++) {
    after[i] = get_blocks (bin, i);
    assert_equals_uint64 (after[i], before[i]);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

/* An ONNX file in two stages gives what it gives in one. */
static void
run_ball (GstElement *bin, gfloat *results, guint n_results)
{
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstQuery) query = NULL;
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  GstDnnTensorsInfo info;
  GstBuffer *src = gst_buffer_new (), *out;

  caps = gst_caps_fixate (gst_pad_peer_query_caps (h->srcpad, NULL));
  fail_unless (gst_dnn_tensors_info_from_caps (&info, caps, NULL));
  for (guint i = 0; i < info.n_tensors; i++) {
    guint n = (guint) (gst_dnn_tensors_info_get_size (&info, i) / 4);
    GstBuffer *one = dnn_check_buffer (1, n, 0, 0);
    GstMapInfo map;
    gst_buffer_map (one, &map, GST_MAP_WRITE);
    for (guint j = 0; j < n; j++)
      ((gfloat *) map.data)[j] = (gfloat) (j * 7919 % 256) / 255.0f;
    gst_buffer_unmap (one, &map);
    gst_buffer_append_memory (src, gst_buffer_get_memory (one, 0));
    gst_buffer_unref (one);
  }
  GST_BUFFER_PTS (src) = 0;
  gst_harness_set_src_caps (h, gst_caps_ref (caps));
  assert_equals_int (gst_harness_push (h, src), GST_FLOW_OK);
  out = gst_harness_pull (h);
  for (guint i = 0; i < n_results; i++)
    results[i] = dnn_check_get_float (out, 0, i);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_START_TEST (test_model_is_cut)
{
  g_autoptr (GstElement)
      whole = gst_object_ref_sink (gst_element_factory_make ("dnnbin", NULL));
  g_autoptr (GstElement)
      cut = gst_object_ref_sink (gst_element_factory_make ("dnnbin", NULL));
  g_autofree gchar *model = g_build_filename (
      g_getenv ("DNN_EXAMPLES"), "ball", "ball.onnx", NULL);
  gfloat a[64], b[64];

  g_object_set (whole, "model", model, "threads", 1, NULL);
  g_object_set (
      cut, "model", model, "threads", 2, "stages", 2, "cuts", "stage1", NULL);
  run_ball (whole, a, G_N_ELEMENTS (a));
  run_ball (cut, b, G_N_ELEMENTS (b));
  for (guint i = 0; i < G_N_ELEMENTS (a); i++)
    fail_unless (ABS (a[i] - b[i]) <= 1e-4f * (1 + ABS (a[i])), "%u: %g, %g", i,
        (gdouble) a[i], (gdouble) b[i]);
}
GST_END_TEST;

/* The addresses of all memories that pass a pad. */
static GstPadProbeReturn
note_memories (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++)
    g_ptr_array_add (data, gst_buffer_peek_memory (buffer, i));
  return GST_PAD_PROBE_OK;
}

static void
watch_pad (
    GstElement *bin, const gchar *child, const gchar *name, GPtrArray *memories)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (bin), child);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, name);

  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER, note_memories, memories, NULL);
}

GST_START_TEST (test_same_memory)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  g_autoptr (GPtrArray) written = g_ptr_array_new ();
  g_autoptr (GPtrArray) past = g_ptr_array_new ();
  g_autoptr (GPtrArray) read = g_ptr_array_new ();

  watch_pad (bin, "module0", "src", written);
  watch_pad (bin, "module1", "src", past);
  watch_pad (bin, "module2", "sink", read);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gst_harness_push (h, dnn_check_buffer (1, 4, 1, 0));
  gst_buffer_unref (gst_harness_pull (h));
  /* m2 reads m1.0 and, past m1, m0.1. */
  assert_equals_int (read->len, 2);
  fail_unless (read->pdata[0] == past->pdata[0]);
  fail_unless (read->pdata[1] == written->pdata[1]);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- gaps --- */

GST_START_TEST (test_gaps_become_events)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  GstEvent *event;
  guint n_gaps = 0;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0));
  gst_harness_push (h, dnn_check_gap (1u << 20, 1));
  gst_harness_push (h, dnn_check_buffer (1, 4, 2, 2));
  gst_buffer_unref (gst_harness_pull (h));
  gst_buffer_unref (gst_harness_pull (h));
  while ((event = gst_harness_try_pull_event (h)) != NULL) {
    n_gaps += GST_EVENT_TYPE (event) == GST_EVENT_GAP;
    gst_event_unref (event);
  }
  assert_equals_int (n_gaps, 1);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Something downstream that says it is one of our decoders. */
static GstPadProbeReturn
answer_decoder_query (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);

  return GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM ? GST_PAD_PROBE_HANDLED
                                                    : GST_PAD_PROBE_OK;
}

GST_START_TEST (test_gaps_go_to_decoders)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  GstBuffer *out;

  gst_pad_add_probe (h->sinkpad,
      GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM | GST_PAD_PROBE_TYPE_PUSH,
      answer_decoder_query, NULL, NULL);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0));
  gst_harness_push (h, dnn_check_gap (1u << 20, 1));
  gst_buffer_unref (gst_harness_pull (h));
  out = gst_harness_pull (h);
  assert_equals_int (gst_buffer_n_memory (out), 0);
  assert_equals_uint64 (dnn_check_get_serial (out), 1u << 20);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- stages of others --- */

/* Gaps go past the element, keys stay, order too. */
GST_START_TEST (test_element_stage)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) bin = NULL;
  GstHarness *h;
  guint expected[] = { 0, 3, 4 };

  dnn_check_add_module (config, 0, 1, 1, 2);
  dnn_pipeline_config_add_element (config, 1, "identity drop-allocation=true");
  dnn_check_add_module (config, 2, 2, 1, 3); /* 3 (2x + 2x) */
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "0:out0", "1:0");
  dnn_check_bind (config, "1:out0", "2:in0");
  dnn_check_bind (config, "0:out0", "2:in1");
  dnn_check_bind (config, "2:out0", "out:0");
  bin = dnn_check_make_bin (config);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_pad_add_probe (h->sinkpad,
      GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM | GST_PAD_PROBE_TYPE_PUSH,
      answer_decoder_query, NULL, NULL);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint frame = 0; frame < 5; frame++) {
    GstBuffer *src = frame == 1 || frame == 2
        ? dnn_check_gap (100 + frame, frame)
        : dnn_check_add_key (
              dnn_check_buffer (1, 4, (gfloat) frame, frame), 100 + frame);
    assert_equals_int (gst_harness_push (h, src), GST_FLOW_OK);
  }
  for (guint frame = 0, i = 0; frame < 5; frame++) {
    GstBuffer *out = gst_harness_pull (h);
    assert_equals_uint64 (dnn_check_get_serial (out), 100 + frame);
    if (expected[i] == frame) {
      assert_equals_float (
          dnn_check_get_float (out, 0, 0), 12.0f * (gfloat) frame);
      i++;
    } else {
      assert_equals_int (gst_buffer_n_memory (out), 0);
    }
    gst_buffer_unref (out);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- limits --- */

/* With a sink that takes nothing, no more frames than allowed get in, and with
 * drop=oldest pushing never blocks. Not dropped are the frame that leaves, two
 * in flight, and three that may be about to enter, in the queue or coming. */
GST_START_TEST (test_drop_oldest)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  guint64 in_flight, dropped;
  gulong probe;

  g_object_set (bin, "max-in-flight", 2, NULL);
  gst_util_set_object_arg (G_OBJECT (bin), "drop", "oldest");
  probe = gst_pad_add_probe (h->sinkpad,
      GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, NULL, NULL, NULL);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  dnn_check_push_frames (h, 50);
  g_object_get (bin, "in-flight", &in_flight, "dropped", &dropped, NULL);
  fail_unless (in_flight <= 2, "%" G_GUINT64_FORMAT, in_flight);
  fail_unless (dropped >= 44, "%" G_GUINT64_FORMAT, dropped);
  gst_pad_remove_probe (h->sinkpad, probe);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* A seek reaches the one source once, though it has two branches, and a flush
 * leaves nothing behind. */
GST_START_TEST (test_seek_and_flush)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  GstEvent *event;
  GstSegment segment;
  guint n_seeks = 0;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  dnn_check_push_frames (h, 3);
  for (guint i = 0; i < 3; i++)
    gst_buffer_unref (gst_harness_pull (h));
  gst_harness_push_upstream_event (h,
      gst_event_new_seek (1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
          GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0));
  while ((event = gst_harness_try_pull_upstream_event (h)) != NULL) {
    n_seeks += GST_EVENT_TYPE (event) == GST_EVENT_SEEK;
    gst_event_unref (event);
  }
  assert_equals_int (n_seeks, 1);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  dnn_check_push_frames (h, 3);
  for (guint i = 0; i < 3; i++)
    gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_latency)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_skipping_config ();
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  GstClockTime latency;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gst_harness_set_upstream_latency (h, GST_SECOND);
  latency = gst_harness_query_latency (h);
  fail_unless (latency > GST_SECOND && latency < 2 * GST_SECOND);
  gst_harness_teardown (h);
}
GST_END_TEST;

static void
stop_bin (GObject *queue, GParamSpec *spec, gpointer bin)
{
  gst_element_set_state (bin, GST_STATE_NULL);
}

/* What is inside goes away while a property reaches it, as in another thread:
 * the second queue is there until it has it, too. */
GST_START_TEST (test_set_while_stopped)
{
  g_autoptr (DnnPipelineConfig) config = dnn_check_two_input_config ("b.c");
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstElement *queues[2];

  gst_element_set_state (bin, GST_STATE_READY);
  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *name = g_strdup_printf ("queue_in%u", i);
    queues[i] = gst_bin_get_by_name (GST_BIN (bin), name);
    g_object_add_weak_pointer (G_OBJECT (queues[i]), (gpointer *) &queues[i]);
  }
  g_signal_connect (queues[0], "notify::leaky", G_CALLBACK (stop_bin), bin);
  gst_object_unref (queues[0]);
  gst_object_unref (queues[1]);
  gst_util_set_object_arg (G_OBJECT (bin), "drop", "newest");
  fail_unless (queues[0] == NULL && queues[1] == NULL);
  assert_equals_int (GST_BIN_NUMCHILDREN (bin), 0);
}
GST_END_TEST;

static Suite *
bin_suite (void)
{
  Suite *suite = suite_create ("bin");
  TCase *cases = tcase_create ("bin");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_pipelined_equals_serial);
  tcase_add_test (cases, test_children);
  tcase_add_test (cases, test_threads);
  tcase_add_test (cases, test_target);
  tcase_add_test (cases, test_two_inputs);
  tcase_add_test (cases, test_no_copy_and_no_allocation);
  tcase_add_test (cases, test_same_memory);
  tcase_add_test (cases, test_model_is_cut);
  tcase_add_test (cases, test_gaps_become_events);
  tcase_add_test (cases, test_gaps_go_to_decoders);
  tcase_add_test (cases, test_element_stage);
  tcase_add_test (cases, test_drop_oldest);
  tcase_add_test (cases, test_seek_and_flush);
  tcase_add_test (cases, test_latency);
  tcase_add_test (cases, test_set_while_stopped);
  return suite;
}

GST_CHECK_MAIN (bin);
