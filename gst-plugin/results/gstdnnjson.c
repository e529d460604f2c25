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
 * that a reader can follow the file.
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
#include <glib/gstdio.h>
#include <stdio.h>

#include "gst-plugin/stream/gstdnndebug.h"
#include "gst-plugin/results/gstdnnjson-line.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnproperty.h"
#include "pipeline-core/base/dnn-error.h"

#define GST_CAT_DEFAULT gst_dnn_debug

#define DEFAULT_LOCATION "-"

enum
{
  PROP_0,
  PROP_LOCATION,
  PROP_ADD_EMPTY_RESULTS,
};

struct _GstDnnJson
{
  GstBaseTransform parent;

  GstDnnErrorLatch latch;
  gchar *location; /* properties: under the object lock */
  gboolean add_empty_results;

  gint width, height;
  gchar *path; /* of the open file, for messages */
  FILE *file;
  GString *line;
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

static gboolean
start (GstBaseTransform *transform)
{
  GstDnnJson *self = GST_DNN_JSON (transform);

  gst_dnn_error_reset (&self->latch);
  GST_OBJECT_LOCK (self);
  g_free (self->path);
  self->path = g_strdup (self->location);
  GST_OBJECT_UNLOCK (self);
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

static GstFlowReturn
transform_ip (GstBaseTransform *transform, GstBuffer *buffer)
{
  GstDnnJson *self = GST_DNN_JSON (transform);
  const GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (buffer);
  gboolean add_empty;

  GST_OBJECT_LOCK (self);
  add_empty = self->add_empty_results;
  GST_OBJECT_UNLOCK (self);
  if (!add_empty && (meta == NULL || gst_dnn_results_meta_get_n (meta) == 0))
    return GST_FLOW_OK;
  gst_dnn_json_line_append (
      self->line, meta, GST_BUFFER_PTS (buffer), self->width, self->height);
  g_string_append_c (self->line, '\n');
  if (fwrite (self->line->str, 1, self->line->len, self->file) ==
          self->line->len &&
      fflush (self->file) == 0)
    return GST_FLOW_OK;
  post_failure (self, "written", errno);
  return GST_FLOW_ERROR;
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
  g_free (self->path);
  g_string_free (self->line, TRUE);
  G_OBJECT_CLASS (gst_dnn_json_parent_class)->finalize (object);
}

static void
gst_dnn_json_init (GstDnnJson *self)
{
  GstBaseTransform *transform = GST_BASE_TRANSFORM (self);

  self->location = g_strdup (DEFAULT_LOCATION);
  self->add_empty_results = TRUE;
  self->line = g_string_new (NULL);
  gst_base_transform_set_passthrough (transform, TRUE);
  gst_base_transform_set_gap_aware (transform, TRUE);
  gst_base_transform_set_qos_enabled (transform, FALSE);
  gst_dnn_error_watch_caps (
      transform->sinkpad, self, &self->latch, GST_DNN_EXPECTS_VIDEO);
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
  g_object_class_install_property (object_class, PROP_ADD_EMPTY_RESULTS,
      gst_dnn_property_boolean ("add-empty-results",
          "Write a line with an empty list for frames without results", TRUE,
          GST_DNN_SET_PLAYING));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "DNN JSON writer",
      "Filter/Metadata", "Results of each frame as a line of JSON",
      "The gst-dnn authors");
}
