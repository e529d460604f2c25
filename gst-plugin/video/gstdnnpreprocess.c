/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Video frames → tensors that carry their frame with them.
 * Next: gstdnnmodule.c. */

/**
 * SECTION:element-dnnpreprocess
 * @title: dnnpreprocess
 * @short_description: makes a model's input of video frames
 *
 * Crops, resizes, converts colours, normalises and lays out each frame as the
 * model behind it wants it, in one pass over the pixels. Size, type and layout
 * come from the model; mean, scale and colour order from the properties, else
 * from MODEL.modelinfo, else from what the models of the decoder's head usually
 * expect. What was chosen is logged at INFO; where nothing says which values
 * the model expects, a WARNING message names the properties, once.
 *
 * The original frame travels with its tensor as #GstDnnFrameMeta, and a decoder
 * (dnndetect, dnnclassify) takes it out again: no tee and no synchronising.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=10 ! \
 *   dnnpreprocess width=224 height=224 resize=crop mean=127 scale=0.0078 ! \
 *   fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/video/gstdnnpreprocess.h"

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnallocator.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnspelling.h"
#include "gst-plugin/pixels/gstdnnpixels-types.h"
#include "gst-plugin/video/gstdnndownstream.h"
#include "gst-plugin/video/gstdnninput.h"

#define GST_CAT_DEFAULT gst_dnn_debug

#define DEFAULT_FILL "114"
#define DEFAULT_FRAMES_IN_FLIGHT 8

/* Frames that upstream needs for itself besides those in flight. */
#define EXTRA_FRAMES 2

enum
{
  PROP_0,
  PROP_WIDTH,
  PROP_HEIGHT,
  PROP_LAYOUT,
  PROP_COLOR,
  PROP_TYPE,
  PROP_RESIZE,
  PROP_FILTER,
  PROP_MEAN,
  PROP_SCALE,
  PROP_FILL,
  PROP_CENTER_CROP,
  PROP_INTERVAL,
  PROP_MODELINFO,
  PROP_FRAMES_IN_FLIGHT,
};

struct _GstDnnPreprocess
{
  GstElement parent;

  GstPad *sinkpad, *srcpad;
  GstDnnErrorLatch latch;
  gint is_stale; /* started with other properties than those of now */
  GstDnnAllocator *allocator;

  /* Properties: under the object lock. */
  GstDnnInputSettings settings;
  gint interval, frames_in_flight;
  gchar *modelinfo_path;

  /* The streaming thread's. */
  GstDnnModelInfo *model_info;
  GstCaps *caps; /* of the video */
  GstVideoInfo info;
  GstSegment segment;
  GstDnnPixels *pixels;
  GstDnnPixelsOptions options;
  GstDnnAffine to_frame;
  guint64 n_frames;
  gboolean has_warned; /* since READY */
};

G_DEFINE_FINAL_TYPE (GstDnnPreprocess, gst_dnn_preprocess, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (
    dnnpreprocess, "dnnpreprocess", GST_RANK_NONE, GST_TYPE_DNN_PREPROCESS)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_DNN_PIXELS_FORMATS)));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("other/tensors, format=(string)static, "
                     "num_tensors=(int)1, "
                     "framerate=(fraction)[ 0/1, 2147483647/1 ]"));

/* --- Negotiation. */

static GstCaps *
get_sink_caps (GstDnnPreprocess *self)
{
  GstCaps *caps = gst_pad_get_pad_template_caps (self->sinkpad);
  GstQuery *query = gst_dnn_downstream_ask_decoder (self->srcpad, 0, 0);
  g_autoptr (GstCaps) wanted = gst_dnn_downstream_get_video_caps (query);
  g_autoptr (GstCaps) common = NULL;

  if (query != NULL)
    gst_query_unref (query);
  if (wanted == NULL)
    return caps;
  common = gst_caps_intersect (wanted, caps);
  /* Nothing in common: the frame's caps will say so, with an error. */
  if (!gst_caps_is_empty (common))
    gst_caps_replace (&caps, common);
  return caps;
}

