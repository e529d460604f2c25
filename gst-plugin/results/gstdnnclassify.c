/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Scores of a classifier → the likeliest classes of the frame. Next:
 * gstdnnoverlay.c, gstdnnjson.c. */

/**
 * SECTION:element-dnnclassify
 * @title: dnnclassify
 * @short_description: finds the classes in the outputs of a classifier
 *
 * Reads the scores of a classifier that stands behind dnnpreprocess, and hands
 * on the original video frame with the likeliest classes as
 * #GstDnnResultsMeta: results of kind classification whose box is the part of
 * the frame that the model saw.
 *
 * Models that end without a softmax are recognised by their graph, and get one.
 * Where nobody upstream knows the graph, #GstDnnClassify:score-activation has
 * to say what is still to be done.
 *
 * ## Example
 * |[
 * gst-launch-1.0 filesrc location=cat.jpg ! jpegdec ! \
 *   dnnpreprocess resize=crop ! dnnmodule model=classifier.onnx ! \
 *   dnnclassify labels=imagenet.txt top-k=5 ! dnnjson ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/results/gstdnnclassify.h"

#include <math.h>

#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/heads/gstdnnhead-case.h"
#include "gst-plugin/heads/gstdnnhead-types.h"

#define GST_CAT_DEFAULT gst_dnn_debug

#define DEFAULT_TOP_K 1
#define MAX_TOP_K 100

enum
{
  PROP_0,
  PROP_TOP_K,
  PROP_THRESHOLD,
  PROP_SCORE_ACTIVATION,
};

struct _GstDnnClassify
{
  GstDnnDecoder parent;

  /* Properties: under the object lock. */
  gint top_k;
  gdouble threshold;
  GstDnnActivation activation;

  /* The streaming thread's. */
  gint scores_idx;
  gint n_classes;
  GstDnnActivation found_activation; /* unless the property says */
};

G_DEFINE_FINAL_TYPE (GstDnnClassify, gst_dnn_classify, GST_TYPE_DNN_DECODER)
GST_ELEMENT_REGISTER_DEFINE (
    dnnclassify, "dnnclassify", GST_RANK_NONE, GST_TYPE_DNN_CLASSIFY)

/* One class; the others by the formula of the softmax. */
typedef struct
{
  gint label_id;
  gfloat score;
} Best;

/* At least two classes in one dimension, nothing in the others. */
static gboolean
is_scores (const DnnShape *shape)
{
  gint n_long = 0;

  for (gint i = 0; i < shape->rank; i++)
    n_long += shape->dims[i] > 1;
  return n_long == 1;
}

gint
gst_dnn_classify_find_scores (const GstDnnTensorsInfo *info)
{
  gint found = -1;

  for (guint i = 0; i < info->n_tensors; i++) {
    if (!is_scores (&info->shapes[i]))
      continue;
    if (found >= 0)
      return -1;
    found = i;
  }
  return found;
}

/* What is still to be done to the scores: the user's word, else the graph's. */
static gboolean
find_activation (GstDnnClassify *self, const GstDnnTensorsInfo *info,
    const GstDnnEvidence *evidence, GError **error)
{
  gboolean is_of = gst_dnn_evidence_is_of (evidence, info);
  GstDnnHeadSettings settings = { 0 };
  GstDnnHeadCase question = { info, is_of ? evidence : NULL, &settings, 0, NULL,
    NULL };
  g_autofree gchar *known = gst_dnn_evidence_to_string (evidence);

  GST_OBJECT_LOCK (self);
  settings.activation = self->activation;
  GST_OBJECT_UNLOCK (self);
  self->found_activation = gst_dnn_case_get_activation (&question,
      gst_dnn_case_get_kind (&question, self->scores_idx),
      GST_DNN_ACTIVATION_SOFTMAX);
  if (self->found_activation != GST_DNN_ACTIVATION_AUTO)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "What the scores are is not said: set score-activation to none "
      "(probabilities), softmax or sigmoid (what is still to be done); the "
      "model says of them: %s",
      known);
  return FALSE;
}

static gboolean
set_info (GstDnnDecoder *decoder, const GstDnnTensorsInfo *info, GError **error)
{
  GstDnnClassify *self = GST_DNN_CLASSIFY (decoder);

  self->scores_idx = gst_dnn_classify_find_scores (info);
  if (self->scores_idx < 0) {
    g_autofree gchar *found = gst_dnn_tensors_info_to_string (info);

    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "Tensors %s are no scores of a classifier; one tensor 1×C was "
        "expected",
        found);
    return FALSE;
  }
  self->n_classes = dnn_shape_n_elements (&info->shapes[self->scores_idx]);
  if (!find_activation (
          self, info, gst_dnn_decoder_get_evidence (decoder), error))
    return FALSE;
  GST_INFO_OBJECT (self, "%d classes; still to be done to scores: %s",
      self->n_classes,
      self->found_activation == GST_DNN_ACTIVATION_NONE          ? "nothing"
          : self->found_activation == GST_DNN_ACTIVATION_SOFTMAX ? "softmax"
                                                                 : "sigmoid");
  return gst_dnn_decoder_check_labels (decoder, self->n_classes, error);
}

