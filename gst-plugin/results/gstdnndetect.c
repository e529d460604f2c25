/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Outputs of a detector → boxes on the frame: head, class filter, non-maximum
 * suppression, the way back to the frame. Next: gstdnnoverlay.c,
 * gstdnnjson.c. */

/**
 * SECTION:element-dnndetect
 * @title: dnndetect
 * @short_description: finds boxes in the outputs of a detector
 *
 * Reads the outputs of a detector that stands behind dnnpreprocess, and hands
 * on the original video frame with a box for each object as #GstDnnResultsMeta,
 * in pixels of that frame. #GstVideoRegionOfInterestMeta is added for readers
 * that know that only.
 *
 * Which tensors hold boxes and scores, and how, is what a head knows. By
 * default it is chosen by what the model's graph says of its outputs; what was
 * chosen is logged at INFO. A head whose models write their outputs in several
 * ways takes what nothing says from the properties; where one of these should
 * be set, a WARNING message names it.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc pattern=ball num-buffers=30 ! \
 *   dnnpreprocess ! dnnmodule model=examples/ball/ball.onnx ! \
 *   dnndetect labels=examples/ball/labels.txt ! dnnoverlay ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/results/gstdnndetect.h"

#include "gst-plugin/heads/gstdnnnms.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/heads/gstdnnhead-types.h"

#define GST_CAT_DEFAULT gst_dnn_debug

#define DEFAULT_MAX_DETECTIONS 100

enum
{
  PROP_0,
  PROP_HEAD,
  PROP_SCORE_THRESHOLD,
  PROP_IOU_THRESHOLD,
  PROP_MAX_DETECTIONS,
  PROP_CLASSES,
  PROP_SCORE_ACTIVATION,
  PROP_BOX_ORDER,
  PROP_BOX_UNITS,
  PROP_BOX_AXIS,
  PROP_TENSORS,
};

struct _GstDnnDetect
{
  GstDnnDecoder parent;

  /* Properties: under the object lock. */
  GstDnnHeadId head_id;
  gdouble score_threshold, iou_threshold;
  gint max_detections;
  gchar *classes_text;
  GstDnnActivation activation;
  GstDnnBoxOrder box_order;
  GstDnnBoxUnits box_units;
  GstDnnBoxAxis box_axis;
  gchar *tensors;

  /* The streaming thread's. */
  const GstDnnHead *head;
  GstDnnHeadSetup setup;
  GstDnnActivation found_activation; /* unless the property says */
  gchar *guesses; /* that a WARNING has named */
  GArray *classes; /* sorted ids, NULL for all */
  GArray *boxes;
};

G_DEFINE_FINAL_TYPE (GstDnnDetect, gst_dnn_detect, GST_TYPE_DNN_DECODER)
GST_ELEMENT_REGISTER_DEFINE (
    dnndetect, "dnndetect", GST_RANK_NONE, GST_TYPE_DNN_DETECT)

static guint
get_n_labels (GstDnnDetect *self)
{
  const GstDnnLabels *labels = gst_dnn_decoder_get_labels (
      GST_DNN_DECODER (self));

  return labels != NULL ? gst_dnn_labels_get_n (labels) : 0;
}

static gboolean
parse_classes (GstDnnDetect *self, GError **error)
{
  g_autofree gchar *text = NULL;

  g_clear_pointer (&self->classes, g_array_unref);
  GST_OBJECT_LOCK (self);
  text = g_strdup (self->classes_text);
  GST_OBJECT_UNLOCK (self);
  if (text == NULL || *text == '\0')
    return TRUE;
  self->classes = gst_dnn_labels_parse_set (
      gst_dnn_decoder_get_labels (GST_DNN_DECODER (self)), text, error);
  return self->classes != NULL;
}

/* Against the model. */
static gboolean
check_classes (GstDnnDetect *self, GError **error)
{
  gint last = self->classes != NULL
      ? g_array_index (self->classes, gint, self->classes->len - 1)
      : -1;

  if (self->setup.n_classes == 0 || last < self->setup.n_classes)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "classes: %d: the model has the classes 0 to %d", last,
      self->setup.n_classes - 1);
  return FALSE;
}

static GstDnnHeadId
get_head_id (GstDnnDetect *self)
{
  GstDnnHeadId id;

  GST_OBJECT_LOCK (self);
  id = self->head_id;
  GST_OBJECT_UNLOCK (self);
  return id;
}

