/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Calls and candidates → keys of what was measured. Next: dnn-tune-store.c. */
#include "config.h"

#include "pipeline-core/tune/dnn-tune-key.h"

static void
add_shape (GString *text, const DnnShape *shape)
{
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (
        text, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : " ", shape->dims[i]);
}

static void
add_arg (GString *text, const DnnCallArg *arg)
{
  if (!arg->present) {
    g_string_append_c (text, '-');
    return;
  }
  g_string_append (text, dnn_type_name (arg->type));
  add_shape (text, &arg->shape);
  if (arg->is_constant)
    g_string_append (text, " constant");
}

static void
add_args (GString *text, const DnnCallArg *args, guint n)
{
  g_string_append (text, " (");
  for (guint i = 0; i < n; i++) {
    if (i > 0)
      g_string_append (text, ", ");
    add_arg (text, &args[i]);
  }
  g_string_append_c (text, ')');
}

/* A model may say anything in a text. */
static void
add_string (GString *text, const gchar *value)
{
  g_autofree gchar *escaped = g_strescape (value ? value : "", NULL);

  g_string_append (text, escaped);
}

static void
add_float (GString *text, gdouble value)
{
  gchar number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (
      text, g_ascii_formatd (number, sizeof number, "%.9g", value));
}

static void
add_attr (GString *text, const DnnAttrRow *row, const DnnAttrValue *value)
{
  g_string_append_printf (text, " %s=", row->key);
  switch (row->kind) {
    case DNN_ATTR_INT:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, value->i);
      break;
    case DNN_ATTR_FLOAT:
      add_float (text, value->f);
      break;
    case DNN_ATTR_STRING:
      add_string (text, value->s);
      break;
    case DNN_ATTR_INTS:
      for (guint i = 0; i < value->n; i++)
        g_string_append_printf (
            text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", value->ints[i]);
      break;
    case DNN_ATTR_FLOATS:
      for (guint i = 0; i < value->n; i++) {
        g_string_append (text, i > 0 ? "," : "");
        add_float (text, value->floats[i]);
      }
      break;
    case DNN_ATTR_STRINGS:
      for (guint i = 0; i < value->n; i++) {
        g_string_append (text, i > 0 ? "," : "");
        add_string (text, value->strings[i]);
      }
      break;
  }
}

static void
add_op (GString *text, const DnnCall *call)
{
  add_string (text, call->op->name);
  for (guint i = 0; i < call->op->n_attrs; i++)
    if (call->attrs[i].present)
      add_attr (text, &call->op->attrs[i], &call->attrs[i]);
}

gchar *
dnn_tune_key_of_call (const DnnCall *call)
{
  GString *text = g_string_new (NULL);

  if (!call)
    return g_string_free (g_string_append (text, DNN_TUNE_REORDER), FALSE);
  add_op (text, call);
  add_args (text, call->inputs, call->n_inputs);
  g_string_append (text, " >");
  add_args (text, call->outputs, call->n_outputs);
  for (guint i = 0; i < call->n_post_ops; i++) {
    const DnnCallPostOp *post_op = &call->post_ops[i];
    g_string_append (text, "; ");
    add_op (text, post_op->call);
    if (post_op->input >= 0)
      g_string_append_printf (text, " @%d", post_op->input);
  }
  return g_string_free (text, FALSE);
}

static void
add_formats (GString *text, DnnFormat *const *formats, guint n)
{
  g_string_append (text, " (");
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *format = formats[i] ? dnn_format_to_string (formats[i])
                                          : NULL;
    if (i > 0)
      g_string_append (text, ", ");
    g_string_append (text, format ? format : "-");
    if (format && !dnn_format_is_plain (formats[i]))
      add_shape (text, &formats[i]->shape);
  }
  g_string_append_c (text, ')');
}

static void
add_shares (GString *text, const DnnCandidate *candidate)
{
  for (guint i = 0; i < candidate->n_dst; i++)
    if (candidate->dst_share[i].kind == DNN_SHARE_MAY)
      g_string_append_printf (
          text, ", %u in place of %u", i, candidate->dst_share[i].of);
}

gchar *
dnn_tune_key_of_candidate (const DnnCandidate *candidate)
{
  GString *text = g_string_new (candidate->impl);

  add_formats (text, candidate->src, candidate->n_src);
  g_string_append (text, " >");
  add_formats (text, candidate->dst, candidate->n_dst);
  add_shares (text, candidate);
  if (candidate->n_post_ops > 0)
    g_string_append_printf (text, ", %u post-ops", candidate->n_post_ops);
  return g_string_free (text, FALSE);
}

gchar *
dnn_tune_key (const gchar *call_key, const DnnCandidate *candidate)
{
  g_autofree gchar *own = dnn_tune_key_of_candidate (candidate);

  return g_strconcat (call_key, " | ", own, NULL);
}
