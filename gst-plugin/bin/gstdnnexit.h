/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The exit of a dnnbin with one input: frames that nobody looks at (skipped by
 * interval, or passed because the model is busy) go from its sink pad straight
 * to here, and leave in the order in which they came.
 *
 * They take no place in a queue of the graph. Where they would wait longer than
 * the limit, the oldest frame that is still looked at leaves before them,
 * without results; these go to the next frame that leaves, with their age. */
#pragma once

#include "gst-plugin/meta/gstdnnmeta-frame.h"

G_BEGIN_DECLS

typedef struct _GstDnnExit GstDnnExit;

/* What the exit does with a frame that comes. */
typedef struct
{
  guint limit; /* frames in the graph from which on others pass; 0: none pass */
  gboolean is_live; /* frames leave early; else upstream waits */
  gboolean drops_oldest; /* the queue before the graph does */
  gboolean is_full; /* that queue is, and the frame is dropped */
  GstClockTime pass_limit; /* how long others may wait for one, in its time */
} GstDnnExitPolicy;

/* @src: pad of @bin where all leaves. (transfer full) */
GstDnnExit *gst_dnn_exit_new (GstElement *bin, GstPad *src);
void gst_dnn_exit_free (GstDnnExit *self);

/* Nothing is held, and nobody waits. Any thread. */
void gst_dnn_exit_stop (GstDnnExit *self);
/* @is_new: what was passed and dropped is counted from 0. */
void gst_dnn_exit_start (GstDnnExit *self, gboolean is_new);

/* *@buffer comes (transfer full). FALSE where it is to enter the graph: then it
 * has a key, and is expected. Else it waits or has left, and *@flow says what
 * upstream is told. Upstream's thread. */
gboolean gst_dnn_exit_take (GstDnnExit *self, const GstDnnExitPolicy *policy,
    GstBuffer **buffer, GstFlowReturn *flow);

/* An event comes behind which nothing may leave before the next frame has been
 * through the graph. Upstream's thread. */
void gst_dnn_exit_note_event (GstDnnExit *self);

/* The frame of @key has left the queue before the graph: those that came before
 * it and haven't were dropped there. Posts QoS messages. */
void gst_dnn_exit_enter (GstDnnExit *self, const GstDnnFrameKey *key);

/* One of several inputs' frames was dropped. */
void gst_dnn_exit_count_drop (GstDnnExit *self);

/* @buffer (transfer full) has been through the graph, and leaves in its turn.
 */
GstFlowReturn gst_dnn_exit_leave (GstDnnExit *self, GstBuffer *buffer);

/* Whether this thread is pushing for the exit just now. */
gboolean gst_dnn_exit_is_pushing (GstDnnExit *self);

/* What a push at the pad src was answered, such as a frame whose caps weren't
 * taken; returns it. Any thread. */
GstFlowReturn gst_dnn_exit_note_flow (GstDnnExit *self, GstFlowReturn flow);

/* Whether an element behind the exit has stopped the stream with an error since
 * the start, and so has told why. Stays when the stream is stopped: the queues
 * before hear of it later. Any thread. */
gboolean gst_dnn_exit_has_failed (GstDnnExit *self);

/* Nothing comes through the graph any more: what waits leaves. */
void gst_dnn_exit_end (GstDnnExit *self);

/* How many frames have passed because the model was busy; were dropped. */
guint64 gst_dnn_exit_get_n_passed (GstDnnExit *self);
guint64 gst_dnn_exit_get_n_dropped (GstDnnExit *self);

G_END_DECLS
