/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs that nodes run: made, walked, checked against their node. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <string.h>

#include "pipeline-core/graph/dnn-graph-private.h"

static void
free_subgraph (gpointer data)
{
  DnnSubgraph *subgraph = data;

  g_free (subgraph->name);
  g_object_unref (subgraph->graph);
  g_free (subgraph);
}

void
dnn_node_free_subgraphs (DnnNode *node)
{
  g_clear_pointer (&node->subgraphs, g_ptr_array_unref);
}

/**
 * dnn_node_add_capture:
 * @value: of the node's own graph
 *
 * All formal inputs come before.
 */
void
dnn_node_add_capture (DnnNode *node, DnnValue *value)
{
  g_assert (node->post_ops->len == 0);
  g_ptr_array_add (node->inputs, value);
}

guint
dnn_node_get_n_captures (const DnnNode *node)
{
  return node->subgraphs || node->post_ops->len == 0
      ? node->inputs->len - node->n_formal
      : 0;
}

void
dnn_node_add_subgraph (DnnNode *node, const gchar *name, DnnGraph *graph)
{
  DnnSubgraph *subgraph = g_new (DnnSubgraph, 1);

  subgraph->name = g_strdup (name);
  subgraph->graph = g_object_ref (graph);
  graph->is_subgraph = TRUE;
  if (!node->subgraphs)
    node->subgraphs = g_ptr_array_new_with_free_func (free_subgraph);
  g_ptr_array_add (node->subgraphs, subgraph);
}

/**
 * dnn_node_get_subgraph:
 *
 * Returns: (transfer none) (nullable): the subgraph of that name
 */
DnnGraph *
dnn_node_get_subgraph (const DnnNode *node, const gchar *name)
{
  for (guint i = 0; node->subgraphs && i < node->subgraphs->len; i++) {
    const DnnSubgraph *subgraph = node->subgraphs->pdata[i];
    if (strcmp (subgraph->name, name) == 0)
      return subgraph->graph;
  }
  return NULL;
}

void
dnn_graph_foreach_subgraph (DnnGraph *self,
    void (*func) (DnnGraph *graph, gpointer data), gpointer data)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnNode *node = self->nodes->pdata[i];
    for (guint j = 0; node->subgraphs && j < node->subgraphs->len; j++) {
      const DnnSubgraph *subgraph = node->subgraphs->pdata[j];
      func (subgraph->graph, data);
      dnn_graph_foreach_subgraph (subgraph->graph, func, data);
    }
  }
}

gboolean
dnn_node_subgraphs_equal (const DnnNode *a, const DnnNode *b)
{
  guint n = a->subgraphs ? a->subgraphs->len : 0;

  if (n != (b->subgraphs ? b->subgraphs->len : 0))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    const DnnSubgraph *subgraph = a->subgraphs->pdata[i];
    DnnGraph *other = dnn_node_get_subgraph (b, subgraph->name);
    if (!other || !dnn_graph_equal (subgraph->graph, other))
      return FALSE;
  }
  return TRUE;
}

/* ---- params ------------------------------------------------------------- */

typedef struct
{
  const gchar *name;
  DnnValue *found;
  DnnGraph *owner;
} Search;

static void
search_param (DnnGraph *graph, gpointer data)
{
  Search *search = data;
  DnnValue *value = dnn_graph_find_value (graph, search->name);

  if (search->found || !value || value->kind != DNN_VALUE_PARAM)
    return;
  search->found = value;
  search->owner = graph;
}

DnnValue *
dnn_graph_find_param (DnnGraph *self, const gchar *name, DnnGraph **owner)
{
  Search search = { name, NULL, NULL };

  search_param (self, &search);
  if (!search.found)
    dnn_graph_foreach_subgraph (self, search_param, &search);
  if (search.found)
    *owner = search.owner;
  return search.found;
}

static gchar *
make_free_name (DnnGraph *graph, const gchar *base, GHashTable *taken)
{
  gchar *name = g_strdup (base);

  for (guint n = 1; g_hash_table_contains (taken, name) ||
       dnn_graph_find_value (graph, name);
       n++) {
    g_free (name);
    name = g_strdup_printf ("%s_%u", base, n);
  }
  return name;
}