/* The file beside the model, if the user names none: downstream may say which
 * model it runs. */
static gboolean
load_model_info (GstDnnPreprocess *self, GstQuery *query, GError **error)
{
  const GstStructure *structure = query != NULL
      ? gst_query_get_structure (query)
      : NULL;
  const gchar *model = structure != NULL
      ? gst_structure_get_string (structure, "model")
      : NULL;
  g_autofree gchar *path = NULL;

  if (self->model_info != NULL)
    return TRUE;
  GST_OBJECT_LOCK (self);
  path = g_strdup (self->modelinfo_path);
  GST_OBJECT_UNLOCK (self);
  if (path == NULL && model != NULL) {
    path = g_strconcat (model, ".modelinfo", NULL);
    if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return TRUE;
  }
  if (path == NULL)
    return TRUE;
  self->model_info = gst_dnn_model_info_new_from_file (path, error);
  return self->model_info != NULL;
}

static gboolean
check_video_caps (GstDnnPreprocess *self, GstQuery *query, GError **error)
{
  g_autoptr (GstCaps) wanted = gst_dnn_downstream_get_video_caps (query);
  g_autofree gchar *found_text = NULL;
  g_autofree gchar *wanted_text = NULL;

  if (wanted == NULL || gst_caps_can_intersect (wanted, self->caps))
    return TRUE;
  found_text = gst_caps_to_string (self->caps);
  wanted_text = gst_caps_to_string (wanted);
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "Frames of %s come in, but behind the decoder, which hands them on, %s "
      "is taken; put a videoconvert there",
      found_text, wanted_text);
  return FALSE;
}

static gboolean
push_caps (
    GstDnnPreprocess *self, const GstDnnTensorsInfo *wanted, GError **error)
{
  GstDnnTensorsInfo info;
  g_autoptr (GstCaps) caps = NULL, peer_caps = NULL;
  g_autofree gchar *text = NULL, *peer_text = NULL;

  gst_dnn_input_get_info (&self->options, wanted, &info);
  info.fps_n = self->info.fps_n;
  info.fps_d = MAX (self->info.fps_d, 1);
  caps = gst_dnn_tensors_info_choose_caps (&info, self->srcpad);
  if (gst_pad_peer_query_accept_caps (self->srcpad, caps)) {
    gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
    return TRUE;
  }
  text = gst_dnn_tensors_info_to_string (&info);
  peer_caps = gst_dnn_spelling_query_peer (self->srcpad);
  peer_text = gst_caps_to_string (peer_caps);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "Frames become %s; downstream takes %s", text,
      gst_caps_is_empty (peer_caps) ? "nothing: what stands there does not fit"
                                    : peer_text);
  return FALSE;
}

/* A guess that nobody hears of makes wrong results. */
static void
warn (GstDnnPreprocess *self, const gchar *text)
{
  g_autoptr (GError) doubt = g_error_new (
      DNN_ERROR, DNN_ERROR_VALUE, "Frames become %s", text);

  gst_dnn_error_post_warning (self, doubt);
  self->has_warned = TRUE;
}

static gboolean
resolve (GstDnnPreprocess *self, GstQuery *query,
    const GstDnnTensorsInfo *wanted, GError **error)
{
  g_autofree gchar *text = NULL;
  GstDnnHeadInput hint;
  gboolean has_hint = gst_dnn_downstream_get_input (query, &hint);
  GstDnnInputSources sources = { wanted, NULL, has_hint ? &hint : NULL };
  gboolean done, guessed;

  GST_OBJECT_LOCK (self);
  sources.model_info = self->model_info;
  done = gst_dnn_input_resolve (
      &self->settings, &sources, &self->options, &guessed, &text, error);
  GST_OBJECT_UNLOCK (self);
  if (done)
    GST_INFO_OBJECT (self, "%s", text);
  if (done && guessed && !self->has_warned)
    warn (self, text);
  return done;
}

