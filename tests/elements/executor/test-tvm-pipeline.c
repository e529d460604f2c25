/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The test that TVM's pipeline executor had: one network, split at named
 * tensors into three modules that are bound by hand, five frames, a param
 * group, two global inputs; each frame as the modules give it one after the
 * other; what must not be connected. */
#include "config.h"

#include <string.h>

#include "compiler/dnn-compiler.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "tests/elements/executor/executor-sample.h"
#include "tests/test-folder.h"

#define N_FRAMES 5
#define N_VALUES 9

typedef struct
{
  gchar *dir;
  DnnModule *modules[3];
  DnnPipelineConfig *config;
  DnnParams *params; /* those of module 0, each 10 more */
} Fixture;

static DnnPipelineModule *
get_place (Fixture *fixture, guint idx)
{
  return dnn_pipeline_config_get_module (
      fixture->config, fixture->modules[idx]);
}

static DnnPipelineInterface *
get_input (Fixture *fixture, guint idx, const gchar *name)
{
  return dnn_pipeline_module_get_input (get_place (fixture, idx), name, NULL);
}

static DnnPipelineInterface *
get_output (Fixture *fixture, guint idx, const gchar *name)
{
  return dnn_pipeline_module_get_output (get_place (fixture, idx),
      dnn_module_find_output (fixture->modules[idx], name), NULL);
}

static void
split_network (Fixture *fixture)
{
  static const gchar *const cuts[] = { "data_n_0", "data_n_1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig) split = dnn_compile_model (
      g_getenv ("DNN_NETWORK"), cuts, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    fixture->modules[i] = g_object_ref (
        dnn_pipeline_config_get_stage (split, (gint) i)->module);
}

/* From the last module to the first. */
static void
connect_all (Fixture *fixture)
{
  DnnPipelineConfig *config = fixture->config;

  sample_connect (get_output (fixture, 2, "result"),
      dnn_pipeline_config_get_output (config, 0));
  sample_connect (
      get_output (fixture, 1, "data_n_1"), get_input (fixture, 2, "data_n_1"));
  sample_connect (
      get_output (fixture, 0, "data_n_2"), get_input (fixture, 2, "data_n_2"));
  sample_connect (
      get_output (fixture, 0, "data_n_0"), get_input (fixture, 1, "data_n_0"));
  sample_connect (dnn_pipeline_config_get_input (config, "data_a"),
      get_input (fixture, 0, "data_0"));
  sample_connect (dnn_pipeline_config_get_input (config, "data_b"),
      get_input (fixture, 1, "data_1"));
  sample_connect (dnn_pipeline_config_get_param_group (config, "param_0"),
      dnn_pipeline_module_get_param (get_place (fixture, 0)));
}

static DnnParams *
make_params (Fixture *fixture)
{
  g_autofree gchar *json = g_build_filename (fixture->dir, "json", NULL);
  g_autofree gchar *path = g_build_filename (fixture->dir, "params", NULL);
  DnnParams *changed = dnn_params_new ();
  g_autoptr (DnnParams) own = NULL;

  g_assert_true (dnn_module_write (fixture->modules[0], json, path, NULL));
  own = dnn_params_new_from_file (path, NULL);
  for (guint i = 0; i < dnn_params_get_n (own); i++) {
    DnnTensor *tensor = dnn_params_get_tensor (own, i);
    const gfloat *src = dnn_tensor_get_data (tensor);
    g_autoptr (DnnTensor) other = dnn_tensor_new (
        DNN_TYPE_FLOAT32, dnn_tensor_get_shape (tensor));
    gfloat *dst = dnn_tensor_get_writable_data (other);
    for (gsize j = 0; j < dnn_tensor_get_size (tensor) / sizeof *dst; j++)
      dst[j] = src[j] + 10;
    dnn_params_set (changed, dnn_params_get_name (own, i), other);
  }
  return changed;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = test_folder_make ();
  fixture->config = dnn_pipeline_config_new ();
  split_network (fixture);
  fixture->params = make_params (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->config);
  dnn_params_unref (fixture->params);
  for (guint i = 0; i < 3; i++)
    g_object_unref (fixture->modules[i]);
  test_folder_remove (fixture->dir);
  g_free (fixture->dir);
}

/* ---- what it says ------------------------------------------------------- */

static const gchar printed[] = "Params\n"
                               "  |param_0: mod0:param\n"
                               "\n"
                               "Inputs\n"
                               "  |data_a: mod0:data_0\n"
                               "  |data_b: mod1:data_1\n"
                               "\n"
                               "output\n"
                               "  |output(0) : mod2.output(0)\n"
                               "\n"
                               "connections\n"
                               "  |mod0.output(1)-> mod1.data_n_0\n"
                               "  |mod0.output(0)-> mod2.data_n_2\n"
                               "  |mod1.output(0)-> mod2.data_n_1\n";

/* Without space. */
static const gchar configured[] =
    "{\"module_connection\":["
    "{\"mod_idx\":0,\"cpu_affinity\":\"\",\"output\":["
    "{\"output_idx\":0,\"dependencies\":["
    "{\"mod_idx\":2,\"input_name\":\"data_n_2\"}]},"
    "{\"output_idx\":1,\"dependencies\":["
    "{\"mod_idx\":1,\"input_name\":\"data_n_0\"}]}]},"
    "{\"mod_idx\":1,\"cpu_affinity\":\"\",\"output\":["
    "{\"output_idx\":0,\"dependencies\":["
    "{\"mod_idx\":2,\"input_name\":\"data_n_1\"}]}]},"
    "{\"mod_idx\":2,\"cpu_affinity\":\"\",\"output\":["
    "{\"output_idx\":0,\"dependencies\":[{\"global_output_index\":0}]}]}],"
    "\"input_connection\":["
    "{\"global_interface_name\":\"data_a\",\"mod_idx\":0,"
    "\"module_interface_name\":\"data_0\"},"
    "{\"global_interface_name\":\"data_b\",\"mod_idx\":1,"
    "\"module_interface_name\":\"data_1\"}],"
    "\"param_connection\":["
    "{\"global_param_name\":\"param_0\",\"mod_idx\":0}]}";

static gchar *
remove_space (const gchar *text)
{
  GString *out = g_string_new (NULL);

  for (; *text; text++)
    if (!g_ascii_isspace (*text))
      g_string_append_c (out, *text);
  return g_string_free (out, FALSE);
}

static void
test_description (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *text = NULL, *json = NULL, *packed = NULL;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  text = dnn_pipeline_config_to_string (fixture->config);
  g_assert_cmpstr (text, ==, printed);
  json = dnn_pipeline_config_get_config (fixture->config, &error);
  g_assert_no_error (error);
  packed = remove_space (json);
  g_assert_cmpstr (packed, ==, configured);
}

/* ---- frames ------------------------------------------------------------- */

static DnnTensor *
make_frame (gfloat value)
{
  DnnShape shape = dnn_shape (2, 3, 3);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (guint i = 0; i < N_VALUES; i++)
    data[i] = value + (gfloat) i;
  return tensor;
}

/* One module by itself; by names. */
static void
run_module (DnnModule *module, DnnParams *params, GHashTable *tensors)
{
  const DnnShape shapes[] = { dnn_shape (2, 3, 3), dnn_shape (2, 3, 3) };
  gconstpointer inputs[2] = { NULL };
  gpointer outputs[2] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnInstance)
      instance = dnn_instance_new (module, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  dnn_instance_prepare (instance, shapes, &error);
  g_assert_no_error (error);
  if (params)
    g_assert_true (dnn_instance_set_params (instance, params, &error));
  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    inputs[i] = dnn_tensor_get_data (
        g_hash_table_lookup (tensors, dnn_module_get_input_name (module, i)));
  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++) {
    DnnTensor *tensor = make_frame (0);
    outputs[i] = dnn_tensor_get_writable_data (tensor);
    g_hash_table_insert (
        tensors, (gpointer) dnn_module_get_output_name (module, i), tensor);
  }
  dnn_instance_run (instance, inputs, outputs, &error);
  g_assert_no_error (error);
}

