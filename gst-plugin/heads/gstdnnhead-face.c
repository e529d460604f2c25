/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of the small face detectors Ultra-Light-Fast-Generic (RFB and slim):
 * scores of background and face, corners from 0 to 1. Next: gstdnnnms.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

#include <math.h>

enum
{
  ROLE_SCORES,
  ROLE_BOXES,
};

static gboolean
match_ultraface (const GstDnnTensorsInfo *info, guint n_labels,
    gboolean automatic, GstDnnHeadSetup *setup)
{
  gint64 dims[2][3];

  if (info->n_tensors != 2)
    return FALSE;
  for (gint i = 0; i < 2; i++) {
    if (!gst_dnn_head_get_dims (&info->shapes[i], 3, dims[i]))
      return FALSE;
    if (dims[i][2] == 2)
      setup->tensor[ROLE_SCORES] = i;
    if (dims[i][2] == 4)
      setup->tensor[ROLE_BOXES] = i;
  }
  setup->n_batch = dims[0][0];
  setup->n_boxes = dims[0][1];
  setup->n_classes = 1;
  setup->box_order = GST_DNN_BOX_XYXY;
  return setup->tensor[ROLE_SCORES] >= 0 && setup->tensor[ROLE_BOXES] >= 0 &&
      dims[0][1] == dims[1][1] && dims[0][0] == dims[1][0];
}

static gfloat
get_face_score (const GstDnnHeadSetup *setup, const gfloat *scores)
{
  if (setup->activation == GST_DNN_ACTIVATION_SOFTMAX)
    return gst_dnn_sigmoid (scores[1] - scores[0]);
  if (setup->activation == GST_DNN_ACTIVATION_SIGMOID)
    return gst_dnn_sigmoid (scores[1]);
  return scores[1];
}

static void
decode_ultraface (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  gsize first = (gsize) batch_idx * setup->n_boxes;
  const gfloat *scores = tensors[setup->tensor[ROLE_SCORES]] + first * 2;
  const gfloat *corners = tensors[setup->tensor[ROLE_BOXES]] + first * 4;

  for (gint i = 0; i < setup->n_boxes; i++, scores += 2, corners += 4) {
    GstDnnBox box = {
      .score = get_face_score (setup, scores),
    };

    if (!(box.score >= setup->score_threshold))
      continue;
    gst_dnn_box_set (
        &box, setup->box_order, corners, setup->model_w, setup->model_h);
    g_array_append_val (boxes, box);
  }
}

static const gchar *const labels[] = { "face", NULL };

const GstDnnHead gst_dnn_head_ultraface = {
  .id = GST_DNN_HEAD_ULTRAFACE,
  .name = "ultraface",
  .doc = "Ultra-Light-Fast-Generic face detectors",
  .shapes_text = "scores 1×N×2 and boxes 1×N×4",
  .score_threshold = 0.7,
  .iou_threshold = 0.3,
  .input = { GST_DNN_COLOR_RGB, GST_DNN_RESIZE_STRETCH, 127, 1.0 / 128 },
  .labels = labels,
  .match = match_ultraface,
  .decode = decode_ultraface,
};
