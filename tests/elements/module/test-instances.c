/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* How many instances there are: as asked, as CPUs and frames in flight allow;
 * what is wrong, in words. Params for all of them at the same frame. */
#include "config.h"

#include "pipeline-core/base/dnn-threads.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"
#include "tests/elements/module/gate.h"

/* in → gate → out, with the param group "w"; a second module behind it where
 * @n is 2. */
static DnnPipelineConfig *
make_config (guint n)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();

  for (guint i = 0; i < n; i++) {
    g_autoptr (DnnModule) module = gate_module ("1,4");
    dnn_pipeline_config_add_module (config, (gint) i, module);
  }
  dnn_check_bind (config, "in:a", "0:x");
  if (n == 2)
    dnn_check_bind (config, "0:out0", "1:x");
  dnn_check_bind (config, n == 2 ? "1:out0" : "0:out0", "out:0");
  return config;
}

static guint64
get_active (GstElement *bin, guint idx)
{
  g_autofree gchar *name = g_strdup_printf ("module%u::active-instances", idx);
  guint64 n;

  gst_child_proxy_get (GST_CHILD_PROXY (bin), name, &n, NULL);
  return n;
}

static void
push (GstHarness *h, guint value)
{
  gst_harness_push (h, dnn_check_buffer (1, 4, (gfloat) value, value));
}

/* --- how many --- */

typedef struct
{
  const gchar *instances; /* of the bin */
  gint stage; /* the stage's; 0: none */
  gint threads, max_in_flight;
  gint expected; /* 0: the CPUs */
} Row;

static const Row rows[] = {
  { "auto", 0, 1, 0, 0 },
  { "auto", 0, 0, 0, 1 }, /* a team of all CPUs */
  { "auto", 0, 1, 1, 1 },
  { "auto", 3, 1, 0, 3 },
  { "auto", DNN_INSTANCES_AUTO, 1, 0, 0 },
  { "auto", 0, DNN_MAX_THREADS, 0, 1 },
  { "1", 0, 1, 0, 1 },
  { "5", 0, 1, 0, 5 },
  { "5", 0, 1, 5, 5 },
  { "5", 1, 1, 0, 1 },
  { "1", DNN_INSTANCES_AUTO, 1, 0, 0 },
};

