/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of SSD and its kin, in two forms. Chosen: boxes with one class and one
 * score each, and maybe a count (detectors of the TensorFlow and the torch
 * family after their own NMS). Raw: boxes with the scores of all classes, the
 * first of them the background. Next: gstdnnnms.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

#include <math.h>

enum
{
  ROLE_BOXES,
  ROLE_SCORES,
  ROLE_CLASSES,
  ROLE_COUNT,
};

/* Coordinates beyond are pixels, not parts of the picture. */
#define MAX_NORMALISED 2.0f

static gboolean
is_integer (DnnType type)
{
  return type == DNN_TYPE_INT64 || type == DNN_TYPE_INT32;
}

/* Boxes: the only tensor whose innermost dimension is 4. */
static gint
find_boxes (const GstDnnTensorsInfo *info, gint64 dims[3])
{
  gint found = -1;

  for (guint i = 0; i < info->n_tensors; i++) {
    const DnnShape *shape = &info->shapes[i];
    gint64 own[3];

    if (shape->rank < 2 || !gst_dnn_head_get_dims (shape, 3, own) ||
        own[2] != 4)
      continue;
    if (found >= 0)
      return -1;
    found = i;
    for (guint d = 0; d < 3; d++)
      dims[d] = own[d];
  }
  return found;
}

/* One number a box; integers are classes. Where both are float, classes come
 * first, as in the outputs of TensorFlow's detectors. */
static void
set_per_box_role (const GstDnnTensorsInfo *info, GstDnnHeadSetup *setup, gint i)
{
  gint *classes = &setup->tensor[ROLE_CLASSES];
  gint *scores = &setup->tensor[ROLE_SCORES];

  if (is_integer (info->types[i])) {
    if (*classes >= 0 && *scores < 0)
      *scores = *classes;
    *classes = i;
  } else if (*classes < 0) {
    *classes = i;
  } else {
    *scores = i;
  }
}

