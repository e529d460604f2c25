/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Keys and texts in order, and the texts' values, free of locale. */
#include "config.h"

#include "pipeline-core/base/dnn-attrs.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

struct _DnnAttrs
{
  GPtrArray *keys;
  GPtrArray *values;
};

DnnAttrs *
dnn_attrs_new (void)
{
  DnnAttrs *self = g_new0 (DnnAttrs, 1);

  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->values = g_ptr_array_new_with_free_func (g_free);
  return self;
}

DnnAttrs *
dnn_attrs_copy (const DnnAttrs *self)
{
  DnnAttrs *copy = dnn_attrs_new ();

  for (guint i = 0; i < self->keys->len; i++)
    dnn_attrs_set (copy, self->keys->pdata[i], self->values->pdata[i]);
  return copy;
}

void
dnn_attrs_free (DnnAttrs *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->keys);
  g_ptr_array_unref (self->values);
  g_free (self);
}

static gint
find_key (const DnnAttrs *self, const gchar *key)
{
  for (guint i = 0; i < self->keys->len; i++) {
    if (strcmp (self->keys->pdata[i], key) == 0)
      return i;
  }
  return -1;
}

void
dnn_attrs_set (DnnAttrs *self, const gchar *key, const gchar *value)
{
  gint idx = find_key (self, key);

  if (idx >= 0) {
    gchar *old = self->values->pdata[idx];
    self->values->pdata[idx] = g_strdup (value);
    g_free (old);
    return;
  }
  g_ptr_array_add (self->keys, g_strdup (key));
  g_ptr_array_add (self->values, g_strdup (value));
}

void
dnn_attrs_set_int (DnnAttrs *self, const gchar *key, gint64 value)
{
  g_autofree gchar *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  dnn_attrs_set (self, key, text);
}

/* Nine significant digits tell any two floats apart; fewer are tried first. */
static void
append_float (GString *text, gfloat value)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value) || isinf (value)) {
    g_string_append (text, isnan (value) ? "nan" : value > 0 ? "inf" : "-inf");
    return;
  }
  for (gint digits = 6; digits <= 9; digits++) {
    gchar format[8] = "%.0g";
    format[2] = '0' + digits;
    g_ascii_formatd (buffer, sizeof buffer, format, value);
    if ((gfloat) g_ascii_strtod (buffer, NULL) == value)
      break;
  }
  g_string_append (text, buffer);
}

void
dnn_attrs_set_float (DnnAttrs *self, const gchar *key, gfloat value)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_float (text, value);
  dnn_attrs_set (self, key, text->str);
}

void
dnn_attrs_set_ints (
    DnnAttrs *self, const gchar *key, const gint64 *values, guint n)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        text, "%s%" G_GINT64_FORMAT, i ? ", " : "", values[i]);
  g_string_append_c (text, ']');
  dnn_attrs_set (self, key, text->str);
}

void
dnn_attrs_set_floats (
    DnnAttrs *self, const gchar *key, const gfloat *values, guint n)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < n; i++) {
    gboolean finite = !isnan (values[i]) && !isinf (values[i]);
    g_string_append_printf (text, "%s%s", i ? ", " : "", finite ? "" : "\"");
    append_float (text, values[i]);
    g_string_append (text, finite ? "" : "\"");
  }
  g_string_append_c (text, ']');
  dnn_attrs_set (self, key, text->str);
}

void
dnn_attrs_remove (DnnAttrs *self, const gchar *key)
{
  gint idx = find_key (self, key);

  if (idx < 0)
    return;
  g_ptr_array_remove_index (self->keys, idx);
  g_ptr_array_remove_index (self->values, idx);
}

const gchar *
dnn_attrs_get (const DnnAttrs *self, const gchar *key)
{
  gint idx = find_key (self, key);

  return idx < 0 ? NULL : self->values->pdata[idx];
}

guint
dnn_attrs_get_n (const DnnAttrs *self)
{
  return self->keys->len;
}

const gchar *
dnn_attrs_get_key (const DnnAttrs *self, guint idx)
{
  return self->keys->pdata[idx];
}

const gchar *
dnn_attrs_get_value (const DnnAttrs *self, guint idx)
{
  return self->values->pdata[idx];
}

