/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → config, load_config, pipeline_config (parted by lines "%%"), with the
 * files of modules beside them → a pipeline configuration, or every error of
 * it. */
#include "config.h"

#include "fuzz-check-config.h"
#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const gchar *const names[] = { "config", "load_config",
    "pipeline_config" };
  g_autofree gchar *text = g_strndup (
      size > 0 ? (const gchar *) data : "", size);
  g_auto (GStrv) parts = g_strsplit (text, "\n%%\n", G_N_ELEMENTS (names));
  g_autofree gchar *path = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const gchar *part = i < g_strv_length (parts) ? parts[i] : "";
    g_autofree gchar *written = fuzz_write_file (names[i], part, strlen (part));
    if (i == 0)
      path = g_steal_pointer (&written);
  }
  fuzz_check_config (path, FALSE);
  return 0;
}
