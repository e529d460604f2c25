/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nothing → a temporary folder for a test's files, which goes with all that is
 * in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): the path of a new folder */
gchar *test_folder_make (void);
void test_folder_remove (const gchar *folder);

/* For tests that need no more than a folder: a fixture of g_test_add(). */
typedef struct
{
  gchar *dir;
} TestFolder;

void test_folder_set_up (TestFolder *self, gconstpointer data);
void test_folder_tear_down (TestFolder *self, gconstpointer data);

G_END_DECLS
