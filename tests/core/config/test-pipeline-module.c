/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pipelines built in a program: modules by naming them, handles, connections
 * that are refused, numbers by topological order, settings, build functions.
 */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-module.h"

#include "tests/core/config/pipeline-config-sample.h"
#include "tests/core/fake-ops.h"

/* Sum of all inputs, 1×4×8, as @n_outputs outputs, times a param. */
static DnnModule *
make_module (guint n_outputs, const gchar *first, const gchar *second)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("m");
  g_autoptr (GError) error = NULL;
  const gchar *last = first;
  DnnModule *module;

  fake_input (graph, first, 4, 8);
  fake_param (graph, "w", 4);
  if (second) {
    fake_input (graph, second, 4, 8);
    fake_node (graph, "Fake.Add", "sum", first, second);
    last = "sum";
  }
  fake_node (graph, "Fake.Scale", "y", last, "w");
  fake_output (graph, "y");
  if (n_outputs > 1) {
    fake_node (graph, "Fake.Relu", "z", "y");
    fake_output (graph, "z");
  }
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

typedef struct
{
  DnnModule *modules[3];
  DnnPipelineConfig *config;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->modules[0] = make_module (2, "data_0", NULL);
  fixture->modules[1] = make_module (1, "data_n_0", "data_1");
  fixture->modules[2] = make_module (1, "data_n_1", "data_n_2");
  fixture->config = dnn_pipeline_config_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    g_object_unref (fixture->modules[i]);
  g_clear_object (&fixture->config);
}

static DnnPipelineModule *
get_place (Fixture *fixture, guint idx)
{
  return dnn_pipeline_config_get_module (
      fixture->config, fixture->modules[idx]);
}

static DnnPipelineInterface *
get_input (Fixture *fixture, guint idx, const gchar *name)
{
  DnnPipelineInterface *input = dnn_pipeline_module_get_input (
      get_place (fixture, idx), name, NULL);

  g_assert_nonnull (input);
  return input;
}

static DnnPipelineInterface *
get_output (Fixture *fixture, guint idx, gint output)
{
  return dnn_pipeline_module_get_output (
      get_place (fixture, idx), output, NULL);
}

static void
connect (DnnPipelineInterface *src, DnnPipelineInterface *dst)
{
  g_autoptr (GError) error = NULL;

  dnn_pipeline_interface_connect (src, dst, &error);
  g_assert_no_error (error);
}

/* The three modules, named from the last to the first. */
static void
connect_all (Fixture *fixture)
{
  DnnPipelineConfig *config = fixture->config;

  connect (
      get_output (fixture, 2, 0), dnn_pipeline_config_get_output (config, 0));
  connect (get_output (fixture, 1, 0), get_input (fixture, 2, "data_n_1"));
  connect (get_output (fixture, 0, 1), get_input (fixture, 2, "data_n_2"));
  connect (get_output (fixture, 0, 0), get_input (fixture, 1, "data_n_0"));
  connect (dnn_pipeline_config_get_input (config, "data_a"),
      get_input (fixture, 0, "data_0"));
  connect (dnn_pipeline_config_get_input (config, "data_b"),
      get_input (fixture, 1, "data_1"));
  connect (dnn_pipeline_config_get_param_group (config, "param_0"),
      dnn_pipeline_module_get_param (get_place (fixture, 0)));
}

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
                               "  |mod0.output(0)-> mod1.data_n_0\n"
                               "  |mod0.output(1)-> mod2.data_n_2\n"
                               "  |mod1.output(0)-> mod2.data_n_1\n";

static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  g_assert_cmpint (
      dnn_pipeline_module_get_mod_idx (get_place (fixture, 2)), ==, 0);
  text = dnn_pipeline_config_to_string (fixture->config);
  g_assert_cmpstr (text, ==, printed);
  for (guint i = 0; i < 3; i++) {
    DnnPipelineModule *place = get_place (fixture, i);
    g_assert_cmpint (dnn_pipeline_module_get_mod_idx (place), ==, (gint) i);
    g_assert_true (
        place == dnn_pipeline_config_get_module_at (fixture->config, (gint) i));
    g_assert_true (
        dnn_pipeline_module_get_module (place) == fixture->modules[i]);
  }
  g_assert_null (dnn_pipeline_config_get_module_at (fixture->config, 3));
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_no_error (error);
}

