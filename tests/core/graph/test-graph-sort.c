/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Order of nodes, and how cycles are told. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <string.h>

#include "tests/core/rounds.h"

static const DnnShape scalar = { 0 };

/* "a<x b<a": node a uses x, node b uses a; results are called as their nodes,
 * in this order. */
static DnnGraph *
make_graph (const gchar *text)
{
  DnnGraph *graph = dnn_graph_new ("");
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &scalar);
  for (guint i = 0; words[i]; i++) {
    g_auto (GStrv) names = g_strsplit (words[i], "<", -1);
    DnnNode *node = dnn_graph_add_node (graph, names[0], "Sum");
    dnn_graph_add_result (graph, node, names[0]);
  }
  for (guint i = 0; words[i]; i++) {
    g_auto (GStrv) names = g_strsplit (words[i], "<", -1);
    for (guint j = 1; names[j]; j++)
      dnn_node_add_input (
          graph->nodes->pdata[i], dnn_graph_find_value (graph, names[j]));
  }
  dnn_graph_add_output (graph, "y", dnn_graph_find_value (graph, "a"));
  return graph;
}

static gchar *
print_order (DnnGraph *graph)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_string_append_printf (
        text, "%s%s", i ? " " : "", ((DnnNode *) graph->nodes->pdata[i])->name);
  return g_string_free (text, FALSE);
}

typedef struct
{
  const gchar *name;
  const gchar *graph;
  const gchar *order; /* NULL: a cycle */
  const gchar *message;
} Row;

static const Row rows[] = {
  { "sorted-stays", "a<x b<a c<a d<c<b", "a b c d", NULL },
  { "independent-stay", "c<x a<x b<x", "c a b", NULL },
  { "reversed", "d<c c<b b<a a<x", "a b c d", NULL },
  { "diamond", "d<b<c b<a c<a a<x", "a b c d", NULL },
  { "one-late", "b<x c<d a<x d<x", "b d c a", NULL },
  { "same-input-twice", "a<x b<a<a", "a b", NULL },
  { "cycle-of-one", "a<a", NULL, "the graph has a cycle: a → a" },
  { "cycle-of-two", "a<b b<a", NULL, "the graph has a cycle: a → b → a" },
  { "cycle-of-three", "a<c b<a c<b", NULL,
      "the graph has a cycle: a → b → c → a" },
  { "cycle-behind-others", "a<x b<a<d c<b d<c e<d", NULL,
      "the graph has a cycle: b → c → d → b" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (DnnGraph) graph = make_graph (row->graph);
  g_autofree gchar *before = print_order (graph);
  g_autofree gchar *after = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_sorted = dnn_graph_sort (graph, &error);

  after = print_order (graph);
  if (row->order) {
    g_assert_no_error (error);
    g_assert_true (is_sorted);
    g_assert_cmpstr (after, ==, row->order);
    return;
  }
  g_assert_false (is_sorted);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_CYCLE);
  g_assert_cmpstr (error->message, ==, row->message);
  g_assert_cmpstr (after, ==, before);
}

/* Deep chains must not use the stack; long cycles must stay readable. */
static void
test_chain (gconstpointer data)
{
  gboolean close = GPOINTER_TO_INT (data);
  g_autoptr (DnnGraph) graph = dnn_graph_new ("");
  g_autoptr (GError) error = NULL;
  g_autofree gchar *end = NULL;
  const guint n = get_rounds (100000);
  DnnValue *value = dnn_graph_add_input (graph, "x", DNN_TYPE_INT8, &scalar);

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *name = g_strdup_printf ("n%u", n - i - 1);
    DnnNode *node = dnn_graph_add_node (graph, name, "Relu");
    dnn_graph_add_result (graph, node, name);
  }
  for (guint i = 0; i < n; i++) { /* node i uses node i + 1 */
    DnnNode *node = graph->nodes->pdata[i];
    DnnNode *next = i + 1 < n ? graph->nodes->pdata[i + 1] : NULL;
    dnn_node_add_input (node, next ? next->outputs->pdata[0] : value);
    if (close && !next)
      node->inputs->pdata[0] =
          ((DnnNode *) graph->nodes->pdata[0])->outputs->pdata[0];
  }
  dnn_graph_sort (graph, &error);
  if (!close) {
    g_assert_no_error (error);
    g_assert_cmpstr (((DnnNode *) graph->nodes->pdata[0])->name, ==, "n0");
    return;
  }
  g_assert_error (error, DNN_ERROR, DNN_ERROR_CYCLE);
  end = g_strdup_printf ("(%u more) → n%u", n - 9, n - 1);
  g_assert_nonnull (strstr (error->message, end));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/graph-sort/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  g_test_add_data_func (
      "/core/graph-sort/deep-chain", GINT_TO_POINTER (FALSE), test_chain);
  g_test_add_data_func (
      "/core/graph-sort/long-cycle", GINT_TO_POINTER (TRUE), test_chain);
  return g_test_run ();
}
