/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pipeline configuration or an ONNX model → elements inside a bin; tensors
 * in → tensors of all global outputs out. Next: a decoder. */
/**
 * SECTION:element-dnnbin
 * @title: dnnbin
 *
 * Runs the stages of a pipeline at the same time, each on a frame of its own.
 * Use it for a compiled folder or configuration with several modules, or to
 * cut an ONNX model into stages; for one stage dnnmodule does.
 *
 * It builds queues, tees, dnnmux and dnnmodule as the bindings say; see them
 * with GST_DEBUG_DUMP_DOT_DIR. The first global input is the pad sink, each
 * further one a request pad sink_NAME; frames of several inputs belong
 * together by their running time. The stream ends with the first of them to
 * end, also by the release of its pad. The pad src carries all global outputs
 * in one buffer.
 *
 * Each stage has several instances, which work on successive frames, as many as
 * there are CPUs (instances=auto); max-in-flight=1 is for the shortest time of
 * one frame instead of the most frames a second: a team of all CPUs has it.
 *
 * Frames are dropped at the entrance only. drop=oldest with max-in-flight
 * keeps a live pipeline close to the present; drop=pass drops nothing: frames
 * that come while the model is busy leave without results, and so do those that
 * interval of dnnpreprocess skips. All leave in the order in which they came.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc pattern=ball num-buffers=30 ! dnnpreprocess \
 *   ! dnnbin config=build/examples/ball/config max-in-flight=4 drop=oldest \
 *   ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin.h"

#include "gst-plugin/bin/gstdnnbin-private.h"
#include "gst-plugin/bin/gstdnnbin-load.h"
#include "gst-plugin/bin/gstdnnbin-pads.h"
#include "gst-plugin/bin/gstdnnbin-params.h"
#include "gst-plugin/bin/gstdnnbypass.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnready.h"
#include "gst-plugin/stream/gstdnnquery.h"
#include "gst-plugin/stream/gstdnntarget.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* Most bins of this kind inside of each other. */
#define MAX_DEPTH 8

enum
{
  PROP_CONFIG = 1,
  PROP_CONFIGURATION,
  PROP_MODEL,
  PROP_STAGES,
  PROP_CUTS,
  PROP_SHAPE,
  PROP_PRECISION,
  PROP_THREADS,
  PROP_INSTANCES,
  PROP_MAX_IN_FLIGHT,
  PROP_DROP,
  PROP_PASS_LIMIT,
  PROP_IN_FLIGHT,
  PROP_DROPPED,
  PROP_PASSED,
  PROP_TARGET, /* the first of them */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));
static GstStaticPadTemplate other_template = GST_STATIC_PAD_TEMPLATE ("sink_%s",
    GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DNN_TENSOR_CAPS));

G_DEFINE_TYPE (GstDnnBin, gst_dnn_bin, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE (dnnbin, "dnnbin", GST_RANK_NONE, GST_TYPE_DNN_BIN)

#define GST_TYPE_DNN_DROP (gst_dnn_drop_get_type ())
static GType
gst_dnn_drop_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_DROP_NONE, "Wait", "none" },
    { GST_DNN_DROP_NEWEST, "Drop the frame that comes", "newest" },
    { GST_DNN_DROP_OLDEST, "Drop the frame that has waited longest", "oldest" },
    { GST_DNN_DROP_PASS, "Pass the frame by without results", "pass" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstDnnDrop", values);
    g_once_init_leave (&type, registered);
  }
  return type;
}

/* --- loading --- */

static void
copy_settings (GstDnnBin *self, GstDnnBinSettings *settings)
{
  GST_OBJECT_LOCK (self);
  settings->config_path = g_strdup (self->config_path);
  settings->model = g_strdup (self->model);
  settings->shape = g_strdup (self->shape);
  settings->cuts = g_strdup (self->cuts);
  settings->precision = g_strdup (self->precision);
  settings->configuration = self->configuration;
  if (settings->configuration != NULL)
    g_object_ref (settings->configuration);
  settings->stages = self->stages;
  settings->threads = self->threads;
  settings->instances = g_strdup (self->instances);
  settings->max_in_flight = self->max_in_flight;
  settings->target = self->target;
  GST_OBJECT_UNLOCK (self);
}

