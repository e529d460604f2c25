/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A misspelt word and the known ones → the nearest, for error messages; an
 * error → text that can be shown. */
#include "config.h"

#include "pipeline-core/base/dnn-error.h"

#include <string.h>

G_DEFINE_QUARK (dnn-error-quark, dnn_error);

/* Levenshtein distance over bytes, one row at a time. */
static gsize
measure_distance (const gchar *a, const gchar *b)
{
  gsize n_a = strlen (a), n_b = strlen (b);
  g_autofree gsize *row = g_new (gsize, n_b + 1);

  for (gsize j = 0; j <= n_b; j++)
    row[j] = j;
  for (gsize i = 1; i <= n_a; i++) {
    gsize diagonal = row[0];
    row[0] = i;
    for (gsize j = 1; j <= n_b; j++) {
      gsize above = row[j];
      gsize replaced = diagonal + (a[i - 1] != b[j - 1]);
      row[j] = MIN (MIN (above, row[j - 1]) + 1, replaced);
      diagonal = above;
    }
  }
  return row[n_b];
}

const gchar *
dnn_nearest_word (const gchar *word, const gchar *const *known)
{
  const gchar *nearest = NULL;
  gsize length = strlen (word);
  gsize best = MAX (length / 3, 1) + 1;

  if (length > 256)
    return NULL;
  for (; *known; known++) {
    gsize distance = measure_distance (word, *known);
    if (distance < best) {
      best = distance;
      nearest = *known;
    }
  }
  return nearest;
}

/* Direction marks, zero-width characters and the like change what one sees. */
static gboolean
is_shown_as_it_is (gunichar c)
{
  return g_unichar_isprint (c) && g_unichar_type (c) != G_UNICODE_FORMAT &&
      g_unichar_type (c) != G_UNICODE_LINE_SEPARATOR &&
      g_unichar_type (c) != G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* The bytes of @text from @start to @end (excluded), of which characters are
 * whole, become "…". */
static void
cut_out (GString *text, gsize start, gsize end)
{
  while (start > 0 && (text->str[start] & 0xc0) == 0x80)
    start--;
  while (end < text->len && (text->str[end] & 0xc0) == 0x80)
    end++;
  g_string_erase (text, start, end - start);
  g_string_insert (text, start, "…");
}

/* What somebody gave as a name, and was none. */
static void
cut_long_words (GString *text)
{
  gsize start = 0;

  while (start < text->len) {
    gsize length = strcspn (text->str + start, " \"");
    if (length > DNN_MAX_ERROR_WORD) {
      cut_out (text, start + DNN_MAX_ERROR_WORD / 2,
          start + length - DNN_MAX_ERROR_WORD / 2);
      length = strcspn (text->str + start, " \"");
    }
    start += length + 1;
  }
}

gchar *
dnn_error_print (const GError *error)
{
  GString *out = g_string_new (NULL);
  const gchar *at = error->message;

  while (*at) {
    gunichar c = g_utf8_get_char_validated (at, -1);
    gboolean is_character = c < (gunichar) -2;
    const gchar *next = is_character ? g_utf8_next_char (at) : at + 1;
    if (is_character && is_shown_as_it_is (c))
      g_string_append_len (out, at, next - at);
    else
      for (; at < next; at++)
        g_string_append_printf (out, "\\x%02x", (guchar) *at);
    at = next;
  }
  cut_long_words (out);
  if (out->len > DNN_MAX_ERROR_TEXT)
    cut_out (out, DNN_MAX_ERROR_TEXT / 2, out->len - DNN_MAX_ERROR_TEXT / 2);
  return g_string_free (out, FALSE);
}
