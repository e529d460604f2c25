/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What is known of a model's outputs, kept and handed on: evidence ↔ query,
 * evidence → text. Next: gstdnnhead.c. */
#include "config.h"

#include "gst-plugin/evidence/gstdnnevidence.h"

#include "gst-plugin/stream/gstdnnquery.h"

G_DEFINE_BOXED_TYPE (GstDnnEvidence, gst_dnn_evidence, gst_dnn_evidence_ref,
    gst_dnn_evidence_unref)

static void
free_output (gpointer data)
{
  GstDnnOutput *output = data;

  g_free (output->name);
  g_free (output);
}

GstDnnEvidence *
gst_dnn_evidence_new (void)
{
  GstDnnEvidence *self = g_new0 (GstDnnEvidence, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->outputs = g_ptr_array_new_with_free_func (free_output);
  return self;
}

GstDnnEvidence *
gst_dnn_evidence_ref (GstDnnEvidence *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_dnn_evidence_unref (GstDnnEvidence *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->outputs);
  g_free (self->modelinfo);
  g_free (self->names);
  g_free (self);
}

void
gst_dnn_evidence_add (GstDnnEvidence *self, const GstDnnOutput *output)
{
  GstDnnOutput *copy = g_memdup2 (output, sizeof *output);

  copy->name = g_strdup (output->name);
  g_ptr_array_add (self->outputs, copy);
}

void
gst_dnn_evidence_take_model (GstDnnEvidence *self, const GstDnnEvidence *other)
{
  if (self->model_w == 0) {
    self->model_w = other->model_w;
    self->model_h = other->model_h;
  }
  if (self->modelinfo == NULL)
    self->modelinfo = g_strdup (other->modelinfo);
  if (self->names == NULL)
    self->names = g_strdup (other->names);
}

const GstDnnOutput *
gst_dnn_evidence_get (const GstDnnEvidence *self, guint idx)
{
  if (self == NULL || idx >= self->outputs->len)
    return NULL;
  return self->outputs->pdata[idx];
}

/* --- Text. */

static const gchar *
name_kind (const GstDnnPart *part)
{
  static const gchar *const made[] = { "of unknown origin", "from the network",
    "computed", "constant", "positions" };
  static const gchar *const seen[] = { "", "sigmoid", "softmax",
    "log-softmax" };

  return part->seen != GST_DNN_SEEN_NONE ? seen[part->seen] : made[part->made];
}

static void
print_part (GString *text, const GstDnnPart *part, gboolean with_size)
{
  if (with_size)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " ", part->size);
  g_string_append (text, name_kind (part));
  if (part->extent > 0 && part->seen == GST_DNN_SEEN_NONE)
    g_string_append_printf (text, " (up to about %.0f)", part->extent);
}

static void
print_output (GString *text, const GstDnnOutput *output)
{
  const GstDnnParts *parts = &output->parts;
  g_autofree gchar *shape = dnn_shape_to_string (&output->shape);

  g_string_append_printf (
      text, "%s%s %s: ", text->len > 0 ? "; " : "", output->name, shape);
  if (parts->axis >= 0)
    g_string_append_printf (text, "along dimension %d ", parts->axis);
  for (guint i = 0; i < parts->n_parts; i++) {
    if (i > 0)
      g_string_append (text, " + ");
    print_part (text, &parts->parts[i], parts->axis >= 0);
  }
  if (output->chosen)
    g_string_append (text, ", chosen inside");
}

gchar *
gst_dnn_evidence_to_string (const GstDnnEvidence *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; self != NULL && i < self->outputs->len; i++)
    print_output (text, self->outputs->pdata[i]);
  if (text->len == 0)
    g_string_append (text, "nothing");
  return g_string_free (text, FALSE);
}

/* --- The question. */

void
gst_dnn_evidence_answer (GstQuery *query, GstDnnEvidence *self)
{
  gst_structure_set (gst_query_writable_structure (query), "evidence",
      GST_TYPE_DNN_EVIDENCE, self, NULL);
}

GstDnnEvidence *
gst_dnn_evidence_ask (GstPad *pad)
{
  return gst_dnn_evidence_ask_for_size (pad, 0, 0);
}

GstDnnEvidence *
gst_dnn_evidence_ask_for_size (GstPad *pad, gint width, gint height)
{
  GstQuery *query = gst_dnn_query_new_evidence ();
  GstDnnEvidence *evidence = NULL;

  gst_dnn_query_set_size (query, width, height);
  if (gst_pad_peer_query (pad, query))
    gst_structure_get (gst_query_get_structure (query), "evidence",
        GST_TYPE_DNN_EVIDENCE, &evidence, NULL);
  gst_query_unref (query);
  return evidence;
}
