/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One model loaded many times: what is shared, what stays apart, and files that
 * change under way. */
#include "config.h"

#include "compiler/dnn-compiler.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/store/dnn-store.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#define CHANNELS 32
#define N_THREADS 100
/* So that a table is larger than what inference copies. */
#define LATE_COLUMNS 8192
/* Large enough to lie in a file, and to give its pages back. */
#define WEIGHTS_BYTES (CHANNELS * CHANNELS * 25 * sizeof (gfloat))

/* y = relu (conv (x)) with open height and width. @external: where the weights
 * lie; NULL: in the model. */
static gchar *
save_model (const gchar *dir, guint32 seed, const gchar *external)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);
  DnnShape shape = dnn_shape (
      4, (gint64) CHANNELS, (gint64) CHANNELS, (gint64) 5, (gint64) 5);

  onnx_writer_input (writer, "x", "1,32,?,?");
  if (external)
    onnx_writer_external (
        writer, "w", DNN_TYPE_FLOAT32, shape, external, "0", NULL);
  else
    onnx_writer_random (writer, "w", shape, seed);
  onnx_writer_node (writer, "Conv", "x w", "c", "pads=is:2,2,2,2");
  onnx_writer_node (writer, "Relu", "c", "y", "");
  onnx_writer_output (writer, "y");
  return onnx_writer_save (writer, dir, "model.onnx");
}

static void
save_weights (const gchar *dir, gfloat value, gsize size)
{
  g_autofree gchar *path = g_build_filename (dir, "weights.bin", NULL);
  g_autofree gfloat *numbers = g_malloc0 (size);

  for (gsize i = 0; i < size / sizeof (gfloat); i++)
    numbers[i] = value;
  onnx_writer_write_file (path, numbers, size);
}

static DnnModule *
load (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnModule *module = dnn_load_module (path, NULL, &error);

  g_assert_no_error (error);
  return module;
}

static DnnInstance *
make_instance (DnnModule *module, gint64 size, GError **error)
{
  DnnShape shape = dnn_shape (4, (gint64) 1, (gint64) CHANNELS, size, size);
  g_autoptr (DnnInstance)
      instance = dnn_instance_new (module, 1, NULL, NULL, error);

  if (!dnn_instance_prepare (instance, &shape, error))
    return NULL;
  return g_steal_pointer (&instance);
}

static void
test_module (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir, 1, NULL);
  g_autoptr (DnnModule) a = load (path);
  g_autoptr (DnnModule) b = load (path);
  static const gchar *const shapes[] = { "x=1,32,8,8", NULL };
  const DnnCompileOptions options = { .shapes = shapes };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) fixed = dnn_load_module (path, &options, &error);

  g_assert_no_error (error);
  g_assert_true (a == b);
  g_assert_true (a != fixed);
}

/* The pipelines themselves are their callers' own. */
static void
test_pipeline (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir, 1, NULL);
  static const gchar *const cuts[] = { "c", NULL };
  const DnnCompileOptions options = { .cuts = cuts, .precision = "f32" };
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig) a = dnn_load_pipeline (path, &options, &error);
  g_autoptr (DnnPipelineConfig) b = dnn_load_pipeline (path, &options, &error);
  g_autoptr (DnnPipelineConfig) c = dnn_compile_file (path, &options, &error);

  g_assert_no_error (error);
  g_assert_true (a != b);
  g_assert_true (dnn_pipeline_config_get_stage (a, 1)->module ==
      dnn_pipeline_config_get_stage (b, 1)->module);
  g_assert_true (dnn_pipeline_config_equal (a, b));
  g_assert_true (dnn_pipeline_config_equal (a, c));
  g_assert_cmpstr (dnn_pipeline_config_get_stage (b, 0)->precision, ==, "f32");
}

