/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs of the fake backend's operators, and their results by ref alone. */
#include "config.h"

#include "tests/core/fake-ops.h"

DnnNode *
fake_add (DnnGraph *graph, const gchar *op, const gchar *name,
    const gchar *const *inputs)
{
  DnnNode *node = dnn_graph_add_node (graph, name, op);

  for (; *inputs; inputs++) {
    DnnValue *value = **inputs ? dnn_graph_find_value (graph, *inputs) : NULL;
    g_assert_true (value || !**inputs);
    dnn_node_add_input (node, value);
  }
  dnn_graph_add_result (graph, node, name);
  return node;
}

DnnValue *
fake_input (DnnGraph *graph, const gchar *name, gint64 c, gint64 l)
{
  DnnShape shape = dnn_shape (3, (gint64) 1, c, l);

  return dnn_graph_add_input (graph, name, DNN_TYPE_FLOAT32, &shape);
}

void
fake_param (DnnGraph *graph, const gchar *name, guint n)
{
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (guint i = 0; i < n; i++)
    data[i] = 0.5f + (gfloat) ((i * 7) % 5);
  dnn_graph_add_param (graph, name, tensor);
}

void
fake_ints (DnnGraph *graph, const gchar *name, guint n, ...)
{
  DnnShape shape = dnn_shape (1, (gint64) n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_INT64, &shape);
  gint64 *data = dnn_tensor_get_writable_data (tensor);
  va_list args;

  va_start (args, n);
  for (guint i = 0; i < n; i++)
    data[i] = va_arg (args, gint64);
  va_end (args);
  dnn_graph_add_param (graph, name, tensor);
}

void
fake_output (DnnGraph *graph, const gchar *name)
{
  g_autofree gchar *output = g_strdup_printf ("out%u", graph->outputs->len);

  dnn_graph_add_output (graph, output, dnn_graph_find_value (graph, name));
}

static void
run_ref (const DnnCall *call, GPtrArray *results)
{
  g_autofree gconstpointer *src = g_new0 (gconstpointer, call->n_inputs + 1);
  g_autofree gpointer *dst = g_new0 (gpointer, call->n_outputs + 1);
  g_autofree gpointer scratch = g_malloc0 (call->ref_scratch + 1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < call->n_inputs; i++)
    src[i] = call->inputs[i].value;
  for (guint i = 0; i < call->n_outputs; i++) {
    DnnTensor *tensor = dnn_tensor_new (
        call->outputs[i].type, &call->outputs[i].shape);
    dst[i] = dnn_tensor_get_writable_data (tensor);
    g_ptr_array_add (results, tensor);
  }
  call->op->ref (call, src, dst, scratch, &error);
  g_assert_no_error (error);
}

static void
evaluate_node (const DnnNode *node, GHashTable *known)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnCall) call = dnn_call_new (dnn_op_lookup (node->op), node->name,
      node->attrs, node->inputs->len, node->outputs->len, &error);
  g_autoptr (GPtrArray) results = g_ptr_array_new ();

  g_assert_no_error (error);
  for (guint i = 0; i < node->inputs->len; i++) {
    DnnTensor *tensor;
    if (!node->inputs->pdata[i])
      continue;
    tensor = g_hash_table_lookup (known, node->inputs->pdata[i]);
    dnn_call_set_input (call, i, dnn_tensor_get_element_type (tensor),
        dnn_tensor_get_shape (tensor));
    dnn_call_set_value (call, i, dnn_tensor_get_data (tensor));
  }
  for (guint i = 0; i < node->post_ops->len; i++) {
    const DnnPostOp *post_op = node->post_ops->pdata[i];
    g_assert_true (dnn_call_add_post_op (call, dnn_op_lookup (post_op->op),
        post_op->attrs, post_op->input, &error));
  }
  g_assert_cmpint (dnn_call_infer (call, &error), ==, DNN_INFER_OK);
  g_assert_no_error (error);
  run_ref (call, results);
  for (guint i = 0; i < call->n_post_ops; i++) {
    DnnCall *inner = call->post_ops[i].call;
    g_autoptr (DnnTensor) before = results->pdata[0];
    g_autoptr (GPtrArray) after = g_ptr_array_new ();
    inner->inputs[0].value = dnn_tensor_get_data (before);
    run_ref (inner, after);
    results->pdata[0] = after->pdata[0];
  }
  for (guint i = 0; i < node->outputs->len; i++)
    g_hash_table_insert (known, node->outputs->pdata[i], results->pdata[i]);
}