GST_START_TEST (test_number)
{
  const Row *row = &rows[__i__];
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = NULL;
  gint n_cpus = dnn_threads_get_n_cpus ();

  dnn_pipeline_config_get_stage (config, 0)->instances = row->stage;
  bin = dnn_check_make_bin (config);
  g_object_set (bin, "instances", row->instances, "threads", row->threads,
      "max-in-flight", row->max_in_flight, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  assert_equals_int (get_active (bin, 0),
      row->expected > 0 ? row->expected : MIN (n_cpus, DNN_MAX_INSTANCES));
  gst_element_set_state (bin, GST_STATE_NULL);
}
GST_END_TEST;

/* Of a dnnmodule alone. */
GST_START_TEST (test_module)
{
  static const gchar *const texts[] = { NULL, "auto", "7" };
  g_autoptr (DnnModule) module = gate_module ("1,4");
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  g_autoptr (GstElement) element = gst_element_factory_make ("dnnmodule", NULL);
  const guint expected[] = { 1, (guint) dnn_threads_get_n_cpus (), 7 };
  guint64 n;

  gst_object_ref_sink (element);
  g_object_set (element, "model", path, NULL);
  if (texts[__i__] != NULL)
    g_object_set (element, "instances", texts[__i__], NULL);
  gst_element_set_state (element, GST_STATE_READY);
  g_object_get (element, "active-instances", &n, NULL);
  assert_equals_uint64 (n, expected[__i__]);
  gst_element_set_state (element, GST_STATE_NULL);
}
GST_END_TEST;

/* Where only one frame can be there, a team of all CPUs has it. */
GST_START_TEST (test_team)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h;

  g_object_set (bin, "max-in-flight", 1, NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gate_shut ();
  gate_open_all ();
  dnn_check_push_frames (h, 3);
  for (guint i = 0; i < 3; i++)
    gst_buffer_unref (gst_harness_pull (h));
  assert_equals_int (gate_get_team (), dnn_threads_get_n_cpus ());
  gst_harness_teardown (h);
}
GST_END_TEST;

/* A team that was asked for has frames until it has been judged by four;
 * beside neighbours that want its CPUs one thread has them. */
GST_START_TEST (test_solo_team)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  GstHarness *h;

  gate_shut ();
  gate_open_all ();
  gate_work (4000, 400);
  g_object_set (bin, "threads", 2, "instances", "1", NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint i = 0; i < 4; i++) {
    push (h, 1);
    gst_buffer_unref (gst_harness_pull (h));
    assert_equals_int (gate_get_team (), 2);
  }
  gate_work (400, 4000);
  do {
    push (h, 1);
    gst_buffer_unref (gst_harness_pull (h));
  } while (gate_get_team () != 1);
  assert_equals_int (get_active (bin, 0), 1);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* A caller that waits for each frame has a team soon, and then several at once
 * again. */
GST_START_TEST (test_waiting)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  gint n_cpus = dnn_threads_get_n_cpus ();
  GstHarness *h;

  if (n_cpus == 1) {
    g_print ("# SKIP one CPU\n");
    return;
  }
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  gate_shut ();
  gate_open_all ();
  gate_work (3000, 300);
  do {
    push (h, 1);
    gst_buffer_unref (gst_harness_pull (h));
  } while (gate_get_team () != n_cpus);
  gate_work (0, 0);
  gate_shut ();
  for (guint value = 1; value <= (guint) n_cpus; value++)
    push (h, value);
  gate_wait_for ((guint) n_cpus);
  gate_open_all ();
  for (guint value = 1; value <= (guint) n_cpus; value++)
    gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}
GST_END_TEST;

/* --- what is wrong --- */

typedef struct
{
  const gchar *instances; /* of the bin */
  gint stage; /* the stage's; 0: none */
  const gchar *affinity;
  gint max_in_flight;
  const gchar *text;
} Mistake;

static const Mistake mistakes[] = {
  { "0", 0, "", 0,
      "instances: \"0\" is neither \"auto\" nor a number from 1 to 64" },
  { "65", 0, "", 0,
      "instances: \"65\" is neither \"auto\" nor a number from 1 to 64" },
  { "many", 0, "", 0,
      "instances: \"many\" is neither \"auto\" nor a number from 1 to 64" },
  { "", 0, "", 0,
      "instances: \"\" is neither \"auto\" nor a number from 1 to 64" },
  { "4", 0, "", 3,
      "module 0: instances is 4, but max-in-flight lets in 3 frames: no more "
      "instances can have one" },
  { "auto", 2, "", 1,
      "module 0: instances is 2, but max-in-flight lets in 1 frame: no more "
      "instances can have one" },
  { "auto", 2, "0", 0,
      "module 0: instances is 2, but cpu_affinity \"0\" has 1 CPU: at least "
      "one each was expected" },
};

GST_START_TEST (test_mistakes)
{
  const Mistake *row = &mistakes[__i__];
  const gchar *parts[] = { row->text, NULL };
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstBus) bus = NULL;
  DnnStage *stage = dnn_pipeline_config_get_stage (config, 0);

  stage->instances = row->stage;
  g_free (stage->cpu_affinity);
  stage->cpu_affinity = g_strdup (row->affinity);
  bin = dnn_check_make_bin (config);
  bus = dnn_check_add_bus (bin);
  g_object_set (bin, "instances", row->instances, "max-in-flight",
      row->max_in_flight, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
  gst_element_set_state (bin, GST_STATE_NULL);
}
GST_END_TEST;

