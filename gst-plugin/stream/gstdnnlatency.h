/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Run times → the latency that the pipeline is told. Each change makes all
 * sinks wait anew, so it only rises, in coarse steps, and not often. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* No sooner than this after the last time. */
#define GST_DNN_LATENCY_INTERVAL (5 * G_TIME_SPAN_SECOND)

/* A value type. */
typedef struct
{
  GstClockTime told; /* what queries are answered */
  gint64 last; /* monotonic time, µs, of the last change */
} GstDnnLatency;

/* The stream begins: @time is what a run has taken. */
void gst_dnn_latency_begin (GstDnnLatency *self, GstClockTime time);

/* Runs take @time now (monotonic, µs). Whether the pipeline is to be told. */
gboolean gst_dnn_latency_update (
    GstDnnLatency *self, GstClockTime time, gint64 now);

G_END_DECLS
