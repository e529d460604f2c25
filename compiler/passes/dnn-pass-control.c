/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Constants that subgraphs capture → params of theirs; an If whose condition is
 * constant → the nodes of its branch. Next: dnn-pass-identity.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include <string.h>

/* ---- constants ---------------------------------------------------------- */

/* Capture @idx of the node is a param: of each subgraph too. */
static void
hand_in (DnnNode *node, guint idx)
{
  guint n_captures = dnn_node_get_n_captures (node);
  const DnnValue *value = node->inputs->pdata[node->n_formal + idx];

  for (guint i = 0; i < node->subgraphs->len; i++) {
    DnnGraph *graph = ((DnnSubgraph *) node->subgraphs->pdata[i])->graph;
    guint first = graph->inputs->len - n_captures;
    dnn_graph_set_param (
        graph, graph->inputs->pdata[first + idx], value->tensor);
  }
  g_ptr_array_remove_index (node->inputs, node->n_formal + idx);
}

static void
hand_in_constants (DnnNode *node)
{
  for (guint i = dnn_node_get_n_captures (node); i-- > 0;) {
    const DnnValue *value = node->inputs->pdata[node->n_formal + i];
    if (value->kind == DNN_VALUE_PARAM && value->tensor)
      hand_in (node, i);
  }
}

/* ---- If ----------------------------------------------------------------- */

/* A branch at work: its values → those of the graph. */
typedef struct
{
  DnnGraph *graph;
  const DnnNode *node;
  DnnGraph *branch;
  GHashTable *values;
} Inlining;

static DnnValue *
find_value (Inlining *self, DnnValue *inner)
{
  DnnValue *value = g_hash_table_lookup (self->values, inner);
  g_autofree gchar *name = NULL;

  if (value || !inner)
    return value;
  g_assert (inner->kind == DNN_VALUE_PARAM);
  name = dnn_graph_unique_name (self->graph, inner->name);
  value = dnn_graph_add_param (self->graph, name, inner->tensor);
  g_hash_table_insert (self->values, inner, value);
  return value;
}

static void
add_results (Inlining *self, DnnNode *copy, const DnnNode *inner)
{
  for (guint i = 0; i < inner->outputs->len; i++) {
    DnnValue *value = inner->outputs->pdata[i];
    g_autofree gchar *name = value
        ? dnn_graph_unique_name (self->graph, value->name)
        : NULL;
    DnnValue *result = dnn_graph_add_result (self->graph, copy, name);
    if (value)
      g_hash_table_insert (self->values, value, result);
  }
}

static void
add_node (Inlining *self, const DnnNode *inner)
{
  g_autofree gchar *name = dnn_graph_unique_name (self->graph, inner->name);
  DnnNode *copy = dnn_graph_add_node (self->graph, name, inner->op);

  dnn_attrs_free (copy->attrs);
  copy->attrs = dnn_attrs_copy (inner->attrs);
  for (guint i = 0; i < inner->n_formal; i++)
    dnn_node_add_input (copy, find_value (self, inner->inputs->pdata[i]));
  for (guint i = 0; i < dnn_node_get_n_captures (inner); i++)
    dnn_node_add_capture (
        copy, find_value (self, inner->inputs->pdata[inner->n_formal + i]));
  for (guint i = 0; inner->subgraphs && i < inner->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = inner->subgraphs->pdata[i];
    dnn_node_add_subgraph (copy, subgraph->name, subgraph->graph);
  }
  for (guint i = 0; i < inner->post_ops->len; i++) {
    const DnnPostOp *post_op = inner->post_ops->pdata[i];
    dnn_node_add_post_op (copy, post_op->op, dnn_attrs_copy (post_op->attrs),
        post_op->input < 0
            ? NULL
            : find_value (self, inner->inputs->pdata[post_op->input]));
  }
  add_results (self, copy, inner);
}

/* Users of the node use what the branch gives; that has the node's names where
 * the branch made it. */
static void
replace_results (Inlining *self, DnnNode *node)
{
  for (guint i = 0; i < node->outputs->len; i++) {
    DnnValue *value = node->outputs->pdata[i];
    DnnValue *result;
    if (!value)
      continue;
    result = find_value (self, self->branch->outputs->pdata[i]);
    dnn_graph_replace_uses (self->graph, value, result);
  }
}

static void
inline_branch (DnnGraph *graph, DnnNode *node, DnnGraph *branch)
{
  g_autoptr (GHashTable) values = g_hash_table_new (NULL, NULL);
  Inlining self = { graph, node, branch, values };

  for (guint i = 0; i < branch->inputs->len; i++)
    g_hash_table_insert (values, branch->inputs->pdata[i],
        node->inputs->pdata[node->n_formal + i]);
  for (guint i = 0; i < branch->nodes->len; i++)
    add_node (&self, branch->nodes->pdata[i]);
  replace_results (&self, node);
  dnn_graph_remove_node (graph, node);
}

/* The branch that is always taken, if that is known. */
static DnnGraph *
find_branch (const DnnNode *node)
{
  const DnnTensor *condition = dnn_pass_get_constant (node, 0);
  DnnGraph *branch;

  if (strcmp (node->op, "If") != 0 || !condition ||
      dnn_tensor_get_element_type (condition) != DNN_TYPE_BOOL ||
      dnn_tensor_get_size (condition) != 1)
    return NULL;
  branch = dnn_node_get_subgraph (node,
      *(const guint8 *) dnn_tensor_get_data (condition) ? "then_branch"
                                                        : "else_branch");
  return branch && branch->outputs->len == node->outputs->len &&
          branch->inputs->len == dnn_node_get_n_captures (node)
      ? branch
      : NULL;
}

gboolean
dnn_pass_control (DnnGraph *graph, GError **error)
{
  g_autoptr (GPtrArray) nodes = dnn_pass_list_nodes (graph);
  gboolean changed = FALSE;

  for (guint i = 0; i < nodes->len; i++) {
    DnnNode *node = nodes->pdata[i];
    DnnGraph *branch;
    if (!node->subgraphs)
      continue;
    hand_in_constants (node);
    branch = find_branch (node);
    if (!branch)
      continue;
    inline_branch (graph, node, branch);
    changed = TRUE;
  }
  return dnn_pass_end (graph, changed, error);
}
