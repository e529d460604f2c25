/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensor shapes → the head that fits them. Next: gstdnnhead-*.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

#include <math.h>

/* In the order in which auto asks: the more particular first. */
static const GstDnnHead *const heads[] = {
  &gst_dnn_head_ultraface,
  &gst_dnn_head_ssd,
  &gst_dnn_head_fastestdet,
  &gst_dnn_head_yolov10,
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

static gboolean
try_head (const GstDnnHead *head, const GstDnnTensorsInfo *info, guint n_labels,
    gboolean automatic, GstDnnHeadSetup *setup)
{
  *setup = (GstDnnHeadSetup){ .tensor = { -1, -1, -1, -1 }, .n_batch = 1 };
  return head->match (info, n_labels, automatic, setup);
}

static gchar *
list_heads (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    g_string_append_printf (text, "%s%s: %s", i == 0 ? "" : "; ",
        heads[i]->name, heads[i]->shapes_text);
  return g_string_free (text, FALSE);
}

const GstDnnHead *
gst_dnn_head_choose (GstDnnHeadId id, const GstDnnTensorsInfo *info,
    guint n_labels, GstDnnHeadSetup *setup, GError **error)
{
  const GstDnnHead *head = gst_dnn_head_get (id);
  g_autofree gchar *found = NULL;
  g_autofree gchar *known = NULL;

  if (head != NULL) {
    if (try_head (head, info, n_labels, FALSE, setup))
      return head;
    found = gst_dnn_tensors_info_to_string (info);
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "head=%s can't read tensors %s; it expects %s", head->name, found,
        head->shapes_text);
    return NULL;
  }
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    if (try_head (heads[i], info, n_labels, TRUE, setup))
      return heads[i];
  found = gst_dnn_tensors_info_to_string (info);
  known = list_heads ();
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "no head fits tensors %s; known are %s", found, known);
  return NULL;
}

gboolean
gst_dnn_head_get_dims (const DnnShape *shape, gint rank, gint64 *dims)
{
  gint shift = shape->rank - rank;

  for (gint i = 0; i < shift; i++)
    if (shape->dims[i] != 1)
      return FALSE;
  for (gint i = 0; i < rank; i++)
    dims[i] = i + shift < 0 ? 1 : shape->dims[i + shift];
  return TRUE;
}

gfloat
gst_dnn_sigmoid (gfloat x)
{
  return 1 / (1 + expf (-x));
}

gint
gst_dnn_argmax (const gfloat *values, gint n, gsize step)
{
  gint best = 0;

  for (gint i = 1; i < n; i++)
    if (values[i * step] > values[best * step])
      best = i;
  return best;
}

void
gst_dnn_box_set (GstDnnBox *box, GstDnnBoxOrder order, const gfloat values[4],
    gfloat scale_x, gfloat scale_y)
{
  switch (order) {
    case GST_DNN_BOX_YXYX:
      box->x0 = values[1];
      box->y0 = values[0];
      box->x1 = values[3];
      box->y1 = values[2];
      break;
    case GST_DNN_BOX_CXCYWH:
      box->x0 = values[0] - values[2] / 2;
      box->y0 = values[1] - values[3] / 2;
      box->x1 = values[0] + values[2] / 2;
      box->y1 = values[1] + values[3] / 2;
      break;
    case GST_DNN_BOX_XYXY:
    default:
      box->x0 = values[0];
      box->y0 = values[1];
      box->x1 = values[2];
      box->y1 = values[3];
      break;
  }
  box->x0 *= scale_x;
  box->x1 *= scale_x;
  box->y0 *= scale_y;
  box->y1 *= scale_y;
}
