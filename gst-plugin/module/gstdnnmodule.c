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
 * The run time is added to the latency of the pipeline. Frames without memory
 * (flagged GAP) pass untouched.
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
#include "gst-plugin/module/gstdnnrunner.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnquery.h"

#define GST_CAT_DEFAULT gst_dnn_debug

struct _GstDnnModule
{
  GstBaseTransform parent;

  /* properties; the object lock */
  gchar *model;
  gchar *shape;
  gint threads;
  gchar *precision;
  gchar *cpu_affinity;

  DnnModule *loaded; /* (nullable): instead of @model */
  GstDnnErrorLatch latch;
  GMutex lock; /* the pointer to the runner, and inference with it */
  GstDnnRunner *runner; /* from NULL→READY to READY→NULL */
  guint64 n_frames; /* atomic would do; the object lock */
  /* the object lock */
  GstClockTime reported; /* latency that the pipeline knows */
  gboolean is_live; /* so that it matters */
};

enum
{
  PROP_MODEL = 1,
  PROP_SHAPE,
  PROP_THREADS,
  PROP_PRECISION,
  PROP_CPU_AFFINITY,
  PROP_AVERAGE_TIME,
  PROP_FRAMES,
  PROP_BLOCKS,
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

DnnUpdate *
gst_dnn_module_make_update (
    GstDnnModule *self, DnnParams *params, GError **error)
{
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (DnnParams) after = NULL;

  g_mutex_lock (&self->lock);
  if (self->runner != NULL) {
    instance = g_object_ref (gst_dnn_runner_get_instance (self->runner));
    after = gst_dnn_runner_get_pending_params (self->runner);
  }
  g_mutex_unlock (&self->lock);
  if (instance != NULL)
    return dnn_instance_make_update (instance, after, params, error);
  g_set_error_literal (
      error, DNN_ERROR, DNN_ERROR_FAILED, "the pipeline doesn't run");
  return NULL;
}

void
gst_dnn_module_add_update (GstDnnModule *self, guint64 last, DnnUpdate *update)
{
  g_mutex_lock (&self->lock);
  /* Not where the element was stopped meanwhile. */
  if (self->runner != NULL &&
      dnn_update_is_for (update, gst_dnn_runner_get_instance (self->runner)))
    gst_dnn_runner_add_update (self->runner, last, g_steal_pointer (&update));
  g_mutex_unlock (&self->lock);
  dnn_update_free (update);
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
  gchar *model, *shape, *precision, *cpu_affinity;
  gint threads;
} Settings;

static void
copy_settings (GstDnnModule *self, Settings *settings)
{
  GST_OBJECT_LOCK (self);
  settings->model = g_strdup (self->model);
  settings->shape = g_strdup (self->shape);
  settings->precision = g_strdup (self->precision);
  settings->cpu_affinity = g_strdup (self->cpu_affinity);
  settings->threads = self->threads;
  GST_OBJECT_UNLOCK (self);
}

static void
clear_settings (Settings *settings)
{
  g_free (settings->model);
  g_free (settings->shape);
  g_free (settings->precision);
  g_free (settings->cpu_affinity);
}

static DnnModule *
load_module (GstDnnModule *self, const gchar *model, GError **error)
{
  if (self->loaded != NULL)
    return g_object_ref (self->loaded);
  if (model != NULL && *model != '\0')
    return dnn_load_module (model, NULL, error);
  g_set_error_literal (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
      "model is not set; an ONNX file, a compiled folder or a configuration "
      "with one module was expected");
  return NULL;
}

static gboolean
load (GstDnnModule *self)
{
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  GstDnnRunner *runner = NULL;
  Settings settings;

  copy_settings (self, &settings);
  module = load_module (self, settings.model, &error);
  if (module != NULL) {
    GstDnnRunnerOptions options = { settings.shape, settings.threads,
      settings.precision, settings.cpu_affinity };
    runner = gst_dnn_runner_new (module, &options, &error);
  }
  clear_settings (&settings);
  g_mutex_lock (&self->lock);
  self->runner = runner;
  g_mutex_unlock (&self->lock);
  if (runner == NULL)
    post_error (self, error);
  return runner != NULL;
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

  if (transition == GST_STATE_CHANGE_NULL_TO_READY) {
    gst_dnn_error_reset (&self->latch);
    if (!load (self))
      return GST_STATE_CHANGE_FAILURE;
  }
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
  GstClockTime time = gst_dnn_runner_get_time (self->runner);
  gboolean changed, matters;

  GST_OBJECT_LOCK (self);
  changed = time > self->reported + self->reported / 4 ||
      time < self->reported - self->reported / 4;
  if (changed)
    self->reported = time;
  matters = changed && self->is_live;
  GST_OBJECT_UNLOCK (self);
  if (matters)
    gst_element_post_message (
        GST_ELEMENT (self), gst_message_new_latency (GST_OBJECT (self)));
}

static gboolean
is_known (const GstDnnTensorsInfo *info)
{
  for (guint i = 0; i < info->n_tensors; i++)
    if (!dnn_shape_is_known (&info->shapes[i]))
      return FALSE;
  return TRUE;
}

static gboolean
start (GstBaseTransform *trans)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  const GstDnnTensorsInfo *input = gst_dnn_runner_get_input (self->runner);
  g_autoptr (GError) error = NULL;

