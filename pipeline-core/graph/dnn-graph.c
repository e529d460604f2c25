/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Values and nodes → DnnGraph: building and changing one in memory. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/graph/dnn-graph-private.h"

G_DEFINE_TYPE (DnnGraph, dnn_graph, G_TYPE_OBJECT)

/* ---- life ---------------------------------------------------------------- */

static void
free_value (gpointer data)
{
  DnnValue *value = data;

  g_free (value->name);
  g_strfreev (value->dim_names);
  g_clear_pointer (&value->tensor, dnn_tensor_unref);
  g_free (value);
}

static void
free_post_op (gpointer data)
{
  DnnPostOp *post_op = data;

  g_free (post_op->op);
  dnn_attrs_free (post_op->attrs);
  g_free (post_op);
}

static void
free_node (gpointer data)
{
  DnnNode *node = data;

  g_free (node->name);
  g_free (node->op);
  dnn_attrs_free (node->attrs);
  g_ptr_array_unref (node->inputs);
  g_ptr_array_unref (node->outputs);
  g_ptr_array_unref (node->post_ops);
  dnn_node_free_subgraphs (node);
  g_free (node);
}

static void
dnn_graph_finalize (GObject *object)
{
  DnnGraph *self = DNN_GRAPH (object);

  g_free (self->name);
  g_free (self->label);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->outputs);
  g_ptr_array_unref (self->output_names);
  g_ptr_array_unref (self->files);
  dnn_attrs_free (self->metadata);
  g_hash_table_unref (self->values_by_name);
  g_hash_table_unref (self->nodes_by_name);
  G_OBJECT_CLASS (dnn_graph_parent_class)->finalize (object);
}

static void
dnn_graph_class_init (DnnGraphClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = dnn_graph_finalize;
}

static void
dnn_graph_init (DnnGraph *self)
{
  self->values = g_ptr_array_new_with_free_func (free_value);
  self->nodes = g_ptr_array_new_with_free_func (free_node);
  self->inputs = g_ptr_array_new ();
  self->outputs = g_ptr_array_new ();
  self->output_names = g_ptr_array_new_with_free_func (g_free);
  self->files = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_file_stamp_free);
  self->metadata = dnn_attrs_new ();
  self->values_by_name = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, NULL);
  self->nodes_by_name = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * dnn_graph_new:
 * @name: name of the graph; also what messages call it
 *
 * Returns: (transfer full): an empty graph
 */
DnnGraph *
dnn_graph_new (const gchar *name)
{
  DnnGraph *self = g_object_new (DNN_TYPE_GRAPH, NULL);

  self->name = g_strdup (name ? name : "");
  self->label = g_strdup (self->name);
  return self;
}

/* ---- building --------------------------------------------------------------
 */

/**
 * dnn_graph_unique_name:
 *
 * Returns: (transfer full): @base, or @base with a number behind it: a name
 *   that no value and no node has yet
 */
gchar *
dnn_graph_unique_name (DnnGraph *self, const gchar *base)
{
  gchar *name = g_strdup (base);

  for (guint n = 1; g_hash_table_contains (self->values_by_name, name) ||
       g_hash_table_contains (self->nodes_by_name, name);
       n++) {
    g_free (name);
    name = g_strdup_printf ("%s_%u", base, n);
  }
  return name;
}

static DnnValue *
add_value (DnnGraph *self, const gchar *name, DnnValueKind kind)
{
  DnnValue *value = g_new0 (DnnValue, 1);

  g_assert (!g_hash_table_contains (self->values_by_name, name));
  value->name = g_strdup (name);
  value->kind = kind;
  value->shape.rank = -1;
  g_ptr_array_add (self->values, value);
  g_hash_table_insert (self->values_by_name, g_strdup (name), value);
  return value;
}

/**
 * dnn_graph_add_input:
 * @shape: may have open dimensions, or be of unknown rank
 *
 * Returns: (transfer none): the new last input
 */
DnnValue *
dnn_graph_add_input (
    DnnGraph *self, const gchar *name, DnnType type, const DnnShape *shape)
{
  DnnValue *value = add_value (self, name, DNN_VALUE_INPUT);

  value->type = type;
  value->shape = *shape;
  g_ptr_array_add (self->inputs, value);
  return value;
}

/**
 * dnn_graph_add_param:
 * @tensor: (transfer none): its constant value
 *
 * Returns: (transfer none): the new param
 */
DnnValue *
dnn_graph_add_param (DnnGraph *self, const gchar *name, DnnTensor *tensor)
{
  DnnValue *value = add_value (self, name, DNN_VALUE_PARAM);

  value->type = dnn_tensor_get_element_type (tensor);
  value->shape = *dnn_tensor_get_shape (tensor);
  value->tensor = dnn_tensor_ref (tensor);
  return value;
}