/* One module after the other. */
static DnnTensor *
run_serial (Fixture *fixture, DnnTensor *data, DnnParams *params)
{
  g_autoptr (GHashTable) tensors = g_hash_table_new_full (
      g_str_hash, g_str_equal, NULL, (GDestroyNotify) dnn_tensor_unref);

  g_hash_table_insert (tensors, (gpointer) "data_0", dnn_tensor_ref (data));
  g_hash_table_insert (tensors, (gpointer) "data_1", dnn_tensor_ref (data));
  for (guint i = 0; i < 3; i++)
    run_module (fixture->modules[i], i == 0 ? params : NULL, tensors);
  return dnn_tensor_ref (g_hash_table_lookup (tensors, "result"));
}

static void
run_frame (DnnPipelineExecutor *executor, DnnTensor *data)
{
  g_autoptr (DnnTensor) set = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      dnn_pipeline_executor_set_input (executor, "data_a", data, &error));
  g_assert_true (
      dnn_pipeline_executor_set_input (executor, "data_b", data, &error));
  set = dnn_pipeline_executor_get_input (executor, "data_a", &error);
  g_assert_true (set == data);
  g_assert_true (dnn_pipeline_executor_run (executor, &error));
  g_assert_no_error (error);
}

/* All frames at once, then their outputs in order. */
static void
check_frames (
    Fixture *fixture, DnnPipelineExecutor *executor, DnnParams *params)
{
  DnnTensor *frames[N_FRAMES];

  for (guint i = 0; i < N_FRAMES; i++) {
    frames[i] = make_frame (3 + (gfloat) i);
    run_frame (executor, frames[i]);
    g_assert_cmpuint (
        dnn_pipeline_executor_get_num_executing_pipeline (executor), ==, i + 1);
  }
  for (guint i = 0; i < N_FRAMES; i++) {
    g_autoptr (DnnTensor) serial = run_serial (fixture, frames[i], params);
    g_autoptr (DnnTensor) own = run_serial (fixture, frames[i], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray)
        outputs = dnn_pipeline_executor_wait_output (executor, -1, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (outputs->len, ==, 1);
    g_assert_true (dnn_tensor_equal (outputs->pdata[0], serial));
    for (guint j = 0; j < N_VALUES; j++)
      g_assert_true (
          (((const gfloat *) dnn_tensor_get_data (serial))[j] ==
              ((const gfloat *) dnn_tensor_get_data (own))[j]) == !params);
    dnn_tensor_unref (frames[i]);
  }
}

/* Serial execution itself. */
static void
test_serial (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnTensor) frame = make_frame (3);
  g_autoptr (DnnTensor) result = run_serial (fixture, frame, NULL);
  const gfloat *found = dnn_tensor_get_data (result);

  for (guint i = 0; i < N_VALUES; i++) {
    gfloat x = 3 + (gfloat) i;
    g_assert_cmpfloat (found[i], ==, ((x + 1) + 2 + 2 + x + 3) * 3 + (x - 2));
  }
}

