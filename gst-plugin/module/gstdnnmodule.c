/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model file → module; tensors in → tensors out, on its streaming thread.
 * Next: gstdnnmux.c or a decoder. */
/**
 * SECTION:element-dnnmodule
 * @title: dnnmodule
 *
 * Runs one module, or an ONNX file compiled in memory, on tensors. Use it
 * where a model is one stage and its tensors are made by dnnpreprocess or by
 * elements of others that speak other/tensors; dnnbin is for several stages,
 * dnnvideobin for video in and video out.
 *
 * The shapes of the model drive negotiation: what stands before it sees them
 * in its CAPS query. Primitives are made and warmed up before the first frame.
 * The run time is added to the latency of the pipeline. Several instances work
 * on successive frames, and their order is kept. Frames without memory
 * (flagged GAP) pass untouched.
 *
 * Of a model that keeps state from frame to frame (an output "hn" that is the
 * input "h" of the next frame) there is one instance. States begin again with
 * a stream, a flush and a discontinuity, and stay over a gap.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc pattern=ball num-buffers=30 ! dnnpreprocess \
 *   ! dnnmodule model=examples/ball/ball.onnx ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/module/gstdnnmodule.h"

#include "compiler/dnn-compiler.h"
#include "gst-plugin/module/gstdnnmodule-private.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnquery.h"
#include "gst-plugin/stream/gstdnnspelling.h"
#include "gst-plugin/stream/gstdnntarget.h"

#define GST_CAT_DEFAULT gst_dnn_debug

enum
{
  PROP_MODEL = 1,
  PROP_SHAPE,
  PROP_THREADS,
  PROP_PRECISION,
  PROP_CPU_AFFINITY,
  PROP_INSTANCES,
  PROP_ACTIVE_INSTANCES,
  PROP_AVERAGE_TIME,
  PROP_FRAMES,
  PROP_BLOCKS,
  PROP_TARGET, /* the first of them */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));

G_DEFINE_TYPE (GstDnnModule, gst_dnn_module, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (
    dnnmodule, "dnnmodule", GST_RANK_NONE, GST_TYPE_DNN_MODULE)

void
gst_dnn_module_set_loaded (GstDnnModule *self, DnnModule *module)
{
  g_set_object (&self->loaded, module);
}

GstDnnUpdates *
gst_dnn_module_make_updates (
    GstDnnModule *self, DnnParams *params, GError **error)
{
  g_autoptr (GstDnnUpdates) updates = NULL;

  g_mutex_lock (&self->lock);
  if (self->runner != NULL)
    updates = gst_dnn_runner_ask_updates (self->runner);
  g_mutex_unlock (&self->lock);
  if (updates == NULL) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_FAILED, "The pipeline doesn't run");
    return NULL;
  }
  if (!gst_dnn_updates_make (updates, params, error))
    return NULL;
  return g_steal_pointer (&updates);
}

void
gst_dnn_module_add_updates (
    GstDnnModule *self, guint64 last, GstDnnUpdates *updates)
{
  g_autoptr (GstDnnUpdates) unused = updates;

  g_mutex_lock (&self->lock);
  /* Not where the element was stopped meanwhile. */
  if (self->runner != NULL)
    gst_dnn_runner_add_updates (self->runner, last, g_steal_pointer (&unused));
  g_mutex_unlock (&self->lock);
}

void
gst_dnn_module_set_max_in_flight (GstDnnModule *self, guint max_in_flight)
{
  GST_OBJECT_LOCK (self);
  self->max_in_flight = max_in_flight;
  GST_OBJECT_UNLOCK (self);
}

static void
post_error (GstDnnModule *self, const GError *error)
{
  gst_dnn_error_post (self, &self->latch, error);
}

/* --- files --- */

/* Copies of the properties, so that nothing is read while it is set. */
typedef struct
{
  gchar *model, *shape, *precision, *cpu_affinity, *instances;
  gint threads;
  guint max_in_flight;
  DnnTarget target;
} Settings;

