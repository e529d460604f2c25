/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Modules whose outputs are as large as a frame says: in dnnmodule, and in
 * dnnbin with a cut before and behind the node that says it. */
#include "config.h"

#include "gst-plugin/stream/gstdnncaps.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

#include <string.h>

#define N 8
#define N_FRAMES 300

static DnnValue *
add_node (DnnGraph *graph, const gchar *op, const gchar *name, DnnValue *a,
    DnnValue *b)
{
  DnnNode *node = dnn_graph_add_node (graph, name, op);

  dnn_node_add_input (node, a);
  if (b != NULL)
    dnn_node_add_input (node, b);
  return dnn_graph_add_result (graph, node, name);
}

static DnnValue *
add_input (DnnGraph *graph, const gchar *name, gint64 n)
{
  DnnShape shape = dnn_shape (1, (gint) n);

  return dnn_graph_add_input (graph, name, DNN_TYPE_FLOAT32, &shape);
}

/* y = x + 1 */
static DnnValue *
add_one (DnnGraph *graph, const gchar *name, DnnValue *x)
{
  DnnShape shape = dnn_shape (0);
  g_autoptr (DnnTensor) one = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autofree gchar *param = g_strconcat (name, ".one", NULL);

  *(gfloat *) dnn_tensor_get_writable_data (one) = 1;
  return add_node (
      graph, "Add", name, x, dnn_graph_add_param (graph, param, one));
}

/* What of @x isn't 0. */
static DnnValue *
add_select (DnnGraph *graph, DnnValue *x)
{
  DnnShape shape = dnn_shape (1, 1);
  g_autoptr (DnnTensor) axes = dnn_tensor_new (DNN_TYPE_INT64, &shape);
  DnnValue *places = add_node (graph, "NonZero", "places", x, NULL);

  *(gint64 *) dnn_tensor_get_writable_data (axes) = 0;
  return add_node (graph, "Gather", "values", x,
      add_node (graph, "Squeeze", "flat", places,
          dnn_graph_add_param (graph, "axes", axes)));
}

static DnnModule *
finish_module (DnnGraph *graph, DnnValue *y)
{
  g_autoptr (DnnGraph) owned = graph;
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  dnn_graph_add_output (graph, "y", y);
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

static DnnModule *
make_select (void)
{
  DnnGraph *graph = dnn_graph_new ("select");

  return finish_module (graph, add_select (graph, add_input (graph, "x", N)));
}

static DnnModule *
make_one (gint64 n)
{
  DnnGraph *graph = dnn_graph_new ("one");

  return finish_module (
      graph, add_one (graph, "sum", add_input (graph, "x", n)));
}

/* Of N numbers, those are not 0 whose bit is set in @bits. */
static GstBuffer *
make_frame (guint bits, guint frame)
{
  GstBuffer *buffer = dnn_check_buffer (1, N, 0, frame);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (guint i = 0; i < N; i++)
    ((gfloat *) map.data)[i] = bits >> i & 1 ? (gfloat) (frame + i + 1) : 0;
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

/* The numbers of @bits, @plus more than they were. */
static void
check_result (GstBuffer *buffer, guint bits, guint frame, gfloat plus)
{
  g_autoptr (GError) error = NULL;
  const gfloat *values;
  GstMapInfo map;
  DnnShape shape;
  DnnType type;
  guint n = 0;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  gst_dnn_header_read (map.data, map.size, &type, &shape, &error);
  g_assert_no_error (error);
  assert_equals_int (type, DNN_TYPE_FLOAT32);
  values = (const gfloat *) (map.data + GST_DNN_HEADER_SIZE);
  for (guint i = 0; i < N; i++)
    if (bits >> i & 1)
      assert_equals_float (values[n++], (gfloat) (frame + i + 1) + plus);
  assert_equals_int64 (dnn_shape_n_elements (&shape), n);
  assert_equals_uint64 (map.size, GST_DNN_HEADER_SIZE + n * sizeof (gfloat));
  gst_buffer_unmap (buffer, &map);
}

static void
assert_flexible (GstHarness *h)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (h->sinkpad);

  assert_equals_string (
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "format"),
      "flexible");
}

/* Another number of values in each frame, none at all among them. */
static void
run_frames (GstHarness *h, gfloat plus)
{
  gst_harness_set_src_caps (h, dnn_check_caps ("8"));
  for (guint i = 0; i < N_FRAMES; i++) {
    guint bits = i * 37 % 256;
    GstBuffer *dst;
    assert_equals_int (gst_harness_push (h, make_frame (bits, i)), GST_FLOW_OK);
    dst = gst_harness_pull (h);
    check_result (dst, bits, i, plus);
    gst_buffer_unref (dst);
  }
  assert_flexible (h);
  gst_harness_teardown (h);
}

GST_START_TEST (test_module)
{
  g_autoptr (DnnModule) module = make_select ();
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *element = gst_element_factory_make ("dnnmodule", NULL);
  GstHarness *h;

  gst_object_ref_sink (element);
  g_object_set (element, "model", path, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  run_frames (h, 0);
  gst_object_unref (element);
}
GST_END_TEST;

/* Takes both. */
static void
run_bin (DnnModule *first, DnnModule *second)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement) bin = NULL;

  dnn_pipeline_config_add_module (config, 0, first);
  dnn_pipeline_config_add_module (config, 1, second);
  dnn_check_bind (config, "in:a", "0:x");
  dnn_check_bind (config, "0:out0", "1:x");
  dnn_check_bind (config, "1:out0", "out:0");
  g_object_unref (first);
  g_object_unref (second);
  bin = dnn_check_make_bin (config);
  run_frames (gst_harness_new_with_element (bin, "sink", "src"), 1);
}

GST_START_TEST (test_cut_behind)
{
  run_bin (make_select (), make_one (DNN_DIM_OPEN));
}
GST_END_TEST;

GST_START_TEST (test_cut_before)
{
  DnnGraph *graph = dnn_graph_new ("scale");
  DnnValue *x = add_input (graph, "x", N);
  DnnGraph *tail = dnn_graph_new ("tail");

  run_bin (finish_module (graph, add_node (graph, "Relu", "relu", x, NULL)),
      finish_module (tail,
          add_one (tail, "sum", add_select (tail, add_input (tail, "x", N)))));
}
GST_END_TEST;

static Suite *
module_late_suite (void)
{
  Suite *suite = suite_create ("module-late");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_module);
  tcase_add_test (cases, test_cut_behind);
  tcase_add_test (cases, test_cut_before);
  return suite;
}

GST_CHECK_MAIN (module_late);
