/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results of passing frames → lines of JSON in a file. */

/**
 * SECTION:element-dnnjson
 * @title: dnnjson
 * @short_description: writes results as lines of JSON
 *
 * Writes one line for each frame that passes, in the layout of DL Streamer's
 * gvametaconvert, and leaves the frame as it is. A line is written at once, so
 * that a reader can follow the file. All that a line can say stands in
 * docs/results.md.
 *
 * ## Example
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=10 ! \
 *   dnnjson location=results.jsonl ! fakesink
 * ]|
 */
#include "config.h"

#include "gst-plugin/results/gstdnnjson.h"

#include <errno.h>
#include <gst/video/video.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "gst-plugin/meta/gstdnnmeta-tensors.h"
#include "gst-plugin/results/gstdnnjson-line.h"
#include "gst-plugin/results/gstdnnjson-text.h"
#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "pipeline-core/base/dnn-error.h"

#define GST_CAT_DEFAULT gst_dnn_debug

#define DEFAULT_LOCATION "-"
#define ONE_LINE -1
#define MAX_INDENT 10

enum
{
  PROP_0,
  PROP_LOCATION,
  PROP_ADD_EMPTY_RESULTS,
  PROP_ADD_TENSOR_DATA,
  PROP_SOURCE,
  PROP_TAGS,
  PROP_SYSTEM_TIMESTAMP,
  PROP_JSON_INDENT,
};

struct _GstDnnJson
{
  GstBaseTransform parent;

  GstDnnErrorLatch latch;
  gchar *location, *source, *tags; /* properties: under the object lock */
  gboolean add_empty_results, add_tensor_data, system_timestamp;
  gint json_indent;

  /* The streaming thread's. */
  gint width, height;
  gchar *path; /* of the open file, for messages */
  FILE *file;
  gchar *own_source, *own_tags; /* as they were when it started */
  gboolean is_warned;
  GString *line, *indented;
};

G_DEFINE_FINAL_TYPE (GstDnnJson, gst_dnn_json, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (
    dnnjson, "dnnjson", GST_RANK_NONE, GST_TYPE_DNN_JSON)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw(ANY)"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("video/x-raw(ANY)"));

static void
post_failure (GstDnnJson *self, const gchar *what, gint number)
{
  g_autoptr (GError) error = g_error_new (DNN_ERROR, DNN_ERROR_NOT_FOUND,
      "location=\"%s\": can't be %s: %s", self->path, what,
      g_strerror (number));

  gst_dnn_error_post (self, &self->latch, error);
}

/* A user's JSON object → the same on one line. */
static gchar *
read_tags (const gchar *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) reason = NULL;
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree gchar *json = NULL;
  gboolean is_read = json_parser_load_from_data (parser, text, -1, &reason);
  JsonNode *root = is_read ? json_parser_get_root (parser) : NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "tags=\"%.200s\": this is no JSON object%s%s; it looks like "
        "{\"camera\": 3}",
        text, reason != NULL ? ": " : "",
        reason != NULL ? reason->message : "");
    return NULL;
  }
  json = json_to_string (root, FALSE);
  gst_dnn_json_layout (line, json, ONE_LINE);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* What the user has set becomes what lines say. */
static gboolean
take_properties (GstDnnJson *self, GError **error)
{
  g_autofree gchar *tags = NULL;

  GST_OBJECT_LOCK (self);
  g_free (self->path);
  self->path = g_strdup (self->location);
  g_free (self->own_source);
  self->own_source = g_strdup (self->source);
  tags = g_strdup (self->tags);
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&self->own_tags, g_free);
  if (tags != NULL) {
    self->own_tags = read_tags (tags, error);
    if (self->own_tags == NULL)
      return FALSE;
  }
  self->is_warned = FALSE;
  return TRUE;
}

static gboolean
start (GstBaseTransform *transform)
{
  GstDnnJson *self = GST_DNN_JSON (transform);
  g_autoptr (GError) error = NULL;

  gst_dnn_error_reset (&self->latch);
  if (!take_properties (self, &error)) {
    gst_dnn_error_post (self, &self->latch, error);
    return FALSE;
  }
  if (g_str_equal (self->path, "-")) {
    self->file = stdout;
    return TRUE;
  }
  self->file = g_fopen (self->path, "w");
  if (self->file == NULL)
    post_failure (self, "opened for writing", errno);
  return self->file != NULL;
}

