/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Unknown operators and UNSUPPORTED errors → one error with all of them. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-reasons.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* How many operators, and how many other reasons, one message names. */
#define MAX_TOLD 8

struct _DnnOnnxReasons
{
  gchar *prefix; /* "model.onnx: " */
  GHashTable *known; /* set of operators and texts noted */
  GPtrArray *operators; /* gchar *: names alone */
  GString *operator_text; /* with nodes, the first of them */
  GString *text; /* others, the first of them */
  guint n_others;
};

DnnOnnxReasons *
dnn_onnx_reasons_new (const gchar *path)
{
  DnnOnnxReasons *self = g_new0 (DnnOnnxReasons, 1);

  self->prefix = g_strconcat (path, ": ", NULL);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->operators = g_ptr_array_new_with_free_func (g_free);
  self->operator_text = g_string_new (NULL);
  self->text = g_string_new (NULL);
  return self;
}

void
dnn_onnx_reasons_free (DnnOnnxReasons *self)
{
  if (!self)
    return;
  g_free (self->prefix);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->operators);
  g_string_free (self->operator_text, TRUE);
  g_string_free (self->text, TRUE);
  g_free (self);
}

void
dnn_onnx_reasons_add_operator (
    DnnOnnxReasons *self, const gchar *op, const gchar *node)
{
  guint n = self->operators->len;

  if (!g_hash_table_add (self->known, g_strdup (op)))
    return;
  g_ptr_array_add (self->operators, g_strdup (op));
  if (n < MAX_TOLD)
    g_string_append_printf (
        self->operator_text, "%s%s (node \"%s\")", n > 0 ? ", " : "", op, node);
}

void
dnn_onnx_reasons_add (DnnOnnxReasons *self, const gchar *text)
{
  if (g_str_has_prefix (text, self->prefix))
    text += strlen (self->prefix);
  if (!g_hash_table_add (self->known, g_strdup (text)))
    return;
  if (self->n_others++ < MAX_TOLD)
    g_string_append_printf (
        self->text, "%s%s", self->text->len > 0 ? "; " : "", text);
}

gboolean
dnn_onnx_reasons_take (DnnOnnxReasons *self, gboolean ok, GError **error)
{
  if (ok || !g_error_matches (*error, DNN_ERROR, DNN_ERROR_UNSUPPORTED))
    return ok;
  dnn_onnx_reasons_add (self, (*error)->message);
  g_clear_error (error);
  return TRUE;
}

static void
append_more (GString *text, guint n)
{
  if (n > MAX_TOLD)
    g_string_append_printf (text, ", and %u more", n - MAX_TOLD);
}

/* Of one operator: it may be a slip of the pen. */
static void
append_nearest (DnnOnnxReasons *self, GString *text)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const gchar *nearest;

  if (self->operators->len != 1)
    return;
  for (const DnnOp *const *list = dnn_op_list (); *list; list++)
    g_ptr_array_add (names, (gpointer) (*list)->name);
  g_ptr_array_add (names, NULL);
  nearest = dnn_nearest_word (
      self->operators->pdata[0], (const gchar *const *) names->pdata);
  if (nearest)
    g_string_append_printf (text, " (nearest: \"%s\")", nearest);
}

gboolean
dnn_onnx_reasons_check (DnnOnnxReasons *self, gint64 opset, GError **error)
{
  g_autoptr (GString) text = g_string_new (self->prefix);

  if (self->operators->len == 0 && self->n_others == 0)
    return TRUE;
  if (self->operators->len > 0) {
    g_string_append_printf (text,
        "operators that are not supported (opset %" G_GINT64_FORMAT "): %s",
        opset, self->operator_text->str);
    append_more (text, self->operators->len);
    append_nearest (self, text);
  }
  if (self->n_others > 0) {
    g_string_append_printf (
        text, "%s%s", self->operators->len > 0 ? "; " : "", self->text->str);
    append_more (text, self->n_others);
  }
  g_set_error_literal (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED, text->str);
  return FALSE;
}
