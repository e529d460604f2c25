/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of NanoDet: for each cell scores of all classes, and for each side of
 * the box a distribution of its distance over some bins. Two forms: scores and
 * distances of each stride in tensors of their own (NanoDet), or all in one
 * (NanoDet-Plus). Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>

#include "gst-plugin/heads/gstdnnhead-case.h"

/* Bins of the distance of one side, in all models that are published:
 * reg_max = 7. */
#define N_BINS 8
#define N_DISTANCES (4 * N_BINS)

/* Roles: of each stride, finest first, its scores and its distances. */
#define SCORES(level) (2 * (level))
#define DISTANCES(level) (2 * (level) + 1)
#define MAX_LEVELS (GST_DNN_HEAD_ROLES / 2)

/* --- Matching. */

static gboolean
is_scores (const GstDnnHeadCase *question, gint idx, gint64 n)
{
  const GstDnnPart *kind = gst_dnn_case_get_kind (question, idx);
  static const gchar *const words[] = { "cls" };

  if (n != N_DISTANCES)
    return TRUE;
  return (kind != NULL && gst_dnn_part_is_probability (kind)) ||
      gst_dnn_case_is_named (question, idx, words, G_N_ELEMENTS (words));
}

/* Slot of the stride with so many cells, finest first; the tensors of others
 * move. */
static gint
find_level (gint64 *sizes, gint *n_levels, GstDnnHeadSetup *setup, gint64 size)
{
  gint level = 0;

  while (level < *n_levels && sizes[level] > size)
    level++;
  if (level < *n_levels && sizes[level] == size)
    return level;
  if (*n_levels == MAX_LEVELS)
    return -1;
  for (gint i = (*n_levels)++; i > level; i--) {
    sizes[i] = sizes[i - 1];
    setup->tensor[SCORES (i)] = setup->tensor[SCORES (i - 1)];
    setup->tensor[DISTANCES (i)] = setup->tensor[DISTANCES (i - 1)];
  }
  sizes[level] = size;
  setup->tensor[SCORES (level)] = setup->tensor[DISTANCES (level)] = -1;
  return level;
}

static gboolean
take_tensor (const GstDnnHeadCase *question, GstDnnHeadSetup *setup, gint idx,
    gint64 *sizes, gint *n_levels)
{
  gint64 dims[3];
  gint level;
  gint *role;
  gboolean is_score;

  if (!gst_dnn_head_get_dims (&question->info->shapes[idx], 3, dims) ||
      dims[0] != 1)
    return FALSE;
  is_score = is_scores (question, idx, dims[2]);
  level = find_level (sizes, n_levels, setup, dims[1]);
  if (level < 0 ||
      (is_score && setup->n_classes != 0 && setup->n_classes != dims[2]))
    return FALSE;
  role = &setup->tensor[is_score ? SCORES (level) : DISTANCES (level)];
  if (*role >= 0)
    return FALSE;
  *role = idx;
  if (is_score)
    setup->n_classes = dims[2];
  return TRUE;
}

/* Each stride's tensors: as many of scores as of distances. */
static gboolean
match_levels (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  gint64 sizes[MAX_LEVELS];
  gint n_levels = 0;

  if (question->info->n_tensors < 4 || question->info->n_tensors % 2 != 0)
    return FALSE;
  for (gint i = 0; i < (gint) question->info->n_tensors; i++)
    if (!take_tensor (question, setup, i, sizes, &n_levels))
      return FALSE;
  for (gint i = 0; i < n_levels; i++) {
    if (setup->tensor[SCORES (i)] < 0 || setup->tensor[DISTANCES (i)] < 0)
      return FALSE;
    setup->n_boxes += sizes[i];
  }
  return TRUE;
}

static gboolean
match_one (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  gint64 dims[3];

  if (question->info->n_tensors != 1 ||
      !gst_dnn_head_get_dims (&question->info->shapes[0], 3, dims) ||
      dims[0] != 1 || dims[2] <= N_DISTANCES)
    return FALSE;
  setup->tensor[SCORES (0)] = 0;
  setup->n_boxes = dims[1];
  setup->n_values = dims[2];
  setup->n_classes = dims[2] - N_DISTANCES;
  return TRUE;
}

/* Scores and distances, as the graph says it; %NULL if it doesn't. */
static const GstDnnPart *
get_scores (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    const GstDnnPart **distances)
{
  const GstDnnParts *parts;
  gint axis;

  if (setup->tensor[DISTANCES (0)] >= 0) {
    *distances = gst_dnn_case_get_kind (question, setup->tensor[DISTANCES (0)]);
    return gst_dnn_case_get_kind (question, setup->tensor[SCORES (0)]);
  }
  parts = gst_dnn_case_get_parts (question, 0, 3, &axis);
  if (parts == NULL || axis != 2 || parts->n_parts != 2)
    return NULL;
  *distances = &parts->parts[1];
  return parts->parts[1].size == N_DISTANCES ? &parts->parts[0] : NULL;
}

/* The graph knows of parts, but these are others. */
static gboolean
is_parted_otherwise (const GstDnnHeadCase *question)
{
  gint axis;

  return question->info->n_tensors == 1 &&
      gst_dnn_case_get_parts (question, 0, 3, &axis) != NULL;
}

