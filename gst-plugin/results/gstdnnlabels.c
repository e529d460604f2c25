/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Label file → names of classes. Next: gstdnndecoder.c. */
#include "config.h"

#include "gst-plugin/results/gstdnnlabels.h"

#include <gio/gio.h>
#include <string.h>

#include "pipeline-core/base/dnn-file.h"

struct _GstDnnLabels
{
  gchar **names;
  GQuark *quarks;
  guint n;
  gchar *path; /* NULL: of no file */
  guint n_lines; /* with the empty ones at the end */
};

/* "12: cat" → "cat" in line 12; NULL if the number is another or missing. */
static const gchar *
skip_number (const gchar *line, guint idx)
{
  gchar *end;
  guint64 number = g_ascii_strtoull (line, &end, 10);

  if (end == line || number != idx || (*end != ':' && *end != ' '))
    return NULL;
  while (*end == ':' || *end == ' ')
    end++;
  return end;
}

static void
drop_numbers (gchar **lines)
{
  for (guint i = 0; lines[i] != NULL; i++)
    if (skip_number (lines[i], i) == NULL)
      return;
  for (guint i = 0; lines[i] != NULL; i++) {
    gchar *name = g_strdup (skip_number (lines[i], i));

    g_free (lines[i]);
    lines[i] = name;
  }
}

GstDnnLabels *
gst_dnn_labels_new (const gchar *const *names)
{
  GstDnnLabels *self = g_new0 (GstDnnLabels, 1);

  self->names = g_strdupv ((gchar **) names);
  self->n = g_strv_length (self->names);
  self->quarks = g_new0 (GQuark, self->n);
  for (guint i = 0; i < self->n; i++)
    if (*self->names[i] != '\0')
      self->quarks[i] = g_quark_from_string (self->names[i]);
  return self;
}

void
gst_dnn_labels_free (GstDnnLabels *self)
{
  g_strfreev (self->names);
  g_free (self->quarks);
  g_free (self->path);
  g_free (self);
}

static gchar *
read_text (const gchar *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree gchar *text = NULL;
  gsize size;

  text = dnn_file_read (path, GST_DNN_MAX_LABELS_BYTES, &size, &cause);
  if (text == NULL) {
    g_set_error (error, DNN_ERROR, cause->code, "labels: %s: can't be read: %s",
        path, cause->message);
    return NULL;
  }
  if (size == 0 || !g_utf8_validate (text, size, NULL)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
        "labels: %s: is %s; UTF-8 text with one label a line was expected",
        path, size == 0 ? "empty" : "no UTF-8 text");
    return NULL;
  }
  return g_steal_pointer (&text);
}

/* The byte order mark that some editors put in front. */
static const gchar *
skip_mark (const gchar *text)
{
  return g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;
}

static guint
count_lines (const gchar *text)
{
  guint n = 0;

  for (const gchar *c = text; *c != '\0'; c++)
    n += *c == '\n' || c[1] == '\0';
  return n;
}

GstDnnLabels *
gst_dnn_labels_new_from_file (const gchar *path, GError **error)
{
  g_autofree gchar *text = read_text (path, error);
  g_auto (GStrv) lines = NULL;
  GstDnnLabels *self;
  guint n_lines;

  if (text == NULL)
    return NULL;
  n_lines = count_lines (text);
  lines = g_strsplit (skip_mark (g_strchomp (text)), "\n", -1);
  if (g_strv_length (lines) > GST_DNN_MAX_LABELS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "labels: %s: has %u lines, at most %d are possible", path,
        g_strv_length (lines), GST_DNN_MAX_LABELS);
    return NULL;
  }
  for (guint i = 0; lines[i] != NULL; i++)
    g_strstrip (lines[i]);
  drop_numbers (lines);
  self = gst_dnn_labels_new ((const gchar *const *) lines);
  self->path = g_strdup (path);
  self->n_lines = n_lines;
  return self;
}

gboolean
gst_dnn_labels_check (
    const GstDnnLabels *self, gint n_classes, GError **doubt, GError **error)
{
  if (self->n_lines < (guint) n_classes) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "labels: %s: has %u lines, the model has %d classes; one line for each "
        "was expected, an empty one where there is no name",
        self->path, self->n_lines, n_classes);
    return FALSE;
  }
  if (self->n > (guint) n_classes)
    g_set_error (doubt, DNN_ERROR, DNN_ERROR_VALUE,
        "labels: %s: names %u classes, the model has %d: is it another "
        "model's?",
        self->path, self->n, n_classes);
  return TRUE;
}

guint
gst_dnn_labels_get_n (const GstDnnLabels *self)
{
  return self->n;
}

GQuark
gst_dnn_labels_get (const GstDnnLabels *self, gint label_id)
{
  if (self == NULL || label_id < 0 || (guint) label_id >= self->n)
    return 0;
  return self->quarks[label_id];
}

static gint
find_name (const GstDnnLabels *self, const gchar *name)
{
  for (guint i = 0; self != NULL && i < self->n; i++)
    if (g_str_equal (self->names[i], name))
      return i;
  return -1;
}

static gboolean
parse_one (
    const GstDnnLabels *self, const gchar *word, gint *label_id, GError **error)
{
  const gchar *nearest = NULL;
  guint64 number;

  *label_id = find_name (self, word);
  if (*label_id >= 0)
    return TRUE;
  if (g_ascii_string_to_unsigned (word, 10, 0, G_MAXINT16, &number, NULL)) {
    *label_id = number;
    return TRUE;
  }
  if (self == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "classes: \"%s\" can't be looked up without labels; give numbers, or "
        "set labels",
        word);
    return FALSE;
  }
  nearest = dnn_nearest_word (word, (const gchar *const *) self->names);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "classes: \"%s\" is none of the %u labels%s%s%s", word, self->n,
      nearest != NULL ? "; the nearest is \"" : "",
      nearest != NULL ? nearest : "", nearest != NULL ? "\"" : "");
  return FALSE;
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return *(const gint *) a - *(const gint *) b;
}

GArray *
gst_dnn_labels_parse_set (
    const GstDnnLabels *self, const gchar *text, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint));

  for (guint i = 0; words[i] != NULL; i++) {
    gint label_id;

    if (!parse_one (self, g_strstrip (words[i]), &label_id, error))
      return NULL;
    g_array_append_val (ids, label_id);
  }
  g_array_sort (ids, compare_ids);
  return g_steal_pointer (&ids);
}
