/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineExecutor with what no stream carries: modules without inputs,
 * tensors without elements. */
#include "config.h"

#include <gst/gst.h>

#include "tests/elements/executor/executor-sample.h"

/* "y" = "w" (all @w) + "v" (all 1), from no input. */
static DnnModule *
make_constant (gfloat w)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("constant");
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  DnnNode *node = dnn_graph_add_node (graph, "sum", "Add");
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
    gfloat *data = dnn_tensor_get_writable_data (tensor);
    for (guint j = 0; j < SAMPLE_SIZE; j++)
      data[j] = i ? 1 : w;
    dnn_node_add_input (
        node, dnn_graph_add_param (graph, i ? "v" : "w", tensor));
  }
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

/* The constant to output 0; with @joins, the sum of that, of global input "x"
 * and of 10, its param "w" in group "g". */
static DnnPipelineConfig *
make_config (gboolean joins)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  g_autoptr (DnnModule) first = make_constant (2);
  g_autoptr (DnnModule) second = sample_module (1, 10, "c", "x");
  DnnPipelineModule *a = dnn_pipeline_config_get_module (config, first);
  DnnPipelineInterface *end = dnn_pipeline_module_get_output (a, 0, NULL);

  if (joins) {
    DnnPipelineModule *b = dnn_pipeline_config_get_module (config, second);
    sample_connect (dnn_pipeline_config_get_param_group (config, "g"),
        dnn_pipeline_module_get_param (b));
    sample_connect (end, dnn_pipeline_module_get_input (b, "c", NULL));
    sample_connect (dnn_pipeline_config_get_input (config, "x"),
        dnn_pipeline_module_get_input (b, "x", NULL));
    end = dnn_pipeline_module_get_output (b, 0, NULL);
  }
  sample_connect (end, dnn_pipeline_config_get_output (config, 0));
  return config;
}

static void
check_next (DnnPipelineExecutor *executor, gfloat first)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      frame = dnn_pipeline_executor_wait_output (executor, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (frame->len, ==, 1);
  g_assert_cmpfloat (sample_get_first (frame), ==, first);
}

static void
test_no_inputs (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (FALSE);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (dnn_pipeline_executor_get_num_inputs (executor), ==, 0);
  for (guint i = 0; i < 5; i++)
    g_assert_true (dnn_pipeline_executor_run (executor, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 5; i++)
    check_next (executor, 2 + 1);
  g_assert_cmpuint (
      dnn_pipeline_executor_get_num_executing_pipeline (executor), ==, 5);
}

static void
test_joined (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (TRUE);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_executor_run (executor, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNBOUND);
  for (guint i = 0; i < 5; i++)
    sample_run_first (executor, (gfloat) i);
  for (guint i = 0; i < 5; i++)
    check_next (executor, 2 + 1 + (gfloat) i + 10);
}

/* Of frames behind the call, in all modules or none. */
static void
test_params (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (TRUE);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (DnnParams) wrong = dnn_params_new ();
  g_autoptr (DnnTensor) seven = sample_tensor (7);
  g_autoptr (GError) error = NULL;

  dnn_params_set (params, "w", seven);
  dnn_params_set (wrong, "u", seven);
  sample_run_first (executor, 0);
  g_assert_false (
      dnn_pipeline_executor_set_params (executor, "g", wrong, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_cmpstr (
      error->message, ==, "Param group \"g\": \"u\" is no param of its module");
  g_clear_error (&error);
  dnn_pipeline_executor_set_params (executor, "g", params, &error);
  g_assert_no_error (error);
  sample_run_first (executor, 0);
  check_next (executor, 2 + 1 + 10);
  check_next (executor, 2 + 1 + 7);
}

static void
test_stop (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config (FALSE);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 20; i++)
    g_assert_true (dnn_pipeline_executor_run (executor, NULL));
  dnn_pipeline_executor_stop (executor);
  g_assert_false (dnn_pipeline_executor_run (executor, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (
      dnn_pipeline_executor_set_params (executor, "g", params, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
}

/* 0×3 in and out. */
static void
test_empty (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnGraph) graph = dnn_graph_new ("empty");
  DnnShape shape = dnn_shape (2, (gint64) 0, (gint64) 3);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  DnnValue *x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  DnnNode *node = dnn_graph_add_node (graph, "sum", "Add");
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GPtrArray) frame = NULL;
  g_autoptr (GError) error = NULL;
  DnnPipelineModule *place;

  dnn_node_add_input (node, x);
  dnn_node_add_input (node, x);
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  place = dnn_pipeline_config_get_module (config, module);
  sample_connect (dnn_pipeline_config_get_input (config, "x"),
      dnn_pipeline_module_get_input (place, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (place, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  executor = sample_executor (config);
  sample_set (executor, tensor);
  g_assert_true (dnn_pipeline_executor_run (executor, &error));
  frame = dnn_pipeline_executor_wait_output (executor, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (frame->len, ==, 1);
  g_assert_cmpuint (dnn_tensor_get_size (frame->pdata[0]), ==, 0);
  g_assert_true (
      dnn_shape_equal (dnn_tensor_get_shape (frame->pdata[0]), &shape));
}

gint
main (gint argc, gchar **argv)
{
  g_test_init (&argc, &argv, NULL);
  sample_init ();
#define ADD(name, function) \
  g_test_add_func ("/elements/executor-serial/" name, function)
  ADD ("no-inputs", test_no_inputs);
  ADD ("joined", test_joined);
  ADD ("params", test_params);
  ADD ("stop", test_stop);
  ADD ("empty", test_empty);
  return g_test_run ();
}
