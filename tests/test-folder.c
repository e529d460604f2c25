/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nothing → a temporary folder, and a folder → nothing. */
#include "config.h"

#include "tests/test-folder.h"

#include <glib/gstdio.h>

gchar *
test_folder_make (void)
{
  g_autoptr (GError) error = NULL;
  gchar *folder = g_dir_make_tmp ("dnn-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
test_folder_remove (const gchar *folder)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_DIR) &&
        !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      test_folder_remove (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

void
test_folder_set_up (TestFolder *self, gconstpointer data)
{
  self->dir = test_folder_make ();
}

void
test_folder_tear_down (TestFolder *self, gconstpointer data)
{
  test_folder_remove (self->dir);
  g_clear_pointer (&self->dir, g_free);
}