static void
set_pixels (GstDnnPreprocess *self)
{
  const GstDnnGeometry *geometry;

  g_clear_pointer (&self->pixels, gst_dnn_pixels_free);
  self->pixels = gst_dnn_pixels_new (&self->info, &self->options);
  geometry = gst_dnn_pixels_get_geometry (self->pixels);
  gst_dnn_geometry_get_map (geometry, self->to_frame.m);
}

/* With the size of the picture, if the user says it: what the decoder's models
 * expect may hang on it. */
static GstQuery *
ask_decoder (GstDnnPreprocess *self)
{
  gint width, height;

  GST_OBJECT_LOCK (self);
  width = self->settings.width;
  height = self->settings.height;
  GST_OBJECT_UNLOCK (self);
  return gst_dnn_downstream_ask_decoder (self->srcpad, width, height);
}

static gboolean
negotiate (GstDnnPreprocess *self, GError **error)
{
  GstQuery *query = ask_decoder (self);
  GstDnnTensorsInfo tensors;
  gboolean has_wanted = gst_dnn_downstream_find_tensors (
      self->srcpad, &tensors);
  const GstDnnTensorsInfo *wanted = has_wanted ? &tensors : NULL;
  gboolean done = check_video_caps (self, query, error) &&
      load_model_info (self, query, error) &&
      resolve (self, query, wanted, error);

  if (query != NULL)
    gst_query_unref (query);
  if (!done)
    return FALSE;
  set_pixels (self);
  return push_caps (self, wanted, error);
}

static gboolean
take_caps (GstDnnPreprocess *self, GstEvent *event)
{
  g_autoptr (GError) error = NULL;
  GstCaps *caps;
  gboolean done;

  gst_event_parse_caps (event, &caps);
  done = gst_video_info_from_caps (&self->info, caps);
  if (!done) {
    g_autofree gchar *text = gst_caps_to_string (caps);

    g_set_error (&error, DNN_ERROR, DNN_ERROR_VALUE,
        "Caps %s are no raw video with width, height and format", text);
  }
  gst_caps_replace (&self->caps, caps);
  gst_event_unref (event);
  gst_pad_check_reconfigure (self->srcpad);
  done = done && negotiate (self, &error);
  if (!done)
    gst_dnn_error_post (self, &self->latch, error);
  return done;
}

/* --- Data. */

static GstBuffer *
new_tensor (GstDnnPreprocess *self, GstBuffer *frame, GError **error)
{
  gsize size = gst_dnn_pixels_get_size (self->pixels);
  GstMemory *memory;
  GstBuffer *buffer;
  GstVideoFrame mapped;
  GstMapInfo map;

  if (!gst_video_frame_map (&mapped, &self->info, frame, GST_MAP_READ)) {
    g_autofree gchar *time = gst_dnn_buffer_print_time (frame);

    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "frame at %s can't be read as %s %dx%d: it has %" G_GSIZE_FORMAT
        " bytes",
        time, gst_video_format_to_string (GST_VIDEO_INFO_FORMAT (&self->info)),
        self->info.width, self->info.height, gst_buffer_get_size (frame));
    return NULL;
  }
  memory = gst_dnn_allocator_get (self->allocator, size);
  if (memory == NULL) {
    gst_video_frame_unmap (&mapped);
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%" G_GSIZE_FORMAT " bytes for a tensor: more than there is memory",
        size);
    return NULL;
  }
  gst_memory_map (memory, &map, GST_MAP_WRITE);
  gst_dnn_pixels_run (self->pixels, &mapped, map.data);
  gst_memory_unmap (memory, &map);
  gst_video_frame_unmap (&mapped);
  buffer = gst_buffer_new ();
  gst_buffer_append_memory (buffer, memory);
  return buffer;
}

