/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One model in many shapes, instances and loaders with other options: packed
 * weights at most 1.1 times one copy, one arena as large as the largest. */
#include "config.h"

#include "compiler/dnn-compiler.h"

#include <string.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-serial.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/store/dnn-store.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#define N_THREADS 8
#define N_ROUNDS 12

/* Encoder and decoder with skips, as detectors of text have them: open batch,
 * height and width; @seed: of the weights. */
static gchar *
save_detector (const gchar *dir, const gchar *name, guint32 seed)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);
  static const gint64 channels[] = { 3, 16, 24, 32 };

  onnx_writer_input (writer, "x", "N,3,?,?");
  for (guint i = 1; i < G_N_ELEMENTS (channels); i++) {
    g_autofree gchar *weights = g_strdup_printf ("w%u", i);
    g_autofree gchar *inputs = i == 1 ? g_strdup ("x w1")
                                      : g_strdup_printf ("r%u w%u", i - 1, i);
    g_autofree gchar *conv = g_strdup_printf ("c%u", i);
    g_autofree gchar *relu = g_strdup_printf ("r%u", i);
    onnx_writer_random (writer, weights,
        dnn_shape (4, channels[i], channels[i - 1], (gint64) 3, (gint64) 3),
        seed + i);
    onnx_writer_node (
        writer, "Conv", inputs, conv, "pads=is:1,1,1,1 strides=is:2,2");
    onnx_writer_node (writer, "Relu", conv, relu, "");
  }
  onnx_writer_random (writer, "u3",
      dnn_shape (4, (gint64) 32, (gint64) 24, (gint64) 2, (gint64) 2),
      seed + 7);
  onnx_writer_random (writer, "u2",
      dnn_shape (4, (gint64) 48, (gint64) 16, (gint64) 2, (gint64) 2),
      seed + 8);
  onnx_writer_random (writer, "wy",
      dnn_shape (4, (gint64) 1, (gint64) 32, (gint64) 5, (gint64) 5), seed + 9);
  onnx_writer_node (writer, "ConvTranspose", "r3 u3", "t3", "strides=is:2,2");
  onnx_writer_node (writer, "Concat", "r2 t3", "j2", "axis=i:1");
  onnx_writer_node (writer, "ConvTranspose", "j2 u2", "t2", "strides=is:2,2");
  onnx_writer_node (writer, "Concat", "r1 t2", "j1", "axis=i:1");
  onnx_writer_node (writer, "Conv", "j1 wy", "z", "pads=is:2,2,2,2");
  onnx_writer_node (writer, "Sigmoid", "z", "y", "");
  onnx_writer_output (writer, "y");
  return onnx_writer_save (writer, dir, name);
}

static DnnModule *
load (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  DnnModule *module = dnn_load_module (path, NULL, &error);

  g_assert_no_error (error);
  return module;
}

static void
prepare (DnnInstance *instance, gint64 batch, gint64 height, gint64 width)
{
  DnnShape shape = dnn_shape (4, batch, (gint64) 3, height, width);
  g_autoptr (GError) error = NULL;

  dnn_instance_prepare (instance, &shape, &error);
  g_assert_no_error (error);
}

static DnnInstance *
make_instance (DnnModule *module, gint64 batch, gint64 height, gint64 width)
{
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = dnn_instance_new (module, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  prepare (instance, batch, height, width);
  return instance;
}

/* Bytes in the store that came since @before, of what one plan needs. */
static void
check_one_copy (const DnnInstance *first, gsize before)
{
  gsize one = dnn_plan_get_packed_size (
      dnn_instance_get_plan ((DnnInstance *) first));

  g_assert_cmpuint (one, >, 0);
  g_assert_cmpuint (dnn_store_get_size () - before, <=, one * 11 / 10);
}

static void
test_shapes (TestFolder *folder, gconstpointer data)
{
  static const gint64 sizes[][2] = { { 64, 96 }, { 96, 64 }, { 48, 128 },
    { 80, 80 } };
  g_autofree gchar *path = save_detector (folder->dir, "m.onnx", 1);
  g_autoptr (DnnModule) module = load (path);
  gsize before = dnn_store_get_size ();
  g_autoptr (DnnInstance) instance = make_instance (module, 1, 64, 64);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    prepare (instance, 1, sizes[i][0], sizes[i][1]);
  g_assert_cmpuint (dnn_instance_get_n_plans (instance), ==, 5);
  check_one_copy (instance, before);
}

static void
test_instances (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_detector (folder->dir, "m.onnx", 1);
  g_autoptr (DnnModule) module = load (path);
  g_autoptr (GPtrArray)
      instances = g_ptr_array_new_with_free_func (g_object_unref);
  gsize before = dnn_store_get_size ();

  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (instances, make_instance (module, 1, 64, 64));
  check_one_copy (instances->pdata[0], before);
}

static void
add_serial (GPtrArray *all, const gchar *path, const DnnCompileOptions *options,
    gint64 batch, gint64 size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnPipelineConfig)
      config = dnn_load_pipeline (path, options, &error);
  DnnShape shape = dnn_shape (4, batch, (gint64) 3, size, size);
  DnnSerial *serial;

  g_assert_no_error (error);
  serial = dnn_serial_new (config, 1, &error);
  g_assert_no_error (error);
  dnn_serial_prepare (serial, &shape, &error);
  g_assert_no_error (error);
  g_ptr_array_add (all, serial);
}