/* Numbers are TVM's: rounds through the modules as they were named. Here the
 * first one named waits for the second, so the third comes before it. */
static void
test_rounds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnModule) alone = make_module (1, "x", NULL);
  DnnPipelineConfig *config = fixture->config;
  DnnPipelineModule *last = get_place (fixture, 2);
  DnnPipelineModule *first = get_place (fixture, 0);
  DnnPipelineModule *other = dnn_pipeline_config_get_module (config, alone);

  connect (get_output (fixture, 0, 0), get_input (fixture, 2, "data_n_1"));
  for (guint i = 0; i < 2; i++) {
    const GPtrArray *stages = dnn_pipeline_config_get_stages (config);
    g_free (dnn_pipeline_config_to_string (config));
    g_assert_cmpint (dnn_pipeline_module_get_mod_idx (first), ==, 0);
    g_assert_cmpint (dnn_pipeline_module_get_mod_idx (other), ==, 1);
    g_assert_cmpint (dnn_pipeline_module_get_mod_idx (last), ==, 2);
    if (i == 1) /* nothing has changed, so what was given stays valid */
      g_assert_true (stages == dnn_pipeline_config_get_stages (config));
  }
  connect (get_output (fixture, 0, 1),
      dnn_pipeline_module_get_input (other, "x", NULL));
  connect (dnn_pipeline_module_get_output (other, 0, NULL),
      get_input (fixture, 2, "data_n_2"));
  g_free (dnn_pipeline_config_to_string (config));
  g_assert_cmpint (dnn_pipeline_module_get_mod_idx (other), ==, 1);
}

/* What was connected after numbers changed meets the right modules. */
static void
test_connect_after_numbering (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *before = NULL, *after = NULL;
  DnnPipelineInterface *output;

  connect (get_output (fixture, 1, 0), get_input (fixture, 2, "data_n_1"));
  connect (get_output (fixture, 0, 0), get_input (fixture, 1, "data_n_0"));
  output = get_output (fixture, 0, 1);
  before = dnn_pipeline_interface_to_string (output);
  g_assert_cmpstr (before, ==, "output 1 of module 2");
  g_free (dnn_pipeline_config_to_string (fixture->config));
  after = dnn_pipeline_interface_to_string (output);
  g_assert_cmpstr (after, ==, "output 1 of module 0");
  connect (output, get_input (fixture, 2, "data_n_2"));
  g_assert_true (output == get_output (fixture, 0, 1));
}

static void
test_get_config (Fixture *fixture, gconstpointer data)
{
  static const gchar *const expected[] = { "\"module_connection\"",
    "\"input_connection\"", "\"param_connection\"",
    "\"global_param_name\" : \"param_0\"", "\"input_name\" : \"data_n_2\"" };
  g_autofree gchar *text = NULL, *none = NULL;
  g_autoptr (GError) error = NULL;

  none = dnn_pipeline_config_get_config (fixture->config, &error);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNBOUND);
  g_assert_cmpstr (error->message, ==, "The pipeline has no modules");
  g_clear_error (&error);
  connect_all (fixture);
  text = dnn_pipeline_config_get_config (fixture->config, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_nonnull (strstr (text, expected[i]));
}

static void
test_export (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *folder = g_build_filename (dir, "new", NULL);
  g_autofree gchar *path = NULL, *text = NULL;
  g_autoptr (DnnPipelineConfig) loaded = NULL;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  g_object_set (get_place (fixture, 1), "threads", 3, "cpu-affinity", "0",
      "precision", "f32", "queue-depth", 4, "instances", 2, NULL);
  g_object_set (get_place (fixture, 2), "instances", DNN_INSTANCES_AUTO, NULL);
  path = dnn_pipeline_config_export_library (fixture->config, folder, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (path, "/new/config"));
  loaded = dnn_pipeline_config_load_library (path, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_pipeline_config_equal (loaded, fixture->config));
  text = dnn_pipeline_config_to_string (loaded);
  g_assert_cmpstr (text, ==, printed);
  test_folder_remove (dir);
}

