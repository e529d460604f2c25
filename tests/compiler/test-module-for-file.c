/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pipelines built in a program from files: models, compiled folders, shapes
 * that the user gives, and what is none of these. */
#include "config.h"

#include "compiler/dnn-compiler.h"

#include <string.h>

#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

/* y = relu (x + 1 + 2): the compiler makes less than three nodes of it. */
static gchar *
save_model (const gchar *dir, const gchar *name, const gchar *dims)
{
  static const gfloat ones[] = { 1, 1, 1 }, twos[] = { 2, 2, 2 };
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);
  DnnShape shape = dnn_shape (1, (gint64) 3);

  onnx_writer_input (writer, "x", dims);
  onnx_writer_floats (writer, "one", shape, ones);
  onnx_writer_floats (writer, "two", shape, twos);
  onnx_writer_node (writer, "Add", "one two", "three", "");
  onnx_writer_node (writer, "Add", "x three", "sum", "");
  onnx_writer_node (writer, "Relu", "sum", "y", "");
  onnx_writer_output (writer, "y");
  return onnx_writer_save (writer, dir, name);
}

typedef struct
{
  gchar *dir;
  gchar *model, *open_model;
  DnnPipelineConfig *config;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = test_folder_make ();
  fixture->model = save_model (fixture->dir, "a.onnx", "2,3");
  fixture->open_model = save_model (fixture->dir, "b.onnx", "?,3");
  fixture->config = dnn_pipeline_config_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_folder_remove (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->model);
  g_free (fixture->open_model);
  g_object_unref (fixture->config);
}

static DnnPipelineModule *
get_place (Fixture *fixture, const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnPipelineModule *place = dnn_pipeline_config_get_module_for_file (
      fixture->config, path, &error);

  g_assert_no_error (error);
  return place;
}

/* x → a → b → output, b named first. */
static void
connect_all (Fixture *fixture)
{
  DnnPipelineModule *b = get_place (fixture, fixture->open_model);
  DnnPipelineModule *a = get_place (fixture, fixture->model);
  g_autoptr (GError) error = NULL;

  dnn_pipeline_interface_connect (dnn_pipeline_module_get_output (b, 0, &error),
      dnn_pipeline_config_get_output (fixture->config, 0), &error);
  g_assert_no_error (error);
  dnn_pipeline_interface_connect (dnn_pipeline_module_get_output (a, 0, &error),
      dnn_pipeline_module_get_input (b, "x", &error), &error);
  g_assert_no_error (error);
  dnn_pipeline_interface_connect (
      dnn_pipeline_config_get_input (fixture->config, "x"),
      dnn_pipeline_module_get_input (a, "x", &error), &error);
  g_assert_no_error (error);
}

static guint
count_nodes (DnnPipelineModule *place)
{
  DnnModule *module = dnn_pipeline_module_get_module (place);

  return dnn_module_get_graph (module)->nodes->len;
}