/**
 * dnn_graph_add_node:
 * @op: operator type
 *
 * Returns: (transfer none): the new last node, without inputs and outputs
 */
DnnNode *
dnn_graph_add_node (DnnGraph *self, const gchar *name, const gchar *op)
{
  DnnNode *node = g_new0 (DnnNode, 1);

  g_assert (!g_hash_table_contains (self->nodes_by_name, name));
  node->name = g_strdup (name);
  node->op = g_strdup (op);
  node->attrs = dnn_attrs_new ();
  node->inputs = g_ptr_array_new ();
  node->outputs = g_ptr_array_new ();
  node->post_ops = g_ptr_array_new_with_free_func (free_post_op);
  g_ptr_array_add (self->nodes, node);
  g_hash_table_insert (self->nodes_by_name, g_strdup (name), node);
  return node;
}

/**
 * dnn_node_add_input:
 * @value: (nullable): the next formal input; %NULL: absent
 *
 * All formal inputs come before the first post-op.
 */
void
dnn_node_add_input (DnnNode *node, DnnValue *value)
{
  g_assert (node->n_formal == node->inputs->len);
  g_ptr_array_add (node->inputs, value);
  node->n_formal++;
}

/**
 * dnn_node_add_post_op:
 * @attrs: (transfer full): its attributes
 * @operand: (nullable): its second operand
 */
void
dnn_node_add_post_op (
    DnnNode *node, const gchar *op, DnnAttrs *attrs, DnnValue *operand)
{
  DnnPostOp *post_op = g_new0 (DnnPostOp, 1);

  post_op->op = g_strdup (op);
  post_op->attrs = attrs;
  post_op->input = operand ? (gint) node->inputs->len : -1;
  if (operand)
    g_ptr_array_add (node->inputs, operand);
  g_ptr_array_add (node->post_ops, post_op);
}

/**
 * dnn_graph_add_result:
 * @name: (nullable): %NULL: the next output is absent
 *
 * Returns: (transfer none) (nullable): the node's new last output, of unknown
 *   type and shape
 */
DnnValue *
dnn_graph_add_result (DnnGraph *self, DnnNode *node, const gchar *name)
{
  DnnValue *value = NULL;

  if (name) {
    value = add_value (self, name, DNN_VALUE_RESULT);
    value->producer = node;
    value->producer_slot = node->outputs->len;
  }
  g_ptr_array_add (node->outputs, value);
  return value;
}

/**
 * dnn_graph_add_output:
 * @name: name of the interface; need not be the value's
 * @value: any value of the graph
 */
void
dnn_graph_add_output (DnnGraph *self, const gchar *name, DnnValue *value)
{
  g_ptr_array_add (self->output_names, g_strdup (name));
  g_ptr_array_add (self->outputs, value);
}

/* ---- changing --------------------------------------------------------------
 */

static void
replace_all (GPtrArray *array, gpointer old, gpointer value)
{
  for (guint i = 0; i < array->len; i++)
    if (array->pdata[i] == old)
      array->pdata[i] = value;
}

/**
 * dnn_graph_replace_uses:
 *
 * Every input of a node and every output of the graph that is @old becomes
 * @value. @old stays in the graph.
 */
void
dnn_graph_replace_uses (DnnGraph *self, DnnValue *old, DnnValue *value)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnNode *node = self->nodes->pdata[i];
    replace_all (node->inputs, old, value);
  }
  replace_all (self->outputs, old, value);
}

static void
drop_value (DnnGraph *self, DnnValue *value)
{
  g_hash_table_remove (self->values_by_name, value->name);
  g_ptr_array_remove (self->values, value);
}

/**
 * dnn_graph_remove_node:
 *
 * Drops @node and its results, which nothing may use any more.
 */
void
dnn_graph_remove_node (DnnGraph *self, DnnNode *node)
{
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      drop_value (self, node->outputs->pdata[i]);
  g_hash_table_remove (self->nodes_by_name, node->name);
  g_ptr_array_remove (self->nodes, node);
}

/**
 * dnn_graph_remove_value:
 * @value: a param or a result that nothing uses
 *
 * Drops it. The node that made a result keeps an absent output in its place.
 */
void
dnn_graph_remove_value (DnnGraph *self, DnnValue *value)
{
  g_assert (value->kind != DNN_VALUE_INPUT);
  if (value->producer)
    value->producer->outputs->pdata[value->producer_slot] = NULL;
  drop_value (self, value);
}

/* Puts @value and, if it is new, its producer's inputs on @stack. */
static void
mark_value (DnnValue *value, GHashTable *needed, GPtrArray *stack)
{
  if (value && g_hash_table_add (needed, value))
    g_ptr_array_add (stack, value);
}

