/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads of the YOLO family, as their exporters write them: one tensor of
 * candidates, centre and size in model pixels, scores already probabilities.
 * v5 to v7 have an objectness and candidates outermost, v8 and later have none
 * and candidates innermost; both are also found transposed. v10 and later
 * may have chosen already: corners, score, class. Next: gstdnnnms.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead.h"

/* Classes of COCO, which most published models have. */
#define N_COCO 80

/* Numbers of a candidate before its class scores. */
#define N_FIXED_V8 4
#define N_FIXED_V5 5

/* Candidates that are looked at together where they lie innermost, so that
 * their scores are read row by row. */
#define BLOCK 64

/* More candidates than any model of v10 leaves. */
#define MAX_CHOSEN 1000

/* Which of the two axes holds the numbers of a candidate: the one that fits
 * the labels, else that of a COCO model, else the shorter one. */
static gboolean
is_transposed (gint64 a, gint64 b, gint n_fixed, guint n_labels)
{
  gint64 expected = n_fixed + (n_labels > 0 ? n_labels : N_COCO);

  if ((a == expected) != (b == expected))
    return a == expected;
  return a < b;
}

static gboolean
match_candidates (const GstDnnTensorsInfo *info, gint n_fixed, guint n_labels,
    GstDnnHeadSetup *setup)
{
  gint64 dims[3];

  if (info->n_tensors != 1 ||
      !gst_dnn_head_get_dims (&info->shapes[0], 3, dims))
    return FALSE;
  setup->tensor[0] = 0;
  setup->n_batch = dims[0];
  setup->transposed = is_transposed (dims[1], dims[2], n_fixed, n_labels);
  setup->n_values = setup->transposed ? dims[1] : dims[2];
  setup->n_boxes = setup->transposed ? dims[2] : dims[1];
  setup->n_classes = setup->n_values - n_fixed;
  setup->box_order = GST_DNN_BOX_CXCYWH;
  return setup->n_classes >= 1;
}

/* Likely: candidates innermost, as only v8's are, unless the number of classes
 * says that there is an objectness. */
static gboolean
match_v8 (const GstDnnTensorsInfo *info, guint n_labels, gboolean automatic,
    GstDnnHeadSetup *setup)
{
  gint n_classes = n_labels > 0 ? n_labels : N_COCO;

  if (!match_candidates (info, N_FIXED_V8, n_labels, setup))
    return FALSE;
  if (!automatic || setup->n_values == n_classes + N_FIXED_V8)
    return TRUE;
  return setup->n_values != n_classes + N_FIXED_V5 && setup->transposed;
}

static gboolean
match_v5 (const GstDnnTensorsInfo *info, guint n_labels, gboolean automatic,
    GstDnnHeadSetup *setup)
{
  return match_candidates (info, N_FIXED_V5, n_labels, setup);
}

static gboolean
match_v10 (const GstDnnTensorsInfo *info, guint n_labels, gboolean automatic,
    GstDnnHeadSetup *setup)
{
  gint64 dims[3];

  if (info->n_tensors != 1 ||
      !gst_dnn_head_get_dims (&info->shapes[0], 3, dims) || dims[2] != 6)
    return FALSE;
  setup->tensor[0] = 0;
  setup->n_batch = dims[0];
  setup->n_boxes = dims[1];
  setup->n_values = 6;
  setup->box_order = GST_DNN_BOX_XYXY;
  return !automatic || dims[1] <= MAX_CHOSEN;
}

/* Objectness and class score → probability of the class. */
static gfloat
get_score (const GstDnnHeadSetup *setup, const gfloat *candidate, gsize step,
    gint n_fixed, gfloat class_score)
{
  gboolean is_logit = setup->activation == GST_DNN_ACTIVATION_SIGMOID;
  gfloat score = is_logit ? gst_dnn_sigmoid (class_score) : class_score;

  if (n_fixed == N_FIXED_V5) {
    gfloat objectness = candidate[4 * step];

    score *= is_logit ? gst_dnn_sigmoid (objectness) : objectness;
  }
  return score;
}

static void
append_candidate (const GstDnnHeadSetup *setup, const gfloat *candidate,
    gsize step, gint n_fixed, gint label_id, GArray *boxes)
{
  gfloat class_score = candidate[(n_fixed + label_id) * step];
  GstDnnBox box = {
    .label_id = label_id,
    .score = get_score (setup, candidate, step, n_fixed, class_score),
  };
  gfloat values[4];

  /* Not "<": a NaN is no detection. */
  if (!(box.score >= setup->score_threshold))
    return;
  for (guint i = 0; i < 4; i++)
    values[i] = candidate[i * step];
  gst_dnn_box_set (&box, setup->box_order, values, 1, 1);
  g_array_append_val (boxes, box);
}

