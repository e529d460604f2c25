/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* YOLOv10 and later, and others that have chosen already: rows of corners,
 * score, class. Next: gstdnnnms.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead-yolo-case.h"

/* Numbers of a row. */
#define N_ROW 6

/* Four numbers of a box, one probability, one position. */
static gboolean
is_chosen_row (const GstDnnParts *parts)
{
  const GstDnnPart *last = &parts->parts[parts->n_parts - 1];

  return parts->n_parts >= 3 && last->size == 1 &&
      !gst_dnn_part_is_probability (last);
}

static GstDnnFit
match_v10 (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnOutput *output = gst_dnn_case_get (question, 0);
  const GstDnnParts *parts;
  gint64 dims[3];
  gint axis;

  if (question->info->n_tensors != 1 ||
      !gst_dnn_head_get_dims (&question->info->shapes[0], 3, dims) ||
      dims[2] != N_ROW ||
      question->settings->box_axis == GST_DNN_BOX_AXIS_FIRST)
    return GST_DNN_FIT_NO;
  setup->tensor[0] = 0;
  setup->n_batch = dims[0];
  setup->n_boxes = dims[1];
  setup->n_values = N_ROW;
  if (setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = GST_DNN_BOX_XYXY;
  if (setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    setup->box_units = GST_DNN_BOX_UNITS_PIXELS;
  setup->activation = GST_DNN_ACTIVATION_NONE;
  if (output == NULL)
    return GST_DNN_FIT_IF_ASKED;
  parts = gst_dnn_case_get_parts (question, 0, 3, &axis);
  if (parts != NULL && (axis != 2 || !is_chosen_row (parts)))
    return gst_dnn_case_doubt (
        question, "no row ends with a score and a class");
  return output->chosen ? GST_DNN_FIT_YES : GST_DNN_FIT_IF_ASKED;
}

static void
decode_v10 (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  const gfloat *item = tensors[setup->tensor[0]] +
      (gsize) batch_idx * setup->n_boxes * N_ROW;
  gfloat scale_x, scale_y;

  gst_dnn_head_get_scale (setup, &scale_x, &scale_y);
  for (gint i = 0; i < setup->n_boxes; i++, item += N_ROW) {
    GstDnnBox box = { .score = item[4] };

    if (!(box.score >= setup->score_threshold) ||
        !(item[5] >= 0 && item[5] < G_MAXINT16))
      continue;
    box.label_id = (gint) (item[5] + 0.5f);
    gst_dnn_box_set (&box, setup->box_order, item, scale_x, scale_y);
    g_array_append_val (boxes, box);
  }
}

const GstDnnHead gst_dnn_head_yolov10 = {
  .id = GST_DNN_HEAD_YOLOV10,
  .name = "yolov10",
  .doc = "YOLOv10 and others that choose inside: corners, score, class",
  .shapes_text = "1×N×6",
  .evidence_text = "candidates chosen inside (TopK, NonMaxSuppression)",
  .score_threshold = 0.25,
  .iou_threshold = 1,
  .input = GST_DNN_YOLO_INPUT,
  .match = match_v10,
  .decode = decode_v10,
};
