/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Elements and executors of the same files in one process: packed weights once.
 */
#include "config.h"

#include "gst-plugin/executor/gstdnnexecutor.h"
#include "pipeline-core/store/dnn-store.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

#define N_EXECUTORS 16
#define N 32

/* y = x·w, w of N×N ones times @factor, in the fixture's folder. */
static gchar *
export_product (gfloat factor)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("product");
  DnnShape row = dnn_shape (2, (gint64) 1, (gint64) N);
  DnnShape square = dnn_shape (2, (gint64) N, (gint64) N);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &square);
  gfloat *weights = dnn_tensor_get_writable_data (tensor);
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  DnnValue *x, *w;
  DnnNode *node;

  for (guint i = 0; i < N * N; i++)
    weights[i] = factor;
  x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &row);
  w = dnn_graph_add_param (graph, "w", tensor);
  node = dnn_graph_add_node (graph, "product", "MatMul");
  dnn_node_add_input (node, x);
  dnn_node_add_input (node, w);
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return dnn_check_export_module (module, dnn_check_get_folder ());
}

/* ---- elements ----------------------------------------------------------- */

static GstHarness *
start (const gchar *launch)
{
  GstHarness *harness = gst_harness_new_parse (launch);
  GstBuffer *frame;

  gst_harness_add_src_parse (harness,
      "videotestsrc pattern=ball num-buffers=1 ! "
      "capsfilter caps=video/x-raw,format=GRAY8,width=320,height=240",
      FALSE);
  gst_harness_push_from_src (harness);
  frame = gst_harness_pull (harness);
  fail_unless (frame != NULL);
  gst_buffer_unref (frame);
  return harness;
}

/* Four elements of the demo's model, made otherwise. */
GST_START_TEST (test_elements)
{
  static const gchar *const properties[] = { "", "stages=2 cuts=stage1",
    "instances=2 threads=1", "threads=1" };
  GstHarness *harnesses[G_N_ELEMENTS (properties)];
  gsize before = dnn_store_get_size (), one = 0;

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    g_autofree gchar *launch = g_strdup_printf (
        "dnnvideobin model=%s/ball/ball.onnx %s", g_getenv ("DNN_EXAMPLES"),
        properties[i]);
    harnesses[i] = start (launch);
    if (i == 0)
      one = dnn_store_get_size () - before;
  }
  fail_unless (one > 0);
  fail_unless (dnn_store_get_size () - before <= one * 11 / 10,
      "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, dnn_store_get_size () - before,
      one);
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    gst_harness_teardown (harnesses[i]);
  fail_unless (dnn_store_get_size () == before);
}
GST_END_TEST;

/* ---- executors ---------------------------------------------------------- */

static DnnPipelineExecutor *
load_executor (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnPipelineExecutor *executor = dnn_pipeline_executor_load_library (
      path, &error);

  g_assert_no_error (error);
  return executor;
}

/* All of x are 1: an element of y is N times the factor. */
static void
check_factor (DnnPipelineExecutor *executor, gfloat factor)
{
  DnnShape row = dnn_shape (2, (gint64) 1, (gint64) N);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &row);
  gfloat *numbers = dnn_tensor_get_writable_data (tensor);
  g_autoptr (GPtrArray) outputs = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N; i++)
    numbers[i] = 1;
  dnn_pipeline_executor_set_input (executor, "x", tensor, &error);
  g_assert_no_error (error);
  dnn_pipeline_executor_run (executor, &error);
  g_assert_no_error (error);
  outputs = dnn_pipeline_executor_wait_output (executor, -1, &error);
  g_assert_no_error (error);
  assert_equals_float (
      *(const gfloat *) dnn_tensor_get_data (outputs->pdata[0]), N * factor);
}

GST_START_TEST (test_executors)
{
  g_autofree gchar *path = export_product (2);
  DnnPipelineExecutor *executors[N_EXECUTORS];
  gsize before = dnn_store_get_size (), one;

  executors[0] = load_executor (path);
  check_factor (executors[0], 2);
  one = dnn_store_get_size () - before;
  fail_unless (one >= N * N * sizeof (gfloat));
  for (guint i = 1; i < N_EXECUTORS; i++) {
    executors[i] = load_executor (path);
    check_factor (executors[i], 2);
  }
  fail_unless (dnn_store_get_size () - before <= one * 11 / 10);
  for (guint i = 0; i < N_EXECUTORS; i++)
    g_object_unref (executors[i]);
  fail_unless (dnn_store_get_size () == before);
}
GST_END_TEST;

static Suite *
one_copy_suite (void)
{
  Suite *suite = suite_create ("one-copy");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_elements);
  tcase_add_test (cases, test_executors);
  return suite;
}

GST_CHECK_MAIN (one_copy);
