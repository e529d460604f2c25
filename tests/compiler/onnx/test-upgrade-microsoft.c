/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of com.microsoft: what they become, and that it computes what ONNX
 * Runtime computes (its numbers). */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

/* x is -1, 0, 1, 2; y what comes out. */
typedef struct
{
  const gchar *name;
  void (*write) (OnnxWriter *writer);
  const gchar *ops;
  gfloat values[4];
  DnnError code; /* with text: refused */
  const gchar *text;
} Row;

static void
write_call (OnnxWriter *writer, const gchar *op, const gchar *inputs,
    const gchar *attrs)
{
  static const gfloat ones[] = { 1, 1, 1, 1 }, twos[] = { 2, 2, 2, 2 };

  onnx_writer_floats (writer, "one", dnn_shape (1, 4), ones);
  onnx_writer_floats (writer, "two", dnn_shape (1, 4), twos);
  onnx_writer_call (writer, "com.microsoft", op, inputs, "y", attrs);
}

#define WRITE(name, op, inputs, attrs)          \
  static void write_##name (OnnxWriter *writer) \
  {                                             \
    write_call (writer, op, inputs, attrs);     \
  }
WRITE (gelu, "Gelu", "x", "")
WRITE (fast_gelu, "FastGelu", "x one", "")
WRITE (bias_gelu, "BiasGelu", "x one", "")
WRITE (quick_gelu, "QuickGelu", "x", "alpha=f:1")
WRITE (skip, "SkipLayerNormalization", "x one two one one", "")
WRITE (skip_rms, "SkipSimplifiedLayerNormalization", "x one two", "")
WRITE (skip_short, "SkipLayerNormalization", "x one", "")

/* The sum that was normalised is asked for, too. */
static void
write_skip_sum (OnnxWriter *writer)
{
  static const gfloat ones[] = { 1, 1, 1, 1 };

  onnx_writer_floats (writer, "one", dnn_shape (1, 4), ones);
  onnx_writer_call (writer, "com.microsoft", "SkipLayerNormalization",
      "x one one one", "z - - y", "");
}

static void
add_scales (OnnxWriter *writer)
{
  static const gfloat scale = 0.5f, double_scale = 1;
  static const guint8 zero = 10;
  const DnnShape scalar = { 0 };
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_UINT8, &scalar, &zero, NULL, NULL);

  onnx_writer_floats (writer, "s", dnn_shape (0), &scale);
  onnx_writer_floats (writer, "t", dnn_shape (0), &double_scale);
  onnx_writer_initializer (writer, "z", tensor, ONNX_WRITER_RAW);
  onnx_writer_node (writer, "QuantizeLinear", "x s z", "q", "");
}

#define WRITE_QUANTISED(name, op, inputs, attrs)                        \
  static void write_##name (OnnxWriter *writer)                         \
  {                                                                     \
    add_scales (writer);                                                \
    onnx_writer_call (writer, "com.microsoft", op, inputs, "r", attrs); \
    onnx_writer_node (writer, "DequantizeLinear", "r t z", "y", "");    \
  }
WRITE_QUANTISED (add, "QLinearAdd", "q s z q s z t z", "")
WRITE_QUANTISED (leaky, "QLinearLeakyRelu", "q s z t z", "alpha=f:2")
WRITE_QUANTISED (
    last, "QLinearGlobalAveragePool", "q s z t z", "channels_last=i:1")
WRITE_QUANTISED (concat_short, "QLinearConcat", "t z q s", "axis=i:0")

static void
write_concat (OnnxWriter *writer)
{
  add_scales (writer);
  onnx_writer_call (
      writer, "com.microsoft", "QLinearConcat", "t z q s z", "r", "axis=i:0");
  onnx_writer_node (writer, "DequantizeLinear", "r t z", "y", "");
}

