/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of YuNet, the face detector of OpenCV: for each stride a class score, an
 * objectness, a box and five points of each cell. Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>

#include "gst-plugin/heads/gstdnnhead-case.h"

/* Finest first. */
static const gint strides[] = { 8, 16, 32 };
#define N_LEVELS 3

/* Roles of a stride. The two scores are multiplied, so that which is which
 * doesn't matter. */
enum
{
  ROLE_SCORES,
  ROLE_OTHER_SCORES,
  ROLE_BOXES,
  ROLE_POINTS,
  N_ROLES,
};

#define N_POINTS 10

/* --- Matching. */

static gint
find_role (const GstDnnHeadSetup *setup, gint level, gint64 n)
{
  if (n == 4)
    return ROLE_BOXES;
  if (n == N_POINTS)
    return ROLE_POINTS;
  if (n != 1)
    return -1;
  return setup->tensor[level * N_ROLES + ROLE_SCORES] < 0 ? ROLE_SCORES
                                                          : ROLE_OTHER_SCORES;
}

/* Cells of the strides are in the ratio of 16 to 4 to 1. */
static gint
find_level (gint64 size, gint64 most)
{
  for (gint level = 0; level < N_LEVELS; level++)
    if (size == most >> (2 * level))
      return level;
  return -1;
}

static gboolean
match_tensors (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  gint64 most = 0;
  gint64 dims[N_LEVELS * N_ROLES][3];

  if (question->info->n_tensors != N_LEVELS * N_ROLES)
    return FALSE;
  for (guint i = 0; i < question->info->n_tensors; i++) {
    if (!gst_dnn_head_get_dims (&question->info->shapes[i], 3, dims[i]) ||
        dims[i][0] != 1)
      return FALSE;
    most = MAX (most, dims[i][1]);
  }
  for (guint i = 0; i < question->info->n_tensors; i++) {
    gint level = find_level (dims[i][1], most);
    gint role = level >= 0 ? find_role (setup, level, dims[i][2]) : -1;

    if (role < 0 || setup->tensor[level * N_ROLES + role] >= 0)
      return FALSE;
    setup->tensor[level * N_ROLES + role] = (gint) i;
  }
  setup->n_boxes = most + most / 4 + most / 16;
  setup->n_classes = 1;
  return TRUE;
}

static GstDnnFit
match_yunet (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnPart *scores, *boxes;
  GstDnnCells cells = { 1, N_LEVELS, { strides[0], strides[1], strides[2] } };

  if (!match_tensors (question, setup))
    return GST_DNN_FIT_NO;
  if (gst_dnn_case_check_fixed (question) == GST_DNN_FIT_NO)
    return GST_DNN_FIT_NO;
  setup->box_order = GST_DNN_BOX_CXCYWH;
  setup->box_units = GST_DNN_BOX_UNITS_PRIORS;
  scores = gst_dnn_case_get_kind (question, setup->tensor[ROLE_SCORES]);
  boxes = gst_dnn_case_get_kind (question, setup->tensor[ROLE_BOXES]);
  setup->activation = gst_dnn_case_get_activation (
      question, scores, GST_DNN_ACTIVATION_SIGMOID);
  if (setup->activation == GST_DNN_ACTIVATION_AUTO) {
    setup->activation = GST_DNN_ACTIVATION_NONE;
    gst_dnn_case_guess (question, "score-activation");
  }
  if (boxes == NULL)
    return GST_DNN_FIT_IF_ASKED;
  if (boxes->made != GST_DNN_MADE_RAW)
    return gst_dnn_case_doubt (question, "boxes are computed inside");
  return question->guesses->len == 0 &&
          gst_dnn_cells_count (&cells, question->evidence->model_w,
              question->evidence->model_h) == setup->n_boxes
      ? GST_DNN_FIT_YES
      : GST_DNN_FIT_IF_ASKED;
}

static gboolean
prepare_yunet (GstDnnHeadSetup *setup, GError **error)
{
  return gst_dnn_head_find_cells (setup, 1, error);
}

/* --- Decoding. */

static gfloat
get_score (const GstDnnHeadSetup *setup, gfloat score)
{
  if (setup->activation == GST_DNN_ACTIVATION_SIGMOID)
    score = gst_dnn_sigmoid (score);
  return score > 1 ? 1 : score;
}

/* modules/objdetect/src/face_detect.cpp of OpenCV: score = √(class · object),
 * centre = (cell + offset) · stride, size = e^n · stride. */
static void
append_cell (const GstDnnHeadSetup *setup, const gfloat *const *level, gint i,
    gint w, gfloat stride, GArray *boxes)
{
  const gfloat *offsets = level[ROLE_BOXES] + 4 * i;
  gfloat product = get_score (setup, level[ROLE_SCORES][i]) *
      get_score (setup, level[ROLE_OTHER_SCORES][i]);
  GstDnnBox box = { .score = product > 0 ? sqrtf (product) : 0 };
  const gfloat values[4] = { i % w + offsets[0], i / w + offsets[1],
    expf (offsets[2]), expf (offsets[3]) };

  if (!(box.score >= setup->score_threshold))
    return;
  gst_dnn_box_set (&box, GST_DNN_BOX_CXCYWH, values, stride, stride);
  g_array_append_val (boxes, box);
}

static void
decode_yunet (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  for (gint level = 0; level < N_LEVELS; level++) {
    gint stride = setup->cells.strides[level];
    gint w = gst_dnn_cells_count_side (setup->model_w, stride);
    gint h = gst_dnn_cells_count_side (setup->model_h, stride);
    const gfloat *of_level[N_ROLES];

    for (gint role = 0; role < N_ROLES; role++)
      of_level[role] = tensors[setup->tensor[level * N_ROLES + role]];
    for (gint i = 0; i < w * h; i++)
      append_cell (setup, of_level, i, w, (gfloat) stride, boxes);
  }
}

static const gchar *const labels[] = { "face", NULL };

const GstDnnHead gst_dnn_head_yunet = {
  .id = GST_DNN_HEAD_YUNET,
  .name = "yunet",
  .doc = "YuNet: faces by class score, objectness and box of each cell",
  .shapes_text = "two of 1×N×1, 1×N×4 and 1×N×10 at strides 8, 16 and 32",
  .evidence_text = "boxes right from the network, and as many as cells",
  .score_threshold = 0.9,
  .iou_threshold = 0.3,
  .input = { GST_DNN_COLOR_BGR, GST_DNN_RESIZE_LETTERBOX_TOP_LEFT, { 0 },
      { 1, 1, 1 } },
  .labels = labels,
  .match = match_yunet,
  .prepare = prepare_yunet,
  .decode = decode_yunet,
};