static gboolean
match_chosen (const GstDnnTensorsInfo *info, const gint64 boxes[3],
    GstDnnHeadSetup *setup)
{
  gint64 n_per_box = boxes[0] * boxes[1];

  for (guint i = 0; i < info->n_tensors; i++) {
    gint64 n = dnn_shape_n_elements (&info->shapes[i]);

    if ((gint) i == setup->tensor[ROLE_BOXES])
      continue;
    if (n == n_per_box)
      set_per_box_role (info, setup, i);
    else if (n == boxes[0] && setup->tensor[ROLE_COUNT] < 0)
      setup->tensor[ROLE_COUNT] = i;
    else
      return FALSE;
  }
  if (setup->tensor[ROLE_CLASSES] < 0 || setup->tensor[ROLE_SCORES] < 0)
    return FALSE;
  if (setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = is_integer (info->types[setup->tensor[ROLE_CLASSES]])
        ? GST_DNN_BOX_XYXY
        : GST_DNN_BOX_YXYX;
  return TRUE;
}

static gboolean
match_raw (const GstDnnTensorsInfo *info, const gint64 boxes[3],
    GstDnnHeadSetup *setup)
{
  gint scores = setup->tensor[ROLE_BOXES] == 0 ? 1 : 0;
  gint64 dims[3];

  if (info->n_tensors != 2 ||
      !gst_dnn_head_get_dims (&info->shapes[scores], 3, dims) ||
      dims[0] != boxes[0] || dims[1] != boxes[1] || dims[2] < 2)
    return FALSE;
  setup->tensor[ROLE_SCORES] = scores;
  setup->n_classes = dims[2];
  if (setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = GST_DNN_BOX_XYXY;
  return TRUE;
}

static gboolean
match_ssd (const GstDnnTensorsInfo *info, guint n_labels, gboolean automatic,
    GstDnnHeadSetup *setup)
{
  gint64 boxes[3] = { 0 };

  setup->tensor[ROLE_BOXES] = find_boxes (info, boxes);
  if (setup->tensor[ROLE_BOXES] < 0)
    return FALSE;
  setup->n_batch = boxes[0];
  setup->n_boxes = boxes[1];
  if (info->n_tensors == 2)
    return match_raw (info, boxes, setup);
  return info->n_tensors <= 4 && match_chosen (info, boxes, setup);
}

/* Parts of the picture, unless a coordinate shows that they are pixels. */
static void
find_scale (const GstDnnHeadSetup *setup, const gfloat *corners, gint n_boxes,
    gfloat *scale_x, gfloat *scale_y)
{
  gfloat most = 0;

  for (gint i = 0; i < 4 * n_boxes; i++)
    most = corners[i] > most ? corners[i] : most;
  *scale_x = most > MAX_NORMALISED ? 1 : setup->model_w;
  *scale_y = most > MAX_NORMALISED ? 1 : setup->model_h;
}

static void
decode_chosen (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  gsize first = (gsize) batch_idx * setup->n_boxes;
  const gfloat *corners = tensors[setup->tensor[ROLE_BOXES]] + first * 4;
  const gfloat *scores = tensors[setup->tensor[ROLE_SCORES]] + first;
  const gfloat *classes = tensors[setup->tensor[ROLE_CLASSES]] + first;
  gint n_boxes = setup->n_boxes;
  gfloat scale_x, scale_y;

  if (setup->tensor[ROLE_COUNT] >= 0) {
    gfloat count = tensors[setup->tensor[ROLE_COUNT]][batch_idx];

    n_boxes = count >= 0 && count < n_boxes ? (gint) count : n_boxes;
  }
  find_scale (setup, corners, n_boxes, &scale_x, &scale_y);
  for (gint i = 0; i < n_boxes; i++) {
    GstDnnBox box = { .score = scores[i] };

    if (!(box.score >= setup->score_threshold) ||
        !(classes[i] >= 0 && classes[i] < G_MAXINT16))
      continue;
    box.label_id = (gint) (classes[i] + 0.5f);
    gst_dnn_box_set (&box, setup->box_order, corners + 4 * i, scale_x, scale_y);
    g_array_append_val (boxes, box);
  }
}

/* Probability of class @idx among the @n scores of a box. */
static gfloat
activate (GstDnnActivation activation, const gfloat *scores, gint n, gint idx)
{
  gfloat sum = 0;

  if (activation == GST_DNN_ACTIVATION_SIGMOID)
    return gst_dnn_sigmoid (scores[idx]);
  if (activation != GST_DNN_ACTIVATION_SOFTMAX)
    return scores[idx];
  for (gint i = 0; i < n; i++)
    sum += expf (scores[i] - scores[idx]);
  return 1 / sum;
}

static void
decode_raw (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  gsize first = (gsize) batch_idx * setup->n_boxes;
  gint n = setup->n_classes;
  const gfloat *corners = tensors[setup->tensor[ROLE_BOXES]] + first * 4;
  const gfloat *scores = tensors[setup->tensor[ROLE_SCORES]] + first * n;
  gfloat scale_x, scale_y;

  find_scale (setup, corners, setup->n_boxes, &scale_x, &scale_y);
  for (gint i = 0; i < setup->n_boxes; i++, scores += n) {
    GstDnnBox box;

    box.label_id = 1 + gst_dnn_argmax (scores + 1, n - 1, 1);
    box.score = activate (setup->activation, scores, n, box.label_id);
    if (!(box.score >= setup->score_threshold))
      continue;
    gst_dnn_box_set (&box, setup->box_order, corners + 4 * i, scale_x, scale_y);
    g_array_append_val (boxes, box);
  }
}

static void
decode_ssd (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  if (setup->tensor[ROLE_CLASSES] >= 0)
    decode_chosen (setup, tensors, batch_idx, boxes);
  else
    decode_raw (setup, tensors, batch_idx, boxes);
}

const GstDnnHead gst_dnn_head_ssd = {
  .id = GST_DNN_HEAD_SSD,
  .name = "ssd",
  .doc = "SSD: boxes, classes, scores and maybe a count; or boxes and the "
         "scores of all classes",
  .shapes_text = "boxes 1×N×4, classes 1×N, scores 1×N and maybe a count; or "
                 "boxes 1×N×4 and scores 1×N×C",
  .score_threshold = 0.5,
  .iou_threshold = 0.45,
  .input = { GST_DNN_COLOR_RGB, GST_DNN_RESIZE_STRETCH, 127.5, 1 / 127.5 },
  .match = match_ssd,
  .decode = decode_ssd,
};
