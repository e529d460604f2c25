/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators as older opsets have them: what they become, and that they compute
 * what their own specification says (expected values worked out by hand). */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "compiler/upgrade/dnn-upgrade.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <math.h>
#include <string.h>

#define MAX_VALUES 24

/* Input x counts up from `first` in `dims`. */
typedef struct
{
  const gchar *name;
  gint64 opset;
  const gchar *dims;
  gfloat first;
  void (*write) (OnnxWriter *writer); /* from x to y */
  const gchar *ops; /* what the graph has then */
  const gchar *shape; /* of y */
  gfloat values[MAX_VALUES];
} UpgradeRow;

static void
write_clip (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Clip", "x", "y", "min=f:-1 max=f:1.5");
}

/* x from 1: a convolution by 2, a sum with it and an activation. */
static void
write_fused (OnnxWriter *writer, const gchar *inputs, const gchar *attrs)
{
  static const gfloat two = 2, one = 1;

  onnx_writer_floats (writer, "w", dnn_shape (3, 1, 1, 1), &two);
  onnx_writer_floats (writer, "b", dnn_shape (1, 1), &one);
  onnx_writer_call (writer, "com.microsoft", "FusedConv", inputs, "y", attrs);
}

static void
write_fused_relu (OnnxWriter *writer)
{
  write_fused (writer, "x w", "activation=s:Relu");
}

static void
write_fused_sum (OnnxWriter *writer)
{
  write_fused (writer, "x w b x",
      "activation=s:Clip activation_params=fs:-1,5 strides=is:2");
}

static void
write_fused_leaky (OnnxWriter *writer)
{
  write_fused (
      writer, "x w b", "activation=s:LeakyRelu activation_params=fs:0.5");
}

static void
write_fused_unknown (OnnxWriter *writer)
{
  write_fused (writer, "x w", "activation=s:Frob");
}

static void
write_clip_open (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Clip", "x", "y", "max=f:0.5");
}

static void
write_squeeze (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Squeeze", "x", "y", "axes=is:0,2");
}

static void
write_squeeze_all (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Squeeze", "x", "y", "");
}

static void
write_unsqueeze (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Unsqueeze", "x", "y", "axes=is:0,3");
}

static void
write_mean (OnnxWriter *writer)
{
  onnx_writer_node (writer, "ReduceMean", "x", "y", "axes=is:1 keepdims=i:0");
}

static void
write_mean_all (OnnxWriter *writer)
{
  onnx_writer_node (writer, "ReduceMean", "x", "y", "");
}

static void
write_pad (OnnxWriter *writer)
{
  onnx_writer_node (
      writer, "Pad", "x", "y", "pads=is:0,1,1,0 value=f:9 mode=s:constant");
}

static void
write_pad_edge (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Pad", "x", "y", "pads=is:0,0,0,1 mode=s:edge");
}

static void
write_slice (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Slice", "x", "y",
      "axes=is:1 starts=is:-2 ends=is:9223372036854775807");
}

static void
write_slice_no_axes (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Slice", "x", "y", "starts=is:1,0 ends=is:2,2");
}

static void
write_split (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Split", "x", "a y", "axis=i:1 split=is:1,2");
}

static void
write_split_equal (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Split", "x", "a y", "axis=i:0");
}

static void
write_split_18 (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Split", "x", "a y", "axis=i:1 num_outputs=i:2");
}

static void
write_softmax_1 (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Softmax", "x", "y", "axis=i:1");
}

static void
write_softmax_default (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Softmax", "x", "y", "");
}

static void
write_softmax_0 (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Softmax", "x", "y", "axis=i:0");
}

static void
write_softmax_negative (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Softmax", "x", "y", "axis=i:-1");
}

static void
write_log_softmax_1 (OnnxWriter *writer)
{
  onnx_writer_node (writer, "LogSoftmax", "x", "y", "axis=i:1");
}

static void
write_log_softmax_default (OnnxWriter *writer)
{
  onnx_writer_node (writer, "LogSoftmax", "x", "y", "");
}

static void
write_dropout (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Dropout", "x", "y mask", "ratio=f:0.75");
}

