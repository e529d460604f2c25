/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Run times → steps of latency. Next: gstdnnmodule.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnlatency.h"

/* The next of 1, 1.5, 2.25, … ms. */
static GstClockTime
round_up (GstClockTime time)
{
  GstClockTime step = GST_MSECOND;

  if (time == 0)
    return 0;
  while (step < time)
    step += step / 2;
  return step;
}

void
gst_dnn_latency_begin (GstDnnLatency *self, GstClockTime time)
{
  self->told = round_up (time);
  self->last = G_MININT64;
}

gboolean
gst_dnn_latency_update (GstDnnLatency *self, GstClockTime time, gint64 now)
{
  if (time <= self->told || now < self->last + GST_DNN_LATENCY_INTERVAL)
    return FALSE;
  self->told = round_up (time);
  self->last = now;
  return TRUE;
}
