/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors and what is known of them → the head that fits, or what was looked
 * for. Next: gstdnnhead-*.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

#include <string.h>

#include "gst-plugin/heads/gstdnnhead-case.h"
#include "gst-plugin/heads/gstdnnhead-modelinfo.h"

/* In the order in which auto asks: the more particular first. */
static const GstDnnHead *const heads[] = {
  &gst_dnn_head_yunet,
  &gst_dnn_head_nanodet,
  &gst_dnn_head_ultraface,
  &gst_dnn_head_ssd,
  &gst_dnn_head_fastestdet,
  &gst_dnn_head_yolov10,
  &gst_dnn_head_yolox,
  &gst_dnn_head_yolov8,
  &gst_dnn_head_yolov5,
};

const GstDnnHead *
gst_dnn_head_get (GstDnnHeadId id)
{
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    if (heads[i]->id == id)
      return heads[i];
  return NULL;
}

/* --- The question. */

gboolean
gst_dnn_evidence_is_of (
    const GstDnnEvidence *self, const GstDnnTensorsInfo *info)
{
  if (self == NULL || self->outputs->len != info->n_tensors)
    return FALSE;
  for (guint i = 0; i < info->n_tensors; i++) {
    const GstDnnOutput *output = gst_dnn_evidence_get (self, i);

    if (!gst_dnn_shape_fit (&info->shapes[i], &output->shape, NULL))
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_dnn_evidence_get_info (const GstDnnEvidence *self, GstDnnTensorsInfo *info)
{
  gst_dnn_tensors_info_init (info);
  for (guint i = 0; self != NULL && i < self->outputs->len; i++) {
    const GstDnnOutput *output = gst_dnn_evidence_get (self, i);

    if (output->type == DNN_TYPE_INVALID ||
        !dnn_shape_is_known (&output->shape) ||
        !gst_dnn_tensors_info_add (info, output->type, &output->shape, NULL))
      return FALSE;
  }
  return info->n_tensors > 0;
}

static gboolean
check_role (const GstDnnHeadCase *self, const gchar *word, GError **error)
{
  static const gchar *const roles[] = { "boxes", "scores", "classes", "count",
    NULL };
  g_auto (GStrv) pair = g_strsplit (word, "=", 2);
  g_autofree gchar *known = gst_dnn_evidence_to_string (self->evidence);

  if (pair[0] != NULL && pair[1] != NULL && g_strv_contains (roles, pair[0]) &&
      gst_dnn_case_get_role (self, pair[0]) >= 0)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "tensors: \"%s\": \"boxes=0\" or the like was expected, with boxes, "
      "scores, classes or count before the sign, and behind it a number below "
      "%u or the name of an output (known of them is: %s)",
      word, self->info->n_tensors, known);
  return FALSE;
}

static gboolean
check_roles (const GstDnnHeadCase *self, GError **error)
{
  const gchar *text = self->settings->tensors;
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (!check_role (self, g_strstrip (words[i]), error))
      return FALSE;
  return TRUE;
}

static GstDnnFit
try_head (
    const GstDnnHead *head, GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  *setup = (GstDnnHeadSetup){ .n_batch = 1,
    .box_order = question->settings->box_order,
    .box_units = question->settings->box_units };
  for (guint i = 0; i < GST_DNN_HEAD_ROLES; i++)
    setup->tensor[i] = -1;
  g_string_truncate (question->guesses, 0);
  g_string_truncate (question->doubts, 0);
  return head->match (question, setup);
}

/* --- The answer. */

/* What heads look for, and what speaks against them here. */
static gchar *
list_heads (GstDnnHeadCase *question)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    GstDnnHeadSetup setup;

    try_head (heads[i], question, &setup);
    g_string_append_printf (text, "%s%s: %s, %s%s%s%s", i == 0 ? "" : "; ",
        heads[i]->name, heads[i]->shapes_text, heads[i]->evidence_text,
        question->doubts->len > 0 ? " (here " : "", question->doubts->str,
        question->doubts->len > 0 ? ")" : "");
  }
  return g_string_free (text, FALSE);
}