static gboolean
stop (GstBaseTransform *transform)
{
  GstDnnJson *self = GST_DNN_JSON (transform);
  gboolean is_closed = TRUE;

  if (self->file == stdout)
    is_closed = fflush (self->file) == 0;
  else if (self->file != NULL)
    is_closed = fclose (self->file) == 0;
  self->file = NULL;
  if (!is_closed)
    post_failure (self, "written", errno);
  return TRUE;
}

static gboolean
set_caps (GstBaseTransform *transform, GstCaps *in, GstCaps *out)
{
  GstDnnJson *self = GST_DNN_JSON (transform);
  const GstStructure *structure = gst_caps_get_structure (in, 0);

  return gst_structure_get_int (structure, "width", &self->width) &&
      gst_structure_get_int (structure, "height", &self->height);
}

/* "2026-11-30T18:27:21.123456Z": the frame's own time code, if it has one with
 * a date, else now. */
static void
write_time (GstBuffer *frame, gchar *text, gsize size)
{
  const GstVideoTimeCodeMeta *code = gst_buffer_get_video_time_code_meta (
      frame);
  g_autoptr (GDateTime)
      coded = code != NULL && code->tc.config.latest_daily_jam != NULL
      ? gst_video_time_code_to_date_time (&code->tc)
      : NULL;
  gint64 now = g_get_real_time ();
  time_t seconds;
  struct tm parts;

  if (coded != NULL)
    now = g_date_time_to_unix (coded) * G_USEC_PER_SEC +
        g_date_time_get_microsecond (coded);
  seconds = (time_t) (now / G_USEC_PER_SEC);
  gmtime_r (&seconds, &parts);
  strftime (text, size, "%Y-%m-%dT%H:%M:%S", &parts);
  g_snprintf (text + strlen (text), size - strlen (text), ".%06dZ",
      (gint) (now % G_USEC_PER_SEC));
}

/* A user who asks for tensors that nobody leaves on the frames should hear. */
static void
warn_of_no_tensors (GstDnnJson *self, GstBuffer *frame)
{
  g_autoptr (GError) doubt = NULL;

  if (self->is_warned || gst_buffer_get_dnn_results_meta (frame) == NULL ||
      gst_buffer_get_dnn_tensors_meta (frame) != NULL)
    return;
  self->is_warned = TRUE;
  doubt = g_error_new_literal (DNN_ERROR, DNN_ERROR_VALUE,
      "add-tensor-data=true, but the frames carry no tensors; set "
      "attach-tensors=true where they are decoded (dnnvideobin, dnndetect, "
      "dnnclassify)");
  gst_dnn_error_post_warning (self, doubt);
}

static GstFlowReturn
write_line (GstDnnJson *self, const GString *line)
{
  if (fwrite (line->str, 1, line->len, self->file) == line->len &&
      fflush (self->file) == 0)
    return GST_FLOW_OK;
  post_failure (self, "written", errno);
  return GST_FLOW_ERROR;
}

