/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph → what passes ask of it and change in it. Next: dnn-optimise.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/infer/dnn-infer.h"

#include <string.h>

gboolean
dnn_pass_finish (DnnGraph *graph, GError **error)
{
  dnn_graph_remove_unused (graph);
  return dnn_graph_sort (graph, error) && dnn_infer_into_graph (graph, error);
}

gboolean
dnn_pass_end (DnnGraph *graph, gboolean changed, GError **error)
{
  return !changed || dnn_pass_finish (graph, error);
}

gboolean
dnn_pass_is (const DnnNode *node, const gchar *op)
{
  return node && strcmp (node->op, op) == 0 && node->post_ops->len == 0;
}

DnnNode *
dnn_pass_get_producer (const DnnNode *node, guint idx)
{
  DnnValue *value = dnn_pass_get_input (node, idx);

  return value ? value->producer : NULL;
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

gboolean
dnn_pass_get_number (const DnnNode *node, guint idx, gdouble *value)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);
  DnnType type = tensor ? dnn_tensor_get_element_type (tensor)
                        : DNN_TYPE_INVALID;

  if (!(DNN_TYPES_FLOAT & DNN_TYPE_BIT (type)) ||
      dnn_shape_n_elements (dnn_tensor_get_shape (tensor)) != 1)
    return FALSE;
  *value = dnn_type_get (type, dnn_tensor_get_data (tensor), 0);
  return TRUE;
}

gint64 *
dnn_pass_get_ints (const DnnNode *node, guint idx, guint *n)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);
  DnnType type = tensor ? dnn_tensor_get_element_type (tensor)
                        : DNN_TYPE_INVALID;
  gint64 *values;

  if (type != DNN_TYPE_INT64 && type != DNN_TYPE_INT32)
    return NULL;
  *n = (guint) dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
  values = g_new (gint64, *n + 1);
  for (guint i = 0; i < *n; i++)
    values[i] = type == DNN_TYPE_INT64
        ? ((const gint64 *) dnn_tensor_get_data (tensor))[i]
        : ((const gint32 *) dnn_tensor_get_data (tensor))[i];
  return values;
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
dnn_pass_rewrite (DnnNode *node, const gchar *op, DnnValue *input)
{
  g_free (node->op);
  node->op = g_strdup (op);
  dnn_attrs_free (node->attrs);
  node->attrs = dnn_attrs_new ();
  g_ptr_array_set_size (node->inputs, 0);
  node->n_formal = 0;
  dnn_node_add_input (node, input);
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
  g_ptr_array_set_size (user->inputs, 0);
  user->n_formal = 0;
  g_free (user->op);
  user->op = g_strdup ("");
}

DnnValue *
dnn_pass_add_param (DnnGraph *graph, const gchar *base, DnnTensor *tensor)
{
  g_autofree gchar *name = dnn_graph_unique_name (graph, base);
  DnnValue *value = dnn_graph_add_param (graph, name, tensor);

  dnn_tensor_unref (tensor);
  return value;
}

void
dnn_pass_begin_forward (DnnGraph *graph)
{
  for (guint i = 0; i < graph->values->len; i++)
    ((DnnValue *) graph->values->pdata[i])->pass_data = NULL;
}

void
dnn_pass_forward (DnnValue *old, DnnValue *value)
{
  value = dnn_pass_follow (value);
  if (value != old)
    old->pass_data = value;
}

DnnValue *
dnn_pass_follow (DnnValue *value)
{
  while (value && value->pass_data)
    value = value->pass_data;
  return value;
}

static void
follow_all (GPtrArray *values)
{
  for (guint i = 0; i < values->len; i++)
    values->pdata[i] = dnn_pass_follow (values->pdata[i]);
}

void
dnn_pass_end_forward (DnnGraph *graph)
{
  for (guint n = 0; n < graph->nodes->len; n++)
    follow_all (((DnnNode *) graph->nodes->pdata[n])->inputs);
  follow_all (graph->outputs);
}

GPtrArray *
dnn_pass_list_nodes (DnnGraph *graph)
{
  GPtrArray *nodes = g_ptr_array_sized_new (graph->nodes->len);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_ptr_array_add (nodes, graph->nodes->pdata[i]);
  return nodes;
}
