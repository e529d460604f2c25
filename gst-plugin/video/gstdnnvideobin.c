/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Video and a model → the same video with results: videoconvert,
 * dnnpreprocess, dnnbin and a decoder in one bin. */

/**
 * SECTION:element-dnnvideobin
 * @title: dnnvideobin
 * @short_description: runs a model on video
 *
 * Takes video, runs a model or a pipeline of models on each frame, and hands
 * the frames on, with the results as metadata. A videoconvert stands inside, at
 * the entrance: frames of a format that the model's input can't be made of are
 * converted, and leave so; others pass unchanged. The decoder is chosen
 * by the model's outputs: dnnclassify for one list of scores, dnndetect for all
 * else. For a module of one's own between the steps, put the elements together
 * by hand: dnnpreprocess, dnnbin, dnndetect.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc pattern=ball num-buffers=30 ! \
 *   dnnvideobin model=examples/ball/ball.onnx ! dnnoverlay ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/video/gstdnnvideobin.h"

#include "gst-plugin/bin/gstdnnbin.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/results/gstdnnclassify.h"
#include "gst-plugin/results/gstdnndetect.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "gst-plugin/stream/gstdnnproxy.h"
#include "gst-plugin/stream/gstdnnready.h"
#include "gst-plugin/stream/gstdnntypes.h"
#include "gst-plugin/video/gstdnnpreprocess.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* What is passed on, in the order of gst-inspect's ids. */
static const GstDnnProxyRow rows[] = {
  { "model", gst_dnn_bin_get_type },
  { "config", gst_dnn_bin_get_type },
  { "stages", gst_dnn_bin_get_type },
  { "cuts", gst_dnn_bin_get_type },
  { "shape", gst_dnn_bin_get_type },
  { "precision", gst_dnn_bin_get_type },
  { "threads", gst_dnn_bin_get_type },
  { "instances", gst_dnn_bin_get_type },
  { "max-in-flight", gst_dnn_bin_get_type },
  { "drop", gst_dnn_bin_get_type },
  { "pass-limit", gst_dnn_bin_get_type },
  { "tune", gst_dnn_bin_get_type },
  { "tune-file", gst_dnn_bin_get_type },
  { "fast-math", gst_dnn_bin_get_type },
  { "winograd", gst_dnn_bin_get_type },
  { "width", gst_dnn_preprocess_get_type },
  { "height", gst_dnn_preprocess_get_type },
  { "mean", gst_dnn_preprocess_get_type },
  { "scale", gst_dnn_preprocess_get_type },
  { "color", gst_dnn_preprocess_get_type },
  { "layout", gst_dnn_preprocess_get_type },
  { "type", gst_dnn_preprocess_get_type },
  { "resize", gst_dnn_preprocess_get_type },
  { "filter", gst_dnn_preprocess_get_type },
  { "fill", gst_dnn_preprocess_get_type },
  { "center-crop", gst_dnn_preprocess_get_type },
  { "interval", gst_dnn_preprocess_get_type },
  { "modelinfo", gst_dnn_preprocess_get_type },
  { "frames-in-flight", gst_dnn_preprocess_get_type },
  { "labels", gst_dnn_decoder_get_type },
  { "model-name", gst_dnn_decoder_get_type },
  { "attach-tensors", gst_dnn_decoder_get_type },
  { "head", gst_dnn_detect_get_type },
  { "score-threshold", gst_dnn_detect_get_type },
  { "iou-threshold", gst_dnn_detect_get_type },
  { "max-detections", gst_dnn_detect_get_type },
  { "classes", gst_dnn_detect_get_type },
  { "score-activation", gst_dnn_detect_get_type },
  { "box-order", gst_dnn_detect_get_type },
  { "top-k", gst_dnn_classify_get_type },
  { "box-units", gst_dnn_detect_get_type },
  { "box-axis", gst_dnn_detect_get_type },
  { "tensors", gst_dnn_detect_get_type },
};

enum
{
  PROP_DECODER = G_N_ELEMENTS (rows) + 1,
  PROP_COUNT, /* the first of them */
};

/* What is counted inside. */
static const gchar *const counts[] = { "in-flight", "dropped", "passed" };

/* What reads the model's outputs. */
typedef enum
{
  GST_DNN_DECODER_AUTO,
  GST_DNN_DECODER_DETECT,
  GST_DNN_DECODER_CLASSIFY,
} GstDnnDecoderKind;

