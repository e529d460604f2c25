/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineExecutor: every call in its blocking, asking and waiting form;
 * memory that isn't copied; errors that stay; what is refused. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "config.h"

#include "gst-plugin/executor/gstdnnexecutor.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/elements/executor/executor-sample.h"

/* ---- outputs ------------------------------------------------------------ */

static void
test_serial (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  const gfloat none[3] = { 0 };

  for (guint i = 0; i < 20; i++)
    sample_run (executor, (gfloat) i, 2 * (gfloat) i);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 20);
  for (guint i = 0; i < 20; i++)
    sample_check_output (executor, (gfloat) i, 2 * (gfloat) i, none);
  g_assert_cmpuint (
      dnn_pipeline_executor_get_num_executing_pipeline (executor), ==, 20);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
}

static void
test_no_output (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      now = dnn_pipeline_executor_get_output (executor, &error);
  g_autoptr (GPtrArray)
      at_once = dnn_pipeline_executor_wait_output (executor, 0, &error);
  g_autoptr (GPtrArray)
      later = dnn_pipeline_executor_wait_output (executor, 5, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (now->len, ==, 0);
  g_assert_cmpuint (at_once->len, ==, 0);
  g_assert_cmpuint (later->len, ==, 0);
}

static void
test_busy (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  const gfloat none[3] = { 0 };
  g_autoptr (GError) error = NULL;

  g_object_set (executor, "max-in-flight", 3, NULL);
  for (guint i = 0; i < 3; i++)
    sample_run (executor, 1, 1);
  g_assert_false (dnn_pipeline_executor_run (executor, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==,
      "3 frames are in flight, as many as max-in-flight allows; get an output "
      "first");
  sample_check_output (executor, 1, 1, none);
  sample_run (executor, 2, 2);
  g_assert_cmpuint (
      dnn_pipeline_executor_get_num_executing_pipeline (executor), ==, 4);
}

/* TVM's: what is set of a module that isn't the first waits, one a frame; the
 * last one stays. The first module has what was set last. */
static void
test_inputs_in_advance (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  const gfloat none[3] = { 0 };
  g_autoptr (GError) error = NULL;

  g_object_set (executor, "max-in-flight", 5, NULL);
  for (guint i = 0; i < 6; i++) {
    g_autoptr (DnnTensor) a = sample_tensor ((gfloat) i);
    g_autoptr (DnnTensor) b = sample_tensor (10 * (gfloat) i);
    g_autoptr (DnnTensor) set = NULL;
    g_assert_true (
        dnn_pipeline_executor_set_input (executor, "data_a", a, NULL));
    g_assert_true (dnn_pipeline_executor_set_input (
                       executor, "data_b", b, &error) == (i < 5));
    set = dnn_pipeline_executor_get_input (executor, "data_b", NULL);
    g_assert_true (i == 5 || set == b);
  }
  g_assert_error (error, DNN_ERROR, DNN_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==,
      "5 tensors of global input \"data_b\" wait for their frames, as many as "
      "max-in-flight allows; run a frame first");
  g_clear_error (&error);
  for (guint i = 0; i < 7; i++) {
    g_assert_true (dnn_pipeline_executor_run (executor, &error));
    g_assert_no_error (error);
    sample_check_output (executor, 5, 10 * (gfloat) MIN (i, 4), none);
  }
}

/* What is exported and loaded answers as what was built. */
static void
test_exported (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autofree gchar *dir = g_dir_make_tmp ("dnn-executor-XXXXXX", NULL);
  g_autofree gchar *path = NULL;
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (GError) error = NULL;
  const gfloat none[3] = { 0 };
  const gchar *name;
  GDir *files;

  path = dnn_pipeline_config_export_library (config, dir, &error);
  g_assert_no_error (error);
  executor = dnn_pipeline_executor_load_library (path, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 5; i++)
    sample_run (executor, (gfloat) i, 3);
  for (guint i = 0; i < 5; i++)
    sample_check_output (executor, (gfloat) i, 3, none);
  g_clear_object (&executor);
  files = g_dir_open (dir, 0, NULL);
  while ((name = g_dir_read_name (files))) {
    g_autofree gchar *file = g_build_filename (dir, name, NULL);
    g_unlink (file);
  }
  g_dir_close (files);
  g_rmdir (dir);
}

/* ---- those who are called ----------------------------------------------- */

static void
test_async (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  const gfloat none[3] = { 0 };
  SampleAnswers answers;

  sample_answers_init (&answers, 4);
  sample_run (executor, 0, 0);
  for (guint i = 0; i < 4; i++)
    dnn_pipeline_executor_get_output_async (
        executor, NULL, sample_answers_note, &answers);
  for (guint i = 1; i < 4; i++)
    sample_run (executor, (gfloat) i, 1);
  sample_answers_wait (&answers);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) frame = dnn_pipeline_executor_get_output_finish (
        executor, answers.answers->pdata[i], &error);
    g_assert_no_error (error);
    sample_check_frame (frame, (gfloat) i, i ? 1 : 0, none);
  }
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
  sample_answers_clear (&answers);
}