static void
write_dropout_mask (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Dropout", "x", "z mask", "ratio=f:0.75");
  onnx_writer_node (writer, "Cast", "mask", "y", "to=i:1");
}

static void
write_dropout_12 (OnnxWriter *writer)
{
  static const gfloat ratio = 0.5f;

  onnx_writer_floats (writer, "r", dnn_shape (0), &ratio);
  onnx_writer_node (writer, "Dropout", "x r", "y", "seed=i:1");
}

static void
write_batchnorm (OnnxWriter *writer)
{
  static const gfloat scale[] = { 2, 4 }, bias[] = { 1, -1 }, mean[] = { 1, 3 },
                      variance[] = { 4, 16 };

  onnx_writer_floats (writer, "s", dnn_shape (1, 2), scale);
  onnx_writer_floats (writer, "b", dnn_shape (1, 2), bias);
  onnx_writer_floats (writer, "m", dnn_shape (1, 2), mean);
  onnx_writer_floats (writer, "v", dnn_shape (1, 2), variance);
}

static void
write_batchnorm_7 (OnnxWriter *writer)
{
  write_batchnorm (writer);
  onnx_writer_node (writer, "BatchNormalization", "x s b m v", "y",
      "epsilon=f:0 momentum=f:0.9 spatial=i:1");
}

static void
write_batchnorm_9 (OnnxWriter *writer)
{
  write_batchnorm (writer);
  onnx_writer_node (writer, "BatchNormalization", "x s b m v",
      "y mean var saved_mean saved_var", "epsilon=f:0");
}

static void
write_batchnorm_15 (OnnxWriter *writer)
{
  write_batchnorm (writer);
  onnx_writer_node (
      writer, "BatchNormalization", "x s b m v", "y", "epsilon=f:0");
}

static void
write_upsample_7 (OnnxWriter *writer)
{
  onnx_writer_node (
      writer, "Upsample", "x", "y", "mode=s:nearest scales=fs:1,1,2,1.5");
}

static void
write_upsample_9 (OnnxWriter *writer)
{
  static const gfloat scales[] = { 1, 1, 1, 2 };

  onnx_writer_floats (writer, "s", dnn_shape (1, 4), scales);
  onnx_writer_node (writer, "Upsample", "x s", "y", "mode=s:linear");
}

static void
write_resize_10 (OnnxWriter *writer, gfloat height, gfloat width)
{
  const gfloat scales[] = { 1, 1, height, width };

  onnx_writer_floats (writer, "s", dnn_shape (1, 4), scales);
  onnx_writer_node (writer, "Resize", "x s", "y", "mode=s:nearest");
}

/* x_src = x_dst / 0.6: 0 and 1.67, rounded up. */
static void
write_resize_10_smaller (OnnxWriter *writer)
{
  write_resize_10 (writer, 0.6f, 0.6f);
}

static void
write_resize_10_both (OnnxWriter *writer)
{
  write_resize_10 (writer, 2, 0.6f);
}

static void
write_resize_11 (OnnxWriter *writer)
{
  static const gint64 sizes[] = { 1, 1, 2, 3 };
  g_autoptr (DnnTensor) empty = NULL;
  DnnShape none = dnn_shape (1, 0);

  empty = dnn_tensor_new (DNN_TYPE_FLOAT32, &none);
  onnx_writer_initializer (writer, "none", empty, ONNX_WRITER_RAW);
  onnx_writer_ints (writer, "sizes", 4, sizes);
  onnx_writer_node (writer, "Resize", "x none none sizes", "y",
      "mode=s:nearest coordinate_transformation_mode=s:tf_half_pixel_for_nn "
      "nearest_mode=s:floor");
}

static void
write_constants (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Constant", "", "f", "value_float=f:2");
  onnx_writer_node (writer, "Constant", "", "l", "value_floats=fs:1,10,100");
  onnx_writer_node (writer, "Constant", "", "i", "value_ints=is:3,2");
  onnx_writer_node (writer, "Mul", "x f", "a", "");
  onnx_writer_node (writer, "Add", "a l", "b", "");
  onnx_writer_node (writer, "Reshape", "b i", "y", "");
}

