/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Rows of passes → a graph each, the pass, what is left, and that it computes
 * the same. */
#include "config.h"

#include "tests/compiler/passes/pass-row.h"

#include "compiler/dnn-compiler.h"
#include "pipeline-core/infer/dnn-infer.h"
#include "tests/compiler/onnx-run.h"
#include "tests/test-folder.h"

void
pass_write_scalar (OnnxWriter *writer, const gchar *name, gfloat value)
{
  onnx_writer_floats (writer, name, dnn_shape (0), &value);
}

static void
describe_attrs (GString *text, const DnnAttrs *attrs)
{
  if (dnn_attrs_get_n (attrs) == 0)
    return;
  g_string_append_c (text, '{');
  for (guint i = 0; i < dnn_attrs_get_n (attrs); i++)
    g_string_append_printf (text, "%s%s=%s", i > 0 ? "," : "",
        dnn_attrs_get_key (attrs, i), dnn_attrs_get_value (attrs, i));
  g_string_append_c (text, '}');
}

gchar *
pass_describe (DnnGraph *graph)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint n = 0; n < graph->nodes->len; n++) {
    const DnnNode *node = graph->nodes->pdata[n];
    g_string_append_printf (text, "%s%s(%s)", n > 0 ? " " : "", node->op,
        ((DnnValue *) node->outputs->pdata[0])->name);
    for (guint i = 0; i < node->post_ops->len; i++) {
      const DnnPostOp *post_op = node->post_ops->pdata[i];
      g_string_append_printf (text, "+%s", post_op->op);
      describe_attrs (text, post_op->attrs);
      if (post_op->input >= 0)
        g_string_append_printf (text, "[%s]",
            ((DnnValue *) node->inputs->pdata[post_op->input])->name);
    }
  }
  return g_strdup (text->str);
}

static GPtrArray *
make_inputs (DnnGraph *graph)
{
  GPtrArray *inputs = onnx_run_new_list ();

  for (guint i = 0; i < graph->inputs->len; i++) {
    const DnnValue *value = graph->inputs->pdata[i];
    g_ptr_array_add (inputs, onnx_run_random (&value->shape, 100 + i));
  }
  return inputs;
}

static void
check_same (GPtrArray *found, GPtrArray *expected)
{
  for (guint i = 0; i < expected->len; i++) {
    g_autofree gchar *why = NULL;
    gdouble atol = 1e-5 * onnx_run_magnitude (expected->pdata[i]);
    if (!onnx_run_close (found->pdata[i], expected->pdata[i], 1e-4, atol, &why))
      g_error ("output %u: %s", i, why);
  }
}

static void
test_pass (gconstpointer data)
{
  const PassRow *row = data;
  g_autoptr (OnnxWriter) writer = onnx_writer_new (15);
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *left = NULL;
  g_autoptr (DnnGraph) graph = NULL;
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) by_ref = NULL;
  g_autoptr (GPtrArray) by_plan = NULL;

  onnx_writer_input (writer, "x", row->dims);
  row->write (writer);
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, &error);
  test_folder_remove (dir);
  g_assert_no_error (error);
  inputs = make_inputs (graph);
  before = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  dnn_infer_into_graph (graph, &error);
  g_assert_no_error (error);
  row->pass (graph, &error);
  g_assert_no_error (error);
  left = pass_describe (graph);
  g_assert_cmpstr (left, ==, row->left);
  dnn_graph_check (graph, &error);
  g_assert_no_error (error);
  by_ref = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  check_same (by_ref, before);
  by_plan = onnx_run_module (graph, inputs, &error);
  g_assert_no_error (error);
  check_same (by_plan, before);
}

void
pass_add_rows (const PassRow *rows, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    g_autofree gchar *name = g_strconcat (
        "/compiler/pass-", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_pass);
  }
}
