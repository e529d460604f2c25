/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Some nodes of an inferred graph → a graph of their own. Next: dnn-late.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-late.h"

typedef struct
{
  const DnnInference *inference;
  DnnGraph *graph;
  GHashTable *copies; /* DnnValue * → its copy */
  GPtrArray *inputs; /* (nullable): those that were added */
} Extract;

static DnnValue *
add_param (Extract *self, const DnnValue *value, DnnTensor *tensor)
{
  return dnn_graph_add_param (
      self->graph, value->name, value->tensor ? value->tensor : tensor);
}

static DnnValue *
add_input (Extract *self, DnnValue *value, const DnnInferredValue *known)
{
  gboolean is_own = value->kind == DNN_VALUE_INPUT;

  if (self->inputs)
    g_ptr_array_add (self->inputs, value);
  return dnn_graph_add_input (self->graph, value->name, known->type,
      is_own && !self->inputs ? &value->shape : &known->shape);
}

/* What is no result of a node that is taken. */
static DnnValue *
get_copy (Extract *self, DnnValue *value)
{
  const DnnInferredValue *known = dnn_inference_get (self->inference, value);
  DnnValue *copy = g_hash_table_lookup (self->copies, value);

  if (copy)
    return copy;
  copy = known->tensor ? add_param (self, value, known->tensor)
                       : add_input (self, value, known);
  g_hash_table_insert (self->copies, value, copy);
  return copy;
}

static void
add_node (Extract *self, const DnnNode *node)
{
  DnnNode *copy = dnn_graph_add_node (self->graph, node->name, node->op);

  dnn_attrs_free (copy->attrs);
  copy->attrs = dnn_attrs_copy (node->attrs);
  copy->flatten_data = node->flatten_data;
  for (guint i = 0; i < node->n_formal; i++)
    dnn_node_add_input (copy,
        node->inputs->pdata[i] ? get_copy (self, node->inputs->pdata[i])
                               : NULL);
  for (guint i = 0; i < dnn_node_get_n_captures (node); i++)
    dnn_node_add_capture (
        copy, get_copy (self, node->inputs->pdata[node->n_formal + i]));
  for (guint i = 0; node->subgraphs && i < node->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = node->subgraphs->pdata[i];
    dnn_node_add_subgraph (copy, subgraph->name, subgraph->graph);
  }
  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    dnn_node_add_post_op (copy, post_op->op, dnn_attrs_copy (post_op->attrs),
        post_op->input < 0
            ? NULL
            : get_copy (self, node->inputs->pdata[post_op->input]));
  }
  for (guint i = 0; i < node->outputs->len; i++) {
    DnnValue *value = node->outputs->pdata[i];
    DnnValue *result = dnn_graph_add_result (
        self->graph, copy, value ? value->name : NULL);
    if (value)
      g_hash_table_insert (self->copies, value, result);
  }
}

DnnGraph *
dnn_inference_extract (const DnnInference *self, const guint8 *nodes,
    const GPtrArray *outputs, const GPtrArray *names, GPtrArray *inputs)
{
  DnnGraph *src = self->graph;
  g_autoptr (GHashTable) copies = g_hash_table_new (NULL, NULL);
  Extract extract = { self, dnn_graph_new (src->name), copies, NULL };

  g_free (extract.graph->label);
  extract.graph->label = g_strdup (src->label);
  extract.graph->opset = src->opset;
  dnn_graph_set_files (extract.graph, src->files);
  for (guint i = 0; !inputs && i < src->inputs->len; i++)
    g_hash_table_insert (copies, src->inputs->pdata[i],
        add_input (&extract, src->inputs->pdata[i],
            dnn_inference_get (self, src->inputs->pdata[i])));
  extract.inputs = inputs;
  for (guint i = 0; i < src->nodes->len; i++)
    if (nodes[i])
      add_node (&extract, src->nodes->pdata[i]);
  for (guint i = 0; i < outputs->len; i++)
    dnn_graph_add_output (
        extract.graph, names->pdata[i], get_copy (&extract, outputs->pdata[i]));
  return extract.graph;
}
