/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors with frame meta → the frame, with results. Next: gstdnndetect.c,
 * gstdnnclassify.c. */
#include "config.h"

#include "gst-plugin/results/gstdnndecoder.h"

#include "gst-plugin/meta/gstdnnmeta-tensors.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/results/gstdnnresults-derive.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnquery.h"
#include "gst-plugin/stream/gstdnnspelling.h"
#include "pipeline-core/base/dnn-tensor.h"

#define GST_CAT_DEFAULT gst_dnn_debug

enum
{
  PROP_0,
  PROP_LABELS,
  PROP_MODEL_NAME,
  PROP_ATTACH_TENSORS,
};

/* One tensor of the buffer at hand. */
typedef struct
{
  GstMemory *memory;
  GstMapInfo map;
  gfloat *converted; /* where the tensor is no float32 */
  gsize n_converted;
} Tensor;

typedef struct
{
  GstPad *sinkpad, *srcpad;
  GstDnnErrorLatch latch;
  gint is_stale; /* started with other properties than those of now */
  gchar *labels_path; /* properties: under the object lock */
  gchar *model_name;
  gboolean attach_tensors;
  GstDnnLabels *user_labels, *model_labels, *head_labels;
  GQuark model;

  /* The streaming thread's. */
  GstDnnTensorsInfo *link; /* what the caps say */
  GstDnnTensorsInfo *info; /* of the buffer at hand */
  gboolean has_info;
  GstCaps *tensor_caps;
  Tensor *tensors; /* GST_DNN_MAX_TENSORS */
  GstDnnEvidence *evidence; /* (nullable): of what comes */
  GArray *results;
  GstCaps *frame_caps;
  gint width, height;
  GstSegment segment;
  gboolean segment_pending;
  guint32 segment_seqnum;
  GQueue held; /* serialised events that wait for the first frame */
} GstDnnDecoderPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (
    GstDnnDecoder, gst_dnn_decoder, GST_TYPE_ELEMENT)

#define PRIV(self) \
  ((GstDnnDecoderPrivate *) gst_dnn_decoder_get_instance_private (self))

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw(ANY)"));

/* --- For subclasses. */

void
gst_dnn_decoder_get_frame_size (GstDnnDecoder *self, gint *width, gint *height)
{
  *width = PRIV (self)->width;
  *height = PRIV (self)->height;
}

const GstDnnLabels *
gst_dnn_decoder_get_labels (GstDnnDecoder *self)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  if (priv->user_labels != NULL)
    return priv->user_labels;
  return priv->model_labels != NULL ? priv->model_labels : priv->head_labels;
}

const GstDnnEvidence *
gst_dnn_decoder_get_evidence (GstDnnDecoder *self)
{
  return PRIV (self)->evidence;
}

gboolean
gst_dnn_decoder_check_labels (
    GstDnnDecoder *self, gint n_classes, GError **error)
{
  const GstDnnLabels *labels = PRIV (self)->user_labels;
  g_autoptr (GError) doubt = NULL;

  if (labels == NULL || n_classes == 0)
    return TRUE;
  if (!gst_dnn_labels_check (labels, n_classes, &doubt, error))
    return FALSE;
  if (doubt != NULL)
    gst_dnn_error_post_warning (self, doubt);
  return TRUE;
}

void
gst_dnn_decoder_set_labels (GstDnnDecoder *self, const gchar *const *fallback)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  g_clear_pointer (&priv->head_labels, gst_dnn_labels_free);
  if (fallback != NULL)
    priv->head_labels = gst_dnn_labels_new (fallback);
}

gboolean
gst_dnn_decoder_add_result (GstDnnDecoder *self, const GstDnnResult *result)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  GstDnnResult cut = *result;
  gdouble x1 = CLAMP (cut.x + cut.w, 0, priv->width);
  gdouble y1 = CLAMP (cut.y + cut.h, 0, priv->height);

  cut.x = CLAMP (cut.x, 0, priv->width);
  cut.y = CLAMP (cut.y, 0, priv->height);
  cut.w = x1 - cut.x;
  cut.h = y1 - cut.y;
  if (!(cut.w > 0 && cut.h > 0))
    return FALSE;
  cut.model = priv->model;
  cut.label = gst_dnn_labels_get (
      gst_dnn_decoder_get_labels (self), cut.label_id);
  g_array_append_val (priv->results, cut);
  return TRUE;
}

