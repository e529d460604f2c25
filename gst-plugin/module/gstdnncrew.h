/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Several instances at work on successive frames: buffers and events in, in one
 * thread; the same in their order out, in another. Next: gstdnnmodule-crew.c
 * pushes them. */
#pragma once

#include <gst/gst.h>

#include "gst-plugin/module/gstdnnrunner.h"

G_BEGIN_DECLS

typedef struct _GstDnnCrew GstDnnCrew;

/* Starts a thread for each lane of @runner, which lives longer; none of them
 * has a frame yet. */
GstDnnCrew *gst_dnn_crew_new (GstDnnRunner *runner, GError **error);
/* Ends them; nobody is in a call any more. What is left is dropped. */
void gst_dnn_crew_free (GstDnnCrew *self);

/* Takes @buffer; waits while all lanes have one and another is next, or twice
 * as many frames as lanes are here. What became of an earlier frame, if that
 * wasn't OK, once; FLUSHING. */
GstFlowReturn gst_dnn_crew_add_buffer (GstDnnCrew *self, GstBuffer *buffer);
/* Takes @event; FALSE while flushing. */
gboolean gst_dnn_crew_add_event (GstDnnCrew *self, GstEvent *event);
/* Waits until all that was added has left; FALSE while flushing. @flow: what
 * became of it, such as FLUSHING where others behind it flush; it stays for the
 * next buffer, too. */
gboolean gst_dnn_crew_drain (GstDnnCrew *self, GstFlowReturn *flow);
/* No next buffer is to see it. */
void gst_dnn_crew_forget_flow (GstDnnCrew *self);

/* What leaves: one of these; an event came in as one, an error is a frame
 * that couldn't be run. */
typedef struct
{
  GstBuffer *buffer;
  GstEvent *event;
  GError *error;
  gboolean was_run; /* the buffer is no gap */
  guint round; /* between two flushes */
} GstDnnCrewItem;

/* Waits for the next in order; FALSE while flushing. Its fields are the
 * caller's, who calls return when it has left. */
gboolean gst_dnn_crew_take (GstDnnCrew *self, GstDnnCrewItem *item);
/* Other than OK: frames behind it are dropped, as nobody would have sent
 * them. */
void gst_dnn_crew_return (
    GstDnnCrew *self, const GstDnnCrewItem *item, GstFlowReturn flow);

/* Begins: drops everything, and those who wait return. Ends: when the lanes
 * have given up what they had. */
void gst_dnn_crew_begin_flush (GstDnnCrew *self);
void gst_dnn_crew_end_flush (GstDnnCrew *self);

/* Around a change of the runner's streams; all frames have left. */
void gst_dnn_crew_begin_change (GstDnnCrew *self);
void gst_dnn_crew_end_change (GstDnnCrew *self);
/* Frames come by a clock: one that comes alone doesn't say that somebody waits
 * for it. */
void gst_dnn_crew_set_live (GstDnnCrew *self, gboolean is_live);

/* Time from when a lane takes a frame to when it can leave in its order,
 * smoothed; 0: none has left. */
GstClockTime gst_dnn_crew_get_time (GstDnnCrew *self);

G_END_DECLS