/* Shapes, instances, loaders with other options: the weights once. */
static void
test_weights (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir, 1, NULL);
  g_autoptr (DnnModule) module = load (path);
  static const gchar *const shapes[] = { "x=1,32,16,16", NULL };
  const DnnCompileOptions options = { .shapes = shapes };
  g_autoptr (GPtrArray)
      instances = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) other = dnn_load_module (path, &options, &error);
  gsize before = dnn_store_get_size (), one;

  g_ptr_array_add (instances, make_instance (module, 16, &error));
  g_assert_no_error (error);
  one = dnn_store_get_size () - before;
  g_assert_cmpuint (one, >=, WEIGHTS_BYTES);
  for (gint64 size = 17; size < 20; size++)
    g_ptr_array_add (instances, make_instance (module, size, &error));
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (instances, make_instance (other, 16, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (dnn_store_get_size () - before, ==, one);
  g_ptr_array_set_size (instances, 0);
  g_assert_cmpuint (dnn_store_get_size (), ==, before);
}

static gpointer
load_and_prepare (gpointer path)
{
  g_autoptr (DnnModule) module = load (path);
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = make_instance (module, 8, &error);

  g_assert_no_error (error);
  return instance;
}

static void
test_at_once (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir, 1, NULL);
  guint64 before = dnn_store_get_n_filled ();
  GThread *threads[N_THREADS];
  DnnInstance *instances[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("load", load_and_prepare, path);
  for (guint i = 0; i < N_THREADS; i++)
    instances[i] = g_thread_join (threads[i]);
  g_assert_cmpuint (dnn_store_get_n_filled (), ==, before + 1);
  for (guint i = 0; i < N_THREADS; i++) {
    g_assert_true (dnn_instance_get_module (instances[i]) ==
        dnn_instance_get_module (instances[0]));
  }
  for (guint i = 0; i < N_THREADS; i++)
    g_object_unref (instances[i]);
}

/* Another file in its place, or new external data: another module; who holds
 * the first one keeps it. */
static void
test_replaced (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir, 0, "weights.bin");
  g_autofree gchar *weights = g_build_filename (
      folder->dir, "weights.bin", NULL);
  g_autofree gchar *fresh = g_build_filename (folder->dir, "fresh.bin", NULL);
  g_autoptr (DnnModule) first = NULL, second = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  save_weights (folder->dir, 1, WEIGHTS_BYTES);
  first = load (path);
  g_assert_cmpint (g_rename (weights, fresh), ==, 0);
  save_weights (folder->dir, 2, WEIGHTS_BYTES);
  second = load (path);
  g_assert_true (first != second);
  instance = make_instance (first, 8, &error);
  g_assert_no_error (error);
  g_assert_nonnull (instance);
}

static void
append_bytes (const gchar *path, const gchar *bytes)
{
  FILE *file = g_fopen (path, "ab");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (bytes, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* Written to in place after it was loaded: nothing of it gets into a plan. */
static void
test_changed (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir, 0, "weights.bin");
  g_autofree gchar *weights = g_build_filename (
      folder->dir, "weights.bin", NULL);
  g_autofree gchar *expected = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  gsize before = dnn_store_get_size ();

  save_weights (folder->dir, 1, WEIGHTS_BYTES);
  module = load (path);
  append_bytes (weights, "1234");
  g_assert_null (make_instance (module, 8, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  expected = g_strdup_printf (
      "%s: %s: The file has changed since it was loaded (%" G_GSIZE_FORMAT
      " bytes then, %" G_GSIZE_FORMAT
      " now): load it again; write a new file and rename it into place",
      path, weights, WEIGHTS_BYTES, WEIGHTS_BYTES + 4);
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_cmpuint (dnn_store_get_size (), ==, before);
}

/* A row of the table for each number of x that isn't 0. */
static gchar *
save_late_model (const gchar *dir)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);
  DnnShape shape = dnn_shape (2, (gint64) 4, (gint64) LATE_COLUMNS);

  onnx_writer_input (writer, "x", "4");
  onnx_writer_external (
      writer, "w", DNN_TYPE_FLOAT32, shape, "weights.bin", "0", NULL);
  onnx_writer_node (writer, "NonZero", "x", "i", "");
  onnx_writer_node (writer, "Gather", "w i", "y", "axis=i:0");
  onnx_writer_output (writer, "y");
  return onnx_writer_save (writer, dir, "late.onnx");
}

static gpointer
give_memory (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  g_assert_cmpint (dnn_shape_n_elements (shape), ==, 2 * LATE_COLUMNS);
  return user_data;
}

/* What nodes behind data read in each frame doesn't change with its file. */
static void
test_late (TestFolder *folder, gconstpointer data)
{
  static const gfloat x[] = { 0, 1, 0, 1 };
  g_autofree gchar *path = save_late_model (folder->dir);
  g_autofree gchar *weights = g_build_filename (
      folder->dir, "weights.bin", NULL);
  gfloat *rows = dnn_alloc_aligned (2 * LATE_COLUMNS * sizeof (gfloat));
  gconstpointer inputs[] = { x };
  DnnShape shape = dnn_shape (1, (gint64) 4);
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  save_weights (folder->dir, 3, 4 * LATE_COLUMNS * sizeof (gfloat));
  module = load (path);
  instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  dnn_instance_prepare (instance, &shape, &error);
  g_assert_no_error (error);
  g_assert_cmpint (truncate (weights, 0), ==, 0);
  dnn_instance_run_to (instance, inputs, give_memory, rows, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2 * LATE_COLUMNS; i++)
    g_assert_cmpfloat (rows[i], ==, 3);
  dnn_free_aligned (rows);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
#define ADD(name, test)                                                       \
  g_test_add ("/compiler/shared/" name, TestFolder, NULL, test_folder_set_up, \
      test, test_folder_tear_down)
  ADD ("module", test_module);
  ADD ("pipeline", test_pipeline);
  ADD ("weights", test_weights);
  ADD ("at-once", test_at_once);
  ADD ("replaced", test_replaced);
  ADD ("changed", test_changed);
  ADD ("late", test_late);
#undef ADD
  return g_test_run ();
}
