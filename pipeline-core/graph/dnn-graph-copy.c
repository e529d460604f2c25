/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnGraph → a deep copy; two graphs → whether they say the same. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include "pipeline-core/graph/dnn-graph-private.h"

/* ---- copy ---------------------------------------------------------------- */

static void
copy_details (DnnValue *dst, const DnnValue *src)
{
  dst->kind = src->kind;
  dst->type = src->type;
  dst->shape = src->shape;
  dst->dim_names = g_strdupv (src->dim_names);
  dst->storage_id = src->storage_id;
  if (src->tensor && !dst->tensor)
    dst->tensor = dnn_tensor_ref (src->tensor);
}

/* Inputs and params first; copies of results follow with their nodes. */
static void
copy_roots (DnnGraph *dst, DnnGraph *src, GHashTable *copies)
{
  for (guint i = 0; i < src->inputs->len; i++) {
    DnnValue *value = src->inputs->pdata[i];
    g_hash_table_insert (copies, value,
        dnn_graph_add_input (dst, value->name, value->type, &value->shape));
  }
  for (guint i = 0; i < src->values->len; i++) {
    DnnValue *value = src->values->pdata[i];
    DnnValue *copy;
    if (value->kind != DNN_VALUE_PARAM)
      continue;
    copy = dnn_graph_add_input (dst, value->name, value->type, &value->shape);
    g_ptr_array_set_size (dst->inputs, dst->inputs->len - 1);
    g_hash_table_insert (copies, value, copy);
  }
}

static void
copy_results (DnnGraph *dst, DnnGraph *src, GHashTable *copies)
{
  for (guint i = 0; i < src->nodes->len; i++) {
    DnnNode *node = src->nodes->pdata[i];
    DnnNode *copy = dnn_graph_add_node (dst, node->name, node->op);
    for (guint j = 0; j < node->outputs->len; j++) {
      DnnValue *value = node->outputs->pdata[j];
      DnnValue *result = dnn_graph_add_result (
          dst, copy, value ? value->name : NULL);
      if (value)
        g_hash_table_insert (copies, value, result);
    }
  }
}

static void
copy_node (DnnNode *dst, const DnnNode *src, GHashTable *copies)
{
  dnn_attrs_free (dst->attrs);
  dst->attrs = dnn_attrs_copy (src->attrs);
  dst->flatten_data = src->flatten_data;
  for (guint i = 0; i < src->n_formal; i++)
    dnn_node_add_input (dst,
        src->inputs->pdata[i]
            ? g_hash_table_lookup (copies, src->inputs->pdata[i])
            : NULL);
  for (guint i = 0; i < dnn_node_get_n_captures (src); i++)
    dnn_node_add_capture (dst,
        g_hash_table_lookup (copies, src->inputs->pdata[src->n_formal + i]));
  for (guint i = 0; src->subgraphs && i < src->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = src->subgraphs->pdata[i];
    g_autoptr (DnnGraph) inner = dnn_graph_copy (subgraph->graph);
    dnn_node_add_subgraph (dst, subgraph->name, inner);
  }
  for (guint i = 0; i < src->post_ops->len; i++) {
    const DnnPostOp *post_op = src->post_ops->pdata[i];
    dnn_node_add_post_op (dst, post_op->op, dnn_attrs_copy (post_op->attrs),
        post_op->input < 0
            ? NULL
            : g_hash_table_lookup (copies, src->inputs->pdata[post_op->input]));
  }
}

/* The order of values is that of @src again. */
static void
order_values (DnnGraph *dst, DnnGraph *src, GHashTable *copies)
{
  g_assert (dst->values->len == src->values->len);
  for (guint i = 0; i < src->values->len; i++) {
    DnnValue *copy = g_hash_table_lookup (copies, src->values->pdata[i]);
    dst->values->pdata[i] = copy;
    copy_details (copy, src->values->pdata[i]);
  }
}

/**
 * dnn_graph_copy:
 *
 * Returns: (transfer full): a deep copy of @self; tensors of params are
 *   shared
 */
DnnGraph *
dnn_graph_copy (DnnGraph *self)
{
  DnnGraph *copy = dnn_graph_new (self->name);
  g_autoptr (GHashTable) copies = g_hash_table_new (NULL, NULL);

  g_free (copy->label);
  copy->label = g_strdup (self->label);
  copy->opset = self->opset;
  copy->params_are_open = self->params_are_open;
  dnn_graph_set_files (copy, self->files);
  dnn_attrs_free (copy->metadata);
  copy->metadata = dnn_attrs_copy (self->metadata);
  copy_roots (copy, self, copies);
  copy_results (copy, self, copies);
  for (guint i = 0; i < self->nodes->len; i++)
    copy_node (copy->nodes->pdata[i], self->nodes->pdata[i], copies);
  order_values (copy, self, copies);
  for (guint i = 0; i < self->outputs->len; i++)
    dnn_graph_add_output (copy, self->output_names->pdata[i],
        g_hash_table_lookup (copies, self->outputs->pdata[i]));
  return copy;
}