static void
refuse_all (GstDnnHeadCase *question, GError **error)
{
  g_autofree gchar *found = gst_dnn_tensors_info_to_string (question->info);
  g_autofree gchar *known = gst_dnn_evidence_to_string (question->evidence);
  g_autofree gchar *looked_for = list_heads (question);
  g_autoptr (GString) fitting = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    GstDnnHeadSetup setup;

    if (try_head (heads[i], question, &setup) == GST_DNN_FIT_IF_ASKED)
      g_string_append_printf (
          fitting, "%s%s", fitting->len > 0 ? " or " : "", heads[i]->name);
  }
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "No head fits tensors %s for sure%s%s; the model says of them: %s; looked "
      "for were %s",
      found, fitting->len > 0 ? "; if you know better set head to " : "",
      fitting->str, known, looked_for);
}

static void
refuse_one (const GstDnnHead *head, GstDnnHeadCase *question, GError **error)
{
  g_autofree gchar *found = gst_dnn_tensors_info_to_string (question->info);

  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "head=%s can't read tensors %s; it expects %s%s%s", head->name, found,
      head->shapes_text, question->doubts->len > 0 ? ", but " : "",
      question->doubts->str);
}

static const GstDnnHead *
choose (GstDnnHeadCase *question, GstDnnHeadSetup *setup, GError **error)
{
  const GstDnnHead *head = gst_dnn_head_get (question->settings->id);

  if (!check_roles (question, error))
    return NULL;
  if (head != NULL) {
    if (try_head (head, question, setup) != GST_DNN_FIT_NO)
      return head;
    refuse_one (head, question, error);
    return NULL;
  }
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    if (try_head (heads[i], question, setup) == GST_DNN_FIT_YES)
      return heads[i];
  refuse_all (question, error);
  return NULL;
}

const GstDnnHead *
gst_dnn_head_choose (const GstDnnHeadSettings *settings,
    const GstDnnTensorsInfo *info, const GstDnnEvidence *evidence,
    guint n_labels, GstDnnHeadSetup *setup, gchar **guesses, GError **error)
{
  g_autoptr (GString) guessed = g_string_new (NULL);
  g_autoptr (GString) doubts = g_string_new (NULL);
  const GstDnnEvidence *known = gst_dnn_evidence_is_of (evidence, info)
      ? evidence
      : NULL;
  GstDnnHeadSettings all = *settings;
  g_autofree gchar *roles = gst_dnn_head_take_modelinfo (&all, known);
  GstDnnHeadCase question = { info, known, &all, n_labels, guessed, doubts };
  const GstDnnHead *head = choose (&question, setup, error);

  if (head == NULL)
    return NULL;
  if (known != NULL && known->model_w > 0 &&
      !gst_dnn_head_set_size (
          head, setup, evidence->model_w, evidence->model_h, error))
    return NULL;
  if (guesses != NULL)
    *guesses = g_strdup (guessed->str);
  return head;
}

gboolean
gst_dnn_head_set_size (const GstDnnHead *self, GstDnnHeadSetup *setup,
    gint width, gint height, GError **error)
{
  gboolean is_new = setup->model_w != width || setup->model_h != height;
  gboolean needs_size = self->prepare != NULL ||
      setup->box_units == GST_DNN_BOX_UNITS_NORMALISED;

  setup->model_w = width;
  setup->model_h = height;
  if (!needs_size || (!is_new && width > 0))
    return TRUE;
  if (width > 0 && height > 0)
    return self->prepare == NULL || self->prepare (setup, error);
  g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
      "head=%s: the frame does not say how large the model's input was; it "
      "must come from dnnpreprocess",
      self->name);
  return FALSE;
}