  gst_dnn_error_reset (&self->latch);
  GST_OBJECT_LOCK (self);
  self->n_frames = 0;
  self->reported = 0;
  GST_OBJECT_UNLOCK (self);
  gst_dnn_runner_take_updates (self->runner);
  if (is_known (input) &&
      !gst_dnn_runner_prepare (self->runner, input, &error)) {
    post_error (self, error);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->reported = gst_dnn_runner_get_time (self->runner);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
stop (GstBaseTransform *trans)
{
  gst_dnn_runner_unprepare (GST_DNN_MODULE (trans)->runner);
  return TRUE;
}

/* --- caps --- */

/* What the other side is for one structure; lock held. */
static void
transform_info (GstDnnModule *self, GstPadDirection direction,
    const GstCaps *one, GstDnnTensorsInfo *other)
{
  const GstDnnTensorsInfo *offered = gst_dnn_runner_get_input (self->runner);
  GstDnnTensorsInfo input;

  if (direction == GST_PAD_SRC) {
    *other = *offered;
    return;
  }
  /* What doesn't fit is told when CAPS come; here it counts as what fits. */
  if ((gst_dnn_tensors_info_from_caps (&input, one, NULL) &&
          gst_dnn_runner_get_output (self->runner, &input, other, NULL)) ||
      (is_known (offered) &&
          gst_dnn_runner_get_output (self->runner, offered, other, NULL)))
    return;
  gst_dnn_tensors_info_init (other);
  other->flexible = TRUE;
}

/* Caps of the other side for one structure, with its frame rate. */
static GstCaps *
transform_structure (
    GstDnnModule *self, GstPadDirection direction, const GstCaps *one)
{
  const GValue *rate = gst_structure_get_value (
      gst_caps_get_structure (one, 0), "framerate");
  g_autoptr (GstCaps) fixed = gst_caps_fixate (gst_caps_copy (one));
  GstDnnTensorsInfo other;
  GstCaps *caps;

  transform_info (self, direction, fixed, &other);
  other.fps_d = 0;
  caps = gst_dnn_tensors_info_to_caps (&other);
  if (direction == GST_PAD_SRC)
    gst_caps_append (caps, gst_caps_from_string (GST_DNN_FLEXIBLE_CAPS));
  if (rate != NULL)
    gst_caps_set_value (caps, "framerate", rate);
  return caps;
}

static GstCaps *
transform_caps (GstBaseTransform *trans, GstPadDirection direction,
    GstCaps *caps, GstCaps *filter)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  GstCaps *result = gst_caps_new_empty ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; self->runner != NULL && i < gst_caps_get_size (caps); i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (caps, i);
    result = gst_caps_merge (
        result, transform_structure (self, direction, one));
  }
  if (self->runner == NULL)
    result = gst_caps_merge (
        result, gst_static_caps_get (&sink_template.static_caps));
  g_mutex_unlock (&self->lock);
  if (filter != NULL) {
    GstCaps *filtered = gst_caps_intersect_full (
        filter, result, GST_CAPS_INTERSECT_FIRST);
    gst_caps_replace (&result, filtered);
    gst_caps_unref (filtered);
  }
  return result;
}

/* By the template: dimensions are compared as numbers, with CAPS. */
static gboolean
accept_caps (GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps)
{
  g_autoptr (GstCaps)
      accepted = gst_static_caps_get (&sink_template.static_caps);

  return gst_caps_can_intersect (caps, accepted);
}

/* What a stream of @caps gives. */
static gboolean
infer_streams (GstDnnModule *self, const GstCaps *caps,
    GstDnnTensorsInfo *input, GstDnnTensorsInfo *output, GError **error)
{
  gboolean result;

  g_mutex_lock (&self->lock);
  result = gst_dnn_tensors_info_from_caps (input, caps, error) &&
      gst_dnn_runner_get_output (self->runner, input, output, error);
  g_mutex_unlock (&self->lock);
  return result;
}

static gboolean
set_caps (GstBaseTransform *trans, GstCaps *sink_caps, GstCaps *src_caps)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo input, output;

  if (!infer_streams (self, sink_caps, &input, &output, &error) ||
      (!input.flexible &&
          !gst_dnn_runner_prepare (self->runner, &input, &error))) {
    post_error (self, error);
    return FALSE;
  }
  gst_dnn_runner_set_streams (self->runner, &input, &output);
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
  accepted = gst_pad_peer_query_caps (src, NULL);
  text = gst_dnn_tensors_info_to_string (output);
  wanted = gst_caps_to_string (accepted);
  error = g_error_new (DNN_ERROR, DNN_ERROR_SHAPE,
      "the model's outputs are %s; downstream takes %s", text, wanted);
  post_error (self, error);
}

/* CAPS are compared here, before the base class looks for what fits and fails
 * without a word. */
static gboolean
sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  GstBaseTransformClass *parent_class = GST_BASE_TRANSFORM_CLASS (
      gst_dnn_module_parent_class);
  g_autoptr (GError) error = NULL;
  GstDnnTensorsInfo input, output;
  GstCaps *caps;

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

