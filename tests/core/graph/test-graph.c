/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs in memory: building, changing, and what dnn_graph_check() refuses. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <string.h>

static const DnnShape vector = { 1, { 4 } };

static DnnValue *
add_relu (DnnGraph *graph, const gchar *name, DnnValue *input)
{
  DnnNode *node = dnn_graph_add_node (graph, name, "Relu");

  dnn_node_add_input (node, input);
  return dnn_graph_add_result (graph, node, name);
}

/* x → a → b → output; a → c, which nothing uses; param p, used by d, which
 * nothing uses either. */
static DnnGraph *
make_graph (void)
{
  DnnGraph *graph = dnn_graph_new ("g");
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &vector);
  DnnValue *x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &vector);
  DnnValue *a = add_relu (graph, "a", x);
  DnnValue *p = dnn_graph_add_param (graph, "p", tensor);

  dnn_graph_add_output (graph, "y", add_relu (graph, "b", a));
  add_relu (graph, "c", a);
  add_relu (graph, "d", p);
  return graph;
}

static DnnValue *
find (DnnGraph *graph, const gchar *name)
{
  DnnValue *value = dnn_graph_find_value (graph, name);

  g_assert_nonnull (value);
  return value;
}

static void
assert_good (DnnGraph *graph)
{
  g_autoptr (GError) error = NULL;

  dnn_graph_check (graph, &error);
  g_assert_no_error (error);
}

static void
test_unique_name (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autofree gchar *value = dnn_graph_unique_name (graph, "x");
  g_autofree gchar *fresh = dnn_graph_unique_name (graph, "new");
  g_autofree gchar *second = NULL;

  g_assert_cmpstr (value, ==, "x_1");
  g_assert_cmpstr (fresh, ==, "new");
  dnn_graph_add_node (graph, "x_1", "Relu");
  second = dnn_graph_unique_name (graph, "x");
  g_assert_cmpstr (second, ==, "x_2");
}

static void
test_users (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (GPtrArray) users = dnn_graph_get_users (graph, find (graph, "a"));
  g_autoptr (GPtrArray) none = dnn_graph_get_users (graph, find (graph, "c"));

  g_assert_cmpuint (users->len, ==, 2);
  g_assert_true (users->pdata[0] == find (graph, "b")->producer);
  g_assert_true (users->pdata[1] == find (graph, "c")->producer);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_true (dnn_graph_is_output (graph, find (graph, "b")));
  g_assert_false (dnn_graph_is_output (graph, find (graph, "a")));
}

static void
test_replace_and_remove (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  DnnValue *x = find (graph, "x"), *a = find (graph, "a");
  DnnValue *b = find (graph, "b");

  dnn_graph_replace_uses (graph, a, x);
  g_assert_true (b->producer->inputs->pdata[0] == x);
  dnn_graph_remove_node (graph, a->producer);
  g_assert_null (dnn_graph_find_value (graph, "a"));
  g_assert_cmpuint (graph->nodes->len, ==, 3);
  assert_good (graph);
  dnn_graph_replace_uses (graph, b, x);
  g_assert_true (graph->outputs->pdata[0] == x);
  dnn_graph_remove_node (graph, b->producer);
  add_relu (graph, "a", x); /* the name is free again */
  assert_good (graph);
}

static void
test_remove_unused (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();

  dnn_graph_add_input (graph, "unused", DNN_TYPE_INT8, &vector);
  dnn_graph_remove_unused (graph);
  g_assert_cmpuint (graph->nodes->len, ==, 2);
  g_assert_cmpuint (graph->values->len, ==, 4);
  g_assert_cmpuint (graph->inputs->len, ==, 2);
  g_assert_null (dnn_graph_find_value (graph, "p"));
  g_assert_null (dnn_graph_find_value (graph, "c"));
  assert_good (graph);
}

static void
test_rename (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  DnnValue *a = find (graph, "a");

  dnn_graph_rename_value (graph, a, "new");
  g_assert_true (find (graph, "new") == a);
  g_assert_null (dnn_graph_find_value (graph, "a"));
  g_assert_cmpstr (a->name, ==, "new");
}