/* Classes of the @k greatest scores, greatest first; equal ones by id. */
static gint
find_best (const gfloat *scores, gint n, Best *best, gint k)
{
  gint n_best = 0;

  for (gint i = 0; i < n; i++) {
    gint at = n_best;

    if (isnan (scores[i]) || (at == k && !(scores[i] > best[k - 1].score)))
      continue;
    if (at == k)
      at--;
    else
      n_best++;
    for (; at > 0 && scores[i] > best[at - 1].score; at--)
      best[at] = best[at - 1];
    best[at] = (Best){ i, scores[i] };
  }
  return n_best;
}

static gfloat
activate (
    GstDnnActivation activation, const gfloat *scores, gint n, const Best *best)
{
  gfloat sum = 0;

  if (activation == GST_DNN_ACTIVATION_NONE)
    return best->score;
  if (activation == GST_DNN_ACTIVATION_SIGMOID)
    return gst_dnn_sigmoid (best->score);
  for (gint i = 0; i < n; i++)
    sum += expf (scores[i] - best->score);
  return 1 / sum;
}

/* The part of the frame that the model saw. */
static void
set_box (
    GstDnnResult *result, const GstDnnFrameMeta *frame, gint width, gint height)
{
  gdouble x0 = 0, y0 = 0, x1 = frame->model_w, y1 = frame->model_h;

  if (frame->model_w <= 0 || frame->model_h <= 0) {
    result->w = width;
    result->h = height;
    return;
  }
  gst_dnn_affine_map (&frame->to_frame, &x0, &y0);
  gst_dnn_affine_map (&frame->to_frame, &x1, &y1);
  result->x = MIN (x0, x1);
  result->y = MIN (y0, y1);
  result->w = ABS (x1 - x0);
  result->h = ABS (y1 - y0);
}

static gboolean
decode (GstDnnDecoder *decoder, const gfloat *const *tensors,
    const GstDnnFrameMeta *frame, GError **error)
{
  GstDnnClassify *self = GST_DNN_CLASSIFY (decoder);
  const gfloat *scores = tensors[self->scores_idx];
  GstDnnResult result = GST_DNN_RESULT_INIT;
  GstDnnActivation activation;
  Best best[MAX_TOP_K];
  gdouble threshold;
  gint n, width, height;

  GST_OBJECT_LOCK (self);
  n = MIN (self->top_k, self->n_classes);
  threshold = self->threshold;
  activation = self->activation != GST_DNN_ACTIVATION_AUTO
      ? self->activation
      : self->found_activation;
  GST_OBJECT_UNLOCK (self);
  gst_dnn_decoder_get_frame_size (decoder, &width, &height);
  result.kind = GST_DNN_RESULT_CLASSIFICATION;
  set_box (&result, frame, width, height);
  n = find_best (scores, self->n_classes, best, n);
  for (gint i = 0; i < n; i++) {
    result.label_id = best[i].label_id;
    result.confidence = activate (
        activation, scores, self->n_classes, &best[i]);
    if (result.confidence >= threshold)
      gst_dnn_decoder_add_result (decoder, &result);
  }
  return TRUE;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnClassify *self = GST_DNN_CLASSIFY (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_TOP_K:
      self->top_k = g_value_get_int (value);
      break;
    case PROP_THRESHOLD:
      self->threshold = g_value_get_double (value);
      break;
    case PROP_SCORE_ACTIVATION:
      self->activation = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstDnnClassify *self = GST_DNN_CLASSIFY (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_TOP_K:
      g_value_set_int (value, self->top_k);
      break;
    case PROP_THRESHOLD:
      g_value_set_double (value, self->threshold);
      break;
    case PROP_SCORE_ACTIVATION:
      g_value_set_enum (value, self->activation);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_dnn_classify_init (GstDnnClassify *self)
{
  self->top_k = DEFAULT_TOP_K;
}

static void
gst_dnn_classify_class_init (GstDnnClassifyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstDnnDecoderClass *decoder_class = GST_DNN_DECODER_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  decoder_class->set_info = set_info;
  decoder_class->decode = decode;
  g_object_class_install_property (object_class, PROP_TOP_K,
      gst_dnn_property_int ("top-k", "classes",
          "How many classes each frame gets, the surest first", 1, MAX_TOP_K,
          DEFAULT_TOP_K, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_THRESHOLD,
      gst_dnn_property_double ("score-threshold", "probability",
          "Classes that are less sure are dropped", 0, 1, 0,
          GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_SCORE_ACTIVATION,
      gst_dnn_property_enum ("score-activation",
          "What is still to be done to the model's scores; auto: what the "
          "model's graph has not done",
          GST_TYPE_DNN_ACTIVATION, GST_DNN_ACTIVATION_AUTO,
          GST_DNN_SET_PLAYING));
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "DNN classifier", "Filter/Analyzer/Video",
      "Scores of a classifier to classes of the original video frame",
      "The gst-dnn authors");
}
