/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs that nodes run: written, read, copied, their params, what is wrong
 * with them. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <string.h>

static const DnnShape vector = { 1, { 4 } };
static const DnnShape scalar = { 0, { 0 } };

static DnnValue *
add_param (DnnGraph *graph, const gchar *name, gfloat number)
{
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &vector);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (guint i = 0; i < 4; i++)
    data[i] = number;
  return dnn_graph_add_param (graph, name, tensor);
}

static DnnValue *
add_node (DnnGraph *graph, const gchar *name, const gchar *op, DnnValue *a,
    DnnValue *b)
{
  DnnNode *node = dnn_graph_add_node (graph, name, op);
  DnnValue *value = dnn_graph_add_result (graph, node, name);

  dnn_node_add_input (node, a);
  if (b)
    dnn_node_add_input (node, b);
  value->type = DNN_TYPE_FLOAT32;
  value->shape = vector;
  return value;
}

/* y = c + PARAM, c is captured and has no type yet. */
static DnnGraph *
make_branch (const gchar *param, gfloat number)
{
  static const DnnShape unknown = { -1 };
  DnnGraph *graph = dnn_graph_new ("branch");
  DnnValue *c = dnn_graph_add_input (graph, "c", DNN_TYPE_INVALID, &unknown);

  dnn_graph_add_output (graph, "y",
      add_node (graph, "add", "Add", c, add_param (graph, param, number)));
  return graph;
}

/* A node "if" of @graph that captures @c. */
static DnnValue *
add_if (DnnGraph *graph, DnnValue *condition, DnnValue *c, const gchar *params)
{
  DnnValue *value = add_node (graph, "if", "If", condition, NULL);
  g_autofree gchar *then_param = g_strconcat (params, "-then", NULL);
  g_autofree gchar *else_param = g_strconcat (params, "-else", NULL);
  g_autoptr (DnnGraph) then_branch = make_branch (then_param, 1);
  g_autoptr (DnnGraph) else_branch = make_branch (else_param, 2);

  dnn_node_add_capture (value->producer, c);
  dnn_node_add_subgraph (value->producer, "then_branch", then_branch);
  dnn_node_add_subgraph (value->producer, "else_branch", else_branch);
  return value;
}

/* An If beside a node, and one in the body of a loop. */
static DnnGraph *
make_graph (void)
{
  DnnGraph *graph = dnn_graph_new ("nested");
  g_autoptr (DnnGraph) body = dnn_graph_new ("body");
  DnnValue *x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &vector);
  DnnValue *condition = dnn_graph_add_input (
      graph, "condition", DNN_TYPE_BOOL, &scalar);
  DnnValue *sum = add_node (
      graph, "sum", "Add", x, add_param (graph, "weight", 3));
  DnnValue *outer = add_if (graph, condition, sum, "outer");
  DnnNode *loop = dnn_graph_add_node (graph, "loop", "Loop");
  DnnValue *inner, *result;

  dnn_graph_add_input (body, "i", DNN_TYPE_INT64, &scalar);
  inner = dnn_graph_add_input (body, "go-on", DNN_TYPE_BOOL, &scalar);
  x = dnn_graph_add_input (body, "carried", DNN_TYPE_FLOAT32, &vector);
  dnn_graph_add_output (body, "go-on", inner);
  dnn_graph_add_output (body, "next", add_if (body, inner, x, "inner"));
  dnn_node_add_input (loop, NULL);
  dnn_node_add_input (loop, condition);
  dnn_node_add_input (loop, outer);
  dnn_node_add_subgraph (loop, "body", body);
  result = dnn_graph_add_result (graph, loop, "last");
  result->type = DNN_TYPE_FLOAT32;
  result->shape = vector;
  dnn_graph_add_output (graph, "last", result);
  return graph;
}

static void
test_copy (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (DnnGraph) copy = dnn_graph_copy (graph);
  g_autoptr (GError) error = NULL;
  DnnGraph *body, *branch;

  g_assert_true (dnn_graph_check (graph, &error));
  g_assert_no_error (error);
  g_assert_true (dnn_graph_equal (graph, copy));
  body = dnn_node_get_subgraph (copy->nodes->pdata[2], "body");
  branch = dnn_node_get_subgraph (body->nodes->pdata[0], "else_branch");
  g_assert_true (branch->is_subgraph);
  g_assert_null (dnn_node_get_subgraph (body->nodes->pdata[0], "body"));
  dnn_attrs_set (((DnnNode *) branch->nodes->pdata[0])->attrs, "k", "v");
  g_assert_false (dnn_graph_equal (graph, copy));
}

static void
test_file (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autofree gchar *json = dnn_graph_to_json (graph);
  g_autoptr (DnnParams) params = dnn_graph_get_params (graph);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph)
      read = dnn_graph_new_from_data (json, -1, "nested", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (dnn_params_get_n (params), ==, 5);
  g_assert_nonnull (dnn_params_lookup (params, "inner-else"));
  g_assert_true (dnn_graph_bind_params (read, params, &error));
  g_assert_no_error (error);
  g_assert_true (dnn_graph_equal (graph, read));
}

