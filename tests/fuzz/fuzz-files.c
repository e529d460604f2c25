/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → files that live as long as the process. */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static gchar *files_dir;

static void
remove_tree (const gchar *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree gchar *inner = g_build_filename (path, name, NULL);
    remove_tree (inner);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

static void
remove_files (void)
{
  remove_tree (files_dir);
  g_clear_pointer (&files_dir, g_free);
}

static void
make_folder (void)
{
  files_dir = g_strdup ("/dev/shm/dnn-fuzz-XXXXXX");
  if (!g_mkdtemp (files_dir)) {
    g_free (files_dir);
    files_dir = g_dir_make_tmp ("dnn-fuzz-XXXXXX", NULL);
  }
  g_assert_nonnull (files_dir);
  atexit (remove_files);
}

gchar *
fuzz_write_file (const gchar *name, gconstpointer data, gsize size)
{
  gchar *path;
  FILE *file;

  if (!files_dir)
    make_folder ();
  path = g_build_filename (files_dir, name, NULL);
  file = g_fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_true (size == 0 || fwrite (data, 1, size, file) == size);
  g_assert_cmpint (fclose (file), ==, 0);
  return path;
}
