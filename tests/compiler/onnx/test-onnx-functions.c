/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Functions of a model → the nodes in them, under which names, with which
 * attributes, of which opset; calls that can't be followed. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

typedef TestFolder Fixture;

#define DOMAIN "my.functions"

/* Leaky (x) = LeakyRelu (-x) */
static void
write_leaky (OnnxWriter *writer, const gchar *defaults)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Neg", "a", "t", "");
  onnx_writer_node (writer, "LeakyRelu", "t", "b", "alpha=r:slope");
  onnx_writer_end_function (writer, DOMAIN, "Leaky", "a", "b", defaults, 0);
}

static void
write_twice (OnnxWriter *writer)
{
  write_leaky (writer, "");
  onnx_writer_call (writer, DOMAIN, "Leaky", "x", "p", "slope=f:0.25");
  onnx_writer_call (writer, DOMAIN, "Leaky", "p", "y", "slope=f:0.5");
  onnx_writer_output (writer, "y");
}

/* Nobody gives the attribute: the operator's own default holds. */
static void
write_left_out (OnnxWriter *writer)
{
  write_leaky (writer, "");
  onnx_writer_call (writer, DOMAIN, "Leaky", "x", "y", "");
  onnx_writer_output (writer, "y");
}

static void
write_default (OnnxWriter *writer)
{
  write_leaky (writer, "slope=f:0.75");
  onnx_writer_call (writer, DOMAIN, "Leaky", "x", "y", "");
  onnx_writer_output (writer, "y");
}

/* A function that calls one, and hands its own attribute on. */
static void
write_nested (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_call (writer, DOMAIN, "Leaky", "a", "t", "slope=r:outer");
  onnx_writer_node (writer, "Relu", "t", "b", "");
  onnx_writer_end_function (writer, DOMAIN, "Outer", "a", "b", "", 0);
  write_leaky (writer, "");
  onnx_writer_call (writer, DOMAIN, "Outer", "x", "y", "outer=f:0.125");
  onnx_writer_output (writer, "y");
}

/* Names of inside and outside are the same words; the call comes after its
 * user. */
static void
write_same_names (OnnxWriter *writer)
{
  write_leaky (writer, "");
  onnx_writer_node (writer, "Relu", "t", "a", "");
  onnx_writer_call (writer, DOMAIN, "Leaky", "x", "t", "slope=f:1");
  onnx_writer_node (writer, "Relu", "a", "t/t", "");
  onnx_writer_output (writer, "t/t");
}

/* An input as output, one output twice, one that nobody wants; an absent
 * input. */
static void
write_odd_interface (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Clip", "a low high", "b", "");
  onnx_writer_node (writer, "Relu", "b", "c", "");
  onnx_writer_end_function (
      writer, DOMAIN, "Odd", "a low high", "b a b c", "", 0);
  onnx_writer_call (writer, DOMAIN, "Odd", "x -", "p q r -", "");
  onnx_writer_output (writer, "p");
  onnx_writer_output (writer, "q");
  onnx_writer_output (writer, "r");
}

/* Constants inside, of which one is an attribute of the call. */
static void
write_constant (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Constant", "", "k", "value_float=r:number");
  onnx_writer_node (writer, "Mul", "a k", "b", "");
  onnx_writer_end_function (writer, DOMAIN, "Scale", "a", "b", "", 0);
  onnx_writer_call (writer, DOMAIN, "Scale", "x", "y", "number=f:3");
  onnx_writer_output (writer, "y");
}

/* The function is older than the model: Clip's limits are attributes there. */
static void
write_old_opset (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Clip", "a", "b", "min=f:-0.5 max=r:high");
  onnx_writer_end_function (writer, DOMAIN, "Limit", "a", "b", "", 9);
  onnx_writer_call (writer, DOMAIN, "Limit", "x", "y", "high=f:0.5");
  onnx_writer_output (writer, "y");
}

/* An operator that is known needs no function of its name. */
static void
write_known (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Neg", "a", "b", "");
  onnx_writer_end_function (writer, "", "Relu", "a", "b", "", 0);
  onnx_writer_node (writer, "Relu", "x", "y", "");
  onnx_writer_output (writer, "y");
}

typedef struct
{
  const gchar *name;
  void (*write) (OnnxWriter *writer);
  const gchar *nodes; /* "Op(inputs;outputs;attributes)" */
  gfloat in, out; /* what output 0 makes of one number */
} FunctionRow;