static void
check_frame (DnnPipelineConfig *config, const gfloat *expected)
{
  static const gfloat frame[] = { 0, 1, -2, -10, -4, 5 };
  DnnShape shape = dnn_shape (2, (gint64) 2, (gint64) 3);
  g_autoptr (GPtrArray) inputs = onnx_run_new_list ();
  g_autoptr (GPtrArray) outputs = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (inputs, dnn_tensor_new (DNN_TYPE_FLOAT32, &shape));
  memcpy (dnn_tensor_get_writable_data (inputs->pdata[0]), frame, sizeof frame);
  outputs = onnx_run_pipeline (config, inputs, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (dnn_tensor_get_data (outputs->pdata[0]), sizeof frame,
      expected, sizeof frame);
}

static void
check_answers (DnnPipelineConfig *config)
{
  static const gfloat expected[] = { 6, 7, 4, 3, 3, 11 };

  check_frame (config, expected);
}

static void
test_models (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *exported = g_build_filename (fixture->dir, "out", NULL);
  g_autofree gchar *path = NULL;
  g_autoptr (DnnPipelineConfig) loaded = NULL;
  g_autoptr (GError) error = NULL;
  DnnPipelineModule *a;

  connect_all (fixture);
  a = get_place (fixture, fixture->model);
  g_assert_true (a == get_place (fixture, fixture->model));
  g_assert_cmpuint (count_nodes (a), ==, 3);
  path = dnn_pipeline_config_export_library (fixture->config, exported, &error);
  g_assert_no_error (error);
  g_assert_cmpint (dnn_pipeline_module_get_mod_idx (a), ==, 0);
  g_assert_cmpuint (count_nodes (a), <, 3);
  check_answers (fixture->config);
  loaded = dnn_pipeline_config_load_library (path, &error);
  g_assert_no_error (error);
  check_answers (loaded);
  test_folder_remove (exported);
}

static void
test_shapes (Fixture *fixture, gconstpointer data)
{
  static const gchar *const good[] = { "x=2,3", NULL };
  static const gchar *const bad[] = { "x=2,4", NULL };
  DnnPipelineModule *place;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  place = get_place (fixture, fixture->open_model);
  g_object_set (place, "shapes", bad, NULL);
  g_assert_false (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_clear_error (&error);
  g_object_set (place, "shapes", good, NULL);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_cmpint (
      dnn_module_get_input_shape (dnn_pipeline_module_get_module (place), 0)
          ->dims[0],
      ==, 2);
  check_answers (fixture->config);
}

static gint64
get_batch (DnnModule *module)
{
  return dnn_module_get_input_shape (module, 0)->dims[0];
}

/* A batch without a size stays open in what is named; built, it is 1, or as
 * the user says. */
static void
test_open_batch (Fixture *fixture, gconstpointer data)
{
  static const gchar *const four[] = { "x=4,3", NULL };
  g_autofree gchar *path = save_model (fixture->dir, "c.onnx", "batch,3");
  g_autoptr (DnnModule) source = NULL;
  g_autoptr (GError) error = NULL;
  DnnPipelineModule *place = get_place (fixture, path);

  g_object_get (place, "source", &source, NULL);
  g_assert_cmpint (get_batch (source), ==, -1);
  dnn_pipeline_interface_connect (
      dnn_pipeline_config_get_input (fixture->config, "x"),
      dnn_pipeline_module_get_input (place, "x", &error), &error);
  dnn_pipeline_interface_connect (
      dnn_pipeline_module_get_output (place, 0, &error),
      dnn_pipeline_config_get_output (fixture->config, 0), &error);
  g_assert_no_error (error);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_cmpint (get_batch (dnn_pipeline_module_get_module (place)), ==, 1);
  g_object_set (place, "shapes", four, NULL);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_batch (dnn_pipeline_module_get_module (place)), ==, 4);
}

/* Shapes that fit each module, but not each other. */
static void
test_shapes_apart (Fixture *fixture, gconstpointer data)
{
  static const gchar *const five[] = { "x=5,3", NULL };
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  g_object_set (get_place (fixture, fixture->open_model), "shapes", five, NULL);
  g_assert_false (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
      "Shapes differ: output 0 of module 0 is 2×3, input \"x\" of module 1 is "
      "5×3");
}

/* Params of the user's, folded as the model's own would be; with shapes, the
 * file is read again. */
static void
test_params (Fixture *fixture, gconstpointer data)
{
  static const gchar *const shapes[] = { "x=2,3", NULL };
  static const gfloat expected[] = { 26, 27, 24, 16, 22, 31 };
  DnnShape shape = dnn_shape (1, (gint64) 3);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (DnnParams) found = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    ((gfloat *) dnn_tensor_get_writable_data (tensor))[i] = 11;
  dnn_params_set (params, "one", tensor);
  connect_all (fixture);
  g_object_set (get_place (fixture, fixture->model), "params", params, NULL);
  g_object_set (get_place (fixture, fixture->open_model), "params", params,
      "shapes", shapes, NULL);
  g_object_get (get_place (fixture, fixture->model), "params", &found, NULL);
  g_assert_true (found == params);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_no_error (error);
  check_frame (fixture->config, expected);
  g_object_set (get_place (fixture, fixture->model), "params", NULL, NULL);
  g_object_set (get_place (fixture, fixture->open_model), "params", NULL, NULL);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  check_answers (fixture->config);
}

static void
check_params_refused (Fixture *fixture, const gchar *name, DnnType type,
    gint64 n, DnnError code, const gchar *text)
{
  DnnShape shape = dnn_shape (1, n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (type, &shape);
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (GError) error = NULL;

  if (name)
    dnn_params_set (params, name, tensor);
  g_object_set (get_place (fixture, fixture->model), "params", params, NULL);
  g_assert_false (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, text);
}

static void
test_params_refused (Fixture *fixture, gconstpointer data)
{
  connect_all (fixture);
  check_params_refused (fixture, "ones", DNN_TYPE_FLOAT32, 3,
      DNN_ERROR_UNKNOWN_NAME,
      "Module 0: \"ones\" is no param of the module, did you mean \"one\"?");
  check_params_refused (fixture, "x", DNN_TYPE_FLOAT32, 3,
      DNN_ERROR_UNKNOWN_NAME, "Module 0: \"x\" is no param of the module");
  check_params_refused (fixture, "one", DNN_TYPE_INT32, 3, DNN_ERROR_TYPE,
      "Module 0: param \"one\" is int32, expected float32");
  check_params_refused (fixture, "one", DNN_TYPE_FLOAT32, 4, DNN_ERROR_SHAPE,
      "Module 0: param \"one\" is 4, expected 3");
  check_params_refused (fixture, NULL, DNN_TYPE_FLOAT32, 3, DNN_ERROR_VALUE,
      "Module 0: No params were given");
}

static void
test_precision (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  g_object_set (get_place (fixture, fixture->model), "precision", "int8", NULL);
  g_assert_false (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "\"int8\" is not supported"));
}

/* A build function gets the module as imported, and may compile it itself. */
static DnnModule *
build (DnnPipelineModule *module, DnnModule *source, gpointer user_data,
    GError **error)
{
  *(guint *) user_data = dnn_module_get_graph (source)->nodes->len;
  return dnn_compile_module (source, NULL, error);
}

static void
test_build (Fixture *fixture, gconstpointer data)
{
  DnnPipelineModule *place;
  guint n_nodes = 0;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  place = get_place (fixture, fixture->model);
  dnn_pipeline_module_set_build_func (place, build, &n_nodes, NULL);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_nodes, ==, 3);
  g_assert_cmpuint (count_nodes (place), <, 3);
  check_answers (fixture->config);
}

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *exported = g_build_filename (fixture->dir, "one", NULL);
  g_autofree gchar *path = NULL;
  g_autoptr (DnnPipelineConfig)
      one = dnn_compile_file (fixture->model, NULL, NULL);
  DnnPipelineModule *place;

  path = dnn_pipeline_config_export (one, exported, NULL);
  place = get_place (fixture, exported);
  g_assert_true (place == get_place (fixture, exported));
  g_assert_nonnull (dnn_pipeline_module_get_input (place, "x", NULL));
  test_folder_remove (exported);
}

static void
test_bad_files (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *missing = g_build_filename (fixture->dir, "none", NULL);
  g_autofree gchar *broken = g_build_filename (fixture->dir, "broken", NULL);
  g_autoptr (GError) error = NULL;

  onnx_writer_write_file (broken, "none", 4);
  g_assert_null (dnn_pipeline_config_get_module_for_file (
      fixture->config, missing, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, missing));
  g_clear_error (&error);
  g_assert_null (dnn_pipeline_config_get_module_for_file (
      fixture->config, broken, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, broken));
  g_assert_null (dnn_pipeline_config_get_module_at (fixture->config, 0));
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = { { "models", test_models }, { "shapes", test_shapes },
    { "open-batch", test_open_batch }, { "shapes-apart", test_shapes_apart },
    { "params", test_params }, { "params-refused", test_params_refused },
    { "precision", test_precision }, { "build", test_build },
    { "folder", test_folder }, { "bad-files", test_bad_files } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strdup_printf (
        "/compiler/module-for-file/%s", tests[i].name);
    g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
  }
  return g_test_run ();
}