static void
copy_settings (GstDnnModule *self, Settings *settings)
{
  GST_OBJECT_LOCK (self);
  settings->model = g_strdup (self->model);
  settings->shape = g_strdup (self->shape);
  settings->precision = g_strdup (self->precision);
  settings->cpu_affinity = g_strdup (self->cpu_affinity);
  settings->instances = g_strdup (self->instances);
  settings->threads = self->threads;
  settings->max_in_flight = self->max_in_flight;
  settings->target = self->target;
  GST_OBJECT_UNLOCK (self);
}

static void
clear_settings (Settings *settings)
{
  g_free (settings->model);
  g_free (settings->shape);
  g_free (settings->precision);
  g_free (settings->cpu_affinity);
  g_free (settings->instances);
}

static DnnModule *
load_module (GstDnnModule *self, const Settings *settings, GError **error)
{
  const gchar *model = settings->model;

  if (self->loaded != NULL)
    return g_object_ref (self->loaded);
  if (model != NULL && *model != '\0')
    return gst_dnn_module_load_file (model, settings->shape, error);
  g_set_error_literal (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
      "model is not set; an ONNX file, a compiled folder or a configuration "
      "with one module was expected");
  return NULL;
}

static GstDnnRunner *
make_runner (GstDnnModule *self, const Settings *settings, GError **error)
{
  g_autoptr (DnnModule) module = load_module (self, settings, error);
  GstDnnRunnerOptions options = {
    .shape = settings->shape,
    .precision = settings->precision,
    .workforce = {
      .threads = settings->threads,
      .cpu_affinity = settings->cpu_affinity,
      .max_in_flight = settings->max_in_flight,
    },
    .target = &settings->target,
  };

  if (module == NULL ||
      !dnn_instances_parse (
          settings->instances, &options.workforce.instances, error))
    return NULL;
  return gst_dnn_runner_new (module, &options, error);
}

static gboolean
load (GstDnnModule *self)
{
  g_autoptr (GError) error = NULL;
  GstDnnRunner *runner;
  Settings settings;

  gst_dnn_property_take_stale (&self->is_stale);
  copy_settings (self, &settings);
  runner = make_runner (self, &settings, &error);
  clear_settings (&settings);
  g_mutex_lock (&self->lock);
  self->runner = runner;
  g_mutex_unlock (&self->lock);
  if (runner != NULL)
    return TRUE;
  gst_dnn_property_keep_stale (&self->is_stale);
  post_error (self, error);
  return FALSE;
}

static void
unload (GstDnnModule *self)
{
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->runner, gst_dnn_runner_free);
  g_mutex_unlock (&self->lock);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstDnnModule *self = GST_DNN_MODULE (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
      gst_dnn_property_take_stale (&self->is_stale)) {
    gst_dnn_error_reset (&self->latch);
    unload (self);
    if (!load (self))
      return GST_STATE_CHANGE_FAILURE;
  }
  if (transition == GST_STATE_CHANGE_NULL_TO_READY) {
    gst_dnn_error_reset (&self->latch);
    if (!load (self))
      return GST_STATE_CHANGE_FAILURE;
  }
  /* Pads are shut behind a frame: one without end would hold that up. */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_dnn_runner_set_stopped (self->runner, TRUE);
  result = GST_ELEMENT_CLASS (gst_dnn_module_parent_class)
               ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL ||
      (transition == GST_STATE_CHANGE_NULL_TO_READY &&
          result == GST_STATE_CHANGE_FAILURE))
    unload (self);
  return result;
}

/* Latency that is told first, and told again when it has changed much. Files
 * have none: their pipelines aren't made to ask again. */
static void
update_latency (GstDnnModule *self)
{
  GstClockTime time = self->crew != NULL ? gst_dnn_crew_get_time (self->crew)
                                         : 0;
  gboolean matters;

  if (time == 0)
    time = gst_dnn_runner_get_time (self->runner);
  GST_OBJECT_LOCK (self);
  matters = gst_dnn_latency_update (
                &self->latency, time, g_get_monotonic_time ()) &&
      self->is_live;
  GST_OBJECT_UNLOCK (self);
  if (matters)
    gst_element_post_message (
        GST_ELEMENT (self), gst_message_new_latency (GST_OBJECT (self)));
}