/* Which of several inputs' frames would pass? */
static gboolean
check_drop (GstDnnBin *self, const GPtrArray *inputs, GError **error)
{
  GstDnnDrop drop;

  GST_OBJECT_LOCK (self);
  drop = self->drop;
  GST_OBJECT_UNLOCK (self);
  if (drop != GST_DNN_DROP_PASS || inputs->len == 1)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "drop: Pass is for pipelines with one input, this one has %u; use oldest "
      "or newest",
      inputs->len);
  return FALSE;
}

static gboolean
build (GstDnnBin *self, DnnPipelineConfig *config,
    const GstDnnBinSettings *settings, GError **error)
{
  const GPtrArray *inputs = dnn_pipeline_config_get_inputs (config);
  GstDnnBinDefaults defaults = { .threads = settings->threads,
    .max_in_flight = settings->max_in_flight };
  g_autoptr (GstDnnBinPlan) plan = NULL;
  GstDnnBinParts parts;

  if (!dnn_instances_parse (settings->instances, &defaults.instances, error))
    return FALSE;
  if (!check_drop (self, inputs, error))
    return FALSE;
  gst_dnn_bin_parts_init (&parts);
  plan = gst_dnn_bin_plan_new (config, &defaults, error);
  if (plan == NULL ||
      !gst_dnn_bin_pads_check_names (GST_ELEMENT (self), inputs, error) ||
      !gst_dnn_bin_build (GST_BIN (self), plan, settings->precision,
          &settings->target, gst_dnn_bin_settings_get_file (settings), &parts,
          error)) {
    gst_dnn_bin_parts_clear (&parts);
    return FALSE;
  }
  gst_dnn_bin_pads_set_targets (GST_ELEMENT (self), inputs, &parts);
  GST_OBJECT_LOCK (self);
  self->config = g_object_ref (config);
  self->parts = parts;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
apply_limits (GstDnnBin *self)
{
  GstDnnBinParts parts;
  guint max_in_flight;
  GstDnnDrop drop;

  GST_OBJECT_LOCK (self);
  parts = self->parts;
  max_in_flight = self->max_in_flight;
  drop = self->drop;
  if (parts.queues != NULL) {
    g_ptr_array_ref (parts.queues);
    gst_object_ref (parts.entrance);
  }
  GST_OBJECT_UNLOCK (self);
  if (parts.queues == NULL)
    return;
  if (drop == GST_DNN_DROP_PASS && parts.queues->len > 1) {
    g_autoptr (GError) doubt = g_error_new_literal (DNN_ERROR, DNN_ERROR_VALUE,
        "drop: Pass is for pipelines with one input: here frames wait");
    gst_dnn_error_post_warning (self, doubt);
  }
  gst_dnn_bin_parts_set_drop (&parts, drop);
  gst_dnn_entrance_set_max_in_flight (parts.entrance, max_in_flight);
  g_ptr_array_unref (parts.queues);
  gst_object_unref (parts.entrance);
}

/* An element of a configuration may be a dnnbin, even one that runs that very
 * configuration. */
static gboolean
check_depth (GstDnnBin *self, GError **error)
{
  GstObject *parent = gst_object_get_parent (GST_OBJECT (self));
  guint depth = 1;

  while (parent != NULL) {
    GstObject *next = gst_object_get_parent (parent);

    depth += GST_IS_DNN_BIN (parent);
    gst_object_unref (parent);
    parent = next;
  }
  if (depth <= MAX_DEPTH)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "config: %u dnnbin inside of each other, at most %d are run: does the "
      "configuration run itself?",
      depth, MAX_DEPTH);
  return FALSE;
}

static gboolean
load (GstDnnBin *self)
{
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  gboolean loaded;
  GstDnnBinSettings settings;

  gst_dnn_property_take_stale (&self->is_stale);
  copy_settings (self, &settings);
  if (check_depth (self, &error))
    config = gst_dnn_bin_load (&settings, &error);
  loaded = config != NULL && build (self, config, &settings, &error);
  gst_dnn_bin_settings_clear (&settings);
  if (!loaded) {
    gst_dnn_error_post (self, &self->latch, error);
    return FALSE;
  }
  apply_limits (self);
  gst_dnn_bin_watch_queues (self);
  return TRUE;
}

/* Takes out one child; FALSE if there is none. */
static gboolean
remove_child (GstDnnBin *self)
{
  GstElement *child = NULL;

  GST_OBJECT_LOCK (self);
  if (GST_BIN_CHILDREN (self) != NULL)
    child = gst_object_ref (GST_BIN_CHILDREN (self)->data);
  GST_OBJECT_UNLOCK (self);
  if (child == NULL)
    return FALSE;
  gst_element_set_locked_state (child, TRUE);
  gst_element_set_state (child, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), child);
  gst_object_unref (child);
  return TRUE;
}

