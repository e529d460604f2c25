/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A frame's metadata → JSON text. Next: gstdnnjson.c writes it. */
#include "config.h"

#include "gst-plugin/results/gstdnnjson-line.h"

#include <math.h>

#include "gst-plugin/meta/gstdnnmeta-results.h"
#include "gst-plugin/results/gstdnnjson-tensors.h"
#include "gst-plugin/results/gstdnnjson-text.h"

/* "confidence", "label" if known, "label_id", "model" if it has a name */
static void
append_class (GString *line, const GstDnnResult *result)
{
  gst_dnn_json_append_number (line, "confidence", result->confidence);
  if (result->label != 0) {
    g_string_append (line, ", ");
    gst_dnn_json_append_text (line, "label", gst_dnn_result_get_label (result));
  }
  g_string_append_printf (line, ", \"label_id\": %d", result->label_id);
  if (result->model != 0) {
    g_string_append (line, ", \"model\": {");
    gst_dnn_json_append_text (line, "name", gst_dnn_result_get_model (result));
    g_string_append_c (line, '}');
  }
}

static void
append_detection (
    GString *line, const GstDnnResult *result, gint width, gint height)
{
  g_string_append (line, "\"detection\": {\"bounding_box\": {");
  gst_dnn_json_append_number (line, "x_min", result->x / width);
  g_string_append (line, ", ");
  gst_dnn_json_append_number (line, "y_min", result->y / height);
  g_string_append (line, ", ");
  gst_dnn_json_append_number (line, "x_max", (result->x + result->w) / width);
  g_string_append (line, ", ");
  gst_dnn_json_append_number (line, "y_max", (result->y + result->h) / height);
  g_string_append (line, "}, ");
  append_class (line, result);
  g_string_append (line, "}, ");
}

static gboolean
is_same_region (const GstDnnResult *a, const GstDnnResult *b)
{
  return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

static gboolean
is_class_of (const GstDnnResult *result, const GstDnnResult *region)
{
  return result->kind == GST_DNN_RESULT_CLASSIFICATION &&
      is_same_region (result, region);
}

/* All classes of the region of @region. */
static void
append_classifications (
    GString *line, const GstDnnResultsMeta *meta, const GstDnnResult *region)
{
  const gchar *before = "\"classifications\": [{";

  for (guint i = 0; i < gst_dnn_results_meta_get_n (meta); i++) {
    const GstDnnResult *result = gst_dnn_results_meta_get (meta, i);

    if (!is_class_of (result, region))
      continue;
    g_string_append (line, before);
    append_class (line, result);
    before = "}, {";
  }
  if (*before == '}')
    g_string_append (line, "}], ");
}

/* A class whose region has stood in the line already. */
static gboolean
is_written (const GstDnnResultsMeta *meta, guint idx)
{
  const GstDnnResult *result = gst_dnn_results_meta_get (meta, idx);

  if (result->kind == GST_DNN_RESULT_DETECTION)
    return FALSE;
  for (guint i = 0; i < gst_dnn_results_meta_get_n (meta); i++) {
    const GstDnnResult *other = gst_dnn_results_meta_get (meta, i);

    if (is_same_region (other, result) &&
        (i < idx || other->kind == GST_DNN_RESULT_DETECTION))
      return TRUE;
  }
  return FALSE;
}

static void
append_object (GString *line, const GstDnnResultsMeta *meta,
    const GstDnnResult *result, gint width, gint height)
{
  gint x = (gint) lrint (result->x), y = (gint) lrint (result->y);
  const gchar *label = gst_dnn_result_get_label (result);

  g_string_append_c (line, '{');
  if (result->kind == GST_DNN_RESULT_DETECTION)
    append_detection (line, result, width, height);
  append_classifications (line, meta, result);
  g_string_append_printf (line, "\"x\": %d, \"y\": %d, \"w\": %d, \"h\": %d, ",
      x, y, (gint) lrint (result->x + result->w) - x,
      (gint) lrint (result->y + result->h) - y);
  gst_dnn_json_append_text (line, "roi_type", label != NULL ? label : "");
  if (result->id >= 0)
    g_string_append_printf (line, ", \"id\": %" G_GINT64_FORMAT, result->id);
  g_string_append_c (line, '}');
}

static void
append_objects (
    GString *line, const GstDnnResultsMeta *meta, gint width, gint height)
{
  guint n = meta != NULL ? gst_dnn_results_meta_get_n (meta) : 0;
  const gchar *before = "";

  g_string_append (line, "\"objects\": [");
  for (guint i = 0; i < n; i++) {
    if (is_written (meta, i))
      continue;
    g_string_append (line, before);
    append_object (
        line, meta, gst_dnn_results_meta_get (meta, i), width, height);
    before = ", ";
  }
  g_string_append_c (line, ']');
}

/* What stands before the objects; each with a comma behind it. */
static void
append_frame (GString *line, GstBuffer *frame, gint width, gint height,
    const GstDnnJsonOptions *options)
{
  if (options->source != NULL) {
    gst_dnn_json_append_text (line, "source", options->source);
    g_string_append (line, ", ");
  }
  if (GST_BUFFER_PTS_IS_VALID (frame))
    g_string_append_printf (
        line, "\"timestamp\": %" G_GUINT64_FORMAT ", ", GST_BUFFER_PTS (frame));
  if (options->system_timestamp != NULL)
    g_string_append_printf (
        line, "\"system_timestamp\": \"%s\", ", options->system_timestamp);
  if (options->tags != NULL)
    g_string_append_printf (line, "\"tags\": %s, ", options->tags);
  g_string_append_printf (
      line, "\"resolution\": {\"width\": %d, \"height\": %d}, ", width, height);
}

gboolean
gst_dnn_json_line_append (GString *line, GstBuffer *frame, gint width,
    gint height, const GstDnnJsonOptions *options, GError **error)
{
  const GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (frame);

  g_string_assign (line, "{");
  append_frame (line, frame, width, height, options);
  if (meta == NULL)
    g_string_append (line, "\"looked_at\": false, ");
  else if (meta->age > 0)
    g_string_append_printf (
        line, "\"age\": %" G_GUINT64_FORMAT ", ", meta->age);
  append_objects (line, meta, width, height);
  if (options->add_tensors && !gst_dnn_json_tensors_append (line, frame, error))
    return FALSE;
  g_string_append_c (line, '}');
  return TRUE;
}
