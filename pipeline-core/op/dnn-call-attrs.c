/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Attribute texts of a node → values, by the rows of its operator. */
#include "config.h"

#include "pipeline-core/op/dnn-call-private.h"

#include <string.h>

static const gchar *
describe_kind (DnnAttrKind kind)
{
  static const gchar *const words[] = {
    [DNN_ATTR_INT] = "an integer",
    [DNN_ATTR_FLOAT] = "a number",
    [DNN_ATTR_STRING] = "a text",
    [DNN_ATTR_INTS] = "a list of integers: [1, 2]",
    [DNN_ATTR_FLOATS] = "a list of numbers: [0.5, 1]",
    [DNN_ATTR_STRINGS] = "a list of texts: [\"a\", \"b\"]",
  };

  return words[kind];
}

static gboolean
parse_text (const DnnAttrRow *row, const gchar *text, DnnAttrValue *value)
{
  switch (row->kind) {
    case DNN_ATTR_INT:
      return dnn_text_to_int (text, &value->i);
    case DNN_ATTR_FLOAT:
      return dnn_text_to_float (text, &value->f);
    case DNN_ATTR_STRING:
      value->s = g_strdup (text);
      return TRUE;
    case DNN_ATTR_INTS:
      return dnn_text_to_ints (text, &value->ints, &value->n);
    case DNN_ATTR_FLOATS:
      return dnn_text_to_floats (text, &value->floats, &value->n);
    case DNN_ATTR_STRINGS:
      return dnn_text_to_strings (text, &value->strings, &value->n);
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
is_in_range (const DnnAttrRow *row, gdouble number)
{
  return (row->min == 0 && row->max == 0) ||
      (number >= row->min && number <= row->max);
}

static gboolean
check_numbers (const DnnAttrRow *row, const DnnAttrValue *value)
{
  switch (row->kind) {
    case DNN_ATTR_INT:
      return is_in_range (row, (gdouble) value->i);
    case DNN_ATTR_FLOAT:
      return is_in_range (row, value->f);
    case DNN_ATTR_INTS:
      for (guint i = 0; i < value->n; i++)
        if (!is_in_range (row, (gdouble) value->ints[i]))
          return FALSE;
      return TRUE;
    case DNN_ATTR_FLOATS:
      for (guint i = 0; i < value->n; i++)
        if (!is_in_range (row, value->floats[i]))
          return FALSE;
      return TRUE;
    default:
      return TRUE;
  }
}

/* The first text that is none of the choices, NULL if all are. */
static const gchar *
find_bad_choice (const DnnAttrRow *row, const DnnAttrValue *value)
{
  if (!row->choices)
    return NULL;
  if (row->kind == DNN_ATTR_STRING)
    return g_strv_contains (row->choices, value->s) ? NULL : value->s;
  for (guint i = 0; i < value->n && value->strings; i++)
    if (!g_strv_contains (row->choices, value->strings[i]))
      return value->strings[i];
  return NULL;
}

static void
print_bound (gchar *buffer, gdouble bound)
{
  g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.9g", bound);
}

static gboolean
parse_attr (DnnCall *call, const DnnAttrRow *row, const gchar *text,
    DnnAttrValue *value, GError **error)
{
  const gchar *bad;

  if (!parse_text (row, text, value))
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute \"%s\" is \"%s\", expected %s", row->key, text,
        describe_kind (row->kind));
  if (!check_numbers (row, value)) {
    gchar min[G_ASCII_DTOSTR_BUF_SIZE], max[G_ASCII_DTOSTR_BUF_SIZE];
    print_bound (min, row->min);
    print_bound (max, row->max);
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute \"%s\" is %s, expected %s to %s", row->key, text, min, max);
  }
  if ((bad = find_bad_choice (row, value))) {
    g_autofree gchar *valid = g_strjoinv ("\", \"", (gchar **) row->choices);
    const gchar *nearest = dnn_nearest_word (bad, row->choices);
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute \"%s\" is \"%s\", expected one of \"%s\"%s%s%s", row->key,
        bad, valid, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
        nearest ? "\"?" : "");
  }
  value->present = TRUE;
  return TRUE;
}