static void
test_set_param (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  DnnShape shape = dnn_shape (2, 2, 2);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT8, &shape);
  g_autoptr (DnnParams) params = NULL;

  dnn_graph_set_param (graph, find (graph, "x"), tensor);
  g_assert_cmpuint (graph->inputs->len, ==, 0);
  g_assert_cmpint (find (graph, "x")->type, ==, DNN_TYPE_INT8);
  g_assert_cmpint (find (graph, "x")->shape.rank, ==, 2);
  params = dnn_graph_get_params (graph);
  g_assert_cmpuint (dnn_params_get_n (params), ==, 2);
  g_assert_true (dnn_params_lookup (params, "x") == tensor);
  assert_good (graph);
}

/* The copy shares nothing that can change. */
static void
test_copy (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (DnnGraph) copy = NULL;
  g_autoptr (DnnGraph) second = NULL;
  DnnNode *node = find (graph, "b")->producer;

  dnn_node_add_post_op (node, "Add", dnn_attrs_new (), find (graph, "p"));
  copy = dnn_graph_copy (graph);
  g_assert_true (dnn_graph_equal (graph, copy));
  assert_good (copy);
  g_assert_true (find (copy, "p") != find (graph, "p"));
  g_assert_true (find (copy, "p")->tensor == find (graph, "p")->tensor);
  second = dnn_graph_copy (copy);
  dnn_graph_remove_unused (copy);
  g_assert_cmpuint (graph->nodes->len, ==, 4);
  g_clear_object (&graph);
  g_assert_cmpuint (copy->nodes->len, ==, 2);
  assert_good (second);
}

/* ---- what is inconsistent -------------------------------------------------
 */

static void
break_empty_name (DnnGraph *graph)
{
  find (graph, "a")->name[0] = '\0';
}

static void
break_utf8 (DnnGraph *graph)
{
  find (graph, "a")->name[0] = '\xff';
}

static void
break_value_name (DnnGraph *graph)
{
  find (graph, "a")->name[0] = 'x';
}

static void
break_node_name (DnnGraph *graph)
{
  find (graph, "a")->producer->name[0] = 'b';
}

static void
break_op (DnnGraph *graph)
{
  find (graph, "a")->producer->op[0] = '\0';
}

static void
break_reserved (DnnGraph *graph)
{
  dnn_attrs_set (find (graph, "a")->producer->attrs, "num_outputs", "2");
}

static void
break_attr_utf8 (DnnGraph *graph)
{
  dnn_attrs_set (find (graph, "a")->producer->attrs, "mode", "\xff");
}

static void
break_metadata (DnnGraph *graph)
{
  dnn_attrs_set (graph->metadata, "opset", "2");
}

static void
break_input (DnnGraph *graph)
{
  g_autoptr (DnnGraph) other = make_graph ();

  find (graph, "a")->producer->inputs->pdata[0] = find (other, "x");
}

static void
break_no_outputs (DnnGraph *graph)
{
  dnn_graph_add_result (graph, dnn_graph_add_node (graph, "e", "F"), NULL);
}

static void
break_slot (DnnGraph *graph)
{
  find (graph, "a")->producer_slot = 1;
}

static void
break_producer (DnnGraph *graph)
{
  find (graph, "x")->producer = find (graph, "a")->producer;
}

static void
break_result_kind (DnnGraph *graph)
{
  find (graph, "p")->kind = DNN_VALUE_RESULT;
}

static void
break_type (DnnGraph *graph)
{
  find (graph, "x")->type = DNN_TYPE_INVALID;
}

static void
break_inputs (DnnGraph *graph)
{
  g_ptr_array_set_size (graph->inputs, 0);
}

static void
break_outputs (DnnGraph *graph)
{
  g_ptr_array_set_size (graph->outputs, 0);
}

static void
break_output_names (DnnGraph *graph)
{
  dnn_graph_add_output (graph, "y", find (graph, "x"));
}

static void
break_dim_names (DnnGraph *graph)
{
  const gchar *names[] = { "N", "C", NULL };

  find (graph, "x")->dim_names = g_strdupv ((gchar **) names);
}

static void
break_operand (DnnGraph *graph)
{
  g_ptr_array_add (find (graph, "a")->producer->inputs, find (graph, "x"));
}