static void
unload (GstDnnBin *self)
{
  GstDnnBinParts parts;
  DnnPipelineConfig *config;

  GST_OBJECT_LOCK (self);
  parts = self->parts;
  config = self->config;
  self->parts = (GstDnnBinParts){ NULL };
  self->config = NULL;
  GST_OBJECT_UNLOCK (self);
  gst_dnn_bin_pads_clear_targets (GST_ELEMENT (self));
  while (remove_child (self))
    ;
  gst_dnn_bin_parts_clear (&parts);
  g_clear_object (&config);
}

static gboolean
prepare_to_pause (GstDnnBin *self)
{
  g_autoptr (GError) error = NULL;

  gst_dnn_error_reset (&self->latch);
  if (gst_dnn_property_take_stale (&self->is_stale)) {
    unload (self);
    if (!load (self) || !gst_dnn_ready_children (GST_BIN (self))) {
      unload (self);
      gst_dnn_property_keep_stale (&self->is_stale);
      return FALSE;
    }
  }
  if (gst_dnn_bin_pads_check_requested (GST_ELEMENT (self),
          dnn_pipeline_config_get_inputs (self->config), &error))
    return TRUE;
  gst_dnn_error_post (self, &self->latch, error);
  return FALSE;
}

static void
reset_bypasses (GstDnnBin *self)
{
  for (guint i = 0; i < self->parts.bypasses->len; i++)
    gst_dnn_bypass_reset (self->parts.bypasses->pdata[i]);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstDnnBin *self = GST_DNN_BIN (element);
  GstStateChangeReturn result = GST_STATE_CHANGE_FAILURE;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY)
    gst_dnn_error_reset (&self->latch);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_dnn_exit_start (self->exit, TRUE);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_dnn_exit_stop (self->exit);
  if ((transition != GST_STATE_CHANGE_NULL_TO_READY || load (self)) &&
      (transition != GST_STATE_CHANGE_READY_TO_PAUSED ||
          prepare_to_pause (self)))
    result = GST_ELEMENT_CLASS (gst_dnn_bin_parent_class)
                 ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    reset_bypasses (self);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL ||
      (transition == GST_STATE_CHANGE_NULL_TO_READY &&
          result == GST_STATE_CHANGE_FAILURE))
    unload (self);
  return result;
}

/* --- messages --- */

static gboolean
is_own_queue (GstDnnBin *self, GstObject *object)
{
  return object != NULL && GST_OBJECT_PARENT (object) == GST_OBJECT (self) &&
      g_str_has_prefix (GST_OBJECT_NAME (object), "queue_");
}

/* A queue says only that its stream stopped. The reason was told by the
 * element that found it, unless there is none. */
static void
handle_queue_error (GstDnnBin *self, GstMessage *message)
{
  const GstStructure *details = NULL;
  g_autoptr (GError) error = NULL;
  gint flow = GST_FLOW_ERROR;

  gst_message_parse_error_details (message, &details);
  if (details != NULL)
    gst_structure_get_int (details, "flow-return", &flow);
  if (flow == GST_FLOW_ERROR && gst_dnn_exit_has_failed (self->exit))
    return;
  error = g_error_new (DNN_ERROR, DNN_ERROR_FAILED,
      "The stream stopped behind %s: %s",
      GST_OBJECT_NAME (GST_MESSAGE_SRC (message)), gst_flow_get_name (flow));
  gst_dnn_error_post (self, &self->latch, error);
}

static void
handle_message (GstBin *bin, GstMessage *message)
{
  GstDnnBin *self = GST_DNN_BIN (bin);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR &&
      GST_MESSAGE_SRC (message) != GST_OBJECT (self)) {
    if (is_own_queue (self, GST_MESSAGE_SRC (message))) {
      handle_queue_error (self, message);
      gst_message_unref (message);
      return;
    }
    if (!gst_dnn_error_take (&self->latch)) {
      gst_message_unref (message);
      return;
    }
  }
  GST_BIN_CLASS (gst_dnn_bin_parent_class)->handle_message (bin, message);
}

/* --- pads --- */

