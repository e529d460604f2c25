/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* States: an output that is an input of the next frame, compared with a loop;
 * first values, resets, shapes that change, what doesn't fit, what names say.
 */
#include "config.h"

#include "pipeline-core/plan/dnn-instance.h"

#include <string.h>

#include "tests/core/fake-ops.h"

#define N 4
#define ALIGNED __attribute__ ((aligned (64)))

/* hn = x + h, y = hn + 1; a param that nothing uses. */
static DnnModule *
make_module (gint64 length)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("cell");
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  fake_input (graph, "h", 1, length);
  fake_input (graph, "x", 1, length);
  fake_node (graph, "Fake.Add", "sum", "x", "h");
  fake_node (graph, "Fake.Shift", "y", "sum");
  dnn_graph_add_output (graph, "y", dnn_graph_find_value (graph, "y"));
  dnn_graph_add_output (graph, "hn", dnn_graph_find_value (graph, "sum"));
  fake_param (graph, "w", N);
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

static DnnModule *
make_stateful (gint64 length)
{
  g_autoptr (DnnModule) module = make_module (length);
  g_autoptr (GError) error = NULL;
  DnnModule *stateful = dnn_module_new_with_state (
      module, "h", 1, NULL, &error);

  g_assert_no_error (error);
  return stateful;
}

static void
prepare (DnnInstance *instance, gint64 length)
{
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 1, length);
  g_autoptr (GError) error = NULL;

  dnn_instance_prepare (instance, &shape, &error);
  g_assert_no_error (error);
}

static DnnInstance *
make_instance (DnnModule *module, gint64 length)
{
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = dnn_instance_new (module, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  prepare (instance, length);
  return instance;
}

/* A frame of @x in each element → the state behind it. */
static gfloat
run (DnnInstance *instance, gfloat x)
{
  ALIGNED gfloat src[N] = { x, x, x, x };
  ALIGNED gfloat y[N];
  ALIGNED gfloat h[N];
  gconstpointer inputs[1] = { src };
  gpointer outputs[2] = { y, h };
  g_autoptr (GError) error = NULL;

  dnn_instance_run (instance, inputs, outputs, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (y[0], ==, h[0] + 1);
  return h[0];
}

static void
test_frames (void)
{
  g_autoptr (DnnModule) module = make_stateful (N);
  g_autoptr (DnnInstance) instance = make_instance (module, N);
  gfloat sum = 0;

  g_assert_cmpuint (dnn_module_get_n_inputs (module), ==, 1);
  g_assert_cmpuint (dnn_module_get_n_outputs (module), ==, 2);
  g_assert_cmpstr (dnn_module_get_input_name (module, 0), ==, "x");
  g_assert_cmpint (dnn_module_find_input (module, "h"), ==, -1);
  g_assert_cmpint (dnn_module_find_state (module, "h"), ==, 0);
  g_assert_cmpuint (dnn_module_get_state_output (module, 0), ==, 1);
  g_assert_null (dnn_module_get_state_initial (module, 0));
  g_assert_true (dnn_module_keeps_state (module));
  for (guint i = 1; i < 100; i++) {
    sum += (gfloat) i;
    g_assert_cmpfloat (run (instance, (gfloat) i), ==, sum);
  }
}

/* Prepared again for the same shapes, it goes on; reset, it begins. */
static void
test_reset (void)
{
  g_autoptr (DnnModule) module = make_stateful (N);
  g_autoptr (DnnInstance) instance = make_instance (module, N);

  run (instance, 5);
  prepare (instance, N);
  g_assert_cmpfloat (run (instance, 1), ==, 6);
  dnn_instance_reset_states (instance);
  g_assert_cmpfloat (run (instance, 1), ==, 1);
  dnn_instance_unprepare (instance);
  dnn_instance_reset_states (instance);
  prepare (instance, N);
  g_assert_cmpfloat (run (instance, 2), ==, 2);
}

static void
test_rehearse (void)
{
  g_autoptr (DnnModule) module = make_stateful (N);
  g_autoptr (DnnInstance) instance = make_instance (module, N);
  ALIGNED gfloat src[N] = { 9, 9, 9, 9 };
  ALIGNED gfloat y[N];
  ALIGNED gfloat h[N];
  gconstpointer inputs[1] = { src };
  gpointer outputs[2] = { y, h };

  run (instance, 1);
  g_assert_true (dnn_instance_rehearse (instance, inputs, outputs, NULL));
  g_assert_cmpfloat (h[0], ==, 10);
  g_assert_cmpfloat (run (instance, 1), ==, 2);
}

/* A state with open dimensions takes those of its first value. */
static void
test_initial (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("cell");
  g_autoptr (DnnModule) plain = NULL, module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) N);
  DnnShape open = dnn_shape (2, (gint64) 1, (gint64) -1);
  ALIGNED gfloat src[N] = { 0 };
  ALIGNED gfloat h[N];
  gconstpointer inputs[1] = { src };
  gpointer outputs[1] = { h };

  dnn_graph_add_input (graph, "h", DNN_TYPE_FLOAT32, &open);
  dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape);
  fake_node (graph, "Fake.Add", "sum", "x", "h");
  fake_param (graph, "first", N);
  dnn_graph_add_output (graph, "hn", dnn_graph_find_value (graph, "sum"));
  plain = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  module = dnn_module_new_with_state (plain, "h", 0, "first", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (dnn_module_get_state_initial (module, 0), ==, "first");
  instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  g_assert_true (dnn_instance_prepare (instance, &shape, &error));
  for (guint frame = 0; frame < 2; frame++) {
    src[0] = (gfloat) frame;
    g_assert_true (dnn_instance_run (instance, inputs, outputs, &error));
    g_assert_cmpfloat (h[0], ==, 0.5f + (gfloat) frame);
    g_assert_cmpfloat (h[1], ==, 2.5f);
  }
}