static gboolean
start (GstBaseTransform *trans)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  const GstDnnTensorsInfo *input =
      &gst_dnn_runner_get_streams (self->runner)->offered;
  g_autoptr (GError) error = NULL;

  gst_dnn_error_reset (&self->latch);
  gst_dnn_runner_set_stopped (self->runner, FALSE);
  GST_OBJECT_LOCK (self);
  self->n_frames = 0;
  gst_dnn_latency_begin (&self->latency, 0);
  GST_OBJECT_UNLOCK (self);
  gst_dnn_runner_take_updates (self->runner);
  if ((gst_dnn_streams_is_known (input) &&
          !gst_dnn_runner_prepare (self->runner, input, &error)) ||
      !gst_dnn_module_start_crew (self, &error)) {
    post_error (self, error);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  gst_dnn_latency_begin (
      &self->latency, gst_dnn_runner_get_time (self->runner));
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
stop (GstBaseTransform *trans)
{
  gst_dnn_module_stop_crew (GST_DNN_MODULE (trans));
  gst_dnn_runner_unprepare (GST_DNN_MODULE (trans)->runner);
  return TRUE;
}

/* --- caps --- */

/* What a stream of @caps gives. */
static gboolean
infer_streams (GstDnnModule *self, const GstCaps *caps,
    GstDnnTensorsInfo *input, GstDnnTensorsInfo *output, GError **error)
{
  gboolean result;

  g_mutex_lock (&self->lock);
  result = gst_dnn_tensors_info_from_caps (input, caps, error) &&
      gst_dnn_streams_get_output (
          gst_dnn_runner_get_streams (self->runner), input, output, error);
  g_mutex_unlock (&self->lock);
  return result;
}

static gboolean
set_caps (GstBaseTransform *trans, GstCaps *sink_caps, GstCaps *src_caps)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo input, output;

  if (self->crew != NULL)
    gst_dnn_crew_begin_change (self->crew);
  if (!infer_streams (self, sink_caps, &input, &output, &error) ||
      (!input.flexible &&
          !gst_dnn_runner_prepare (self->runner, &input, &error))) {
    post_error (self, error);
    return FALSE;
  }
  g_mutex_lock (&self->lock);
  gst_dnn_runner_set_streams (self->runner, &input, &output);
  g_mutex_unlock (&self->lock);
  if (self->crew != NULL)
    gst_dnn_crew_end_change (self->crew);
  else
    gst_dnn_solo_init (&self->solo, self->runner);
  update_latency (self);
  return TRUE;
}

/* Says which caps downstream didn't take, unless it took them and then said
 * itself what was wrong. */
static void
complain_about_peer (GstDnnModule *self, const GstDnnTensorsInfo *output)
{
  GstPad *src = GST_BASE_TRANSFORM_SRC_PAD (self);
  g_autoptr (GstCaps) caps = gst_dnn_tensors_info_choose_caps (output, src);
  g_autoptr (GstCaps) accepted = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;
  g_autofree gchar *wanted = NULL;

  if (GST_PAD_IS_FLUSHING (src) || !gst_pad_is_linked (src) ||
      gst_pad_peer_query_accept_caps (src, caps))
    return;
  accepted = gst_dnn_spelling_query_peer (src);
  text = gst_dnn_tensors_info_to_string (output);
  wanted = gst_caps_to_string (accepted);
  error = g_error_new (DNN_ERROR, DNN_ERROR_SHAPE,
      "The model's outputs are %s; downstream takes %s", text, wanted);
  post_error (self, error);
}

/* CAPS are compared here, before the base class looks for what fits and fails
 * without a word. */
static gboolean
handle_event (GstBaseTransform *trans, GstEvent *event)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  GstBaseTransformClass *parent_class = GST_BASE_TRANSFORM_CLASS (
      gst_dnn_module_parent_class);
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo input, output;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    gst_dnn_runner_set_stopped (self->runner, TRUE);
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    gst_dnn_runner_set_stopped (self->runner, FALSE);
  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START ||
      GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    gst_dnn_runner_reset_states (self->runner);
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return parent_class->sink_event (trans, event);
  gst_event_parse_caps (event, &caps);
  if (!infer_streams (self, caps, &input, &output, &error)) {
    post_error (self, error);
    gst_event_unref (event);
    return FALSE;
  }
  if (parent_class->sink_event (trans, event))
    return TRUE;
  complain_about_peer (self, &output);
  return FALSE;
}