/* A copy, so that nothing is read while it is set. */
static void
copy_settings (GstDnnDetect *self, GstDnnHeadSettings *settings)
{
  GST_OBJECT_LOCK (self);
  *settings = (GstDnnHeadSettings){ self->head_id, self->activation,
    self->box_order, self->box_units, self->box_axis,
    g_strdup (self->tensors) };
  GST_OBJECT_UNLOCK (self);
}

static gboolean
get_input (GstDnnDecoder *decoder, const GstDnnTensorsInfo *info,
    const GstDnnEvidence *evidence, guint n_labels, GstDnnHeadInput *input)
{
  GstDnnDetect *self = GST_DNN_DETECT (decoder);
  g_autofree gchar *tensors = NULL;
  GstDnnHeadSettings settings;
  const GstDnnHead *head;
  GstDnnHeadSetup setup;

  copy_settings (self, &settings);
  tensors = (gchar *) settings.tensors;
  head = gst_dnn_head_get (settings.id);
  if (head == NULL && info != NULL)
    head = gst_dnn_head_choose (
        &settings, info, evidence, n_labels, &setup, NULL, NULL);
  if (head == NULL)
    return FALSE;
  *input = head->input;
  return TRUE;
}

/* Said once, not with each renewal of caps. */
static void
warn_of_guesses (GstDnnDetect *self, gchar *guesses)
{
  g_autoptr (GError) doubt = NULL;

  if (*guesses != '\0' && g_strcmp0 (guesses, self->guesses) != 0) {
    doubt = g_error_new (DNN_ERROR, DNN_ERROR_VALUE,
        "head=%s: a guess: neither the model nor a property says %s; boxes are "
        "read as most models of this head write them",
        self->head->name, guesses);
    gst_dnn_error_post_warning (self, doubt);
  }
  g_free (self->guesses);
  self->guesses = guesses;
}

static const gchar *
get_nick (GType type, gint value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *row = g_enum_get_value (klass, value);

  return row != NULL ? row->value_nick : "?";
}

static void
log_choice (GstDnnDetect *self)
{
  const GstDnnHeadSetup *setup = &self->setup;

  GST_INFO_OBJECT (self,
      "head %s: %d boxes (%s, %s%s), %d classes, batch of %d, still to be done "
      "to scores: %s, score-threshold %.2f, iou-threshold %.2f",
      self->head->name, setup->n_boxes,
      get_nick (GST_TYPE_DNN_BOX_ORDER, setup->box_order),
      get_nick (GST_TYPE_DNN_BOX_UNITS, setup->box_units),
      setup->transposed ? ", innermost" : "", setup->n_classes, setup->n_batch,
      get_nick (GST_TYPE_DNN_ACTIVATION, setup->activation),
      self->head->score_threshold, self->head->iou_threshold);
}

static gboolean
choose_head (GstDnnDetect *self, const GstDnnTensorsInfo *info, GError **error)
{
  GstDnnDecoder *decoder = GST_DNN_DECODER (self);
  g_autofree gchar *tensors = NULL;
  gchar *guesses = NULL;
  GstDnnHeadSettings settings;

  copy_settings (self, &settings);
  tensors = (gchar *) settings.tensors;
  gst_dnn_decoder_set_labels (decoder, NULL);
  self->head = gst_dnn_head_choose (&settings, info,
      gst_dnn_decoder_get_evidence (decoder), get_n_labels (self), &self->setup,
      &guesses, error);
  if (self->head == NULL)
    return FALSE;
  self->found_activation = self->setup.activation;
  gst_dnn_decoder_set_labels (decoder, self->head->labels);
  warn_of_guesses (self, guesses);
  log_choice (self);
  return TRUE;
}

static gboolean
set_info (GstDnnDecoder *decoder, const GstDnnTensorsInfo *info, GError **error)
{
  GstDnnDetect *self = GST_DNN_DETECT (decoder);

  if (!choose_head (self, info, error))
    return FALSE;
  if (self->setup.n_batch != 1) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "The tensors hold a batch of %d; one frame is one of 1",
        self->setup.n_batch);
    return FALSE;
  }
  return gst_dnn_decoder_check_labels (decoder, self->setup.n_classes, error) &&
      parse_classes (self, error) && check_classes (self, error);
}

static gboolean
is_wanted (const GArray *classes, gint label_id)
{
  if (classes == NULL)
    return TRUE;
  for (guint i = 0; i < classes->len; i++)
    if (g_array_index (classes, gint, i) == label_id)
      return TRUE;
  return FALSE;
}