static GstFlowReturn
transform_ip (GstBaseTransform *transform, GstBuffer *buffer)
{
  GstDnnJson *self = GST_DNN_JSON (transform);
  const GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (buffer);
  GstDnnJsonOptions options = { self->own_source, self->own_tags };
  g_autoptr (GError) error = NULL;
  gchar time_text[64];
  gboolean add_empty, add_time;
  gint indent;

  GST_OBJECT_LOCK (self);
  add_empty = self->add_empty_results;
  add_time = self->system_timestamp;
  indent = self->json_indent;
  options.add_tensors = self->add_tensor_data;
  GST_OBJECT_UNLOCK (self);
  if (!add_empty && (meta == NULL || gst_dnn_results_meta_get_n (meta) == 0))
    return GST_FLOW_OK;
  if (add_time) {
    write_time (buffer, time_text, sizeof (time_text));
    options.system_timestamp = time_text;
  }
  if (options.add_tensors)
    warn_of_no_tensors (self, buffer);
  if (!gst_dnn_json_line_append (
          self->line, buffer, self->width, self->height, &options, &error)) {
    gst_dnn_error_post (self, &self->latch, error);
    return GST_FLOW_ERROR;
  }
  if (indent > ONE_LINE) {
    gst_dnn_json_layout (self->indented, self->line->str, indent);
    g_string_assign (self->line, self->indented->str);
  }
  g_string_append_c (self->line, '\n');
  return write_line (self, self->line);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstDnnJson *self = GST_DNN_JSON (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      if (self->location == NULL)
        self->location = g_strdup (DEFAULT_LOCATION);
      break;
    case PROP_ADD_EMPTY_RESULTS:
      self->add_empty_results = g_value_get_boolean (value);
      break;
    case PROP_ADD_TENSOR_DATA:
      self->add_tensor_data = g_value_get_boolean (value);
      break;
    case PROP_SOURCE:
      g_free (self->source);
      self->source = g_value_dup_string (value);
      break;
    case PROP_TAGS:
      g_free (self->tags);
      self->tags = g_value_dup_string (value);
      break;
    case PROP_SYSTEM_TIMESTAMP:
      self->system_timestamp = g_value_get_boolean (value);
      break;
    case PROP_JSON_INDENT:
      self->json_indent = g_value_get_int (value);
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
  GstDnnJson *self = GST_DNN_JSON (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_ADD_EMPTY_RESULTS:
      g_value_set_boolean (value, self->add_empty_results);
      break;
    case PROP_ADD_TENSOR_DATA:
      g_value_set_boolean (value, self->add_tensor_data);
      break;
    case PROP_SOURCE:
      g_value_set_string (value, self->source);
      break;
    case PROP_TAGS:
      g_value_set_string (value, self->tags);
      break;
    case PROP_SYSTEM_TIMESTAMP:
      g_value_set_boolean (value, self->system_timestamp);
      break;
    case PROP_JSON_INDENT:
      g_value_set_int (value, self->json_indent);
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
  GstDnnJson *self = GST_DNN_JSON (object);

  g_free (self->location);
  g_free (self->source);
  g_free (self->tags);
  g_free (self->own_source);
  g_free (self->own_tags);
  g_free (self->path);
  g_string_free (self->line, TRUE);
  g_string_free (self->indented, TRUE);
  G_OBJECT_CLASS (gst_dnn_json_parent_class)->finalize (object);
}

static void
gst_dnn_json_init (GstDnnJson *self)
{
  GstBaseTransform *transform = GST_BASE_TRANSFORM (self);

  self->location = g_strdup (DEFAULT_LOCATION);
  self->add_empty_results = TRUE;
  self->json_indent = ONE_LINE;
  self->line = g_string_new (NULL);
  self->indented = g_string_new (NULL);
  gst_base_transform_set_passthrough (transform, TRUE);
  gst_base_transform_set_gap_aware (transform, TRUE);
  gst_base_transform_set_qos_enabled (transform, FALSE);
  gst_dnn_error_tell_flushing (transform);
  gst_dnn_error_watch_caps (
      transform->sinkpad, self, &self->latch, GST_DNN_EXPECTS_VIDEO);
  gst_dnn_property_watch (self, self, NULL);
}

static void
install_line_properties (GObjectClass *object_class)
{
  g_object_class_install_property (object_class, PROP_ADD_EMPTY_RESULTS,
      gst_dnn_property_boolean ("add-empty-results",
          "Write a line with an empty list for frames without results, with "
          "looked_at false if no model looked at the frame",
          TRUE, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_ADD_TENSOR_DATA,
      gst_dnn_property_boolean ("add-tensor-data",
          "Write the tensors as well that attach-tensors=true of a decoder "
          "left on the frame",
          FALSE, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_SOURCE,
      gst_dnn_property_string ("source",
          "Where the frames come from, a URI for example; stands in each line",
          NULL, GST_DNN_SET_READY));
  g_object_class_install_property (object_class, PROP_TAGS,
      gst_dnn_property_string ("tags",
          "JSON object that stands in each line: {\"camera\": 3}", NULL,
          GST_DNN_SET_READY));
  g_object_class_install_property (object_class, PROP_SYSTEM_TIMESTAMP,
      gst_dnn_property_boolean ("system-timestamp",
          "Write the time of day (UTC) at which the frame passes, or that of "
          "its time code if it has one with a date",
          FALSE, GST_DNN_SET_PLAYING));
  g_object_class_install_property (object_class, PROP_JSON_INDENT,
      gst_dnn_property_int ("json-indent", "spaces",
          "Width of an indent; -1: each frame on one line", ONE_LINE,
          MAX_INDENT, ONE_LINE, GST_DNN_SET_PLAYING));
}

static void
gst_dnn_json_class_init (GstDnnJsonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *transform_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  transform_class->start = start;
  transform_class->stop = stop;
  transform_class->set_caps = set_caps;
  transform_class->transform_ip = transform_ip;
  g_object_class_install_property (object_class, PROP_LOCATION,
      gst_dnn_property_string ("location",
          "File to write; \"-\" for standard output", DEFAULT_LOCATION,
          GST_DNN_SET_READY));
  install_line_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "DNN JSON writer",
      "Filter/Metadata", "Results of each frame as a line of JSON",
      "The gst-dnn authors");
}
