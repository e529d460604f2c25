/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs → JSON → graphs: what is written reads back equal. */
#include "config.h"

#include "pipeline-core/graph/dnn-graph.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void
set_type (DnnValue *value, DnnType type, DnnShape shape)
{
  value->type = type;
  value->shape = shape;
}

static DnnTensor *
make_tensor (gint rank, gint a, gint b)
{
  DnnShape shape = dnn_shape (rank, a, b);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);

  if (dnn_tensor_get_size (tensor) > 0)
    memset (
        dnn_tensor_get_writable_data (tensor), 7, dnn_tensor_get_size (tensor));
  return tensor;
}

/* Everything a graph can have: open and unknown shapes, absent inputs and
 * outputs, post-ops with and without operand, names that need escapes. */
static DnnGraph *
make_graph (void)
{
  DnnGraph *graph = dnn_graph_new ("full");
  DnnShape open = dnn_shape (2, DNN_DIM_OPEN, 4);
  DnnShape scalar = dnn_shape (0);
  DnnValue *x = dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &open);
  DnnValue *late;
  g_autoptr (DnnTensor) tensor = make_tensor (2, 4, 4);
  g_autoptr (DnnTensor) empty = make_tensor (2, 0, 4);
  DnnValue *w = dnn_graph_add_param (graph, "w \"\\\n\x01 ü", tensor);
  DnnValue *unused = dnn_graph_add_param (graph, "unused", empty);
  DnnNode *gemm = dnn_graph_add_node (graph, "gemm", "Gemm");
  DnnNode *split = dnn_graph_add_node (graph, "split", "Split");
  DnnNode *nop = dnn_graph_add_node (graph, "view", "__nop");
  DnnAttrs *attrs = dnn_attrs_new ();
  DnnValue *value;
  const gchar *names[] = { "N", "", NULL };

  (void) unused;
  x->dim_names = g_strdupv ((gchar **) names);
  late = dnn_graph_add_input (graph, "late", DNN_TYPE_INT64, &scalar);
  /* inputs in another order than values */
  graph->inputs->pdata[0] = late;
  graph->inputs->pdata[1] = x;

  dnn_node_add_input (gemm, x);
  dnn_node_add_input (gemm, NULL);
  dnn_node_add_input (gemm, w);
  dnn_attrs_set_float (gemm->attrs, "alpha", 0.1f);
  dnn_attrs_set (gemm->attrs, "text", "quote \" back \\ line\n");
  dnn_node_add_post_op (gemm, "Relu", dnn_attrs_new (), NULL);
  dnn_node_add_post_op (gemm, "Add", dnn_attrs_new (), x);
  dnn_attrs_set (attrs, "max", "6");
  dnn_node_add_post_op (gemm, "Clip", attrs, NULL);
  dnn_node_add_post_op (gemm, "Mul", dnn_attrs_new (), w);
  value = dnn_graph_add_result (graph, gemm, "product");
  set_type (value, DNN_TYPE_FLOAT32, open);

  split->flatten_data = TRUE;
  dnn_node_add_input (split, value);
  set_type (dnn_graph_add_result (graph, split, "split"), DNN_TYPE_FLOAT32,
      dnn_shape (1, 0));
  dnn_graph_add_result (graph, split, NULL);
  dnn_graph_add_result (graph, split, "of unknown rank and type");
  value = dnn_graph_add_result (graph, split, "split:2");
  set_type (value, DNN_TYPE_BOOL, dnn_shape (0));

  dnn_node_add_input (nop, value);
  set_type (dnn_graph_add_result (graph, nop, "a view"), DNN_TYPE_BOOL,
      dnn_shape (1, 1));

  dnn_graph_add_output (graph, "first", dnn_graph_find_value (graph, "a view"));
  dnn_graph_add_output (graph, "input", x);
  dnn_graph_add_output (graph, "param", w);
  dnn_graph_add_output (graph, "again", dnn_graph_find_value (graph, "split"));
  dnn_graph_add_output (graph, "twice", dnn_graph_find_value (graph, "split"));
  graph->opset = 21;
  dnn_attrs_set (graph->metadata, "producer", "a test");
  return graph;
}

