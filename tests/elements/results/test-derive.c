/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Results → the metadata in which others read them: regions of interest, and
 * GstAnalyticsRelationMeta where GStreamer has it. */
#include "config.h"

#include "gst-plugin/results/gstdnnresults-derive.h"

#include <gst/video/video.h>

#include "gst-plugin/stream/gstdnncompat.h"

static GstDnnResult
make_result (GstDnnResultKind kind, const gchar *label)
{
  GstDnnResult result = GST_DNN_RESULT_INIT;

  result.kind = kind;
  gst_dnn_result_set_label (&result, label);
  gst_dnn_result_set_model (&result, "model.onnx");
  result.label_id = 3;
  result.confidence = 0.75;
  result.x = 10.4;
  result.y = 20;
  result.w = 30.4;
  result.h = 40;
  return result;
}

/* A detection named @label and a class "red", in a frame of 100×200. */
static GstBuffer *
new_frame (const gchar *label)
{
  GstDnnResult cat = make_result (GST_DNN_RESULT_DETECTION, label);
  GstDnnResult red = make_result (GST_DNN_RESULT_CLASSIFICATION, "red");
  GstBuffer *frame = gst_buffer_new ();

  gst_dnn_results_derive (frame, &cat, 100, 200);
  gst_dnn_results_derive (frame, &red, 100, 200);
  return frame;
}

static void
check_structure (const GstStructure *structure, const gchar *label)
{
  gdouble x_min = 0, x_max = 0, y_min = 0, y_max = 0, confidence = 0;
  gint label_id = 0;

  g_assert_nonnull (structure);
  g_assert_true (gst_structure_get (structure, "x_min", G_TYPE_DOUBLE, &x_min,
      "x_max", G_TYPE_DOUBLE, &x_max, "y_min", G_TYPE_DOUBLE, &y_min, "y_max",
      G_TYPE_DOUBLE, &y_max, "confidence", G_TYPE_DOUBLE, &confidence,
      "label_id", G_TYPE_INT, &label_id, NULL));
  g_assert_cmpfloat_with_epsilon (x_min, 0.104, 1e-9);
  g_assert_cmpfloat_with_epsilon (x_max, 0.408, 1e-9);
  g_assert_cmpfloat_with_epsilon (y_min, 0.1, 1e-9);
  g_assert_cmpfloat_with_epsilon (y_max, 0.3, 1e-9);
  g_assert_cmpfloat (confidence, ==, 0.75);
  g_assert_cmpint (label_id, ==, 3);
  g_assert_cmpstr (gst_structure_get_string (structure, "label"), ==, label);
  g_assert_cmpstr (
      gst_structure_get_string (structure, "model_name"), ==, "model.onnx");
}

static void
test_regions (void)
{
  g_autoptr (GstBuffer) frame = new_frame ("cat");
  gpointer state = NULL;
  const gchar *const names[] = { "detection", "classification" };
  const gchar *const labels[] = { "cat", "red" };

  for (guint i = 0; i < 2; i++) {
    GstVideoRegionOfInterestMeta *region = (GstVideoRegionOfInterestMeta *)
        gst_buffer_iterate_meta_filtered (
            frame, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);

    g_assert_nonnull (region);
    g_assert_cmpstr (g_quark_to_string (region->roi_type), ==, labels[i]);
    g_assert_cmpuint (region->x, ==, 10);
    g_assert_cmpuint (region->y, ==, 20);
    g_assert_cmpuint (region->w, ==, 31); /* 40.8 is 41 */
    g_assert_cmpuint (region->h, ==, 40);
    check_structure (
        gst_video_region_of_interest_meta_get_param (region, names[i]),
        labels[i]);
  }
}

/* Without labels a region has some name all the same. */
static void
test_no_label (void)
{
  g_autoptr (GstBuffer) frame = new_frame (NULL);
  GstVideoRegionOfInterestMeta *region = (GstVideoRegionOfInterestMeta *)
      gst_buffer_get_meta (frame, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE);

  g_assert_cmpstr (g_quark_to_string (region->roi_type), ==, "object");
  g_assert_false (gst_structure_has_field (
      gst_video_region_of_interest_meta_get_param (region, "detection"),
      "label"));
}

#if GST_DNN_HAVE_ANALYTICS
static void
test_analytics (void)
{
  g_autoptr (GstBuffer) frame = new_frame ("cat");
  GstAnalyticsRelationMeta *meta = gst_buffer_get_analytics_relation_meta (
      frame);
  GstAnalyticsODMtd box;
  GstAnalyticsClsMtd classes;
  gint x, y, w, h;
  gfloat confidence;

  g_assert_nonnull (meta);
  g_assert_cmpuint (gst_analytics_relation_get_length (meta), ==, 2);
  g_assert_true (gst_analytics_relation_meta_get_od_mtd (meta, 0, &box));
  g_assert_cmpstr (
      g_quark_to_string (gst_analytics_od_mtd_get_obj_type (&box)), ==, "cat");
  g_assert_true (
      gst_analytics_od_mtd_get_location (&box, &x, &y, &w, &h, &confidence));
  g_assert_cmpint (x, ==, 10);
  g_assert_cmpint (y, ==, 20);
  g_assert_cmpint (w, ==, 31);
  g_assert_cmpint (h, ==, 40);
  g_assert_cmpfloat (confidence, ==, 0.75f);
  g_assert_true (gst_analytics_relation_meta_get_cls_mtd (meta, 1, &classes));
  g_assert_cmpuint (gst_analytics_cls_mtd_get_length (&classes), ==, 1);
  g_assert_cmpstr (
      g_quark_to_string (gst_analytics_cls_mtd_get_quark (&classes, 0)), ==,
      "red");
  g_assert_cmpfloat (gst_analytics_cls_mtd_get_level (&classes, 0), ==, 0.75f);
}
#endif

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/derive/regions", test_regions);
  g_test_add_func ("/elements/derive/no-label", test_no_label);
#if GST_DNN_HAVE_ANALYTICS
  g_test_add_func ("/elements/derive/analytics", test_analytics);
#endif
  return g_test_run ();
}
