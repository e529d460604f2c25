/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads of the YOLO family, as their exporters write them: one tensor of
 * candidates, centre and size in model pixels. v5 to v7 have an objectness and
 * candidates outermost, v8 and later have none and candidates innermost; both
 * are also found transposed. YOLOX is as v5, but its boxes are offsets from the
 * cells of a grid. v10 and later may have chosen already: corners, score,
 * class. Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>

#include "gst-plugin/heads/gstdnnhead-case.h"

/* Classes of COCO, which most published models have. */
#define N_COCO 80

/* Numbers of a candidate before its class scores. */
#define N_FIXED_V8 4
#define N_FIXED_V5 5

/* Numbers of a box. */
#define N_BOX 4

/* Candidates that are looked at together where they lie innermost, so that
 * their scores are read row by row. */
#define BLOCK 64

/* What the graph says of the numbers of a candidate. */
typedef struct
{
  gboolean known;
  GstDnnMade made; /* the box */
  gfloat extent;
  GstDnnPart scores; /* the first of them */
  gint n_scores; /* -1: something else than scores follows the box */
  gint objectness; /* 1: it has one of its own; 0: it has none; -1: not said */
} Candidate;

/* --- The graph. */

/* The parts that make up the box; the index of the next, 0 if they don't. */
static guint
read_box (const GstDnnParts *parts, Candidate *out)
{
  gint64 n = 0;
  guint i = 0;

  for (; i < parts->n_parts && n < N_BOX; i++) {
    const GstDnnPart *part = &parts->parts[i];

    if (gst_dnn_part_is_probability (part))
      return 0;
    if (i > 0 && part->made != out->made)
      out->made = GST_DNN_MADE_UNKNOWN;
    else
      out->made = part->made;
    out->extent = MAX (out->extent, part->extent);
    n += part->size;
  }
  return n == N_BOX ? i : 0;
}

static gboolean
is_score (const GstDnnPart *part, gboolean is_first)
{
  return gst_dnn_part_is_probability (part) || part->made == GST_DNN_MADE_RAW ||
      (is_first && part->size == 1 && part->made == GST_DNN_MADE_CONSTANT);
}

static void
read_candidate (const GstDnnParts *parts, Candidate *out)
{
  guint first = read_box (parts, out);

  out->known = first > 0 && first < parts->n_parts;
  out->objectness = -1;
  if (!out->known)
    return;
  out->scores = parts->parts[parts->n_parts - 1];
  for (guint i = first; i < parts->n_parts; i++) {
    if (!is_score (&parts->parts[i], i == first)) {
      out->n_scores = -1;
      return;
    }
    out->n_scores += (gint) parts->parts[i].size;
  }
  if (out->n_scores == 1)
    out->objectness = 0;
  else if (parts->n_parts == first + 2 && parts->parts[first].size == 1)
    out->objectness = 1;
}

/* Labels, then the graph, then how many candidates there are: heads without
 * anchors have one a cell, those of v5 have three. */
static gint
find_objectness (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    const Candidate *candidate)
{
  gint width = question->evidence->model_w;
  gint height = question->evidence->model_h;
  GstDnnCells cells;

  if (question->n_labels > 0 &&
      candidate->n_scores == (gint) question->n_labels)
    return 0;
  if (question->n_labels > 0 &&
      candidate->n_scores == (gint) question->n_labels + 1)
    return 1;
  if (candidate->objectness >= 0)
    return candidate->objectness;
  if (gst_dnn_cells_find (&cells, width, height, 1, setup->n_boxes))
    return 0;
  return gst_dnn_cells_find (&cells, width, height, 3, setup->n_boxes) ? 1 : -1;
}

/* --- Which axis is which. */