/* Loaded files keep their numbers, and are places like any other. */
static void
test_loaded (Fixture *fixture, gconstpointer data)
{
  DnnPipelineModule *place;
  g_autofree gchar *device = NULL, *affinity = NULL;
  gint threads, depth, instances, mod_idx;
  g_autoptr (DnnModule) source = NULL;
  g_autofree gchar *file = NULL;

  dnn_pipeline_config_add_module (fixture->config, 4, fixture->modules[0]);
  dnn_pipeline_config_add_module (fixture->config, 9, fixture->modules[1]);
  dnn_pipeline_config_get_stage (fixture->config, 9)->threads = 5;
  g_assert_null (dnn_pipeline_config_get_module_at (fixture->config, 0));
  place = dnn_pipeline_config_get_module_at (fixture->config, 9);
  g_assert_true (place == get_place (fixture, 1));
  g_free (dnn_pipeline_config_to_string (fixture->config));
  g_object_get (place, "mod-idx", &mod_idx, "device", &device, "threads",
      &threads, "cpu-affinity", &affinity, "queue-depth", &depth, "instances",
      &instances, "source", &source, "path", &file, NULL);
  g_assert_true (source == fixture->modules[1]);
  g_assert_null (file);
  g_assert_cmpint (mod_idx, ==, 9);
  g_assert_cmpstr (device, ==, "cpu");
  g_assert_cmpstr (affinity, ==, "");
  g_assert_cmpint (threads, ==, 5);
  g_assert_cmpint (depth, ==, 0);
  g_assert_cmpint (instances, ==, 0);
}