static GType
gst_dnn_decoder_kind_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_DECODER_AUTO, "By the model's outputs", "auto" },
    { GST_DNN_DECODER_DETECT, "dnndetect: boxes", "detect" },
    { GST_DNN_DECODER_CLASSIFY, "dnnclassify: classes", "classify" },
    { 0, NULL, NULL },
  };

  return gst_dnn_register_enum (&type, "GstDnnDecoderKind", values);
}

struct _GstDnnVideoBin
{
  GstBin parent;

  GstDnnErrorLatch latch;
  gint is_stale; /* built with other properties than those of now */
  /* Under the object lock. */
  GstDnnProxy proxy;
  GstDnnDecoderKind decoder_kind;

  /* From NULL→READY to READY→NULL; owned by the bin. */
  GstElement *convert, *preprocess, *pipeline, *decoder;
};

G_DEFINE_FINAL_TYPE (GstDnnVideoBin, gst_dnn_video_bin, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE (
    dnnvideobin, "dnnvideobin", GST_RANK_NONE, GST_TYPE_DNN_VIDEO_BIN)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw"));

/* --- Building. */

/* Adds an element of our own with the properties that are passed on. */
static GstElement *
add_element (GstDnnVideoBin *self, GType type, const gchar *name)
{
  GstElement *element = g_object_new (type, "name", name, NULL);

  GST_OBJECT_LOCK (self);
  gst_dnn_proxy_apply (&self->proxy, element);
  GST_OBJECT_UNLOCK (self);
  gst_bin_add (GST_BIN (self), element);
  return element;
}

/* Formats that dnnpreprocess can't read are converted; others pass. */
static gboolean
add_convert (GstDnnVideoBin *self, GError **error)
{
  self->convert = gst_element_factory_make ("videoconvert", "convert");
  if (self->convert == NULL) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "There is no element videoconvert; it is part of GStreamer's base "
        "plugins");
    return FALSE;
  }
  gst_bin_add (GST_BIN (self), self->convert);
  return TRUE;
}

static gchar *
get_string (GstDnnVideoBin *self, const gchar *name)
{
  gchar *text;

  GST_OBJECT_LOCK (self);
  text = g_value_dup_string (gst_dnn_proxy_get (&self->proxy, name));
  GST_OBJECT_UNLOCK (self);
  return text;
}

/* MODEL.modelinfo, if it lies there and the user names no other. */
static void
set_model_info (GstDnnVideoBin *self)
{
  g_autofree gchar *own = get_string (self, "modelinfo");
  g_autofree gchar *model = get_string (self, "model");
  g_autofree gchar *path = NULL;

  if (own != NULL || model == NULL)
    return;
  path = g_strconcat (model, ".modelinfo", NULL);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    g_object_set (self->preprocess, "modelinfo", path, NULL);
}

/* Results carry the name of the file, unless the user gives another. */
static void
set_model_name (GstDnnVideoBin *self)
{
  g_autofree gchar *own = get_string (self, "model-name");
  g_autofree gchar *model = get_string (self, "model");
  g_autofree gchar *config = get_string (self, "config");
  g_autofree gchar *name = NULL;

  if (own != NULL || (model == NULL && config == NULL))
    return;
  name = g_path_get_basename (model != NULL ? model : config);
  g_object_set (self->decoder, "model-name", name, NULL);
}

static gboolean
is_classifier (GstDnnVideoBin *self)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->pipeline, "src");
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  GstDnnTensorsInfo info;

  if (caps == NULL || gst_caps_is_empty (caps) || gst_caps_is_any (caps))
    return FALSE;
  caps = gst_caps_truncate (caps);
  if (!gst_structure_has_field (gst_caps_get_structure (caps, 0), "dimensions"))
    return FALSE;
  caps = gst_caps_fixate (caps);
  return gst_dnn_tensors_info_from_caps (&info, caps, NULL) && !info.flexible &&
      gst_dnn_classify_find_scores (&info) >= 0;
}