/* --- Events and caps downstream. */

static gboolean
push_frame_caps (
    GstDnnDecoder *self, const GstDnnFrameMeta *frame, GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  const GstStructure *structure = gst_caps_get_structure (frame->caps, 0);

  if (priv->frame_caps != NULL &&
      gst_caps_is_equal (priv->frame_caps, frame->caps))
    return TRUE;
  if (!gst_structure_get_int (structure, "width", &priv->width) ||
      !gst_structure_get_int (structure, "height", &priv->height) ||
      priv->width <= 0 || priv->height <= 0) {
    g_autofree gchar *text = gst_caps_to_string (frame->caps);

    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "The frame's caps are %s; a picture with width and height was expected",
        text);
    return FALSE;
  }
  if (!gst_dnn_error_check_peer (priv->srcpad, frame->caps, error))
    return FALSE;
  gst_caps_replace (&priv->frame_caps, frame->caps);
  gst_pad_push_event (priv->srcpad, gst_event_new_caps (priv->frame_caps));
  return TRUE;
}

static void
push_segment (GstDnnDecoder *self, const GstSegment *segment)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  GstEvent *event;

  if (!priv->segment_pending && gst_segment_is_equal (&priv->segment, segment))
    return;
  priv->segment = *segment;
  priv->segment_pending = FALSE;
  event = gst_event_new_segment (segment);
  if (priv->segment_seqnum != GST_SEQNUM_INVALID)
    gst_event_set_seqnum (event, priv->segment_seqnum);
  gst_pad_push_event (priv->srcpad, event);
}

static void
push_held (GstDnnDecoder *self)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  GstEvent *event;

  while ((event = g_queue_pop_head (&priv->held)) != NULL)
    gst_pad_push_event (priv->srcpad, event);
}

static void
reset_stream (GstDnnDecoder *self)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  priv->has_info = FALSE;
  g_clear_pointer (&priv->evidence, gst_dnn_evidence_unref);
  gst_clear_caps (&priv->tensor_caps);
  gst_clear_caps (&priv->frame_caps);
  gst_segment_init (&priv->segment, GST_FORMAT_UNDEFINED);
  priv->segment_pending = TRUE;
  priv->segment_seqnum = GST_SEQNUM_INVALID;
  g_queue_clear_full (&priv->held, (GDestroyNotify) gst_event_unref);
}

/* --- Tensors in. */

/* What upstream knows of the tensors: their graph, the names of classes. */
static void
take_evidence (GstDnnDecoder *self)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  g_autofree gchar *text = NULL;

  g_clear_pointer (&priv->evidence, gst_dnn_evidence_unref);
  g_clear_pointer (&priv->model_labels, gst_dnn_labels_free);
  priv->evidence = gst_dnn_evidence_ask (priv->sinkpad);
  if (priv->evidence == NULL)
    return;
  if (priv->evidence->names != NULL)
    priv->model_labels = gst_dnn_labels_new_from_names (priv->evidence->names);
  text = gst_dnn_evidence_to_string (priv->evidence);
  GST_INFO_OBJECT (self, "the model says: %s", text);
}

static gboolean
set_info (GstDnnDecoder *self, const GstDnnTensorsInfo *info, GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  if (priv->has_info && gst_dnn_tensors_info_equal (priv->info, info))
    return TRUE;
  priv->has_info = FALSE;
  take_evidence (self);
  if (!GST_DNN_DECODER_GET_CLASS (self)->set_info (self, info, error))
    return FALSE;
  *priv->info = *info;
  priv->has_info = TRUE;
  return TRUE;
}

static gboolean
set_caps (GstDnnDecoder *self, GstCaps *caps, GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  gst_clear_caps (&priv->tensor_caps);
  if (!gst_dnn_tensors_info_from_caps (priv->link, caps, error) ||
      (!priv->link->flexible && !set_info (self, priv->link, error)))
    return FALSE;
  gst_caps_replace (&priv->tensor_caps, caps);
  return TRUE;
}

