/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Single nodes as old opsets have them, those before 7 above all: what they
 * compute by reference (values worked out by hand), and what is refused. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "compiler/upgrade/dnn-upgrade.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <string.h>

#define MAX_VALUES 12

/* Input x counts up from `first` in `dims`; c is a constant, or absent. */
typedef struct
{
  const gchar *name;
  gint64 opset;
  const gchar *op, *dims;
  gfloat first;
  const gchar *constant; /* dims of c, NULL none */
  gfloat c[4];
  const gchar *inputs, *attrs;
  const gchar *shape;
  gfloat values[MAX_VALUES];
} Row;

static const Row rows[] = {
  { "add-6-last", 6, "Add", "2,2", 1, "2", { 10, 20 }, "x c", "broadcast=i:1",
      "2,2", { 11, 22, 13, 24 } },
  { "add-6-axis", 6, "Add", "2,2", 1, "2", { 10, 20 }, "x c",
      "broadcast=i:1 axis=i:0", "2,2", { 11, 12, 23, 24 } },
  { "mul-1-consumed", 1, "Mul", "2", 1, "2", { 10, 20 }, "x c",
      "consumed_inputs=is:0,0", "2", { 10, 40 } },
  { "sub-6-negative-axis", 6, "Sub", "1,2,2", 1, "2", { 1, 2 }, "x c",
      "broadcast=i:1 axis=i:-2", "1,2,2", { 0, 1, 1, 2 } },
  { "pow-1-axis", 6, "Pow", "2,2", 1, "2", { 1, 2 }, "x c",
      "broadcast=i:1 axis=i:0", "2,2", { 1, 2, 9, 16 } },
  { "prelu-6-channels", 6, "PRelu", "1,2,2", -2, "2", { 0.5f, 2 }, "x c", "",
      "1,2,2", { -1, -0.5f, 0, 1 } },
  { "cast-1-name", 5, "Cast", "2", 1, NULL, { 0 }, "x", "to=s:FLOAT", "2",
      { 1, 2 } },
  { "concat-1-default", 1, "Concat", "1,2", 1, NULL, { 0 }, "x x", "", "1,4",
      { 1, 2, 1, 2 } },
  { "reshape-1", 4, "Reshape", "2,3", 1, NULL, { 0 }, "x", "shape=is:3,-1",
      "3,2", { 1, 2, 3, 4, 5, 6 } },
  { "pad-1", 1, "Pad", "2", 1, NULL, { 0 }, "x", "paddings=is:1,0 value=f:7",
      "3", { 7, 1, 2 } },
  { "selu-1", 5, "Selu", "2", 0, NULL, { 0 }, "x", "", "2", { 0, 1.0507f } },
  { "gemm-6", 6, "Gemm", "2,2", 1, "2,2", { 1, 2, 3, 4 }, "x c c",
      "beta=f:0 broadcast=i:1", "2,2", { 7, 10, 15, 22 } },
  { "upsample-1", 1, "Upsample", "1,1,1,2", 1, NULL, { 0 }, "x",
      "height_scale=f:2 width_scale=f:1 mode=s:nearest", "1,1,2,2",
      { 1, 2, 1, 2 } },
  { "lp-pool-1", 1, "LpPool", "1,1,2", 3, NULL, { 0 }, "x",
      "kernel_shape=is:2 p=f:2", "1,1,1", { 5 } },
  { "dropout-6", 6, "Dropout", "2", 1, NULL, { 0 }, "x",
      "is_test=i:1 ratio=f:0.5", "2", { 1, 2 } },
  { "relu-1", 1, "Relu", "2", -1, NULL, { 0 }, "x", "consumed_inputs=is:1", "2",
      { 0, 0 } },
  { "grid-sample-16", 16, "GridSample", "1,1,1,2", 1, "1,1,1,2", { 0, 0 },
      "x c", "mode=s:bilinear", "1,1,1,1", { 1.5f } },
  { "group-norm-18", 18, "GroupNormalization", "1,4,2", 0, "2", { 1, 2 },
      "x c c", "num_groups=i:2 epsilon=f:0", "1,4,2",
      { -0.34164f, 0.55279f, 1.44721f, 2.34164f, -0.68328f, 1.10557f, 2.89443f,
          4.68328f } },
  { "dft-17", 17, "DFT", "1,2,1", 1, NULL, { 0 }, "x", "", "1,2,2",
      { 3, 0, -1, 0 } },
};

