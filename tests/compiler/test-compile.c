/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The driver: one module and several, their bindings, shapes, loading by
 * content, and what each says when it is asked for the impossible. */
#include "config.h"

#include "compiler/dnn-compiler.h"
#include "kernels/dnn-init.h"
#include "tests/compiler/onnx-run.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>

typedef TestFolder Fixture;

/* Two inputs, two outputs, one of them made early; "b" skips a stage:
 *   x → conv → a → relu → b → conv → c → add (b) → d ; e = sigmoid (a) + z */
static gchar *
write_model (Fixture *fixture, const gchar *dims)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);

  onnx_writer_input (writer, "x", dims);
  onnx_writer_input (writer, "z", "1,4,1,1");
  onnx_writer_random (writer, "w1", dnn_shape (4, 4, 2, 3, 3), 1);
  onnx_writer_random (writer, "w2", dnn_shape (4, 4, 4, 3, 3), 2);
  onnx_writer_node (writer, "Conv", "x w1", "a", "pads=is:1,1,1,1");
  onnx_writer_node (writer, "Relu", "a", "b", "");
  onnx_writer_node (writer, "Conv", "b w2", "c", "pads=is:1,1,1,1");
  onnx_writer_node (writer, "Add", "c b", "d", "");
  onnx_writer_node (writer, "Sigmoid", "a", "s", "");
  onnx_writer_node (writer, "Add", "s z", "e", "");
  onnx_writer_output (writer, "e");
  onnx_writer_output (writer, "d");
  return onnx_writer_save (writer, fixture->dir, "m.onnx");
}

static GPtrArray *
make_inputs (void)
{
  GPtrArray *inputs = onnx_run_new_list ();
  DnnShape x = dnn_shape (4, 1, 2, 6, 5), z = dnn_shape (4, 1, 4, 1, 1);

  g_ptr_array_add (inputs, onnx_run_random (&x, 7));
  g_ptr_array_add (inputs, onnx_run_random (&z, 8));
  return inputs;
}

static void
assert_close (GPtrArray *found, GPtrArray *expected)
{
  g_assert_cmpuint (found->len, ==, expected->len);
  for (guint i = 0; i < found->len; i++) {
    g_autofree gchar *why = NULL;
    if (!onnx_run_close (found->pdata[i], expected->pdata[i], 1e-4, 1e-4, &why))
      g_error ("output %u: %s", i, why);
  }
}

static GPtrArray *
run_by_ref (const gchar *path, GPtrArray *inputs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnGraph) graph = dnn_onnx_import_file (path, &error);
  GPtrArray *outputs;

  g_assert_no_error (error);
  outputs = onnx_run_ref (graph, inputs, &error);
  g_assert_no_error (error);
  return outputs;
}

/* ---- cuts
 * ------------------------------------------------------------------------ */

typedef struct
{
  const gchar *name;
  const gchar *cuts[4];
  guint n_stages;
  const gchar *inputs[3]; /* of the stages, names with " " between */
  const gchar *outputs[3];
} CutRow;

static const CutRow cut_rows[] = {
  { "none", { NULL }, 1, { "x z" }, { "e d" } },
  { "one", { "b" }, 2, { "x", "z b a" }, { "a b", "e d" } },
  { "two-with-skip", { "b", "c" }, 3, { "x", "b", "z c b a" },
      { "a b", "c", "e d" } },
  { "set", { "s,c" }, 2, { "x", "z c b s" }, { "b c s", "e d" } },
  { "output", { "d" }, 2, { "x", "z a" }, { "d a", "e" } },
};

static gchar *
list_inputs (DnnModule *module)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    g_string_append_printf (
        text, "%s%s", i > 0 ? " " : "", dnn_module_get_input_name (module, i));
  return g_strdup (text->str);
}

static gchar *
list_outputs (DnnModule *module)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++)
    g_string_append_printf (
        text, "%s%s", i > 0 ? " " : "", dnn_module_get_output_name (module, i));
  return g_strdup (text->str);
}

static void
check_stages (DnnPipelineConfig *config, const CutRow *row)
{
  const GPtrArray *stages = dnn_pipeline_config_get_stages (config);

  g_assert_cmpuint (stages->len, ==, row->n_stages);
  for (guint i = 0; i < row->n_stages; i++) {
    DnnStage *stage = dnn_pipeline_config_get_stage (config, (gint) i);
    g_autofree gchar *inputs = list_inputs (stage->module);
    g_autofree gchar *outputs = list_outputs (stage->module);
    g_assert_cmpstr (inputs, ==, row->inputs[i]);
    g_assert_cmpstr (outputs, ==, row->outputs[i]);
  }
}