GHashTable *
dnn_graph_find_needed (
    const DnnGraph *self, DnnGraphIsKnown is_known, gconstpointer data)
{
  GHashTable *needed = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();

  for (guint i = 0; i < self->outputs->len; i++)
    mark_value (self->outputs->pdata[i], needed, stack);
  while (stack->len > 0) {
    DnnValue *value = g_ptr_array_remove_index_fast (stack, stack->len - 1);
    DnnNode *node = value->producer;
    if (!node || (is_known && is_known (value, data)) ||
        !g_hash_table_add (needed, node))
      continue;
    for (guint i = 0; i < node->inputs->len; i++)
      mark_value (node->inputs->pdata[i], needed, stack);
  }
  return needed;
}

static gboolean
is_needed (const DnnValue *value, GHashTable *needed)
{
  if (value->kind == DNN_VALUE_INPUT)
    return TRUE;
  if (value->kind == DNN_VALUE_PARAM)
    return g_hash_table_contains (needed, value);
  return g_hash_table_contains (needed, value->producer);
}

/**
 * dnn_graph_remove_unused:
 *
 * Drops nodes and params that no output of the graph needs. Inputs stay:
 * they are its interface.
 */
void
dnn_graph_remove_unused (DnnGraph *self)
{
  g_autoptr (GHashTable) needed = dnn_graph_find_needed (self, NULL, NULL);
  GPtrArray *values = g_ptr_array_new_with_free_func (free_value);
  GPtrArray *nodes = g_ptr_array_new_with_free_func (free_node);

  for (guint i = 0; i < self->values->len; i++) {
    DnnValue *value = self->values->pdata[i];
    if (!is_needed (value, needed)) {
      g_hash_table_remove (self->values_by_name, value->name);
      continue;
    }
    g_ptr_array_add (values, value);
    self->values->pdata[i] = NULL;
  }
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnNode *node = self->nodes->pdata[i];
    if (!g_hash_table_contains (needed, node)) {
      g_hash_table_remove (self->nodes_by_name, node->name);
      continue;
    }
    g_ptr_array_add (nodes, node);
    self->nodes->pdata[i] = NULL;
  }
  g_ptr_array_set_free_func (self->values, NULL);
  g_ptr_array_set_free_func (self->nodes, NULL);
  for (guint i = 0; i < self->values->len; i++)
    if (self->values->pdata[i])
      free_value (self->values->pdata[i]);
  for (guint i = 0; i < self->nodes->len; i++)
    if (self->nodes->pdata[i])
      free_node (self->nodes->pdata[i]);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->nodes);
  self->values = values;
  self->nodes = nodes;
}

/**
 * dnn_graph_find_value:
 *
 * Returns: (transfer none) (nullable): the value of that name
 */
DnnValue *
dnn_graph_find_value (DnnGraph *self, const gchar *name)
{
  return g_hash_table_lookup (self->values_by_name, name);
}

/**
 * dnn_graph_rename_value:
 * @name: a name that no value has
 */
void
dnn_graph_rename_value (DnnGraph *self, DnnValue *value, const gchar *name)
{
  g_assert (!g_hash_table_contains (self->values_by_name, name));
  g_hash_table_remove (self->values_by_name, value->name);
  g_free (value->name);
  value->name = g_strdup (name);
  g_hash_table_insert (self->values_by_name, g_strdup (name), value);
}

/**
 * dnn_graph_set_param:
 * @input: an input of the graph, or a param already
 * @tensor: (transfer none): its bytes
 *
 * Gives @input a constant value. It leaves the graph's inputs and takes type
 * and shape of @tensor.
 */
void
dnn_graph_set_param (DnnGraph *self, DnnValue *input, DnnTensor *tensor)
{
  g_assert (input->kind != DNN_VALUE_RESULT);
  g_ptr_array_remove (self->inputs, input);
  input->kind = DNN_VALUE_PARAM;
  input->type = dnn_tensor_get_element_type (tensor);
  input->shape = *dnn_tensor_get_shape (tensor);
  dnn_tensor_ref (tensor);
  g_clear_pointer (&input->tensor, dnn_tensor_unref);
  input->tensor = tensor;
}

/**
 * dnn_graph_get_users:
 *
 * Returns: (transfer container) (element-type gpointer): the nodes that have
 *   @value among their inputs, each once, in the order of the graph
 */
GPtrArray *
dnn_graph_get_users (DnnGraph *self, DnnValue *value)
{
  GPtrArray *users = g_ptr_array_new ();

  for (guint i = 0; i < self->nodes->len; i++) {
    DnnNode *node = self->nodes->pdata[i];
    if (g_ptr_array_find (node->inputs, value, NULL))
      g_ptr_array_add (users, node);
  }
  return users;
}

/**
 * dnn_graph_is_output:
 *
 * Returns: whether @value is an output of the graph
 */
gboolean
dnn_graph_is_output (DnnGraph *self, DnnValue *value)
{
  return g_ptr_array_find (self->outputs, value, NULL);
}
