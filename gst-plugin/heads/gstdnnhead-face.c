/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of the small face detectors Ultra-Light-Fast-Generic (RFB and slim):
 * scores of background and one or two kinds of face; corners from 0 to 1, or
 * the offsets from priors that these are made of. Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>

#include "gst-plugin/heads/gstdnnhead-case.h"

enum
{
  ROLE_SCORES,
  ROLE_BOXES,
};

/* Background and faces; models for masked faces tell them apart. */
#define MAX_SCORES 3

/* Sides of the priors in pixels, and how far offsets reach, as the models'
 * authors have them (vision/ssd/config/fd_config.py,
 * vision/utils/box_utils.py). */
static const struct
{
  gint stride, n_sides;
  gint sides[3];
} levels[] = {
  { 8, 3, { 10, 16, 24 } },
  { 16, 2, { 32, 48 } },
  { 32, 2, { 64, 96 } },
  { 64, 3, { 128, 192, 256 } },
};
#define CENTER_VARIANCE 0.1f
#define SIZE_VARIANCE 0.2f

static gint64
count_priors (gint width, gint height)
{
  gint64 n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    n += (gint64) gst_dnn_cells_count_side (width, levels[i].stride) *
        gst_dnn_cells_count_side (height, levels[i].stride) * levels[i].n_sides;
  return n;
}

/* --- Matching. */

static gboolean
match_shapes (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  gint64 dims[2][3];
  gint scores;

  if (question->info->n_tensors != 2)
    return FALSE;
  for (gint i = 0; i < 2; i++) {
    if (!gst_dnn_head_get_dims (&question->info->shapes[i], 3, dims[i]))
      return FALSE;
    if (dims[i][2] == 2 || dims[i][2] == MAX_SCORES)
      setup->tensor[ROLE_SCORES] = i;
    if (dims[i][2] == 4)
      setup->tensor[ROLE_BOXES] = i;
  }
  scores = setup->tensor[ROLE_SCORES];
  if (scores < 0 || setup->tensor[ROLE_BOXES] < 0)
    return FALSE;
  setup->n_batch = dims[0][0];
  setup->n_boxes = dims[0][1];
  setup->n_values = dims[scores][2];
  setup->n_classes = dims[scores][2] - 1;
  return dims[0][1] == dims[1][1] && dims[0][0] == dims[1][0];
}

static void
set_meaning (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnPart *boxes = gst_dnn_case_get_kind (
      question, setup->tensor[ROLE_BOXES]);
  const GstDnnPart *scores = gst_dnn_case_get_kind (
      question, setup->tensor[ROLE_SCORES]);

  setup->activation = gst_dnn_case_get_activation (
      question, scores, GST_DNN_ACTIVATION_SOFTMAX);
  if (setup->activation == GST_DNN_ACTIVATION_AUTO) {
    setup->activation = GST_DNN_ACTIVATION_NONE;
    gst_dnn_case_guess (question, "score-activation");
  }
  if (setup->box_units == GST_DNN_BOX_UNITS_AUTO && boxes != NULL)
    setup->box_units = boxes->made == GST_DNN_MADE_RAW
        ? GST_DNN_BOX_UNITS_PRIORS
        : gst_dnn_part_get_units (boxes);
  if (setup->box_units == GST_DNN_BOX_UNITS_AUTO) {
    setup->box_units = GST_DNN_BOX_UNITS_NORMALISED;
    gst_dnn_case_guess (question, "box-units");
  }
  if (setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = GST_DNN_BOX_XYXY;
}

static GstDnnFit
match_ultraface (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnEvidence *evidence = question->evidence;

  if (!match_shapes (question, setup))
    return GST_DNN_FIT_NO;
  set_meaning (question, setup);
  if (evidence == NULL || question->guesses->len > 0)
    return GST_DNN_FIT_IF_ASKED;
  if (count_priors (evidence->model_w, evidence->model_h) != setup->n_boxes)
    return GST_DNN_FIT_IF_ASKED;
  return GST_DNN_FIT_YES;
}

/* Boxes can be read whatever their number is, offsets can't. */
static gboolean
prepare_ultraface (GstDnnHeadSetup *setup, GError **error)
{
  gint64 n = count_priors (setup->model_w, setup->model_h);

  if (setup->box_units != GST_DNN_BOX_UNITS_PRIORS || n == setup->n_boxes)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "head=ultraface: boxes are offsets from priors, %d of them, but a picture "
      "of %dx%d has %" G_GINT64_FORMAT " at strides 8, 16, 32 and 64",
      setup->n_boxes, setup->model_w, setup->model_h, n);
  return FALSE;
}

/* --- Decoding. */

