/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A misspelt word and the known ones → the nearest, for error messages. */
#include "config.h"

#include "pipeline-core/dnn-error.h"

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
