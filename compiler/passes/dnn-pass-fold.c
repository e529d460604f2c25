/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results that inference computed (dnn-infer-fold.c) → params in place of their
 * nodes. Next: dnn-pass-identity.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/infer/dnn-infer.h"

/* @result becomes a param of its name. */
static void
replace_result (DnnGraph *graph, DnnValue *result, DnnTensor *tensor)
{
  g_autofree gchar *name = g_strdup (result->name);
  DnnValue *param = dnn_pass_add_param (graph, name, dnn_tensor_ref (tensor));
  g_autofree gchar *own = g_strdup (param->name);
  g_autofree gchar *free_name = g_strconcat (own, ".folded", NULL);
  g_autofree gchar *spare = dnn_graph_unique_name (graph, free_name);

  dnn_graph_rename_value (graph, result, spare);
  dnn_graph_rename_value (graph, param, name);
  dnn_pass_forward (result, param);
}

/* Results that inference computed, and their bytes beside them. */
static gboolean
find_computed (
    DnnGraph *graph, GPtrArray *results, GPtrArray *tensors, GError **error)
{
  g_autoptr (DnnInference) inference = dnn_infer_graph (
      graph, NULL, NULL, DNN_INFER_FOLD_FOR_GOOD, error);

  if (!inference)
    return FALSE;
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (value->kind != DNN_VALUE_RESULT || !inference->values[i].tensor)
      continue;
    g_ptr_array_add (results, value);
    g_ptr_array_add (tensors, dnn_tensor_ref (inference->values[i].tensor));
  }
  return TRUE;
}

gboolean
dnn_pass_fold (DnnGraph *graph, GError **error)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new ();
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);

  if (!find_computed (graph, results, tensors, error))
    return FALSE;
  dnn_pass_begin_forward (graph);
  for (guint i = 0; i < results->len; i++)
    replace_result (graph, results->pdata[i], tensors->pdata[i]);
  dnn_pass_end_forward (graph);
  return dnn_pass_end (graph, results->len > 0, error);
}
