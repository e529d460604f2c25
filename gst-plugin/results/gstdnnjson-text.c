/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Strings and numbers → JSON text; JSON text → the same in another layout.
 * Next: gstdnnjson-line.c, gstdnnjson.c. */
#include "config.h"

#include "gst-plugin/results/gstdnnjson-text.h"

#include <math.h>
#include <string.h>

#define BLANKS " \t\r\n"

void
gst_dnn_json_append_text (GString *line, const gchar *key, const gchar *text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);

  g_string_append_printf (line, "\"%s\": \"", key);
  for (const gchar *c = valid; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_printf (line, "\\%c", *c);
    else if ((guchar) *c < 0x20)
      g_string_append_printf (line, "\\u%04x", (guchar) *c);
    else
      g_string_append_c (line, *c);
  }
  g_string_append_c (line, '"');
}

void
gst_dnn_json_append_number (GString *line, const gchar *key, gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof (text), "%.7g", isfinite (value) ? value : 0);
  g_string_append_printf (line, "\"%s\": %s", key, text);
}

/* Appends the string that begins at @json; its last quote. */
static const gchar *
append_string (GString *to, const gchar *json)
{
  const gchar *end = json + 1;

  while (*end != '"' && *end != '\0')
    end += *end == '\\' && end[1] != '\0' ? 2 : 1;
  g_string_append_len (to, json, end - json + (*end == '"'));
  return *end == '"' ? end : end - 1;
}

static void
break_line (GString *to, gint indent, guint level)
{
  if (indent < 0)
    return;
  g_string_append_c (to, '\n');
  for (guint i = 0; i < level * (guint) indent; i++)
    g_string_append_c (to, ' ');
}

static gboolean
is_empty (const gchar *opening)
{
  const gchar *next = opening + 1 + strspn (opening + 1, BLANKS);

  return *next == ']' || *next == '}';
}

void
gst_dnn_json_layout (GString *to, const gchar *json, gint indent)
{
  guint level = 0;

  g_string_truncate (to, 0);
  for (const gchar *c = json; *c != '\0'; c++) {
    if (*c == '"') {
      c = append_string (to, c);
      continue;
    }
    if (strchr (BLANKS, *c) != NULL)
      continue;
    if ((*c == ']' || *c == '}') && level > 0) {
      level--;
      if (to->str[to->len - 1] != '[' && to->str[to->len - 1] != '{')
        break_line (to, indent, level);
    }
    g_string_append_c (to, *c);
    if (*c == '[' || *c == '{') {
      level++;
      if (!is_empty (c))
        break_line (to, indent, level);
    } else if (*c == ',' && indent >= 0)
      break_line (to, indent, level);
    else if (*c == ',' || *c == ':')
      g_string_append_c (to, ' ');
  }
}