static DnnGraph *
read_back (DnnGraph *graph, gchar **json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnParams) params = dnn_graph_get_params (graph);
  g_autofree gchar *text = dnn_graph_to_json (graph);
  DnnGraph *copy = dnn_graph_new_from_data (text, -1, "copy", &error);

  g_assert_no_error (error);
  g_assert_true (dnn_graph_bind_params (copy, params, &error) ||
      dnn_params_get_n (params) == 0);
  g_assert_no_error (error);
  if (json)
    *json = g_steal_pointer (&text);
  return copy;
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autoptr (DnnGraph) copy = NULL, third = NULL;
  g_autofree gchar *first = NULL, *second = NULL;
  DnnNode *gemm;

  g_assert_true (dnn_graph_check (graph, &error));
  g_assert_no_error (error);
  copy = read_back (graph, &first);
  g_assert_true (dnn_graph_equal (graph, copy));
  third = read_back (copy, &second);
  g_assert_cmpstr (first, ==, second);

  g_assert_cmpint (copy->opset, ==, 21);
  g_assert_cmpstr (copy->name, ==, "full");
  gemm = copy->nodes->pdata[0];
  g_assert_cmpuint (gemm->n_formal, ==, 3);
  g_assert_null (gemm->inputs->pdata[1]);
  g_assert_cmpuint (gemm->inputs->len, ==, 5);
  g_assert_cmpint (((DnnPostOp *) gemm->post_ops->pdata[3])->input, ==, 4);
  g_assert_cmpstr (((DnnValue *) copy->inputs->pdata[0])->name, ==, "late");
}

/* Each way two graphs can differ is seen. */
static void
test_differences (void)
{
  static const gchar *const what[] = { "name", "opset", "metadata", "op",
    "attribute", "node name", "shape", "type", "dimension name", "param",
    "post-op", "operand", "output name", "outputs", "flatten", "input" };

  for (guint i = 0; i < G_N_ELEMENTS (what); i++) {
    g_autoptr (DnnGraph) graph = make_graph ();
    g_autoptr (DnnGraph) copy = dnn_graph_copy (graph);
    g_autoptr (DnnTensor) zeros = NULL;
    DnnNode *node = copy->nodes->pdata[0];
    DnnValue *x = dnn_graph_find_value (copy, "x");
    DnnPostOp *post_op = node->post_ops->pdata[0];
    DnnShape shape = dnn_shape (2, 4, 4);
    g_assert_true (dnn_graph_equal (graph, copy));
    switch (i) {
      case 0:
        copy->name[0] = 'F';
        break;
      case 1:
        copy->opset++;
        break;
      case 2:
        dnn_attrs_set (copy->metadata, "producer", "another");
        break;
      case 3:
        node->op[0] = 'g';
        break;
      case 4:
        dnn_attrs_set (node->attrs, "alpha", "1");
        break;
      case 5:
        node->name[0] = 'G';
        break;
      case 6:
        x->shape.dims[1]++;
        break;
      case 7:
        x->type = DNN_TYPE_INT8;
        break;
      case 8:
        x->dim_names[0][0] = 'M';
        break;
      case 9:
        zeros = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
        dnn_graph_set_param (copy, node->inputs->pdata[2], zeros);
        break;
      case 10:
        dnn_attrs_set (post_op->attrs, "max", "1");
        break;
      case 11:
        node->inputs->pdata[3] = node->inputs->pdata[2];
        break;
      case 12:
        ((gchar *) copy->output_names->pdata[0])[0] = 'F';
        break;
      case 13:
        copy->outputs->pdata[0] = x;
        break;
      case 14:
        node->flatten_data = TRUE;
        break;
      default:
        node->inputs->pdata[1] = x;
    }
    g_test_message ("%s", what[i]);
    g_assert_false (dnn_graph_equal (graph, copy));
  }
}

/* "metadata" is last, since TVM's reader stops there; storage ids are unique
 * save those of views. */
static void
test_layout (void)
{
  g_autoptr (DnnGraph) graph = make_graph ();
  g_autofree gchar *json = dnn_graph_to_json (graph);
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  JsonObject *file = json_node_get_object (root);
  JsonArray *ids = json_array_get_array_element (
      json_object_get_array_member (
          json_object_get_object_member (file, "attrs"), "storage_id"),
      1);
  g_autoptr (GList) keys = json_object_get_members (file);
  guint last = json_array_get_length (ids) - 1;

  g_assert_cmpstr (g_list_last (keys)->data, ==, "metadata");
  g_assert_cmpint (json_array_get_int_element (ids, last), ==,
      json_array_get_int_element (ids, last - 1));
  for (guint i = 0; i < last; i++)
    g_assert_cmpint (json_array_get_int_element (ids, i), ==, i);
}

