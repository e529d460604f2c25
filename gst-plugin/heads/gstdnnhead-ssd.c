/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Head of SSD and its kin, in two forms. Chosen: boxes with one class and one
 * score each, and maybe a count (detectors of the TensorFlow and the torch
 * family after their own NMS). Raw: boxes with the scores of all classes, the
 * first of them the background. Next: gstdnnnms.c. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "gst-plugin/heads/gstdnnhead-case.h"

enum
{
  ROLE_BOXES,
  ROLE_SCORES,
  ROLE_CLASSES,
  ROLE_COUNT,
  N_ROLES,
};

/* What the user and exporters call them. */
static const struct
{
  const gchar *role;
  const gchar *words[3]; /* parts of names */
  guint n_words;
} roles[N_ROLES] = {
  [ROLE_BOXES] = { "boxes", { "box", "loc" }, 2 },
  [ROLE_SCORES] = { "scores", { "score", "conf", "prob" }, 3 },
  [ROLE_CLASSES] = { "classes", { "class", "label" }, 2 },
  [ROLE_COUNT] = { "count", { "num", "count" }, 2 },
};

/* Interfaces that say what their numbers mean: the Object Detection API of
 * TensorFlow, its operator in TFLite, the detectors of torchvision. */
typedef struct
{
  const gchar *names[N_ROLES]; /* NULL: none */
  GstDnnBoxOrder order;
  GstDnnBoxUnits units;
  gboolean has_integers; /* classes are */
} Interface;

static const Interface interfaces[] = {
  { { "detection_boxes", "detection_scores", "detection_classes",
        "num_detections" },
      GST_DNN_BOX_YXYX, GST_DNN_BOX_UNITS_NORMALISED, FALSE },
  { { "TFLite_Detection_PostProcess", "TFLite_Detection_PostProcess:2",
        "TFLite_Detection_PostProcess:1", "TFLite_Detection_PostProcess:3" },
      GST_DNN_BOX_YXYX, GST_DNN_BOX_UNITS_NORMALISED, FALSE },
  { { "boxes", "scores", "labels", NULL }, GST_DNN_BOX_XYXY,
      GST_DNN_BOX_UNITS_PIXELS, TRUE },
};

static gboolean
is_integer (DnnType type)
{
  return type == DNN_TYPE_INT64 || type == DNN_TYPE_INT32;
}

/* --- Interfaces. */

static gint
find_name (const GstDnnHeadCase *question, const gchar *name)
{
  gsize length = name != NULL ? strlen (name) : 0;

  for (gint i = 0; name != NULL && i < (gint) question->info->n_tensors; i++) {
    const GstDnnOutput *output = gst_dnn_case_get (question, i);

    if (output != NULL && g_str_has_prefix (output->name, name) &&
        (output->name[length] == '\0' ||
            g_str_equal (output->name + length, ":0")))
      return i;
  }
  return -1;
}

/* All names are there, and nothing else; classes are of the right kind. */
static gboolean
is_interface (const Interface *row, const GstDnnHeadCase *question)
{
  gint classes = find_name (question, row->names[ROLE_CLASSES]);
  guint n = 0;

  for (guint role = 0; role < N_ROLES; role++)
    n += find_name (question, row->names[role]) >= 0;
  return n >= ROLE_COUNT && n == question->info->n_tensors && classes >= 0 &&
      row->has_integers == is_integer (question->info->types[classes]);
}

static const Interface *
find_interface (const GstDnnHeadCase *question)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    if (is_interface (&interfaces[i], question))
      return &interfaces[i];
  return NULL;
}