/* ---- equality --------------------------------------------------------------
 */

static gboolean
dim_names_equal (gchar **a, gchar **b)
{
  if (!a || !b)
    return a == b;
  return g_strv_equal ((const gchar *const *) a, (const gchar *const *) b);
}

/* Either may be NULL: absent. */
static gboolean
values_equal (const DnnValue *a, const DnnValue *b)
{
  if (!a || !b)
    return a == b;
  return a->kind == b->kind && a->type == b->type &&
      g_str_equal (a->name, b->name) &&
      dnn_shape_equal (&a->shape, &b->shape) &&
      dim_names_equal (a->dim_names, b->dim_names);
}

static gboolean
value_lists_equal (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < MAX (a->len, b->len); i++)
    if (!values_equal (
            i < a->len ? a->pdata[i] : NULL, i < b->len ? b->pdata[i] : NULL))
      return FALSE;
  return TRUE;
}

/* Formal inputs, or operands behind them. */
static gboolean
formal_inputs_equal (const DnnNode *a, const DnnNode *b)
{
  for (guint i = 0; i < MAX (a->n_formal, b->n_formal); i++)
    if (!values_equal (i < a->n_formal ? a->inputs->pdata[i] : NULL,
            i < b->n_formal ? b->inputs->pdata[i] : NULL))
      return FALSE;
  return TRUE;
}

static gboolean
post_ops_equal (const DnnNode *a, const DnnNode *b)
{
  if (a->post_ops->len != b->post_ops->len)
    return FALSE;
  for (guint i = 0; i < a->post_ops->len; i++) {
    const DnnPostOp *x = a->post_ops->pdata[i], *y = b->post_ops->pdata[i];
    if (!g_str_equal (x->op, y->op) || !dnn_attrs_equal (x->attrs, y->attrs) ||
        (x->input < 0) != (y->input < 0))
      return FALSE;
    if (x->input >= 0 &&
        !values_equal (a->inputs->pdata[x->input], b->inputs->pdata[y->input]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
captures_equal (const DnnNode *a, const DnnNode *b)
{
  guint n = dnn_node_get_n_captures (a);

  if (n != dnn_node_get_n_captures (b))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!values_equal (a->inputs->pdata[a->n_formal + i],
            b->inputs->pdata[b->n_formal + i]))
      return FALSE;
  return TRUE;
}

static gboolean
nodes_equal (const DnnNode *a, const DnnNode *b)
{
  return g_str_equal (a->name, b->name) && g_str_equal (a->op, b->op) &&
      a->flatten_data == b->flatten_data &&
      dnn_attrs_equal (a->attrs, b->attrs) && formal_inputs_equal (a, b) &&
      value_lists_equal (a->outputs, b->outputs) && post_ops_equal (a, b) &&
      captures_equal (a, b) && dnn_node_subgraphs_equal (a, b);
}

static gboolean
outputs_equal (DnnGraph *a, DnnGraph *b)
{
  if (a->outputs->len != b->outputs->len ||
      !value_lists_equal (a->outputs, b->outputs))
    return FALSE;
  for (guint i = 0; i < a->outputs->len; i++)
    if (!g_str_equal (a->output_names->pdata[i], b->output_names->pdata[i]))
      return FALSE;
  return TRUE;
}

/* Every param of @a is in @b, with the same bytes. */
static gboolean
params_equal (DnnGraph *a, DnnGraph *b)
{
  for (guint i = 0; i < a->values->len; i++) {
    const DnnValue *x = a->values->pdata[i], *y;
    if (x->kind != DNN_VALUE_PARAM)
      continue;
    y = dnn_graph_find_value (b, x->name);
    if (!values_equal (x, y) || !x->tensor != !y->tensor)
      return FALSE;
    if (x->tensor && !dnn_tensor_equal (x->tensor, y->tensor))
      return FALSE;
  }
  return TRUE;
}

/**
 * dnn_graph_equal:
 *
 * Returns: whether the two say the same: names, nodes, values, outputs,
 *   params with their bytes
 */
gboolean
dnn_graph_equal (DnnGraph *a, DnnGraph *b)
{
  if (!g_str_equal (a->name, b->name) || a->opset != b->opset ||
      a->params_are_open != b->params_are_open ||
      !dnn_attrs_equal (a->metadata, b->metadata))
    return FALSE;
  if (a->values->len != b->values->len || a->nodes->len != b->nodes->len ||
      a->inputs->len != b->inputs->len ||
      !value_lists_equal (a->inputs, b->inputs) || !outputs_equal (a, b) ||
      !params_equal (a, b))
    return FALSE;
  for (guint i = 0; i < a->nodes->len; i++)
    if (!nodes_equal (a->nodes->pdata[i], b->nodes->pdata[i]))
      return FALSE;
  return TRUE;
}
