/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Names of classes in a model's own metadata, a dictionary or list in Python's
 * spelling → labels. Next: gstdnndecoder.c. */
#include "config.h"

#include "gst-plugin/results/gstdnnlabels.h"

#include <string.h>

/* What is left of the text. */
typedef struct
{
  const gchar *at;
  GPtrArray *names; /* gchar *, by class; NULL: not said */
} Reader;

static gboolean
take (Reader *self, gchar c)
{
  while (g_ascii_isspace (*self->at))
    self->at++;
  if (*self->at != c)
    return FALSE;
  self->at++;
  return TRUE;
}

/* 'it\'s' or "it's". */
static gchar *
read_string (Reader *self)
{
  gchar quote = take (self, '"') ? '"' : take (self, '\'') ? '\'' : '\0';
  g_autoptr (GString) text = g_string_new (NULL);

  if (quote == '\0')
    return NULL;
  for (; *self->at != quote; self->at++) {
    if (*self->at == '\\')
      self->at++;
    if (*self->at == '\0')
      return NULL;
    g_string_append_c (text, *self->at);
  }
  self->at++;
  return g_strdup (text->str);
}

static gboolean
read_number (Reader *self, guint *number)
{
  gboolean is_quoted = take (self, '"') || take (self, '\'');
  gchar *end;
  guint64 value = g_ascii_strtoull (self->at, &end, 10);

  if (!g_ascii_isdigit (*self->at) || value >= GST_DNN_MAX_LABELS)
    return FALSE;
  self->at = end;
  if (is_quoted && !take (self, '"') && !take (self, '\''))
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

static gboolean
read_entry (Reader *self, gboolean is_dictionary)
{
  guint number = self->names->len;
  gchar *name;

  if (is_dictionary && (!read_number (self, &number) || !take (self, ':')))
    return FALSE;
  name = number < GST_DNN_MAX_LABELS ? read_string (self) : NULL;
  if (name == NULL)
    return FALSE;
  if (number >= self->names->len)
    g_ptr_array_set_size (self->names, (gint) number + 1);
  g_free (self->names->pdata[number]);
  self->names->pdata[number] = name;
  return TRUE;
}

static gboolean
read_all (Reader *self)
{
  gboolean is_dictionary = take (self, '{');
  gchar end = is_dictionary ? '}' : ']';

  if (!is_dictionary && !take (self, '['))
    return FALSE;
  while (!take (self, end)) {
    if (!read_entry (self, is_dictionary))
      return FALSE;
    if (!take (self, ',')) {
      if (!take (self, end))
        return FALSE;
      break;
    }
  }
  while (g_ascii_isspace (*self->at))
    self->at++;
  return *self->at == '\0' && self->names->len > 0;
}

GstDnnLabels *
gst_dnn_labels_new_from_names (const gchar *text)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Reader reader = { text, names };

  if (!g_utf8_validate (text, -1, NULL) || !read_all (&reader))
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (names->pdata[i] == NULL)
      names->pdata[i] = g_strdup ("");
  g_ptr_array_add (names, NULL);
  return gst_dnn_labels_new ((const gchar *const *) names->pdata);
}

guint
gst_dnn_labels_count_names (const gchar *text)
{
  g_autoptr (GstDnnLabels)
      labels = text != NULL ? gst_dnn_labels_new_from_names (text) : NULL;

  return labels != NULL ? gst_dnn_labels_get_n (labels) : 0;
}
