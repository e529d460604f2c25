/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmodule and dnnbin with state from frame to frame: when it stays, when it
 * begins again, how many instances there are. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* hn = x + h. */
static DnnModule *
make_sum (void)
{
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) 4);
  g_autoptr (DnnGraph) graph = dnn_graph_new ("sum");
  DnnNode *node = dnn_graph_add_node (graph, "add", "Add");
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  dnn_node_add_input (
      node, dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape));
  dnn_node_add_input (
      node, dnn_graph_add_input (graph, "h", DNN_TYPE_FLOAT32, &shape));
  dnn_graph_add_output (graph, "hn", dnn_graph_add_result (graph, node, "hn"));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

/* @n of them, one behind the other. */
static DnnPipelineConfig *
make_config (guint n)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();

  for (guint i = 0; i < n; i++) {
    g_autoptr (DnnModule) module = make_sum ();
    dnn_pipeline_config_add_module (config, (gint) i, module);
    fail_unless (
        dnn_pipeline_config_bind_state (config, (gint) i, 0, "h", NULL, NULL));
  }
  dnn_check_bind (config, "in:a", "0:x");
  if (n == 2)
    dnn_check_bind (config, "0:out0", "1:x");
  dnn_check_bind (config, n == 2 ? "1:out0" : "0:out0", "out:0");
  return config;
}

static GstHarness *
make_harness (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autofree gchar *path = dnn_check_export (config, dnn_check_get_folder ());
  g_autoptr (GstElement) element = gst_element_factory_make ("dnnmodule", NULL);
  GstHarness *h;

  gst_object_ref_sink (element);
  g_object_set (element, "model", path, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  return h;
}

/* A frame of @x → the sum so far. */
static gfloat
run (GstHarness *h, gfloat x, guint frame, GstBufferFlags flags)
{
  GstBuffer *src = dnn_check_buffer (1, 4, x, frame), *dst;
  gfloat sum;

  GST_BUFFER_FLAG_SET (src, flags);
  dnn_check_add_key (src, frame + 1);
  assert_equals_int (gst_harness_push (h, src), GST_FLOW_OK);
  dst = gst_harness_pull (h);
  sum = dnn_check_get_float (dst, 0, 0);
  gst_buffer_unref (dst);
  return sum;
}

GST_START_TEST (test_frames)
{
  GstHarness *h = make_harness ();
  gfloat sum = 0;

  for (guint i = 0; i < 50; i++) {
    sum += (gfloat) i;
    assert_equals_float (run (h, (gfloat) i, i, 0), sum);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_discont)
{
  GstHarness *h = make_harness ();

  run (h, 5, 0, GST_BUFFER_FLAG_DISCONT);
  assert_equals_float (run (h, 1, 1, 0), 6);
  assert_equals_float (run (h, 1, 2, GST_BUFFER_FLAG_DISCONT), 1);
  assert_equals_float (run (h, 1, 3, 0), 2);
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_gap)
{
  GstHarness *h = make_harness ();

  run (h, 5, 0, 0);
  assert_equals_int (gst_harness_push (h, dnn_check_gap (2, 1)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  fail_unless (gst_harness_push_event (
      h, gst_event_new_gap (20 * GST_MSECOND, 10 * GST_MSECOND)));
  assert_equals_float (run (h, 1, 3, 0), 6);
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_flush)
{
  GstHarness *h = make_harness ();
  GstSegment segment;

  run (h, 5, 0, 0);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  assert_equals_float (run (h, 1, 1, 0), 1);
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_stream_start)
{
  g_autoptr (GstCaps) caps = dnn_check_caps ("4:1");
  GstHarness *h = make_harness ();
  GstSegment segment;

  run (h, 5, 0, 0);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  assert_equals_float (run (h, 1, 1, 0), 6);
  fail_unless (
      gst_harness_push_event (h, gst_event_new_stream_start ("another")));
  fail_unless (gst_harness_push_event (h, gst_event_new_caps (caps)));
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  assert_equals_float (run (h, 1, 2, 0), 1);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Two stages at once, each with one instance; a frame that is marked begins
 * again in both. */
GST_START_TEST (test_bin)
{
  g_autoptr (DnnPipelineConfig) config = make_config (2);
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h = gst_harness_new_with_element (bin, "sink", "src");
  gfloat sum = 0, total = 0;
  guint64 n;

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint i = 0; i < 30; i++) {
    GstBuffer *buffer = dnn_check_buffer (1, 4, (gfloat) i, i);
    if (i == 20)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    assert_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  }
  for (guint i = 0; i < 30; i++) {
    GstBuffer *buffer = gst_harness_pull (h);
    if (i == 20)
      sum = total = 0;
    sum += (gfloat) i;
    total += sum;
    assert_equals_float (dnn_check_get_float (buffer, 0, 0), total);
    gst_buffer_unref (buffer);
  }
  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *name = g_strdup_printf ("module%u::active-instances", i);
    gst_child_proxy_get (GST_CHILD_PROXY (bin), name, &n, NULL);
    assert_equals_uint64 (n, 1);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_instances)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autofree gchar *path = dnn_check_export (config, dnn_check_get_folder ());
  g_autoptr (GstElement) element = gst_element_factory_make ("dnnmodule", NULL);
  g_autoptr (GstBus) bus = NULL;
  const gchar *const parts[] = { "instances is 2", "json0 keeps state",
    "(\"h\")", "only 1 was expected", NULL };

  gst_object_ref_sink (element);
  bus = dnn_check_add_bus (element);
  g_object_set (element, "model", path, "instances", "2", NULL);
  assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
  gst_element_set_state (element, GST_STATE_NULL);
}
GST_END_TEST;

static Suite *
module_states_suite (void)
{
  Suite *suite = suite_create ("module-states");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_frames);
  tcase_add_test (cases, test_discont);
  tcase_add_test (cases, test_gap);
  tcase_add_test (cases, test_flush);
  tcase_add_test (cases, test_stream_start);
  tcase_add_test (cases, test_bin);
  tcase_add_test (cases, test_instances);
  return suite;
}

GST_CHECK_MAIN (module_states);