static GstPad *
request_new_pad (GstElement *element, GstPadTemplate *templ, const gchar *name,
    const GstCaps *caps)
{
  GstDnnBin *self = GST_DNN_BIN (element);
  GstPad *pad;

  if (name == NULL || !g_str_has_prefix (name, "sink_"))
    return NULL;
  pad = gst_ghost_pad_new_no_target_from_template (name, templ);
  if (!gst_element_add_pad (element, pad))
    return NULL;
  if (self->config != NULL)
    gst_dnn_bin_pads_set_targets (
        element, dnn_pipeline_config_get_inputs (self->config), &self->parts);
  return pad;
}

/* Nothing comes to that input any more: its stream has ended, and with it, once
 * what has come is through, all. */
static void
release_pad (GstElement *element, GstPad *pad)
{
  g_autoptr (GstPad) target = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));

  /* Nobody is to be kept waiting in a full queue. */
  if (target != NULL)
    gst_dnn_bin_pads_open_queue (target);
  gst_pad_set_active (pad, FALSE);
  gst_ghost_pad_set_target (GST_GHOST_PAD (pad), NULL);
  gst_element_remove_pad (element, pad);
  if (target != NULL && GST_PAD_MODE (target) != GST_PAD_MODE_NONE)
    gst_dnn_bin_pads_end (target);
}

static void
add_ghost_pad (GstDnnBin *self, const gchar *name)
{
  GstPadTemplate *templ = gst_element_get_pad_template (
      GST_ELEMENT (self), name);

  gst_element_add_pad (GST_ELEMENT (self),
      gst_ghost_pad_new_no_target_from_template (name, templ));
}

/* --- object --- */