/* The user's choice, else by head and outputs. */
static GType
choose_decoder (GstDnnVideoBin *self)
{
  GstDnnDecoderKind kind;
  GstDnnHeadId head;

  GST_OBJECT_LOCK (self);
  kind = self->decoder_kind;
  head = g_value_get_enum (gst_dnn_proxy_get (&self->proxy, "head"));
  GST_OBJECT_UNLOCK (self);
  if (kind == GST_DNN_DECODER_AUTO && head == GST_DNN_HEAD_AUTO)
    kind = is_classifier (self) ? GST_DNN_DECODER_CLASSIFY
                                : GST_DNN_DECODER_DETECT;
  return kind == GST_DNN_DECODER_CLASSIFY ? GST_TYPE_DNN_CLASSIFY
                                          : GST_TYPE_DNN_DETECT;
}

static void
add_decoder (GstDnnVideoBin *self)
{
  GType type = choose_decoder (self);

  self->decoder = add_element (self, type, "decoder");
  GST_INFO_OBJECT (self, "decoder is %s", g_type_name (type));
  if (type == GST_TYPE_DNN_CLASSIFY) {
    gdouble threshold;

    GST_OBJECT_LOCK (self);
    threshold = g_value_get_double (
        gst_dnn_proxy_get (&self->proxy, "score-threshold"));
    GST_OBJECT_UNLOCK (self);
    if (threshold >= 0)
      g_object_set (self->decoder, "score-threshold", threshold, NULL);
  }
  set_model_name (self);
}

static void
set_ghost (GstDnnVideoBin *self, const gchar *name, GstElement *element)
{
  g_autoptr (GstPad)
      ghost = gst_element_get_static_pad (GST_ELEMENT (self), name);
  g_autoptr (GstPad) target = element != NULL
      ? gst_element_get_static_pad (element, name)
      : NULL;

  gst_ghost_pad_set_target (GST_GHOST_PAD (ghost), target);
}

/* %FALSE without @error: the pipeline has posted its own. */
static gboolean
build (GstDnnVideoBin *self, GError **error)
{
  if (!add_convert (self, error))
    return FALSE;
  self->preprocess = add_element (self, GST_TYPE_DNN_PREPROCESS, "preprocess");
  set_model_info (self);
  self->pipeline = add_element (self, GST_TYPE_DNN_BIN, "pipeline");
  /* Its outputs are known once it has loaded its modules. */
  if (gst_element_set_state (self->pipeline, GST_STATE_READY) ==
      GST_STATE_CHANGE_FAILURE)
    return FALSE;
  add_decoder (self);
  if (!gst_element_link_many (self->convert, self->preprocess, self->pipeline,
          self->decoder, NULL)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "The model can't stand between dnnpreprocess and %s: it has other than "
        "one input, or no output for it",
        G_OBJECT_TYPE_NAME (self->decoder));
    return FALSE;
  }
  set_ghost (self, "sink", self->convert);
  set_ghost (self, "src", self->decoder);
  return TRUE;
}

static void
remove_element (GstDnnVideoBin *self, GstElement **element)
{
  GstElement *removed;

  GST_OBJECT_LOCK (self);
  removed = g_steal_pointer (element);
  GST_OBJECT_UNLOCK (self);
  if (removed == NULL)
    return;
  gst_element_set_state (removed, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), removed);
}

static void
take_down (GstDnnVideoBin *self)
{
  set_ghost (self, "sink", NULL);
  set_ghost (self, "src", NULL);
  remove_element (self, &self->decoder);
  remove_element (self, &self->pipeline);
  remove_element (self, &self->preprocess);
  remove_element (self, &self->convert);
}

/* With the properties of now. */
static gboolean
rebuild (GstDnnVideoBin *self)
{
  g_autoptr (GError) error = NULL;

  gst_dnn_property_take_stale (&self->is_stale);
  gst_dnn_error_reset (&self->latch);
  take_down (self);
  if (build (self, &error) && gst_dnn_ready_children (GST_BIN (self)))
    return TRUE;
  if (error != NULL)
    gst_dnn_error_post (self, &self->latch, error);
  take_down (self);
  gst_dnn_property_keep_stale (&self->is_stale);
  return FALSE;
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstDnnVideoBin *self = GST_DNN_VIDEO_BIN (element);
  GstStateChangeReturn ret = GST_STATE_CHANGE_FAILURE;
  gboolean is_built = TRUE;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY ||
      (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
          gst_dnn_property_take_stale (&self->is_stale)))
    is_built = rebuild (self);
  if (is_built)
    ret = GST_ELEMENT_CLASS (gst_dnn_video_bin_parent_class)
              ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL ||
      (transition == GST_STATE_CHANGE_NULL_TO_READY &&
          ret == GST_STATE_CHANGE_FAILURE))
    take_down (self);
  return ret;
}

