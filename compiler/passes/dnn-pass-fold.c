/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results that inference computed (dnn-infer-fold.c) → params in place of their
 * nodes. Next: dnn-pass-identity.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/plan/dnn-infer.h"

/* @result becomes a param of its name. */
static void
replace_result (DnnGraph *graph, DnnValue *result, DnnTensor *tensor)
{
  DnnValue *param = dnn_pass_add_param (
      graph, result->name, dnn_tensor_ref (tensor));
  g_autofree gchar *name = g_strdup (result->name);

  dnn_graph_replace_uses (graph, result, param);
  dnn_graph_remove_value (graph, result);
  dnn_graph_rename_value (graph, param, name);
}

/* Nodes of whose results none is left. */
static void
remove_empty_nodes (DnnGraph *graph)
{
  g_autoptr (GPtrArray) nodes = dnn_pass_list_nodes (graph);

  for (guint n = 0; n < nodes->len; n++) {
    DnnNode *node = nodes->pdata[n];
    gboolean empty = TRUE;
    for (guint i = 0; i < node->outputs->len; i++)
      empty = empty && !node->outputs->pdata[i];
    if (empty)
      dnn_graph_remove_node (graph, node);
  }
}

static gboolean
take_inferred (DnnGraph *graph, GError **error)
{
  g_autoptr (DnnInference) inference = dnn_infer_graph (
      graph, NULL, NULL, DNN_INFER_FOLD_FOR_GOOD, error);
  g_autoptr (GPtrArray) results = g_ptr_array_new ();

  if (!inference)
    return FALSE;
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_RESULT && inference->values[i].tensor)
      g_ptr_array_add (results, value);
  }
  for (guint i = 0; i < results->len; i++) {
    DnnValue *value = results->pdata[i];
    DnnTensor *tensor = dnn_inference_get (inference, value)->tensor;
    replace_result (graph, value, tensor);
  }
  remove_empty_nodes (graph);
  return TRUE;
}

gboolean
dnn_pass_fold (DnnGraph *graph, GError **error)
{
  return take_inferred (graph, error) && dnn_pass_finish (graph, error);
}
