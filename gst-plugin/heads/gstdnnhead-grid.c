/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of FastestDet: one map, a candidate a cell: objectness, offset and size
 * of the box, class scores. Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>

#include "gst-plugin/heads/gstdnnhead-case.h"

#define N_FIXED 5

/* One probability, a box from the network, probabilities of the classes. */
static gboolean
is_cell (const GstDnnParts *parts)
{
  return parts->n_parts == 3 && parts->parts[0].size == 1 &&
      gst_dnn_part_is_probability (&parts->parts[0]) &&
      parts->parts[1].size == N_FIXED - 1 &&
      !gst_dnn_part_is_probability (&parts->parts[1]) &&
      gst_dnn_part_is_probability (&parts->parts[2]);
}

static GstDnnFit
match_fastestdet (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const DnnShape *shape = &question->info->shapes[0];
  const GstDnnParts *parts;
  gint64 dims[4];
  gint axis;

  if (question->info->n_tensors != 1 || shape->rank < 3 ||
      !gst_dnn_head_get_dims (shape, 4, dims) || dims[1] <= N_FIXED)
    return GST_DNN_FIT_NO;
  setup->tensor[0] = 0;
  setup->n_batch = dims[0];
  setup->n_values = dims[1];
  setup->n_classes = dims[1] - N_FIXED;
  setup->n_boxes = dims[2] * dims[3];
  setup->grid_w = dims[3];
  setup->box_order = GST_DNN_BOX_CXCYWH;
  setup->box_units = GST_DNN_BOX_UNITS_PRIORS;
  setup->activation = GST_DNN_ACTIVATION_NONE;
  if (gst_dnn_case_check_fixed (question) == GST_DNN_FIT_NO)
    return GST_DNN_FIT_NO;
  parts = gst_dnn_case_get_parts (question, 0, 4, &axis);
  if (parts == NULL)
    return GST_DNN_FIT_IF_ASKED;
  if (axis == 1 && is_cell (parts))
    return GST_DNN_FIT_YES;
  return gst_dnn_case_doubt (
      question, "the channels are no score, box and classes");
}

/* Scores are obj^0.6 · class^0.4, the offset a tanh, the size a sigmoid of the
 * whole picture. */
static void
append_cell (
    const GstDnnHeadSetup *setup, const gfloat *map, gint cell, GArray *boxes)
{
  gsize step = setup->n_boxes;
  gint grid_h = setup->n_boxes / setup->grid_w;
  gint row = cell / setup->grid_w, column = cell % setup->grid_w;
  const gfloat *v = map + cell;
  const gfloat *classes = v + N_FIXED * step;
  GstDnnBox box;
  gfloat values[4];

  box.label_id = gst_dnn_argmax (classes, setup->n_classes, step);
  box.score = powf (v[0], 0.6f) * powf (classes[box.label_id * step], 0.4f);
  if (!(box.score >= setup->score_threshold))
    return;
  values[0] = (column + tanhf (v[step])) / setup->grid_w;
  values[1] = (row + tanhf (v[2 * step])) / grid_h;
  values[2] = gst_dnn_sigmoid (v[3 * step]);
  values[3] = gst_dnn_sigmoid (v[4 * step]);
  gst_dnn_box_set (
      &box, GST_DNN_BOX_CXCYWH, values, setup->model_w, setup->model_h);
  g_array_append_val (boxes, box);
}

static void
decode_fastestdet (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  const gfloat *map = tensors[setup->tensor[0]] +
      (gsize) batch_idx * setup->n_boxes * setup->n_values;
  /* Most cells are empty; pow() need not run for them: with class ≤ 1 the
   * score is at most obj^0.6. */
  gfloat least = powf (setup->score_threshold, 1 / 0.6f) * 0.999f;

  for (gint cell = 0; cell < setup->n_boxes; cell++)
    if (map[cell] >= least)
      append_cell (setup, map, cell, boxes);
}

const GstDnnHead gst_dnn_head_fastestdet = {
  .id = GST_DNN_HEAD_FASTESTDET,
  .name = "fastestdet",
  .doc = "FastestDet: a map of cells",
  .shapes_text = "1×(5+C)×H×W",
  .evidence_text = "channels of a score, a box and scores of classes",
  .score_threshold = 0.65,
  .iou_threshold = 0.45,
  .input = { GST_DNN_COLOR_BGR, GST_DNN_RESIZE_STRETCH, { 0 },
      { 1.0 / 255, 1.0 / 255, 1.0 / 255 } },
  .match = match_fastestdet,
  .decode = decode_fastestdet,
};