/* --- Properties. */

/* The child of that type, if it is there. (transfer full) */
static GstElement *
get_child (GstDnnVideoBin *self, GType type)
{
  GstElement *found = NULL;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < 3 && found == NULL; i++) {
    GstElement *child = i == 0 ? self->preprocess
        : i == 1               ? self->pipeline
                               : self->decoder;
    if (child != NULL && g_type_is_a (G_OBJECT_TYPE (child), type))
      found = g_object_ref (child);
  }
  GST_OBJECT_UNLOCK (self);
  return found;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnVideoBin *self = GST_DNN_VIDEO_BIN (object);
  g_autoptr (GstElement) child = NULL;

  GST_OBJECT_LOCK (self);
  if (id == PROP_DECODER)
    self->decoder_kind = g_value_get_enum (value);
  else
    g_value_copy (value, &self->proxy.values[id - 1]);
  GST_OBJECT_UNLOCK (self);
  /* It is built anew before it counts. */
  if ((pspec->flags & GST_PARAM_MUTABLE_READY) != 0)
    return;
  child = get_child (self, rows[id - 1].element ());
  if (child != NULL)
    g_object_set_property (G_OBJECT (child), rows[id - 1].name, value);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstDnnVideoBin *self = GST_DNN_VIDEO_BIN (object);

  if (id >= PROP_COUNT) {
    g_autoptr (GstElement) child = get_child (self, gst_dnn_bin_get_type ());
    if (child != NULL)
      g_object_get_property (
          G_OBJECT (child), g_param_spec_get_name (pspec), value);
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_DECODER)
    g_value_set_enum (value, self->decoder_kind);
  else
    g_value_copy (&self->proxy.values[id - 1], value);
  GST_OBJECT_UNLOCK (self);
}

static void
finalize (GObject *object)
{
  GstDnnVideoBin *self = GST_DNN_VIDEO_BIN (object);

  gst_dnn_proxy_clear (&self->proxy);
  G_OBJECT_CLASS (gst_dnn_video_bin_parent_class)->finalize (object);
}

static void
add_ghost_pad (GstDnnVideoBin *self, GstStaticPadTemplate *row)
{
  g_autoptr (GstPadTemplate) template = gst_static_pad_template_get (row);

  gst_element_add_pad (GST_ELEMENT (self),
      gst_ghost_pad_new_no_target_from_template (
          template->name_template, template));
}

static void
gst_dnn_video_bin_init (GstDnnVideoBin *self)
{
  g_autoptr (GstPad) sink = NULL;

  gst_dnn_proxy_init (&self->proxy, G_OBJECT (self), rows, G_N_ELEMENTS (rows));
  add_ghost_pad (self, &sink_template);
  add_ghost_pad (self, &src_template);
  sink = gst_element_get_static_pad (GST_ELEMENT (self), "sink");
  gst_dnn_error_watch_caps (sink, self, &self->latch, GST_DNN_EXPECTS_VIDEO);
  gst_dnn_property_watch (self, self, &self->is_stale);
}

static void
gst_dnn_video_bin_class_init (GstDnnVideoBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  gst_dnn_proxy_install (object_class, rows, G_N_ELEMENTS (rows));
  g_object_class_install_property (object_class, PROP_DECODER,
      gst_dnn_property_enum ("decoder",
          "What reads the model's outputs; auto: dnnclassify for one list of "
          "scores, else dnndetect",
          gst_dnn_decoder_kind_get_type (), GST_DNN_DECODER_AUTO,
          GST_DNN_SET_READY));
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    GObjectClass *bin_class = g_type_class_ref (gst_dnn_bin_get_type ());
    GParamSpec *spec = g_object_class_find_property (bin_class, counts[i]);
    g_object_class_install_property (object_class, PROP_COUNT + i,
        g_param_spec_uint64 (counts[i], counts[i],
            g_param_spec_get_blurb (spec), 0, G_MAXUINT64, 0, spec->flags));
    g_type_class_unref (bin_class);
  }
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "DNN video bin",
      "Filter/Analyzer/Video",
      "Runs a model on video, with a videoconvert in front of it; the same video "
      "leaves, with results",
      "The gst-dnn authors");
}