static void
drop_unwanted (GArray *boxes, const GArray *classes)
{
  GstDnnBox *all = (GstDnnBox *) (gpointer) boxes->data;
  guint n_kept = 0;

  for (guint i = 0; i < boxes->len; i++)
    if (is_wanted (classes, all[i].label_id))
      all[n_kept++] = all[i];
  g_array_set_size (boxes, n_kept);
}

static void
add_box (GstDnnDetect *self, const GstDnnBox *box, const GstDnnAffine *map)
{
  GstDnnResult result = GST_DNN_RESULT_INIT;
  gdouble x0 = box->x0, y0 = box->y0, x1 = box->x1, y1 = box->y1;

  gst_dnn_affine_map (map, &x0, &y0);
  gst_dnn_affine_map (map, &x1, &y1);
  result.kind = GST_DNN_RESULT_DETECTION;
  result.label_id = box->label_id;
  result.confidence = box->score;
  result.x = MIN (x0, x1);
  result.y = MIN (y0, y1);
  result.w = ABS (x1 - x0);
  result.h = ABS (y1 - y0);
  gst_dnn_decoder_add_result (GST_DNN_DECODER (self), &result);
}

/* Properties may change between frames. Returns the IoU threshold. */
static gfloat
update_setup (GstDnnDetect *self, guint *max)
{
  GstDnnHeadSetup *setup = &self->setup;
  gfloat iou;

  GST_OBJECT_LOCK (self);
  setup->score_threshold = self->score_threshold >= 0
      ? self->score_threshold
      : self->head->score_threshold;
  iou = self->iou_threshold >= 0 ? self->iou_threshold
                                 : self->head->iou_threshold;
  setup->activation = self->activation != GST_DNN_ACTIVATION_AUTO
      ? self->activation
      : self->found_activation;
  *max = self->max_detections;
  GST_OBJECT_UNLOCK (self);
  return iou;
}

static gboolean
decode (GstDnnDecoder *decoder, const gfloat *const *tensors,
    const GstDnnFrameMeta *frame, GError **error)
{
  GstDnnDetect *self = GST_DNN_DETECT (decoder);
  guint max;
  gfloat iou = update_setup (self, &max);

  if (!gst_dnn_head_set_size (
          self->head, &self->setup, frame->model_w, frame->model_h, error))
    return FALSE;
  g_array_set_size (self->boxes, 0);
  self->head->decode (&self->setup, tensors, 0, self->boxes);
  if (self->classes != NULL)
    drop_unwanted (self->boxes, self->classes);
  gst_dnn_nms (self->boxes, iou, max);
  for (guint i = 0; i < self->boxes->len; i++)
    add_box (
        self, &g_array_index (self->boxes, GstDnnBox, i), &frame->to_frame);
  GST_LOG_OBJECT (self, "%u objects", self->boxes->len);
  return TRUE;
}