/* As four elements of the same file have it. */
static void
test_loaders (TestFolder *folder, gconstpointer data)
{
  static const gchar *const shapes[] = { "x=1,3,96,96", NULL };
  static const gchar *const batch[] = { "x=4,3,?,?", NULL };
  static const gchar *const cuts[] = { "r2,r1", NULL };
  const DnnCompileOptions plain = { 0 };
  const DnnCompileOptions fixed = { .shapes = shapes };
  const DnnCompileOptions batched = { .shapes = batch };
  const DnnCompileOptions cut = { .cuts = cuts };
  const DnnCompileOptions precise = { .precision = "f32" };
  g_autofree gchar *path = save_detector (folder->dir, "m.onnx", 1);
  gsize before = dnn_store_get_size ();
  g_autoptr (GPtrArray)
      all = g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_serial_free);

  add_serial (all, path, &plain, 1, 64);
  add_serial (all, path, &fixed, 1, 96);
  add_serial (all, path, &cut, 1, 64);
  add_serial (all, path, &precise, 1, 64);
  add_serial (all, path, &batched, 4, 64);
  check_one_copy (dnn_serial_get_instance (all->pdata[0], 0), before);
}

/* Pictures of four sizes: as much as the largest of them alone. */
static void
test_arena (TestFolder *folder, gconstpointer data)
{
  static const gint64 sizes[][2] = { { 96, 128 }, { 128, 96 }, { 192, 128 },
    { 64, 256 } };
  g_autofree gchar *path = save_detector (folder->dir, "m.onnx", 1);
  g_autoptr (DnnModule) module = load (path);
  g_autoptr (DnnInstance) all = make_instance (module, 1, 64, 64);
  gsize largest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (DnnInstance)
        one = make_instance (module, 1, sizes[i][0], sizes[i][1]);
    prepare (all, 1, sizes[i][0], sizes[i][1]);
    largest = MAX (largest, dnn_instance_get_arena_size (one));
  }
  g_assert_cmpuint (dnn_instance_get_n_plans (all), ==, 5);
  g_assert_cmpuint (dnn_instance_get_arena_size (all), <=, largest * 11 / 10);
}

/* ---- gone while others pack --------------------------------------------- */

typedef struct
{
  const gchar *paths[2]; /* of the same weights */
  const gfloat *expected;
  gsize n;
} Shared;

static void
run (DnnInstance *instance, gfloat *result)
{
  g_autofree gfloat *input = g_new (gfloat, 3 * 32 * 32);
  gconstpointer src = input;
  gpointer dst = result;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3 * 32 * 32; i++)
    input[i] = (gfloat) (i % 19) / 9 - 1;
  dnn_instance_run (instance, &src, &dst, &error);
  g_assert_no_error (error);
}

static gpointer
load_and_drop (gpointer data)
{
  const Shared *shared = data;
  g_autofree gfloat *result = g_new (gfloat, shared->n);

  for (guint i = 0; i < N_ROUNDS; i++) {
    g_autoptr (DnnModule) module = load (shared->paths[i % 2]);
    g_autoptr (DnnInstance) instance = make_instance (module, 1, 32, 32);
    run (instance, result);
    g_assert_cmpmem (result, shared->n * sizeof (gfloat), shared->expected,
        shared->n * sizeof (gfloat));
  }
  return NULL;
}

/* Modules of two files with the same weights come and go in many threads: who
 * goes takes no block from who packs or runs. */
static void
test_freed (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *a = save_detector (folder->dir, "a.onnx", 1);
  g_autofree gchar *b = save_detector (folder->dir, "b.onnx", 1);
  g_autofree gfloat *expected = g_new (gfloat, 16 * 16);
  Shared shared = { { a, b }, expected, 16 * 16 };
  gsize before = dnn_store_get_size ();
  GThread *threads[N_THREADS];
  DnnModule *module = load (a);
  DnnInstance *instance = make_instance (module, 1, 32, 32);

  run (instance, expected);
  g_object_unref (instance);
  g_object_unref (module);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("drop", load_and_drop, &shared);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (dnn_store_get_size (), ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
#define ADD(name, test)                                     \
  g_test_add ("/compiler/one-copy/" name, TestFolder, NULL, \
      test_folder_set_up, test, test_folder_tear_down)
  ADD ("shapes", test_shapes);
  ADD ("instances", test_instances);
  ADD ("loaders", test_loaders);
  ADD ("arena", test_arena);
  ADD ("freed", test_freed);
#undef ADD
  return g_test_run ();
}