/* One cancelled before, one while it waits; the frame goes to the third. */
static void
test_cancel (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GCancellable) before = g_cancellable_new ();
  g_autoptr (GCancellable) later = g_cancellable_new ();
  const gfloat none[3] = { 0 };
  g_autoptr (GPtrArray) frame = NULL;
  SampleAnswers answers;

  sample_answers_init (&answers, 3);
  g_cancellable_cancel (before);
  dnn_pipeline_executor_get_output_async (
      executor, before, sample_answers_note, &answers);
  dnn_pipeline_executor_get_output_async (
      executor, later, sample_answers_note, &answers);
  dnn_pipeline_executor_get_output_async (
      executor, NULL, sample_answers_note, &answers);
  g_cancellable_cancel (later);
  sample_run (executor, 5, 6);
  sample_answers_wait (&answers);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (dnn_pipeline_executor_get_output_finish (
        executor, answers.answers->pdata[i], &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
  frame = dnn_pipeline_executor_get_output_finish (
      executor, answers.answers->pdata[2], NULL);
  sample_check_frame (frame, 5, 6, none);
  sample_answers_clear (&answers);
}

/* With a cancellable that outlives the answer, and nobody else who holds the
 * executor. */
static void
test_last_reference (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  DnnPipelineExecutor *executor = sample_executor (config);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer alive = executor;
  SampleAnswers answers;

  sample_answers_init (&answers, 1);
  g_object_add_weak_pointer (G_OBJECT (executor), &alive);
  dnn_pipeline_executor_get_output_async (
      executor, cancellable, sample_answers_note, &answers);
  sample_run (executor, 1, 2);
  g_object_unref (executor);
  sample_answers_wait (&answers);
  g_ptr_array_set_size (answers.answers, 0);
  while (alive)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  sample_answers_clear (&answers);
}

/* ---- memory ------------------------------------------------------------- */

/* What enters leaves as it is, and goes back to its owner. */
static void
test_no_copy (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("identity");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) 4);
  gfloat memory[4] = { 1, 2, 3, 4 };
  gint n_given_back = 0;
  DnnTensor *tensor = dnn_tensor_new_wrapped (DNN_TYPE_FLOAT32, &shape, memory,
      (GDestroyNotify) g_atomic_int_inc, &n_given_back);
  DnnTensor *output = sample_pass (executor, tensor);

  g_assert_true (dnn_tensor_get_data (output) == memory);
  dnn_tensor_unref (tensor);
  g_clear_object (&executor);
  g_assert_cmpint (g_atomic_int_get (&n_given_back), ==, 0);
  dnn_tensor_unref (output);
  g_assert_cmpint (g_atomic_int_get (&n_given_back), ==, 1);
}

/* Through DLPack, in and out. */
static void
test_dlpack (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("identity");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnTensor) own = sample_tensor (3);
  g_autoptr (DnnTensor)
      tensor = dnn_tensor_new_from_dlpack (dnn_tensor_to_dlpack (own), NULL);
  g_autoptr (DnnTensor) output = sample_pass (executor, tensor);
  DLManagedTensor *managed = dnn_tensor_to_dlpack (output);

  g_assert_true (managed->dl_tensor.data == dnn_tensor_get_data (own));
  managed->deleter (managed);
}

