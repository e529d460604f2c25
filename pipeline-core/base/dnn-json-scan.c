/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* JSON text → yes, or an error with its line: what json-glib lets pass but
 * would change in silence (integers above 64 bits become -1; of two values the
 * last one counts) or at a cost (nesting without end). Next: dnn-json.c. */
#include "config.h"

#include "pipeline-core/base/dnn-json.h"

#include <string.h>

typedef struct
{
  const gchar *at, *end;
  const gchar *label;
  guint line;
  guint depth;
  gboolean is_complete; /* the one value of the text has ended */
} Scan;

static gboolean fail (const Scan *self, GError **error, DnnError code,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (const Scan *self, GError **error, DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "%s%sline %u: %s",
      self->label ? self->label : "", self->label ? ": " : "", self->line,
      text);
  return FALSE;
}

static guint
skip_digits (Scan *self)
{
  const gchar *start = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at - start;
}

static gboolean
skip_char (Scan *self, const gchar *any_of)
{
  if (self->at == self->end || *self->at == '\0' || !strchr (any_of, *self->at))
    return FALSE;
  self->at++;
  return TRUE;
}

static gboolean
check_int (const Scan *self, const gchar *start, GError **error)
{
  g_autofree gchar *text = g_strndup (start, self->at - start);

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, NULL, NULL))
    return TRUE;
  if (strlen (text) > 40)
    strcpy (text + 37, "...");
  return fail (self, error, DNN_ERROR_LIMIT,
      "the number %s does not fit 64 bits (-2^63 to 2^63-1)", text);
}

static gboolean
scan_number (Scan *self, GError **error)
{
  const gchar *start = self->at;
  gboolean is_int = TRUE, is_good, is_cut, leading_zero;
  guint n;

  skip_char (self, "-");
  leading_zero = self->at < self->end && *self->at == '0';
  n = skip_digits (self);
  is_good = n == 1 || (n > 1 && !leading_zero);
  if (skip_char (self, ".")) {
    is_int = FALSE;
    is_good = is_good && skip_digits (self) > 0;
  }
  if (skip_char (self, "eE")) {
    is_int = FALSE;
    skip_char (self, "+-");
    is_good = is_good && skip_digits (self) > 0;
  }
  is_cut = self->at < self->end &&
      (g_ascii_isalnum (*self->at) || *self->at == '.');
  if (!is_good || is_cut)
    return fail (self, error, DNN_ERROR_FORMAT,
        "\"%.*s\" is no JSON number (no hexadecimal, no leading zeros)",
        (int) MIN (self->at - start + is_cut, 40), start);
  return is_int ? check_int (self, start, error) : TRUE;
}

static gboolean
scan_string (Scan *self, GError **error)
{
  for (self->at++; self->at < self->end; self->at++) {
    guchar c = *self->at;
    if (c == '"') {
      self->at++;
      return TRUE;
    }
    if (c < 0x20)
      return fail (self, error, DNN_ERROR_FORMAT,
          "control character 0x%02x in a string", c);
    if (c != '\\')
      continue;
    if (self->end - self->at >= 6 && strncmp (self->at, "\\u0000", 6) == 0)
      return fail (self, error, DNN_ERROR_FORMAT, "\"\\u0000\" in a string");
    self->at++;
  }
  return fail (self, error, DNN_ERROR_FORMAT,
      "the text ends inside a string: is the file cut off?");
}

static gboolean
scan_word (Scan *self, GError **error)
{
  static const gchar *const words[] = { "true", "false", "null" };
  const gchar *start = self->at;
  gsize length;

  while (
      self->at < self->end && (g_ascii_isalnum (*self->at) || *self->at == '_'))
    self->at++;
  length = self->at - start;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i]) == length && strncmp (start, words[i], length) == 0)
      return TRUE;
  if (length == 0 && !g_ascii_isgraph (*start))
    return fail (self, error, DNN_ERROR_FORMAT, "U+%04X%s is no JSON",
        g_utf8_get_char (start),
        g_utf8_get_char (start) == 0xfeff ? ", a byte order mark," : "");
  return fail (self, error, DNN_ERROR_FORMAT, "\"%.*s\" is no JSON",
      (int) CLAMP (length, 1, 40), start);
}

static gboolean
scan_bracket (Scan *self, gchar c, GError **error)
{
  self->at++;
  if (c == ']' || c == '}') {
    self->depth -= self->depth > 0;
    return TRUE;
  }
  if (++self->depth <= DNN_MAX_JSON_DEPTH)
    return TRUE;
  return fail (self, error, DNN_ERROR_LIMIT, "nested deeper than %d levels",
      DNN_MAX_JSON_DEPTH);
}

static gboolean
scan_token (Scan *self, GError **error)
{
  gchar c = *self->at;

  if (strchr ("[]{}", c))
    return scan_bracket (self, c, error);
  if (c == '"')
    return scan_string (self, error);
  if (c == '-' || g_ascii_isdigit (c))
    return scan_number (self, error);
  if (c == '\n')
    self->line++;
  if (strchr (" \t\r\n,:", c)) {
    self->at++;
    return TRUE;
  }
  return scan_word (self, error);
}

/* One token; after the value that is the text there must be none. */
static gboolean
scan_next (Scan *self, GError **error)
{
  gboolean is_blank = strchr (" \t\r\n", *self->at) != NULL;

  if (self->is_complete && !is_blank)
    return fail (self, error, DNN_ERROR_FORMAT,
        "there is text after the end of the JSON");
  if (!scan_token (self, error))
    return FALSE;
  self->is_complete = self->is_complete || (!is_blank && self->depth == 0);
  return TRUE;
}

gboolean
dnn_json_scan (
    const gchar *text, gsize length, const gchar *label, GError **error)
{
  Scan self = { text, text + length, label, 1, 0, FALSE };
  const gchar *bad;

  if (!g_utf8_validate (text, length, &bad)) {
    for (; self.at < bad; self.at++)
      self.line += *self.at == '\n';
    return fail (&self, error, DNN_ERROR_FORMAT,
        "byte 0x%02x at offset %" G_GSIZE_FORMAT " is not valid UTF-8 text",
        (guchar) *bad, (gsize) (bad - text));
  }
  while (self.at < self.end)
    if (!scan_next (&self, error))
      return FALSE;
  if (self.depth > 0)
    return fail (&self, error, DNN_ERROR_FORMAT,
        "the text ends where %u bracket%s not closed: is the file cut off?",
        self.depth, self.depth > 1 ? "s are" : " is");
  return TRUE;
}