static void
test_missing_param (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autofree gchar *json = dnn_graph_to_json (graph);
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) read = dnn_graph_new_from_data (json, -1, "m", NULL);

  dnn_params_set (
      params, "weight", dnn_graph_find_value (graph, "weight")->tensor);
  g_assert_false (dnn_graph_bind_params (read, params, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_cmpstr (error->message, ==,
      "m: param \"outer-then\" is not in the params file (1 params there)");
}

/* A name that two graphs have becomes two. */
static void
test_part_params (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (GError) error = NULL;

  dnn_graph_rename_value (
      graph, dnn_graph_find_value (graph, "weight"), "inner-then");
  g_assert_false (dnn_graph_check (graph, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_GRAPH);
  g_assert_cmpstr (error->message, ==,
      "nested: param \"inner-then\" stands in two graphs, of which one runs "
      "the other");
  g_clear_error (&error);
  dnn_graph_part_params (graph);
  g_assert_true (dnn_graph_check (graph, &error));
  g_assert_no_error (error);
}

static void
test_captures (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  DnnNode *node = graph->nodes->pdata[1];
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (dnn_node_get_n_captures (node), ==, 1);
  dnn_node_add_capture (node, graph->inputs->pdata[0]);
  g_assert_false (dnn_graph_check (graph, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_GRAPH);
  g_assert_cmpstr (error->message, ==,
      "node \"if\": then_branch: it has 1 inputs, but the node captures 2 "
      "values");
  g_clear_error (&error);
  node->inputs->pdata[2] = NULL;
  g_assert_false (dnn_graph_check (graph, &error));
  g_assert_nonnull (
      strstr (error->message, "input 2 of node \"if\" is captured and absent"));
}

/* Branches in branches: the node that goes too far is named. */
static void
test_deep (void)
{
  g_autoptr (DnnGraph) graph = make_branch ("p", 1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= DNN_MAX_GRAPH_DEPTH + 5; i++) {
    DnnGraph *outer = dnn_graph_new ("outer");
    DnnValue *x = dnn_graph_add_input (outer, "x", DNN_TYPE_FLOAT32, &vector);
    g_autofree gchar *name = g_strdup_printf ("deep%u", i);
    DnnValue *value = add_node (outer, name, "If", x, NULL);
    dnn_node_add_capture (value->producer, x);
    dnn_node_add_subgraph (value->producer, "then_branch", graph);
    dnn_graph_add_output (outer, "y", value);
    g_object_unref (graph);
    graph = outer;
    if (i < DNN_MAX_GRAPH_DEPTH) {
      g_assert_true (dnn_graph_check (graph, &error));
      g_assert_no_error (error);
    }
  }
  g_assert_false (dnn_graph_check (graph, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==,
      "node \"deep17\": then_branch: subgraphs lie more than 12 deep");
}

static const struct
{
  const gchar *find, *replace, *message;
} bad[] = {
  { "\"subgraphs\": {\n    \"if\"", "\"subgraphs\": {\n    \"when\"",
      "m.json: metadata.subgraphs.when: no node has that name" },
  { "\"captures\": \"1\"", "\"captures\": \"3\"",
      "m.json: nodes[4].attrs.captures: 3 of the inputs, but there are 2" },
  { "\"captures\": \"1\"", "\"captures\": \"one\"",
      "m.json: nodes[4].attrs.captures: \"one\" is no count (0 to 4096)" },
  { "\"then_branch\": {", "\"then_branch\": {\"node\": [],",
      "m.json: metadata.subgraphs.if.then_branch: unknown key \"node\"; did "
      "you mean \"nodes\"?" },
};

static void
test_bad (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autofree gchar *json = dnn_graph_to_json (graph);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    const gchar *at = strstr (json, bad[i].find);
    g_autofree gchar *text = NULL;
    g_autoptr (GError) error = NULL;
    g_assert_nonnull (at);
    text = g_strdup_printf ("%.*s%s%s", (gint) (at - json), json,
        bad[i].replace, at + strlen (bad[i].find));
    g_assert_null (dnn_graph_new_from_data (text, -1, "m.json", &error));
    g_assert_cmpstr (error->message, ==, bad[i].message);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/graph-subgraph/copy", test_copy);
  g_test_add_func ("/core/graph-subgraph/file", test_file);
  g_test_add_func ("/core/graph-subgraph/missing-param", test_missing_param);
  g_test_add_func ("/core/graph-subgraph/part-params", test_part_params);
  g_test_add_func ("/core/graph-subgraph/captures", test_captures);
  g_test_add_func ("/core/graph-subgraph/deep", test_deep);
  g_test_add_func ("/core/graph-subgraph/bad", test_bad);
  return g_test_run ();
}
