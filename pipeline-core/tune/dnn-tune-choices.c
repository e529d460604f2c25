/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A user's file of choices, read and written. Next: dnn-plan-tune.c. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-choices.h"

#define TITLE "gst-dnn choices 1"

DnnTuneRows *
dnn_tune_choices_read (const gchar *path, GError **error)
{
  return dnn_tune_rows_read (path, TITLE, error);
}

gboolean
dnn_tune_choices_write (
    const DnnTuneRows *self, const gchar *path, GError **error)
{
  return dnn_tune_rows_write (self, path, TITLE, error);
}

gchar *
dnn_tune_choices_graph_key (const gchar *call_keys)
{
  g_autofree gchar *sum = g_compute_checksum_for_string (
      G_CHECKSUM_SHA256, call_keys, -1);

  return g_strndup (sum, 12);
}

gchar *
dnn_tune_choices_key (const gchar *graph_key, guint idx, const gchar *call_key)
{
  return g_strdup_printf ("%s %u %s", graph_key, idx, call_key);
}
