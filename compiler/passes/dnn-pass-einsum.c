/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Einsum that only turns dimensions round → Transpose. Next:
 * dnn-pass-identity.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include <string.h>

/* One symbol a dimension; those of "..." stand as digits. */
static gchar *
spell (const gchar *letters, gint rank)
{
  const gchar *dots = strstr (letters, "...");
  gint n = rank - (gint) strlen (letters) + (dots ? 3 : 0);
  GString *text = g_string_new (NULL);

  for (const gchar *at = letters; *at; at++) {
    if (at == dots) {
      for (gint i = 0; i < n; i++)
        g_string_append_c (text, (gchar) ('0' + i));
      at += 2;
    } else {
      g_string_append_c (text, *at);
    }
  }
  return g_string_free (text, FALSE);
}

/* Whether @result has each symbol of @src once: where they come from. */
static gboolean
find_order (const gchar *src, const gchar *result, gint rank, gint64 *perm)
{
  if ((gint) strlen (src) != rank || (gint) strlen (result) != rank)
    return FALSE;
  for (gint i = 0; i < rank; i++) {
    const gchar *at = strchr (src, result[i]);
    if (!at || strchr (at + 1, result[i]) || strchr (result + i + 1, result[i]))
      return FALSE;
    perm[i] = at - src;
  }
  return TRUE;
}

static gboolean
turn_to_transpose (DnnNode *node)
{
  const gchar *equation = dnn_attrs_get (node->attrs, "equation");
  g_auto (GStrv) sides = NULL;
  g_autofree gchar *src = NULL, *result = NULL;
  DnnValue *input = dnn_pass_get_input (node, 0);
  gint64 perm[DNN_MAX_RANK];

  if (node->n_formal != 1 || !equation || strpbrk (equation, " ,") || !input ||
      input->shape.rank < 1)
    return FALSE;
  sides = g_strsplit (equation, "->", 2);
  if (g_strv_length (sides) != 2)
    return FALSE;
  src = spell (sides[0], input->shape.rank);
  result = spell (sides[1], input->shape.rank);
  if (!find_order (src, result, input->shape.rank, perm))
    return FALSE;
  g_free (node->op);
  node->op = g_strdup ("Transpose");
  dnn_attrs_remove (node->attrs, "equation");
  dnn_attrs_set_ints (node->attrs, "perm", perm, (guint) input->shape.rank);
  return TRUE;
}

gboolean
dnn_pass_einsum (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  for (guint n = 0; n < graph->nodes->len; n++) {
    DnnNode *node = graph->nodes->pdata[n];
    if (dnn_pass_is (node, "Einsum"))
      changed |= turn_to_transpose (node);
  }
  return dnn_pass_end (graph, changed, error);
}
