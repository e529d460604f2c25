/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes → config, load_config, pipeline_config, json0 (parted by lines "%%") →
 * a pipeline configuration, or every error of it. One part alone is the
 * single-file form. */
#include "config.h"

#include "fuzz.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/dnn-pipeline-config.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const gchar *const names[] = { "config", "load_config",
    "pipeline_config", "json0" };
  g_autofree gchar *text = g_strndup ((const gchar *) data, size);
  g_auto (GStrv) parts = g_strsplit (text, "\n%%\n", G_N_ELEMENTS (names));
  g_autofree gchar *path = NULL;
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  dnn_init ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const gchar *part = i < g_strv_length (parts) ? parts[i] : "";
    g_autofree gchar *written = fuzz_write_file (names[i], part, strlen (part));
    if (i == 0)
      path = g_steal_pointer (&written);
  }
  errors = dnn_pipeline_config_validate_file (path);
  config = dnn_pipeline_config_new_from_file (path, &error);
  g_assert_true ((config == NULL) == (error != NULL));
  g_assert_true ((config == NULL) == (errors->len > 0));
  if (config) {
    g_autofree gchar *printed = dnn_pipeline_config_to_string (config);
    g_assert_true (dnn_pipeline_config_equal (config, config));
  }
  return 0;
}
