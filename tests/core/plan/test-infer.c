/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs → shapes and constant values of everything in them. */
#include "config.h"

#include "pipeline-core/infer/dnn-infer.h"

#include <string.h>

#include "tests/core/fake-ops.h"

static const DnnShape *
get_shape (DnnInference *inference, const gchar *name)
{
  DnnValue *value = dnn_graph_find_value (inference->graph, name);

  return &dnn_inference_get (inference, value)->shape;
}

static DnnTensor *
get_tensor (DnnInference *inference, const gchar *name)
{
  DnnValue *value = dnn_graph_find_value (inference->graph, name);

  return dnn_inference_get (inference, value)->tensor;
}

static void
assert_shape (DnnInference *inference, const gchar *name, const gchar *expected)
{
  g_autofree gchar *found = dnn_shape_to_string (get_shape (inference, name));

  g_assert_cmpstr (found, ==, expected);
}

static DnnInference *
infer (DnnGraph *graph, DnnInferFlags flags)
{
  g_autoptr (GError) error = NULL;
  DnnInference *inference = dnn_infer_graph (graph, NULL, NULL, flags, &error);

  g_assert_no_error (error);
  return inference;
}

static void
assert_error (
    DnnGraph *graph, DnnInferFlags flags, gint code, const gchar *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_infer_graph (graph, NULL, NULL, flags, &error));
  g_assert_error (error, DNN_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

static void
test_open (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) open = NULL;
  g_autoptr (DnnInference) known = NULL;
  DnnShape given = dnn_shape (3, (gint64) 1, (gint64) 4, (gint64) 9);

  fake_input (graph, "x", 4, DNN_DIM_OPEN);
  fake_param (graph, "w", 4);
  fake_node (graph, "Fake.Scale", "s", "x", "w");
  fake_node (graph, "Fake.Concat", "c", "s", "x");
  fake_output (graph, "c");
  open = infer (graph, 0);
  assert_shape (open, "s", "1×4×?");
  assert_shape (open, "c", "1×8×?");
  g_assert_null (get_tensor (open, "c"));
  known = dnn_infer_graph (graph, &given, NULL, DNN_INFER_KNOWN, NULL);
  assert_shape (known, "c", "1×8×9");
}

/* Reshape asks for a value that is known without any frame. */
static void
test_values (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;

  fake_input (graph, "x", 4, 16);
  fake_input (graph, "y", 2, 32);
  fake_node (graph, "Fake.Shape", "shape", "y");
  fake_node (graph, "Fake.Reshape", "r", "x", "shape");
  fake_output (graph, "r");
  inference = infer (graph, 0);
  assert_shape (inference, "r", "1×2×32");
  g_assert_nonnull (get_tensor (inference, "shape"));
}

/* The same while a dimension is open: what it depends on stays open too. */
static void
test_value_open (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  DnnShape given[] = { dnn_shape (3, (gint64) 1, (gint64) 4, (gint64) 16),
    dnn_shape (3, (gint64) 1, (gint64) 2, (gint64) 32) };

  fake_input (graph, "x", 4, 16);
  fake_input (graph, "y", 2, DNN_DIM_OPEN);
  fake_node (graph, "Fake.Relu", "z", "y");
  fake_node (graph, "Fake.Shape", "shape", "z");
  fake_node (graph, "Fake.Reshape", "r", "x", "shape");
  fake_node (graph, "Fake.Relu", "after", "r");
  fake_output (graph, "after");
  inference = infer (graph, 0);
  assert_shape (inference, "after", "unknown rank");
  g_clear_pointer (&inference, dnn_inference_free);
  inference = dnn_infer_graph (graph, given, NULL, DNN_INFER_KNOWN, NULL);
  assert_shape (inference, "after", "1×2×32");
}

static void
test_fold (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  DnnAttrs *attrs = dnn_attrs_new ();
  const gfloat *data;
  DnnNode *node;

  dnn_attrs_set (attrs, "B", "10");
  fake_param (graph, "w", 3); /* 0.5, 2.5, 4.5 */
  node = fake_node (graph, "Fake.Shift", "k", "w");
  dnn_node_add_post_op (node, "Fake.Add", attrs, NULL);
  dnn_node_add_post_op (
      node, "Fake.Add", dnn_attrs_new (), dnn_graph_find_value (graph, "w"));
  fake_output (graph, "k");
  inference = infer (graph, 0);
  data = dnn_tensor_get_data (get_tensor (inference, "k"));
  g_assert_cmpfloat (data[0], ==, 12);
  g_assert_cmpfloat (data[1], ==, 16);
  g_assert_cmpfloat (data[2], ==, 20);
}

/* Large results are computed only when somebody wants them. */
static void
test_fold_large (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) lazy = NULL;
  g_autoptr (DnnInference) eager = NULL;
  const DnnInferredValue *known;

  fake_param (graph, "w", DNN_INFER_SMALL_BYTES / 4 + 1);
  fake_node (graph, "Fake.Shift", "k", "w");
  fake_output (graph, "k");
  lazy = infer (graph, 0);
  known = dnn_inference_get (lazy, dnn_graph_find_value (graph, "k"));
  g_assert_true (known->is_constant);
  g_assert_null (known->tensor);
  eager = infer (graph, DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL);
  g_assert_nonnull (get_tensor (eager, "k"));
}

