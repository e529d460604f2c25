/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sequences inside a graph: what is left of them, what it computes, and which
 * are refused. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

/* x is 1, 2, 3, 4 in two rows; y what comes out. */
typedef struct
{
  const gchar *name;
  const gchar *nodes; /* "OP inputs > output attrs; …" */
  const gchar *ops, *shape;
  gfloat values[8];
  DnnError code; /* with text: refused */
  const gchar *text;
} Row;

static const Row rows[] = {
  { "at", "SequenceConstruct x n > s; SequenceAt s one > y", "Neg Identity",
      "2,2", { -1, -2, -3, -4 } },
  { "at-negative", "SequenceConstruct x n > s; SequenceAt s last > y",
      "Neg Identity", "2,2", { -1, -2, -3, -4 } },
  { "insert",
      "SequenceEmpty > e; SequenceInsert e x > s; SequenceInsert s n zero > t; "
      "SequenceAt t zero > y",
      "Neg Identity", "2,2", { -1, -2, -3, -4 } },
  { "insert-negative",
      "SequenceConstruct x x > s; SequenceInsert s n last > t; SequenceAt t one "
      "> y",
      "Neg Identity", "2,2", { -1, -2, -3, -4 } },
  { "erase",
      "SequenceConstruct x n > s; SequenceErase s zero > t; SequenceAt t zero > "
      "y",
      "Neg Identity", "2,2", { -1, -2, -3, -4 } },
  { "concat", "SequenceConstruct x n > s; ConcatFromSequence s > y axis=i:1",
      "Neg Concat", "2,4", { 1, 2, -1, -2, 3, 4, -3, -4 } },
  { "concat-new",
      "SequenceConstruct x n > s; ConcatFromSequence s > y axis=i:0 "
      "new_axis=i:1",
      "Neg Unsqueeze Unsqueeze Concat", "2,2,2",
      { 1, 2, 3, 4, -1, -2, -3, -4 } },
  { "split", "SplitToSequence x > s axis=i:1; SequenceAt s one > y",
      "Neg Split Identity", "2,1", { 2, 4 } },
  { "split-squeezed",
      "SplitToSequence x > s axis=i:0 keepdims=i:0; SequenceAt s one > y",
      "Neg Split Squeeze Identity Squeeze", "2", { 3, 4 } },
  { "split-size", "SplitToSequence x two > s axis=i:0; SequenceAt s zero > y",
      "Neg Split Identity", "2,2", { 1, 2, 3, 4 } },
  { "outside", "SequenceConstruct x n > s; SequenceAt s two > y", NULL, NULL,
      { 0 }, DNN_ERROR_VALUE, "the position is 2, expected -2 to 1" },
  { "position", "SequenceConstruct x n > s; SequenceAt s p > y", NULL, NULL,
      { 0 }, DNN_ERROR_UNSUPPORTED,
      "the position in its sequence isn't constant" },
  { "output", "SequenceConstruct x n > y", NULL, NULL, { 0 },
      DNN_ERROR_UNSUPPORTED, "the output \"y\" of the model is a sequence" },
  { "empty", "SequenceEmpty > e; ConcatFromSequence e > y axis=i:0", NULL, NULL,
      { 0 }, DNN_ERROR_VALUE, "its sequence is empty" },
  { "erase-empty",
      "SequenceEmpty > e; SequenceErase e > f; SequenceAt f zero > y", NULL,
      NULL, { 0 }, DNN_ERROR_VALUE, "its sequence is empty" },
  { "user", "SequenceConstruct x n > s; Relu s > y", NULL, NULL, { 0 },
      DNN_ERROR_UNSUPPORTED, "input 0 is a sequence" },
  { "no-sequence", "SequenceAt x zero > y", NULL, NULL, { 0 },
      DNN_ERROR_UNSUPPORTED, "isn't made in this graph" },
  { "parts", "SplitToSequence n > s; SequenceAt s zero > y", NULL, NULL, { 0 },
      DNN_ERROR_UNSUPPORTED, "how many parts it makes isn't known" },
};

/* "OP a b > c attrs" */
static void
write_node (OnnxWriter *writer, const gchar *text)
{
  g_auto (GStrv) sides = g_strsplit (text, " > ", 2);
  g_auto (GStrv) head = g_strsplit (sides[0], " ", 2);
  g_auto (GStrv) tail = g_strsplit (sides[1], " ", 2);

  onnx_writer_node (
      writer, head[0], head[1] ? head[1] : "", tail[0], tail[1] ? tail[1] : "");
}

static void
write_position (OnnxWriter *writer, const gchar *name, gint64 value)
{
  const DnnShape scalar = { 0 };
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_INT64, &scalar, &value, NULL, NULL);

  onnx_writer_initializer (writer, name, tensor, ONNX_WRITER_RAW);
}

static DnnGraph *
import (const Row *row, GError **error)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_auto (GStrv) nodes = g_strsplit (row->nodes, "; ", -1);
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *path = NULL;
  DnnGraph *graph;

  onnx_writer_input (writer, "x", "2,2");
  if (strstr (row->nodes, " p >"))
    onnx_writer_input_typed (writer, "p", "", DNN_TYPE_INT64);
  write_position (writer, "zero", 0);
  write_position (writer, "one", 1);
  write_position (writer, "two", 2);
  write_position (writer, "last", -1);
  onnx_writer_node (writer, "Neg", "x", "n", "");
  for (gchar **node = nodes; *node; node++)
    write_node (writer, *node);
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, error);
  test_folder_remove (dir);
  return graph;
}

static gchar *
list_ops (DnnGraph *graph)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
        ((DnnNode *) graph->nodes->pdata[i])->op);
  return g_strdup (text->str);
}

static void
compare (const Row *row, DnnGraph *graph)
{
  static const gfloat x[] = { 1, 2, 3, 4 };
  const DnnShape shape = { 2, { 2, 2 } };
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (DnnTensor) expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *why = NULL;
  DnnShape result;

  g_assert_true (dnn_shape_parse (row->shape, &result));
  expected = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &result, row->values, NULL, NULL);
  g_ptr_array_add (
      inputs, dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape, x, NULL, NULL));
  found = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  if (!onnx_run_close (found->pdata[0], expected, 0, 0, &why))
    g_test_fail_printf ("%s", why);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = import (row, &error);
  g_autofree gchar *ops = NULL;

  if (row->text) {
    g_assert_error (error, DNN_ERROR, (gint) row->code);
    if (!strstr (error->message, row->text))
      g_test_fail_printf ("%s", error->message);
    return;
  }
  g_assert_no_error (error);
  ops = list_ops (graph);
  g_assert_cmpstr (ops, ==, row->ops);
  compare (row, graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strdup_printf (
        "/compiler/upgrade-sequence/%s", rows[i].name);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  return g_test_run ();
}
