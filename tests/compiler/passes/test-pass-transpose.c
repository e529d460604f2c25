/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Transposes that sink and cancel out, and those that stay: see pass-row.h. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/passes/pass-row.h"
#include "tests/test-folder.h"

static void
write_node (OnnxWriter *writer, const gchar *op, const gchar *inputs,
    const gchar *output)
{
  onnx_writer_node (writer, op, inputs, output, "");
}

static void
write_last (OnnxWriter *writer, const gchar *input, const gchar *output)
{
  onnx_writer_node (writer, "Transpose", input, output, "perm=is:0,2,3,1");
}

static void
write_first (OnnxWriter *writer, const gchar *input, const gchar *output)
{
  onnx_writer_node (writer, "Transpose", input, output, "perm=is:0,3,1,2");
}

static void
write_conv (OnnxWriter *writer, const gchar *input, const gchar *output)
{
  g_autofree gchar *weights = g_strconcat ("w_", output, NULL);
  g_autofree gchar *inputs = g_strdup_printf ("%s %s", input, weights);

  onnx_writer_random (writer, weights, dnn_shape (4, 4, 4, 3, 3), 3);
  onnx_writer_node (writer, "Conv", inputs, output, "pads=is:1,1,1,1");
}

/* Channels last around each convolution, as Keras has it. */
static void
write_keras (OnnxWriter *writer)
{
  onnx_writer_random (writer, "bias", dnn_shape (1, 4), 5);
  onnx_writer_random (writer, "scale", dnn_shape (3, 1, 1, 4), 6);
  onnx_writer_random (writer, "slope", dnn_shape (3, 1, 1, 4), 7);
  pass_write_scalar (writer, "six", 6);
  write_conv (writer, "x", "a");
  write_last (writer, "a", "b");
  write_node (writer, "Add", "b bias", "c");
  write_node (writer, "Mul", "scale c", "d");
  write_node (writer, "PRelu", "d slope", "e");
  write_first (writer, "e", "f");
  write_conv (writer, "f", "g");
  write_last (writer, "g", "h");
  write_node (writer, "Add", "h e", "i"); /* the shortcut */
  write_node (writer, "Clip", "i - six", "j");
  write_first (writer, "j", "k");
  write_conv (writer, "k", "y");
  onnx_writer_output (writer, "y");
}

/* Operators that say a dimension. */
static void
write_axes (OnnxWriter *writer)
{
  static const gint64 pads[] = { 0, 1, 0, 2, 0, 0, 3, 0 };
  static const gint64 starts[] = { 0, 1 }, ends[] = { 1, 5 }, axes[] = { 1, 2 };
  static const gint64 row[] = { 2 };
  static const gfloat scales[] = { 1, 2, 1, 1 };

  onnx_writer_ints (writer, "pads", 8, pads);
  onnx_writer_ints (writer, "starts", 2, starts);
  onnx_writer_ints (writer, "ends", 2, ends);
  onnx_writer_ints (writer, "axes", 2, axes);
  onnx_writer_ints (writer, "row", 1, row);
  onnx_writer_floats (writer, "scales", dnn_shape (1, 4), scales);
  write_last (writer, "x", "a");
  write_node (writer, "Pad", "a pads", "b");
  write_node (writer, "Slice", "b starts ends", "c"); /* the first two */
  write_node (writer, "Slice", "c starts ends axes", "d");
  onnx_writer_node (writer, "Resize", "d - scales", "e", "mode=s:nearest");
  onnx_writer_node (writer, "Concat", "e e", "f", "axis=i:-1");
  onnx_writer_node (writer, "Softmax", "f", "g", "");
  onnx_writer_node (writer, "Split", "g", "h i", "axis=i:3");
  write_node (writer, "Sub", "h i", "j");
  onnx_writer_node (writer, "ReduceSum", "j row", "k", "");
  write_node (writer, "Mul", "j k", "l");
  write_first (writer, "l", "y");
  onnx_writer_output (writer, "y");
}

/* Reduced dimensions go: what is left is in order, and nothing is to be
 * transposed; or it isn't. */
static void
write_reduced (OnnxWriter *writer)
{
  static const gint64 space[] = { 1, 2 }, batch[] = { 0 };

  onnx_writer_ints (writer, "space", 2, space);
  onnx_writer_ints (writer, "batch", 1, batch);
  onnx_writer_node (writer, "Transpose", "x", "a", "perm=is:0,2,3,1");
  write_node (writer, "Relu", "a", "b");
  onnx_writer_node (writer, "ReduceSum", "b space", "y", "keepdims=i:0");
  onnx_writer_node (writer, "ReduceSum", "b batch", "c", "keepdims=i:0");
  onnx_writer_node (writer, "Transpose", "c", "z", "perm=is:2,0,1");
  onnx_writer_output (writer, "y");
  onnx_writer_output (writer, "z");
}