/* The tensor of a frame, or an empty one in its place. Takes @frame. */
static GstBuffer *
convert (
    GstDnnPreprocess *self, GstBuffer *frame, gboolean skip, GError **error)
{
  GstBuffer *buffer = skip ? gst_buffer_new ()
                           : new_tensor (self, frame, error);
  GstDnnFrameKey key = gst_dnn_frame_key_new ();
  GstDnnFrameMeta *meta;

  if (buffer != NULL) {
    gst_buffer_copy_into (buffer, frame,
        GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);
    if (skip)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
    meta = gst_buffer_add_dnn_frame_meta (
        buffer, frame, self->caps, &self->segment, &self->to_frame, &key);
    gst_dnn_frame_meta_set_model_size (
        meta, self->options.width, self->options.height);
  }
  gst_buffer_unref (frame);
  return buffer;
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *frame)
{
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (parent);
  g_autoptr (GError) error = NULL;
  GstBuffer *buffer = NULL;
  gint interval;

  if (self->caps != NULL && gst_pad_check_reconfigure (self->srcpad) &&
      !gst_dnn_error_is_posted (&self->latch) && !negotiate (self, &error))
    gst_dnn_error_post (self, &self->latch, error);
  if (self->pixels == NULL || gst_dnn_error_is_posted (&self->latch)) {
    gst_buffer_unref (frame);
    return self->pixels == NULL ? GST_FLOW_NOT_NEGOTIATED : GST_FLOW_ERROR;
  }
  GST_OBJECT_LOCK (self);
  interval = self->interval;
  GST_OBJECT_UNLOCK (self);
  buffer = convert (self, frame, self->n_frames++ % interval != 0, &error);
  if (buffer == NULL) {
    gst_dnn_error_post (self, &self->latch, error);
    return GST_FLOW_ERROR;
  }
  return gst_pad_push (self->srcpad, buffer);
}

/* --- Events and queries. */

static GstFlowReturn
handle_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (parent);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      return gst_dnn_error_get_event_flow (
          self->srcpad, take_caps (self, event));
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
      break;
    default:
      break;
  }
  return gst_dnn_error_get_event_flow (
      self->srcpad, gst_pad_event_default (pad, parent, event));
}

static void
answer_caps (GstQuery *query, GstCaps *caps)
{
  gst_dnn_spelling_answer (query, caps, caps);
  gst_caps_unref (caps);
}

/* Planes may lie anywhere, and so many frames may be held. */
static gboolean
answer_allocation (GstDnnPreprocess *self, GstQuery *query)
{
  GstVideoInfo info;
  GstCaps *caps;
  guint min;

  gst_query_parse_allocation (query, &caps, NULL);
  if (caps == NULL || !gst_video_info_from_caps (&info, caps))
    return FALSE;
  GST_OBJECT_LOCK (self);
  min = self->frames_in_flight + EXTRA_FRAMES;
  GST_OBJECT_UNLOCK (self);
  gst_query_add_allocation_pool (query, NULL, info.size, min, 0);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

/* What downstream takes; where upstream can't send that, what we can read: then
 * the decoder says what doesn't fit. */
static void
answer_sink_caps (GstDnnPreprocess *self, GstQuery *query)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (self->sinkpad);
  g_autoptr (GstCaps) caps = get_sink_caps (self);

  gst_dnn_spelling_answer (query, caps, template);
}

static gboolean
handle_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (parent);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_sink_caps (self, query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS: {
      g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);
      GstCaps *caps;

      /* What does not fit in other ways is refused with an error. */
      gst_query_parse_accept_caps (query, &caps);
      gst_query_set_accept_caps_result (
          query, gst_caps_is_subset (caps, template));
      return TRUE;
    }
    case GST_QUERY_ALLOCATION:
      return answer_allocation (self, query);
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
start (GstDnnPreprocess *self, GError **error)
{
  gboolean done;

  GST_OBJECT_LOCK (self);
  done = gst_dnn_input_check (&self->settings, error);
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&self->model_info, gst_dnn_model_info_free);
  return done && load_model_info (self, NULL, error);
}

