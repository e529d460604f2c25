/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A loader → what it says where no file is, and of a file cut off anywhere: one
 * error of ours that names the path, at once. */
#pragma once

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline-core/base/dnn-error.h"
#include "tests/test-folder.h"

G_BEGIN_DECLS

/* Whether it loads. */
typedef gboolean (*BadFilesLoad) (
    const gchar *path, gpointer data, GError **error);

static inline void
bad_files_assert_error (const GError *error, const gchar *path)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == DNN_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_nonnull (strstr (error->message, path));
}

static inline void
bad_files_make (const gchar *name, const gchar *path)
{
  gint result = 0;

  if (g_str_equal (name, "folder"))
    result = g_mkdir (path, 0700);
  else if (g_str_equal (name, "pipe"))
    result = mkfifo (path, 0600);
  else if (g_str_equal (name, "device"))
    result = symlink ("/dev/zero", path);
  else if (g_str_equal (name, "dead-link"))
    result = symlink ("nothing-here", path);
  else if (g_str_equal (name, "link-to-itself"))
    result = symlink (path, path);
  g_assert_cmpint (result, ==, 0);
}

/* What is no file. Nobody writes to the pipe: who opens it for reading in the
 * usual way waits for ever. */
static inline void
bad_files_check_no_file (BadFilesLoad load, gpointer data)
{
  static const struct
  {
    const gchar *name, *text;
  } rows[] = {
    { "missing", "No such file or directory" },
    { "folder", "a folder, expected a file" },
    { "pipe", "not a regular file" },
    { "device", "not a regular file" },
    { "dead-link", "No such file or directory" },
    { "link-to-itself", "Too many levels of symbolic links" },
  };
  g_autofree gchar *dir = test_folder_make ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *path = g_build_filename (dir, rows[i].name, NULL);
    g_autoptr (GError) error = NULL;
    bad_files_make (rows[i].name, path);
    g_assert_false (load (path, data, &error));
    bad_files_assert_error (error, path);
    g_test_message ("%s", error->message);
    g_assert_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND);
    g_assert_nonnull (strstr (error->message, rows[i].text));
  }
  test_folder_remove (dir);
}

/* Without the fsync of g_file_set_contents(). */
static inline void
bad_files_write (const gchar *path, gconstpointer bytes, gsize size)
{
  FILE *file = g_fopen (path, "wb");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* Every @step-th prefix of a good file, which loads whole. */
static inline void
bad_files_check_cut (gconstpointer bytes, gsize size, gsize step,
    BadFilesLoad load, gpointer data)
{
  g_autofree gchar *dir = test_folder_make ();
  g_autofree gchar *path = g_build_filename (dir, "file", NULL);

  for (gsize n = 0; n < size; n += step) {
    g_autoptr (GError) error = NULL;
    bad_files_write (path, bytes, n);
    g_assert_false (load (path, data, &error));
    bad_files_assert_error (error, path);
  }
  {
    g_autoptr (GError) error = NULL;
    bad_files_write (path, bytes, size);
    g_assert_true (load (path, data, &error));
    g_assert_no_error (error);
  }
  test_folder_remove (dir);
}

G_END_DECLS
