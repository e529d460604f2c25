/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The allocator: alignment, recycling of memories that joins hold, parts,
 * limits of what it keeps. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gst-plugin/stream/gstdnnallocator.h"

static guint8 *
get_address (GstMemory *memory)
{
  GstMapInfo map;
  guint8 *address;

  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
  address = map.data;
  gst_memory_unmap (memory, &map);
  return address;
}

GST_START_TEST (test_alignment)
{
  g_autoptr (GstDnnAllocator) allocator = gst_dnn_allocator_new ();
  static const gsize aligns[] = { 0, 15, 63, 127, 4095 };

  for (guint i = 0; i < G_N_ELEMENTS (aligns); i++) {
    GstAllocationParams params = {
      .align = aligns[i], .padding = 7, .flags = GST_MEMORY_FLAG_ZERO_PADDED
    };
    GstMemory *memory = gst_allocator_alloc (
        GST_ALLOCATOR (allocator), 1000, &params);
    GstMapInfo map;
    fail_unless (gst_memory_map (memory, &map, GST_MAP_WRITE));
    assert_equals_int (map.size, 1000);
    assert_equals_int ((guintptr) map.data & (aligns[i] | 63), 0);
    for (guint j = 0; j < 7; j++)
      assert_equals_int (map.data[1000 + j], 0);
    memset (map.data, 0xff, 1007);
    gst_memory_unmap (memory, &map);
    gst_memory_unref (memory);
  }
}
GST_END_TEST;

GST_START_TEST (test_recycling)
{
  g_autoptr (GstDnnAllocator) allocator = gst_dnn_allocator_new ();
  GstMemory *a = gst_dnn_allocator_get (allocator, 4096);
  GstMemory *b = gst_dnn_allocator_get (allocator, 4096);

  for (guint i = 0; i < 100; i++) {
    /* A join holds the memory longer than the buffer that it came in. */
    GstBuffer *buffer = gst_buffer_new ();
    GstBuffer *joined = gst_buffer_new ();
    gst_buffer_append_memory (buffer, a);
    gst_buffer_append_memory (joined, gst_memory_ref (a));
    gst_buffer_unref (buffer);
    gst_buffer_unref (joined);
    a = gst_dnn_allocator_get (allocator, 4096);
  }
  assert_equals_uint64 (gst_dnn_allocator_get_n_blocks (allocator), 2);
  gst_memory_unref (a);
  gst_memory_unref (b);
}
GST_END_TEST;

GST_START_TEST (test_parts)
{
  g_autoptr (GstDnnAllocator) allocator = gst_dnn_allocator_new ();
  GstMemory *whole = gst_dnn_allocator_get (allocator, 1024);
  GstMemory *part = gst_memory_share (whole, 256, 512);
  GstMemory *smaller = gst_memory_share (part, 64, -1);
  guint8 *address = get_address (whole);

  fail_unless (get_address (part) == address + 256);
  fail_unless (get_address (smaller) == address + 320);
  assert_equals_int (gst_memory_get_sizes (smaller, NULL, NULL), 448);
  gst_memory_unref (whole);
  gst_memory_unref (part);
  /* Still held by the last part. */
  whole = gst_dnn_allocator_get (allocator, 1024);
  fail_if (get_address (whole) == address);
  gst_memory_unref (smaller);
  gst_memory_unref (whole);
  assert_equals_uint64 (gst_dnn_allocator_get_n_blocks (allocator), 2);
}
GST_END_TEST;

/* More than a tensor may have, and what the header makes too much. */
GST_START_TEST (test_no_memory)
{
  g_autoptr (GstDnnAllocator) allocator = gst_dnn_allocator_new ();

  fail_unless (gst_dnn_allocator_get (allocator, G_MAXSIZE) == NULL);
  fail_unless (gst_dnn_allocator_get (allocator, G_MAXSIZE - 64) == NULL);
  assert_equals_uint64 (gst_dnn_allocator_get_n_blocks (allocator), 0);
}
GST_END_TEST;

GST_START_TEST (test_outlives_allocator)
{
  GstDnnAllocator *allocator = gst_dnn_allocator_new ();
  GstMemory *memory = gst_dnn_allocator_get (allocator, 10);

  gst_object_unref (allocator);
  memset (get_address (memory), 1, 10);
  gst_memory_unref (memory);
}
GST_END_TEST;

GST_START_TEST (test_other_sizes)
{
  g_autoptr (GstDnnAllocator) allocator = gst_dnn_allocator_new ();

  guint64 n_blocks;

  /* No more is kept than was in use at once: the last, largest one. */
  for (guint i = 1; i < 200; i++)
    gst_memory_unref (gst_dnn_allocator_get (allocator, 1000 * i));
  n_blocks = gst_dnn_allocator_get_n_blocks (allocator);
  gst_memory_unref (gst_dnn_allocator_get (allocator, 199000));
  assert_equals_uint64 (gst_dnn_allocator_get_n_blocks (allocator), n_blocks);
  gst_memory_unref (gst_dnn_allocator_get (allocator, 1000));
  assert_equals_uint64 (
      gst_dnn_allocator_get_n_blocks (allocator), n_blocks + 1);
  gst_dnn_allocator_trim (allocator);
}
GST_END_TEST;

GST_START_TEST (test_too_large)
{
  g_autoptr (GstDnnAllocator) allocator = gst_dnn_allocator_new ();

  fail_unless (gst_dnn_allocator_get (allocator, G_MAXSIZE - 10) == NULL);
}
GST_END_TEST;

static Suite *
allocator_suite (void)
{
  Suite *suite = suite_create ("allocator");
  TCase *cases = tcase_create ("allocator");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_alignment);
  tcase_add_test (cases, test_recycling);
  tcase_add_test (cases, test_parts);
  tcase_add_test (cases, test_outlives_allocator);
  tcase_add_test (cases, test_other_sizes);
  tcase_add_test (cases, test_no_memory);
  tcase_add_test (cases, test_too_large);
  return suite;
}

GST_CHECK_MAIN (allocator);
