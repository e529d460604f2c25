/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What each target is: bytes in; no crash, no leak, an error or a value out.
 * Built with libFuzzer by tools/fuzz, and with replay.c as an ordinary test. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A file of that name in a folder of this process, in memory where the system
 * has such. (transfer full): its path. */
static inline gchar *
fuzz_write_file (const gchar *name, const void *data, gsize size)
{
  static gchar *dir;
  gchar *path;

  if (!dir) {
    dir = g_strdup ("/dev/shm/dnn-fuzz-XXXXXX");
    if (!g_mkdtemp (dir)) {
      g_free (dir);
      dir = g_dir_make_tmp ("dnn-fuzz-XXXXXX", NULL);
    }
  }
  path = g_build_filename (dir, name, NULL);
  g_assert_true (g_file_set_contents_full (
      path, data, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  return path;
}
