/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineExecutor with an output that is as large as a frame says. */
#include "config.h"

#include <gst/gst.h>

#include "tests/elements/executor/executor-sample.h"

/* Places of what isn't 0 in "x". */
static DnnModule *
make_places (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("places");
  DnnShape shape = dnn_shape (2, 1, SAMPLE_SIZE);
  DnnNode *node = dnn_graph_add_node (graph, "places", "NonZero");
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  dnn_node_add_input (
      node, dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape));
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

static DnnTensor *
make_frame (guint bits)
{
  DnnTensor *tensor = sample_tensor (0);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (guint i = 0; i < SAMPLE_SIZE; i++)
    data[i] = bits >> i & 1 ? 1 : 0;
  return tensor;
}

static void
test_counts (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnModule) module = make_places ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  DnnPipelineModule *place = dnn_pipeline_config_get_module (config, module);

  sample_connect (dnn_pipeline_config_get_input (config, "x"),
      dnn_pipeline_module_get_input (place, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (place, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  executor = sample_executor (config);
  for (guint bits = 0; bits < 1 << SAMPLE_SIZE; bits++) {
    g_autoptr (DnnTensor) frame = make_frame (bits);
    g_autoptr (DnnTensor) places = sample_pass (executor, frame);
    const DnnShape *shape = dnn_tensor_get_shape (places);
    const gint64 *data = dnn_tensor_get_data (places);
    guint n = 0;
    g_assert_cmpint (shape->rank, ==, 2);
    g_assert_cmpint (shape->dims[0], ==, 2);
    for (guint i = 0; i < SAMPLE_SIZE; i++)
      if (bits >> i & 1)
        g_assert_cmpint (data[shape->dims[1] + n++], ==, i);
    g_assert_cmpint (shape->dims[1], ==, n);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  sample_init ();
  g_test_add_func ("/executor/late/counts", test_counts);
  return g_test_run ();
}