static gfloat
get_face_score (const GstDnnHeadSetup *setup, const gfloat *scores, gint idx)
{
  gfloat sum = 0;

  if (setup->activation == GST_DNN_ACTIVATION_SIGMOID)
    return gst_dnn_sigmoid (scores[idx]);
  if (setup->activation != GST_DNN_ACTIVATION_SOFTMAX)
    return scores[idx];
  for (gint i = 0; i < setup->n_values; i++)
    sum += expf (scores[i] - scores[idx]);
  return 1 / sum;
}

/* Its place and size, parts of the picture. */
typedef struct
{
  gfloat x, y, w, h;
} Prior;

/* Centre and size from offsets; corners in pixels. */
static void
place (const GstDnnHeadSetup *setup, const gfloat *offsets, const Prior *prior,
    GstDnnBox *box)
{
  const gfloat values[4] = {
    prior->x + offsets[0] * CENTER_VARIANCE * prior->w,
    prior->y + offsets[1] * CENTER_VARIANCE * prior->h,
    prior->w * expf (offsets[2] * SIZE_VARIANCE),
    prior->h * expf (offsets[3] * SIZE_VARIANCE),
  };

  gst_dnn_box_set (
      box, GST_DNN_BOX_CXCYWH, values, setup->model_w, setup->model_h);
}

static void
append_face (const GstDnnHeadSetup *setup, const gfloat *scores,
    const gfloat *numbers, const Prior *prior, GArray *boxes)
{
  gint id = gst_dnn_argmax (scores + 1, setup->n_classes, 1);
  GstDnnBox box = { .label_id = id,
    .score = get_face_score (setup, scores, id + 1) };
  gfloat scale_x, scale_y;

  if (!(box.score >= setup->score_threshold))
    return;
  gst_dnn_head_get_scale (setup, &scale_x, &scale_y);
  if (prior != NULL)
    place (setup, numbers, prior, &box);
  else
    gst_dnn_box_set (&box, setup->box_order, numbers, scale_x, scale_y);
  g_array_append_val (boxes, box);
}

/* One cell after the other, its priors side by side. Priors end at the
 * picture, as those of the training do. */
static gint
decode_level (const GstDnnHeadSetup *setup, guint level, const gfloat *scores,
    const gfloat *offsets, GArray *boxes)
{
  gfloat stride = levels[level].stride;
  gint w = gst_dnn_cells_count_side (setup->model_w, levels[level].stride);
  gint h = gst_dnn_cells_count_side (setup->model_h, levels[level].stride);
  gint n = levels[level].n_sides;

  for (gint i = 0; i < w * h * n; i++) {
    gint cell = i / n;
    gfloat side = levels[level].sides[i % n];
    Prior prior = {
      .x = MIN ((cell % w + 0.5f) * stride / setup->model_w, 1),
      .y = MIN ((cell / w + 0.5f) * stride / setup->model_h, 1),
      .w = MIN (side / setup->model_w, 1),
      .h = MIN (side / setup->model_h, 1),
    };

    append_face (
        setup, scores + i * setup->n_values, offsets + i * 4, &prior, boxes);
  }
  return w * h * n;
}

static void
decode_ultraface (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
    gint batch_idx, GArray *boxes)
{
  gsize first = (gsize) batch_idx * setup->n_boxes;
  const gfloat *scores = tensors[setup->tensor[ROLE_SCORES]] +
      first * setup->n_values;
  const gfloat *numbers = tensors[setup->tensor[ROLE_BOXES]] + first * 4;

  if (setup->box_units != GST_DNN_BOX_UNITS_PRIORS) {
    for (gint i = 0; i < setup->n_boxes; i++)
      append_face (
          setup, scores + i * setup->n_values, numbers + i * 4, NULL, boxes);
    return;
  }
  for (guint level = 0; level < G_N_ELEMENTS (levels); level++) {
    gint n = decode_level (setup, level, scores, numbers, boxes);

    scores += n * setup->n_values;
    numbers += n * 4;
  }
}

static const gchar *const labels[] = { "face", "masked face", NULL };

const GstDnnHead gst_dnn_head_ultraface = {
  .id = GST_DNN_HEAD_ULTRAFACE,
  .name = "ultraface",
  .doc = "Ultra-Light-Fast-Generic face detectors",
  .shapes_text = "scores 1×N×2 (or ×3, masked faces apart) and boxes 1×N×4",
  .evidence_text = "as many candidates as the picture has priors, scores and "
                   "boxes of known making",
  .score_threshold = 0.7,
  .iou_threshold = 0.3,
  .input = { GST_DNN_COLOR_RGB, GST_DNN_RESIZE_STRETCH, { 127, 127, 127 },
      { 1.0 / 128, 1.0 / 128, 1.0 / 128 } },
  .labels = labels,
  .match = match_ultraface,
  .prepare = prepare_ultraface,
  .decode = decode_ultraface,
};