/* -1: not said. */
static gint
is_transposed_by_cells (const GstDnnHeadCase *question, gint64 a, gint64 b)
{
  gint width = question->evidence != NULL ? question->evidence->model_w : 0;
  gint height = question->evidence != NULL ? question->evidence->model_h : 0;
  gboolean fits[2] = { FALSE, FALSE };

  for (gint n_anchors = 1; n_anchors <= 3; n_anchors += 2) {
    GstDnnCells cells;

    fits[0] |= gst_dnn_cells_find (&cells, width, height, n_anchors, a);
    fits[1] |= gst_dnn_cells_find (&cells, width, height, n_anchors, b);
  }
  return fits[0] == fits[1] ? -1 : fits[1];
}

/* Which of the two axes holds the numbers of a candidate: the user's, the
 * graph's, the one that fits the labels, the one that leaves as many candidates
 * as there are cells. Else the one that fits COCO, else that of the head's
 * exporter; both are guesses. */
static gboolean
is_transposed (GstDnnHeadCase *question, const gint64 dims[3], gint n_fixed,
    gboolean is_usual)
{
  gint64 expected = n_fixed + (gint64) question->n_labels;
  gint64 coco = n_fixed + N_COCO;
  gint by_cells, axis;

  if (question->settings->box_axis != GST_DNN_BOX_AXIS_AUTO)
    return question->settings->box_axis == GST_DNN_BOX_AXIS_FIRST;
  if (gst_dnn_case_get_parts (question, 0, 3, &axis) != NULL)
    return axis == 1;
  if (question->n_labels > 0 && (dims[1] == expected) != (dims[2] == expected))
    return dims[1] == expected;
  by_cells = is_transposed_by_cells (question, dims[1], dims[2]);
  if (by_cells >= 0)
    return by_cells;
  gst_dnn_case_guess (question, "box-axis");
  if ((dims[1] == coco) != (dims[2] == coco))
    return dims[1] == coco;
  return is_usual;
}

/* --- Matching. */

