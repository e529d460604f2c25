/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads of the YOLO family, as their exporters write them: one tensor of
 * candidates, centre and size in model pixels. v5 to v7 have an objectness and
 * candidates outermost, v8 and later have none and candidates innermost; both
 * are also found transposed. YOLOX is as v5, but its boxes are offsets from the
 * cells of a grid. Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>

#include "gst-plugin/heads/gstdnnhead-yolo-case.h"

/* Numbers of a candidate before its class scores. */
#define N_FIXED_V8 4
#define N_FIXED_V5 5

/* Candidates that are looked at together where they lie innermost, so that
 * their scores are read row by row. */
#define BLOCK 64

/* --- Matching. */

static GstDnnFit
match_decoded (GstDnnHeadCase *question, gint n_fixed, gboolean is_usual,
    gint objectness, GstDnnHeadSetup *setup)
{
  GstDnnYoloCase candidate;
  GstDnnFit fit;
  gint found;

  if (!gst_dnn_yolo_match_shape (
          question, n_fixed, is_usual, setup, &candidate))
    return GST_DNN_FIT_NO;
  fit = gst_dnn_yolo_check (question, &candidate);
  if (fit != GST_DNN_FIT_NO && candidate.known &&
      candidate.made == GST_DNN_MADE_RAW &&
      setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    fit = gst_dnn_case_doubt (
        question, "boxes come right from the network, as in yolox");
  gst_dnn_yolo_set_meaning (question, &candidate, setup);
  if (fit != GST_DNN_FIT_YES)
    return fit;
  found = gst_dnn_yolo_find_objectness (question, setup, &candidate);
  if (found < 0)
    return GST_DNN_FIT_IF_ASKED;
  if (found == objectness)
    return GST_DNN_FIT_YES;
  return question->settings->id != GST_DNN_HEAD_AUTO
      ? GST_DNN_FIT_IF_ASKED
      : gst_dnn_case_doubt (question, "%s objectness is among the numbers",
            found ? "an" : "no");
}

static GstDnnFit
match_v8 (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  return match_decoded (question, N_FIXED_V8, TRUE, 0, setup);
}

static GstDnnFit
match_v5 (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  return match_decoded (question, N_FIXED_V5, FALSE, 1, setup);
}

static GstDnnFit
match_yolox (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  GstDnnYoloCase candidate;
  GstDnnFit fit;
  GstDnnCells cells;

  if (!gst_dnn_yolo_match_shape (
          question, N_FIXED_V5, FALSE, setup, &candidate))
    return GST_DNN_FIT_NO;
  fit = gst_dnn_yolo_check (question, &candidate);
  if (fit != GST_DNN_FIT_NO && candidate.known &&
      candidate.made != GST_DNN_MADE_RAW)
    fit = gst_dnn_case_doubt (question, "boxes are computed inside");
  gst_dnn_yolo_set_meaning (question, &candidate, setup);
  if (setup->box_units != question->settings->box_units)
    setup->box_units = GST_DNN_BOX_UNITS_PRIORS;
  if (fit == GST_DNN_FIT_YES &&
      !gst_dnn_cells_find (&cells, question->evidence->model_w,
          question->evidence->model_h, 1, setup->n_boxes))
    fit = GST_DNN_FIT_IF_ASKED;
  return fit;
}

static gboolean
prepare_yolox (GstDnnHeadSetup *setup, GError **error)
{
  return gst_dnn_head_find_cells (setup, 1, error);
}

/* --- Decoding. */

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
  gfloat values[GST_DNN_YOLO_N_BOX], scale_x, scale_y;

  /* Not "<": a NaN is no detection. */
  if (!(box.score >= setup->score_threshold))
    return;
  for (guint i = 0; i < GST_DNN_YOLO_N_BOX; i++)
    values[i] = candidate[i * step];
  gst_dnn_head_get_scale (setup, &scale_x, &scale_y);
  gst_dnn_box_set (&box, setup->box_order, values, scale_x, scale_y);
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

/* The centre is that many cells from the cell's corner; the size is the
 * logarithm of cells. */
static void
place_on_grid (GstDnnBox *box, const gfloat *candidate, gsize step,
    const gfloat cell[2], gfloat stride)
{
  gfloat values[GST_DNN_YOLO_N_BOX] = { candidate[0] + cell[0],
    candidate[step] + cell[1], expf (candidate[2 * step]),
    expf (candidate[3 * step]) };

  gst_dnn_box_set (box, GST_DNN_BOX_CXCYWH, values, stride, stride);
}

static void
decode_cells (const GstDnnHeadSetup *setup, const gfloat *item, gint stride,
    gint *at, GArray *boxes)
{
  gint w = gst_dnn_cells_count_side (setup->model_w, stride);
  gint h = gst_dnn_cells_count_side (setup->model_h, stride);
  gsize step = setup->transposed ? setup->n_boxes : 1;

  for (gint i = 0; i < w * h; i++, (*at)++) {
    const gfloat *candidate = item +
        (gsize) *at * (setup->transposed ? 1 : setup->n_values);
    gint id = gst_dnn_argmax (
        candidate + N_FIXED_V5 * step, setup->n_classes, step);
    GstDnnBox box = { .label_id = id,
      .score = get_score (setup, candidate, step, N_FIXED_V5,
          candidate[(N_FIXED_V5 + id) * step]) };

    if (!(box.score >= setup->score_threshold))
      continue;
    place_on_grid (
        &box, candidate, step, (gfloat[]){ i % w, i / w }, (gfloat) stride);
    g_array_append_val (boxes, box);
  }
}

static void
decode_yolox (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  const gfloat *item = tensors[setup->tensor[0]] +
      (gsize) batch_idx * setup->n_boxes * setup->n_values;
  gint at = 0;

  if (setup->box_units != GST_DNN_BOX_UNITS_PRIORS) {
    decode_v5 (setup, tensors, batch_idx, boxes);
    return;
  }
  for (gint i = 0; i < setup->cells.n_strides; i++)
    decode_cells (setup, item, setup->cells.strides[i], &at, boxes);
}

const GstDnnHead gst_dnn_head_yolov8 = {
  .id = GST_DNN_HEAD_YOLOV8,
  .name = "yolov8",
  .doc = "YOLOv8 and later: 4 + C numbers, no objectness",
  .shapes_text = "1×(4+C)×N or 1×N×(4+C)",
  .evidence_text = "a computed box followed by scores, and no objectness by "
                   "labels, graph or number of cells",
  .score_threshold = 0.25,
  .iou_threshold = 0.45,
  .input = GST_DNN_YOLO_INPUT,
  .match = match_v8,
  .decode = decode_v8,
};

const GstDnnHead gst_dnn_head_yolov5 = {
  .id = GST_DNN_HEAD_YOLOV5,
  .name = "yolov5",
  .doc = "YOLOv5 to v7: 5 + C numbers, the fifth is the objectness",
  .shapes_text = "1×N×(5+C) or 1×(5+C)×N",
  .evidence_text = "a computed box followed by scores, and an objectness by "
                   "labels, graph or three anchors a cell",
  .score_threshold = 0.25,
  .iou_threshold = 0.45,
  .input = GST_DNN_YOLO_INPUT,
  .match = match_v5,
  .decode = decode_v5,
};

/* Its boxes: x = (cell + x') · stride, w = e^w' · stride (YOLOX, arXiv
 * 2107.08430, and its demo of ONNX Runtime). */
const GstDnnHead gst_dnn_head_yolox = {
  .id = GST_DNN_HEAD_YOLOX,
  .name = "yolox",
  .doc = "YOLOX: as YOLOv5, but boxes are offsets from cells",
  .shapes_text = "1×N×(5+C), N the cells at some strides",
  .evidence_text = "boxes right from the network, scores behind them",
  .score_threshold = 0.25,
  .iou_threshold = 0.45,
  .input = { GST_DNN_COLOR_BGR, GST_DNN_RESIZE_LETTERBOX_TOP_LEFT, { 0 },
      { 1, 1, 1 } },
  .match = match_yolox,
  .prepare = prepare_yolox,
  .decode = decode_yolox,
};
