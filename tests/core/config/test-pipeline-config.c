/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Configurations in memory: each rule of a legal binding with its code and
 * text, order, gaps, what is written reads back equal. */
#include "config.h"

#include "tests/core/config/pipeline-config-sample.h"
#include "tests/core/rounds.h"

static DnnModule *
make_module (DnnGraph *graph)
{
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *json = g_build_filename (dir, "json", NULL);
  g_autofree gchar *params_path = g_build_filename (dir, "params", NULL);
  g_autofree gchar *lib = g_build_filename (dir, SAMPLE_LIB, NULL);
  g_autofree gchar *text = dnn_graph_to_json (graph);
  g_autoptr (DnnParams) params = dnn_graph_get_params (graph);
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  sample_write (dir, "json", text);
  sample_write_lib (dir);
  g_assert_true (dnn_params_write (params, params_path, NULL));
  module = dnn_module_new_from_files (json, params_path, lib, &error);
  g_assert_no_error (error);
  test_folder_remove (dir);
  return module;
}

/* Modules 0, 1 and 2 of the sample, and element 7; no bindings. */
static DnnPipelineConfig *
make_config (void)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();

  for (gint i = 2; i >= 0; i--) {
    g_autoptr (DnnGraph) graph = sample_graph (sample_inputs[i], i ? 1 : 2);
    g_autoptr (DnnModule) module = make_module (graph);
    dnn_pipeline_config_add_module (config, i, module);
  }
  dnn_pipeline_config_add_element (config, 7, "identity silent=true");
  return config;
}

/* "a": global input; "1.x": module input; "1:0": module output; ":0": global
 * output; "$p": param group; "1$": the params of module 1. */
static DnnInterface
parse_interface (const gchar *text)
{
  DnnInterface end = { DNN_INTERFACE_GLOBAL_INPUT, 0, 0, (gchar *) text };
  gchar *rest = (gchar *) text;

  if (text[0] == '$') {
    end.kind = DNN_INTERFACE_PARAM_GROUP;
    end.name++;
    return end;
  }
  if (text[0] != ':' && !g_ascii_isdigit (text[0]) && text[0] != '-')
    return end;
  if (text[0] != ':')
    end.mod_idx = strtol (text, &rest, 10);
  end.name = rest + 1;
  end.index = atoi (end.name);
  end.kind = text[0] == ':' ? DNN_INTERFACE_GLOBAL_OUTPUT
      : *rest == '.'        ? DNN_INTERFACE_MODULE_INPUT
      : *rest == ':'        ? DNN_INTERFACE_MODULE_OUTPUT
                            : DNN_INTERFACE_MODULE_PARAMS;
  return end;
}

/* "a>0.data_0 0:0>1.data_n_0" */
static void
bind_all (DnnPipelineConfig *config, const gchar *text)
{
  g_auto (GStrv) binds = g_strsplit (text, " ", -1);

  for (guint i = 0; text[0] && binds[i]; i++) {
    g_auto (GStrv) ends = g_strsplit (binds[i], ">", 2);
    DnnInterface src = parse_interface (ends[0]);
    DnnInterface dst = parse_interface (ends[1]);
    g_autoptr (GError) error = NULL;
    dnn_pipeline_config_bind (config, &src, &dst, &error);
    g_assert_no_error (error);
  }
}

#define WHOLE                                                           \
  "a>0.data_0 b>1.data_1 0:0>1.data_n_0 1:0>2.data_n_1 0:1>2.data_n_2 " \
  "2:0>7.0 7:0>:0 $p>0$"

typedef struct
{
  const gchar *name;
  const gchar *before;
  const gchar *src, *dst;
  DnnError code;
  const gchar *message;
} Row;

