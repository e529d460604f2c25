/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A stream in which each frame has another shape: what the process holds stays
 * bounded, whatever comes. 300 shapes; with DNN_LONG in the environment 4,000,
 * and the limit that elements have. */
#include "config.h"

#include "compiler/dnn-compiler.h"

#include <stdio.h>
#include <unistd.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/plan/dnn-instance.h"
#include "tests/compiler/onnx-writer.h"
#include "tests/test-folder.h"

#define N_LAYERS 8
#define CHANNELS 16
#define MEGABYTE ((gsize) 1 << 20)
/* What is held beside kept plans, and what the C library keeps of what was
 * freed. */
#define SLACK (64 * MEGABYTE)

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER TRUE
#else
#define HAS_SANITIZER FALSE
#endif

/* Convolutions one after the other, of open height and width. */
static gchar *
save_model (const gchar *dir)
{
  g_autoptr (OnnxWriter) writer = onnx_writer_new (17);

  onnx_writer_input (writer, "x0", "1,16,?,?");
  for (guint i = 0; i < N_LAYERS; i++) {
    g_autofree gchar *weights = g_strdup_printf ("w%u", i);
    g_autofree gchar *inputs = g_strdup_printf ("x%u w%u", i, i);
    g_autofree gchar *conv = g_strdup_printf ("c%u", i);
    g_autofree gchar *relu = g_strdup_printf ("x%u", i + 1);
    onnx_writer_random (writer, weights,
        dnn_shape (
            4, (gint64) CHANNELS, (gint64) CHANNELS, (gint64) 3, (gint64) 3),
        i);
    onnx_writer_node (writer, "Conv", inputs, conv, "pads=is:1,1,1,1");
    onnx_writer_node (writer, "Relu", conv, relu, "");
  }
  onnx_writer_output (writer, "x8");
  return onnx_writer_save (writer, dir, "model.onnx");
}

/* Bytes of memory that the process has now. */
static gsize
get_resident (void)
{
  g_autofree gchar *text = NULL;
  gulong pages = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*u %lu", &pages), ==, 1);
  return pages * (gsize) sysconf (_SC_PAGESIZE);
}

static void
run_shape (DnnInstance *instance, gint64 height, gint64 width)
{
  DnnShape shape = dnn_shape (4, (gint64) 1, (gint64) CHANNELS, height, width);
  gsize n = (gsize) dnn_shape_n_elements (&shape);
  g_autofree gfloat *input = g_new0 (gfloat, n);
  g_autofree gfloat *output = g_new0 (gfloat, n);
  gconstpointer src = input;
  gpointer dst = output;
  g_autoptr (GError) error = NULL;

  dnn_instance_prepare (instance, &shape, &error);
  g_assert_no_error (error);
  dnn_instance_run (instance, &src, &dst, &error);
  g_assert_no_error (error);
}

static void
test_stream (TestFolder *folder, gconstpointer data)
{
  gboolean is_long = g_getenv ("DNN_LONG") != NULL;
  gint64 n = is_long ? 4000 : 300;
  gsize limit = is_long ? DNN_INSTANCE_MAX_KEPT_BYTES : 8 * MEGABYTE;
  g_autofree gchar *path = save_model (folder->dir);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnModule) module = dnn_load_module (path, NULL, &error);
  g_autoptr (DnnInstance) instance = NULL;
  gsize before, most = 0;
  guint n_plans;

  if (HAS_SANITIZER || g_getenv ("LD_PRELOAD")) {
    g_test_skip ("a sanitizer or valgrind keeps what is freed");
    return;
  }
  g_assert_no_error (error);
  instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  g_assert_no_error (error);
  dnn_instance_set_max_kept_bytes (instance, limit);
  run_shape (instance, 96, 96);
  before = get_resident ();
  for (gint64 i = 0; i < n; i++) {
    run_shape (instance, 32 + i % 64, 32 + i / 64);
    most = MAX (most, get_resident ());
  }
  n_plans = dnn_instance_get_n_plans (instance);
  g_test_message ("%u of %d plans kept, %.1f MB at first, %.1f MB at most",
      n_plans, (gint) n, (gdouble) before / 1e6, (gdouble) most / 1e6);
  g_assert_cmpuint (n_plans, >, 1);
  g_assert_cmpuint (n_plans, <, n);
  g_assert_cmpuint (most, <=, before + limit + SLACK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add ("/compiler/many-shapes/stream", TestFolder, NULL,
      test_folder_set_up, test_stream, test_folder_tear_down);
  return g_test_run ();
}
