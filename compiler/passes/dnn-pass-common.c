/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes of one operator with the same inputs and attributes, and small
 * constants of the same bytes → one of them. Next: dnn-pass-batchnorm.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include <string.h>

/* Larger constants are not compared: exporters don't write them twice. */
#define MAX_BYTES 4096

/* What computes anew each time, or holds a graph. */
static gboolean
is_own (const DnnNode *node)
{
  static const gchar *const ops[] = { "Bernoulli", "Dropout", "If", "Loop",
    "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike", "Scan", "SequenceMap", "", NULL };

  return g_strv_contains (ops, node->op);
}

/* ---- constants
 * ------------------------------------------------------------------------ */

static gsize
get_size (const DnnValue *value)
{
  return value->kind == DNN_VALUE_PARAM && value->tensor
      ? dnn_tensor_get_size (value->tensor)
      : MAX_BYTES + 1;
}

static guint
hash_param (gconstpointer key)
{
  const DnnValue *value = key;
  const guint8 *bytes = dnn_tensor_get_data (value->tensor);
  guint hash = value->type + value->shape.rank;

  for (gsize i = 0; i < get_size (value); i++)
    hash = hash * 31 + bytes[i];
  return hash;
}

static gboolean
equal_params (gconstpointer a, gconstpointer b)
{
  const DnnValue *x = a, *y = b;

  return x->type == y->type && dnn_shape_equal (&x->shape, &y->shape) &&
      get_size (x) == get_size (y) &&
      memcmp (dnn_tensor_get_data (x->tensor), dnn_tensor_get_data (y->tensor),
          get_size (x)) == 0;
}

/* Of @table, the one equal to @item; else @item, which is of it now. */
static gpointer
find_or_add (GHashTable *table, gpointer item)
{
  gpointer found = g_hash_table_lookup (table, item);

  if (!found)
    g_hash_table_add (table, item);
  return found ? found : item;
}

static gboolean
join_params (DnnGraph *graph)
{
  g_autoptr (GHashTable) table = g_hash_table_new (hash_param, equal_params);
  gboolean changed = FALSE;

  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i], *first;
    if (get_size (value) > MAX_BYTES)
      continue;
    first = find_or_add (table, value);
    if (first == value)
      continue;
    dnn_pass_forward (value, first);
    changed = TRUE;
  }
  return changed;
}

/* ---- nodes
 * ----------------------------------------------------------------------------
 */

static guint
hash_node (gconstpointer key)
{
  const DnnNode *node = key;
  guint hash = g_str_hash (node->op) + node->inputs->len;

  for (guint i = 0; i < node->inputs->len; i++)
    hash = hash * 31 +
        g_direct_hash (dnn_pass_follow (node->inputs->pdata[i])) / 16;
  return hash;
}

static gboolean
have_same_inputs (const DnnNode *x, const DnnNode *y)
{
  if (x->n_formal != y->n_formal || x->inputs->len != y->inputs->len)
    return FALSE;
  for (guint i = 0; i < x->inputs->len; i++)
    if (dnn_pass_follow (x->inputs->pdata[i]) !=
        dnn_pass_follow (y->inputs->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
equal_nodes (gconstpointer a, gconstpointer b)
{
  const DnnNode *x = a, *y = b;

  if (x->outputs->len != y->outputs->len || strcmp (x->op, y->op) != 0 ||
      x->flatten_data != y->flatten_data || !have_same_inputs (x, y) ||
      !dnn_attrs_equal (x->attrs, y->attrs))
    return FALSE;
  for (guint i = 0; i < x->outputs->len; i++)
    if (!x->outputs->pdata[i] && y->outputs->pdata[i])
      return FALSE;
  return TRUE;
}

static gboolean
join_nodes (DnnGraph *graph)
{
  g_autoptr (GHashTable) table = g_hash_table_new (hash_node, equal_nodes);
  gboolean changed = FALSE;

  for (guint n = 0; n < graph->nodes->len; n++) {
    DnnNode *node = graph->nodes->pdata[n], *first;
    if (node->post_ops->len > 0 || is_own (node))
      continue;
    first = find_or_add (table, node);
    if (first == node)
      continue;
    for (guint i = 0; i < node->outputs->len; i++)
      if (node->outputs->pdata[i])
        dnn_pass_forward (node->outputs->pdata[i], first->outputs->pdata[i]);
    changed = TRUE;
  }
  return changed;
}

gboolean
dnn_pass_common (DnnGraph *graph, GError **error)
{
  gboolean changed;

  dnn_pass_begin_forward (graph);
  changed = join_params (graph);
  changed |= join_nodes (graph);
  dnn_pass_end_forward (graph);
  return dnn_pass_end (graph, changed, error);
}