GPtrArray *
fake_evaluate (DnnGraph *graph, GPtrArray *inputs)
{
  GPtrArray *outputs = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);
  g_autoptr (GHashTable) known = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify) dnn_tensor_unref);

  for (guint i = 0; i < inputs->len; i++)
    g_hash_table_insert (
        known, graph->inputs->pdata[i], dnn_tensor_ref (inputs->pdata[i]));
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    if (value->kind == DNN_VALUE_PARAM)
      g_hash_table_insert (known, value, dnn_tensor_ref (value->tensor));
  }
  for (guint i = 0; i < graph->nodes->len; i++)
    evaluate_node (graph->nodes->pdata[i], known);
  for (guint i = 0; i < graph->outputs->len; i++)
    g_ptr_array_add (outputs,
        dnn_tensor_ref (g_hash_table_lookup (known, graph->outputs->pdata[i])));
  return outputs;
}

GPtrArray *
fake_random_inputs (DnnGraph *graph, GRand *random)
{
  GPtrArray *inputs = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);

  for (guint i = 0; i < graph->inputs->len; i++) {
    const DnnValue *value = graph->inputs->pdata[i];
    DnnTensor *tensor = dnn_tensor_new (value->type, &value->shape);
    gfloat *data = dnn_tensor_get_writable_data (tensor);
    for (gint64 j = 0; j < dnn_shape_n_elements (&value->shape); j++)
      data[j] = (gfloat) g_rand_int_range (random, -64, 64) / 8;
    g_ptr_array_add (inputs, tensor);
  }
  return inputs;
}

/* ---- random graphs ------------------------------------------------------ */

static const gchar *
pick (GPtrArray *names, GRand *random)
{
  gint low = MAX (0, (gint) names->len - 8);

  return names->pdata[g_rand_int_range (random, low, (gint) names->len)];
}

static gint64
get_channels (DnnGraph *graph, GHashTable *channels, const gchar *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (channels, name));
}

/* One node on names with known channel counts. */
static void
add_random_node (DnnGraph *graph, GRand *random, GPtrArray *names,
    GHashTable *channels, guint idx)
{
  gchar *name = g_strdup_printf ("n%u", idx), *second;
  const gchar *a = pick (names, random), *b = pick (names, random);
  gint64 c = get_channels (graph, channels, a);
  DnnNode *node;

  switch (g_rand_int_range (random, 0, 7)) {
    case 0:
      fake_node (graph, "Fake.Shift", name, a);
      break;
    case 1:
      if (c <= 8 || c == 16) {
        g_autofree gchar *w = g_strdup_printf ("w%d", (gint) c);
        node = fake_node (graph, "Fake.Scale", name, a, w);
        if (g_rand_boolean (random))
          dnn_node_add_post_op (node, "Fake.Relu", dnn_attrs_new (), NULL);
        break;
      }
      fake_node (graph, "Fake.Relu", name, a);
      break;
    case 2:
      if (c % 2 == 0) {
        node = fake_node (graph, "Fake.Split", name, a);
        c /= 2;
        second = g_strconcat (name, "b", NULL);
        dnn_graph_add_result (graph, node, second);
        g_ptr_array_add (names, second);
        g_hash_table_insert (channels, g_strdup (second), GINT_TO_POINTER (c));
        break;
      }
      fake_node (graph, "Fake.Relu", name, a);
      break;
    case 3:
      if (c + get_channels (graph, channels, b) <= 64) {
        fake_node (graph, "Fake.Concat", name, a, b);
        c += get_channels (graph, channels, b);
        break;
      }
      fake_node (graph, "Fake.Shift", name, a);
      break;
    case 4:
      if (c == get_channels (graph, channels, b)) {
        fake_node (graph, "Fake.Add", name, a, b);
        break;
      }
      fake_node (graph, "Fake.Relu", name, a);
      break;
    default:
      fake_node (graph, "Fake.Relu", name, a);
      break;
  }
  g_ptr_array_add (names, name);
  g_hash_table_insert (channels, g_strdup (name), GINT_TO_POINTER (c));
}

DnnGraph *
fake_random_graph (GRand *random, guint max_nodes)
{
  DnnGraph *graph = dnn_graph_new ("random");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable)
      channels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gint64 length = g_rand_boolean (random) ? 16 : 5;
  guint n = (guint) g_rand_int_range (random, 1, (gint) max_nodes + 1);

  for (guint i = 1; i <= 16; i++) {
    g_autofree gchar *w = g_strdup_printf ("w%u", i);
    fake_param (graph, w, i);
  }
  fake_input (graph, "x", 4, length);
  fake_input (graph, "y", 8, length);
  g_ptr_array_add (names, g_strdup ("x"));
  g_ptr_array_add (names, g_strdup ("y"));
  g_hash_table_insert (channels, g_strdup ("x"), GINT_TO_POINTER (4));
  g_hash_table_insert (channels, g_strdup ("y"), GINT_TO_POINTER (8));
  for (guint i = 0; i < n; i++)
    add_random_node (graph, random, names, channels, i);
  for (gint i = g_rand_int_range (random, 1, 4); i > 0; i--)
    fake_output (graph, pick (names, random));
  return graph;
}