#define E1 0.26894142f /* softmax (0, 1) */
#define E2 0.73105858f

static const UpgradeRow rows[] = {
  { "clip-6", 7, "5", -2, write_clip, "Clip", "5", { -1, -1, 0, 1, 1.5f } },
  { "clip-6-max", 10, "3", -1, write_clip_open, "Clip", "3", { -1, 0, 0.5f } },
  { "fused-conv", 11, "1,1,3", -1, write_fused_relu, "Conv Relu", "1,1,3",
      { 0, 0, 2 } },
  { "fused-conv-sum", 11, "1,1,1", 1, write_fused_sum, "Conv Add Clip", "1,1,1",
      { 4 } },
  { "fused-conv-leaky", 11, "1,1,3", -1, write_fused_leaky, "Conv LeakyRelu",
      "1,1,3", { -0.5f, 1, 3 } },
  { "squeeze-1", 7, "1,2,1", 1, write_squeeze, "Squeeze", "2", { 1, 2 } },
  { "squeeze-11-all", 11, "1,2,1", 1, write_squeeze_all, "Squeeze", "2",
      { 1, 2 } },
  { "unsqueeze-1", 7, "2,1", 1, write_unsqueeze, "Unsqueeze", "1,2,1,1",
      { 1, 2 } },
  { "reduce-mean-1", 7, "2,3", 0, write_mean, "ReduceMean", "2", { 1, 4 } },
  { "reduce-mean-13", 13, "2,3", 0, write_mean, "ReduceMean", "2", { 1, 4 } },
  { "reduce-mean-1-all", 7, "2,3", 0, write_mean_all, "ReduceMean", "1,1",
      { 2.5f } },
  { "pad-2", 7, "1,2", 1, write_pad, "Pad", "2,3", { 9, 1, 2, 9, 9, 9 } },
  { "pad-2-edge", 10, "1,2", 1, write_pad_edge, "Pad", "1,3", { 1, 2, 2 } },
  { "slice-1", 7, "2,3", 1, write_slice, "Slice", "2,2", { 2, 3, 5, 6 } },
  { "slice-1-no-axes", 9, "2,3", 1, write_slice_no_axes, "Slice", "1,2",
      { 4, 5 } },
  { "split-2", 7, "2,3", 1, write_split, "Split", "2,2", { 2, 3, 5, 6 } },
  { "split-11-equal", 11, "2,2", 1, write_split_equal, "Split", "1,2",
      { 3, 4 } },
  { "split-13-equal", 13, "2,2", 1, write_split_equal, "Split", "1,2",
      { 3, 4 } },
  { "split-18", 18, "1,3", 1, write_split_18, "Split", "1,1", { 3 } },
  { "softmax-1", 7, "1,2,2", 0, write_softmax_1, "Reshape Softmax Reshape",
      "1,2,2", { 0.0320586f, 0.0871443f, 0.2368828f, 0.6439142f } },
  { "softmax-1-default", 9, "2,2", 0, write_softmax_default, "Softmax", "2,2",
      { E1, E2, E1, E2 } },
  { "softmax-11-first", 11, "2,2", 0, write_softmax_0,
      "Reshape Softmax Reshape", "2,2",
      { 0.0320586f, 0.0871443f, 0.2368828f, 0.6439142f } },
  { "softmax-11-ones-behind", 11, "1,2,1,1", 0, write_softmax_1, "Softmax",
      "1,2,1,1", { E1, E2 } },
  { "softmax-11-last", 12, "1,2,2", 0, write_softmax_negative, "Softmax",
      "1,2,2", { E1, E2, E1, E2 } },
  { "log-softmax-1", 7, "1,2,2", 0, write_log_softmax_1,
      "Reshape LogSoftmax Reshape", "1,2,2",
      { -3.4401897f, -2.4401897f, -1.4401897f, -0.4401897f } },
  { "log-softmax-11-default", 12, "2,1,2", 0, write_log_softmax_default,
      "Reshape LogSoftmax Reshape", "2,1,2",
      { -1.3132616f, -0.3132617f, -1.3132616f, -0.3132617f } },
  { "log-softmax-13", 13, "1,2,2", 0, write_log_softmax_default, "LogSoftmax",
      "1,2,2", { -1.3132616f, -0.3132617f, -1.3132616f, -0.3132617f } },
  { "softmax-13", 13, "1,2,2", 0, write_softmax_default, "Softmax", "1,2,2",
      { E1, E2, E1, E2 } },
  { "dropout-7", 7, "3", 1, write_dropout, "Identity", "3", { 1, 2, 3 } },
  { "dropout-10-mask", 10, "3", -1, write_dropout_mask,
      "Identity Cast Mul Add Cast Cast", "3", { 1, 1, 1 } },
  { "dropout-12", 12, "3", 1, write_dropout_12, "Identity", "3", { 1, 2, 3 } },
  { "batchnorm-7", 7, "1,2,2", 1, write_batchnorm_7, "BatchNormalization",
      "1,2,2", { 1, 2, -1, 0 } },
  { "batchnorm-9-outputs", 9, "1,2,2", 1, write_batchnorm_9,
      "BatchNormalization", "1,2,2", { 1, 2, -1, 0 } },
  { "batchnorm-15", 15, "1,2,2", 1, write_batchnorm_15, "BatchNormalization",
      "1,2,2", { 1, 2, -1, 0 } },
  { "upsample-7", 7, "1,1,1,2", 1, write_upsample_7, "Resize", "1,1,2,3",
      { 1, 1, 2, 1, 1, 2 } },
  { "upsample-9-linear", 9, "1,1,1,2", 1, write_upsample_9, "Resize", "1,1,1,4",
      { 1, 1.5f, 2, 2 } },
  { "resize-10-smaller", 10, "1,1,2,4", 1, write_resize_10_smaller, "Resize",
      "1,1,1,2", { 1, 3 } },
  { "resize-10-both", 10, "1,1,1,4", 1, write_resize_10_both, "Resize Resize",
      "1,1,2,2", { 1, 3, 1, 3 } },
  { "resize-11-tf", 11, "1,1,4,4", 1, write_resize_11, "Resize", "1,1,2,3",
      { 5, 7, 8, 13, 15, 16 } },
  { "constant-12", 12, "2,3", 1, write_constants, "Mul Add Reshape", "3,2",
      { 3, 14, 106, 9, 20, 112 } },
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

static DnnTensor *
make_input (const gchar *dims, gfloat first)
{
  DnnShape shape;
  DnnTensor *tensor;
  gfloat *data;

  g_assert_true (dnn_shape_parse (dims, &shape));
  tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  data = dnn_tensor_get_writable_data (tensor);
  for (gint64 i = 0; i < dnn_shape_n_elements (&shape); i++)
    data[i] = first + i;
  return tensor;
}

static DnnGraph *
import (const UpgradeRow *row, GError **error)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (row->opset);
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *path = NULL;
  DnnGraph *graph;

  onnx_writer_input (writer, "x", row->dims);
  row->write (writer);
  onnx_writer_output (writer, "y");
  path = onnx_writer_save (writer, dir, "m.onnx");
  graph = dnn_onnx_import_file (path, error);
  test_folder_remove (dir);
  return graph;
}