static gboolean
start (GstDnnDecoder *decoder, GError **error)
{
  GstDnnDetect *self = GST_DNN_DETECT (decoder);
  const GstDnnHead *head = gst_dnn_head_get (get_head_id (self));

  g_clear_pointer (&self->guesses, g_free);
  if (head != NULL)
    gst_dnn_decoder_set_labels (decoder, head->labels);
  /* The model, or with auto the head, may still bring labels. */
  if (gst_dnn_decoder_get_labels (decoder) == NULL)
    return TRUE;
  return parse_classes (self, error);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnDetect *self = GST_DNN_DETECT (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_HEAD:
      self->head_id = g_value_get_enum (value);
      break;
    case PROP_SCORE_THRESHOLD:
      self->score_threshold = g_value_get_double (value);
      break;
    case PROP_IOU_THRESHOLD:
      self->iou_threshold = g_value_get_double (value);
      break;
    case PROP_MAX_DETECTIONS:
      self->max_detections = g_value_get_int (value);
      break;
    case PROP_CLASSES:
      g_free (self->classes_text);
      self->classes_text = g_value_dup_string (value);
      break;
    case PROP_SCORE_ACTIVATION:
      self->activation = g_value_get_enum (value);
      break;
    case PROP_BOX_ORDER:
      self->box_order = g_value_get_enum (value);
      break;
    case PROP_BOX_UNITS:
      self->box_units = g_value_get_enum (value);
      break;
    case PROP_BOX_AXIS:
      self->box_axis = g_value_get_enum (value);
      break;
    case PROP_TENSORS:
      g_free (self->tensors);
      self->tensors = g_value_dup_string (value);
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
  GstDnnDetect *self = GST_DNN_DETECT (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_HEAD:
      g_value_set_enum (value, self->head_id);
      break;
    case PROP_SCORE_THRESHOLD:
      g_value_set_double (value, self->score_threshold);
      break;
    case PROP_IOU_THRESHOLD:
      g_value_set_double (value, self->iou_threshold);
      break;
    case PROP_MAX_DETECTIONS:
      g_value_set_int (value, self->max_detections);
      break;
    case PROP_CLASSES:
      g_value_set_string (value, self->classes_text);
      break;
    case PROP_SCORE_ACTIVATION:
      g_value_set_enum (value, self->activation);
      break;
    case PROP_BOX_ORDER:
      g_value_set_enum (value, self->box_order);
      break;
    case PROP_BOX_UNITS:
      g_value_set_enum (value, self->box_units);
      break;
    case PROP_BOX_AXIS:
      g_value_set_enum (value, self->box_axis);
      break;
    case PROP_TENSORS:
      g_value_set_string (value, self->tensors);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  GstDnnDetect *self = GST_DNN_DETECT (object);

  g_free (self->classes_text);
  g_free (self->tensors);
  g_free (self->guesses);
  g_clear_pointer (&self->classes, g_array_unref);
  g_array_unref (self->boxes);
  G_OBJECT_CLASS (gst_dnn_detect_parent_class)->finalize (object);
}

static void
gst_dnn_detect_init (GstDnnDetect *self)
{
  self->score_threshold = -1;
  self->iou_threshold = -1;
  self->max_detections = DEFAULT_MAX_DETECTIONS;
  self->boxes = g_array_new (FALSE, FALSE, sizeof (GstDnnBox));
}

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_HEAD,
      gst_dnn_property_enum ("head", "How the model writes its boxes",
          GST_TYPE_DNN_HEAD_ID, GST_DNN_HEAD_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_SCORE_THRESHOLD,
      gst_dnn_property_double ("score-threshold", "probability",
          "Boxes that are less sure are dropped; -1: the head's default", -1, 1,
          -1, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_IOU_THRESHOLD,
      gst_dnn_property_double ("iou-threshold", "intersection over union",
          "Boxes that cover a surer one of their class by more are dropped; "
          "1: none are; -1: the head's default",
          -1, 1, -1, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_MAX_DETECTIONS,
      gst_dnn_property_int ("max-detections", "boxes",
          "Most boxes on one frame; the surest are kept", 1, 10000,
          DEFAULT_MAX_DETECTIONS, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_CLASSES,
      gst_dnn_property_string ("classes",
          "Classes to keep, by label or number, as in \"person,car\" or "
          "\"0,2\"; all if not set",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_SCORE_ACTIVATION,
      gst_dnn_property_enum ("score-activation",
          "What is still to be done to the model's scores; auto: what the "
          "model's graph has not done, else nothing",
          GST_TYPE_DNN_ACTIVATION, GST_DNN_ACTIVATION_AUTO,
          GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_BOX_ORDER,
      gst_dnn_property_enum ("box-order", "Order of the four numbers of a box",
          GST_TYPE_DNN_BOX_ORDER, GST_DNN_BOX_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_BOX_UNITS,
      gst_dnn_property_enum ("box-units",
          "What the four numbers of a box count; auto: by the model's graph, "
          "else as the head's models do",
          GST_TYPE_DNN_BOX_UNITS, GST_DNN_BOX_UNITS_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_BOX_AXIS,
      gst_dnn_property_enum ("box-axis",
          "Along which dimension behind the batch the numbers of a candidate "
          "lie; auto: by the model's graph, labels or size",
          GST_TYPE_DNN_BOX_AXIS, GST_DNN_BOX_AXIS_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_TENSORS,
      gst_dnn_property_string ("tensors",
          "Which of the model's outputs are boxes, scores, classes and count, "
          "by number or name, as in \"boxes=0,scores=1\"; not set: by names, "
          "graph and shapes",
          NULL, GST_DNN_SET_READY));
}

static void
gst_dnn_detect_class_init (GstDnnDetectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstDnnDecoderClass *decoder_class = GST_DNN_DECODER_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  decoder_class->start = start;
  decoder_class->get_input = get_input;
  decoder_class->set_info = set_info;
  decoder_class->decode = decode;
  install_properties (object_class);
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "DNN object detector", "Filter/Analyzer/Video",
      "Outputs of a detector to boxes on the original video frame",
      "The gst-dnn authors");
}
