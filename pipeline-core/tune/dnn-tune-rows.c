/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A file of pairs → a table, and back. Next: dnn-tune-store.c,
 * dnn-tune-choices.c. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-rows.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"

#define MACHINE "machine\t"
#define END "end\t"

DnnTuneRows *
dnn_tune_rows_new (const gchar *machine)
{
  DnnTuneRows *self = g_new0 (DnnTuneRows, 1);

  self->machine = g_strdup (machine);
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
dnn_tune_rows_free (DnnTuneRows *self)
{
  if (!self)
    return;
  g_free (self->machine);
  g_hash_table_unref (self->rows);
  g_free (self);
}

void
dnn_tune_rows_set (DnnTuneRows *self, const gchar *key, const gchar *value)
{
  g_return_if_fail (!strpbrk (key, "\t\n") && !strpbrk (value, "\t\n"));
  g_hash_table_insert (self->rows, g_strdup (key), g_strdup (value));
}

static gboolean
set_error (GError **error, const gchar *path, guint line, const gchar *what)
{
  g_set_error (
      error, DNN_ERROR, DNN_ERROR_FORMAT, "%s: line %u: %s", path, line, what);
  return FALSE;
}

/* One line between machine and end. */
static gboolean
read_row (DnnTuneRows *self, gchar *line)
{
  gchar *tab = strchr (line, '\t');

  if (!tab || strchr (tab + 1, '\t'))
    return FALSE;
  *tab = '\0';
  dnn_tune_rows_set (self, line, tab + 1);
  return TRUE;
}

/* The last line says how many there were: a file that was cut off has none, or
 * one that was cut off itself. */
static gboolean
is_end (const gchar *line, guint n)
{
  g_autofree gchar *end = g_strdup_printf (END "%u", n);

  return g_str_equal (line, end);
}

static gboolean
read_lines (DnnTuneRows *self, gchar **lines, const gchar *path,
    const gchar *title, GError **error)
{
  guint n = g_strv_length (lines);

  if (n < 1 || !g_str_equal (lines[0], title)) {
    g_autofree gchar *what = g_strdup_printf ("expected \"%s\"", title);
    return set_error (error, path, 1, what);
  }
  if (n < 2 || !g_str_has_prefix (lines[1], MACHINE))
    return set_error (error, path, 2, "expected \"machine\"");
  self->machine = g_strdup (lines[1] + strlen (MACHINE));
  for (guint i = 2; i < n; i++) {
    if (is_end (lines[i], i - 2))
      return (i + 2 == n && !*lines[i + 1]) ||
          set_error (error, path, i + 2, "nothing was expected behind the end");
    if (!read_row (self, lines[i]))
      return set_error (
          error, path, i + 1, "expected two texts and a tab, or the end");
  }
  return set_error (error, path, n, "the file was cut off: it has no end");
}

DnnTuneRows *
dnn_tune_rows_read (const gchar *path, const gchar *title, GError **error)
{
  g_autoptr (DnnTuneRows) self = dnn_tune_rows_new (NULL);
  gsize length;
  g_autofree gchar *text = dnn_file_read (
      path, DNN_TUNE_MAX_BYTES, &length, error);
  g_auto (GStrv) lines = NULL;

  if (!text) {
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  if (strlen (text) != length || !g_utf8_validate (text, -1, NULL)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT, "%s: it is no text", path);
    return NULL;
  }
  lines = g_strsplit (text, "\n", -1);
  if (!read_lines (self, lines, path, title, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
dnn_tune_rows_write (const DnnTuneRows *self, const gchar *path,
    const gchar *title, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GList) keys = g_list_sort (
      g_hash_table_get_keys (self->rows), (GCompareFunc) g_strcmp0);
  g_autoptr (GError) reason = NULL;

  g_string_append_printf (text, "%s\n" MACHINE "%s\n", title, self->machine);
  for (GList *l = keys; l; l = l->next)
    g_string_append_printf (text, "%s\t%s\n", (const gchar *) l->data,
        (const gchar *) g_hash_table_lookup (self->rows, l->data));
  g_string_append_printf (text, END "%u\n", g_hash_table_size (self->rows));
  if (dnn_file_write (path, text->str, (gssize) text->len, &reason))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s: can't be written: %s",
      path, reason->message);
  return FALSE;
}
