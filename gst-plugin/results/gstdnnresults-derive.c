/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GstDnnResult → GstVideoRegionOfInterestMeta, GstAnalyticsRelationMeta. */
#include "config.h"

#include "gst-plugin/results/gstdnnresults-derive.h"

#include <math.h>
#include <gst/video/video.h>

#include "gst-plugin/stream/gstdnncompat.h"

/* The class as readers of region metadata expect it: some text always. */
static const gchar *
get_text (const GstDnnResult *result)
{
  const gchar *label = gst_dnn_result_get_label (result);

  return label != NULL ? label : "object";
}

static GstStructure *
make_structure (const GstDnnResult *result, gint width, gint height)
{
  gboolean is_detection = result->kind == GST_DNN_RESULT_DETECTION;
  GstStructure *structure = gst_structure_new (
      is_detection ? "detection" : "classification", "confidence",
      G_TYPE_DOUBLE, result->confidence, "label_id", G_TYPE_INT,
      result->label_id, "x_min", G_TYPE_DOUBLE, result->x / width, "x_max",
      G_TYPE_DOUBLE, (result->x + result->w) / width, "y_min", G_TYPE_DOUBLE,
      result->y / height, "y_max", G_TYPE_DOUBLE,
      (result->y + result->h) / height, NULL);

  if (result->label != 0)
    gst_structure_set (structure, "label", G_TYPE_STRING,
        gst_dnn_result_get_label (result), NULL);
  if (result->model != 0)
    gst_structure_set (structure, "model_name", G_TYPE_STRING,
        gst_dnn_result_get_model (result), NULL);
  return structure;
}

/* In whole pixels: edges are rounded, not sizes. */
static GstVideoRectangle
get_rectangle (const GstDnnResult *result)
{
  gint x = (gint) lrint (result->x), y = (gint) lrint (result->y);

  return (GstVideoRectangle){ x, y, (gint) lrint (result->x + result->w) - x,
    (gint) lrint (result->y + result->h) - y };
}

static void
add_region (
    GstBuffer *frame, const GstDnnResult *result, gint width, gint height)
{
  GstVideoRectangle box = get_rectangle (result);
  GstVideoRegionOfInterestMeta *meta =
      gst_buffer_add_video_region_of_interest_meta (frame, get_text (result),
          (guint) box.x, (guint) box.y, (guint) box.w, (guint) box.h);

  gst_video_region_of_interest_meta_add_param (
      meta, make_structure (result, width, height));
}

#if GST_DNN_HAVE_ANALYTICS
static void
add_relation (GstBuffer *frame, const GstDnnResult *result)
{
  GstAnalyticsRelationMeta *meta = gst_buffer_get_analytics_relation_meta (
      frame);
  GQuark label = g_quark_from_string (get_text (result));
  gfloat confidence = result->confidence;

  if (meta == NULL)
    meta = gst_buffer_add_analytics_relation_meta (frame);
  if (result->kind == GST_DNN_RESULT_DETECTION) {
    GstVideoRectangle box = get_rectangle (result);
    GstAnalyticsODMtd detection;

    gst_analytics_relation_meta_add_od_mtd (
        meta, label, box.x, box.y, box.w, box.h, confidence, &detection);
  } else {
    GstAnalyticsClsMtd classes;

    gst_analytics_relation_meta_add_one_cls_mtd (
        meta, confidence, label, &classes);
  }
}
#endif

void
gst_dnn_results_derive (
    GstBuffer *frame, const GstDnnResult *result, gint width, gint height)
{
  add_region (frame, result, width, height);
#if GST_DNN_HAVE_ANALYTICS
  add_relation (frame, result);
#endif
}
