/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Files that are written: as a whole, and only in place of files. */
#include "config.h"

#include "pipeline-core/base/dnn-file.h"

#include "tests/core/bad-files.h"

static void
assert_text (const gchar *path, const gchar *expected)
{
  gsize length;
  g_autofree gchar *text = dnn_file_read (path, 100, &length, NULL);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_write (TestFolder *folder, gconstpointer data)
{
  g_autofree gchar *path = g_build_filename (folder->dir, "file", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (dnn_file_write (path, "first", -1, &error));
  g_assert_no_error (error);
  assert_text (path, "first");
  g_assert_true (dnn_file_write (path, "second", 3, &error));
  g_assert_no_error (error);
  assert_text (path, "sec");
}

typedef struct
{
  const gchar *name, *text;
} Row;

static const Row rows[] = {
  { "folder", "a folder, expected a file" },
  { "pipe", "not a regular file" },
  { "device", "not a regular file" },
};

/* It is refused, and stays what it was. */
static void
test_no_file (gconstpointer data)
{
  const Row *row = data;
  g_autofree gchar *folder = test_folder_make ();
  g_autofree gchar *path = g_build_filename (folder, row->name, NULL);
  g_autoptr (GError) error = NULL;
  GStatBuf before, after;

  bad_files_make (row->name, path);
  g_assert_cmpint (g_lstat (path, &before), ==, 0);
  g_assert_false (dnn_file_write (path, "text", -1, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, row->text);
  g_assert_cmpint (g_lstat (path, &after), ==, 0);
  g_assert_cmpuint (after.st_ino, ==, before.st_ino);
  test_folder_remove (folder);
}

static void
test_nowhere (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_file_write ("/proc/none/file", "text", -1, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/core/file/write", TestFolder, NULL, test_folder_set_up,
      test_write, test_folder_tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strdup_printf (
        "/core/file/no-file/%s", rows[i].name);
    g_test_add_data_func (name, &rows[i], test_no_file);
  }
  g_test_add_func ("/core/file/nowhere", test_nowhere);
  return g_test_run ();
}