static void
test_element (Fixture *fixture, gconstpointer data)
{
  DnnPipelineModule *place = dnn_pipeline_config_append_element (
      fixture->config, "identity");
  g_autoptr (GError) error = NULL;

  connect (get_output (fixture, 0, 0),
      dnn_pipeline_module_get_input (place, "0", NULL));
  g_assert_cmpstr (dnn_pipeline_module_get_element (place), ==, "identity");
  g_assert_null (dnn_pipeline_module_get_module (place));
  g_assert_null (dnn_pipeline_module_get_input (place, "x", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_clear_error (&error);
  dnn_pipeline_interface_connect (
      dnn_pipeline_config_get_param_group (fixture->config, "p"),
      dnn_pipeline_module_get_param (place), &error);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_PARAM_TARGET);
}

/* ---- what is refused ---------------------------------------------------- */

/* With the calls nested in one error: the first one's stays. */
static void
test_unknown_names (Fixture *fixture, gconstpointer data)
{
  DnnPipelineModule *place = get_place (fixture, 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_interface_connect (
      dnn_pipeline_module_get_output (place, 9, &error),
      dnn_pipeline_module_get_input (place, "data_9", &error), &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_clear_error (&error);
  g_assert_null (dnn_pipeline_module_get_output (place, 9, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_cmpstr (
      error->message, ==, "Module 0 has no output 9 (outputs: 0 to 1)");
  g_clear_error (&error);
  g_assert_null (dnn_pipeline_module_get_input (place, "data_9", &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME);
  g_assert_cmpstr (error->message, ==,
      "\"data_9\" is no input of module 0 (inputs: \"data_0\")");
}

static void
check_refused (
    DnnPipelineInterface *src, DnnPipelineInterface *dst, DnnError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_interface_connect (src, dst, &error));
  g_assert_error (error, DNN_ERROR, (gint) code);
}

/* The texts are tested with dnn_pipeline_config_bind(). */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  DnnPipelineInterface *x = get_input (fixture, 0, "data_0");
  DnnPipelineInterface *y = get_output (fixture, 0, 0);
  DnnPipelineInterface *other = get_input (fixture, 1, "data_1");
  DnnPipelineInterface *in = dnn_pipeline_config_get_input (
      fixture->config, "data_a");
  DnnPipelineInterface *out = dnn_pipeline_config_get_output (
      fixture->config, 0);
  DnnPipelineInterface *group = dnn_pipeline_config_get_param_group (
      fixture->config, "param_0");

  check_refused (y, x, DNN_ERROR_OWN_MODULE);
  check_refused (x, x, DNN_ERROR_START);
  check_refused (x, other, DNN_ERROR_START);
  check_refused (out, x, DNN_ERROR_START);
  check_refused (y, in, DNN_ERROR_OUTPUT_TARGET);
  check_refused (y, get_output (fixture, 1, 0), DNN_ERROR_OUTPUT_TARGET);
  check_refused (in, y, DNN_ERROR_INPUT_TARGET);
  check_refused (in, out, DNN_ERROR_INPUT_TARGET);
  check_refused (group, x, DNN_ERROR_PARAM_TARGET);
  connect (y, other);
  check_refused (in, other, DNN_ERROR_TWO_SOURCES);
  check_refused (get_output (fixture, 1, 0), x, DNN_ERROR_CYCLE);
  connect (get_output (fixture, 1, 0), out);
  check_refused (y, out, DNN_ERROR_TWO_SOURCES);
}

static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnPipelineConfig) other = dnn_pipeline_config_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_interface_connect (
      dnn_pipeline_config_get_input (other, "data_a"),
      get_input (fixture, 0, "data_0"), &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_assert_cmpstr (
      error->message, ==, "The interfaces belong to different pipelines");
}

/* The configuration lives as long as somebody holds it, a copy of an interface,
 * or a place; a place that nobody holds goes with it. */
static void
test_lifetime (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnPipelineModule) place = g_object_ref (get_place (fixture, 0));
  DnnPipelineInterface *copy = dnn_pipeline_interface_copy (
      get_input (fixture, 0, "data_0"));
  g_autoptr (DnnPipelineInterface)
      again = g_boxed_copy (DNN_TYPE_PIPELINE_INTERFACE, copy);
  DnnPipelineConfig *config = fixture->config;

  g_object_add_weak_pointer (G_OBJECT (config), (gpointer *) &config);
  g_clear_object (&fixture->config);
  g_assert_nonnull (config);
  g_assert_cmpint (dnn_pipeline_module_get_mod_idx (place), ==, 0);
  connect (dnn_pipeline_config_get_input (config, "a"), copy);
  g_clear_pointer (&copy, dnn_pipeline_interface_free);
  g_assert_nonnull (config);
  g_clear_pointer (&again, dnn_pipeline_interface_free);
  g_assert_nonnull (config);
  g_assert_cmpint (dnn_pipeline_module_get_mod_idx (place), ==, 0);
  g_clear_object (&place);
  g_assert_null (config);
}

/* Held several times, at once and again. */
static void
test_held_place (Fixture *fixture, gconstpointer data)
{
  DnnPipelineConfig *config = fixture->config;
  DnnPipelineModule *place = get_place (fixture, 0);

  g_object_add_weak_pointer (G_OBJECT (config), (gpointer *) &config);
  for (guint i = 0; i < 3; i++) {
    g_object_ref (place);
    g_object_ref (place);
    g_object_unref (place);
    if (i < 2)
      g_object_unref (place);
  }
  g_clear_object (&fixture->config);
  g_assert_nonnull (config);
  g_object_set (place, "threads", 2, NULL);
  g_object_unref (place);
  g_assert_null (config);
}

/* "output 0 of module 1" of each, in order, with "; " between. */
static void
assert_bindings (DnnPipelineInterface *interface, const gchar *expected)
{
  g_autoptr (GPtrArray) ends = dnn_pipeline_interface_get_bindings (interface);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < ends->len; i++) {
    g_autofree gchar *end = dnn_pipeline_interface_to_string (ends->pdata[i]);
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", end);
  }
  g_assert_cmpstr (text->str, ==, expected);
}

/* What a handle says of itself. */
static void
test_handles (Fixture *fixture, gconstpointer data)
{
  DnnPipelineConfig *config = fixture->config;
  DnnPipelineInterface *group = dnn_pipeline_config_get_param_group (
      config, "g");
  DnnPipelineInterface *params = dnn_pipeline_module_get_param (
      get_place (fixture, 2));
  const struct
  {
    DnnPipelineInterface *interface;
    const gchar *io_type, *name, *bindings;
  } rows[] = {
    { dnn_pipeline_config_get_input (config, "data_a"), "input", "data_a",
        "input \"data_0\" of module 1" },
    { get_input (fixture, 0, "data_0"), "input", "data_0",
        "global input \"data_a\"" },
    { get_output (fixture, 0, 0), "output", "0",
        "input \"data_n_0\" of module 2" },
    { dnn_pipeline_config_get_output (config, 0), "output", "0",
        "output 0 of module 0" },
    { dnn_pipeline_config_get_output (config, 9), "output", "9", "" },
    { group, "param", "g", "the params of module 0" },
    { params, "param", "param", "param group \"g\"" },
  };

  connect_all (fixture);
  connect (group, params);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = dnn_pipeline_interface_get_name (
        rows[i].interface);
    g_assert_cmpstr (dnn_pipeline_interface_get_io_type (rows[i].interface), ==,
        rows[i].io_type);
    g_assert_cmpstr (name, ==, rows[i].name);
    assert_bindings (rows[i].interface, rows[i].bindings);
  }
}