static const FunctionRow rows[] = {
  { "twice", write_twice,
      "Neg(x;p/t) LeakyRelu(p/t;p;alpha=0.25) Neg(p;y/t) "
      "LeakyRelu(y/t;y;alpha=0.5)",
      4, 1 },
  { "left-out", write_left_out, "Neg(x;y/t) LeakyRelu(y/t;y)", 1, -0.01f },
  { "default", write_default, "Neg(x;y/t) LeakyRelu(y/t;y;alpha=0.75)", 1,
      -0.75f },
  { "nested", write_nested,
      "Neg(x;y/t/t) LeakyRelu(y/t/t;y/t;alpha=0.125) Relu(y/t;y)", -2, 2 },
  { "same-names", write_same_names,
      "Neg(x;t/t_1) LeakyRelu(t/t_1;t;alpha=1) Relu(t;a) Relu(a;t/t)", -2, 2 },
  { "odd-interface", write_odd_interface,
      "Clip(x;p) Relu(p;p/c) Identity(x;q) Identity(p;r)", -2, -2 },
  { "constant", write_constant, "Mul(x,y/k;y)", 2, 6 },
  { "old-opset", write_old_opset, "Clip(x,y/b.min,y/b.max;y)", 2, 0.5f },
  { "known", write_known, "Relu(x;y)", 2, 2 },
};

static void
append_names (GString *text, const GPtrArray *values)
{
  for (guint i = 0; i < values->len; i++) {
    const DnnValue *value = values->pdata[i];
    g_string_append_printf (
        text, "%s%s", i > 0 ? "," : "", value ? value->name : "-");
  }
}

static gchar *
describe (DnnGraph *graph)
{
  GString *text = g_string_new (NULL);

  for (guint n = 0; n < graph->nodes->len; n++) {
    const DnnNode *node = graph->nodes->pdata[n];
    g_string_append_printf (text, "%s%s(", n > 0 ? " " : "", node->op);
    append_names (text, node->inputs);
    g_string_append_c (text, ';');
    append_names (text, node->outputs);
    for (guint i = 0; i < dnn_attrs_get_n (node->attrs); i++)
      g_string_append_printf (text, ";%s=%s",
          dnn_attrs_get_key (node->attrs, i),
          dnn_attrs_get_value (node->attrs, i));
    g_string_append_c (text, ')');
  }
  return g_string_free (text, FALSE);
}

static void
check_number (DnnGraph *graph, gfloat in, gfloat out)
{
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) outputs = NULL;
  g_autoptr (GError) error = NULL;
  DnnShape shape = dnn_shape (1, 1);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);

  *(gfloat *) dnn_tensor_get_writable_data (tensor) = in;
  g_ptr_array_add (inputs, tensor);
  outputs = onnx_run_module (graph, inputs, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (
      *(const gfloat *) dnn_tensor_get_data (outputs->pdata[0]), out, 1e-6f);
}

static void
test_row (Fixture *fixture, gconstpointer data)
{
  const FunctionRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *found = NULL;

  onnx_writer_input (writer, "x", "1");
  row->write (writer);
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  graph = dnn_onnx_import_file (path, &error);
  g_assert_no_error (error);
  found = describe (graph);
  g_assert_cmpstr (found, ==, row->nodes);
  check_number (graph, row->in, row->out);
}

/* ---- what can't be followed
 * ------------------------------------------------------------------ */

static void
write_self (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_call (writer, DOMAIN, "Self", "a", "b", "");
  onnx_writer_end_function (writer, DOMAIN, "Self", "a", "b", "", 0);
  onnx_writer_call (writer, DOMAIN, "Self", "x", "y", "");
}

/* Each calls the next one twice, 40 deep: 2^40 nodes. */
static void
write_bomb (OnnxWriter *writer)
{
  for (guint i = 0; i < 40; i++) {
    g_autofree gchar *name = g_strdup_printf ("F%u", i);
    g_autofree gchar *next = g_strdup_printf ("F%u", i + 1);
    onnx_writer_begin_function (writer);
    onnx_writer_call (writer, DOMAIN, next, "a", "t", "");
    onnx_writer_call (writer, DOMAIN, next, "t", "b", "");
    onnx_writer_end_function (writer, DOMAIN, name, "a", "b", "", 0);
  }
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Relu", "a", "b", "");
  onnx_writer_end_function (writer, DOMAIN, "F40", "a", "b", "", 0);
  onnx_writer_call (writer, DOMAIN, "F0", "x", "y", "");
}