static void
test_cut (Fixture *fixture, gconstpointer data)
{
  const CutRow *row = data;
  g_autofree gchar *path = write_model (fixture, "N,2,6,5");
  g_autoptr (GPtrArray) inputs = make_inputs ();
  g_autoptr (GPtrArray) expected = run_by_ref (path, inputs);

  for (guint plain = 0; plain < 2; plain++) {
    DnnCompileOptions options = { .cuts = row->cuts, .no_optimise = plain };
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnPipelineConfig)
        config = dnn_compile_file (path, &options, &error);
    g_autoptr (GPtrArray) found = NULL;
    const GPtrArray *names;
    g_assert_no_error (error);
    check_stages (config, row);
    names = dnn_pipeline_config_get_inputs (config);
    g_assert_cmpuint (names->len, ==, 2);
    g_assert_cmpstr (names->pdata[0], ==, "x");
    g_assert_cmpstr (names->pdata[1], ==, "z");
    g_assert_cmpuint (dnn_pipeline_config_get_n_outputs (config), ==, 2);
    found = onnx_run_pipeline (config, inputs, &error);
    g_assert_no_error (error);
    assert_close (found, expected);
  }
}

typedef struct
{
  const gchar *name;
  const gchar *cuts[3];
  const gchar *shapes[3];
  const gchar *precision;
  DnnError code;
  const gchar *text;
} BadRow;

static const BadRow bad_rows[] = {
  { "cut-unknown", { "bb" }, { NULL }, NULL, DNN_ERROR_UNKNOWN_NAME,
      "cut \"bb\": there is no such tensor (tensors: \"a\", \"b\"" },
  { "cut-input", { "x" }, { NULL }, NULL, DNN_ERROR_VALUE,
      "cut \"x\": it is an input of the model" },
  { "cut-param", { "w1" }, { NULL }, NULL, DNN_ERROR_VALUE,
      "cut \"w1\": it is constant" },
  { "cut-empty-text", { "" }, { NULL }, NULL, DNN_ERROR_UNKNOWN_NAME,
      "there is no such tensor" },
  { "cut-twice", { "b", "b" }, { NULL }, NULL, DNN_ERROR_VALUE,
      "its stage would be empty" },
  { "cut-backwards", { "c", "a" }, { NULL }, NULL, DNN_ERROR_VALUE,
      "its stage would be empty" },
  { "cut-all", { "d,e" }, { NULL }, NULL, DNN_ERROR_VALUE,
      "no stage is left behind it" },
  { "shape-unknown-name", { NULL }, { "y=1,2" }, NULL, DNN_ERROR_UNKNOWN_NAME,
      "\"y\", which is no input of the model (inputs: \"x\", \"z\")" },
  { "shape-of-param", { NULL }, { "w1=1,2" }, NULL, DNN_ERROR_UNKNOWN_NAME,
      "\"w1\", which is no input" },
  { "shape-no-numbers", { NULL }, { "x=a,b" }, NULL, DNN_ERROR_VALUE,
      "\"x=a,b\" is not of the form NAME=1,3,224,224" },
  { "shape-no-name", { NULL }, { "1,2,3" }, NULL, DNN_ERROR_VALUE,
      "a shape is given without a name, but the model has 2 inputs; "
      "\"NAME=1,3,224,224\" was expected (inputs: \"x\", \"z\")" },
  { "shape-empty-name", { NULL }, { "=1,2,3" }, NULL, DNN_ERROR_VALUE,
      "\"=1,2,3\" is not of the form NAME=1,3,224,224, or 1,3,224,224" },
  { "shape-rank", { NULL }, { "x=1,2,3" }, NULL, DNN_ERROR_SHAPE,
      "input \"x\": the shape given is 1×2×3, the model's is 1×2×?×?" },
  { "shape-channels", { NULL }, { "x=1,3,8,8" }, NULL, DNN_ERROR_SHAPE,
      "node \"a\" (Conv)" },
  { "precision", { NULL }, { NULL }, "f64", DNN_ERROR_UNSUPPORTED,
      "precision \"f64\" is not supported" },
};

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  const BadRow *row = data;
  g_autofree gchar *path = write_model (fixture, "N,2,H,W");
  DnnCompileOptions options = {
    .cuts = row->cuts, .shapes = row->shapes, .precision = row->precision
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig)
      config = dnn_compile_file (path, &options, &error);

  g_assert_null (config);
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  if (!strstr (error->message, row->text))
    g_error ("\"%s\" lacks \"%s\"", error->message, row->text);
  g_assert_true (g_str_has_prefix (error->message, path));
}

