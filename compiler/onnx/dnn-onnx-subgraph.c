/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GraphProtos among the attributes of a node → its subgraphs; tensors that they
 * take from outside → inputs of the node and of each of them. Next:
 * dnn-upgrade.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import-private.h"

/* Field numbers of onnx.proto. */
enum
{
  NODE_ATTRIBUTE = 5,
  ATTRIBUTE_NAME = 1,
};

/* ---- what comes from outside -------------------------------------------- */

/* Constants stay constant: the bytes are shared. */
static DnnValue *
capture (DnnOnnxImport *self, const gchar *name, const DnnValue *outer)
{
  g_autofree gchar *own = dnn_graph_unique_name (self->graph, name);

  if (outer->kind == DNN_VALUE_PARAM && outer->tensor)
    return dnn_graph_add_param (self->graph, own, outer->tensor);
  g_ptr_array_add (self->captures, g_strdup (name));
  return dnn_graph_add_input (
      self->graph, own, DNN_TYPE_INVALID, &(DnnShape){ -1 });
}

DnnValue *
dnn_onnx_find_value (DnnOnnxImport *self, const gchar *name)
{
  DnnValue *value = g_hash_table_lookup (self->values, name);
  DnnValue *outer;

  if (value || !self->outer)
    return value;
  outer = dnn_onnx_find_value (self->outer, name);
  if (!outer)
    return NULL;
  value = capture (self, name, outer);
  g_hash_table_insert (self->values, (gpointer) g_intern_string (name), value);
  return value;
}

/* ---- inputs ------------------------------------------------------------- */

/* Shapes come from the node; but a number may be a list of one. */
static DnnShape
read_shape (const Onnx__TypeProto__Tensor *tensor)
{
  if (tensor->shape && tensor->shape->n_dim == 1 &&
      tensor->elem_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64)
    return dnn_shape (1, DNN_DIM_OPEN);
  return (DnnShape){ -1 };
}

static gboolean
add_input (
    DnnOnnxImport *self, const Onnx__ValueInfoProto *proto, GError **error)
{
  DnnShape shape = { -1 };
  DnnType type = DNN_TYPE_INVALID;

  if (!dnn_onnx_check_new_name (self, proto->name, "input", error))
    return FALSE;
  if (proto->type &&
      proto->type->value_case != ONNX__TYPE_PROTO__VALUE__NOT_SET &&
      proto->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE)
    return dnn_onnx_fail (self, error, DNN_ERROR_UNSUPPORTED,
        "%sinput \"%s\" is no tensor; sequences, maps and optionals are not "
        "supported",
        self->prefix, proto->name);
  if (proto->type &&
      proto->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE) {
    type = dnn_onnx_type_to_dnn (proto->type->tensor_type->elem_type);
    shape = read_shape (proto->type->tensor_type);
  }
  dnn_onnx_add_value (
      self, dnn_graph_add_input (self->graph, proto->name, type, &shape));
  return TRUE;
}

gboolean
dnn_onnx_add_subgraph_inputs (DnnOnnxImport *self, GError **error)
{
  const Onnx__GraphProto *graph = self->model->graph;

  for (gsize i = 0; i < graph->n_input; i++)
    if (!add_input (self, graph->input[i], error))
      return FALSE;
  return TRUE;
}

/* ---- a node ------------------------------------------------------------- */

/* One subgraph, and what it captures. */
typedef struct
{
  DnnGraph *graph;
  GPtrArray *captures; /* gchar *; its last inputs, in this order */
} Part;

static void
free_part (gpointer data)
{
  Part *part = data;

  g_clear_object (&part->graph);
  g_clear_pointer (&part->captures, g_ptr_array_unref);
  g_free (part);
}

static gchar *
read_name (DnnWireSpan attribute)
{
  g_autoptr (GArray) names = dnn_onnx_list_spans (attribute, ATTRIBUTE_NAME);
  DnnWireSpan text = { NULL, 0 };

  if (names->len > 0)
    text = g_array_index (names, DnnWireSpan, names->len - 1);
  return g_strndup ((const gchar *) text.data, text.size);
}

static gboolean
add_part (DnnOnnxImport *self, DnnNode *node, DnnWireSpan attribute,
    DnnWireSpan graph, GPtrArray *parts, GError **error)
{
  g_autofree gchar *name = read_name (attribute);
  g_autofree gchar *prefix = g_strdup_printf ("%s/%s/", node->name, name);
  Part *part = g_new0 (Part, 1);

  g_ptr_array_add (parts, part);
  part->graph = dnn_onnx_import_subgraph (
      self, prefix, graph, &part->captures, error);
  if (!part->graph)
    return FALSE;
  dnn_node_add_subgraph (node, name, part->graph);
  return TRUE;
}

/* Names that any of them captures, each once. */
static GPtrArray *
join_captures (const GPtrArray *parts)
{
  GPtrArray *all = g_ptr_array_new ();

  for (guint i = 0; i < parts->len; i++) {
    const Part *part = parts->pdata[i];
    for (guint j = 0; j < part->captures->len; j++)
      if (!g_ptr_array_find_with_equal_func (
              all, part->captures->pdata[j], g_str_equal, NULL))
        g_ptr_array_add (all, part->captures->pdata[j]);
  }
  return all;
}

/* The last inputs of each subgraph are those of the node. */
static void
order_captures (const Part *part, const GPtrArray *all)
{
  GPtrArray *inputs = part->graph->inputs;
  guint first = inputs->len - part->captures->len;
  g_autofree gpointer *own = part->captures->len == 0
      ? NULL
      : g_memdup2 (
            inputs->pdata + first, part->captures->len * sizeof (gpointer));

  g_ptr_array_set_size (inputs, (gint) first);
  for (guint i = 0; i < all->len; i++) {
    guint idx;
    g_autofree gchar *name = NULL;
    if (g_ptr_array_find_with_equal_func (
            part->captures, all->pdata[i], g_str_equal, &idx)) {
      g_ptr_array_add (inputs, own[idx]);
      continue;
    }
    name = dnn_graph_unique_name (part->graph, all->pdata[i]);
    dnn_graph_add_input (
        part->graph, name, DNN_TYPE_INVALID, &(DnnShape){ -1 });
  }
}

static void
connect_captures (DnnOnnxImport *self, DnnNode *node, const GPtrArray *parts)
{
  g_autoptr (GPtrArray) all = join_captures (parts);

  for (guint i = 0; i < parts->len; i++)
    order_captures (parts->pdata[i], all);
  for (guint i = 0; i < all->len; i++)
    dnn_node_add_capture (node, dnn_onnx_find_value (self, all->pdata[i]));
}

gboolean
dnn_onnx_add_subgraphs (
    DnnOnnxImport *self, DnnNode *node, DnnWireSpan span, GError **error)
{
  g_autoptr (GArray) spans = NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (free_part);

  if (!span.data)
    return TRUE;
  spans = dnn_onnx_list_spans (span, NODE_ATTRIBUTE);
  for (guint i = 0; i < spans->len; i++) {
    DnnWireSpan attribute = g_array_index (spans, DnnWireSpan, i), graph;
    if (dnn_onnx_find_graph (attribute, &graph) &&
        !add_part (self, node, attribute, graph, parts, error))
      return FALSE;
  }
  if (parts->len > 0)
    connect_captures (self, node, parts);
  return TRUE;
}