static gboolean
sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);

  return self->crew != NULL
      ? gst_dnn_module_crew_event (self, event, handle_event)
      : handle_event (trans, event);
}

/* --- queries --- */

/* Tells dnnpreprocess which file it works for; the first module does. */
static void
add_model (GstDnnModule *self, GstQuery *question)
{
  GstStructure *structure = gst_query_writable_structure (question);

  GST_OBJECT_LOCK (self);
  if (self->model != NULL && !gst_structure_has_field (structure, "model"))
    gst_structure_set (structure, "model", G_TYPE_STRING, self->model, NULL);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
query (GstBaseTransform *trans, GstPadDirection direction, GstQuery *question)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  GstClockTime time, min, max;
  gboolean live;

  if (direction == GST_PAD_SINK && GST_QUERY_IS_SERIALIZED (question) &&
      !gst_dnn_module_drain (self))
    return FALSE;
  if (direction == GST_PAD_SINK && gst_dnn_query_is_decoder (question))
    add_model (self, question);
  if (direction == GST_PAD_SRC && gst_dnn_query_is_evidence (question))
    return gst_dnn_module_answer_evidence (self, question);
  if (direction == GST_PAD_SINK &&
      GST_QUERY_TYPE (question) == GST_QUERY_CAPS &&
      gst_dnn_module_answer_caps (trans, question))
    return TRUE;
  if (!GST_BASE_TRANSFORM_CLASS (gst_dnn_module_parent_class)
           ->query (trans, direction, question))
    return FALSE;
  if (direction != GST_PAD_SRC ||
      GST_QUERY_TYPE (question) != GST_QUERY_LATENCY)
    return TRUE;
  gst_query_parse_latency (question, &live, &min, &max);
  GST_OBJECT_LOCK (self);
  time = self->latency.told;
  self->is_live = live;
  GST_OBJECT_UNLOCK (self);
  min += time;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += time;
  gst_query_set_latency (question, live, min, max);
  return TRUE;
}

/* Bytes of a frame; 0 where they are not known. */
static gsize
get_frame_size (const GstDnnTensorsInfo *info)
{
  gsize size = 0;

  for (guint i = 0; i < info->n_tensors && gst_dnn_streams_is_known (info); i++)
    size += gst_dnn_tensors_info_get_size (info, i);
  return size;
}

/* As many frames as may be here at once. */
static gboolean
propose_allocation (
    GstBaseTransform *trans, GstQuery *decide_query, GstQuery *question)
{
  GstDnnRunner *runner = GST_DNN_MODULE (trans)->runner;
  const GstDnnStreams *streams = gst_dnn_runner_get_streams (runner);
  guint n_lanes = gst_dnn_runner_get_n_lanes (runner);

  gst_dnn_allocator_propose (streams->allocator, question);
  if (n_lanes > 1)
    gst_query_add_allocation_pool (question, NULL,
        (guint) get_frame_size (&streams->input), 2 * n_lanes, 0);
  return TRUE;
}

/* Each memory comes from our own allocator; no pool is needed. */
static gboolean
decide_allocation (GstBaseTransform *trans, GstQuery *question)
{
  while (gst_query_get_n_allocation_pools (question) > 0)
    gst_query_remove_nth_allocation_pool (question, 0);
  return TRUE;
}

/* --- frames --- */

void
gst_dnn_module_count_frame (GstDnnModule *self)
{
  gboolean is_live;

  GST_OBJECT_LOCK (self);
  self->n_frames++;
  is_live = self->is_live;
  GST_OBJECT_UNLOCK (self);
  if (self->crew != NULL)
    gst_dnn_crew_set_live (self->crew, is_live);
  update_latency (self);
}

/* Where caps are negotiated anew with this frame, those before it have left. */
static GstFlowReturn
submit_input_buffer (
    GstBaseTransform *trans, gboolean is_discont, GstBuffer *buffer)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);

  if (self->crew != NULL && gst_pad_needs_reconfigure (trans->srcpad) &&
      !gst_dnn_module_drain (self)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_FLUSHING;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_dnn_module_parent_class)
      ->submit_input_buffer (trans, is_discont, buffer);
}