/* Each calls the next one, deeper than calls may go. */
static void
write_deep (OnnxWriter *writer)
{
  for (guint i = 0; i < 63; i++) {
    g_autofree gchar *name = g_strdup_printf ("F%u", i);
    g_autofree gchar *next = g_strdup_printf ("F%u", (i + 1) % 63);
    onnx_writer_begin_function (writer);
    onnx_writer_call (writer, DOMAIN, next, "a", "b", "");
    onnx_writer_end_function (writer, DOMAIN, name, "a", "b", "", 0);
  }
  onnx_writer_call (writer, DOMAIN, "F0", "x", "y", "");
}

static void
write_unknown_inside (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Frob", "a", "b", "");
  onnx_writer_end_function (writer, DOMAIN, "F", "a", "b", "", 0);
  onnx_writer_call (writer, DOMAIN, "F", "x", "y", "");
}

static void
write_two_of_a_name (OnnxWriter *writer)
{
  write_leaky (writer, "");
  write_leaky (writer, "");
  onnx_writer_call (writer, DOMAIN, "Leaky", "x", "y", "");
}

static void
write_not_made (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Relu", "nothing", "b", "");
  onnx_writer_end_function (writer, DOMAIN, "F", "a", "b", "", 0);
  onnx_writer_call (writer, DOMAIN, "F", "x", "y", "");
}

static void
write_reference_outside (OnnxWriter *writer)
{
  onnx_writer_node (writer, "LeakyRelu", "x", "y", "alpha=r:slope");
}

static void
write_constant_without (OnnxWriter *writer)
{
  onnx_writer_begin_function (writer);
  onnx_writer_node (writer, "Constant", "", "b", "value_float=r:number");
  onnx_writer_end_function (writer, DOMAIN, "F", "a", "b", "", 0);
  onnx_writer_call (writer, DOMAIN, "F", "x", "y", "");
}

typedef struct
{
  const gchar *name;
  void (*write) (OnnxWriter *writer);
  DnnError code;
  const gchar *text;
} BadRow;

static const BadRow bad_rows[] = {
  { "calls-itself", write_self, DNN_ERROR_LIMIT,
      "functions call each other more than 64 deep" },
  { "deep", write_deep, DNN_ERROR_LIMIT,
      "functions call each other more than 64 deep" },
  { "bomb", write_bomb, DNN_ERROR_LIMIT, "at most 1048576 are supported" },
  { "unknown-inside", write_unknown_inside, DNN_ERROR_UNSUPPORTED,
      "Frob (node \"y/b\")" },
  { "two-of-a-name", write_two_of_a_name, DNN_ERROR_FORMAT,
      "function \"Leaky\" of domain \"my.functions\": there are two" },
  { "not-made", write_not_made, DNN_ERROR_GRAPH,
      "node \"y/b\" (Relu): input 0 \"y/nothing\" is no tensor of the graph" },
  { "reference-outside", write_reference_outside, DNN_ERROR_FORMAT,
      "attribute \"alpha\": it refers to \"slope\" of a function, but stands "
      "in none" },
  { "constant-without", write_constant_without, DNN_ERROR_FORMAT,
      "node \"y/b\": attribute \"value\": it refers to an attribute that the "
      "function is called without" },
};

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  const BadRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;

  onnx_writer_input (writer, "x", "1");
  row->write (writer);
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, fixture->dir, "m.onnx");
  g_assert_null (dnn_onnx_import_file (path, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  if (!strstr (error->message, row->text))
    g_error ("\"%s\" lacks \"%s\"", error->message, row->text);
}

static void
add (const gchar *folder, const gchar *name, gconstpointer data,
    void (*test) (Fixture *, gconstpointer))
{
  g_autofree gchar *path = g_strdup_printf ("/compiler/%s/%s", folder, name);

  g_test_add (
      path, Fixture, data, test_folder_set_up, test, test_folder_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    add ("functions", rows[i].name, &rows[i], test_row);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    add ("functions-errors", bad_rows[i].name, &bad_rows[i], test_bad);
  return g_test_run ();
}