/* Another length is another state; a name says how long it is. */
static void
test_open (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("cell");
  DnnShape open = dnn_shape (3, (gint64) 1, (gint64) 1, (gint64) -1);
  g_autoptr (DnnModule) plain = NULL, module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2; i++) {
    DnnValue *value = dnn_graph_add_input (
        graph, i == 0 ? "h" : "x", DNN_TYPE_FLOAT32, &open);
    value->dim_names = g_strsplit (",,length", ",", -1);
  }
  fake_node (graph, "Fake.Add", "sum", "x", "h");
  fake_node (graph, "Fake.Shift", "y", "sum");
  dnn_graph_add_output (graph, "y", dnn_graph_find_value (graph, "y"));
  dnn_graph_add_output (graph, "hn", dnn_graph_find_value (graph, "sum"));
  plain = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  module = dnn_module_new_with_state (plain, "h", 1, NULL, &error);
  g_assert_no_error (error);
  instance = make_instance (module, N);
  run (instance, 3);
  g_assert_cmpfloat (run (instance, 3), ==, 6);
  prepare (instance, 2);
  g_assert_cmpfloat (run (instance, 3), ==, 3);
  prepare (instance, 2);
  g_assert_cmpfloat (run (instance, 3), ==, 6);
}

static void
test_set (void)
{
  g_autoptr (DnnModule) module = make_stateful (N);
  g_autoptr (DnnInstance) instance = make_instance (module, N);
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 1, (gint64) N);
  DnnShape other = dnn_shape (1, (gint64) N);
  g_autoptr (DnnTensor) value = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnTensor) flat = dnn_tensor_new (DNN_TYPE_FLOAT32, &other);
  g_autoptr (DnnTensor) ints = dnn_tensor_new (DNN_TYPE_INT64, &shape);
  gfloat *data = dnn_tensor_get_writable_data (value);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N; i++)
    data[i] = 40;
  g_assert_true (dnn_instance_set_state (instance, 0, value, &error));
  g_assert_cmpfloat (run (instance, 2), ==, 42);
  g_assert_false (dnn_instance_set_state (instance, 0, flat, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==, "cell: state \"h\" is 1×1×4, not 4");
  g_clear_error (&error);
  g_assert_false (dnn_instance_set_state (instance, 0, ints, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_TYPE);
  g_assert_cmpfloat (run (instance, 1), ==, 43);
}

/* ---- what doesn't fit ---------------------------------------------------- */

typedef struct
{
  const gchar *name;
  const gchar *input;
  guint output;
  const gchar *initial;
  DnnError code;
  const gchar *message;
} Row;

static const Row bad[] = {
  { "no-input", "g", 1, NULL, DNN_ERROR_UNKNOWN_NAME,
      "cell: state \"g\": there is no input of that name" },
  { "no-output", "x", 7, NULL, DNN_ERROR_UNKNOWN_NAME,
      "cell: state \"x\": there is no output 7 (outputs: 0 to 1)" },
  { "two-outputs", "h", 0, NULL, DNN_ERROR_TWO_SOURCES,
      "cell: state \"h\" is output 1 of the frame before already: it can't be "
      "another one too" },
  { "no-param", "x", 0, "v", DNN_ERROR_UNKNOWN_NAME,
      "cell: state \"x\": its first value \"v\" is no param" },
  { "no-value", "x", 0, "sum", DNN_ERROR_UNKNOWN_NAME,
      "cell: state \"x\": its first value \"sum\" is no param" },
  { "initial-shape", "x", 0, "w", DNN_ERROR_SHAPE,
      "cell: state \"x\" is 1×1×4, but its first value \"w\" is 1×4" },
};

static void
test_bad (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (DnnModule) module = make_stateful (N);
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_module_new_with_state (
      module, row->input, row->output, row->initial, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_cmpstr (error->message, ==, row->message);
}

/* Of another shape, known now or with the first frame. */
static void
test_other_shape (void)
{
  static const gint64 lengths[] = { 3, -1 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autoptr (DnnGraph) graph = dnn_graph_new ("cell");
    DnnShape x = dnn_shape (3, (gint64) 1, (gint64) 1, lengths[i]);
    g_autoptr (DnnModule) plain = NULL, module = NULL;
    g_autoptr (DnnInstance) instance = NULL;
    g_autoptr (GError) error = NULL;
    DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 1, (gint64) 3);
    fake_input (graph, "h", 1, N);
    dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &x);
    fake_node (graph, "Fake.Shift", "y", "x");
    dnn_graph_add_output (graph, "hn", dnn_graph_find_value (graph, "y"));
    plain = dnn_module_new (graph, &error);
    module = dnn_module_new_with_state (plain, "h", 0, NULL, &error);
    if (i == 0) {
      g_assert_null (module);
      g_assert_cmpstr (error->message, ==,
          "cell: state \"h\" is 1×1×4, but output \"hn\" is 1×1×3");
    } else {
      instance = dnn_instance_new (module, 1, NULL, NULL, NULL);
      g_assert_false (dnn_instance_prepare (instance, &shape, &error));
      g_assert_cmpstr (error->message, ==,
          "cell: state \"h\" is 1×1×4, but output \"hn\" is 1×1×3 for these "
          "inputs");
    }
    g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  }
}