/* A frame in this thread, which has one instance. A buffer without a key is one
 * of many that an element has made of one frame: it has the params of the frame
 * before. */
static GstFlowReturn
run_here (GstDnnModule *self, GstBuffer *src, GstBuffer **dst)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (src);
  g_autoptr (GError) error = NULL;

  if (GST_BUFFER_IS_DISCONT (src))
    gst_dnn_runner_reset_states (self->runner);
  *dst = gst_dnn_solo_run (
      &self->solo, src, meta != NULL ? &meta->key : NULL, &error);
  if (*dst == NULL && gst_dnn_runner_is_stopped (self->runner))
    return GST_FLOW_FLUSHING;
  if (*dst == NULL) {
    post_error (self, error);
    return GST_FLOW_ERROR;
  }
  gst_dnn_module_count_frame (self);
  return GST_FLOW_OK;
}

static GstFlowReturn
generate_output (GstBaseTransform *trans, GstBuffer **dst)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  g_autoptr (GstBuffer) src = g_steal_pointer (&trans->queued_buf);

  *dst = NULL;
  if (src == NULL)
    return GST_FLOW_OK;
  if (self->crew != NULL)
    return gst_dnn_crew_add_buffer (self->crew, g_steal_pointer (&src));
  if (!gst_dnn_buffer_is_gap (src))
    return run_here (self, src, dst);
  *dst = g_steal_pointer (&src);
  return GST_FLOW_OK;
}

