/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* PATH → the network of the test that TVM's pipeline executor had, as ONNX:
 * two inputs of 3×3, to be cut at data_n_0 and data_n_1. Next:
 * tests/elements/test-tvm-pipeline.c. */
#include "config.h"

#include "tests/compiler/onnx-writer.h"

static void
add_constant (OnnxWriter *writer, const gchar *name, gfloat value)
{
  gfloat values[9];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = value;
  onnx_writer_floats (writer, name, dnn_shape (2, 3, 3), values);
}

gint
main (gint argc, gchar **argv)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);
  g_autofree gchar *dir = NULL, *name = NULL, *path = NULL;

  g_assert_cmpint (argc, ==, 2);
  onnx_writer_input (writer, "data_0", "3,3");
  onnx_writer_input (writer, "data_1", "3,3");
  add_constant (writer, "mv1", 1);
  add_constant (writer, "mv2", 2);
  add_constant (writer, "mv3", 3);
  add_constant (writer, "own", 2);
  onnx_writer_node (writer, "Add", "data_0 mv1", "net1_output1", "");
  onnx_writer_node (writer, "Sub", "data_0 mv2", "data_n_2", "");
  onnx_writer_node (
      writer, "Concat", "net1_output1 data_n_2", "joined", "axis=i:0");
  onnx_writer_node (writer, "Split", "joined", "half other", "axis=i:0");
  onnx_writer_node (writer, "Add", "half own", "data_n_0", "");
  onnx_writer_node (writer, "Add", "data_n_0 mv2", "net2_0", "");
  onnx_writer_node (writer, "Add", "net2_0 data_1", "net2_1", "");
  onnx_writer_node (writer, "Add", "net2_1 mv3", "data_n_1", "");
  onnx_writer_node (writer, "Mul", "data_n_1 mv3", "net3", "");
  onnx_writer_node (writer, "Add", "net3 data_n_2", "result", "");
  onnx_writer_output (writer, "result");
  dir = g_path_get_dirname (argv[1]);
  name = g_path_get_basename (argv[1]);
  path = onnx_writer_save (writer, dir, name);
  return 0;
}
