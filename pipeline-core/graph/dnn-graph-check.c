/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnGraph → yes, or what is inconsistent about it. What a file says is
 * refused with its JSON path by dnn-graph-read.c before; this is for graphs
 * from everywhere. Next: dnn-graph-sort.c. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph-private.h"

#include <string.h>

const gchar *const dnn_graph_node_keys[] = {
  "func_name",
  "num_inputs",
  "num_outputs",
  "flatten_data",
  "input_slots",
  "output_slots",
  "post_ops",
  "captures",
  NULL,
};

const gchar *const dnn_graph_metadata_keys[] = {
  "name",
  "opset",
  "params",
  "outputs",
  "dimensions",
  "value_names",
  "unknown_ranks",
  "subgraphs",
  NULL,
};

static gboolean fail (DnnGraph *self, GError **error, const gchar *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
fail (DnnGraph *self, GError **error, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, DNN_ERROR_GRAPH, "%s%s%s", self->label,
      self->label[0] ? ": " : "", text);
  return FALSE;
}

/* Adds @name to @seen; an empty, broken or repeated one is refused. */
static gboolean
check_name (DnnGraph *self, const gchar *name, const gchar *what,
    GHashTable *seen, GError **error)
{
  if (!name || !name[0])
    return fail (self, error, "one name is empty (%s)", what);
  if (!g_utf8_validate (name, -1, NULL)) {
    g_autofree gchar *valid = g_utf8_make_valid (name, -1);
    return fail (
        self, error, "the name of %s \"%s\" is not valid UTF-8", what, valid);
  }
  if (!g_hash_table_add (seen, (gpointer) name))
    return fail (self, error, "two %ss are called \"%s\"", what, name);
  return TRUE;
}

static gboolean
check_attrs (DnnGraph *self, const gchar *owner, const DnnAttrs *attrs,
    const gchar *const *reserved, GError **error)
{
  for (guint i = 0; i < dnn_attrs_get_n (attrs); i++) {
    const gchar *key = dnn_attrs_get_key (attrs, i);
    if (g_strv_contains (reserved, key))
      return fail (self, error,
          "%s: \"%s\" can't be an attribute: the graph file uses that name",
          owner, key);
    if (!g_utf8_validate (key, -1, NULL) ||
        !g_utf8_validate (dnn_attrs_get_value (attrs, i), -1, NULL))
      return fail (
          self, error, "%s: attribute %u is not valid UTF-8", owner, i);
  }
  return TRUE;
}

gboolean
dnn_graph_check_size (const DnnValue *value, gchar **why)
{
  gsize size = value->type == DNN_TYPE_INVALID ? 1
                                               : dnn_type_size (value->type);
  gint64 n = dnn_shape_n_least (&value->shape);
  g_autofree gchar *shape = NULL;

  if (n >= 0 && n <= DNN_MAX_TENSOR_BYTES / (gint64) size)
    return TRUE;
  shape = dnn_shape_to_string (&value->shape);
  *why = g_strdup_printf (
      "a tensor of %s %s is above the limit of %" G_GINT64_FORMAT " bytes",
      shape, dnn_type_name (value->type), DNN_MAX_TENSOR_BYTES);
  return FALSE;
}

static gboolean
check_value (DnnGraph *self, const DnnValue *value, GError **error)
{
  g_autofree gchar *why = NULL;

  if (value->kind == DNN_VALUE_RESULT) {
    const DnnNode *node = value->producer;
    if (!node || value->producer_slot >= node->outputs->len ||
        node->outputs->pdata[value->producer_slot] != value)
      return fail (self, error, "no node makes \"%s\"", value->name);
  } else if (value->producer) {
    return fail (self, error, "\"%s\" is both given and made by node \"%s\"",
        value->name, value->producer->name);
  } else if (value->type == DNN_TYPE_INVALID &&
      !(self->is_subgraph && value->kind == DNN_VALUE_INPUT)) {
    return fail (self, error, "\"%s\" has no data type", value->name);
  }
  if (value->dim_names &&
      g_strv_length (value->dim_names) != (guint) MAX (value->shape.rank, 0))
    return fail (self, error, "\"%s\" has %u names for %d dimensions",
        value->name, g_strv_length (value->dim_names), value->shape.rank);
  if (dnn_graph_check_size (value, &why))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT, "%s%s\"%s\": %s", self->label,
      self->label[0] ? ": " : "", value->name, why);
  return FALSE;
}