static void
test_row (gconstpointer data)
{
  const UpgradeRow *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = import (row, &error);
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (DnnTensor) expected = NULL;
  g_autofree gchar *ops = NULL;
  g_autofree gchar *why = NULL;
  DnnShape shape;

  g_assert_no_error (error);
  ops = list_ops (graph);
  g_assert_cmpstr (ops, ==, row->ops);
  g_assert_cmpint (graph->opset, ==, DNN_OPSET_NEWEST);
  g_ptr_array_add (inputs, make_input (row->dims, row->first));
  found = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_shape_parse (row->shape, &shape));
  expected = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &shape, row->values, NULL, NULL);
  if (!onnx_run_close (found->pdata[0], expected, 1e-5, 1e-6, &why))
    g_error ("%s", why);
}

/* Two dimensions that are joined are open: by the shape that is there. */
static void
test_softmax_open (void)
{
  const UpgradeRow row = { "softmax-11-open", 11, "1,2,H,W", 0,
    write_softmax_1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = import (&row, &error);
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) found = NULL;
  const gfloat *y;
  gdouble sum = exp (0) + exp (1) + exp (2) + exp (3);

  g_assert_no_error (error);
  g_ptr_array_add (inputs, make_input ("1,2,1,2", 0));
  found = onnx_run_module (graph, inputs, &error);
  g_assert_no_error (error);
  y = dnn_tensor_get_data (found->pdata[0]);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (y[i], exp (i) / sum, 1e-6);
}