static void
unmap_tensors (GstDnnDecoder *self)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  for (guint i = 0; i < GST_DNN_MAX_TENSORS; i++) {
    Tensor *tensor = &priv->tensors[i];

    if (tensor->memory == NULL)
      continue;
    gst_memory_unmap (tensor->memory, &tensor->map);
    gst_memory_unref (tensor->memory);
    tensor->memory = NULL;
  }
}

static gboolean
map_tensors (GstDnnDecoder *self, GstBuffer *buffer, guint n, GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  for (guint i = 0; i < n; i++) {
    Tensor *tensor = &priv->tensors[i];
    GstMemory *memory = gst_dnn_buffer_get_tensor (
        buffer, priv->link, i, error);

    if (memory == NULL)
      return FALSE;
    if (!gst_memory_map (memory, &tensor->map, GST_MAP_READ)) {
      gst_memory_unref (memory);
      g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
          "tensor %u can't be mapped for reading", i);
      return FALSE;
    }
    tensor->memory = memory;
  }
  return TRUE;
}

/* What stands before the data of each tensor, as one info. */
static gboolean
read_headers (
    GstDnnDecoder *self, guint n, GstDnnTensorsInfo *info, GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  gst_dnn_tensors_info_init (info);
  for (guint i = 0; i < n; i++) {
    const Tensor *tensor = &priv->tensors[i];
    DnnShape shape;
    DnnType type;

    if (!gst_dnn_header_read (
            tensor->map.data, tensor->map.size, &type, &shape, error) ||
        !gst_dnn_tensors_info_add (info, type, &shape, error))
      return FALSE;
  }
  return TRUE;
}

static const gfloat *
get_floats (Tensor *tensor, DnnType type, gsize n, gsize offset)
{
  const guint8 *data = tensor->map.data + offset;

  if (type == DNN_TYPE_FLOAT32)
    return (const gfloat *) (gconstpointer) data;
  if (tensor->n_converted < n) {
    g_free (tensor->converted);
    tensor->converted = g_new (gfloat, n);
    tensor->n_converted = n;
  }
  for (gsize i = 0; i < n; i++)
    tensor->converted[i] = dnn_type_get (type, data, i);
  return tensor->converted;
}

static gboolean
decode_mapped (GstDnnDecoder *self, const GstDnnFrameMeta *frame, gsize offset,
    GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  const gfloat *tensors[GST_DNN_MAX_TENSORS];

  for (guint i = 0; i < priv->info->n_tensors; i++) {
    gint64 n = dnn_shape_n_elements (&priv->info->shapes[i]);

    tensors[i] = get_floats (
        &priv->tensors[i], priv->info->types[i], n, offset);
  }
  return GST_DNN_DECODER_GET_CLASS (self)->decode (self, tensors, frame, error);
}

static gboolean
decode (GstDnnDecoder *self, GstBuffer *buffer, const GstDnnFrameMeta *frame,
    GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  guint n = MIN (
      gst_dnn_buffer_get_n_tensors (buffer, priv->link), GST_DNN_MAX_TENSORS);
  gboolean done = map_tensors (self, buffer, n, error);
  gsize offset = 0;

  if (done && priv->link->flexible) {
    GstDnnTensorsInfo info;

    offset = GST_DNN_HEADER_SIZE;
    done = read_headers (self, n, &info, error) &&
        set_info (self, &info, error);
  }
  done = done && decode_mapped (self, frame, offset, error);
  unmap_tensors (self);
  return done;
}

/* --- Frames out. */

static void
write_results (GstDnnDecoder *self, GstBuffer *frame, GstClockTime age)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  GstDnnResultsMeta *meta = gst_buffer_add_dnn_results_meta (frame);

  meta->age = MAX (meta->age, age);
  for (guint i = 0; i < priv->results->len; i++) {
    GstDnnResult *result = &g_array_index (priv->results, GstDnnResult, i);

    gst_dnn_results_meta_add (meta, result);
    gst_dnn_results_derive (frame, result, priv->width, priv->height);
  }
}

/* The memories alone: a buffer that knew its frame would hold it for ever. */
static GstBuffer *
copy_tensors (GstBuffer *buffer)
{
  GstBuffer *copy = gst_buffer_new ();

  gst_buffer_copy_into (
      copy, buffer, GST_BUFFER_COPY_MEMORY | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  return copy;
}

static const GstDnnFrameMeta *
get_frame (GstBuffer *buffer, GError **error)
{
  const GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);

  if (meta != NULL && meta->frame != NULL && meta->caps != NULL)
    return meta;
  g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
      "The tensors have no frame with them; they must come from dnnpreprocess, "
      "through elements that keep metadata");
  return NULL;
}

