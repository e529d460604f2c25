/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A frame that never ends: a flush and NULL stop it, without an error. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

static DnnValue *
add_node (DnnGraph *graph, const gchar *name, const gchar *op, DnnValue *a,
    DnnValue *b)
{
  DnnNode *node = dnn_graph_add_node (graph, name, op);

  dnn_node_add_input (node, a);
  if (b != NULL)
    dnn_node_add_input (node, b);
  return dnn_graph_add_result (graph, node, name);
}

/* Without a trip count, and with a condition that stays. */
static DnnModule *
make_endless (void)
{
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) 4);
  DnnShape scalar = dnn_shape (0);
  g_autoptr (DnnGraph) graph = dnn_graph_new ("endless");
  g_autoptr (DnnGraph) body = dnn_graph_new ("body");
  DnnValue *x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  DnnNode *loop = dnn_graph_add_node (graph, "loop", "Loop");
  DnnValue *go_on, *carried;
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  dnn_graph_add_input (body, "i", DNN_TYPE_INT64, &scalar);
  go_on = dnn_graph_add_input (body, "c", DNN_TYPE_BOOL, &scalar);
  carried = dnn_graph_add_input (body, "v", DNN_TYPE_FLOAT32, &shape);
  dnn_graph_add_output (
      body, "go", add_node (body, "loop/body/go", "Identity", go_on, NULL));
  dnn_graph_add_output (
      body, "next", add_node (body, "loop/body/add", "Add", carried, carried));
  dnn_node_add_input (loop, NULL);
  dnn_node_add_input (loop, NULL);
  dnn_node_add_input (loop, x);
  dnn_node_add_subgraph (loop, "body", body);
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, loop, "y"));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

typedef struct
{
  GstHarness *harness;
  GMutex lock;
  GCond came;
  gboolean is_there;
  GstFlowReturn flow;
} Push;

static GstPadProbeReturn
note_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Push *push = data;

  g_mutex_lock (&push->lock);
  push->is_there = TRUE;
  g_cond_signal (&push->came);
  g_mutex_unlock (&push->lock);
  return GST_PAD_PROBE_OK;
}

static gpointer
push_frame (gpointer data)
{
  Push *push = data;

  push->flow = gst_harness_push (push->harness, dnn_check_buffer (1, 4, 1, 0));
  return NULL;
}

/* A harness whose element is at a frame. */
static GThread *
begin_frame (Push *push, GstElement *element)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");
  GThread *thread;

  g_mutex_init (&push->lock);
  g_cond_init (&push->came);
  push->is_there = FALSE;
  push->harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps (push->harness, dnn_check_caps ("4:1"));
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_buffer, push, NULL);
  thread = g_thread_new ("push", push_frame, push);
  g_mutex_lock (&push->lock);
  while (!push->is_there)
    g_cond_wait (&push->came, &push->lock);
  g_mutex_unlock (&push->lock);
  return thread;
}

static void
end_frame (Push *push)
{
  gst_harness_teardown (push->harness);
  g_mutex_clear (&push->lock);
  g_cond_clear (&push->came);
}

/* With one instance and with several. */
static GstElement *
make_element (const gchar *instances)
{
  g_autoptr (DnnModule) module = make_endless ();
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *element = gst_element_factory_make ("dnnmodule", NULL);

  gst_object_ref_sink (element);
  g_object_set (element, "model", path, "instances", instances, NULL);
  return element;
}

static const gchar *const numbers[] = { "1", "2" };

GST_START_TEST (test_flush)
{
  g_autoptr (GstElement) element = make_element (numbers[__i__]);
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);
  Push push;
  GThread *thread = begin_frame (&push, element);

  fail_unless (
      gst_harness_push_event (push.harness, gst_event_new_flush_start ()));
  g_thread_join (thread);
  /* Of several instances, another thread has the frame. */
  fail_unless (__i__ == 1 || push.flow == GST_FLOW_FLUSHING);
  fail_unless (
      gst_harness_push_event (push.harness, gst_event_new_flush_stop (TRUE)));
  dnn_check_assert_no_error (bus);
  end_frame (&push);
}
GST_END_TEST;

GST_START_TEST (test_null)
{
  g_autoptr (GstElement) element = make_element (numbers[__i__]);
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);
  Push push;
  GThread *thread = begin_frame (&push, element);

  assert_equals_int (gst_element_set_state (element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  g_thread_join (thread);
  dnn_check_assert_no_error (bus);
  end_frame (&push);
}
GST_END_TEST;

static Suite *
module_loops_suite (void)
{
  Suite *suite = suite_create ("module-loops");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_loop_test (cases, test_flush, 0, G_N_ELEMENTS (numbers));
  tcase_add_loop_test (cases, test_null, 0, G_N_ELEMENTS (numbers));
  return suite;
}

GST_CHECK_MAIN (module_loops);
