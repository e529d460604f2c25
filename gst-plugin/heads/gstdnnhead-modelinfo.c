/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The ids that a .modelinfo file gives to outputs, from GStreamer's registry of
 * tensors → settings that the user has left open. Next: gstdnnhead.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead-modelinfo.h"

#include <string.h>

/* @role: of the tensors property; NULL where there is one tensor only. */
typedef struct
{
  const gchar *id;
  const gchar *role;
  GstDnnHeadSettings settings;
} Row;

#define ULTRAFACE "ultra-lightweight-face-detection-rfb-320-v1-variant-1-out-"
#define SSD "ssd-mobilenet-v1-variant-1-out-"

/* What comes first in a file counts before what comes later. */
static const Row rows[] = {
  { "yolo-v8-out", NULL,
      { .id = GST_DNN_HEAD_YOLOV8,
          .activation = GST_DNN_ACTIVATION_NONE,
          .box_units = GST_DNN_BOX_UNITS_PIXELS,
          .box_axis = GST_DNN_BOX_AXIS_FIRST } },
  { "yolo-v8-out-normalized", NULL,
      { .id = GST_DNN_HEAD_YOLOV8,
          .activation = GST_DNN_ACTIVATION_NONE,
          .box_units = GST_DNN_BOX_UNITS_NORMALISED,
          .box_axis = GST_DNN_BOX_AXIS_FIRST } },
  { "yolox-out", NULL,
      { .id = GST_DNN_HEAD_YOLOX, .box_axis = GST_DNN_BOX_AXIS_LAST } },
  { "yolo-26-end2end-out", NULL, { .id = GST_DNN_HEAD_YOLOV10 } },
  /* Its boxes may have the id of SSD's. */
  { ULTRAFACE "scores", NULL, { .id = GST_DNN_HEAD_ULTRAFACE } },
  { ULTRAFACE "boxes-without-postproc", NULL,
      { .id = GST_DNN_HEAD_ULTRAFACE, .box_units = GST_DNN_BOX_UNITS_PRIORS } },
  { SSD "boxes", "boxes",
      { .id = GST_DNN_HEAD_SSD,
          .box_order = GST_DNN_BOX_YXYX,
          .box_units = GST_DNN_BOX_UNITS_NORMALISED } },
  { SSD "scores", "scores", { .id = GST_DNN_HEAD_SSD } },
  { SSD "classes", "classes", { .id = GST_DNN_HEAD_SSD } },
  { "generic-variant-1-out-count", "count", { .id = GST_DNN_HEAD_SSD } },
};

static GKeyFile *
load (const gchar *text)
{
  GKeyFile *file = g_key_file_new ();

  if (g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return file;
  g_key_file_unref (file);
  return NULL;
}

/* The head of the first row that one of the outputs has. */
static GstDnnHeadId
find_head (GKeyFile *file, const GstDnnEvidence *evidence)
{
  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    for (guint i = 0; i < evidence->outputs->len; i++) {
      const GstDnnOutput *output = gst_dnn_evidence_get (evidence, i);
      g_autofree gchar *id = g_key_file_get_string (
          file, output->name, "id", NULL);

      if (g_strcmp0 (id, rows[r].id) == 0)
        return rows[r].settings.id;
    }
  return GST_DNN_HEAD_AUTO;
}

static void
take_row (GstDnnHeadSettings *settings, const Row *row)
{
  if (settings->activation == GST_DNN_ACTIVATION_AUTO)
    settings->activation = row->settings.activation;
  if (settings->box_order == GST_DNN_BOX_AUTO)
    settings->box_order = row->settings.box_order;
  if (settings->box_units == GST_DNN_BOX_UNITS_AUTO)
    settings->box_units = row->settings.box_units;
  if (settings->box_axis == GST_DNN_BOX_AXIS_AUTO)
    settings->box_axis = row->settings.box_axis;
}

gchar *
gst_dnn_head_take_modelinfo (
    GstDnnHeadSettings *settings, const GstDnnEvidence *evidence)
{
  g_autoptr (GKeyFile) file = evidence != NULL && evidence->modelinfo != NULL
      ? load (evidence->modelinfo)
      : NULL;
  g_autoptr (GString) roles = g_string_new (NULL);
  GstDnnHeadId head = file != NULL ? find_head (file, evidence)
                                   : GST_DNN_HEAD_AUTO;

  if (head == GST_DNN_HEAD_AUTO ||
      (settings->id != GST_DNN_HEAD_AUTO && settings->id != head))
    return NULL;
  settings->id = head;
  for (guint i = 0; i < evidence->outputs->len; i++) {
    const GstDnnOutput *output = gst_dnn_evidence_get (evidence, i);
    g_autofree gchar *id = g_key_file_get_string (
        file, output->name, "id", NULL);

    for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
      if (g_strcmp0 (id, rows[r].id) != 0 || rows[r].settings.id != head)
        continue;
      take_row (settings, &rows[r]);
      if (rows[r].role != NULL)
        g_string_append_printf (
            roles, "%s%s=%u", roles->len > 0 ? "," : "", rows[r].role, i);
    }
  }
  if (settings->tensors != NULL || roles->len == 0)
    return NULL;
  settings->tensors = roles->str;
  return g_string_free (g_steal_pointer (&roles), FALSE);
}
