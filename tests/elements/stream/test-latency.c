/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Run times of a busy and of a quiet model, and when the pipeline is told. */
#include "config.h"

#include "gst-plugin/stream/gstdnnlatency.h"

#define MS(n) ((n) *GST_MSECOND)

/* Milliseconds of a run at so many seconds, and what is known then. */
static const struct
{
  guint seconds, run, told; /* ms, ms·100 */
  gboolean is_news;
} rows[] = {
  { 0, 10, 1139, FALSE }, /* as at first */
  { 1, 11, 1139, FALSE },
  { 2, 12, 1708, TRUE },
  { 3, 17, 1708, FALSE },
  { 4, 40, 1708, FALSE }, /* too soon */
  { 7, 40, 5766, TRUE },
  { 8, 5, 5766, FALSE }, /* never down */
  { 20, 5, 5766, FALSE },
  { 21, 57, 5766, FALSE },
  { 22, 58, 8649, TRUE },
};

static void
test_steps (void)
{
  GstDnnLatency latency;

  gst_dnn_latency_begin (&latency, MS (10));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_assert_cmpint (gst_dnn_latency_update (&latency, MS (rows[i].run),
                         rows[i].seconds * G_TIME_SPAN_SECOND),
        ==, rows[i].is_news);
    g_assert_cmpuint (latency.told / (GST_MSECOND / 100), ==, rows[i].told);
  }
}

/* A model that was never run has none, until its first run. */
static void
test_unknown (void)
{
  GstDnnLatency latency;

  gst_dnn_latency_begin (&latency, 0);
  g_assert_cmpuint (latency.told, ==, 0);
  g_assert_true (gst_dnn_latency_update (&latency, 1, 0));
  g_assert_cmpuint (latency.told, ==, GST_MSECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/latency/steps", test_steps);
  g_test_add_func ("/elements/latency/unknown", test_unknown);
  return g_test_run ();
}