/* A gate that was not transposed is small. */
static void
write_gate (OnnxWriter *writer)
{
  onnx_writer_input (writer, "gate", "1,1,1,4");
  write_node (writer, "Sigmoid", "gate", "s");
  write_last (writer, "x", "a");
  write_node (writer, "Mul", "a s", "b");
  write_first (writer, "b", "y");
  onnx_writer_output (writer, "y");
}

/* What is seen in the middle keeps its name and its order. */
static void
write_output (OnnxWriter *writer)
{
  write_last (writer, "x", "a");
  write_node (writer, "Relu", "a", "b");
  write_first (writer, "b", "c");
  write_last (writer, "c", "d");
  write_node (writer, "Neg", "d", "e");
  write_first (writer, "e", "y");
  onnx_writer_output (writer, "b");
  onnx_writer_output (writer, "y");
}

/* One at the end, whatever stands before it: nothing is won. Another order on
 * the other side; a view, which minds. */
static void
write_none (OnnxWriter *writer)
{
  static const gint64 flat[] = { 1, -1 };

  onnx_writer_ints (writer, "flat", 2, flat);
  write_last (writer, "x", "a");
  write_node (writer, "Relu", "a", "b");
  onnx_writer_node (writer, "Transpose", "x", "c", "perm=is:0,3,2,1");
  write_node (writer, "Neg", "c", "d");
  write_node (writer, "Reshape", "d flat", "e");
  write_node (writer, "Reshape", "b flat", "f");
  write_node (writer, "Add", "e f", "y");
  onnx_writer_output (writer, "y");
}

/* Two that stand behind one another and are not each other's inverse. */
static void
write_join (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Transpose", "x", "a", "perm=is:0,2,3,1");
  write_node (writer, "Relu", "a", "b");
  onnx_writer_node (writer, "Transpose", "b", "y", "perm=is:0,1,3,2");
  onnx_writer_output (writer, "y");
}

#define IMAGE "1,4,6,5"

static const PassRow rows[] = {
  { "transpose/keras", dnn_optimise_graph, IMAGE, write_keras,
      "Conv(d.inner) PRelu(e.inner) Conv(j.inner)+Add[e.inner]+Clip{max=6} "
      "Conv(y)" },
  { "transpose/axes", dnn_optimise_graph, IMAGE, write_axes,
      "Pad(b.inner) Slice(c.inner) Slice(d.inner) Resize(e.inner) "
      "Concat(f.inner) Softmax(g.inner) Split(h.inner) Sub(j.inner) "
      "ReduceSum(k.inner) Mul(l.inner)" },
  { "transpose/reduced", dnn_optimise_graph, IMAGE, write_reduced,
      "Relu(b.inner) ReduceSum(y) ReduceSum(c.inner)" },
  { "transpose/gate", dnn_optimise_graph, IMAGE, write_gate,
      "Sigmoid(s) Transpose(s.transpose_1) Mul(b.inner)" },
  { "transpose/output", dnn_optimise_graph, IMAGE, write_output,
      "Relu(b.inner) Neg(e.inner) Transpose(b)" },
  { "transpose/none", dnn_pass_transpose, IMAGE, write_none,
      "Transpose(a) Relu(b) Transpose(c) Neg(d) Reshape(e) Reshape(f) Add(y)" },
  { "transpose/join", dnn_optimise_graph, IMAGE, write_join,
      "Relu(b.inner) Transpose(y)" },
};

/* Open dimensions change nothing about that. */
static void
test_open_shapes (void)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (15);
  g_autofree gchar *dir = test_folder_make ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *left = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  onnx_writer_input (writer, "x", "1,4,H,W");
  write_keras (writer);
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, &error);
  test_folder_remove (dir);
  g_assert_no_error (error);
  dnn_optimise_graph (graph, &error);
  g_assert_no_error (error);
  left = pass_describe (graph);
  g_assert_cmpstr (left, ==,
      "Conv(d.inner) PRelu(e.inner) Conv(g) Add(i.inner) Clip(j.inner) "
      "Conv(y)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  pass_add_rows (rows, G_N_ELEMENTS (rows));
  g_test_add_func ("/compiler/pass-transpose/open-shapes", test_open_shapes);
  return g_test_run ();
}