static DnnTensor *
make_counting (const gchar *dims, gfloat first)
{
  DnnShape shape;
  DnnTensor *tensor;
  gfloat *data;

  g_assert_true (dnn_shape_parse (dims, &shape));
  tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  data = dnn_tensor_get_writable_data (tensor);
  for (gint64 i = 0; i < dnn_shape_n_elements (&shape); i++)
    data[i] = first + (gfloat) i;
  return tensor;
}

static DnnGraph *
import (const Row *row, GError **error)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (row->opset);
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *path = NULL;
  DnnGraph *graph;
  DnnShape shape;

  onnx_writer_input (writer, "x", row->dims);
  if (row->constant) {
    g_assert_true (dnn_shape_parse (row->constant, &shape));
    onnx_writer_floats (writer, "c", shape, row->c);
  }
  onnx_writer_node (writer, row->op, row->inputs, "y", row->attrs);
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, error);
  test_folder_remove (dir);
  return graph;
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = import (row, &error);
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (DnnTensor) expected = make_counting (row->shape, 0);
  g_autofree gchar *why = NULL;

  g_assert_no_error (error);
  g_ptr_array_add (inputs, make_counting (row->dims, row->first));
  found = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  memcpy (dnn_tensor_get_writable_data (expected), row->values,
      dnn_tensor_get_size (expected));
  if (!onnx_run_close (found->pdata[0], expected, 1e-4, 1e-5, &why))
    g_test_fail_printf ("%s", why);
}

typedef struct
{
  Row model;
  DnnError code;
  const gchar *text;
} BadRow;

static const BadRow bad_rows[] = {
  { { "axis", 6, "Add", "2,2", 1, "2", { 1 }, "x c", "broadcast=i:1 axis=i:2" },
      DNN_ERROR_VALUE, "axis is 2, its inputs have 2 and 1 dimensions" },
  { { "axis-text", 6, "Add", "2,2", 1, "2", { 1 }, "x c",
        "broadcast=i:1 axis=s:last" },
      DNN_ERROR_VALUE, "attribute \"axis\" is \"last\"" },
  { { "norm", 1, "LpPool", "1,1,2", 1, NULL, { 0 }, "x",
        "kernel_shape=is:2 p=f:2.5" },
      DNN_ERROR_UNSUPPORTED, "p is 2.5, only whole numbers" },
  { { "groups", 18, "GroupNormalization", "1,4,2", 1, "2", { 1 }, "x c c",
        "num_groups=i:0" },
      DNN_ERROR_VALUE, "num_groups is 0, expected 1 or more" },
  { { "opset-0", 0, "Relu", "2", 1, NULL, { 0 }, "x", "" },
      DNN_ERROR_UNSUPPORTED,
      "the model's opset is 0, the oldest supported is 1" },
};

static void
test_bad (gconstpointer data)
{
  const BadRow *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = import (&row->model, &error);

  g_assert_null (graph);
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  if (!strstr (error->message, row->text))
    g_test_fail_printf ("%s", error->message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strdup_printf (
        "/compiler/upgrade-old/%s", rows[i].name);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++) {
    g_autofree gchar *name = g_strdup_printf (
        "/compiler/upgrade-old/bad/%s", bad_rows[i].model.name);
    g_test_add_data_func (name, &bad_rows[i], test_bad);
  }
  return g_test_run ();
}