gboolean
dnn_attrs_equal (const DnnAttrs *a, const DnnAttrs *b)
{
  if (a->keys->len != b->keys->len)
    return FALSE;
  for (guint i = 0; i < a->keys->len; i++) {
    const gchar *value = dnn_attrs_get (b, a->keys->pdata[i]);
    if (!value || strcmp (value, a->values->pdata[i]) != 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_text_to_int (const gchar *text, gint64 *value)
{
  return g_ascii_string_to_signed (
      text, 10, G_MININT64, G_MAXINT64, value, NULL);
}

gboolean
dnn_text_to_float (const gchar *text, gfloat *value)
{
  gchar *end = NULL;

  if (*text == '\0' || g_ascii_isspace (*text))
    return FALSE;
  *value = (gfloat) g_ascii_strtod (text, &end);
  return *end == '\0';
}

/* The array that @text is as JSON, or NULL. */
static JsonArray *
parse_array (const gchar *text, JsonNode **root)
{
  *root = json_from_string (text, NULL);
  if (!*root || !JSON_NODE_HOLDS_ARRAY (*root))
    return NULL;
  return json_node_get_array (*root);
}

/* Longest number that can't be out of range. */
#define MAX_DIGITS 18

/* "-12" as we write it, at *@pos, which moves behind it. */
static gboolean
read_written_int (const gchar **pos, gint64 *value)
{
  gboolean negative = **pos == '-';
  const gchar *first = *pos + negative, *p = first;
  gint64 number = 0;

  while (g_ascii_isdigit (*p) && p - first < MAX_DIGITS)
    number = number * 10 + (*p++ - '0');
  if (p == first || g_ascii_isdigit (*p) || (*first == '0' && p > first + 1))
    return FALSE;
  *value = negative ? -number : number;
  *pos = p;
  return TRUE;
}

/* "[1, 2]" as we write it, by far the most common; FALSE for what else it may
 * be. */
static gboolean
read_written_ints (const gchar *text, gint64 *values, guint *n)
{
  const gchar *p = text;

  for (*n = 0; *p == (*n == 0 ? '[' : ','); (*n)++) {
    p += *n == 0 || p[1] != ' ' ? 1 : 2;
    if (!read_written_int (&p, &values[*n]))
      return FALSE;
  }
  return *n > 0 && p[0] == ']' && p[1] == '\0';
}

gboolean
dnn_text_to_ints (const gchar *text, gint64 **values, guint *n)
{
  g_autofree gint64 *ints = g_new (gint64, strlen (text) / 2 + 1);
  g_autoptr (JsonNode) root = NULL;
  JsonArray *array;

  if (read_written_ints (text, ints, n)) {
    *values = g_steal_pointer (&ints);
    return TRUE;
  }
  g_free (ints);
  ints = NULL;
  array = parse_array (text, &root);
  if (!array)
    return FALSE;
  *n = json_array_get_length (array);
  ints = g_new0 (gint64, MAX (*n, 1));
  for (guint i = 0; i < *n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (json_node_get_value_type (node) != G_TYPE_INT64)
      return FALSE;
    ints[i] = json_node_get_int (node);
  }
  *values = g_steal_pointer (&ints);
  return TRUE;
}

static gboolean
read_float_node (JsonNode *node, gfloat *value)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    return dnn_text_to_float (json_node_get_string (node), value);
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = (gfloat) json_node_get_double (node);
  return TRUE;
}

gboolean
dnn_text_to_floats (const gchar *text, gfloat **values, guint *n)
{
  g_autoptr (JsonNode) root = NULL;
  JsonArray *array = parse_array (text, &root);
  g_autofree gfloat *floats = NULL;

  if (!array)
    return FALSE;
  *n = json_array_get_length (array);
  floats = g_new0 (gfloat, MAX (*n, 1));
  for (guint i = 0; i < *n; i++) {
    if (!read_float_node (json_array_get_element (array, i), &floats[i]))
      return FALSE;
  }
  *values = g_steal_pointer (&floats);
  return TRUE;
}

gboolean
dnn_text_to_strings (const gchar *text, gchar ***values, guint *n)
{
  g_autoptr (JsonNode) root = NULL;
  JsonArray *array = parse_array (text, &root);
  g_auto (GStrv) strings = NULL;

  if (!array)
    return FALSE;
  *n = json_array_get_length (array);
  strings = g_new0 (gchar *, *n + 1);
  for (guint i = 0; i < *n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (json_node_get_value_type (node) != G_TYPE_STRING)
      return FALSE;
    strings[i] = json_node_dup_string (node);
  }
  *values = g_steal_pointer (&strings);
  return TRUE;
}