static gint
find_attr (const DnnOp *op, const gchar *key)
{
  for (guint i = 0; i < op->n_attrs; i++)
    if (strcmp (op->attrs[i].key, key) == 0)
      return (gint) i;
  return -1;
}

gint
dnn_op_find_input (const DnnOp *op, const gchar *name)
{
  for (guint i = 0; i < op->n_inputs; i++)
    if (strcmp (op->inputs[i].name, name) == 0)
      return (gint) i;
  return -1;
}

static gboolean
set_unknown_error (DnnCall *call, const gchar *key, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autofree gchar *valid = NULL;
  const gchar *nearest;

  for (guint i = 0; i < call->op->n_attrs; i++)
    g_ptr_array_add (keys, (gpointer) call->op->attrs[i].key);
  g_ptr_array_add (keys, NULL);
  valid = g_strjoinv ("\", \"", (gchar **) keys->pdata);
  nearest = dnn_nearest_word (key, (const gchar *const *) keys->pdata);
  return dnn_call_error (call, error, DNN_ERROR_UNKNOWN_KEY,
      "unknown attribute \"%s\"%s%s%s; valid: %s%s%s", key,
      nearest ? ", did you mean \"" : "", nearest ? nearest : "",
      nearest ? "\"?" : "", *valid ? "\"" : "none", valid, *valid ? "\"" : "");
}

static gboolean
check_keys (
    DnnCall *call, const DnnAttrs *attrs, gboolean with_scalars, GError **error)
{
  for (guint i = 0; i < dnn_attrs_get_n (attrs); i++) {
    const gchar *key = dnn_attrs_get_key (attrs, i);
    gboolean known = find_attr (call->op, key) >= 0 ||
        (with_scalars && dnn_op_find_input (call->op, key) > 0);
    if (!known)
      return set_unknown_error (call, key, error);
  }
  return TRUE;
}

gboolean
dnn_call_parse_attrs (
    DnnCall *call, const DnnAttrs *attrs, gboolean with_scalars, GError **error)
{
  const DnnOp *op = call->op;

  if (attrs && !check_keys (call, attrs, with_scalars, error))
    return FALSE;
  for (guint i = 0; i < op->n_attrs; i++) {
    const DnnAttrRow *row = &op->attrs[i];
    const gchar *text = attrs ? dnn_attrs_get (attrs, row->key) : NULL;
    if (!text && row->required)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "attribute \"%s\" (%s) is required", row->key,
          describe_kind (row->kind));
    if (!text)
      text = row->def;
    if (text && !parse_attr (call, row, text, &call->attrs[i], error))
      return FALSE;
  }
  return TRUE;
}

void
dnn_call_clear_attrs (DnnCall *call)
{
  for (guint i = 0; i < call->op->n_attrs; i++) {
    g_free (call->attrs[i].s);
    g_free (call->attrs[i].ints);
    g_free (call->attrs[i].floats);
    g_strfreev (call->attrs[i].strings);
  }
}

const DnnAttrValue *
dnn_call_attr (const DnnCall *call, const gchar *key)
{
  gint idx = find_attr (call->op, key);

  if (idx < 0)
    g_error ("operator %s has no attribute row %s", call->op->name, key);
  return &call->attrs[idx];
}

gint64
dnn_call_int (const DnnCall *call, const gchar *key)
{
  return dnn_call_attr (call, key)->i;
}

gfloat
dnn_call_float (const DnnCall *call, const gchar *key)
{
  return dnn_call_attr (call, key)->f;
}

gboolean
dnn_call_axis (const DnnCall *call, const gchar *key, gint rank, gint *axis,
    GError **error)
{
  gint64 given = dnn_call_int (call, key);

  if (given < -rank || given >= rank)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute \"%s\" is %" G_GINT64_FORMAT
        ", which a tensor of rank %d doesn't have",
        key, given, rank);
  *axis = (gint) (given < 0 ? given + rank : given);
  return TRUE;
}