/* bool and bfloat16 don't travel as such, but are what the model says. */
static void
test_types (void)
{
  static const DnnType types[] = { DNN_TYPE_BOOL, DNN_TYPE_BFLOAT16,
    DNN_TYPE_UINT8, DNN_TYPE_INT64, DNN_TYPE_FLOAT16 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (DnnGraph) graph = dnn_graph_new ("types");
    DnnShape shape = dnn_shape (1, (gint64) 3);
    g_autoptr (DnnTensor) tensor = dnn_tensor_new (types[i], &shape);
    g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
    g_autoptr (DnnPipelineExecutor) executor = NULL;
    g_autoptr (DnnTensor) output = NULL;
    g_autoptr (DnnModule) module = NULL;
    DnnNode *node = dnn_graph_add_node (graph, "n", "Identity");

    dnn_node_add_input (
        node, dnn_graph_add_input (graph, "x", types[i], &shape));
    dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
    for (guint j = 0; j < 3; j++)
      dnn_type_set (types[i], dnn_tensor_get_writable_data (tensor), j, j % 2);
    module = dnn_module_new (graph, NULL);
    sample_connect (dnn_pipeline_config_get_input (config, "x"),
        dnn_pipeline_module_get_input (
            dnn_pipeline_config_get_module (config, module), "x", NULL));
    sample_connect (
        dnn_pipeline_module_get_output (
            dnn_pipeline_config_get_module (config, module), 0, NULL),
        dnn_pipeline_config_get_output (config, 0));
    executor = sample_executor (config);
    output = sample_pass (executor, tensor);
    g_assert_true (dnn_tensor_equal (output, tensor));
  }
}

/* ---- elements as stages ------------------------------------------------- */

