/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes whose inputs are constant → params, computed by the operators' ref.
 * Next: dnn-pass-identity.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/plan/dnn-infer.h"

#include <string.h>

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

/* What inference computed on its way. */
static gboolean
take_inferred (DnnGraph *graph, GError **error)
{
  g_autoptr (DnnInference)
      inference = dnn_infer_graph (graph, NULL, NULL, 0, error);
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

/* ---- larger ones
 * ---------------------------------------------------------------- */

/* The constant inputs of one node, aligned as ref wants them. */
typedef struct
{
  gconstpointer *src;
  gpointer *copies;
  guint n;
  gsize size;
} Sources;

static void
clear_sources (Sources *self)
{
  for (guint i = 0; i < self->n; i++)
    if (self->copies[i])
      dnn_free_aligned (self->copies[i]);
  g_free (self->copies);
  g_free (self->src);
}

/* Misaligned bytes come as a copy. */
static gconstpointer
align_source (Sources *self, guint idx, DnnTensor *tensor)
{
  gconstpointer data = dnn_tensor_get_data (tensor);
  gsize size = dnn_tensor_get_size (tensor);

  if ((guintptr) data % DNN_ALIGNMENT == 0)
    return data;
  if (!self->copies[idx])
    self->copies[idx] = memcpy (dnn_alloc_aligned (size), data, size);
  return self->copies[idx];
}

/* Small ones are aligned here already: infer may read them. */
static gboolean
set_sources (Sources *self, DnnCall *call, const DnnNode *node)
{
  self->n = node->n_formal;
  self->src = g_new0 (gconstpointer, MAX (self->n, 1));
  self->copies = g_new0 (gpointer, MAX (self->n, 1));
  for (guint i = 0; i < self->n; i++) {
    DnnTensor *tensor = dnn_pass_get_constant (node, i);
    gconstpointer data;
    if (!node->inputs->pdata[i])
      continue;
    if (!tensor)
      return FALSE;
    data = dnn_tensor_get_data (tensor);
    self->size += dnn_tensor_get_size (tensor);
    if (dnn_tensor_get_size (tensor) <= DNN_INFER_SMALL_BYTES)
      data = align_source (self, i, tensor);
    self->src[i] = data;
    dnn_call_set_input (call, i, dnn_tensor_get_element_type (tensor),
        dnn_tensor_get_shape (tensor));
    dnn_call_set_value (call, i, data);
  }
  return TRUE;
}

static gboolean
is_small_enough (const DnnCall *call, gsize src_size)
{
  gsize size = 0;

  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (!arg->present)
      continue;
    if (!dnn_shape_is_known (&arg->shape))
      return FALSE;
    size += dnn_shape_n_elements (&arg->shape) * dnn_type_size (arg->type);
  }
  return size <= MAX (src_size * 2, DNN_FOLD_MAX_BYTES);
}

/* Large ones, now that ref is about to read them. */
static void
align_sources (Sources *self, const DnnNode *node)
{
  for (guint i = 0; i < self->n; i++)
    if (node->inputs->pdata[i])
      self->src[i] = align_source (self, i, dnn_pass_get_constant (node, i));
}

static gboolean
run_ref (DnnGraph *graph, DnnNode *node, DnnCall *call, Sources *sources,
    GError **error)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  g_autofree gpointer *dst = g_new0 (gpointer, call->n_outputs);
  gpointer scratch = dnn_alloc_aligned (MAX (call->ref_scratch, 1));
  gboolean ok;

  for (guint i = 0; i < call->n_outputs; i++) {
    DnnTensor *tensor = dnn_tensor_new_in_file (
        call->outputs[i].type, &call->outputs[i].shape);
    g_ptr_array_add (tensors, tensor);
    dst[i] = call->outputs[i].present ? dnn_tensor_get_writable_data (tensor)
                                      : NULL;
  }
  if (!call->op->ref_shapes_only)
    align_sources (sources, node);
  ok = dnn_call_run_ref (call, sources->src, dst, scratch, error);
  dnn_free_aligned (scratch);
  for (guint i = 0; ok && i < call->n_outputs; i++)
    if (node->outputs->pdata[i])
      replace_result (graph, node->outputs->pdata[i], tensors->pdata[i]);
  return ok;
}

/* What can't be folded stays; only an error of the operator is one. */
static gboolean
fold_node (DnnGraph *graph, DnnNode *node, GError **error)
{
  const DnnOp *op = dnn_op_lookup (node->op);
  g_autoptr (DnnCall) call = NULL;
  Sources sources = { NULL };
  gboolean ok = TRUE;

  if (!op || node->post_ops->len > 0)
    return TRUE;
  call = dnn_call_new (
      op, node->name, node->attrs, node->n_formal, node->outputs->len, error);
  if (!call)
    return FALSE;
  for (guint i = 0; i < node->outputs->len; i++)
    call->outputs[i].present = node->outputs->pdata[i] != NULL;
  if (set_sources (&sources, call, node)) {
    DnnInferResult result = dnn_call_infer (call, error);
    ok = result != DNN_INFER_ERROR;
    if (result == DNN_INFER_OK && is_small_enough (call, sources.size))
      ok = run_ref (graph, node, call, &sources, error);
  }
  clear_sources (&sources);
  return ok;
}

gboolean
dnn_pass_fold (DnnGraph *graph, GError **error)
{
  g_autoptr (GPtrArray) nodes = NULL;

  if (!take_inferred (graph, error))
    return FALSE;
  nodes = dnn_pass_list_nodes (graph);
  for (guint i = 0; i < nodes->len; i++)
    if (!fold_node (graph, nodes->pdata[i], error))
      return FALSE;
  remove_empty_nodes (graph);
  return dnn_pass_finish (graph, error);
}