static void
break_post_op (DnnGraph *graph)
{
  DnnNode *node = find (graph, "a")->producer;

  dnn_node_add_post_op (node, "Add", dnn_attrs_new (), find (graph, "x"));
  ((DnnPostOp *) node->post_ops->pdata[0])->input = 0;
}

static void
break_size (DnnGraph *graph)
{
  find (graph, "x")->shape = (DnnShape){ 2,
    { G_GINT64_CONSTANT (1) << 40, 2 } };
}

typedef struct
{
  const gchar *name;
  void (*damage) (DnnGraph *);
  DnnError code;
  const gchar *message;
} Row;

static const Row rows[] = {
  { "empty-name", break_empty_name, DNN_ERROR_GRAPH,
      "g: one name is empty (value)" },
  { "name-utf8", break_utf8, DNN_ERROR_GRAPH,
      "g: the name of value \"\xef\xbf\xbd\" is not valid UTF-8" },
  { "value-name-twice", break_value_name, DNN_ERROR_GRAPH,
      "g: two values are called \"x\"" },
  { "node-name-twice", break_node_name, DNN_ERROR_GRAPH,
      "g: two nodes are called \"b\"" },
  { "no-operator", break_op, DNN_ERROR_GRAPH, "g: node \"a\" has no operator" },
  { "reserved-attribute", break_reserved, DNN_ERROR_GRAPH,
      "g: node \"a\": \"num_outputs\" can't be an attribute: the graph file "
      "uses that name" },
  { "attribute-utf8", break_attr_utf8, DNN_ERROR_GRAPH,
      "g: node \"a\": attribute 0 is not valid UTF-8" },
  { "reserved-metadata", break_metadata, DNN_ERROR_GRAPH,
      "g: metadata: \"opset\" can't be an attribute: the graph file uses that "
      "name" },
  { "foreign-input", break_input, DNN_ERROR_GRAPH,
      "g: input 0 of node \"a\" is not in the graph" },
  { "no-outputs-of-node", break_no_outputs, DNN_ERROR_GRAPH,
      "g: node \"e\" has no outputs" },
  { "slot", break_slot, DNN_ERROR_GRAPH,
      "g: output 0 of node \"a\" is not in the graph as its result" },
  { "two-origins", break_producer, DNN_ERROR_GRAPH,
      "g: \"x\" is both given and made by node \"a\"" },
  { "no-producer", break_result_kind, DNN_ERROR_GRAPH,
      "g: no node makes \"p\"" },
  { "no-type", break_type, DNN_ERROR_GRAPH, "g: \"x\" has no data type" },
  { "inputs-not-listed", break_inputs, DNN_ERROR_GRAPH,
      "g: 0 inputs are listed, 1 exist" },
  { "no-outputs", break_outputs, DNN_ERROR_GRAPH,
      "g: the graph has no outputs" },
  { "output-name-twice", break_output_names, DNN_ERROR_GRAPH,
      "g: two outputs are called \"y\"" },
  { "dimension-names", break_dim_names, DNN_ERROR_GRAPH,
      "g: \"x\" has 2 names for 1 dimensions" },
  { "operand-of-nothing", break_operand, DNN_ERROR_GRAPH,
      "g: input 1 of node \"a\" belongs to no post-op" },
  { "post-op-input", break_post_op, DNN_ERROR_GRAPH,
      "g: post-op 0 of node \"a\" uses input 0, expected 1 of 2" },
  { "too-big", break_size, DNN_ERROR_LIMIT,
      "g: \"x\": a tensor of 1099511627776×2 float32 is above the limit of "
      "1099511627776 bytes" },
};

static void
test_bad (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (GError) error = NULL;

  assert_good (graph);
  row->damage (graph);
  g_assert_false (dnn_graph_check (graph, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_cmpstr (error->message, ==, row->message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/graph/unique-name", test_unique_name);
  g_test_add_func ("/core/graph/users", test_users);
  g_test_add_func ("/core/graph/replace-and-remove", test_replace_and_remove);
  g_test_add_func ("/core/graph/remove-unused", test_remove_unused);
  g_test_add_func ("/core/graph/rename", test_rename);
  g_test_add_func ("/core/graph/set-param", test_set_param);
  g_test_add_func ("/core/graph/copy", test_copy);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/graph/check/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_bad);
  }
  return g_test_run ();
}
