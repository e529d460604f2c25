/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* dnnmodule: negotiation, frames, gaps, memory, latency, errors and what comes
 * after them. */
#include "config.h"

#include <glib/gstdio.h>

#include "gst-plugin/stream/gstdnncaps.h"
#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"

/* An element for a module with these interfaces, in NULL. */
static GstElement *
make_element (const gchar *shape, guint n_inputs, guint n_outputs)
{
  g_autoptr (DnnModule)
      module = dnn_check_module ("m", shape, n_inputs, n_outputs, 2);
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *element = gst_element_factory_make ("dnnmodule", NULL);

  g_object_set (element, "model", path, "threads", 1, NULL);
  return element;
}

static GstHarness *
make_harness (GstElement *element)
{
  GstHarness *harness = gst_harness_new_with_element (element, "sink", "src");

  gst_object_unref (element);
  return harness;
}

GST_START_TEST (test_frames)
{
  GstHarness *h = make_harness (make_element ("1,4", 2, 3));
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) expected = dnn_check_caps ("4:1,4:1,4:1");

  gst_harness_set_src_caps (h, dnn_check_caps ("4:1,4:1"));
  for (guint frame = 0; frame < 5; frame++) {
    GstBuffer *src = dnn_check_buffer (2, 4, (gfloat) frame, frame), *dst;
    dnn_check_add_key (src, frame + 1);
    assert_equals_int (gst_harness_push (h, src), GST_FLOW_OK);
    dst = gst_harness_pull (h);
    assert_equals_int (gst_buffer_n_memory (dst), 3);
    for (guint k = 0; k < 3; k++)
      for (guint i = 0; i < 4; i++)
        assert_equals_float (dnn_check_get_float (dst, k, i),
            (2.0f * ((gfloat) (frame + i)) + 100.0f) * (gfloat) (2 + k));
    assert_equals_uint64 (dnn_check_get_serial (dst), frame + 1);
    assert_equals_uint64 (GST_BUFFER_PTS (dst), frame * 10 * GST_MSECOND);
    assert_equals_uint64 (GST_BUFFER_DURATION (dst), 10 * GST_MSECOND);
    gst_buffer_unref (dst);
  }
  caps = gst_pad_get_current_caps (h->sinkpad);
  fail_unless (gst_caps_is_equal (caps, expected), "%" GST_PTR_FORMAT, caps);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Spellings of 1×3×2×2 that a stream may come with. */
static const gchar *spellings[] = { "2:2:3:1", "2:2:3", "2:2:3:1:1" };

GST_START_TEST (test_spellings)
{
  GstHarness *h = make_harness (make_element ("1,3,2,2", 1, 1));

  gst_harness_set_src_caps (h, dnn_check_caps (spellings[__i__]));
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 12, 1, 0)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}
GST_END_TEST;

/* The module's shape is what upstream is told first, with an open batch of
 * 1. */
GST_START_TEST (test_shape_drives_upstream)
{
  GstHarness *h = make_harness (make_element ("?,3,2,2", 1, 1));
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (h->srcpad, NULL);
  g_autoptr (GstCaps) natural = gst_caps_copy_nth (caps, 0);
  g_autoptr (GstCaps) expected = dnn_check_caps ("2:2:3:1");

  fail_unless (
      gst_caps_is_subset (expected, natural), "%" GST_PTR_FORMAT, caps);
  /* A batch of two is all right too. */
  gst_harness_set_src_caps (h, dnn_check_caps ("2:2:3:2"));
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 24, 1, 0)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_shape_property)
{
  GstElement *element = make_element ("?,3,?,?", 1, 1);
  g_autoptr (GstCaps) expected = dnn_check_caps ("6:5:3:1");
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GstCaps) natural = NULL;
  GstHarness *h;

  g_object_set (element, "shape", "in0=1,3,5,6", NULL);
  h = make_harness (element);
  caps = gst_pad_peer_query_caps (h->srcpad, NULL);
  natural = gst_caps_copy_nth (caps, 0);
  fail_unless (
      gst_caps_is_subset (expected, natural), "%" GST_PTR_FORMAT, caps);
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_gaps_pass_untouched)
{
  GstHarness *h = make_harness (make_element ("4", 1, 1));
  GstBuffer *gap = dnn_check_gap (9, 3), *out;

  gst_harness_set_src_caps (h, dnn_check_caps ("4"));
  gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0));
  gst_buffer_unref (gst_harness_pull (h));
  gst_harness_push (h, gst_buffer_ref (gap));
  out = gst_harness_pull (h);
  fail_unless (out == gap);
  fail_unless (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_GAP));
  gst_buffer_unref (out);
  gst_buffer_unref (gap);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Steady state takes no memory from the system, also while a few frames are
 * held downstream. */