static void
check_maps (DnnPipelineExecutor *executor)
{
  g_auto (GStrv) a = dnn_pipeline_executor_get_input_pipeline_map (
      executor, "data_a", NULL);
  g_auto (GStrv) b = dnn_pipeline_executor_get_input_pipeline_map (
      executor, "data_b", NULL);
  g_autofree gint *group = NULL;
  gsize n;

  g_assert_cmpuint (dnn_pipeline_executor_get_num_inputs (executor), ==, 2);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_outputs (executor), ==, 1);
  g_assert_true (g_strv_equal (
      (const gchar *const *) a, (const gchar *const[]){ "0", "data_0", NULL }));
  g_assert_true (g_strv_equal (
      (const gchar *const *) b, (const gchar *const[]){ "1", "data_1", NULL }));
  group = dnn_pipeline_executor_get_params_group_pipeline_map (
      executor, "param_0", &n, NULL);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (group[0], ==, 0);
}

/* As built, then exported and loaded, with params of its own and others. */
static void
test_frames (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *dir = g_build_filename (fixture->dir, "out", NULL);
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  g_object_set (get_place (fixture, 1), "threads", 1, NULL);
  path = dnn_pipeline_config_export_library (fixture->config, dir, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnPipelineExecutor) executor = i
        ? dnn_pipeline_executor_load_library (path, &error)
        : dnn_pipeline_executor_new (fixture->config, &error);
    g_assert_no_error (error);
    check_maps (executor);
    check_frames (fixture, executor, NULL);
  }
  for (guint i = 0; i < 2; i++) {
    g_autoptr (DnnPipelineExecutor) executor = i
        ? dnn_pipeline_executor_load_library (path, &error)
        : dnn_pipeline_executor_new (fixture->config, &error);
    g_assert_true (dnn_pipeline_executor_set_params (
        executor, "param_0", fixture->params, &error));
    g_assert_no_error (error);
    check_frames (fixture, executor, fixture->params);
  }
}

/* ---- what is refused ---------------------------------------------------- */

static void
check_refused (
    DnnPipelineInterface *src, DnnPipelineInterface *dst, DnnError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_interface_connect (src, dst, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
}

/* In the order of TVM's. */
static void
test_errors (Fixture *fixture, gconstpointer data)
{
  DnnPipelineInterface *output = get_output (fixture, 0, "data_n_0");
  DnnPipelineInterface *input = get_input (fixture, 0, "data_0");
  g_autoptr (GError) error = NULL;

  g_assert_null (
      dnn_pipeline_module_get_output (get_place (fixture, 0), 9, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_clear_error (&error);
  g_assert_null (
      dnn_pipeline_module_get_input (get_place (fixture, 0), "data_9", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  sample_connect (output, get_input (fixture, 1, "data_1"));
  check_refused (get_output (fixture, 1, "data_n_1"), input, DNN_ERROR_CYCLE);
  check_refused (output, input, DNN_ERROR_OWN_MODULE);
  check_refused (input, input, DNN_ERROR_START);
  check_refused (input, get_input (fixture, 1, "data_1"), DNN_ERROR_START);
  check_refused (output,
      dnn_pipeline_config_get_input (fixture->config, "data_0"),
      DNN_ERROR_OUTPUT_TARGET);
  check_refused (dnn_pipeline_config_get_input (fixture->config, "data_0"),
      output, DNN_ERROR_INPUT_TARGET);
  check_refused (dnn_pipeline_config_get_output (fixture->config, 0), output,
      DNN_ERROR_START);
}

static void
test_params_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnParams) none = dnn_params_new ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  executor = sample_executor (fixture->config);
  g_assert_false (
      dnn_pipeline_executor_set_params (executor, "param_0", none, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (dnn_pipeline_executor_set_params (
      executor, "param_1", fixture->params, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  check_frames (fixture, executor, NULL);
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = { { "description", test_description }, { "serial", test_serial },
    { "frames", test_frames }, { "errors", test_errors },
    { "params-refused", test_params_refused } };

  g_test_init (&argc, &argv, NULL);
  sample_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/tvm-pipeline/", tests[i].name, NULL);
    g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
  }
  return g_test_run ();
}