/* An element that changes values, between two modules. */
static void
test_element (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (DnnModule) before = sample_module (1, 10, "x", NULL);
  g_autoptr (DnnModule) after = sample_module (1, 100, "x", NULL);
  DnnPipelineModule *first = dnn_pipeline_config_get_module (config, before);
  DnnPipelineModule *last = dnn_pipeline_config_get_module (config, after);
  DnnPipelineModule *stage = dnn_pipeline_config_append_element (
      config, "samplenegate");

  sample_connect (dnn_pipeline_config_get_input (config, "x"),
      dnn_pipeline_module_get_input (first, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (first, 0, NULL),
      dnn_pipeline_module_get_input (stage, "0", NULL));
  sample_connect (dnn_pipeline_module_get_output (stage, 0, NULL),
      dnn_pipeline_module_get_input (last, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (last, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  executor = sample_executor (config);
  for (guint frame = 0; frame < 5; frame++) {
    g_autoptr (DnnTensor) tensor = sample_tensor ((gfloat) frame);
    g_autoptr (DnnTensor) output = sample_pass (executor, tensor);
    const gfloat *data = dnn_tensor_get_data (output);
    const gfloat *x = dnn_tensor_get_data (tensor);
    for (guint i = 0; i < SAMPLE_SIZE; i++)
      g_assert_cmpfloat (data[i], ==, -(x[i] + 10) + 100);
  }
}

/* ---- params ------------------------------------------------------------- */

static void
test_set_params (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnPipelineExecutor) other = sample_executor (config);
  g_autoptr (DnnParams) params = sample_params ("w", 30);
  const gfloat none[3] = { 0 }, changed[3] = { 30, 0, 0 };
  g_autoptr (GError) error = NULL;

  sample_run (executor, 1, 2);
  sample_check_output (executor, 1, 2, none);
  g_assert_true (
      dnn_pipeline_executor_set_params (executor, "param_0", params, &error));
  sample_run (executor, 1, 2);
  sample_check_output (executor, 1, 2, changed);
  sample_run (other, 1, 2);
  sample_check_output (other, 1, 2, none);
}

static void
check_params_refused (DnnPipelineExecutor *executor, const gchar *group,
    DnnParams *params, DnnError code, const gchar *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      dnn_pipeline_executor_set_params (executor, group, params, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_params_refused (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnParams) good = sample_params ("w", 30);
  g_autoptr (DnnParams) foreign = sample_params ("v", 30);
  g_autoptr (DnnParams) empty = dnn_params_new ();
  g_autoptr (DnnParams) wrong = dnn_params_new ();
  DnnShape shape = dnn_shape (1, (gint64) 5);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  const gfloat none[3] = { 0 };

  dnn_params_set (wrong, "w", tensor);
  check_params_refused (executor, "param_1", good, DNN_ERROR_UNKNOWN_NAME,
      "There is no param group \"param_1\"");
  check_params_refused (executor, "param_0", empty, DNN_ERROR_VALUE,
      "Param group \"param_0\": no params were given");
  check_params_refused (executor, "param_0", foreign, DNN_ERROR_UNKNOWN_NAME,
      "Param group \"param_0\": \"v\" is no param of its module");
  check_params_refused (executor, "param_0", wrong, DNN_ERROR_SHAPE,
      "param \"w\" is 5, expected 1×4");
  sample_run (executor, 1, 2);
  sample_check_output (executor, 1, 2, none);
}

/* dnnbin by itself: where there is nothing to set params of, and two places to
 * take its configuration from. */
static void
test_bin (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineConfig) found = NULL;
  g_autoptr (DnnParams) params = sample_params ("w", 30);
  g_autoptr (GstElement)
      bin = gst_object_ref_sink (gst_element_factory_make ("dnnbin", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (bin, "configuration", config, NULL);
  g_object_get (bin, "configuration", &found, NULL);
  g_assert_true (found == config);
  g_signal_emit_by_name (bin, "set-params", "param_0", params, &error);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "The pipeline doesn't run");
  g_clear_error (&error);
  g_object_set (bin, "config", "a-file", NULL);
  gst_element_set_bus (bin, bus);
  g_assert_cmpint (gst_element_set_state (bin, GST_STATE_READY), ==,
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_cmpstr (error->message, ==,
      "configuration and config (a-file) are both set; only one was expected");
  gst_element_set_bus (bin, NULL);
  gst_element_set_state (bin, GST_STATE_NULL);
}

/* ---- threads ------------------------------------------------------------ */

/* Masks of all threads of the process, as text. */
static GHashTable *
read_masks (void)
{
  GHashTable *masks = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (tasks))) {
    cpu_set_t mask;
    if (sched_getaffinity (atoi (name), sizeof mask, &mask) == 0)
      g_hash_table_add (
          masks, g_base64_encode ((const guchar *) &mask, sizeof mask));
  }
  return masks;
}

/* The first CPU that the process may use. */
static gchar *
get_cpu (void)
{
  cpu_set_t mask;
  gint cpu = 0;

  sched_getaffinity (0, sizeof mask, &mask);
  while (!CPU_ISSET (cpu, &mask))
    cpu++;
  return g_strdup_printf ("%d", cpu);
}

/* Modules bound to one CPU: no thread that outlives the pipeline is. */
static void
test_affinity (void)
{
  g_autoptr (GHashTable) before = read_masks ();
  g_autoptr (GHashTable) after = NULL;
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autofree gchar *cpu = get_cpu ();
  const gfloat none[3] = { 0 };
  GHashTableIter iter;
  gpointer mask;
  gint threads;

  g_assert_cmpuint (g_hash_table_size (before), ==, 1);
  for (gint i = 0; i < 3; i++)
    g_object_set (dnn_pipeline_config_get_module_at (config, i), "cpu-affinity",
        cpu, "threads", 1, NULL);
  threads = sample_get_threads ();
  executor = sample_executor (config);
  for (guint i = 0; i < 5; i++)
    sample_run (executor, (gfloat) i, 1);
  for (guint i = 0; i < 5; i++)
    sample_check_output (executor, (gfloat) i, 1, none);
  dnn_pipeline_executor_stop (executor);
  after = read_masks ();
  g_assert_cmpuint (g_hash_table_size (after), ==, 1);
  g_hash_table_iter_init (&iter, after);
  g_hash_table_iter_next (&iter, &mask, NULL);
  g_assert_true (g_hash_table_contains (before, mask));
  g_assert_cmpint (sample_get_threads (), ==, threads);
}

/* ---- names -------------------------------------------------------------- */

static void
test_maps (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_auto (GStrv) a = NULL;
  g_auto (GStrv) b = NULL;
  g_autofree gint *group = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  a = dnn_pipeline_executor_get_input_pipeline_map (executor, "data_a", NULL);
  b = dnn_pipeline_executor_get_input_pipeline_map (executor, "data_b", NULL);
  g_assert_true (g_strv_equal (
      (const gchar *const *) a, (const gchar *const[]){ "0", "data_0", NULL }));
  g_assert_true (g_strv_equal (
      (const gchar *const *) b, (const gchar *const[]){ "1", "data_1", NULL }));
  group = dnn_pipeline_executor_get_params_group_pipeline_map (
      executor, "param_0", &n, NULL);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (group[0], ==, 0);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_inputs (executor), ==, 2);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_outputs (executor), ==, 1);
  g_assert_null (dnn_pipeline_executor_get_input_pipeline_map (
      executor, "data_c", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_clear_error (&error);
  g_assert_null (dnn_pipeline_executor_get_params_group_pipeline_map (
      executor, "param_1", &n, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_cmpuint (n, ==, 0);
}

static void
check_input_refused (DnnPipelineExecutor *executor, const gchar *name,
    DnnTensor *tensor, DnnError code, const gchar *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      dnn_pipeline_executor_set_input (executor, name, tensor, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, text);
}

static void
test_inputs (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  DnnShape flat = dnn_shape (1, (gint64) 4);
  DnnShape same = dnn_shape (2, (gint64) 1, (gint64) 4);
  g_autoptr (DnnTensor) good = sample_tensor (1);
  g_autoptr (DnnTensor) wrong_shape = dnn_tensor_new (DNN_TYPE_FLOAT32, &flat);
  g_autoptr (DnnTensor) wrong_type = dnn_tensor_new (DNN_TYPE_INT8, &same);
  g_autoptr (DnnTensor) found = NULL;
  g_autoptr (GError) error = NULL;

  check_input_refused (executor, "data_c", good, DNN_ERROR_UNKNOWN_NAME,
      "\"data_c\" is no global input (inputs: \"data_a\", \"data_b\")");
  check_input_refused (executor, "data_a", wrong_shape, DNN_ERROR_SHAPE,
      "global input \"data_a\" is 4, expected 1×4");
  check_input_refused (executor, "data_a", wrong_type, DNN_ERROR_TYPE,
      "global input \"data_a\" is int8, expected float32");
  g_assert_null (dnn_pipeline_executor_get_input (executor, "data_a", &error));
  g_assert_no_error (error);
  g_assert_true (
      dnn_pipeline_executor_set_input (executor, "data_a", good, NULL));
  found = dnn_pipeline_executor_get_input (executor, "data_a", NULL);
  g_assert_true (found == good);
  g_assert_false (dnn_pipeline_executor_run (executor, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNBOUND);
  g_assert_cmpstr (error->message, ==, "global input \"data_b\" is not set");
  g_assert_cmpuint (
      dnn_pipeline_executor_get_num_executing_pipeline (executor), ==, 0);
}

/* ---- the end ------------------------------------------------------------ */

/* Says so when the executor has failed. */
static gpointer
wait_for_error (gpointer user_data)
{
  GError *error = NULL;

  g_assert_null (dnn_pipeline_executor_wait_output (user_data, -1, &error));
  return error;
}

static void
check_dead (
    DnnPipelineExecutor *executor, GQuark domain, gint code, const gchar *text)
{
  g_autoptr (DnnTensor) tensor = sample_tensor (1);
  g_autoptr (DnnParams) params = sample_params ("w", 1);

  for (guint i = 0; i < 5; i++) {
    g_autoptr (GError) error = NULL;
    if (i == 0)
      g_assert_false (dnn_pipeline_executor_run (executor, &error));
    else if (i == 1)
      g_assert_null (dnn_pipeline_executor_get_output (executor, &error));
    else if (i == 2)
      g_assert_null (
          dnn_pipeline_executor_wait_output (executor, 1000, &error));
    else if (i == 3)
      g_assert_false (
          dnn_pipeline_executor_set_input (executor, "x", tensor, &error));
    else
      g_assert_false (
          dnn_pipeline_executor_set_params (executor, "p", params, &error));
    g_assert_error (error, domain, code);
    g_assert_nonnull (strstr (error->message, text));
  }
}

/* The first frame passes, the second one fails the element: the waiter, the
 * task and every later call get that error. */
static void
test_failure (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplenegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (DnnTensor) good = sample_tensor (1);
  g_autoptr (DnnTensor) bad = sample_tensor (SAMPLE_BAD);
  g_autoptr (DnnTensor) output = sample_pass (executor, good);
  g_autoptr (GError) waited = NULL, called = NULL;
  GThread *waiter = g_thread_new ("waiter", wait_for_error, executor);
  SampleAnswers answers;

  sample_answers_init (&answers, 1);
  dnn_pipeline_executor_get_output_async (
      executor, NULL, sample_answers_note, &answers);
  sample_set (executor, bad);
  g_assert_true (dnn_pipeline_executor_run (executor, NULL));
  sample_answers_wait (&answers);
  g_assert_null (dnn_pipeline_executor_get_output_finish (
      executor, answers.answers->pdata[0], &called));
  g_assert_error (called, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
  waited = g_thread_join (waiter);
  g_assert_error (waited, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
  check_dead (executor, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
      "a value that can't be negated");
  sample_answers_clear (&answers);
}

static void
test_stop (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("identity");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  GThread *waiter = g_thread_new ("waiter", wait_for_error, executor);
  g_autoptr (GError) waited = NULL;

  dnn_pipeline_executor_stop (executor);
  waited = g_thread_join (waiter);
  g_assert_error (waited, DNN_ERROR, DNN_ERROR_FAILED);
  dnn_pipeline_executor_stop (executor);
  check_dead (
      executor, DNN_ERROR, DNN_ERROR_FAILED, "The pipeline was stopped");
}

/* Frames on their way, and outputs that nobody got. */
static void
test_drop_while_running (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();

  for (guint i = 0; i < 20; i++) {
    g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
    for (guint j = 0; j < i; j++)
      sample_run (executor, 1, 2);
  }
}

static void
check_not_started (
    DnnPipelineConfig *config, GQuark domain, gint code, const gchar *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_pipeline_executor_new (config, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_not_started (void)
{
  g_autoptr (DnnPipelineConfig) empty = dnn_pipeline_config_new ();
  g_autoptr (DnnPipelineConfig) element = sample_element ("nosuchelement");
  g_autoptr (DnnPipelineConfig) affinity = sample_config ();
  g_autoptr (GError) error = NULL;

  check_not_started (
      empty, DNN_ERROR, DNN_ERROR_UNBOUND, "The pipeline has no modules");
  check_not_started (element, DNN_ERROR, DNN_ERROR_VALUE, "nosuchelement");
  g_object_set (dnn_pipeline_config_get_module_at (affinity, 1), "cpu-affinity",
      "1023", NULL);
  check_not_started (affinity, DNN_ERROR, DNN_ERROR_VALUE,
      "CPU 1023 is none that this process may use");
  g_assert_null (
      dnn_pipeline_executor_load_library ("/nonexistent/config", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    GTestFunc run;
  } tests[] = { { "serial", test_serial }, { "exported", test_exported },
    { "no-output", test_no_output }, { "busy", test_busy },
    { "inputs-in-advance", test_inputs_in_advance }, { "async", test_async },
    { "cancel", test_cancel }, { "last-reference", test_last_reference },
    { "no-copy", test_no_copy }, { "dlpack", test_dlpack },
    { "types", test_types }, { "element", test_element },
    { "set-params", test_set_params },
    { "params-refused", test_params_refused }, { "bin", test_bin },
    { "affinity", test_affinity }, { "maps", test_maps },
    { "inputs", test_inputs }, { "failure", test_failure },
    { "stop", test_stop }, { "drop-while-running", test_drop_while_running },
    { "not-started", test_not_started } };

  g_test_init (&argc, &argv, NULL);
  sample_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/executor/", tests[i].name, NULL);
    g_test_add_func (path, tests[i].run);
  }
  return g_test_run ();
}
