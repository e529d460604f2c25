/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the models of a head expect ↔ the structure of a question. Next:
 * gstdnndownstream.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

static const gchar *const means[] = { "mean-0", "mean-1", "mean-2" };
static const gchar *const scales[] = { "scale-0", "scale-1", "scale-2" };

void
gst_dnn_query_set_input (GstStructure *structure, const GstDnnHeadInput *input)
{
  gst_structure_set (structure, "color", G_TYPE_INT, input->color, "resize",
      G_TYPE_INT, input->resize, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (means); i++)
    gst_structure_set (structure, means[i], G_TYPE_DOUBLE, input->mean[i],
        scales[i], G_TYPE_DOUBLE, input->scale[i], NULL);
}

gboolean
gst_dnn_query_get_input (const GstStructure *structure, GstDnnHeadInput *input)
{
  gint color, resize;

  if (!gst_structure_get_int (structure, "color", &color) ||
      !gst_structure_get_int (structure, "resize", &resize))
    return FALSE;
  input->color = color;
  input->resize = resize;
  for (guint i = 0; i < G_N_ELEMENTS (means); i++)
    if (!gst_structure_get_double (structure, means[i], &input->mean[i]) ||
        !gst_structure_get_double (structure, scales[i], &input->scale[i]))
      return FALSE;
  return TRUE;
}