/* ---- shapes
 * ----------------------------------------------------------------------- */

static void
test_shapes (Fixture *fixture, gconstpointer data)
{
  static const gchar *const shapes[] = { "x=1,2,6,5", NULL };
  g_autofree gchar *path = write_model (fixture, "batch_size,2,H,W");
  DnnCompileOptions options = { .shapes = shapes };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) open = dnn_load_module (path, NULL, &error);
  g_autoptr (DnnModule) given = dnn_load_module (path, &options, &error);
  DnnShape expected_open = dnn_shape (4, 1, 4, -1, -1);
  DnnShape expected_given = dnn_shape (4, 1, 4, 6, 5);
  const DnnValue *input;

  g_assert_no_error (error);
  g_assert_true (
      dnn_shape_equal (dnn_module_get_output_shape (open, 1), &expected_open));
  g_assert_true (dnn_shape_equal (
      dnn_module_get_output_shape (given, 1), &expected_given));
  input = dnn_module_get_graph (open)->inputs->pdata[0];
  g_assert_cmpstr (input->dim_names[0], ==, "");
  g_assert_cmpstr (input->dim_names[2], ==, "H");
  g_assert_cmpstr (input->dim_names[3], ==, "W");
}

/* ---- loading
 * ----------------------------------------------------------------------- */

static void
remove_files (const gchar *dir)
{
  test_folder_remove (dir);
}

static void
test_load_compiled (Fixture *fixture, gconstpointer data)
{
  static const gchar *const cuts[] = { "b", NULL };
  DnnCompileOptions options = { .cuts = cuts };
  g_autofree gchar *path = write_model (fixture, "1,2,6,5");
  g_autofree gchar *dir = g_build_filename (fixture->dir, "out", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig)
      config = dnn_compile_file (path, &options, &error);
  g_autofree gchar *file = NULL;
  g_autoptr (GPtrArray) inputs = make_inputs ();
  g_autoptr (GPtrArray) expected = run_by_ref (path, inputs);
  const gchar *places[2] = { dir, NULL };

  g_assert_no_error (error);
  file = dnn_pipeline_config_export (config, dir, &error);
  g_assert_no_error (error);
  places[1] = file;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (DnnPipelineConfig)
        again = dnn_load_pipeline (places[i], NULL, &error);
    g_autoptr (GPtrArray) found = NULL;
    g_assert_no_error (error);
    found = onnx_run_pipeline (again, inputs, &error);
    g_assert_no_error (error);
    assert_close (found, expected);
  }
  g_assert_null (dnn_load_pipeline (dir, &options, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "it is compiled already; cuts"));
  g_clear_error (&error);
  g_assert_null (dnn_load_module (dir, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "2 stages, expected one module"));
  remove_files (dir);
}

typedef struct
{
  const gchar *name;
  const gchar *content; /* NULL: no file */
  gsize size;
  DnnError code;
  const gchar *text;
} LoadRow;

static const LoadRow load_rows[] = {
  { "missing", NULL, 0, DNN_ERROR_NOT_FOUND, "No such file" },
  { "empty", "", 0, DNN_ERROR_FORMAT, "no ONNX model" },
  { "params", "\xb7\x9c\x04\x05\x4f\x8d\xe5\xf7\0\0\0\0", 12, DNN_ERROR_FORMAT,
      "this is a params file" },
  { "picture", "\x89PNG\r\n\x1a\n", 8, DNN_ERROR_FORMAT, "no ONNX" },
};