/* Set in the program; a file is refused when it is read. */
GST_START_TEST (test_element)
{
  static const gchar *const parts[] = { "module 0: instances is 2, but the "
                                        "stage is an element (identity), of "
                                        "which there is 1",
    NULL };
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GstElement)
      bin = gst_object_ref_sink (gst_element_factory_make ("dnnbin", NULL));
  g_autoptr (GstBus) bus = dnn_check_add_bus (bin);

  dnn_pipeline_config_add_element (config, 0, "identity")->instances = 2;
  dnn_check_bind (config, "in:a", "0:0");
  dnn_check_bind (config, "0:out0", "out:0");
  g_object_set (bin, "configuration", config, NULL);
  assert_equals_int (
      gst_element_set_state (bin, GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
  gst_element_set_state (bin, GST_STATE_NULL);
}
GST_END_TEST;

#define LIBRARY_GRAPH                                                          \
  "{\"nodes\": [{\"op\": \"null\", \"name\": \"x\", \"inputs\": []}, "         \
  "{\"op\": \"tvm_op\", \"name\": \"n\", \"attrs\": {\"func_name\": \"sum\", " \
  "\"num_inputs\": \"1\", \"num_outputs\": \"1\", \"flatten_data\": \"0\"}, "  \
  "\"inputs\": [[0, 0, 0]]}], \"arg_nodes\": [0], \"heads\": [[1, 0, 0]], "    \
  "\"node_row_ptr\": [0, 1, 2], \"attrs\": {\"dltype\": [\"list_str\", "       \
  "[\"float32\", \"float32\"]], \"shape\": [\"list_shape\", [[1, 4], [1, "     \
  "4]]], \"storage_id\": [\"list_int\", [0, 1]]}}"

/* "auto" is one instance of a library; more only where it keeps no state. */
GST_START_TEST (test_library)
{
  const gchar *path = g_getenv ("DNN_STATE_LIBRARY");
  static const gchar *const parts[] = { "instances is 2, but the library ",
    "lib0.so keeps state from frame to frame: only 1 was expected", NULL };
  g_autofree gchar *json = g_build_filename (
      dnn_check_get_folder (), "graph.json", NULL);
  g_autofree gchar *config = NULL;
  g_autoptr (GstElement) element = gst_object_ref_sink (
      gst_element_factory_make ("dnnmodule", NULL));
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n;

  fail_unless (g_file_set_contents (json, LIBRARY_GRAPH, -1, NULL));
  module = dnn_module_new_from_files (json, NULL, path, &error);
  g_assert_no_error (error);
  fail_unless (dnn_module_keeps_state (module));
  config = dnn_check_export_module (module, dnn_check_get_folder ());
  g_object_set (element, "model", config, "instances", "2", NULL);
  assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (
      bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, parts);
  gst_element_set_state (element, GST_STATE_NULL);
  g_object_set (element, "instances", "auto", NULL);
  assert_equals_int (gst_element_set_state (element, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  g_object_get (element, "active-instances", &n, NULL);
  assert_equals_uint64 (n, 1);
  gst_element_set_state (element, GST_STATE_NULL);
}
GST_END_TEST;

/* --- params --- */

static DnnParams *
make_params (gfloat w)
{
  DnnParams *params = dnn_params_new ();
  DnnShape scalar = dnn_shape (0);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &scalar);

  *(gfloat *) dnn_tensor_get_writable_data (tensor) = w;
  dnn_params_set (params, "w", tensor);
  dnn_tensor_unref (tensor);
  return params;
}

static void
bind_params (DnnPipelineConfig *config)
{
  const DnnInterface group = { .kind = DNN_INTERFACE_PARAM_GROUP,
    .name = (gchar *) "w" };
  const DnnInterface module = { .kind = DNN_INTERFACE_MODULE_PARAMS };

  fail_unless (dnn_pipeline_config_bind (config, &group, &module, NULL));
}

/* Frames that have entered have those of before, in every lane; all later ones
 * the new, in every lane. */
GST_START_TEST (test_set_params)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = NULL;
  guint value = 0;
  GstHarness *h;

  bind_params (config);
  bin = dnn_check_make_bin (config);
  g_object_set (bin, "instances", "4", NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint round = 0; round < 6; round++) {
    gfloat before = round == 0 ? 2 : (gfloat) (round + 9);
    g_autoptr (DnnParams) params = make_params ((gfloat) (round + 10));
    g_autoptr (GError) error = NULL;
    gate_shut ();
    for (guint i = 1; i <= 4; i++)
      push (h, value + i);
    gate_wait_for (4);
    g_signal_emit_by_name (bin, "set-params", "w", params, &error);
    g_assert_no_error (error);
    gate_open_all ();
    for (guint i = 5; i <= 9; i++)
      push (h, value + i);
    for (guint i = 1; i <= 9; i++) {
      GstBuffer *buffer = gst_harness_pull (h);
      assert_equals_float (dnn_check_get_float (buffer, 0, 0),
          (gfloat) (value + i) * (i <= 4 ? before : (gfloat) (round + 10)));
      gst_buffer_unref (buffer);
    }
    value += 9;
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

static gint n_tensors; /* of params that are alive */

static void
count_down (gpointer data)
{
  g_atomic_int_dec_and_test (&n_tensors);
  g_free (data);
}

static DnnParams *
make_counted_params (gfloat w)
{
  DnnParams *params = dnn_params_new ();
  DnnShape scalar = dnn_shape (0);
  gfloat *data = g_memdup2 (&w, sizeof w);
  DnnTensor *tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &scalar, data, count_down, data);

  g_atomic_int_inc (&n_tensors);
  dnn_params_set (params, "w", tensor);
  dnn_tensor_unref (tensor);
  return params;
}

/* New ones for each frame: they don't pile up where no frame is. */
GST_START_TEST (test_many_params)
{
  g_autoptr (DnnPipelineConfig) config = make_config (1);
  g_autoptr (GstElement) bin = NULL;
  GstHarness *h;

  bind_params (config);
  bin = dnn_check_make_bin (config);
  g_object_set (bin, "instances", __i__ == 0 ? "4" : "auto", "max-in-flight",
      __i__ == 2 ? 1 : 0, NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint i = 1; i <= 50; i++) {
    g_autoptr (DnnParams) params = make_counted_params ((gfloat) i);
    g_autoptr (GError) error = NULL;
    GstBuffer *buffer;
    g_signal_emit_by_name (bin, "set-params", "w", params, &error);
    g_assert_no_error (error);
    push (h, i);
    buffer = gst_harness_pull (h);
    assert_equals_float (
        dnn_check_get_float (buffer, 0, 0), (gfloat) i * (gfloat) i);
    gst_buffer_unref (buffer);
    fail_unless (g_atomic_int_get (&n_tensors) <= 5);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Two stages of three each, any times. */
GST_START_TEST (test_stages)
{
  g_autoptr (DnnPipelineConfig) config = make_config (2);
  g_autoptr (GstElement) bin = dnn_check_make_bin (config);
  guint32 seed = g_random_int () | 1;
  GstHarness *h;

  g_print ("# seed %u\n", seed);
  gate_dawdle (seed);
  g_object_set (bin, "instances", "3", NULL);
  h = gst_harness_new_with_element (bin, "sink", "src");
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  for (guint value = 1; value <= 200; value++)
    push (h, value);
  for (guint value = 1; value <= 200; value++) {
    GstBuffer *buffer = gst_harness_pull (h);
    assert_equals_float (
        dnn_check_get_float (buffer, 0, 0), 4.0f * (gfloat) value);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

static Suite *
make_suite (void)
{
  Suite *suite = suite_create ("instances");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_solo_team);
  tcase_add_loop_test (cases, test_number, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (cases, test_module, 0, 3);
  tcase_add_test (cases, test_team);
  tcase_add_test (cases, test_waiting);
  tcase_add_loop_test (cases, test_mistakes, 0, G_N_ELEMENTS (mistakes));
  tcase_add_test (cases, test_element);
  tcase_add_test (cases, test_library);
  tcase_add_test (cases, test_set_params);
  tcase_add_loop_test (cases, test_many_params, 0, 3);
  tcase_add_test (cases, test_stages);
  return suite;
}

int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  gate_register ();
  return gst_check_run_suite (make_suite (), "instances", __FILE__);
}