static gboolean
check_inputs (
    DnnGraph *self, const DnnNode *node, GHashTable *values, GError **error)
{
  if (node->n_formal > node->inputs->len)
    return fail (self, error, "node \"%s\" has %u of %u formal inputs",
        node->name, node->inputs->len, node->n_formal);
  for (guint i = 0; i < node->inputs->len; i++) {
    DnnValue *value = node->inputs->pdata[i];
    if (!value && i >= node->n_formal)
      return fail (self, error, "input %u of node \"%s\" is %s and absent", i,
          node->name,
          node->subgraphs ? "captured" : "the operand of a post-op");
    if (value && !g_hash_table_contains (values, value))
      return fail (self, error, "input %u of node \"%s\" is not in the graph",
          i, node->name);
  }
  return TRUE;
}

static gboolean
check_outputs (
    DnnGraph *self, const DnnNode *node, GHashTable *values, GError **error)
{
  guint n = 0;

  for (guint i = 0; i < node->outputs->len; i++) {
    DnnValue *value = node->outputs->pdata[i];
    if (!value)
      continue;
    n++;
    if (!g_hash_table_contains (values, value) || value->producer != node ||
        value->producer_slot != i)
      return fail (self, error,
          "output %u of node \"%s\" is not in the graph as its result", i,
          node->name);
  }
  if (n > 0)
    return TRUE;
  return fail (self, error, "node \"%s\" has no outputs", node->name);
}

/* Post-ops use the operands behind the formal inputs one by one. */
static gboolean
check_post_ops (DnnGraph *self, const DnnNode *node, GError **error)
{
  guint next = node->n_formal;

  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    g_autofree gchar *owner = g_strdup_printf (
        "post-op %u of node \"%s\"", i, node->name);
    static const gchar *const none[] = { NULL };
    if (!post_op->op || !post_op->op[0])
      return fail (self, error, "%s has no operator", owner);
    if (!check_attrs (self, owner, post_op->attrs, none, error))
      return FALSE;
    if (post_op->input < 0)
      continue;
    if ((guint) post_op->input != next || next >= node->inputs->len)
      return fail (self, error, "%s uses input %d, expected %u of %u", owner,
          post_op->input, next, node->inputs->len);
    next++;
  }
  if (next == node->inputs->len ||
      (node->subgraphs && node->post_ops->len == 0))
    return TRUE;
  return fail (self, error, "input %u of node \"%s\" belongs to no post-op",
      next, node->name);
}

static gboolean
check_node (
    DnnGraph *self, const DnnNode *node, GHashTable *values, GError **error)
{
  g_autofree gchar *owner = g_strdup_printf ("node \"%s\"", node->name);

  if (!node->op || !node->op[0] || !g_utf8_validate (node->op, -1, NULL))
    return fail (self, error, "%s has no operator", owner);
  return check_attrs (self, owner, node->attrs, dnn_graph_node_keys, error) &&
      check_inputs (self, node, values, error) &&
      check_outputs (self, node, values, error) &&
      check_post_ops (self, node, error);
}

static gboolean
check_interfaces (DnnGraph *self, GHashTable *values, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->inputs->len; i++) {
    DnnValue *value = self->inputs->pdata[i];
    if (!g_hash_table_contains (values, value) ||
        value->kind != DNN_VALUE_INPUT)
      return fail (self, error, "input %u is no input in the graph", i);
  }
  if (self->outputs->len == 0)
    return fail (self, error, "the graph has no outputs");
  if (self->outputs->len != self->output_names->len)
    return fail (self, error, "%u outputs have %u names", self->outputs->len,
        self->output_names->len);
  for (guint i = 0; i < self->outputs->len; i++) {
    if (!g_hash_table_contains (values, self->outputs->pdata[i]))
      return fail (self, error, "output %u is not in the graph", i);
    if (!check_name (self, self->output_names->pdata[i], "output", seen, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * dnn_graph_check:
 *
 * Returns: %FALSE with GRAPH, or LIMIT for a tensor that is too big; the
 *   message names the value or node
 */
gboolean
dnn_graph_check (DnnGraph *self, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_inputs = 0;

  for (guint i = 0; i < self->values->len; i++) {
    DnnValue *value = self->values->pdata[i];
    g_hash_table_add (values, value);
    n_inputs += value->kind == DNN_VALUE_INPUT;
    if (!check_name (self, value->name, "value", names, error))
      return FALSE;
  }
  if (n_inputs != self->inputs->len)
    return fail (self, error, "%u inputs are listed, %u exist",
        self->inputs->len, n_inputs);
  g_hash_table_remove_all (names);
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnNode *node = self->nodes->pdata[i];
    if (!check_name (self, node->name, "node", names, error) ||
        !check_node (self, node, values, error))
      return FALSE;
  }
  for (guint i = 0; i < self->values->len; i++)
    if (!check_value (self, self->values->pdata[i], error))
      return FALSE;
  return check_attrs (self, "metadata", self->metadata, dnn_graph_metadata_keys,
             error) &&
      check_interfaces (self, values, error) &&
      dnn_graph_check_subgraphs (self, error);
}
