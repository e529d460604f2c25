/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A frame → a lane of the runner, in the thread that brings it. Next:
 * gstdnnlane.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnsolo.h"

#include "gst-plugin/stream/gstdnndebug.h"

#define GST_CAT_DEFAULT gst_dnn_debug

void
gst_dnn_solo_init (GstDnnSolo *self, GstDnnRunner *runner)
{
  self->runner = runner;
  gst_dnn_habit_init_single (&self->habit, gst_dnn_runner_get_time (runner));
}

/* Each waits for the slower of two threads, and at a shared CPU that is many
 * times slower. */
static void
learn (GstDnnSolo *self, gboolean is_team, GstClockTime time)
{
  const GstDnnRunTimes times = { .is_team = is_team, .time = time };

  if (gst_dnn_habit_learn (&self->habit, &times))
    GST_WARNING ("%s: the team of threads is no faster than one thread now, "
                 "which goes on for %u frames",
        dnn_module_get_label (
            gst_dnn_runner_get_streams (self->runner)->module),
        self->habit.n_wanted);
}

GstBuffer *
gst_dnn_solo_run (
    GstDnnSolo *self, GstBuffer *src, const GstDnnFrameKey *key, GError **error)
{
  GstClockTime start;
  GstBuffer *dst;
  gboolean is_team;

  if (!gst_dnn_runner_is_solo_team (self->runner))
    return gst_dnn_runner_run (self->runner, 0, src, key, error);
  is_team = gst_dnn_habit_choose (&self->habit, TRUE);
  if (key != NULL)
    gst_dnn_runner_catch_up (self->runner, is_team ? 0 : 1, key);
  start = gst_util_get_timestamp ();
  dst = gst_dnn_runner_run (self->runner, is_team ? 1 : 0, src, key, error);
  learn (self, is_team, gst_util_get_timestamp () - start);
  return dst;
}