static const Row rules[] = {
  { "own-module", "", "1:0", "1.data_1", DNN_ERROR_OWN_MODULE,
      "Module 1 can't be bound to itself (output 0 to input \"data_1\")" },
  { "cycle-of-two", "0:0>1.data_1", "1:0", "0.data_0", DNN_ERROR_CYCLE,
      "The binding closes a cycle: module 1 → module 0 → module 1" },
  { "cycle-of-three", "0:0>1.data_1 1:0>2.data_n_1", "2:0", "0.data_0",
      DNN_ERROR_CYCLE,
      "The binding closes a cycle: module 2 → module 0 → module 1 → module "
      "2" },
  { "cycle-with-element", "7:0>0.data_0", "0:0", "7.0", DNN_ERROR_CYCLE,
      "The binding closes a cycle: module 0 → module 7 → module 0" },
  { "module-input-as-start", "", "0.data_0", "1.data_1", DNN_ERROR_START,
      "A binding can't start at input \"data_0\" of module 0: modules give "
      "outputs only" },
  { "global-output-as-start", "", ":0", "1.data_1", DNN_ERROR_START,
      "A binding can't start at global output 0: it is where bindings end" },
  { "params-as-start", "", "0$", "1$", DNN_ERROR_START,
      "A binding can't start at the params of module 0: it starts at the "
      "param group" },
  { "output-to-output", "", "0:0", "1:0", DNN_ERROR_OUTPUT_TARGET,
      "Output 0 of module 0 can be bound to a module's input or to a global "
      "output only, not to output 0 of module 1" },
  { "output-to-global-input", "", "0:0", "a", DNN_ERROR_OUTPUT_TARGET,
      "Output 0 of module 0 can be bound to a module's input or to a global "
      "output only, not to global input \"a\"" },
  { "output-to-params", "", "0:0", "1$", DNN_ERROR_OUTPUT_TARGET,
      "Output 0 of module 0 can be bound to a module's input or to a global "
      "output only, not to the params of module 1" },
  { "global-input-to-output", "", "a", "0:0", DNN_ERROR_INPUT_TARGET,
      "Global input \"a\" can be bound to inputs of modules only, not to "
      "output 0 of module 0" },
  { "global-input-to-global-output", "", "a", ":0", DNN_ERROR_INPUT_TARGET,
      "Global input \"a\" can be bound to inputs of modules only, not to "
      "global output 0" },
  { "global-input-to-params", "", "a", "0$", DNN_ERROR_INPUT_TARGET,
      "Global input \"a\" can be bound to inputs of modules only, not to the "
      "params of module 0" },
  { "param-group-to-input", "", "$p", "0.data_0", DNN_ERROR_PARAM_TARGET,
      "Param group \"p\" can be bound to the params of a module only, not to "
      "input \"data_0\" of module 0" },
  { "param-group-to-output", "", "$p", ":0", DNN_ERROR_PARAM_TARGET,
      "Param group \"p\" can be bound to the params of a module only, not to "
      "global output 0" },
  { "param-group-to-element", "", "$p", "7$", DNN_ERROR_PARAM_TARGET,
      "Module 7 is an element: it has no params" },
  { "unknown-module", "", "a", "3.data_0", DNN_ERROR_UNKNOWN_NAME,
      "There is no module 3 (modules: 0, 1, 2, 7)" },
  { "unknown-start-module", "", "3:0", "0.data_0", DNN_ERROR_UNKNOWN_NAME,
      "There is no module 3 (modules: 0, 1, 2, 7)" },
  { "unknown-input", "", "0:0", "2.data1", DNN_ERROR_UNKNOWN_NAME,
      "\"data1\" is no input of module 2 (inputs: \"data_n_1\", "
      "\"data_n_2\")" },
  { "param-as-input", "", "0:0", "2.weight", DNN_ERROR_UNKNOWN_NAME,
      "\"weight\" is a param, not an input of module 2 (inputs: "
      "\"data_n_1\", \"data_n_2\")" },
  { "unknown-output", "", "0:2", "1.data_1", DNN_ERROR_UNKNOWN_NAME,
      "Module 0 has no output 2 (outputs: 0 to 1)" },
  { "negative-output", "", "0:-1", "1.data_1", DNN_ERROR_UNKNOWN_NAME,
      "Module 0 has no output -1 (outputs: 0 to 1)" },
  { "unknown-element-input", "", "0:0", "7.x", DNN_ERROR_UNKNOWN_NAME,
      "\"x\" is no input of module 7, an element (inputs: \"0\", \"1\", …)" },
  { "element-input-zeros", "", "0:0", "7.00", DNN_ERROR_UNKNOWN_NAME,
      "\"00\" is no input of module 7, an element (inputs: \"0\", \"1\", …)" },
  { "global-output-number", "", "0:0", ":256", DNN_ERROR_VALUE,
      "256 is no number of a global output (0 to 255)" },
  { "empty-global-input", "", "", "0.data_0", DNN_ERROR_VALUE,
      "The name is empty" },
  { "two-sources", "0:0>1.data_1", "a", "1.data_1", DNN_ERROR_TWO_SOURCES,
      "Input \"data_1\" of module 1 is bound to output 0 of module 0 "
      "already" },
  { "same-binding-twice", "0:0>1.data_1", "0:0", "1.data_1",
      DNN_ERROR_TWO_SOURCES,
      "Input \"data_1\" of module 1 is bound to output 0 of module 0 "
      "already" },
  { "two-sources-of-output", "0:0>:0", "1:0", ":0", DNN_ERROR_TWO_SOURCES,
      "Global output 0 is bound to output 0 of module 0 already" },
  { "group-twice", "$p>0$", "$p", "0$", DNN_ERROR_TWO_SOURCES,
      "The params of module 0 are in param group \"p\" already" },
};