static void
test_load_bad (Fixture *fixture, gconstpointer data)
{
  const LoadRow *row = data;
  g_autofree gchar *path = g_build_filename (fixture->dir, "file", NULL);
  g_autoptr (GError) error = NULL;

  if (row->content)
    onnx_writer_write_file (path, row->content, row->size);
  g_assert_null (dnn_load_pipeline (path, NULL, &error));
  g_assert_error (error, DNN_ERROR, (gint) row->code);
  g_assert_nonnull (strstr (error->message, row->text));
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_modelinfo (Fixture *fixture, gconstpointer data)
{
  g_autofree gchar *path = write_model (fixture, "1,2,6,5");
  g_autofree gchar *info = g_strconcat (path, ".modelinfo", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) module = NULL;

  onnx_writer_write_file (info, "[modelinfo]\n", 12);
  module = dnn_load_module (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      dnn_attrs_get (dnn_module_get_graph (module)->metadata, "modelinfo"), ==,
      "[modelinfo]\n");
  g_assert_cmpstr (
      dnn_attrs_get (dnn_module_get_graph (module)->metadata, "producer"), ==,
      "tests");
}

/* ---- memory
 * ------------------------------------------------------------------------ */

#define MEMORY_FILE "DNN_TEST_MEMORY_FILE"
#define MEMORY_LIMIT "DNN_TEST_MEMORY_LIMIT"

/* Convolutions of 9 MiB each, one after the other. */
static gchar *
write_large (Fixture *fixture, gboolean batchnorm)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (13);
  g_autofree gchar *in = g_strdup ("x");
  gfloat ones[512];

  for (guint i = 0; i < G_N_ELEMENTS (ones); i++)
    ones[i] = 1;
  onnx_writer_floats (writer, "s", dnn_shape (1, 512), ones);
  onnx_writer_input (writer, "x", "1,512,4,4");
  for (guint i = 0; i < 6; i++) {
    g_autofree gchar *weights = g_strdup_printf ("w%u", i);
    g_autofree gchar *inputs = g_strdup_printf ("%s %s", in, weights);
    g_autofree gchar *stats = g_strdup_printf ("c%u s s s s", i);
    gchar *conv = g_strdup_printf ("c%u", i);
    onnx_writer_random (writer, weights, dnn_shape (4, 512, 512, 3, 3), i);
    onnx_writer_node (writer, "Conv", inputs, conv, "pads=is:1,1,1,1");
    g_free (in);
    in = conv;
    if (!batchnorm)
      continue;
    in = g_strdup_printf ("n%u", i);
    onnx_writer_node (writer, "BatchNormalization", stats, in, "");
    g_free (conv);
  }
  onnx_writer_output (writer, in);
  return onnx_writer_save (writer, fixture->dir, "m.onnx");
}

static glong
get_peak_kib (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

/* In a process of its own, whose peak is that of loading. */
static void
test_memory_subprocess (void)
{
  glong limit = (glong) g_ascii_strtoll (g_getenv (MEMORY_LIMIT), NULL, 10);
  glong before = get_peak_kib ();
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig)
      config = dnn_load_pipeline (g_getenv (MEMORY_FILE), NULL, &error);

  g_assert_no_error (error);
  g_printerr (
      "%ld KiB more at the peak, limit %ld\n", get_peak_kib () - before, limit);
  g_assert_cmpint (get_peak_kib () - before, <, limit);
}

/* Weights stay in the file; those that BatchNormalization is folded into are
 * there once, since the pages of the old ones go back. */
static void
test_memory (Fixture *fixture, gconstpointer data)
{
  gboolean batchnorm = GPOINTER_TO_INT (data);
  g_autofree gchar *path = write_large (fixture, batchnorm);
  g_autofree gchar *limit = g_strdup_printf (
      "%d", (batchnorm ? 70 : 20) * 1024);

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("a sanitizer's own memory is in the way");
#else
  g_setenv (MEMORY_FILE, path, TRUE);
  g_setenv (MEMORY_LIMIT, limit, TRUE);
  g_test_trap_subprocess ("/compiler/load/memory-subprocess/subprocess", 0, 0);
  g_test_trap_assert_passed ();
#endif
}

static void
add (const gchar *folder, const gchar *name, gconstpointer data,
    void (*test) (Fixture *, gconstpointer))
{
  g_autofree gchar *path = g_strdup_printf ("/compiler/%s/%s", folder, name);

  g_test_add (
      path, Fixture, data, test_folder_set_up, test, test_folder_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (cut_rows); i++)
    add ("cut", cut_rows[i].name, &cut_rows[i], test_cut);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    add ("compile-errors", bad_rows[i].name, &bad_rows[i], test_bad);
  for (guint i = 0; i < G_N_ELEMENTS (load_rows); i++)
    add ("load-errors", load_rows[i].name, &load_rows[i], test_load_bad);
  add ("compile", "shapes", NULL, test_shapes);
  add ("load", "compiled", NULL, test_load_compiled);
  add ("load", "modelinfo", NULL, test_modelinfo);
  add ("load", "memory", GINT_TO_POINTER (FALSE), test_memory);
  add ("load", "memory-folded", GINT_TO_POINTER (TRUE), test_memory);
  g_test_add_func (
      "/compiler/load/memory-subprocess/subprocess", test_memory_subprocess);
  return g_test_run ();
}
