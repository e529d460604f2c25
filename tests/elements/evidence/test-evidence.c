/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs → what is said of their outputs: the ends of detectors and
 * classifiers as exporters write them. */
#include "config.h"

#include "gst-plugin/evidence/gstdnnevidence-graph.h"
#include "kernels/dnn-init.h"
#include "tests/elements/dnn-check-graph.h"

typedef struct
{
  const gchar *name;
  const gchar *input;
  const gchar *lines[24];
  const gchar *expected;
} Row;

#define CONV(result, channels) result " = Conv(x @" channels ",3,1,1=1)"

static const Row rows[] = {
  { "classifier", "1,3,8,8",
      { CONV ("f", "8"), "g = Relu(f)", "p = GlobalAveragePool(g)",
          "v = Flatten(p)", "out = Gemm(v @8,5=1 @5=0)" },
      "out 1×5: from the network" },
  { "classifier-softmax", "1,3,8,8",
      { CONV ("f", "5"), "p = GlobalAveragePool(f)", "v = Flatten(p)",
          "out = Softmax(v) axis=1" },
      "out 1×5: softmax" },
  { "classifier-log-softmax", "1,3,8,8",
      { CONV ("f", "5"), "p = GlobalAveragePool(f)", "v = Flatten(p)",
          "out = LogSoftmax(v) axis=1" },
      "out 1×5: log-softmax" },
  { "matmul-and-bias", "1,8",
      { "a = MatMul(x @8,5=1)", "b = Add(a @5=2)", "out = Sigmoid(b)" },
      "out 1×5: sigmoid" },
  { "embedding", "1,8", { "a = MatMul(x @8,5=1)", "out = Div(a @1,5=3)" },
      "out 1×5: computed" },
  { "the-input-itself", "1,8", { "out = Identity(x)" },
      "out 1×8: of unknown origin" },
  { "a-constant", "1,8", { "a = Mul(x @=0)", "out = Add(a @1,8=5)" },
      "out 1×8: computed" },
  /* YOLOv8: boxes from anchors and strides, scores behind a sigmoid. */
  { "yolov8", "1,3,8,8",
      { CONV ("f", "6"), "r = Reshape(f #1/6/64)",
          "box cls = Split(r #4/2) axis=1", "lt rb = Split(box #2/2) axis=1",
          "a = Sub(@1,2,64=39.5 lt)", "b = Add(rb @1,2,64=39.5)",
          "s = Add(a b)", "c = Div(s @=2)", "d = Sub(b a)",
          "cd = Concat(c d) axis=1", "px = Mul(cd @1,64=32)",
          "p = Sigmoid(cls)", "out = Concat(px p) axis=1" },
      "out 1×6×64: along dimension 1 4 computed (up to about 1264) + 2 sigmoid" },
  { "yolov8-transposed", "1,3,8,8",
      { CONV ("f", "6"), "r = Reshape(f #1/6/64)",
          "box cls = Split(r #4/2) axis=1", "px = Mul(box @1,4,64=32)",
          "p = Sigmoid(cls)", "j = Concat(px p) axis=1",
          "out = Transpose(j) perm=[0,2,1]" },
      "out 1×64×6: along dimension 2 4 computed (up to about 32) + 2 sigmoid" },
  /* YOLOv5: all sigmoid, then arithmetic on the box; levels side by side. */
  { "yolov5", "1,3,4,4",
      { CONV ("f", "7"), "r = Reshape(f #1/1/7/4/4)",
          "t = Transpose(r) perm=[0,1,3,4,2]", "y = Sigmoid(t)",
          "xy wh conf = Split(y #2/2/3) axis=4", "a = Mul(xy @=2)",
          "b = Add(a @1,1,4,4,2=3.5)", "c = Mul(b @=8)", "d = Mul(wh @=2)",
          "e = Mul(d d)", "g = Mul(e @1,1,4,4,2=30)",
          "j = Concat(c g conf) axis=4", "v = Reshape(j #1/16/7)",
          "w = Slice(v #0 #16 #1)", "out = Concat(v w) axis=1" },
      "out 1×32×7: along dimension 2 2 computed (up to about 28) + 2 computed "
      "(up to about 120) + 3 sigmoid" },
  /* YOLOX: boxes as they come. */
  { "yolox", "1,3,4,4",
      { CONV ("reg", "4"), CONV ("obj", "1"), CONV ("cls", "2"),
          "o = Sigmoid(obj)", "c = Sigmoid(cls)", "j = Concat(reg o c) axis=1",
          "r = Reshape(j #1/7/16)", "k = Concat(r r) axis=2",
          "out = Transpose(k) perm=[0,2,1]" },
      "out 1×32×7: along dimension 2 4 from the network + 1 sigmoid + 2 sigmoid" },
  { "ultraface-raw", "1,3,4,4",
      { CONV ("f", "8"), "t = Transpose(f) perm=[0,2,3,1]",
          "r = Reshape(t #1/32/4)", "out = Concat(r r) axis=1" },
      "out 1×64×4: from the network" },
  { "ultraface", "1,3,4,4",
      { CONV ("f", "8"), "t = Transpose(f) perm=[0,2,3,1]",
          "r = Reshape(t #1/32/4)", "xy wh = Split(r #2/2) axis=2",
          "a = Mul(xy @=0.1)", "b = Mul(a @1,32,2=0.5)",
          "c = Add(b @1,32,2=0.9)", "out = Concat(c c) axis=2" },
      "out 1×32×4: computed (up to about 1)" },
  { "clipped-to-the-picture", "1,3,4,4",
      { CONV ("f", "4"), "a = Mul(f @=2)", "out = Clip(a @=0 @=1)" },
      "out 1×4×4×4: computed (up to about 1)" },
  { "divided-by-the-size", "1,3,4,4",
      { CONV ("f", "4"), "a = Add(f @1,4,4,4=320)", "out = Div(a @=320)" },
      "out 1×4×4×4: computed (up to about 1)" },
  { "scores-times-objectness", "1,3,4,4",
      { CONV ("o", "1"), CONV ("c", "5"), "a = Sigmoid(o)", "b = Sigmoid(c)",
          "out = Mul(a b)" },
      "out 1×5×4×4: sigmoid" },
  { "a-part-again", "1,3,4,4",
      { CONV ("o", "1"), CONV ("c", "5"), "a = Sigmoid(o)",
          "j = Concat(c a) axis=1", "out = Slice(j #5 #6 #1)",
          "out1 = Slice(j #0 #5 #-3)" },
      "out 1×1×4×4: sigmoid; out1 1×5×4×4: from the network" },
  /* What can't be followed is not guessed. */
  { "mixed-up", "1,3,4,4",
      { CONV ("o", "1"), CONV ("c", "5"), "a = Sigmoid(o)",
          "j = Concat(c a) axis=1", "out = Reshape(j #1/96)" },
      "out 1×96: of unknown origin" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (DnnGraph) graph = dnn_check_graph (row->input, row->lines);
  g_autoptr (GstDnnEvidence) evidence = NULL;
  g_autofree gchar *text = NULL;
  DnnShape shape;

  g_assert_true (dnn_shape_parse (row->input, &shape));
  evidence = gst_dnn_evidence_new_from_graph (graph, &shape);
  text = gst_dnn_evidence_to_string (evidence);
  g_assert_cmpstr (text, ==, row->expected);
}

/* Optimised graphs say the same: operators that were fused count. */
static void
test_fused (void)
{
  static const gchar *const lines[] = { CONV ("out", "5"), NULL };
  g_autoptr (DnnGraph) graph = dnn_check_graph ("1,3,4,4", lines);
  g_autoptr (GstDnnEvidence) evidence = NULL;
  g_autofree gchar *text = NULL;
  DnnShape shape = dnn_shape (4, 1, 3, 4, 4);

  dnn_node_add_post_op (
      graph->nodes->pdata[0], "Sigmoid", dnn_attrs_new (), NULL);
  dnn_attrs_set (graph->metadata, "onnx.names", "{0: 'a'}");
  evidence = gst_dnn_evidence_new_from_graph (graph, &shape);
  text = gst_dnn_evidence_to_string (evidence);
  g_assert_cmpstr (text, ==, "out 1×5×4×4: sigmoid");
  g_assert_cmpint (evidence->model_w, ==, 4);
  g_assert_cmpstr (evidence->names, ==, "{0: 'a'}");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat (
        "/elements/evidence/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  g_test_add_func ("/elements/evidence/fused", test_fused);
  return g_test_run ();
}