/* ---- settings and building ---------------------------------------------- */

typedef struct
{
  const gchar *name;
  const gchar *property, *value;
  DnnError code;
  const gchar *message;
} Setting;

static const Setting settings[] = {
  { "no-device", "device", "gpu", DNN_ERROR_VALUE,
      "Module 0: \"gpu\" is no device, expected \"cpu\" or \"TYPE,ID\" as in "
      "\"1,0\"" },
  { "cpu-of-words", "device", "cpu:a", DNN_ERROR_VALUE,
      "\"cpu:a\" is no device" },
  { "cuda", "device", "2,0", DNN_ERROR_UNSUPPORTED,
      "Module 0 is for device type 2; only type 1, the CPU, runs modules" },
  { "no-list-of-cpus", "cpu-affinity", "a", DNN_ERROR_VALUE,
      "Module 0: cpu_affinity \"a\" is no list of CPUs" },
  { "foreign-cpu", "cpu-affinity", "1023", DNN_ERROR_VALUE,
      "Module 0: cpu_affinity \"1023\": CPU 1023 is none that this process "
      "may use" },
  { "no-precision", "precision", "f31", DNN_ERROR_VALUE,
      "Module 0: \"f31\" is no precision (\"f32\", \"bf16\", \"int8\")" },
  { "precision-to-come", "precision", "int8", DNN_ERROR_UNSUPPORTED,
      "Module 0: precision \"int8\" is not supported" },
};