/* Names that clash with those made up for results without a name. */
static void
test_name_clash (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = dnn_graph_new ("clash");
  g_autoptr (DnnGraph) copy = NULL;
  DnnShape scalar = dnn_shape (0);
  DnnValue *x = dnn_graph_add_input (graph, "n", DNN_TYPE_INT8, &scalar);
  DnnNode *node = dnn_graph_add_node (graph, "n", "Split");
  DnnValue *result;

  dnn_graph_add_input (graph, "n:1", DNN_TYPE_INT8, &scalar);
  dnn_node_add_input (node, x);
  result = dnn_graph_add_result (graph, node, "n_1");
  set_type (result, DNN_TYPE_INT8, scalar);
  dnn_graph_add_result (graph, node, "m");
  dnn_graph_add_output (graph, "n", result);
  g_assert_true (dnn_graph_check (graph, &error));
  copy = read_back (graph, NULL);
  g_assert_true (dnn_graph_equal (graph, copy));
}

/* ---- TVM's own files -------------------------------------------------------
 */

/* Everything but storage ids and what TVM has no place for. */
static void
assert_same_json (const gchar *a, const gchar *b)
{
  static const gchar *const keys[] = { "nodes", "arg_nodes", "heads",
    "node_row_ptr" };
  static const gchar *const attrs[] = { "dltype", "shape" };
  g_autoptr (JsonNode) x = json_from_string (a, NULL);
  g_autoptr (JsonNode) y = json_from_string (b, NULL);
  JsonObject *p = json_node_get_object (x), *q = json_node_get_object (y);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_true (json_node_equal (json_object_get_member (p, keys[i]),
        json_object_get_member (q, keys[i])));
  p = json_object_get_object_member (p, "attrs");
  q = json_object_get_object_member (q, "attrs");
  for (guint i = 0; i < G_N_ELEMENTS (attrs); i++)
    g_assert_true (json_node_equal (json_object_get_member (p, attrs[i]),
        json_object_get_member (q, attrs[i])));
}

static void
test_tvm (gconstpointer data)
{
  const gchar *shared = g_getenv ("DNN_SHARED");
  g_auto (GStrv) names = g_strsplit (data, " ", 3);
  g_autofree gchar *json_path = g_build_filename (
      shared ? shared : "", "tvm", names[0], names[1], NULL);
  g_autofree gchar *params_path = g_build_filename (
      shared ? shared : "", "tvm", names[0], names[2], NULL);
  g_autofree gchar *text = NULL, *written = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL, again = NULL, bound = NULL;
  g_autoptr (DnnParams) params = NULL;
  guint n_nulls;

  if (!g_file_get_contents (json_path, &text, NULL, NULL)) {
    g_test_skip ("no TVM modules here");
    return;
  }
  graph = dnn_graph_new_from_file (json_path, &error);
  g_assert_no_error (error);
  g_assert_true (graph->params_are_open);
  written = dnn_graph_to_json (graph);
  assert_same_json (text, written);
  again = dnn_graph_new_from_data (written, -1, json_path, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_graph_equal (graph, again));

  params = dnn_params_new_from_file (params_path, &error);
  g_assert_no_error (error);
  n_nulls = graph->inputs->len;
  dnn_graph_bind_params (graph, params, &error);
  g_assert_no_error (error);
  g_assert_false (graph->params_are_open);
  g_assert_cmpuint (
      graph->inputs->len + dnn_params_get_n (params), ==, n_nulls);
  bound = read_back (graph, NULL);
  g_assert_true (dnn_graph_equal (graph, bound));
}

int
main (int argc, char **argv)
{
  static const gchar *const tvm[] = { "current json0 params0",
    "current json1 params1", "v0.9 json0 params0", "v0.9 json1 params1",
    "v0.9 json2 params2" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/graph-write/round-trip", test_round_trip);
  g_test_add_func ("/core/graph-write/differences", test_differences);
  g_test_add_func ("/core/graph-write/layout", test_layout);
  g_test_add_func ("/core/graph-write/name-clash", test_name_clash);
  for (guint i = 0; i < G_N_ELEMENTS (tvm); i++) {
    g_autofree gchar *name = g_strdup_printf ("/core/graph-write/tvm/%u", i);
    g_test_add_data_func (name, tvm[i], test_tvm);
  }
  return g_test_run ();
}