/* --- object --- */

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstDnnModule *self = GST_DNN_MODULE (object);
  gchar **text = NULL;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_MODEL:
      text = &self->model;
      break;
    case PROP_SHAPE:
      text = &self->shape;
      break;
    case PROP_THREADS:
      self->threads = g_value_get_int (value);
      break;
    case PROP_PRECISION:
      text = &self->precision;
      break;
    case PROP_CPU_AFFINITY:
      text = &self->cpu_affinity;
      break;
    case PROP_INSTANCES:
      text = &self->instances;
      break;
    default:
      if (!gst_dnn_target_set (&self->target, PROP_TARGET, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
  if (text != NULL) {
    g_free (*text);
    *text = g_value_dup_string (value);
  }
  GST_OBJECT_UNLOCK (self);
}

/* Figures of the runner; 0 without one. */
static guint64
get_figure (GstDnnModule *self, guint id)
{
  guint64 figure = 0;

  g_mutex_lock (&self->lock);
  if (self->runner != NULL && id == PROP_AVERAGE_TIME)
    figure = gst_dnn_runner_get_time (self->runner);
  else if (self->runner != NULL && id == PROP_ACTIVE_INSTANCES)
    figure = gst_dnn_runner_get_n_active (self->runner);
  else if (self->runner != NULL)
    figure = gst_dnn_allocator_get_n_blocks (
        gst_dnn_runner_get_streams (self->runner)->allocator);
  g_mutex_unlock (&self->lock);
  return figure;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstDnnModule *self = GST_DNN_MODULE (object);
  Settings settings;

  copy_settings (self, &settings);
  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, settings.model);
      break;
    case PROP_SHAPE:
      g_value_set_string (value, settings.shape);
      break;
    case PROP_THREADS:
      g_value_set_int (value, settings.threads);
      break;
    case PROP_PRECISION:
      g_value_set_string (value, settings.precision);
      break;
    case PROP_CPU_AFFINITY:
      g_value_set_string (value, settings.cpu_affinity);
      break;
    case PROP_INSTANCES:
      g_value_set_string (value, settings.instances);
      break;
    case PROP_ACTIVE_INSTANCES:
    case PROP_AVERAGE_TIME:
    case PROP_BLOCKS:
      g_value_set_uint64 (value, get_figure (self, id));
      break;
    case PROP_FRAMES:
      GST_OBJECT_LOCK (self);
      g_value_set_uint64 (value, self->n_frames);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      if (!gst_dnn_target_get (&settings.target, PROP_TARGET, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
  clear_settings (&settings);
}

static void
finalize (GObject *object)
{
  GstDnnModule *self = GST_DNN_MODULE (object);

  unload (self);
  g_clear_object (&self->loaded);
  g_free (self->model);
  g_free (self->shape);
  g_free (self->precision);
  g_free (self->cpu_affinity);
  g_free (self->instances);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_dnn_module_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_MODEL,
      gst_dnn_property_string ("model",
          "ONNX file, compiled folder, or configuration with one module", NULL,
          GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_SHAPE,
      gst_dnn_property_string ("shape",
          "Shapes of inputs that the model leaves open, outermost dimension "
          "first: \"1,3,224,224\" for its only input, else "
          "\"NAME=1,3,224,224;NAME=…\"",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_THREADS,
      gst_dnn_property_int ("threads", "threads",
          "Threads of one instance, which work on one frame; 0: one for each "
          "CPU that they may use",
          0, DNN_MAX_THREADS, 1, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_PRECISION,
      gst_dnn_property_string ("precision",
          "Precision that kernels compute in: \"f32\"", "f32",
          GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_CPU_AFFINITY,
      gst_dnn_property_string ("cpu-affinity",
          "CPUs to run on, as \"0,1\" or \"0-3\"; they must be among those "
          "that the process may use; empty: all of these",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_INSTANCES,
      gst_dnn_property_string ("instances",
          "Copies of the module that work on successive frames, 1 to 64, with "
          "cpu-affinity each on a CPU of its own; \"auto\": as many as there "
          "are CPUs and memory for",
          "1", GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_ACTIVE_INSTANCES,
      gst_dnn_property_uint64 ("active-instances", "instances",
          "How many of them there are, once the element is ready", 0,
          DNN_MAX_INSTANCES, 0, GST_DNN_READ_ONLY));
  g_object_class_install_property (klass, PROP_AVERAGE_TIME,
      gst_dnn_property_uint64 ("average-time", "ns",
          "Time of a run, smoothed over the last frames", 0, G_MAXUINT64, 0,
          GST_DNN_READ_ONLY));
  g_object_class_install_property (klass, PROP_FRAMES,
      gst_dnn_property_uint64 ("frames", "frames",
          "Frames run since the element was paused", 0, G_MAXUINT64, 0,
          GST_DNN_READ_ONLY));
  g_object_class_install_property (klass, PROP_BLOCKS,
      gst_dnn_property_uint64 ("memory-blocks", "blocks",
          "Blocks of memory for tensors taken from the system so far; stands "
          "still while frames are recycled",
          0, G_MAXUINT64, 0, GST_DNN_READ_ONLY));
  gst_dnn_target_install (klass, PROP_TARGET);
}

static void
gst_dnn_module_class_init (GstDnnModuleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  install_properties (object_class);
  gst_element_class_set_static_metadata (element_class, "Neural network module",
      "Filter/Tensor", "Runs one compiled module or ONNX model on tensors",
      "The gst-dnn authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = change_state;
  trans_class->start = start;
  trans_class->stop = stop;
  trans_class->transform_caps = gst_dnn_module_transform_caps;
  trans_class->accept_caps = gst_dnn_module_accept_caps;
  trans_class->set_caps = set_caps;
  trans_class->sink_event = sink_event;
  trans_class->query = query;
  trans_class->propose_allocation = propose_allocation;
  trans_class->decide_allocation = decide_allocation;
  trans_class->submit_input_buffer = submit_input_buffer;
  trans_class->generate_output = generate_output;
}

static void
gst_dnn_module_init (GstDnnModule *self)
{
  GstBaseTransform *trans = GST_BASE_TRANSFORM (self);

  g_mutex_init (&self->lock);
  self->precision = g_strdup ("f32");
  self->instances = g_strdup ("1");
  self->threads = 1;
  self->activate_src = GST_PAD_ACTIVATEMODEFUNC (trans->srcpad);
  gst_pad_set_activatemode_function (
      trans->srcpad, gst_dnn_module_activate_src);
  dnn_target_init (&self->target);
  gst_base_transform_set_passthrough (trans, FALSE);
  gst_base_transform_set_gap_aware (trans, TRUE);
  gst_base_transform_set_qos_enabled (trans, FALSE);
  gst_dnn_error_tell_flushing (trans);
  gst_dnn_error_watch_caps (
      trans->sinkpad, self, &self->latch, GST_DNN_EXPECTS_TENSORS);
  gst_dnn_property_watch (self, self, &self->is_stale);
}