static gboolean
match_shape (GstDnnHeadCase *question, gint n_fixed, gboolean is_usual,
    GstDnnHeadSetup *setup, Candidate *candidate)
{
  const GstDnnParts *parts;
  gint64 dims[3];
  gint axis;

  *candidate = (Candidate){ .objectness = -1 };
  if (question->info->n_tensors != 1 ||
      !gst_dnn_head_get_dims (&question->info->shapes[0], 3, dims))
    return FALSE;
  setup->tensor[0] = 0;
  setup->n_batch = dims[0];
  setup->transposed = is_transposed (question, dims, n_fixed, is_usual);
  setup->n_values = setup->transposed ? dims[1] : dims[2];
  setup->n_boxes = setup->transposed ? dims[2] : dims[1];
  setup->n_classes = setup->n_values - n_fixed;
  if (setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = GST_DNN_BOX_CXCYWH;
  parts = gst_dnn_case_get_parts (question, 0, 3, &axis);
  if (parts != NULL && (axis == 1) == setup->transposed)
    read_candidate (parts, candidate);
  return setup->n_classes >= 1;
}

/* What the exporters write, unless the graph or the user says otherwise. */
static void
set_meaning (const GstDnnHeadCase *question, const Candidate *candidate,
    GstDnnHeadSetup *setup)
{
  GstDnnPart box = { .extent = candidate->extent };

  setup->activation = gst_dnn_case_get_activation (question,
      candidate->known ? &candidate->scores : NULL, GST_DNN_ACTIVATION_SIGMOID);
  if (setup->activation == GST_DNN_ACTIVATION_AUTO)
    setup->activation = GST_DNN_ACTIVATION_NONE;
  if (setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    setup->box_units = gst_dnn_part_get_units (&box);
  if (setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    setup->box_units = GST_DNN_BOX_UNITS_PIXELS;
}

/* What candidates of all these heads have in common. */
static GstDnnFit
check_candidate (GstDnnHeadCase *question, const Candidate *candidate)
{
  const GstDnnOutput *output = gst_dnn_case_get (question, 0);

  if (!candidate->known)
    return GST_DNN_FIT_IF_ASKED;
  if (candidate->n_scores < 0)
    return gst_dnn_case_doubt (question,
        "numbers that are no scores follow the box, as in models for masks or "
        "keypoints");
  if (output->chosen)
    return gst_dnn_case_doubt (question, "candidates are chosen inside");
  return GST_DNN_FIT_YES;
}

static GstDnnFit
match_decoded (GstDnnHeadCase *question, gint n_fixed, gboolean is_usual,
    gint objectness, GstDnnHeadSetup *setup)
{
  Candidate candidate;
  GstDnnFit fit;
  gint found;

  if (!match_shape (question, n_fixed, is_usual, setup, &candidate))
    return GST_DNN_FIT_NO;
  fit = check_candidate (question, &candidate);
  if (fit != GST_DNN_FIT_NO && candidate.known &&
      candidate.made == GST_DNN_MADE_RAW &&
      setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    fit = gst_dnn_case_doubt (
        question, "boxes come right from the network, as in yolox");
  set_meaning (question, &candidate, setup);
  if (fit != GST_DNN_FIT_YES)
    return fit;
  found = find_objectness (question, setup, &candidate);
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
  Candidate candidate;
  GstDnnFit fit;
  GstDnnCells cells;

  if (!match_shape (question, N_FIXED_V5, FALSE, setup, &candidate))
    return GST_DNN_FIT_NO;
  fit = check_candidate (question, &candidate);
  if (fit != GST_DNN_FIT_NO && candidate.known &&
      candidate.made != GST_DNN_MADE_RAW)
    fit = gst_dnn_case_doubt (question, "boxes are computed inside");
  set_meaning (question, &candidate, setup);
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
      dims[2] != 6 || question->settings->box_axis == GST_DNN_BOX_AXIS_FIRST)
    return GST_DNN_FIT_NO;
  setup->tensor[0] = 0;
  setup->n_batch = dims[0];
  setup->n_boxes = dims[1];
  setup->n_values = 6;
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
  gfloat values[N_BOX], scale_x, scale_y;

  /* Not "<": a NaN is no detection. */
  if (!(box.score >= setup->score_threshold))
    return;
  for (guint i = 0; i < N_BOX; i++)
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
  gfloat values[N_BOX] = { candidate[0] + cell[0], candidate[step] + cell[1],
    expf (candidate[2 * step]), expf (candidate[3 * step]) };

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

static void
decode_v10 (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  const gfloat *item = tensors[setup->tensor[0]] +
      (gsize) batch_idx * setup->n_boxes * 6;
  gfloat scale_x, scale_y;

  gst_dnn_head_get_scale (setup, &scale_x, &scale_y);
  for (gint i = 0; i < setup->n_boxes; i++, item += 6) {
    GstDnnBox box = { .score = item[4] };

    if (!(box.score >= setup->score_threshold) ||
        !(item[5] >= 0 && item[5] < G_MAXINT16))
      continue;
    box.label_id = (gint) (item[5] + 0.5f);
    gst_dnn_box_set (&box, setup->box_order, item, scale_x, scale_y);
    g_array_append_val (boxes, box);
  }
}

#define YOLO_INPUT                                      \
  {                                                     \
    GST_DNN_COLOR_RGB, GST_DNN_RESIZE_LETTERBOX, { 0 }, \
    {                                                   \
      1.0 / 255, 1.0 / 255, 1.0 / 255                   \
    }                                                   \
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
  .input = YOLO_INPUT,
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
  .input = YOLO_INPUT,
  .match = match_v5,
  .decode = decode_v5,
};

const GstDnnHead gst_dnn_head_yolov10 = {
  .id = GST_DNN_HEAD_YOLOV10,
  .name = "yolov10",
  .doc = "YOLOv10 and others that choose inside: corners, score, class",
  .shapes_text = "1×N×6",
  .evidence_text = "candidates chosen inside (TopK, NonMaxSuppression)",
  .score_threshold = 0.25,
  .iou_threshold = 1,
  .input = YOLO_INPUT,
  .match = match_v10,
  .decode = decode_v10,
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