/* ---- errors
 * --------------------------------------------------------------------- */

static void
write_softmax_axis (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Softmax", "x", "y", "axis=i:2");
}

static void
write_spatial (OnnxWriter *writer)
{
  write_batchnorm (writer);
  onnx_writer_node (
      writer, "BatchNormalization", "x s b m v", "y", "spatial=i:0");
}

static void
write_saved_mean (OnnxWriter *writer)
{
  write_batchnorm (writer);
  onnx_writer_node (writer, "BatchNormalization", "x s b m v", "z mean", "");
  onnx_writer_node (writer, "Relu", "mean", "y", "");
}

static void
write_old_mask (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Dropout", "x", "z y", "");
}

static void
write_split_too_few (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Split", "x", "a y", "num_outputs=i:1");
}

static void
write_clip_text (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Clip", "x", "y", "min=s:low");
}

static void
write_axes_text (OnnxWriter *writer)
{
  onnx_writer_node (writer, "Squeeze", "x", "y", "axes=s:all");
}

static void
write_tf_linear (OnnxWriter *writer)
{
  static const gfloat scales[] = { 1, 1, 2, 2 };

  onnx_writer_floats (writer, "s", dnn_shape (1, 4), scales);
  onnx_writer_node (writer, "Resize", "x - s", "y",
      "mode=s:linear coordinate_transformation_mode=s:tf_half_pixel_for_nn");
}

typedef struct
{
  UpgradeRow model;
  DnnError code;
  const gchar *text;
} BadRow;

static const BadRow bad_rows[] = {
  { { "fused-conv-unknown", 11, "1,1,3", 0, write_fused_unknown },
      DNN_ERROR_UNSUPPORTED,
      "node \"y\" (Conv, opset 11): activation \"Frob\" is not supported" },
  { { "softmax-axis", 11, "1,2", 0, write_softmax_axis }, DNN_ERROR_VALUE,
      "\"axis\" is 2" },
  { { "batchnorm-spatial", 7, "1,2,2", 0, write_spatial },
      DNN_ERROR_UNSUPPORTED, "spatial is 0" },
  { { "batchnorm-mean-used", 9, "1,2,2", 0, write_saved_mean },
      DNN_ERROR_UNSUPPORTED, "output 1 (\"mean\") is used" },
  { { "dropout-7-mask", 7, "2", 0, write_old_mask }, DNN_ERROR_UNSUPPORTED,
      "output 1 (\"y\") is used" },
  { { "split-outputs", 18, "2", 0, write_split_too_few }, DNN_ERROR_VALUE,
      "num_outputs is 1, but the node names 2 outputs" },
  { { "clip-text", 10, "2", 0, write_clip_text }, DNN_ERROR_VALUE,
      "attribute \"min\" is \"low\", expected a number" },
  { { "axes-text", 11, "1", 0, write_axes_text }, DNN_ERROR_VALUE,
      "attribute \"axes\" is \"all\", expected a list of integers" },
  { { "resize-tf-linear", 11, "1,1,2,2", 0, write_tf_linear },
      DNN_ERROR_UNSUPPORTED, "\"tf_half_pixel_for_nn\" with mode \"linear\"" },
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
    g_error ("\"%s\" lacks \"%s\"", error->message, row->text);
  g_assert_nonnull (strstr (error->message, "m.onnx: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_func ("/compiler/upgrade/softmax-11-open", test_softmax_open);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/compiler/upgrade/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/compiler/upgrade-errors/", bad_rows[i].model.name, NULL);
    g_test_add_data_func (name, &bad_rows[i], test_bad);
  }
  return g_test_run ();
}