GST_START_TEST (test_memory_is_recycled)
{
  GstElement *element = gst_object_ref (make_element ("1,64", 1, 2));
  GstHarness *h = make_harness (element);
  guint64 before, after;
  GQueue held = G_QUEUE_INIT;

  gst_harness_set_src_caps (h, dnn_check_caps ("64:1"));
  for (guint frame = 0; frame < 200; frame++) {
    gst_harness_push (h, dnn_check_buffer (1, 64, 1, frame));
    g_queue_push_tail (&held, gst_harness_pull (h));
    if (frame == 20)
      g_object_get (element, "memory-blocks", &before, NULL);
    if (held.length > 4)
      gst_buffer_unref (g_queue_pop_head (&held));
  }
  g_object_get (element, "memory-blocks", &after, NULL);
  assert_equals_uint64 (before, after);
  g_queue_clear_full (&held, (GDestroyNotify) gst_buffer_unref);
  gst_harness_teardown (h);
  gst_object_unref (element);
}
GST_END_TEST;

GST_START_TEST (test_memory_is_aligned_and_offered)
{
  GstHarness *h = make_harness (make_element ("4", 1, 1));
  g_autoptr (GstCaps) caps = dnn_check_caps ("4");
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, FALSE);
  GstAllocationParams params;
  GstAllocator *allocator;
  GstBuffer *out;
  GstMapInfo map;

  gst_harness_set_src_caps (h, gst_caps_ref (caps));
  fail_unless (gst_pad_peer_query (h->srcpad, query));
  assert_equals_int (gst_query_get_n_allocation_params (query), 1);
  gst_query_parse_nth_allocation_param (query, 0, &allocator, &params);
  assert_equals_int (params.align, 63);
  assert_equals_string (allocator->mem_type, "DnnTensorMemory");
  gst_object_unref (allocator);
  gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0));
  out = gst_harness_pull (h);
  gst_memory_map (gst_buffer_peek_memory (out, 0), &map, GST_MAP_READ);
  assert_equals_int ((guintptr) map.data & 63, 0);
  gst_memory_unmap (gst_buffer_peek_memory (out, 0), &map);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_latency)
{
  GstElement *element = gst_object_ref (make_element ("4", 1, 1));
  GstHarness *h = make_harness (element);
  GstClockTime latency;

  gst_harness_set_src_caps (h, dnn_check_caps ("4"));
  gst_harness_set_upstream_latency (h, GST_SECOND);
  latency = gst_harness_query_latency (h);
  /* Measured before the first frame. */
  fail_unless (latency > GST_SECOND && latency < 2 * GST_SECOND);
  gst_harness_teardown (h);
  gst_object_unref (element);
}
GST_END_TEST;