static void
stop (GstDnnPreprocess *self)
{
  g_clear_pointer (&self->pixels, gst_dnn_pixels_free);
  gst_clear_caps (&self->caps);
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->n_frames = 0;
  self->has_warned = FALSE;
  gst_dnn_error_reset (&self->latch);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (element);
  g_autoptr (GError) error = NULL;
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY ||
      (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
          gst_dnn_property_take_stale (&self->is_stale))) {
    gst_dnn_error_reset (&self->latch);
    if (!start (self, &error)) {
      gst_dnn_property_keep_stale (&self->is_stale);
      gst_dnn_error_post (self, &self->latch, error);
      return GST_STATE_CHANGE_FAILURE;
    }
  }
  ret = GST_ELEMENT_CLASS (gst_dnn_preprocess_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    stop (self);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    gst_dnn_allocator_trim (self->allocator);
  return ret;
}

static void
replace_string (gchar **text, const GValue *value, const gchar *fallback)
{
  g_free (*text);
  *text = g_value_dup_string (value);
  if (*text == NULL)
    *text = g_strdup (fallback);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (object);
  GstDnnInputSettings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_WIDTH:
      settings->width = g_value_get_int (value);
      break;
    case PROP_HEIGHT:
      settings->height = g_value_get_int (value);
      break;
    case PROP_LAYOUT:
      settings->layout = g_value_get_enum (value);
      break;
    case PROP_COLOR:
      settings->color = g_value_get_enum (value);
      break;
    case PROP_TYPE:
      settings->type = g_value_get_enum (value);
      break;
    case PROP_RESIZE:
      settings->resize = g_value_get_enum (value);
      break;
    case PROP_FILTER:
      settings->filter = g_value_get_enum (value);
      break;
    case PROP_MEAN:
      replace_string (&settings->mean, value, NULL);
      break;
    case PROP_SCALE:
      replace_string (&settings->scale, value, NULL);
      break;
    case PROP_FILL:
      replace_string (&settings->fill, value, DEFAULT_FILL);
      break;
    case PROP_CENTER_CROP:
      settings->center_crop = g_value_get_double (value);
      break;
    case PROP_INTERVAL:
      self->interval = g_value_get_int (value);
      break;
    case PROP_MODELINFO:
      replace_string (&self->modelinfo_path, value, NULL);
      break;
    case PROP_FRAMES_IN_FLIGHT:
      self->frames_in_flight = g_value_get_int (value);
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
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (object);
  const GstDnnInputSettings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_WIDTH:
      g_value_set_int (value, settings->width);
      break;
    case PROP_HEIGHT:
      g_value_set_int (value, settings->height);
      break;
    case PROP_LAYOUT:
      g_value_set_enum (value, settings->layout);
      break;
    case PROP_COLOR:
      g_value_set_enum (value, settings->color);
      break;
    case PROP_TYPE:
      g_value_set_enum (value, settings->type);
      break;
    case PROP_RESIZE:
      g_value_set_enum (value, settings->resize);
      break;
    case PROP_FILTER:
      g_value_set_enum (value, settings->filter);
      break;
    case PROP_MEAN:
      g_value_set_string (value, settings->mean);
      break;
    case PROP_SCALE:
      g_value_set_string (value, settings->scale);
      break;
    case PROP_FILL:
      g_value_set_string (value, settings->fill);
      break;
    case PROP_CENTER_CROP:
      g_value_set_double (value, settings->center_crop);
      break;
    case PROP_INTERVAL:
      g_value_set_int (value, self->interval);
      break;
    case PROP_MODELINFO:
      g_value_set_string (value, self->modelinfo_path);
      break;
    case PROP_FRAMES_IN_FLIGHT:
      g_value_set_int (value, self->frames_in_flight);
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
  GstDnnPreprocess *self = GST_DNN_PREPROCESS (object);

  stop (self);
  g_clear_pointer (&self->model_info, gst_dnn_model_info_free);
  gst_clear_object (&self->allocator);
  g_free (self->settings.mean);
  g_free (self->settings.scale);
  g_free (self->settings.fill);
  g_free (self->modelinfo_path);
  G_OBJECT_CLASS (gst_dnn_preprocess_parent_class)->finalize (object);
}

