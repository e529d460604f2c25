/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GstDnnFrameMeta: what it holds, where it is copied and where never, keys and
 * maps. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gst-plugin/meta/gstdnnmeta-frame.h"

#define assert_near(a, b) fail_unless (ABS ((a) - (b)) < 1e-9)

GST_START_TEST (test_copies)
{
  GstBuffer *frame = gst_buffer_new ();
  GstBuffer *tensors = gst_buffer_new ();
  g_autoptr (GstCaps) caps = gst_caps_from_string ("video/x-raw");
  GstDnnFrameKey key = gst_dnn_frame_key_new ();
  GstDnnAffine to_frame = { { 2, 0, 10, 0, 4, -6 } };
  GstDnnFrameMeta *meta;
  GstSegment segment;
  GstBuffer *copy;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = 5;
  gst_buffer_add_dnn_frame_meta (
      tensors, frame, caps, &segment, &to_frame, &key);
  copy = gst_buffer_copy (tensors);
  gst_buffer_unref (tensors);
  meta = gst_buffer_get_dnn_frame_meta (copy);
  fail_unless (meta != NULL);
  fail_unless (meta->frame == frame);
  fail_unless (meta->caps == caps);
  assert_equals_uint64 (meta->segment.start, 5);
  assert_equals_int (gst_dnn_frame_key_compare (&meta->key, &key), 0);
  assert_near (meta->to_frame.m[2], 10);
  assert_near (meta->to_model.m[4], 0.25);
  ASSERT_MINI_OBJECT_REFCOUNT (frame, "frame", 2);
  gst_buffer_unref (copy);
  ASSERT_MINI_OBJECT_REFCOUNT (frame, "frame", 1);
  gst_buffer_unref (frame);
}
GST_END_TEST;

GST_START_TEST (test_never_on_its_frame)
{
  GstBuffer *frame = gst_buffer_new ();
  GstBuffer *tensors = gst_buffer_new ();
  GstDnnFrameKey key = gst_dnn_frame_key_new ();
  GstMetaTransformCopy all = { FALSE, 0, (gsize) -1 };
  GstDnnFrameMeta *meta = gst_buffer_add_dnn_frame_meta (
      tensors, frame, NULL, NULL, NULL, &key);

  fail_if (meta->meta.info->transform_func (
      frame, &meta->meta, tensors, _gst_meta_transform_copy, &all));
  fail_unless (gst_buffer_get_dnn_frame_meta (frame) == NULL);
  gst_buffer_remove_dnn_frame_meta (tensors);
  fail_unless (gst_buffer_get_dnn_frame_meta (tensors) == NULL);
  ASSERT_MINI_OBJECT_REFCOUNT (frame, "frame", 1);
  gst_buffer_unref (tensors);
  gst_buffer_unref (frame);
}
GST_END_TEST;

GST_START_TEST (test_once)
{
  GstBuffer *a = gst_buffer_new ();
  GstBuffer *b = gst_buffer_new ();
  GstDnnFrameKey older = gst_dnn_frame_key_new ();
  GstDnnFrameKey newer = gst_dnn_frame_key_new ();

  gst_buffer_add_dnn_frame_meta (a, NULL, NULL, NULL, NULL, &older);
  gst_buffer_add_dnn_frame_meta (b, NULL, NULL, NULL, NULL, &newer);
  gst_buffer_copy_into (a, b, GST_BUFFER_COPY_META, 0, -1);
  assert_equals_int (gst_buffer_get_n_meta (a, GST_DNN_FRAME_META_API_TYPE), 1);
  assert_equals_uint64 (
      gst_buffer_get_dnn_frame_meta (a)->key.serial, older.serial);
  gst_buffer_unref (a);
  gst_buffer_unref (b);
}
GST_END_TEST;

GST_START_TEST (test_keys)
{
  GstDnnFrameKey a = gst_dnn_frame_key_new ();
  GstDnnFrameKey b = gst_dnn_frame_key_new ();
  GstDnnFrameKey newer = a;

  newer.region_idx = 1;
  newer.n_regions = 2;
  fail_unless (a.serial != 0 && a.n_regions == 1);
  fail_unless (gst_dnn_frame_key_compare (&a, &b) < 0);
  fail_unless (gst_dnn_frame_key_compare (&b, &a) > 0);
  fail_unless (gst_dnn_frame_key_compare (&a, &newer) < 0);
  fail_unless (gst_dnn_frame_key_compare (&newer, &b) < 0);
  fail_unless (gst_dnn_frame_key_compare (&b, &b) == 0);
}
GST_END_TEST;

GST_START_TEST (test_affine)
{
  GstDnnAffine map = { { 0, -2, 7, 3, 0.5, -1 } }, inverse;
  GstDnnAffine flat = { { 1, 2, 0, 2, 4, 0 } };
  gdouble x = 12.5, y = -3;

  fail_unless (gst_dnn_affine_invert (&map, &inverse));
  gst_dnn_affine_map (&map, &x, &y);
  assert_near (x, 13);
  assert_near (y, 35);
  gst_dnn_affine_map (&inverse, &x, &y);
  assert_near (x, 12.5);
  assert_near (y, -3);
  fail_if (gst_dnn_affine_invert (&flat, &inverse));
}
GST_END_TEST;

static Suite *
meta_frame_suite (void)
{
  Suite *suite = suite_create ("meta-frame");
  TCase *cases = tcase_create ("meta-frame");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_copies);
  tcase_add_test (cases, test_never_on_its_frame);
  tcase_add_test (cases, test_once);
  tcase_add_test (cases, test_keys);
  tcase_add_test (cases, test_affine);
  return suite;
}

GST_CHECK_MAIN (meta_frame);