static void
test_rule (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (DnnPipelineConfig) config = make_config ();
  DnnInterface src = parse_interface (row->src);
  DnnInterface dst = parse_interface (row->dst);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *before = NULL, *after = NULL;

  bind_all (config, row->before);
  before = dnn_pipeline_config_to_string (config);
  g_assert_false (dnn_pipeline_config_bind (config, &src, &dst, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_cmpstr (error->message, ==, row->message);
  after = dnn_pipeline_config_to_string (config);
  g_assert_cmpstr (before, ==, after);
}

/* ---- types and shapes ------------------------------------------------------
 */

typedef struct
{
  const gchar *name;
  DnnType type;
  DnnShape shape; /* of the input that 0:0, float32 1×4, is bound to */
  gint code; /* -1: legal */
  const gchar *message;
} FitRow;

static const FitRow fits[] = {
  { "same", DNN_TYPE_FLOAT32, { 2, { 1, 4 } }, -1, NULL },
  { "open-dimension", DNN_TYPE_FLOAT32, { 2, { -1, 4 } }, -1, NULL },
  { "unknown-rank", DNN_TYPE_FLOAT32, { -1 }, -1, NULL },
  { "other-type", DNN_TYPE_INT32, { 2, { 1, 4 } }, DNN_ERROR_TYPE,
      "Types differ: output 0 of module 0 is float32, input \"x\" of module 9 "
      "is int32" },
  { "other-dimension", DNN_TYPE_FLOAT32, { 2, { 1, 5 } }, DNN_ERROR_SHAPE,
      "Shapes differ: output 0 of module 0 is 1×4, input \"x\" of module 9 is "
      "1×5" },
  { "other-rank", DNN_TYPE_FLOAT32, { 3, { 1, 4, -1 } }, DNN_ERROR_SHAPE,
      "Shapes differ: output 0 of module 0 is 1×4, input \"x\" of module 9 is "
      "1×4×?" },
};

static void
add_fit_module (DnnPipelineConfig *config, gint mod_idx, const FitRow *row)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("fit");
  g_autoptr (DnnModule) module = NULL;

  dnn_graph_add_output (
      graph, "y", dnn_graph_add_input (graph, "x", row->type, &row->shape));
  module = make_module (graph);
  dnn_pipeline_config_add_module (config, mod_idx, module);
}

static void
test_fit (gconstpointer data)
{
  const FitRow *row = data;
  g_autoptr (DnnPipelineConfig) config = make_config ();
  DnnInterface src = parse_interface ("0:0"), dst = parse_interface ("9.x");
  g_autoptr (GError) error = NULL;

  add_fit_module (config, 9, row);
  dnn_pipeline_config_bind (config, &src, &dst, &error);
  if (row->code < 0) {
    g_assert_no_error (error);
    return;
  }
  g_assert_error (error, DNN_ERROR, row->code);
  g_assert_cmpstr (error->message, ==, row->message);
}

/* One global input may feed several modules, if they agree. */
static void
test_shared_input (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config ();
  DnnInterface src = parse_interface ("a"), dst = parse_interface ("9.x");
  g_autoptr (GError) error = NULL;

  add_fit_module (config, 9, &fits[3]);
  bind_all (config, "a>0.data_0 a>1.data_1");
  g_assert_cmpuint (dnn_pipeline_config_get_inputs (config)->len, ==, 1);
  g_assert_false (dnn_pipeline_config_bind (config, &src, &dst, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_TYPE);
  g_assert_cmpstr (error->message, ==,
      "Types differ: input \"data_0\" of module 0 is float32, input \"x\" of "
      "module 9 is int32");
}

/* ---- order, gaps, text
 * ------------------------------------------------------- */

static gchar *
print_order (DnnPipelineConfig *config)
{
  const GPtrArray *stages = dnn_pipeline_config_get_stages (config);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < stages->len; i++)
    g_string_append_printf (
        text, "%s%d", i ? " " : "", ((DnnStage *) stages->pdata[i])->mod_idx);
  return g_string_free (text, FALSE);
}

static void
test_order (void)
{
  static const gchar *const cases[][2] = {
    { "", "0 1 2 7" },
    { "7:0>0.data_0", "1 2 7 0" },
    { "2:0>1.data_1 1:0>0.data_0", "2 1 0 7" },
    { WHOLE, "0 1 2 7" },
    { "1:0>7.0 7:0>7.1", NULL },
  };

  for (guint i = 0; cases[i][1]; i++) {
    g_autoptr (DnnPipelineConfig) config = make_config ();
    g_autofree gchar *before = print_order (config);
    g_autofree gchar *order = NULL;
    g_assert_cmpstr (before, ==, "0 1 2 7");
    bind_all (config, cases[i][0]);
    order = print_order (config);
    g_assert_cmpstr (order, ==, cases[i][1]);
  }
}

static void
test_gaps (void)
{
  static const gchar *const cases[][2] = {
    { WHOLE, NULL },
    { "", "Input \"data_0\" of module 0 has no binding" },
    { "a>0.data_0 b>1.data_1 0:0>1.data_n_0 1:0>2.data_n_1 2:0>7.0 7:0>:0",
        "Input \"data_n_2\" of module 2 has no binding" },
    { "a>0.data_0 b>1.data_1 0:0>1.data_n_0 1:0>2.data_n_1 0:1>2.data_n_2 "
      "2:0>:0",
        "Input \"0\" of module 7 has no binding" },
    { "a>0.data_0 b>1.data_1 0:0>1.data_n_0 1:0>2.data_n_1 0:1>2.data_n_2 "
      "2:0>7.1 7:0>:0",
        "Input \"0\" of module 7 has no binding" },
    { "a>0.data_0 b>1.data_1 0:0>1.data_n_0 1:0>2.data_n_1 0:1>2.data_n_2 "
      "2:0>7.0",
        "The pipeline has no global output" },
    { "a>0.data_0 b>1.data_1 0:0>1.data_n_0 1:0>2.data_n_1 0:1>2.data_n_2 "
      "2:0>7.0 7:0>:0 7:1>:2",
        "Global output 1 has no binding, though 2 global outputs exist" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (DnnPipelineConfig) config = make_config ();
    g_autoptr (GError) error = NULL;
    gboolean is_whole;
    bind_all (config, cases[i][0]);
    is_whole = dnn_pipeline_config_check (config, &error);
    g_assert_cmpint (is_whole, ==, !cases[i][1]);
    if (is_whole)
      continue;
    g_assert_error (error, DNN_ERROR, DNN_ERROR_UNBOUND);
    g_assert_cmpstr (error->message, ==, cases[i][1]);
  }
}

static void
test_no_modules (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_config_check (config, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNBOUND);
  g_assert_cmpstr (error->message, ==, "The pipeline has no modules");
}

/* One more than can be read back. */
static void
check_most_bindings (DnnPipelineConfig *config)
{
  g_autoptr (GError) error = NULL;
  DnnInterface dst = { DNN_INTERFACE_MODULE_INPUT, 0, 0, NULL };
  DnnInterface src = { DNN_INTERFACE_GLOBAL_INPUT, 0, 0, (gchar *) "a" };

  for (gint i = 0; i <= DNN_MAX_BINDINGS; i++) {
    g_autofree gchar *name = g_strdup_printf ("%d", i / 17);
    dst.mod_idx = i % 17;
    dst.name = name;
    g_assert_true (dnn_pipeline_config_bind (config, &src, &dst, NULL));
  }
  g_assert_false (dnn_pipeline_config_check (config, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==,
      "The pipeline has 4097 bindings, at most 4096 are supported");
}

static void
test_limits (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (GError) error = NULL;

  for (gint i = 0; i <= DNN_MAX_BINDINGS / DNN_MAX_STAGES; i++)
    dnn_pipeline_config_add_element (config, i, "identity");
  /* Each is compared with all others: minutes under valgrind. */
  if (get_rounds (DNN_MAX_BINDINGS) == DNN_MAX_BINDINGS)
    check_most_bindings (config);
  for (gint i = 0; i < DNN_MAX_STAGES; i++)
    dnn_pipeline_config_add_element (config, 100 + i, "identity");
  g_assert_false (dnn_pipeline_config_check (config, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==,
      "The pipeline has 273 modules, at most 256 are supported");
}

static void
test_to_string (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config ();
  g_autofree gchar *text = NULL;

  bind_all (config, WHOLE " 0:0>:1 $q>0$ $p>2$");
  text = dnn_pipeline_config_to_string (config);
  g_assert_cmpstr (text, ==,
      "Params\n"
      "  |p: mod0:param mod2:param\n"
      "  |q: mod0:param\n"
      "\n"
      "Inputs\n"
      "  |a: mod0:data_0\n"
      "  |b: mod1:data_1\n"
      "\n"
      "output\n"
      "  |output(0) : mod7.output(0)\n"
      "  |output(1) : mod0.output(0)\n"
      "\n"
      "connections\n"
      "  |mod0.output(0)-> mod1.data_n_0\n"
      "  |mod0.output(1)-> mod2.data_n_2\n"
      "  |mod1.output(0)-> mod2.data_n_1\n"
      "  |mod2.output(0)-> mod7.0\n");
}

/* By destination, whatever the order in which they were made. */
static void
test_bindings (void)
{
  g_autoptr (DnnPipelineConfig) config = make_config ();
  g_autoptr (GString) text = g_string_new (NULL);
  const GPtrArray *binds;

  bind_all (config,
      "7:0>:0 2:0>7.0 0:1>2.data_n_2 1:0>2.data_n_1 $p>0$ "
      "b>1.data_1 0:0>1.data_n_0 a>0.data_0");
  binds = dnn_pipeline_config_get_bindings (config);
  for (guint i = 0; i < binds->len; i++) {
    const DnnInterface *dst = &((DnnBind *) binds->pdata[i])->dst;
    g_string_append_printf (
        text, "%d.%s ", dst->mod_idx, dst->name ? dst->name : "");
  }
  g_assert_cmpstr (text->str, ==,
      "0.data_0 1.data_n_0 1.data_1 2.data_n_1 2.data_n_2 7.0 0. 0. ");
  g_assert_cmpuint (dnn_pipeline_config_get_n_outputs (config), ==, 1);
  g_assert_cmpstr (dnn_pipeline_config_get_inputs (config)->pdata[0], ==, "b");
  g_assert_nonnull (dnn_pipeline_config_get_stage (config, 7)->element);
  g_assert_null (dnn_pipeline_config_get_stage (config, 3));
}

/* ---- writing
 * ------------------------------------------------------------------ */

static DnnPipelineConfig *
read_config (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnPipelineConfig *config = dnn_pipeline_config_new_from_file (path, &error);

  g_assert_no_error (error);
  return config;
}

/* With every setting a stage can have, read from files that can be copied. */
static DnnPipelineConfig *
make_whole (gchar **dir)
{
  DnnPipelineConfig *config;
  DnnStage *stage;

  *dir = sample_make_folder ();
  config = read_config (*dir);
  stage = dnn_pipeline_config_get_stage (config, 1);
  g_assert_cmpint (stage->threads, ==, 2);
  g_assert_cmpint (stage->queue_depth, ==, 3);
  stage->instances = 4;
  dnn_pipeline_config_add_element (config, 7, "identity name=\"a \\\"b\\\"\"");
  bind_all (config, "0:0>7.0 7:3>:1");
  return config;
}

static void
test_export (void)
{
  g_autofree gchar *dir = NULL;
  g_autoptr (DnnPipelineConfig) config = make_whole (&dir);
  g_autofree gchar *target = g_build_filename (dir, "new", "folder", NULL);
  g_autofree gchar *moved = g_build_filename (dir, "moved", NULL);
  g_autofree gchar *expected = g_build_filename (target, "config", NULL);
  g_autofree gchar *path = NULL;
  g_autoptr (DnnPipelineConfig) copy = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  path = dnn_pipeline_config_export (config, target, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, expected);
  copy = read_config (path);
  g_assert_true (dnn_pipeline_config_equal (config, copy));
  g_assert_cmpint (g_rename (target, moved), ==, 0);
  again = read_config (moved);
  g_assert_true (dnn_pipeline_config_equal (config, again));
  test_folder_remove (dir);
}

static void
test_export_single (void)
{
  g_autofree gchar *dir = NULL;
  g_autoptr (DnnPipelineConfig) config = make_whole (&dir);
  g_autofree gchar *path = g_build_filename (dir, "one", "pipe.json", NULL);
  g_autofree gchar *json = g_build_filename (dir, "one", "pipe-json2", NULL);
  g_autoptr (DnnPipelineConfig) copy = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (dnn_pipeline_config_export_single (config, path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (json, G_FILE_TEST_EXISTS));
  copy = read_config (path);
  g_assert_true (dnn_pipeline_config_equal (config, copy));
  test_folder_remove (dir);
}

static void
check_library (const gchar *dir, guint idx, gchar mark)
{
  g_autofree gchar *name = g_strdup_printf ("lib%u.so", idx);
  g_autofree gchar *path = g_build_filename (dir, name, NULL);
  g_autofree gchar *unfinished = g_strconcat (path, ".new", NULL);
  g_autofree gchar *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpint (data[size - 1], ==, mark);
  g_assert_false (g_file_test (unfinished, G_FILE_TEST_EXISTS));
}

/* Into the folder it was read from: as it was, then with the libraries of two
 * modules exchanged, each of which lies where the other's is to go; then one
 * of them is missing, and nothing changes. */
static void
test_export_in_place (void)
{
  g_autofree gchar *dir = NULL, *path = NULL;
  g_autoptr (DnnPipelineConfig) config = make_whole (&dir);
  g_autofree gchar *target = g_build_filename (dir, "new", NULL);
  g_autoptr (DnnPipelineConfig) loaded = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  DnnStage *first, *second;
  gchar *library;

  path = dnn_pipeline_config_export (config, target, &error);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *name = g_strdup_printf ("%s/lib%u.so", target, i);
    FILE *file = g_fopen (name, "ab");
    g_assert_cmpint (fputc ((gint) ('a' + i), file), ==, 'a' + i);
    g_assert_cmpint (fclose (file), ==, 0);
  }
  loaded = read_config (path);
  for (guint i = 0; i < 2; i++) {
    g_free (dnn_pipeline_config_export (loaded, target, &error));
    g_assert_no_error (error);
    for (guint j = 0; j < 3; j++)
      check_library (target, j, (gchar) ('a' + (i && j < 2 ? !j : j)));
    again = read_config (path);
    g_assert_true (dnn_pipeline_config_equal (again, config));
    g_clear_object (&again);
    first = dnn_pipeline_config_get_stage (loaded, 0);
    second = dnn_pipeline_config_get_stage (loaded, 1);
    library = first->lib_name;
    first->lib_name = second->lib_name;
    second->lib_name = library;
  }
  g_free (second->lib_name);
  second->lib_name = g_strdup ("/nonexistent.so");
  g_assert_null (dnn_pipeline_config_export (loaded, target, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  check_library (target, 0, 'b');
  check_library (target, 1, 'a');
  test_folder_remove (dir);
}

/* An incomplete configuration isn't written. */
static void
test_export_refused (void)
{
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *file = g_build_filename (dir, "file", NULL);
  g_autofree gchar *below = g_build_filename (file, "below", NULL);
  g_autoptr (DnnPipelineConfig) empty = dnn_pipeline_config_new ();
  g_autoptr (DnnPipelineConfig) config = make_config ();
  g_autoptr (GError) unbound = NULL, failed = NULL;

  sample_write (dir, "file", "");
  g_assert_null (dnn_pipeline_config_export (empty, dir, &unbound));
  g_assert_error (unbound, DNN_ERROR, DNN_ERROR_UNBOUND);
  bind_all (config, WHOLE);
  g_assert_null (dnn_pipeline_config_export (config, below, &failed));
  g_assert_error (failed, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (failed->message, below));
  test_folder_remove (dir);
}

static void
test_differences (void)
{
  for (guint i = 0; i < 8; i++) {
    g_autoptr (DnnPipelineConfig) a = make_config (), b = make_config ();
    DnnStage *stage = dnn_pipeline_config_get_stage (b, 1);
    bind_all (a, WHOLE);
    bind_all (b, i == 0 ? WHOLE " $q>1$" : WHOLE);
    g_assert_cmpint (dnn_pipeline_config_equal (a, b), ==, i != 0);
    g_free (i == 1 ? stage->cpu_affinity : NULL);
    stage->cpu_affinity = i == 1 ? g_strdup ("1") : stage->cpu_affinity;
    stage->precision = i == 2 ? g_strdup ("bf16") : NULL;
    stage->threads = i == 3;
    stage->queue_depth = i == 4;
    stage->instances = i == 5;
    stage->dev_id = i == 6;
    if (i == 7)
      dnn_pipeline_config_add_element (b, 8, "identity");
    g_assert_false (dnn_pipeline_config_equal (a, b));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/pipeline-config/rule/", rules[i].name, NULL);
    g_test_add_data_func (name, &rules[i], test_rule);
  }
  for (guint i = 0; i < G_N_ELEMENTS (fits); i++) {
    g_autofree gchar *name = g_strconcat (
        "/core/pipeline-config/fit/", fits[i].name, NULL);
    g_test_add_data_func (name, &fits[i], test_fit);
  }
  g_test_add_func ("/core/pipeline-config/fit/shared-input", test_shared_input);
  g_test_add_func ("/core/pipeline-config/order", test_order);
  g_test_add_func ("/core/pipeline-config/gaps", test_gaps);
  g_test_add_func ("/core/pipeline-config/no-modules", test_no_modules);
  g_test_add_func ("/core/pipeline-config/limits", test_limits);
  g_test_add_func ("/core/pipeline-config/to-string", test_to_string);
  g_test_add_func ("/core/pipeline-config/bindings", test_bindings);
  g_test_add_func ("/core/pipeline-config/export", test_export);
  g_test_add_func ("/core/pipeline-config/export-single", test_export_single);
  g_test_add_func (
      "/core/pipeline-config/export-in-place", test_export_in_place);
  g_test_add_func ("/core/pipeline-config/export-refused", test_export_refused);
  g_test_add_func ("/core/pipeline-config/differences", test_differences);
  return g_test_run ();
}
