/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A dnnmodule with several instances: frames run at once and leave in order;
 * each has its CPU, memory is recycled, threads end. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"
#include "tests/elements/dnn-check.h"
#include "tests/elements/module/gate.h"

static GstElement *
make_element (const gchar *instances)
{
  g_autoptr (DnnModule) module = gate_module ("1,4");
  g_autofree gchar *path = dnn_check_export_module (
      module, dnn_check_get_folder ());
  GstElement *element = gst_element_factory_make ("dnnmodule", NULL);

  g_object_set (element, "model", path, "instances", instances, NULL);
  return element;
}

static GstHarness *
make_harness (const gchar *instances)
{
  GstElement *element = make_element (instances);
  GstHarness *h = gst_harness_new_with_element (element, "sink", "src");

  gst_object_unref (element);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  return h;
}

/* The frame of that value, with a key. */
static void
push (GstHarness *h, guint value)
{
  GstBuffer *buffer = dnn_check_add_key (
      dnn_check_buffer (1, 4, (gfloat) value, value), value);

  assert_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

static void
pull (GstHarness *h, guint value)
{
  GstBuffer *buffer = gst_harness_pull (h);

  fail_unless (buffer != NULL);
  assert_equals_float (
      dnn_check_get_float (buffer, 0, 0), 2.0f * (gfloat) value);
  assert_equals_float (
      dnn_check_get_float (buffer, 0, 3), 2.0f * (gfloat) value + 6);
  assert_equals_uint64 (dnn_check_get_serial (buffer), value);
  assert_equals_uint64 (GST_BUFFER_PTS (buffer), value * 10 * GST_MSECOND);
  gst_buffer_unref (buffer);
}

/* Four run at once; the last is done first. */
GST_START_TEST (test_at_once)
{
  GstHarness *h = make_harness ("4");

  gate_shut ();
  for (guint value = 1; value <= 4; value++)
    push (h, value);
  gate_wait_for (4);
  assert_equals_int (gate_get_n_threads (), 4);
  for (guint value = 4; value > 1; value--)
    gate_open (value);
  assert_equals_int (gst_harness_buffers_in_queue (h), 0);
  gate_open (1);
  for (guint value = 1; value <= 4; value++)
    pull (h, value);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Three at a time are let go in any order. */
GST_START_TEST (test_permutations)
{
  static const guint orders[][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 },
    { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
  GstHarness *h = make_harness ("3");
  guint first = 0;

  gate_shut ();
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++, first += 3) {
    for (guint j = 1; j <= 3; j++)
      push (h, first + j);
    gate_wait_for (first + 3);
    for (guint j = 0; j < 3; j++)
      gate_open (first + orders[i][j]);
    for (guint j = 1; j <= 3; j++)
      pull (h, first + j);
  }
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_any_times)
{
  GstHarness *h = make_harness ("3");
  guint32 seed = g_random_int () | 1;

  g_print ("# seed %u\n", seed);
  gate_dawdle (seed);
  for (guint value = 1; value <= 300; value++)
    push (h, value);
  for (guint value = 1; value <= 300; value++)
    pull (h, value);
  gst_harness_teardown (h);
}
GST_END_TEST;

static gpointer
push_eight (gpointer harness)
{
  for (guint value = 1; value <= 8; value++)
    push (harness, value);
  return NULL;
}

/* No more than two a lane are held, also when those behind the first are done.
 */
GST_START_TEST (test_held)
{
  GstHarness *h = make_harness ("2");
  GThread *pusher;

  gate_shut ();
  for (guint value = 2; value <= 8; value++)
    gate_open (value);
  pusher = g_thread_new ("pusher", push_eight, h);
  gate_wait_for (4);
  assert_equals_int (gate_get_n_seen (), 4);
  gate_open (1);
  g_thread_join (pusher);
  for (guint value = 1; value <= 8; value++)
    pull (h, value);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Instance k runs on the k-th CPU. */
GST_START_TEST (test_affinity)
{
  GstElement *element = make_element ("2");
  g_autofree gchar *first = NULL, *second = NULL, *all = NULL;
  GstHarness *h;

  gate_shut ();
  all = gate_get_own_cpus ();
  if (strchr (all, ',') == NULL) {
    g_print ("# SKIP one CPU\n");
    gst_object_unref (element);
    return;
  }
  g_object_set (element, "cpu-affinity", all, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  push (h, 1);
  push (h, 2);
  gate_wait_for (2);
  first = gate_get_cpus (1);
  second = gate_get_cpus (2);
  gate_open_all ();
  pull (h, 1);
  pull (h, 2);
  fail_unless (g_str_has_prefix (all, first), "%s of %s", first, all);
  fail_unless (
      g_str_has_prefix (all + strlen (first) + 1, second), "%s", second);
  fail_unless (strchr (second, ',') == NULL);
  gst_harness_teardown (h);
}
GST_END_TEST;

GST_START_TEST (test_memory)
{
  GstHarness *h = make_harness ("3");
  guint64 before, after;

  gate_shut ();
  g_object_get (h->element, "memory-blocks", &before, NULL);
  for (guint round = 0; round < 20; round++) {
    gate_open_all ();
    for (guint i = 1; i <= 6; i++)
      push (h, round * 6 + i);
    for (guint i = 1; i <= 6; i++)
      pull (h, round * 6 + i);
  }
  g_object_get (h->element, "memory-blocks", &after, NULL);
  assert_equals_uint64 (after, before);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Upstream is asked for as many buffers as may be held. */
GST_START_TEST (test_allocation)
{
  GstHarness *h = make_harness ("3");
  g_autoptr (GstCaps) caps = dnn_check_caps ("4:1");
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  guint size, min, max;

  fail_unless (gst_pad_peer_query (h->srcpad, query));
  assert_equals_int (gst_query_get_n_allocation_pools (query), 1);
  gst_query_parse_nth_allocation_pool (query, 0, NULL, &size, &min, &max);
  assert_equals_int (size, 16);
  assert_equals_int (min, 6);
  assert_equals_int (max, 0);
  gst_query_unref (query);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* A live pipeline is told what a frame takes, with all instances at work. */
GST_START_TEST (test_latency)
{
  GstHarness *h;
  g_autoptr (GstPad) src = NULL;
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live;

  gate_work (3000, 300); /* 3 ms at least */
  h = make_harness ("3");
  gst_harness_set_upstream_latency (h, 5 * GST_MSECOND);
  src = gst_element_get_static_pad (h->element, "src");
  for (guint value = 1; value <= 6; value++)
    push (h, value);
  for (guint value = 1; value <= 6; value++)
    pull (h, value);
  fail_unless (gst_pad_query (src, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless (min >= 8 * GST_MSECOND, "%" G_GUINT64_FORMAT, min);
  gst_query_unref (query);
  gst_harness_teardown (h);
}
GST_END_TEST;

/* Threads of ours, by name. */
static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *task;
  guint n = 0;

  while ((task = g_dir_read_name (tasks)) != NULL) {
    g_autofree gchar *path = g_build_filename (
        "/proc/self/task", task, "comm", NULL);
    g_autofree gchar *name = NULL;
    if (g_file_get_contents (path, &name, NULL, NULL))
      n += g_str_has_prefix (name, "dnn-");
  }
  return n;
}

/* Ten times, in the middle of frames; no thread is left. */
GST_START_TEST (test_stop_and_start)
{
  GstHarness *h = make_harness ("3");

  gate_dawdle (4711);
  for (guint round = 0; round < 10; round++) {
    gate_shut ();
    for (guint value = 1; value <= 3; value++)
      push (h, value);
    gate_wait_for (3);
    assert_equals_int (count_threads (), 3);
    gate_open_all ();
    for (guint value = 4; value <= 7; value++)
      push (h, value);
    pull (h, 1);
    gst_element_set_state (h->element, GST_STATE_READY);
    assert_equals_int (count_threads (), 0);
    if (round % 2 == 1)
      gst_element_set_state (h->element, GST_STATE_NULL);
    while (gst_harness_buffers_in_queue (h) > 0)
      gst_buffer_unref (gst_harness_pull (h));
    gst_element_set_state (h->element, GST_STATE_PLAYING);
    gst_harness_play (h);
    gst_harness_set_src_caps (h, dnn_check_caps ("4:1"));
  }
  push (h, 9);
  pull (h, 9);
  gst_harness_teardown (h);
  assert_equals_int (count_threads (), 0);
}
GST_END_TEST;

static Suite *
make_suite (void)
{
  Suite *suite = suite_create ("crew");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  dnn_check_add_fixture (cases);
  tcase_add_test (cases, test_at_once);
  tcase_add_test (cases, test_permutations);
  tcase_add_test (cases, test_any_times);
  tcase_add_test (cases, test_held);
  tcase_add_test (cases, test_affinity);
  tcase_add_test (cases, test_memory);
  tcase_add_test (cases, test_allocation);
  tcase_add_test (cases, test_latency);
  tcase_add_test (cases, test_stop_and_start);
  return suite;
}

int
main (int argc, char **argv)
{
  gst_check_init (&argc, &argv);
  gate_register ();
  return gst_check_run_suite (make_suite (), "crew", __FILE__);
}