GST_START_TEST (test_flexible)
{
  GstHarness *h = make_harness (make_element ("?,4", 1, 1));
  g_autoptr (GstCaps) caps = NULL;

  gst_harness_set_src_caps (h,
      gst_caps_from_string (
          "other/tensors,format=(string)flexible,framerate=(fraction)1/1"));
  for (guint rows = 1; rows < 4; rows++) {
    DnnShape shape = dnn_shape (2, (gint64) rows, (gint64) 4), found;
    GstBuffer *src = dnn_check_buffer (1, 32 + 4 * rows, 0, 0), *dst;
    DnnType type;
    GstMapInfo map;
    gst_buffer_map (src, &map, GST_MAP_WRITE);
    gst_dnn_header_write (map.data, DNN_TYPE_FLOAT32, &shape);
    gst_buffer_unmap (src, &map);
    assert_equals_int (gst_harness_push (h, src), GST_FLOW_OK);
    dst = gst_harness_pull (h);
    gst_buffer_map (dst, &map, GST_MAP_READ);
    fail_unless (gst_dnn_header_read (map.data, map.size, &type, &found, NULL));
    fail_unless (dnn_shape_equal (&shape, &found));
    assert_equals_float (((const gfloat *) map.data)[33], 66);
    gst_buffer_unmap (dst, &map);
    gst_buffer_unref (dst);
  }
  caps = gst_pad_get_current_caps (h->sinkpad);
  assert_equals_string (
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "format"),
      "flexible");
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Several tensors in one memory, and one tensor in two. */
GST_START_TEST (test_memories)
{
  GstHarness *h = make_harness (make_element ("4", 2, 1));
  GstBuffer *two = dnn_check_buffer (2, 4, 1, 0), *out;
  GstMemory *whole = gst_buffer_get_all_memory (two);

  gst_harness_set_src_caps (h, dnn_check_caps ("4,4"));
  gst_buffer_remove_all_memory (two);
  gst_buffer_append_memory (two, whole);
  assert_equals_int (gst_harness_push (h, two), GST_FLOW_OK);
  out = gst_harness_pull (h);
  assert_equals_float (dnn_check_get_float (out, 0, 0), 204);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Caps that don't fit a module with one input "in0" of 1×3×2×2. */
static const struct
{
  const gchar *caps;
  const gchar *parts[4];
} bad_caps[] = {
  { "dimensions=(string)\"2:2:4:1\",types=(string)float32,num_tensors=(int)1",
      { "\"in0\" float32 1×3×2×2", "the stream has float32 1×4×2×2" } },
  { "dimensions=(string)\"2:2:3:1\",types=(string)uint8,num_tensors=(int)1",
      { "\"in0\" float32 1×3×2×2", "the stream has uint8 1×3×2×2" } },
  { "dimensions=(string)\"2:2:3:1,1\",types=(string)\"float32,float32\","
    "num_tensors=(int)2",
      { "\"in0\" float32 1×3×2×2", "float32 1×3×2×2, float32 1" } },
};

GST_START_TEST (test_caps_that_do_not_fit)
{
  GstElement *element = gst_object_ref (make_element ("1,3,2,2", 1, 1));
  GstHarness *h = make_harness (element);
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);
  g_autofree gchar *text = g_strconcat ("other/tensors,format=(string)static,"
                                        "framerate=(fraction)1/1,",
      bad_caps[__i__].caps, NULL);

  gst_harness_set_src_caps (h, gst_caps_from_string (text));
  gst_harness_push (h, dnn_check_buffer (1, 12, 0, 0));
  dnn_check_assert_error (
      bus, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, bad_caps[__i__].parts);
  /* Afterwards it plays. */
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_state (element, GST_STATE_PLAYING);
  gst_harness_set_src_caps (h, dnn_check_caps ("2:2:3:1"));
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 12, 0, 0)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  dnn_check_assert_no_error (bus);
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (h);
  gst_object_unref (element);
}
GST_END_TEST;

/* Behind it stands something that takes other shapes only. */
GST_START_TEST (test_downstream_does_not_fit)
{
  GstElement *element = gst_object_ref (make_element ("4", 1, 1));
  GstHarness *h = make_harness (element);
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);

  gst_harness_set_sink_caps (h, dnn_check_caps ("5"));
  gst_harness_set_src_caps (h, dnn_check_caps ("4"));
  gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0));
  dnn_check_assert_error (bus, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
      (const gchar *[]){
          "outputs are float32 4", "downstream takes", "5", NULL });
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (h);
  gst_object_unref (element);
}
GST_END_TEST;

GST_START_TEST (test_wrong_size)
{
  GstElement *element = gst_object_ref (make_element ("4", 1, 1));
  GstHarness *h = make_harness (element);
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);

  gst_harness_set_src_caps (h, dnn_check_caps ("4"));
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 3, 0, 0)), GST_FLOW_ERROR);
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 3, 0, 0)), GST_FLOW_ERROR);
  dnn_check_assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
      (const gchar *[]){ "float32 4, 16 bytes", "has 12 bytes", NULL });
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (h);
  gst_object_unref (element);
}
GST_END_TEST;

