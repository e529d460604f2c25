/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → graph JSON → a module. A graph that is read is written and read back
 * equal. */
#include "config.h"

#include "fuzz.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/dnn-module.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  g_autoptr (DnnGraph) back = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autofree gchar *json = NULL;

  dnn_init ();
  graph = dnn_graph_new_from_data (
      (const gchar *) data, (gssize) size, "graph", &error);
  g_assert_true ((graph == NULL) == (error != NULL));
  if (!graph)
    return 0;
  json = dnn_graph_to_json (graph);
  back = dnn_graph_new_from_data (json, -1, "graph", &error);
  g_assert_no_error (error);
  g_assert_true (dnn_graph_equal (graph, back));
  module = dnn_module_new (graph, &error);
  g_assert_true ((module == NULL) == (error != NULL));
  return 0;
}