static void
take_interface (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const Interface *row = find_interface (question);

  for (guint role = 0; row != NULL && role < N_ROLES; role++)
    if (setup->tensor[role] < 0)
      setup->tensor[role] = find_name (question, row->names[role]);
  if (row != NULL && setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = row->order;
  if (row != NULL && setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    setup->box_units = row->units;
}

/* --- Roles. */

static void
take_roles_of_user (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  for (guint role = 0; role < N_ROLES; role++)
    setup->tensor[role] = gst_dnn_case_get_role (question, roles[role].role);
}

static gboolean
has_role (const GstDnnHeadSetup *setup, gint idx)
{
  for (guint role = 0; role < N_ROLES; role++)
    if (setup->tensor[role] == idx)
      return TRUE;
  return FALSE;
}

/* The only tensor with that name, or with what @test asks for. */
static void
take_role (const GstDnnHeadCase *question, GstDnnHeadSetup *setup, guint role,
    gboolean (*test) (const GstDnnHeadCase *question,
        const GstDnnHeadSetup *setup, gint idx, guint role))
{
  gint found = -1;

  if (setup->tensor[role] >= 0)
    return;
  for (gint i = 0; i < (gint) question->info->n_tensors; i++) {
    if (has_role (setup, i) || !test (question, setup, i, role))
      continue;
    if (found >= 0)
      return;
    found = i;
  }
  setup->tensor[role] = found;
}

static gboolean
is_named (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    gint idx, guint role)
{
  return gst_dnn_case_is_named (
      question, idx, roles[role].words, roles[role].n_words);
}

static gboolean
ends_in_four (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    gint idx, guint role)
{
  const DnnShape *shape = &question->info->shapes[idx];

  return shape->rank >= 2 && shape->dims[shape->rank - 1] == 4;
}

/* Ends in four, and is no scores by the graph. */
static gboolean
is_box_by_graph (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    gint idx, guint role)
{
  const GstDnnPart *kind = gst_dnn_case_get_kind (question, idx);

  return ends_in_four (question, setup, idx, role) && kind != NULL &&
      kind->seen == GST_DNN_SEEN_NONE;
}

static gboolean
is_probability (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    gint idx, guint role)
{
  const GstDnnPart *kind = gst_dnn_case_get_kind (question, idx);

  return kind != NULL && gst_dnn_part_is_probability (kind);
}

static gboolean
is_position (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    gint idx, guint role)
{
  const GstDnnPart *kind = gst_dnn_case_get_kind (question, idx);

  return is_integer (question->info->types[idx]) ||
      (kind != NULL && kind->made == GST_DNN_MADE_INDEX);
}

/* As many elements as there are boxes; one number says how many count. */
static gboolean
has_size_of (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup,
    gint idx, guint role)
{
  gint64 n = dnn_shape_n_elements (&question->info->shapes[idx]);

  if (role == ROLE_COUNT)
    return n == setup->n_batch;
  return n == (gint64) setup->n_batch * setup->n_boxes;
}

static gboolean
is_left (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup, gint idx,
    guint role)
{
  return TRUE;
}

static gboolean
find_boxes (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const DnnShape *shape;
  gint64 dims[3];

  for (guint role = 0; role < N_ROLES; role++)
    take_role (question, setup, role, is_named);
  take_role (question, setup, ROLE_BOXES, ends_in_four);
  take_role (question, setup, ROLE_BOXES, is_box_by_graph);
  if (setup->tensor[ROLE_BOXES] < 0)
    return FALSE;
  shape = &question->info->shapes[setup->tensor[ROLE_BOXES]];
  if (shape->rank < 2 || !gst_dnn_head_get_dims (shape, 3, dims) ||
      dims[2] != 4)
    return FALSE;
  setup->n_batch = dims[0];
  setup->n_boxes = dims[1];
  return TRUE;
}

/* --- Numbers. */

/* Units by the graph, if nothing else has said. FALSE if they stay unknown. */
static gboolean
set_units (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnPart *kind = gst_dnn_case_get_kind (
      question, setup->tensor[ROLE_BOXES]);

  if (kind != NULL && setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    setup->box_units = gst_dnn_part_get_units (kind);
  return setup->box_units != GST_DNN_BOX_UNITS_AUTO;
}

/* --- Boxes with one class each. */

static void
find_per_box_roles (const GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  if (setup->n_boxes != 1)
    take_role (question, setup, ROLE_COUNT, has_size_of);
  take_role (question, setup, ROLE_CLASSES, is_position);
  take_role (question, setup, ROLE_SCORES, is_probability);
  take_role (question, setup, ROLE_CLASSES, is_left);
  take_role (question, setup, ROLE_SCORES, is_left);
}

static gboolean
fit_boxes (const GstDnnHeadCase *question, const GstDnnHeadSetup *setup)
{
  for (guint role = ROLE_SCORES; role <= ROLE_COUNT; role++)
    if (setup->tensor[role] >= 0 &&
        !has_size_of (question, setup, setup->tensor[role], role))
      return FALSE;
  for (gint i = 0; i < (gint) question->info->n_tensors; i++)
    if (!has_role (setup, i))
      return FALSE;
  return TRUE;
}

static GstDnnFit
match_chosen (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  gboolean is_sure;

  find_per_box_roles (question, setup);
  if (setup->tensor[ROLE_CLASSES] < 0 || setup->tensor[ROLE_SCORES] < 0)
    return gst_dnn_case_doubt (question,
        "which tensor holds classes and which scores is not said; set tensors, "
        "as in \"boxes=0,classes=1,scores=2\"");
  if (!fit_boxes (question, setup))
    return GST_DNN_FIT_NO;
  is_sure = set_units (question, setup);
  setup->activation = question->settings->activation;
  if (!is_sure)
    return gst_dnn_case_doubt (
        question, "whether boxes are in pixels is not said; set box-units");
  if (setup->box_order == GST_DNN_BOX_AUTO)
    return gst_dnn_case_doubt (
        question, "the order of a box's numbers is not said; set box-order");
  return GST_DNN_FIT_YES;
}

/* --- Boxes with the scores of all classes. */

static GstDnnFit
set_raw_meaning (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  const GstDnnPart *boxes = gst_dnn_case_get_kind (
      question, setup->tensor[ROLE_BOXES]);
  const GstDnnPart *scores = gst_dnn_case_get_kind (
      question, setup->tensor[ROLE_SCORES]);

  if (boxes != NULL && boxes->made == GST_DNN_MADE_RAW &&
      setup->box_units == GST_DNN_BOX_UNITS_AUTO)
    return gst_dnn_case_doubt (question,
        "boxes come right from the network: offsets from priors that the model "
        "does not tell");
  /* A softmax needs a class for "none of them"; a sigmoid may do without. */
  if (scores != NULL && scores->seen == GST_DNN_SEEN_SIGMOID &&
      question->settings->id == GST_DNN_HEAD_AUTO) {
    gst_dnn_case_doubt (question,
        "whether the first class is a background is not said; head=ssd takes "
        "it for one");
    return GST_DNN_FIT_IF_ASKED;
  }
  if (!set_units (question, setup)) {
    setup->box_units = GST_DNN_BOX_UNITS_NORMALISED;
    gst_dnn_case_guess (question, "box-units");
  }
  setup->activation = gst_dnn_case_get_activation (
      question, scores, GST_DNN_ACTIVATION_SOFTMAX);
  if (setup->activation == GST_DNN_ACTIVATION_AUTO ||
      (scores != NULL && scores->made == GST_DNN_MADE_RAW &&
          scores->seen == GST_DNN_SEEN_NONE))
    gst_dnn_case_guess (question, "score-activation");
  return question->guesses->len > 0 ? GST_DNN_FIT_IF_ASKED : GST_DNN_FIT_YES;
}

static GstDnnFit
match_raw (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  gint64 dims[3];
  gint scores;

  setup->tensor[ROLE_CLASSES] = setup->tensor[ROLE_COUNT] = -1;
  take_role (question, setup, ROLE_SCORES, is_left);
  scores = setup->tensor[ROLE_SCORES];
  if (scores < 0 ||
      !gst_dnn_head_get_dims (&question->info->shapes[scores], 3, dims) ||
      dims[0] != setup->n_batch || dims[1] != setup->n_boxes || dims[2] < 2)
    return GST_DNN_FIT_NO;
  setup->n_classes = dims[2];
  if (setup->box_order == GST_DNN_BOX_AUTO)
    setup->box_order = GST_DNN_BOX_XYXY;
  return set_raw_meaning (question, setup);
}

static GstDnnFit
match_ssd (GstDnnHeadCase *question, GstDnnHeadSetup *setup)
{
  if (question->info->n_tensors < 2 || question->info->n_tensors > N_ROLES)
    return GST_DNN_FIT_NO;
  take_roles_of_user (question, setup);
  take_interface (question, setup);
  if (!find_boxes (question, setup))
    return gst_dnn_case_doubt (question,
        "which tensor holds the boxes is not said; set tensors, as in "
        "\"boxes=0,scores=1\"");
  return question->info->n_tensors == 2 ? match_raw (question, setup)
                                        : match_chosen (question, setup);
}

/* --- Decoding. */

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
  gst_dnn_head_get_scale (setup, &scale_x, &scale_y);
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

  gst_dnn_head_get_scale (setup, &scale_x, &scale_y);
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
  .evidence_text = "roles, units and order by the names of an interface or by "
                   "the graph",
  .score_threshold = 0.5,
  .iou_threshold = 0.45,
  .input = { GST_DNN_COLOR_RGB, GST_DNN_RESIZE_STRETCH, { 127.5, 127.5, 127.5 },
      { 1 / 127.5, 1 / 127.5, 1 / 127.5 } },
  .match = match_ssd,
  .decode = decode_ssd,
};
