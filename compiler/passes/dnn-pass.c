/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph → what passes ask of it and change in it; the order of the passes.
 * Next: dnn-compile.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/plan/dnn-infer.h"

gboolean
dnn_pass_finish (DnnGraph *graph, GError **error)
{
  dnn_graph_remove_unused (graph);
  return dnn_graph_sort (graph, error) && dnn_infer_into_graph (graph, error);
}

/* Folding first, since it makes constants that the others look for; patterns
 * before fusion, which only knows single activations. */
gboolean
dnn_optimise_graph (DnnGraph *graph, GError **error)
{
  return dnn_pass_fold (graph, error) && dnn_pass_identity (graph, error) &&
      dnn_pass_batchnorm (graph, error) && dnn_pass_pattern (graph, error) &&
      dnn_pass_fuse (graph, error);
}

DnnValue *
dnn_pass_get_input (const DnnNode *node, guint idx)
{
  return idx < node->n_formal ? node->inputs->pdata[idx] : NULL;
}

DnnTensor *
dnn_pass_get_constant (const DnnNode *node, guint idx)
{
  const DnnValue *value = dnn_pass_get_input (node, idx);

  return value && value->kind == DNN_VALUE_PARAM ? value->tensor : NULL;
}

gboolean
dnn_pass_get_scalar (const DnnNode *node, guint idx, gfloat *value)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);

  if (!tensor || dnn_tensor_get_element_type (tensor) != DNN_TYPE_FLOAT32 ||
      dnn_tensor_get_size (tensor) != sizeof (gfloat))
    return FALSE;
  *value = *(const gfloat *) dnn_tensor_get_data (tensor);
  return TRUE;
}

gint64
dnn_pass_get_int (const DnnNode *node, const gchar *key, gint64 def)
{
  const gchar *text = dnn_attrs_get (node->attrs, key);
  gint64 value = def;

  return text && dnn_text_to_int (text, &value) ? value : def;
}

gfloat
dnn_pass_get_float (const DnnNode *node, const gchar *key, gfloat def)
{
  const gchar *text = dnn_attrs_get (node->attrs, key);
  gfloat value = def;

  return text && dnn_text_to_float (text, &value) ? value : def;
}

/* What value->pass_data is where there is more than one use. */
static DnnNode many_users;

static void
note_user (DnnValue *value, DnnNode *user)
{
  if (value)
    value->pass_data = value->pass_data ? &many_users : user;
}

void
dnn_pass_index_users (DnnGraph *graph)
{
  for (guint i = 0; i < graph->values->len; i++)
    ((DnnValue *) graph->values->pdata[i])->pass_data = NULL;
  for (guint i = 0; i < graph->outputs->len; i++)
    note_user (graph->outputs->pdata[i], &many_users);
  for (guint n = 0; n < graph->nodes->len; n++) {
    DnnNode *node = graph->nodes->pdata[n];
    for (guint i = 0; i < node->inputs->len; i++)
      note_user (node->inputs->pdata[i], node);
  }
}

DnnNode *
dnn_pass_single_user (const DnnValue *value)
{
  return value->pass_data == &many_users ? NULL : value->pass_data;
}

void
dnn_pass_absorb (DnnGraph *graph, DnnNode *node, DnnNode *user)
{
  DnnValue *own = node->outputs->pdata[0], *result = user->outputs->pdata[0];

  for (guint i = 0; i < node->inputs->len; i++) {
    DnnValue *value = node->inputs->pdata[i];
    if (value && value->pass_data == user)
      value->pass_data = node;
  }
  node->outputs->pdata[0] = result;
  result->producer = node;
  user->outputs->pdata[0] = own;
  own->producer = user;
  dnn_graph_remove_node (graph, user);
}

void
dnn_pass_bypass (DnnGraph *graph, DnnNode *node, DnnValue *value)
{
  dnn_graph_replace_uses (graph, node->outputs->pdata[0], value);
  dnn_graph_remove_node (graph, node);
}

DnnValue *
dnn_pass_add_param (DnnGraph *graph, const gchar *base, DnnTensor *tensor)
{
  g_autofree gchar *name = dnn_graph_unique_name (graph, base);
  DnnValue *value = dnn_graph_add_param (graph, name, tensor);

  dnn_tensor_unref (tensor);
  return value;
}

GPtrArray *
dnn_pass_list_nodes (DnnGraph *graph)
{
  GPtrArray *nodes = g_ptr_array_sized_new (graph->nodes->len);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_ptr_array_add (nodes, graph->nodes->pdata[i]);
  return nodes;
}