/* Takes @buffer; the frame, with results if there was anything to decode. */
static GstBuffer *
take_frame (GstDnnDecoder *self, GstBuffer *buffer, gboolean is_gap,
    const GstDnnFrameMeta *meta)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  GstBuffer *frame = gst_buffer_ref (meta->frame);
  GstBuffer *tensors = NULL;
  GstClockTime age = meta->age;
  gboolean attach;

  GST_OBJECT_LOCK (self);
  attach = priv->attach_tensors && !is_gap;
  GST_OBJECT_UNLOCK (self);
  if (attach)
    tensors = copy_tensors (buffer);
  gst_buffer_unref (buffer);
  if (is_gap)
    return frame;
  frame = gst_buffer_make_writable (frame);
  write_results (self, frame, age);
  if (attach) {
    gst_buffer_add_dnn_tensors_meta (
        frame, tensors, priv->tensor_caps, g_quark_to_string (priv->model));
    gst_buffer_unref (tensors);
  }
  return frame;
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstDnnDecoder *self = GST_DNN_DECODER (parent);
  GstDnnDecoderPrivate *priv = PRIV (self);
  gboolean is_gap = gst_dnn_buffer_is_gap (buffer);
  g_autoptr (GError) error = NULL;
  const GstDnnFrameMeta *meta;

  if (priv->tensor_caps == NULL || gst_dnn_error_is_posted (&priv->latch)) {
    gst_buffer_unref (buffer);
    return gst_dnn_error_is_posted (&priv->latch) ? GST_FLOW_ERROR
                                                  : GST_FLOW_NOT_NEGOTIATED;
  }
  g_array_set_size (priv->results, 0);
  meta = get_frame (buffer, &error);
  if (meta == NULL || !push_frame_caps (self, meta, &error) ||
      (!is_gap && !decode (self, buffer, meta, &error))) {
    gst_dnn_error_post (self, &priv->latch, error);
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  push_segment (self, &meta->segment);
  push_held (self);
  return gst_pad_push (priv->srcpad, take_frame (self, buffer, is_gap, meta));
}

/* --- Events and queries. */

/* "Error", not "not negotiated": upstream needs no error of its own. */
static GstFlowReturn
take_caps (GstDnnDecoder *self, GstEvent *event)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  g_autoptr (GError) error = NULL;
  GstCaps *caps;
  gboolean done;

  gst_event_parse_caps (event, &caps);
  done = set_caps (self, caps, &error);
  if (!done)
    gst_dnn_error_post (self, &priv->latch, error);
  gst_event_unref (event);
  return done ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static GstFlowReturn
handle_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstDnnDecoder *self = GST_DNN_DECODER (parent);
  GstDnnDecoderPrivate *priv = PRIV (self);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_SEGMENT:
      priv->segment_pending = TRUE;
      priv->segment_seqnum = gst_event_get_seqnum (event);
      gst_event_unref (event);
      return GST_FLOW_OK;
    case GST_EVENT_FLUSH_STOP:
      priv->segment_pending = TRUE;
      g_queue_clear_full (&priv->held, (GDestroyNotify) gst_event_unref);
      break;
    case GST_EVENT_EOS:
      push_held (self);
      break;
    default:
      if (GST_EVENT_IS_SERIALIZED (event) && priv->segment_pending &&
          GST_EVENT_TYPE (event) != GST_EVENT_STREAM_START) {
        g_queue_push_tail (&priv->held, event);
        return GST_FLOW_OK;
      }
      break;
  }
  return gst_dnn_error_get_event_flow (
      priv->srcpad, gst_pad_event_default (pad, parent, event));
}

