/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Lines of text → graphs. Next: the tests of elements. */
#include "config.h"

#include "tests/elements/dnn-check-graph.h"

#include <stdlib.h>
#include <string.h>

static DnnValue *
add_constant (DnnGraph *graph, const gchar *text)
{
  g_auto (GStrv) words = g_strsplit (text + 1, "=", 2);
  g_autofree gchar *name = dnn_graph_unique_name (graph, "constant");
  gfloat number = (gfloat) g_ascii_strtod (words[1], NULL);
  g_autoptr (DnnTensor) tensor = NULL;
  DnnShape shape = { .rank = 0 };

  g_assert_true (*words[0] == '\0' || dnn_shape_parse (words[0], &shape));
  tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  for (gint64 i = 0; i < dnn_shape_n_elements (&shape); i++)
    ((gfloat *) dnn_tensor_get_writable_data (tensor))[i] = number;
  return dnn_graph_add_param (graph, name, tensor);
}

/* "#1/-1/85" */
static DnnValue *
add_list (DnnGraph *graph, const gchar *text)
{
  g_auto (GStrv) words = g_strsplit (text + 1, "/", -1);
  g_autofree gchar *name = dnn_graph_unique_name (graph, "list");
  DnnShape shape = dnn_shape (1, (gint64) g_strv_length (words));
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT64, &shape);

  for (guint i = 0; words[i] != NULL; i++)
    ((gint64 *) dnn_tensor_get_writable_data (tensor))[i] = atoi (words[i]);
  return dnn_graph_add_param (graph, name, tensor);
}

static void
add_inputs (DnnGraph *graph, DnnNode *node, const gchar *list)
{
  g_auto (GStrv) words = g_strsplit (list, " ", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    DnnValue *value;

    if (*words[i] == '@')
      value = add_constant (graph, words[i]);
    else if (*words[i] == '#')
      value = add_list (graph, words[i]);
    else
      value = dnn_graph_find_value (graph, words[i]);
    g_assert_nonnull (value);
    dnn_node_add_input (node, value);
  }
}

static void
add_line (DnnGraph *graph, const gchar *line)
{
  g_auto (GStrv) sides = g_strsplit (line, " = ", 2);
  g_auto (GStrv) call = g_strsplit_set (sides[1], "()", 3);
  g_auto (GStrv) results = g_strsplit (sides[0], " ", -1);
  g_auto (GStrv) attrs = g_strsplit (g_strstrip (call[2]), " ", -1);
  g_autofree gchar *name = g_strconcat (results[0], "-node", NULL);
  DnnNode *node = dnn_graph_add_node (graph, name, call[0]);

  add_inputs (graph, node, call[1]);
  for (guint i = 0; attrs[i] != NULL && *attrs[i] != '\0'; i++) {
    g_auto (GStrv) pair = g_strsplit (attrs[i], "=", 2);

    dnn_attrs_set (node->attrs, pair[0], pair[1]);
  }
  for (guint i = 0; results[i] != NULL; i++) {
    DnnValue *value = dnn_graph_add_result (graph, node, results[i]);

    if (g_str_has_prefix (results[i], "out"))
      dnn_graph_add_output (graph, results[i], value);
  }
}

DnnGraph *
dnn_check_graph (const gchar *input, const gchar *const *lines)
{
  DnnGraph *graph = dnn_graph_new ("test");
  g_autoptr (GError) error = NULL;
  DnnShape shape;

  g_assert_true (dnn_shape_parse (input, &shape));
  dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  for (; *lines != NULL; lines++)
    add_line (graph, *lines);
  dnn_graph_sort (graph, &error);
  g_assert_no_error (error);
  return graph;
}