/* Properties that are wrong, and what is said at NULL→READY. */
static const struct
{
  const gchar *property, *value;
  GQuark (*domain) (void);
  gint code;
  const gchar *parts[4];
} bad_settings[] = {
  { "model", "", gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND,
      { "model is not set" } },
  { "model", "/no/such/model.onnx", gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_FOUND, { "/no/such/model.onnx" } },
  { "shape", "nonsense", gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS,
      { "shape: \"nonsense\" is no shape" } },
  { "shape", "other=1,4", gst_resource_error_quark, GST_RESOURCE_ERROR_SETTINGS,
      { "\"other=1,4\" names no input", "\"in0\"" } },
  { "shape", "5", gst_core_error_quark, GST_CORE_ERROR_NEGOTIATION,
      { "input \"in0\"", "is 4, not 5" } },
  { "precision", "f31", gst_stream_error_quark,
      GST_STREAM_ERROR_NOT_IMPLEMENTED, { "f31" } },
  { "cpu-affinity", "4095", gst_resource_error_quark,
      GST_RESOURCE_ERROR_SETTINGS, { "4095" } },
  { "tune-file", "/no/such/choices", gst_resource_error_quark,
      GST_RESOURCE_ERROR_NOT_FOUND, { "Tune file /no/such/choices: No such" } },
};

GST_START_TEST (test_settings_that_are_wrong)
{
  GstElement *element = make_element ("4", 1, 1);
  g_autoptr (GstBus) bus = dnn_check_add_bus (element);
  g_autofree gchar *model = NULL;
  GstHarness *h;

  g_object_get (element, "model", &model, NULL);
  g_object_set (
      element, bad_settings[__i__].property, bad_settings[__i__].value, NULL);
  assert_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  dnn_check_assert_error (bus, bad_settings[__i__].domain (),
      bad_settings[__i__].code, bad_settings[__i__].parts);
  /* Given what is right, it plays. */
  gst_element_set_state (element, GST_STATE_NULL);
  g_object_set (element, "model", model, "shape", NULL, "precision", "f32",
      "cpu-affinity", NULL, "tune-file", NULL, NULL);
  h = make_harness (gst_object_ref (element));
  gst_harness_set_src_caps (h, dnn_check_caps ("4"));
  assert_equals_int (
      gst_harness_push (h, dnn_check_buffer (1, 4, 0, 0)), GST_FLOW_OK);
  gst_buffer_unref (gst_harness_pull (h));
  dnn_check_assert_no_error (bus);
  gst_element_set_bus (element, NULL);
  gst_harness_teardown (h);
  gst_object_unref (element);
}
GST_END_TEST;

/* Types that don't travel: bool comes as uint8, bfloat16 as float32. */
GST_START_TEST (test_types)
{
  g_autoptr (DnnModule)
      module = dnn_check_identity ("b", DNN_TYPE_BFLOAT16, "2");
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *element = gst_element_factory_make ("dnnmodule", NULL);
  GstBuffer *src = dnn_check_buffer (1, 2, 1.00390625f, 0), *dst;
  GstHarness *h;

  g_object_set (element, "model", path, NULL);
  h = make_harness (element);
  gst_harness_set_src_caps (h, dnn_check_caps ("2"));
  assert_equals_int (gst_harness_push (h, src), GST_FLOW_OK);
  dst = gst_harness_pull (h);
  /* Eight bits of fraction, ties to even. */
  assert_equals_float (dnn_check_get_float (dst, 0, 0), 1.0f);
  assert_equals_float (dnn_check_get_float (dst, 0, 1), 2.0f);
  gst_buffer_unref (dst);
  gst_harness_teardown (h);
}
GST_END_TEST;

static Suite *
module_suite (void)
{
  Suite *suite = suite_create ("module");
  TCase *cases = tcase_create ("module");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_frames);
  tcase_add_loop_test (cases, test_spellings, 0, G_N_ELEMENTS (spellings));
  tcase_add_test (cases, test_shape_drives_upstream);
  tcase_add_test (cases, test_shape_property);
  tcase_add_test (cases, test_gaps_pass_untouched);
  tcase_add_test (cases, test_memory_is_recycled);
  tcase_add_test (cases, test_memory_is_aligned_and_offered);
  tcase_add_test (cases, test_latency);
  tcase_add_test (cases, test_flexible);
  tcase_add_test (cases, test_memories);
  tcase_add_loop_test (
      cases, test_caps_that_do_not_fit, 0, G_N_ELEMENTS (bad_caps));
  tcase_add_test (cases, test_downstream_does_not_fit);
  tcase_add_test (cases, test_wrong_size);
  tcase_add_loop_test (
      cases, test_settings_that_are_wrong, 0, G_N_ELEMENTS (bad_settings));
  tcase_add_test (cases, test_types);
  return suite;
}

GST_CHECK_MAIN (module);