/* A file of some bytes can't make results that fill the memory: from some node
 * on they are no constants any more. Nothing of that size is allocated here. */
static void
test_fold_limit (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  gboolean was_constant = TRUE;
  gsize bytes = 0;

  fake_param (graph, "k0", 1024);
  for (guint i = 1; i <= 24; i++) {
    g_autofree gchar *from = g_strdup_printf ("k%u", i - 1);
    g_autofree gchar *to = g_strdup_printf ("k%u", i);
    fake_node (graph, "Fake.Concat", to, from, from);
  }
  fake_output (graph, "k24");
  inference = infer (graph, DNN_INFER_KNOWN);
  for (guint i = 1; i <= 24; i++) {
    g_autofree gchar *name = g_strdup_printf ("k%u", i);
    const DnnInferredValue *known = dnn_inference_get (
        inference, dnn_graph_find_value (graph, name));
    g_assert_cmpint (
        dnn_shape_n_elements (&known->shape), ==, (gint64) 1024 << i);
    if (known->is_constant)
      bytes += (gsize) 4096 << i;
    g_assert_true (was_constant || !known->is_constant);
    was_constant = known->is_constant;
  }
  g_assert_false (was_constant);
  g_assert_cmpuint (bytes, >, DNN_INFER_MAX_FOLD_BYTES / 2);
  g_assert_cmpuint (bytes, <=,
      DNN_INFER_MAX_FOLD_BYTES + DNN_INFER_MAX_FOLD_FACTOR * (gsize) 4096);
}

/* A param at an address that is 3 past a multiple of 64, as files may have. */
static void
add_misaligned (DnnGraph *graph, const gchar *name, DnnType type, guint n,
    gconstpointer data)
{
  gsize size = n * dnn_type_size (type);
  DnnShape shape = dnn_shape (1, (gint64) n);
  guint8 *memory = dnn_alloc_aligned (size + 3);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      type, &shape, memory + 3, dnn_free_aligned, memory);

  memcpy (memory + 3, data, size);
  dnn_graph_add_param (graph, name, tensor);
}

/* The operators of the fake backend assert that addresses are as promised. */
static void
test_misaligned (void)
{
  const guint n = DNN_INFER_SMALL_BYTES / 4 + 1;
  g_autofree gfloat *ones = g_new0 (gfloat, n);
  const gint64 dims[] = { 2, 32 };
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  const gfloat *data;

  ones[0] = ones[n - 1] = 1;
  add_misaligned (graph, "small", DNN_TYPE_FLOAT32, 2, ones);
  add_misaligned (graph, "large", DNN_TYPE_FLOAT32, n, ones);
  add_misaligned (graph, "dims", DNN_TYPE_INT64, 2, dims);
  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Shift", "s", "small");
  fake_node (graph, "Fake.Shift", "l", "large");
  fake_node (graph, "Fake.Reshape", "r", "x", "dims");
  fake_node (graph, "Fake.Shape", "n", "large");
  fake_output (graph, "n");
  fake_output (graph, "s");
  fake_output (graph, "l");
  fake_output (graph, "r");
  inference = infer (graph, DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL);
  assert_shape (inference, "r", "2×32");
  /* Of which nothing is read: no copy. */
  g_assert_cmpint (
      *(const gint64 *) dnn_tensor_get_data (get_tensor (inference, "n")), ==,
      n);
  data = dnn_tensor_get_data (get_tensor (inference, "s"));
  g_assert_cmpfloat (data[0], ==, 2);
  g_assert_cmpfloat (data[1], ==, 1);
  data = dnn_tensor_get_data (get_tensor (inference, "l"));
  g_assert_cmpfloat (data[0], ==, 2);
  g_assert_cmpfloat (data[n - 1], ==, 2);
}

static void
test_data (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.NonZero", "nz", "x");
  fake_node (graph, "Fake.Relu", "r", "nz");
  fake_output (graph, "r");
  inference = infer (graph, 0);
  assert_shape (inference, "r", "unknown rank");
  assert_error (graph, DNN_INFER_KNOWN, DNN_ERROR_UNSUPPORTED,
      "node \"nz\" (Fake.NonZero): the shape of its output depends on the "
      "data of each frame");
}

static void
test_data_value (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  DnnShape shape = dnn_shape (1, (gint64) 2);

  fake_input (graph, "x", 4, 16);
  dnn_graph_add_input (graph, "to", DNN_TYPE_INT64, &shape);
  fake_node (graph, "Fake.Reshape", "r", "x", "to");
  fake_output (graph, "r");
  inference = infer (graph, 0);
  assert_shape (inference, "r", "unknown rank");
  assert_error (graph, DNN_INFER_KNOWN, DNN_ERROR_UNSUPPORTED,
      "node \"r\" (Fake.Reshape): the shape of its output depends on the data "
      "of \"to\", which is known only in each frame");
}