/* Types and shapes that will come, as far as upstream knows by now. */
static gboolean
peek_info (GstDnnDecoder *self, GstDnnTensorsInfo *info)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (priv->sinkpad);

  if (caps == NULL)
    caps = gst_pad_peer_query_caps (priv->sinkpad, NULL);
  if (caps == NULL || gst_caps_is_empty (caps) || gst_caps_is_any (caps))
    return FALSE;
  caps = gst_caps_truncate (caps);
  if (!gst_structure_has_field (gst_caps_get_structure (caps, 0), "dimensions"))
    return FALSE;
  caps = gst_caps_fixate (caps);
  return gst_dnn_tensors_info_from_caps (info, caps, NULL) && !info->flexible;
}

/* For a question that comes before the tensors do. */
static void
set_input (GstDnnDecoder *self, GstQuery *query)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  g_autoptr (GstDnnEvidence) evidence = NULL;
  GstDnnTensorsInfo info;
  GstDnnHeadInput input;
  gint width, height;
  gboolean known;
  guint n_labels = 0;

  gst_dnn_query_get_size (query, &width, &height);
  evidence = gst_dnn_evidence_ask_for_size (priv->sinkpad, width, height);
  known = peek_info (self, &info) ||
      gst_dnn_evidence_get_info (evidence, &info);
  if (priv->user_labels != NULL)
    n_labels = gst_dnn_labels_get_n (priv->user_labels);
  else if (evidence != NULL)
    n_labels = gst_dnn_labels_count_names (evidence->names);
  if (GST_DNN_DECODER_GET_CLASS (self)->get_input (
          self, known ? &info : NULL, evidence, n_labels, &input))
    gst_dnn_query_set_input (gst_query_writable_structure (query), &input);
}

/* What dnnpreprocess asks: which values does the model expect, which video
 * formats does downstream take? */
static void
answer_decoder (GstDnnDecoder *self, GstQuery *query)
{
  GstCaps *caps = gst_pad_peer_query_caps (PRIV (self)->srcpad, NULL);

  gst_structure_set (
      gst_query_writable_structure (query), "caps", GST_TYPE_CAPS, caps, NULL);
  gst_caps_unref (caps);
  if (GST_DNN_DECODER_GET_CLASS (self)->get_input != NULL)
    set_input (self, query);
}

/* Takes @caps. */
/* Takes @caps. */
static void
answer_caps (GstQuery *query, GstCaps *caps)
{
  gst_dnn_spelling_answer (query, caps, caps);
  gst_caps_unref (caps);
}

static gboolean
handle_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstDnnDecoder *self = GST_DNN_DECODER (parent);

  if (gst_dnn_query_is_decoder (query)) {
    answer_decoder (self, query);
    return TRUE;
  }
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_caps (query, gst_pad_get_pad_template_caps (pad));
      return TRUE;
    case GST_QUERY_ALLOCATION:
      /* Downstream is video: it knows nothing of tensors. */
      return FALSE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static gboolean
handle_src_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstCaps *caps;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CAPS)
    return gst_pad_query_default (pad, parent, query);
  caps = gst_pad_get_current_caps (pad);
  if (caps == NULL)
    caps = gst_pad_get_pad_template_caps (pad);
  answer_caps (query, caps);
  return TRUE;
}

/* --- States and properties. */

