/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* No memory, at each allocation of planning that can be refused in turn: one
 * error, nothing left behind, and the next try is as good as the first. */
#include "config.h"

#include "compiler/dnn-compiler.h"

#include <string.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/store/dnn-store.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#define CHANNELS 32
#define SIZE 12

/* The linker puts these in place of the two that answer NULL. */
gpointer __real_dnn_try_alloc_aligned (gsize size);
gpointer __real_dnn_alloc_or_fail (gsize size, GError **error);
gpointer __wrap_dnn_try_alloc_aligned (gsize size);
gpointer __wrap_dnn_alloc_or_fail (gsize size, GError **error);

/* Which allocation from now on fails; below 0: none. */
static gint n_left = -1;

static gboolean
is_refused (void)
{
  return g_atomic_int_get (&n_left) >= 0 && g_atomic_int_add (&n_left, -1) == 0;
}

gpointer
__wrap_dnn_try_alloc_aligned (gsize size)
{
  return is_refused () ? NULL : __real_dnn_try_alloc_aligned (size);
}

gpointer
__wrap_dnn_alloc_or_fail (gsize size, GError **error)
{
  if (!is_refused ())
    return __real_dnn_alloc_or_fail (size, error);
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "No memory for %" G_GSIZE_FORMAT " bytes", size);
  return NULL;
}

/* What packs in every way: layouts of oneDNN's, ours for 3×3 convolutions, a
 * factor, misaligned bytes, a constant that frames read as it lies. */
static gchar *
save_model (const gchar *dir)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);

  onnx_writer_input (writer, "x", "1,32,12,12");
  onnx_writer_random (writer, "a", dnn_shape (4, CHANNELS, CHANNELS, 3, 3), 1);
  onnx_writer_random (writer, "ab", dnn_shape (1, CHANNELS), 2);
  onnx_writer_random (writer, "b", dnn_shape (4, CHANNELS, CHANNELS, 5, 5), 3);
  onnx_writer_random (writer, "c", dnn_shape (4, CHANNELS, CHANNELS, 2, 2), 4);
  onnx_writer_random (
      writer, "d", dnn_shape (4, 1, CHANNELS, 2 * SIZE, 2 * SIZE), 5);
  onnx_writer_node (writer, "Conv", "x a ab", "n1", "pads=is:1,1,1,1");
  onnx_writer_node (writer, "Conv", "n1 b", "n2", "pads=is:2,2,2,2");
  onnx_writer_node (writer, "Relu", "n2", "n3", "");
  onnx_writer_node (writer, "ConvTranspose", "n3 c", "n4", "strides=is:2,2");
  onnx_writer_node (writer, "Less", "n4 d", "y", "");
  onnx_writer_output (writer, "y");
  return onnx_writer_save (writer, dir, "model.onnx");
}

static DnnInstance *
make_instance (DnnModule *module)
{
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = dnn_instance_new (module, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  return instance;
}

static gboolean
prepare (DnnInstance *instance, GError **error)
{
  DnnShape shape = dnn_shape (
      4, (gint64) 1, (gint64) CHANNELS, (gint64) SIZE, (gint64) SIZE);

  return dnn_instance_prepare (instance, &shape, error);
}

static void
run (DnnInstance *instance, guint8 *result, gsize size)
{
  gsize n = CHANNELS * SIZE * SIZE;
  g_autofree gfloat *input = g_new (gfloat, n);
  gconstpointer src = input;
  gpointer dst = result;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < n; i++)
    input[i] = (gfloat) (i % 23) / 11 - 1;
  memset (result, 0x55, size);
  dnn_instance_run (instance, &src, &dst, &error);
  g_assert_no_error (error);
}

/* TRUE: nothing was refused any more. */
static gboolean
try_with (DnnModule *module, gint n, const guint8 *expected, gsize size)
{
  g_autoptr (DnnInstance) instance = make_instance (module);
  g_autofree guint8 *result = g_malloc (size);
  gsize before = dnn_store_get_size ();
  g_autoptr (GError) error = NULL;
  gboolean ok, is_over;

  g_atomic_int_set (&n_left, n);
  ok = prepare (instance, &error);
  is_over = g_atomic_int_get (&n_left) >= 0;
  g_atomic_int_set (&n_left, -1);
  if (!ok) {
    g_assert_error (error, DNN_ERROR, DNN_ERROR_LIMIT);
    g_assert_nonnull (strstr (error->message, "No memory for "));
    g_assert_cmpuint (dnn_store_get_size (), ==, before);
    g_clear_error (&error);
    g_assert_true (prepare (instance, &error));
    g_assert_no_error (error);
  }
  run (instance, result, size);
  g_assert_cmpmem (result, size, expected, size);
  return is_over;
}

static void
test_each (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = save_model (folder->dir);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) module = dnn_load_module (path, NULL, &error);
  gsize size = CHANNELS * 2 * SIZE * 2 * SIZE;
  g_autofree guint8 *expected = g_malloc (size);
  DnnInstance *instance;
  gint n = 0;

  g_assert_no_error (error);
  instance = make_instance (module);
  g_assert_true (prepare (instance, &error));
  run (instance, expected, size);
  g_object_unref (instance);
  while (!try_with (module, n, expected, size))
    n++;
  g_test_message ("%d allocations", n);
  g_assert_cmpint (n, >=, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add ("/compiler/no-memory/each", TestFolder, NULL, test_folder_set_up,
      test_each, test_folder_tear_down);
  return g_test_run ();
}