/* Best class of up to BLOCK candidates that lie side by side. */
static void
find_best_classes (const gfloat *restrict scores, gsize step, gint n_classes,
    gint n, gint *restrict best_id)
{
  gfloat best[BLOCK];

  for (gint k = 0; k < n; k++) {
    best[k] = scores[k];
    best_id[k] = 0;
  }
  for (gint c = 1; c < n_classes; c++) {
    const gfloat *restrict row = scores + c * step;

    for (gint k = 0; k < n; k++) {
      gboolean better = row[k] > best[k];

      best[k] = better ? row[k] : best[k];
      best_id[k] = better ? c : best_id[k];
    }
  }
}

static void
decode_candidates (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, gint n_fixed, GArray *boxes)
{
  const gfloat *item = tensors[setup->tensor[0]] +
      (gsize) batch_idx * setup->n_boxes * setup->n_values;
  gsize step = setup->n_boxes;

  if (!setup->transposed) {
    for (gint i = 0; i < setup->n_boxes; i++, item += setup->n_values)
      append_candidate (setup, item, 1, n_fixed,
          gst_dnn_argmax (item + n_fixed, setup->n_classes, 1), boxes);
    return;
  }
  for (gint i = 0; i < setup->n_boxes; i += BLOCK) {
    gint n = MIN (BLOCK, setup->n_boxes - i);
    gint ids[BLOCK];

    find_best_classes (
        item + i + n_fixed * step, step, setup->n_classes, n, ids);
    for (gint k = 0; k < n; k++)
      append_candidate (setup, item + i + k, step, n_fixed, ids[k], boxes);
  }
}

static void
decode_v8 (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  decode_candidates (setup, tensors, batch_idx, N_FIXED_V8, boxes);
}

static void
decode_v5 (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  decode_candidates (setup, tensors, batch_idx, N_FIXED_V5, boxes);
}

static void
decode_v10 (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  const gfloat *item = tensors[setup->tensor[0]] +
      (gsize) batch_idx * setup->n_boxes * 6;

  for (gint i = 0; i < setup->n_boxes; i++, item += 6) {
    GstDnnBox box = { .score = item[4] };

    if (!(box.score >= setup->score_threshold) ||
        !(item[5] >= 0 && item[5] < G_MAXINT16))
      continue;
    box.label_id = (gint) (item[5] + 0.5f);
    gst_dnn_box_set (&box, setup->box_order, item, 1, 1);
    g_array_append_val (boxes, box);
  }
}

#define YOLO_INPUT                                            \
  {                                                           \
    GST_DNN_COLOR_RGB, GST_DNN_RESIZE_LETTERBOX, 0, 1.0 / 255 \
  }

const GstDnnHead gst_dnn_head_yolov8 = {
  .id = GST_DNN_HEAD_YOLOV8,
  .name = "yolov8",
  .doc = "YOLOv8 and later: 4 + C numbers, no objectness",
  .shapes_text = "1×(4+C)×N or 1×N×(4+C)",
  .score_threshold = 0.25,
  .iou_threshold = 0.45,
  .input = YOLO_INPUT,
  .match = match_v8,
  .decode = decode_v8,
};

const GstDnnHead gst_dnn_head_yolov5 = {
  .id = GST_DNN_HEAD_YOLOV5,
  .name = "yolov5",
  .doc = "YOLOv5 to v7: 5 + C numbers, the fifth is the objectness",
  .shapes_text = "1×N×(5+C) or 1×(5+C)×N",
  .score_threshold = 0.25,
  .iou_threshold = 0.45,
  .input = YOLO_INPUT,
  .match = match_v5,
  .decode = decode_v5,
};

const GstDnnHead gst_dnn_head_yolov10 = {
  .id = GST_DNN_HEAD_YOLOV10,
  .name = "yolov10",
  .doc = "YOLOv10 and others that choose inside: corners, score, class",
  .shapes_text = "1×N×6",
  .score_threshold = 0.25,
  .iou_threshold = 1,
  .input = YOLO_INPUT,
  .match = match_v10,
  .decode = decode_v10,
};