static GstDnnFit
match_nanodet (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnPart *scores, *distances = NULL;
  GstDnnCells cells;

  if (!match_levels (question, setup) && !match_one (question, setup))
    return GST_DNN_FIT_NO;
  if (gst_dnn_case_check_fixed (question) == GST_DNN_FIT_NO)
    return GST_DNN_FIT_NO;
  setup->box_order = GST_DNN_BOX_XYXY;
  setup->box_units = GST_DNN_BOX_UNITS_PRIORS;
  scores = get_scores (question, setup, &distances);
  setup->activation = gst_dnn_case_get_activation (
      question, scores, GST_DNN_ACTIVATION_SIGMOID);
  if (setup->activation == GST_DNN_ACTIVATION_AUTO) {
    setup->activation = GST_DNN_ACTIVATION_NONE;
    gst_dnn_case_guess (question, "score-activation");
  }
  if (scores == NULL && is_parted_otherwise (question))
    return gst_dnn_case_doubt (
        question, "a candidate is no scores and 32 distances");
  if (scores == NULL || distances == NULL)
    return GST_DNN_FIT_IF_ASKED;
  if (distances->made != GST_DNN_MADE_RAW ||
      gst_dnn_part_is_probability (distances))
    return gst_dnn_case_doubt (
        question, "distances don't come right from the network");
  return question->guesses->len == 0 &&
          gst_dnn_cells_find (&cells, question->evidence->model_w,
              question->evidence->model_h, 1, setup->n_boxes)
      ? GST_DNN_FIT_YES
      : GST_DNN_FIT_IF_ASKED;
}

static gboolean
prepare_nanodet (GstDnnHeadSetup *setup, GError **error)
{
  return gst_dnn_head_find_cells (setup, 1, error);
}

/* --- Decoding. */

/* The mean of a distribution that is given by logits over its bins. */
static gfloat
get_distance (const gfloat *bins)
{
  gfloat most = bins[gst_dnn_argmax (bins, N_BINS, 1)];
  gfloat sum = 0, weighted = 0;

  for (gint i = 0; i < N_BINS; i++) {
    gfloat weight = expf (bins[i] - most);

    sum += weight;
    weighted += weight * i;
  }
  return weighted / sum;
}

static void
append_cell (const GstDnnHeadSetup *setup, const gfloat *scores,
    const gfloat *bins, gfloat x, gfloat y, gfloat stride, GArray *boxes)
{
  gint id = gst_dnn_argmax (scores, setup->n_classes, 1);
  GstDnnBox box = { .label_id = id, .score = scores[id] };

  if (setup->activation == GST_DNN_ACTIVATION_SIGMOID)
    box.score = gst_dnn_sigmoid (box.score);
  if (!(box.score >= setup->score_threshold))
    return;
  box.x0 = (x - get_distance (bins)) * stride;
  box.y0 = (y - get_distance (bins + N_BINS)) * stride;
  box.x1 = (x + get_distance (bins + 2 * N_BINS)) * stride;
  box.y1 = (y + get_distance (bins + 3 * N_BINS)) * stride;
  g_array_append_val (boxes, box);
}

/* NanoDet measures from the middle of a cell, NanoDet-Plus from its corner
 * (nanodet/model/head/nanodet_head.py, nanodet_plus_head.py). */
static void
decode_nanodet (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  gboolean is_plus = setup->tensor[DISTANCES (0)] < 0;
  gsize step = is_plus ? setup->n_values : setup->n_classes;
  gsize bins_step = is_plus ? setup->n_values : N_DISTANCES;
  const gfloat *scores = NULL, *bins = NULL;

  for (gint level = 0; level < setup->cells.n_strides; level++) {
    gint stride = setup->cells.strides[level];
    gint w = gst_dnn_cells_count_side (setup->model_w, stride);
    gint h = gst_dnn_cells_count_side (setup->model_h, stride);

    if (!is_plus || level == 0)
      scores = tensors[setup->tensor[SCORES (level)]];
    if (!is_plus)
      bins = tensors[setup->tensor[DISTANCES (level)]];
    else if (level == 0)
      bins = scores + setup->n_classes;
    for (gint i = 0; i < w * h; i++, scores += step, bins += bins_step)
      append_cell (setup, scores, bins, i % w + (is_plus ? 0 : 0.5f),
          i / w + (is_plus ? 0 : 0.5f), (gfloat) stride, boxes);
  }
}

const GstDnnHead gst_dnn_head_nanodet = {
  .id = GST_DNN_HEAD_NANODET,
  .name = "nanodet",
  .doc = "NanoDet and NanoDet-Plus: distances as distributions",
  .shapes_text = "1×N×C and 1×N×32 for each stride, or 1×N×(C+32)",
  .evidence_text = "distances right from the network, scores beside them, and "
                   "as many candidates as cells",
  .score_threshold = 0.35,
  .iou_threshold = 0.6,
  .input = { GST_DNN_COLOR_BGR, GST_DNN_RESIZE_STRETCH,
      { 103.53, 116.28, 123.675 }, { 1 / 57.375, 1 / 57.12, 1 / 58.395 } },
  .match = match_nanodet,
  .prepare = prepare_nanodet,
  .decode = decode_nanodet,
};