/* What the file says of a result must agree; it helps where nothing else is
 * known, but not in a plan. */
static void
test_declared (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  DnnValue *value;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.NonZero", "nz", "x");
  fake_node (graph, "Fake.Relu", "r", "nz");
  fake_output (graph, "r");
  value = dnn_graph_find_value (graph, "nz");
  value->type = DNN_TYPE_FLOAT32;
  value->shape = dnn_shape (2, (gint64) 7, (gint64) DNN_DIM_OPEN);
  inference = infer (graph, 0);
  assert_shape (inference, "r", "7×?");
  assert_error (graph, DNN_INFER_KNOWN, DNN_ERROR_UNSUPPORTED, "\"nz\"");
}

static void
test_contradiction (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  DnnValue *value;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Relu", "r", "x");
  fake_output (graph, "r");
  value = dnn_graph_find_value (graph, "r");
  value->shape = dnn_shape (3, (gint64) 1, (gint64) 4, (gint64) 17);
  assert_error (graph, 0, DNN_ERROR_SHAPE,
      "node \"r\" (Fake.Relu): output \"r\" is 1×4×16, but the graph says "
      "1×4×17");
  value->shape.rank = -1;
  value->type = DNN_TYPE_INT64;
  assert_error (graph, 0, DNN_ERROR_TYPE,
      "output \"r\" is float32, but the graph says int64");
}

static void
test_shape_error (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");

  fake_input (graph, "x", 4, 16);
  fake_input (graph, "y", 5, 16);
  fake_node (graph, "Fake.Add", "sum", "x", "y");
  fake_output (graph, "sum");
  assert_error (graph, 0, DNN_ERROR_SHAPE,
      "node \"sum\" (Fake.Add): can't add 1×4×16 and 1×5×16");
}

static void
test_unknown_operator (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Rellu", "r", "x");
  fake_output (graph, "r");
  assert_error (graph, 0, DNN_ERROR_UNSUPPORTED,
      "node \"r\": there is no operator \"Fake.Rellu\", did you mean "
      "\"Fake.Relu\"?");
}

static void
test_unknown_post_op (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  DnnNode *node;

  fake_input (graph, "x", 4, 16);
  node = fake_node (graph, "Fake.Relu", "r", "x");
  dnn_node_add_post_op (node, "Quux", dnn_attrs_new (), NULL);
  fake_output (graph, "r");
  assert_error (graph, 0, DNN_ERROR_UNSUPPORTED,
      "node \"r\": there is no operator \"Quux\"");
}

static void
test_post_op_shape (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  DnnNode *node;

  fake_input (graph, "x", 4, 16);
  fake_input (graph, "y", 5, 16);
  node = fake_node (graph, "Fake.Relu", "r", "x");
  dnn_node_add_post_op (
      node, "Fake.Add", dnn_attrs_new (), dnn_graph_find_value (graph, "y"));
  fake_output (graph, "r");
  assert_error (graph, 0, DNN_ERROR_SHAPE,
      "node \"r\" (Fake.Add): can't add 1×4×16 and 1×5×16");
}

/* TVM's "__nop": the shape stands in the file. */
static void
test_nop (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnInference) inference = NULL;
  DnnValue *value;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "__nop", "v", "x");
  fake_node (graph, "Fake.Relu", "r", "v");
  fake_output (graph, "r");
  value = dnn_graph_find_value (graph, "v");
  value->shape = dnn_shape (2, (gint64) 8, (gint64) 8);
  inference = infer (graph, DNN_INFER_KNOWN);
  assert_shape (inference, "r", "8×8");
  value->shape = dnn_shape (2, (gint64) 8, (gint64) 9);
  assert_error (graph, 0, DNN_ERROR_SHAPE,
      "node \"v\" (__nop): a view of 1×4×16 can't be 8×9: other number of "
      "elements");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  g_test_add_func ("/core/infer/open", test_open);
  g_test_add_func ("/core/infer/values", test_values);
  g_test_add_func ("/core/infer/value-open", test_value_open);
  g_test_add_func ("/core/infer/fold", test_fold);
  g_test_add_func ("/core/infer/fold-large", test_fold_large);
  g_test_add_func ("/core/infer/fold-limit", test_fold_limit);
  g_test_add_func ("/core/infer/misaligned", test_misaligned);
  g_test_add_func ("/core/infer/data", test_data);
  g_test_add_func ("/core/infer/data-value", test_data_value);
  g_test_add_func ("/core/infer/declared", test_declared);
  g_test_add_func ("/core/infer/contradiction", test_contradiction);
  g_test_add_func ("/core/infer/shape-error", test_shape_error);
  g_test_add_func ("/core/infer/unknown-operator", test_unknown_operator);
  g_test_add_func ("/core/infer/unknown-post-op", test_unknown_post_op);
  g_test_add_func ("/core/infer/post-op-shape", test_post_op_shape);
  g_test_add_func ("/core/infer/nop", test_nop);
  return g_test_run ();
}