/* ---- what names say ------------------------------------------------------ */

static const struct
{
  const gchar *input, *output;
  gboolean is_state;
} names[] = {
  { "h", "hn", TRUE },
  { "state", "stateN", TRUE },
  { "h0", "hn", TRUE },
  { "h_0", "h_n", TRUE },
  { "cache", "cache_out", TRUE },
  { "cache_in", "cache_out", TRUE },
  { "h", "new_h", TRUE },
  { "h", "h_next", TRUE },
  { "h", "y", FALSE },
  { "h", "h", FALSE },
  { "0", "n", FALSE },
  { "state", "staten_2", FALSE },
};

static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (DnnGraph) graph = dnn_graph_new ("cell");
    g_autoptr (DnnModule) plain = NULL, module = NULL;
    fake_input (graph, names[i].input, 1, N);
    fake_input (graph, "x", 1, N);
    fake_node (graph, "Fake.Add", "sum", "x", names[i].input);
    dnn_graph_add_output (
        graph, names[i].output, dnn_graph_find_value (graph, "sum"));
    plain = dnn_module_new (graph, NULL);
    module = dnn_module_new_with_named_state (plain, names[i].input);
    g_assert_true (!module == !names[i].is_state);
    if (module)
      g_assert_true (dnn_module_get_stateless (module) == plain);
  }
}

/* Something must come in. */
static void
test_last_input (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("echo");
  g_autoptr (DnnModule) plain = NULL;

  fake_input (graph, "x", 1, N);
  fake_node (graph, "Fake.Relu", "r", "x");
  dnn_graph_add_output (graph, "xn", dnn_graph_find_value (graph, "r"));
  plain = dnn_module_new (graph, NULL);
  g_assert_null (dnn_module_new_with_named_state (plain, "x"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  g_test_add_func ("/core/frame-states/frames", test_frames);
  g_test_add_func ("/core/frame-states/reset", test_reset);
  g_test_add_func ("/core/frame-states/rehearse", test_rehearse);
  g_test_add_func ("/core/frame-states/initial", test_initial);
  g_test_add_func ("/core/frame-states/open", test_open);
  g_test_add_func ("/core/frame-states/set", test_set);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree gchar *path = g_strconcat (
        "/core/frame-states/bad/", bad[i].name, NULL);
    g_test_add_data_func (path, &bad[i], test_bad);
  }
  g_test_add_func ("/core/frame-states/other-shape", test_other_shape);
  g_test_add_func ("/core/frame-states/names", test_names);
  g_test_add_func ("/core/frame-states/last-input", test_last_input);
  return g_test_run ();
}