/* What upstream may send: the model's own caps first, whatever downstream
 * says, then any tensors. A stream that doesn't fit, or fits but gives what
 * downstream refuses, so reaches set_caps, which names both shapes; answering
 * nothing would leave upstream with a "not negotiated" of its own. */
static gboolean
answer_caps (GstBaseTransform *trans, GstQuery *question)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  g_autoptr (GstCaps) any = gst_static_caps_get (&sink_template.static_caps);
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *filter;

  g_mutex_lock (&self->lock);
  if (self->runner != NULL)
    caps = gst_caps_new_empty ();
  g_mutex_unlock (&self->lock);
  if (caps == NULL)
    return FALSE;
  gst_query_parse_caps (question, &filter);
  gst_caps_append (caps, transform_caps (trans, GST_PAD_SRC, any, NULL));
  gst_caps_append (caps, gst_caps_ref (any));
  if (filter != NULL) {
    GstCaps *common = gst_caps_intersect_full (
        filter, caps, GST_CAPS_INTERSECT_FIRST);
    gst_caps_replace (&caps, common);
    gst_caps_unref (common);
  }
  gst_query_set_caps_result (question, caps);
  return TRUE;
}

static gboolean
query (GstBaseTransform *trans, GstPadDirection direction, GstQuery *question)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  GstClockTime time, min, max;
  gboolean live;

  if (direction == GST_PAD_SINK && gst_dnn_query_is_decoder (question))
    add_model (self, question);
  if (direction == GST_PAD_SINK &&
      GST_QUERY_TYPE (question) == GST_QUERY_CAPS &&
      answer_caps (trans, question))
    return TRUE;
  if (!GST_BASE_TRANSFORM_CLASS (gst_dnn_module_parent_class)
           ->query (trans, direction, question))
    return FALSE;
  if (direction != GST_PAD_SRC ||
      GST_QUERY_TYPE (question) != GST_QUERY_LATENCY)
    return TRUE;
  gst_query_parse_latency (question, &live, &min, &max);
  GST_OBJECT_LOCK (self);
  time = self->reported;
  self->is_live = live;
  GST_OBJECT_UNLOCK (self);
  min += time;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += time;
  gst_query_set_latency (question, live, min, max);
  return TRUE;
}

static gboolean
propose_allocation (
    GstBaseTransform *trans, GstQuery *decide_query, GstQuery *question)
{
  gst_dnn_allocator_propose (
      gst_dnn_runner_get_allocator (GST_DNN_MODULE (trans)->runner), question);
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

static GstFlowReturn
generate_output (GstBaseTransform *trans, GstBuffer **dst)
{
  GstDnnModule *self = GST_DNN_MODULE (trans);
  g_autoptr (GstBuffer) src = g_steal_pointer (&trans->queued_buf);
  g_autoptr (GError) error = NULL;

  *dst = NULL;
  if (src == NULL)
    return GST_FLOW_OK;
  if (gst_dnn_buffer_is_gap (src)) {
    *dst = g_steal_pointer (&src);
    return GST_FLOW_OK;
  }
  *dst = gst_dnn_runner_run (self->runner, src, &error);
  if (*dst == NULL) {
    post_error (self, error);
    return GST_FLOW_ERROR;
  }
  GST_OBJECT_LOCK (self);
  self->n_frames++;
  GST_OBJECT_UNLOCK (self);
  update_latency (self);
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
    default:
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
  else if (self->runner != NULL)
    figure = gst_dnn_allocator_get_n_blocks (
        gst_dnn_runner_get_allocator (self->runner));
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
          "Threads that work on one frame; 0: one for each CPU that they may "
          "use",
          0, DNN_MAX_THREADS, 0, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_PRECISION,
      gst_dnn_property_string ("precision",
          "Precision that kernels compute in: \"f32\"", "f32",
          GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_CPU_AFFINITY,
      gst_dnn_property_string ("cpu-affinity",
          "CPUs to run on, as \"0,1\" or \"0-3\"; they must be among those "
          "that the process may use; empty: all of these",
          NULL, GST_DNN_SET_READY));
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
  trans_class->transform_caps = transform_caps;
  trans_class->accept_caps = accept_caps;
  trans_class->set_caps = set_caps;
  trans_class->sink_event = sink_event;
  trans_class->query = query;
  trans_class->propose_allocation = propose_allocation;
  trans_class->decide_allocation = decide_allocation;
  trans_class->generate_output = generate_output;
}

static void
gst_dnn_module_init (GstDnnModule *self)
{
  GstBaseTransform *trans = GST_BASE_TRANSFORM (self);

  g_mutex_init (&self->lock);
  self->precision = g_strdup ("f32");
  gst_base_transform_set_passthrough (trans, FALSE);
  gst_base_transform_set_gap_aware (trans, TRUE);
  gst_base_transform_set_qos_enabled (trans, FALSE);
  gst_dnn_error_watch_caps (
      trans->sinkpad, self, &self->latch, GST_DNN_EXPECTS_TENSORS);
}
