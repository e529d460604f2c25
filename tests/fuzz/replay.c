/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A folder of inputs → one test each: what fuzzing found once is never lost. */
#include "config.h"

#include "fuzz.h"

static void
replay (gconstpointer path)
{
  g_autofree gchar *data = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_cmpint (
      LLVMFuzzerTestOneInput ((const uint8_t *) data, size), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  const gchar *name;
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  dir = g_dir_open (argv[2], 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *test = g_strconcat ("/fuzz/", argv[1], "/", name, NULL);
    g_test_add_data_func_full (
        test, g_build_filename (argv[2], name, NULL), replay, g_free);
    n++;
  }
  g_assert_cmpuint (n, >, 0);
  return g_test_run ();
}