static void
gst_dnn_preprocess_init (GstDnnPreprocess *self)
{
  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, chain);
  gst_pad_set_event_full_function (self->sinkpad, handle_sink_event);
  gst_pad_set_query_function (self->sinkpad, handle_sink_query);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);
  gst_dnn_error_watch_caps (
      self->sinkpad, self, &self->latch, GST_DNN_EXPECTS_VIDEO);
  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->srcpad, handle_src_query);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
  self->allocator = gst_dnn_allocator_new ();
  self->settings.layout = GST_DNN_AUTO;
  self->settings.color = GST_DNN_AUTO;
  self->settings.resize = GST_DNN_AUTO;
  self->settings.type = DNN_TYPE_INVALID;
  self->settings.fill = g_strdup (DEFAULT_FILL);
  self->settings.center_crop = 1;
  self->interval = 1;
  self->frames_in_flight = DEFAULT_FRAMES_IN_FLIGHT;
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  gst_dnn_property_watch (self, self, &self->is_stale);
}

static void
install_shape_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_WIDTH,
      gst_dnn_property_int ("width", "pixels",
          "Width of the model's input; 0: what downstream takes", 0,
          GST_DNN_MAX_INPUT_SIZE, 0, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_HEIGHT,
      gst_dnn_property_int ("height", "pixels",
          "Height of the model's input; 0: what downstream takes", 0,
          GST_DNN_MAX_INPUT_SIZE, 0, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_LAYOUT,
      gst_dnn_property_enum ("layout", "Order of the dimensions",
          GST_TYPE_DNN_LAYOUT, GST_DNN_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_COLOR,
      gst_dnn_property_enum ("color", "Order of the channels",
          GST_TYPE_DNN_COLOR, GST_DNN_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_TYPE,
      gst_dnn_property_enum ("type", "Type of the values",
          GST_TYPE_DNN_INPUT_TYPE, DNN_TYPE_INVALID, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_RESIZE,
      gst_dnn_property_enum ("resize", "How a frame of another shape is fitted",
          GST_TYPE_DNN_RESIZE, GST_DNN_AUTO, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_FILTER,
      gst_dnn_property_enum ("filter", "How pixels are interpolated",
          GST_TYPE_DNN_FILTER, GST_DNN_FILTER_BILINEAR, GST_DNN_SET_READY));
}

static void
install_value_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_MEAN,
      gst_dnn_property_string ("mean",
          "Subtracted from pixels of 0 to 255: one number, or one for each "
          "channel in the order of the tensor, as in \"123.7,116.3,103.5\"; "
          "not set: what the model expects",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_SCALE,
      gst_dnn_property_string ("scale",
          "Multiplied after the subtraction: one number, or one a channel; "
          "not set: what the model expects, else 1/255",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_FILL,
      gst_dnn_property_string ("fill",
          "Colour of the borders, 0 to 255: one number or red,green,blue",
          DEFAULT_FILL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_CENTER_CROP,
      gst_dnn_property_double ("center-crop", "part of the sides",
          "How much of the frame is used, from its middle", 0.01, 1, 1,
          GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_INTERVAL,
      gst_dnn_property_int ("interval", "frames",
          "One frame in so many goes through the model, the others pass by "
          "without results",
          1, G_MAXINT, 1, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_MODELINFO,
      gst_dnn_property_string ("modelinfo",
          "File that says what values the model expects; not set: "
          "MODEL.modelinfo beside the model, if it is there",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_FRAMES_IN_FLIGHT,
      gst_dnn_property_int ("frames-in-flight", "frames",
          "How many frames downstream may hold at once; a source with a fixed "
          "number of buffers is asked for so many and two more",
          1, 1000, DEFAULT_FRAMES_IN_FLIGHT, GST_DNN_SET_READY));
}

static void
gst_dnn_preprocess_class_init (GstDnnPreprocessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  install_shape_properties (object_class);
  install_value_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "DNN preprocessor",
      "Filter/Converter/Video",
      "Video frames to a model's input in one pass: crop, resize, colour, "
      "normalise, layout",
      "The gst-dnn authors");
}
