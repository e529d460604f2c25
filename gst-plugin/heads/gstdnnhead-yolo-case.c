/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensor of candidates, evidence → axes, units, activation, objectness. Next:
 * gstdnnhead-yolo.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnhead-yolo-case.h"

/* Classes of COCO, which most published models have. */
#define N_COCO 80

/* --- The graph. */

/* The parts that make up the box; the index of the next, 0 if they don't. */
static guint
read_box (const GstDnnParts *parts, GstDnnYoloCase *out)
{
  gint64 n = 0;
  guint i = 0;

  for (; i < parts->n_parts && n < GST_DNN_YOLO_N_BOX; i++) {
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
  return n == GST_DNN_YOLO_N_BOX ? i : 0;
}

static gboolean
is_score (const GstDnnPart *part, gboolean is_first)
{
  return gst_dnn_part_is_probability (part) || part->made == GST_DNN_MADE_RAW ||
      (is_first && part->size == 1 && part->made == GST_DNN_MADE_CONSTANT);
}

static void
read_candidate (const GstDnnParts *parts, GstDnnYoloCase *out)
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

gboolean
gst_dnn_yolo_match_shape (GstDnnHeadCase *question, gint n_fixed,
    gboolean is_usual, GstDnnHeadSetup *setup, GstDnnYoloCase *candidate)
{
  const GstDnnParts *parts;
  gint64 dims[3];
  gint axis;

  *candidate = (GstDnnYoloCase){ .objectness = -1 };
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

void
gst_dnn_yolo_set_meaning (const GstDnnHeadCase *question,
    const GstDnnYoloCase *candidate, GstDnnHeadSetup *setup)
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

GstDnnFit
gst_dnn_yolo_check (GstDnnHeadCase *question, const GstDnnYoloCase *candidate)
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

/* Labels, then the graph, then how many candidates there are: heads without
 * anchors have one a cell, those of v5 have three. */
gint
gst_dnn_yolo_find_objectness (const GstDnnHeadCase *question,
    const GstDnnHeadSetup *setup, const GstDnnYoloCase *candidate)
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
