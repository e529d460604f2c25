/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A word that is none of the known ones → what a message says of those. */
#include "config.h"

#include "pipeline-core/base/dnn-hint.h"

#include "pipeline-core/base/dnn-error.h"

/* How many names a message lists before it gives the nearest alone. */
#define MAX_HINTS 8

gchar *
dnn_hint_names (const gchar *what, const gchar *word, GPtrArray *names)
{
  g_autoptr (GPtrArray) known = g_ptr_array_copy (names, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  const gchar *nearest;

  g_ptr_array_set_free_func (known, NULL);
  g_ptr_array_add (known, NULL);
  nearest = dnn_nearest_word (word, (const gchar *const *) known->pdata);
  if (names->len == 0 || (names->len > MAX_HINTS && !nearest))
    return g_strdup ("");
  if (names->len > MAX_HINTS)
    return g_strdup_printf (" (nearest: \"%s\")", nearest);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (
        text, "%s\"%s\"", i > 0 ? ", " : "", (const gchar *) names->pdata[i]);
  return g_strdup_printf (" (%s: %s)", what, text->str);
}