static void
part_params (DnnGraph *graph, gpointer data)
{
  GHashTable *taken = data;

  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (value->kind != DNN_VALUE_PARAM)
      continue;
    if (g_hash_table_contains (taken, value->name)) {
      g_autofree gchar *name = make_free_name (graph, value->name, taken);
      dnn_graph_rename_value (graph, value, name);
    }
    g_hash_table_add (taken, g_strdup (value->name));
  }
}

void
dnn_graph_part_params (DnnGraph *self)
{
  g_autoptr (GHashTable)
      taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  part_params (self, taken);
  dnn_graph_foreach_subgraph (self, part_params, taken);
}

/* ---- checking ----------------------------------------------------------- */

static gboolean
fail (const DnnNode *node, const gchar *name, GError **error, DnnError code,
    const gchar *text)
{
  g_set_error (
      error, DNN_ERROR, code, "node \"%s\": %s: %s", node->name, name, text);
  return FALSE;
}

/* How deep graphs lie in it, up to one more than are allowed. */
static guint
get_depth (const DnnGraph *self, guint most)
{
  guint deepest = 0;

  for (guint i = 0; i < self->nodes->len && most > 0; i++) {
    const DnnNode *node = self->nodes->pdata[i];
    for (guint j = 0; node->subgraphs && j < node->subgraphs->len; j++) {
      const DnnSubgraph *subgraph = node->subgraphs->pdata[j];
      deepest = MAX (deepest, 1 + get_depth (subgraph->graph, most - 1));
    }
  }
  return deepest;
}

static gboolean
check_subgraph (
    const DnnNode *node, const DnnSubgraph *subgraph, GError **error)
{
  guint n_captures = dnn_node_get_n_captures (node);

  if (!subgraph->name[0])
    return fail (node, "subgraph", error, DNN_ERROR_GRAPH, "it has no name");
  if (get_depth (subgraph->graph, DNN_MAX_GRAPH_DEPTH) >= DNN_MAX_GRAPH_DEPTH)
    return fail (node, subgraph->name, error, DNN_ERROR_LIMIT,
        "subgraphs lie more than " G_STRINGIFY (DNN_MAX_GRAPH_DEPTH) " deep");
  if (subgraph->graph->inputs->len < n_captures) {
    g_autofree gchar *text = g_strdup_printf (
        "it has %u inputs, but the node captures %u values",
        subgraph->graph->inputs->len, n_captures);
    return fail (node, subgraph->name, error, DNN_ERROR_GRAPH, text);
  }
  if (dnn_graph_check (subgraph->graph, error))
    return TRUE;
  g_prefix_error (error, "node \"%s\": %s: ", node->name, subgraph->name);
  return FALSE;
}

typedef struct
{
  GHashTable *names;
  const gchar *twice;
} Unique;

static void
collect_params (DnnGraph *graph, gpointer data)
{
  Unique *unique = data;

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM &&
        !g_hash_table_add (unique->names, value->name))
      unique->twice = value->name;
  }
}

/* One params file holds them all. */
static gboolean
check_params (DnnGraph *self, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  Unique unique = { names, NULL };

  collect_params (self, &unique);
  dnn_graph_foreach_subgraph (self, collect_params, &unique);
  if (!unique.twice)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_GRAPH,
      "%s%sparam \"%s\" stands in two graphs, of which one runs the other",
      self->label, self->label[0] ? ": " : "", unique.twice);
  return FALSE;
}

gboolean
dnn_graph_check_subgraphs (DnnGraph *self, GError **error)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnNode *node = self->nodes->pdata[i];
    for (guint j = 0; node->subgraphs && j < node->subgraphs->len; j++) {
      any = TRUE;
      if (!check_subgraph (node, node->subgraphs->pdata[j], error))
        return FALSE;
    }
  }
  return !any || check_params (self, error);
}