static gchar **
get_text (GstDnnBin *self, guint id)
{
  switch (id) {
    case PROP_CONFIG:
      return &self->config_path;
    case PROP_MODEL:
      return &self->model;
    case PROP_CUTS:
      return &self->cuts;
    case PROP_SHAPE:
      return &self->shape;
    case PROP_PRECISION:
      return &self->precision;
    case PROP_INSTANCES:
      return &self->instances;
    default:
      return NULL;
  }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstDnnBin *self = GST_DNN_BIN (object);
  gchar **text = get_text (self, id);

  GST_OBJECT_LOCK (self);
  if (text != NULL) {
    g_free (*text);
    *text = g_value_dup_string (value);
  } else if (id == PROP_CONFIGURATION) {
    g_set_object (&self->configuration, g_value_get_object (value));
  } else if (id == PROP_STAGES) {
    self->stages = g_value_get_int (value);
  } else if (id == PROP_THREADS) {
    self->threads = g_value_get_int (value);
  } else if (id == PROP_MAX_IN_FLIGHT) {
    self->max_in_flight = (guint) g_value_get_int (value);
  } else if (id == PROP_DROP) {
    self->drop = g_value_get_enum (value);
  } else if (id == PROP_PASS_LIMIT) {
    self->pass_limit = g_value_get_int (value);
  } else if (!gst_dnn_target_set (&self->target, PROP_TARGET, id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_MAX_IN_FLIGHT || id == PROP_DROP)
    apply_limits (self);
}

static guint
get_n_in_flight (GstDnnBin *self)
{
  GstDnnEntrance *entrance = NULL;
  guint n_in_flight;

  GST_OBJECT_LOCK (self);
  if (self->parts.entrance != NULL)
    entrance = gst_object_ref (self->parts.entrance);
  GST_OBJECT_UNLOCK (self);
  if (entrance == NULL)
    return 0;
  n_in_flight = gst_dnn_entrance_get_n_in_flight (entrance);
  gst_object_unref (entrance);
  return n_in_flight;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstDnnBin *self = GST_DNN_BIN (object);
  gchar **text = get_text (self, id);
  guint n_in_flight = id == PROP_IN_FLIGHT ? get_n_in_flight (self) : 0;

  GST_OBJECT_LOCK (self);
  if (text != NULL)
    g_value_set_string (value, *text);
  else if (id == PROP_CONFIGURATION)
    g_value_set_object (value, self->configuration);
  else if (id == PROP_STAGES)
    g_value_set_int (value, self->stages);
  else if (id == PROP_THREADS)
    g_value_set_int (value, self->threads);
  else if (id == PROP_MAX_IN_FLIGHT)
    g_value_set_int (value, (gint) self->max_in_flight);
  else if (id == PROP_DROP)
    g_value_set_enum (value, self->drop);
  else if (id == PROP_PASS_LIMIT)
    g_value_set_int (value, self->pass_limit);
  else if (id == PROP_IN_FLIGHT)
    g_value_set_uint64 (value, n_in_flight);
  else if (id == PROP_DROPPED)
    g_value_set_uint64 (value, gst_dnn_exit_get_n_dropped (self->exit));
  else if (id == PROP_PASSED)
    g_value_set_uint64 (value, gst_dnn_exit_get_n_passed (self->exit));
  else if (!gst_dnn_target_get (&self->target, PROP_TARGET, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  GstDnnBin *self = GST_DNN_BIN (object);

  gst_dnn_bin_parts_clear (&self->parts);
  gst_dnn_exit_free (self->exit);
  g_mutex_clear (&self->setting);
  g_clear_object (&self->config);
  g_clear_object (&self->configuration);
  g_free (self->config_path);
  g_free (self->model);
  g_free (self->shape);
  g_free (self->cuts);
  g_free (self->precision);
  g_free (self->instances);
  G_OBJECT_CLASS (gst_dnn_bin_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_CONFIG,
      gst_dnn_property_string ("config",
          "Pipeline configuration (JSON) or compiled folder", NULL,
          GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_CONFIGURATION,
      g_param_spec_object ("configuration", NULL,
          "Pipeline configuration made in the program; not to be changed "
          "while the element has it",
          DNN_TYPE_PIPELINE_CONFIG, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_MODEL,
      gst_dnn_property_string ("model",
          "ONNX file, compiled when the element becomes ready", NULL,
          GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_STAGES,
      gst_dnn_property_int ("stages", "stages",
          "Stages that the model is cut into; more than one needs cuts", 1,
          DNN_MAX_STAGES, 1, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_CUTS,
      gst_dnn_property_string ("cuts",
          "Names of the model's tensors where one stage ends and the next "
          "begins, as \"NAME,NAME\"",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_SHAPE,
      gst_dnn_property_string ("shape",
          "Shapes of inputs that the model leaves open, outermost dimension "
          "first: \"1,3,224,224\" for an only input, else "
          "\"NAME=1,3,224,224;NAME=1,10\"",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_PRECISION,
      gst_dnn_property_string ("precision",
          "Precision that kernels compute in, where the configuration doesn't "
          "say: \"f32\"",
          "f32", GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_THREADS,
      gst_dnn_property_int ("threads", "threads",
          "Threads of one instance of a stage, where the configuration doesn't "
          "say; 0: one for each CPU that the stage may use",
          0, DNN_MAX_THREADS, 1, GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_INSTANCES,
      gst_dnn_property_string ("instances",
          "Copies of a stage that work on successive frames, 1 to 64, where "
          "the configuration doesn't say; \"auto\": as many as there are CPUs, "
          "memory and frames for",
          "auto", GST_DNN_SET_READY));
  g_object_class_install_property (klass, PROP_MAX_IN_FLIGHT,
      gst_dnn_property_int ("max-in-flight", "frames",
          "Most frames between entrance and exit; 0: as many as the queues "
          "hold",
          0, G_MAXINT, 0, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_DROP,
      gst_dnn_property_enum ("drop",
          "What happens when a frame comes and the entrance is full",
          GST_TYPE_DNN_DROP, GST_DNN_DROP_NONE, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_PASS_LIMIT,
      gst_dnn_property_int ("pass-limit", "ms",
          "How long frames that nobody looks at wait for an older one. Then it "
          "leaves without results, and a later frame has them, with their age; "
          "with drop=none upstream waits instead",
          0, G_MAXINT, 1000, GST_DNN_SET_PLAYING));
  g_object_class_install_property (klass, PROP_IN_FLIGHT,
      gst_dnn_property_uint64 ("in-flight", "frames",
          "Frames between entrance and exit now", 0, G_MAXUINT64, 0,
          GST_DNN_READ_ONLY));
  g_object_class_install_property (klass, PROP_DROPPED,
      gst_dnn_property_uint64 ("dropped", "frames",
          "Frames dropped at the entrance since the element was paused", 0,
          G_MAXUINT64, 0, GST_DNN_READ_ONLY));
  g_object_class_install_property (klass, PROP_PASSED,
      gst_dnn_property_uint64 ("passed", "frames",
          "Frames that passed by (drop=pass) since the element was paused", 0,
          G_MAXUINT64, 0, GST_DNN_READ_ONLY));
  gst_dnn_target_install (klass, PROP_TARGET);
}

/* --- params --- */

/* What is there now, referenced. FALSE where there is nothing. */
static gboolean
ref_parts (GstDnnBin *self, GstDnnBinParts *parts, DnnPipelineConfig **config)
{
  gboolean is_loaded;

  GST_OBJECT_LOCK (self);
  is_loaded = self->config != NULL;
  if (is_loaded) {
    *parts = self->parts;
    gst_object_ref (parts->entrance);
    g_hash_table_ref (parts->modules);
    *config = g_object_ref (self->config);
  }
  GST_OBJECT_UNLOCK (self);
  return is_loaded;
}

/* (transfer full) (nullable): the error */
static GError *
set_params_after (
    GstDnnBin *self, const gchar *group, DnnParams *params, guint64 last)
{
  g_autoptr (GMutexLocker) setting = g_mutex_locker_new (&self->setting);
  g_autoptr (DnnPipelineConfig) config = NULL;
  GstDnnBinParts parts;
  GError *error = NULL;

  if (!ref_parts (self, &parts, &config))
    return g_error_new_literal (
        DNN_ERROR, DNN_ERROR_FAILED, "The pipeline doesn't run");
  gst_dnn_bin_set_params (&parts, config, group, params, last, &error);
  gst_object_unref (parts.entrance);
  g_hash_table_unref (parts.modules);
  return error;
}

static GError *
set_params (GstDnnBin *self, const gchar *group, DnnParams *params)
{
  return set_params_after (self, group, params, 0);
}

/**
 * GstDnnBin::set-params:
 * @self: from READY on
 * @group: a param group of the configuration
 * @params: #DnnParams, with names, types and shapes of its modules
 *
 * An action: replaces weights, in all modules of the group or, where one
 * refuses, in none. Frames that have entered dnnbin already are run with those
 * of before by every module, all later ones with the new. They are packed
 * here; frames go on meanwhile.
 *
 * Returns: (transfer full) (nullable): why they couldn't be set, see
 *   dnn_instance_set_params()
 */
/**
 * GstDnnBin::set-params-after:
 * @self: from READY on
 * @group: a param group of the configuration
 * @params: #DnnParams, with names, types and shapes of its modules
 * @last: serial (#GstDnnFrameKey) of a frame that may not have entered yet
 *
 * An action: as #GstDnnBin::set-params, but the frame @last and all made before
 * it are run with the weights of before as well.
 *
 * Returns: (transfer full) (nullable): why they couldn't be set
 */
static void
install_signals (GstDnnBinClass *klass)
{
  g_signal_new_class_handler ("set-params", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (set_params), NULL, NULL,
      NULL, G_TYPE_ERROR, 2, G_TYPE_STRING, DNN_TYPE_PARAMS);
  g_signal_new_class_handler ("set-params-after", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (set_params_after), NULL,
      NULL, NULL, G_TYPE_ERROR, 3, G_TYPE_STRING, DNN_TYPE_PARAMS,
      G_TYPE_UINT64);
}

static void
gst_dnn_bin_class_init (GstDnnBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  install_properties (object_class);
  install_signals (klass);
  gst_element_class_set_static_metadata (element_class,
      "Neural network pipeline", "Filter/Tensor/Bin",
      "Runs the stages of a pipeline configuration at the same time",
      "The gst-dnn authors");
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &other_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  element_class->change_state = change_state;
  element_class->request_new_pad = request_new_pad;
  element_class->release_pad = release_pad;
  GST_BIN_CLASS (klass)->handle_message = handle_message;
  gst_type_mark_as_plugin_api (GST_TYPE_DNN_DROP, 0);
}

static void
gst_dnn_bin_init (GstDnnBin *self)
{
  g_autoptr (GstPad) sink = NULL, src = NULL;

  g_mutex_init (&self->setting);
  self->stages = 1;
  self->threads = 1;
  self->precision = g_strdup ("f32");
  self->instances = g_strdup ("auto");
  dnn_target_init (&self->target);
  add_ghost_pad (self, "sink");
  add_ghost_pad (self, "src");
  sink = gst_element_get_static_pad (GST_ELEMENT (self), "sink");
  gst_dnn_error_watch_caps (sink, self, &self->latch, GST_DNN_EXPECTS_TENSORS);
  src = gst_element_get_static_pad (GST_ELEMENT (self), "src");
  self->exit = gst_dnn_exit_new (GST_ELEMENT (self), src);
  self->pass_limit = 1000;
  gst_dnn_bin_watch_pads (self, sink, src);
  gst_dnn_property_watch (self, self, &self->is_stale);
}