static gboolean
start (GstDnnDecoder *self, GError **error)
{
  GstDnnDecoderPrivate *priv = PRIV (self);
  GstDnnDecoderClass *klass = GST_DNN_DECODER_GET_CLASS (self);
  g_autofree gchar *path = NULL;

  gst_dnn_property_take_stale (&priv->is_stale);
  GST_OBJECT_LOCK (self);
  path = g_strdup (priv->labels_path);
  priv->model = g_quark_from_string (priv->model_name);
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&priv->user_labels, gst_dnn_labels_free);
  g_clear_pointer (&priv->model_labels, gst_dnn_labels_free);
  g_clear_pointer (&priv->head_labels, gst_dnn_labels_free);
  if (path != NULL) {
    priv->user_labels = gst_dnn_labels_new_from_file (path, error);
    if (priv->user_labels == NULL)
      return FALSE;
  }
  return klass->start == NULL || klass->start (self, error);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstDnnDecoder *self = GST_DNN_DECODER (element);
  GstDnnDecoderPrivate *priv = PRIV (self);
  g_autoptr (GError) error = NULL;
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY ||
      (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
          gst_dnn_property_take_stale (&priv->is_stale))) {
    gst_dnn_error_reset (&priv->latch);
    if (!start (self, &error)) {
      gst_dnn_property_keep_stale (&priv->is_stale);
      gst_dnn_error_post (self, &priv->latch, error);
      return GST_STATE_CHANGE_FAILURE;
    }
  }
  ret = GST_ELEMENT_CLASS (gst_dnn_decoder_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    reset_stream (self);
    gst_dnn_error_reset (&priv->latch);
  }
  return ret;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnDecoder *self = GST_DNN_DECODER (object);
  GstDnnDecoderPrivate *priv = PRIV (self);

  GST_OBJECT_LOCK (self);
  if (id == PROP_LABELS) {
    g_free (priv->labels_path);
    priv->labels_path = g_value_dup_string (value);
  } else if (id == PROP_MODEL_NAME) {
    g_free (priv->model_name);
    priv->model_name = g_value_dup_string (value);
  } else if (id == PROP_ATTACH_TENSORS) {
    priv->attach_tensors = g_value_get_boolean (value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstDnnDecoder *self = GST_DNN_DECODER (object);
  GstDnnDecoderPrivate *priv = PRIV (self);

  GST_OBJECT_LOCK (self);
  if (id == PROP_LABELS)
    g_value_set_string (value, priv->labels_path);
  else if (id == PROP_MODEL_NAME)
    g_value_set_string (value, priv->model_name);
  else if (id == PROP_ATTACH_TENSORS)
    g_value_set_boolean (value, priv->attach_tensors);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  GstDnnDecoder *self = GST_DNN_DECODER (object);
  GstDnnDecoderPrivate *priv = PRIV (self);

  reset_stream (self);
  g_free (priv->labels_path);
  g_free (priv->model_name);
  g_clear_pointer (&priv->user_labels, gst_dnn_labels_free);
  g_clear_pointer (&priv->model_labels, gst_dnn_labels_free);
  g_clear_pointer (&priv->head_labels, gst_dnn_labels_free);
  for (guint i = 0; i < GST_DNN_MAX_TENSORS; i++)
    g_free (priv->tensors[i].converted);
  g_free (priv->tensors);
  g_free (priv->link);
  g_free (priv->info);
  g_array_unref (priv->results);
  G_OBJECT_CLASS (gst_dnn_decoder_parent_class)->finalize (object);
}

static void
gst_dnn_decoder_init (GstDnnDecoder *self)
{
  GstDnnDecoderPrivate *priv = PRIV (self);

  priv->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (priv->sinkpad, chain);
  gst_pad_set_event_full_function (priv->sinkpad, handle_sink_event);
  gst_pad_set_query_function (priv->sinkpad, handle_sink_query);
  gst_element_add_pad (GST_ELEMENT (self), priv->sinkpad);
  gst_dnn_error_watch_caps (
      priv->sinkpad, self, &priv->latch, GST_DNN_EXPECTS_TENSORS);
  priv->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (priv->srcpad, handle_src_query);
  gst_element_add_pad (GST_ELEMENT (self), priv->srcpad);
  priv->results = g_array_new (FALSE, FALSE, sizeof (GstDnnResult));
  priv->link = g_new0 (GstDnnTensorsInfo, 1);
  priv->info = g_new0 (GstDnnTensorsInfo, 1);
  priv->tensors = g_new0 (Tensor, GST_DNN_MAX_TENSORS);
  g_queue_init (&priv->held);
  reset_stream (self);
  gst_dnn_property_watch (self, self, &priv->is_stale);
}

static void
gst_dnn_decoder_class_init (GstDnnDecoderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  g_object_class_install_property (object_class, PROP_LABELS,
      gst_dnn_property_string ("labels",
          "Text file with the name of one class a line, the first for class 0; "
          "not set: the names in the model's own metadata",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (object_class, PROP_MODEL_NAME,
      gst_dnn_property_string ("model-name",
          "Name of the model that each result carries", NULL,
          GST_DNN_SET_READY));
  g_object_class_install_property (object_class, PROP_ATTACH_TENSORS,
      gst_dnn_property_boolean ("attach-tensors",
          "Leave the model's raw outputs on the frame, as GstDnnTensorsMeta",
          FALSE, GST_DNN_SET_PLAYING));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (GST_TYPE_DNN_DECODER, 0);
}