static void
test_setting (Fixture *fixture, gconstpointer data)
{
  const Setting *row = data;
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  g_object_set (get_place (fixture, 0), row->property, row->value, NULL);
  g_assert_false (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_nonnull (strstr (error->message, row->message));
  g_clear_error (&error);
  g_assert_false (
      dnn_pipeline_module_check_settings (get_place (fixture, 0), &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
}

static void
test_devices (Fixture *fixture, gconstpointer data)
{
  static const gchar *const devices[] = { "cpu", "cpu:0", "1,0", "1", "",
    "1;1" };
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++) {
    g_object_set (get_place (fixture, 0), "device", devices[i], NULL);
    g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
    g_assert_no_error (error);
  }
  g_assert_cmpint (
      dnn_pipeline_config_get_stage (fixture->config, 0)->dev_id, ==, 1);
}

/* What the build function of a test answers, and how often it was asked. */
typedef struct
{
  DnnModule *answer;
  GQuark domain;
  guint n_calls;
  gboolean is_gone;
} Answer;

static DnnModule *
answer (DnnPipelineModule *module, DnnModule *source, gpointer user_data,
    GError **error)
{
  Answer *self = user_data;

  self->n_calls++;
  if (self->domain)
    g_set_error_literal (error, self->domain, 7, "quantisation failed");
  return self->answer ? g_object_ref (self->answer) : NULL;
}

static void
note_gone (gpointer user_data)
{
  ((Answer *) user_data)->is_gone = TRUE;
}

static void
test_build (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DnnModule) other = make_module (2, "data_0", NULL);
  Answer self = { other };
  g_autoptr (GError) error = NULL;

  connect_all (fixture);
  dnn_pipeline_module_set_build_func (
      get_place (fixture, 0), answer, &self, note_gone);
  for (guint i = 0; i < 2; i++)
    g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_cmpuint (self.n_calls, ==, 1);
  g_assert_true (
      dnn_pipeline_module_get_module (get_place (fixture, 0)) == other);
  g_object_set (get_place (fixture, 0), "threads", 2, NULL);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_cmpuint (self.n_calls, ==, 2);
  dnn_pipeline_module_set_build_func (get_place (fixture, 0), NULL, NULL, NULL);
  g_assert_true (self.is_gone);
  g_assert_true (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_true (dnn_pipeline_module_get_module (get_place (fixture, 0)) ==
      fixture->modules[0]);
}

static void
check_build (Fixture *fixture, DnnModule *built, GQuark domain, GQuark expected,
    gint code, const gchar *text)
{
  Answer self = { built, domain };
  g_autoptr (GError) error = NULL;

  dnn_pipeline_module_set_build_func (
      get_place (fixture, 0), answer, &self, NULL);
  g_assert_false (dnn_pipeline_config_build (fixture->config, &error));
  g_assert_error (error, expected, code);
  g_assert_cmpstr (error->message, ==, text);
  g_assert_true (dnn_pipeline_module_get_module (get_place (fixture, 0)) ==
      fixture->modules[0]);
}

static DnnModule *
make_narrow_module (gint64 c, gint64 l)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("narrow");

  fake_input (graph, "data_0", c, l);
  fake_node (graph, "Fake.Relu", "y", "data_0");
  fake_output (graph, "y");
  fake_output (graph, "y");
  return dnn_module_new (graph, NULL);
}

static void
test_build_refused (Fixture *fixture, gconstpointer data)
{
  GQuark own = g_quark_from_static_string ("test");
  g_autoptr (DnnModule) one = make_module (1, "data_0", NULL);
  g_autoptr (DnnModule) renamed = make_module (2, "data", NULL);
  g_autoptr (DnnModule) narrow = make_narrow_module (4, 7);

  connect_all (fixture);
  check_build (fixture, NULL, own, own, 7, "quantisation failed");
  check_build (fixture, NULL, 0, DNN_ERROR, DNN_ERROR_FAILED,
      "Module 0: its build function made nothing");
  check_build (fixture, one, 0, DNN_ERROR, DNN_ERROR_GRAPH,
      "Module 0: what was built has 1 inputs and 1 outputs, expected 1 and 2");
  check_build (fixture, renamed, 0, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "Module 0: what was built has no input \"data_0\"");
  check_build (fixture, narrow, 0, DNN_ERROR, DNN_ERROR_SHAPE,
      "Module 0: input \"data_0\" is float32 1×4×7 in what was built, "
      "expected float32 1×4×8");
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = { { "order", test_order }, { "rounds", test_rounds },
    { "connect-after-numbering", test_connect_after_numbering },
    { "get-config", test_get_config }, { "export", test_export },
    { "loaded", test_loaded }, { "element", test_element },
    { "unknown-names", test_unknown_names }, { "refused", test_refused },
    { "foreign", test_foreign }, { "lifetime", test_lifetime },
    { "handles", test_handles }, { "held-place", test_held_place },
    { "devices", test_devices }, { "build", test_build },
    { "build-refused", test_build_refused } };

  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strdup_printf (
        "/core/pipeline-module/%s", tests[i].name);
    g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
  }
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree gchar *path = g_strdup_printf (
        "/core/pipeline-module/setting/%s", settings[i].name);
    g_test_add (path, Fixture, &settings[i], set_up, test_setting, tear_down);
  }
  return g_test_run ();
}