/* x times 2 by integers. */
static void
write_dynamic (OnnxWriter *writer)
{
  static const gint8 eye[16] = { 100, 0, 0, 0, 0, 100, 0, 0, 0, 0, 100, 0, 0, 0,
    0, 100 };
  static const gfloat scale = 0.02f;
  const DnnShape shape = { 2, { 4, 4 } };
  g_autoptr (DnnTensor)
      tensor = dnn_tensor_new_wrapped (DNN_TYPE_INT8, &shape, eye, NULL, NULL);

  onnx_writer_initializer (writer, "b", tensor, ONNX_WRITER_RAW);
  onnx_writer_floats (writer, "bs", dnn_shape (0), &scale);
  onnx_writer_call (
      writer, "com.microsoft", "DynamicQuantizeMatMul", "x b bs", "y", "");
}

static const Row rows[] = {
  { "gelu", write_gelu, "Gelu", { -0.158655f, 0, 0.841345f, 1.954500f } },
  { "fast-gelu", write_fast_gelu, "Add Gelu",
      { 0, 0.841192f, 1.954598f, 2.996363f } },
  { "bias-gelu", write_bias_gelu, "Add Gelu",
      { 0, 0.841345f, 1.954500f, 2.995950f } },
  { "quick-gelu", write_quick_gelu, "Swish",
      { -0.268941f, 0, 0.731059f, 1.761594f } },
  { "skip-layer", write_skip, "Add Add LayerNormalization",
      { -1.683282f, 0.105573f, 1.894427f, 3.683282f } },
  { "skip-layer-sum", write_skip_sum, "Add LayerNormalization",
      { 0, 1, 2, 3 } },
  { "skip-rms", write_skip_rms, "Add RMSNormalization",
      { 0, 1.069045f, 2.138090f, 3.207135f } },
  { "qlinear-add", write_add,
      "QuantizeLinear DequantizeLinear DequantizeLinear Add QuantizeLinear "
      "DequantizeLinear",
      { -2, 0, 2, 4 } },
  { "qlinear-leaky", write_leaky,
      "QuantizeLinear DequantizeLinear LeakyRelu QuantizeLinear "
      "DequantizeLinear",
      { -2, 0, 1, 2 } },
  { "qlinear-concat", write_concat,
      "QuantizeLinear DequantizeLinear Concat QuantizeLinear DequantizeLinear",
      { -1, 0, 1, 2 } },
  { "dynamic-matmul", write_dynamic,
      "DynamicQuantizeLinear MatMulInteger Cast Mul Mul", { -2, 0, 2, 4 } },
  { "skip-short", write_skip_short, NULL, { 0 }, DNN_ERROR_GRAPH,
      "input 2 is required" },
  { "channels-last", write_last, NULL, { 0 }, DNN_ERROR_UNSUPPORTED,
      "channels_last is 1, only 0 is supported" },
  { "concat-short", write_concat_short, NULL, { 0 }, DNN_ERROR_GRAPH,
      "has 4 inputs, expected two and three for each tensor" },
};

static gchar *
list_ops (DnnGraph *graph)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
        ((DnnNode *) graph->nodes->pdata[i])->op);
  return g_strdup (text->str);
}

static DnnGraph *
import (const Row *row, GError **error)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (18);
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *path = NULL;
  DnnGraph *graph;

  onnx_writer_input (writer, "x", "4");
  row->write (writer);
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, error);
  test_folder_remove (dir);
  return graph;
}

static void
compare (const Row *row, DnnGraph *graph)
{
  static const gfloat x[] = { -1, 0, 1, 2 };
  const DnnShape shape = { 1, { 4 } };
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (DnnTensor) expected = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &shape, row->values, NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *why = NULL;

  g_ptr_array_add (
      inputs, dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape, x, NULL, NULL));
  found = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  if (!onnx_run_close (found->pdata[0], expected, 1e-2, 1e-2, &why))
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
        "/compiler/upgrade-microsoft/%s", rows[i].name);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  return g_test_run ();
}
