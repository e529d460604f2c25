/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of a join and its pads, for gstdnnjoin.c and gstdnnjoin-match.c. */
#pragma once

#include "gst-plugin/join/gstdnnjoin.h"
#include "gst-plugin/stream/gstdnnerror.h"

G_BEGIN_DECLS

/* Bits of the sets of pads. */
#define GST_DNN_JOIN_MAX_PADS 64

typedef struct
{
  guint number;

  /* the join's lock */
  GstBuffer *buffer; /* put down, not yet taken */
  gpointer thread; /* GThread that came last */
  gboolean joining; /* the main pad's, while a thread waits for partners */
  GQueue events; /* GstEvent, before @buffer; of the main pad those that came
                    while another one was flushing */
  GstSegment segment;
  gchar *stream_id;
  gboolean ended; /* EOS has come */
  guint32 end_seqnum; /* of that */
  gboolean over; /* the joined stream, of which it was a part, has ended */
  gboolean flushing;
} GstDnnJoinPadPrivate;

typedef struct
{
  GMutex flush; /* one FLUSH event after the other; before the lock */
  GMutex lock;
  GCond changed;
  GPtrArray *pads; /* GstDnnJoinPad, in order of numbers; not owned */
  GstDnnMatch match;
  gboolean running; /* between READY→PAUSED and back */
  gpointer flusher; /* GstDnnJoinPadPrivate whose flush all follows; only
                       compared */
  gpointer pusher; /* GThread that sends something downstream */
  GstFlowReturn flow; /* of the main thread's last push */
  guint64 n_dropped;
  GstDnnErrorLatch latch;
} GstDnnJoinPrivate;

GstDnnJoinPrivate *gst_dnn_join_get_private (GstDnnJoin *self);
GstDnnJoinPadPrivate *gst_dnn_join_pad_get_private (GstDnnJoinPad *self);

/* --- gstdnnjoin-match.c; lock held --- */

/* Compares @set (one buffer a pad): finds the newest, and marks in @older (bit
 * per pad) those that can have no partner any more. FALSE with DATA where a
 * frame has nothing to be matched by. */
gboolean gst_dnn_join_match_set (
    GstDnnJoin *self, GstBuffer *const *set, guint64 *older, GError **error);

/* A QoS message for a frame that is dropped; (transfer full). */
GstMessage *gst_dnn_join_new_drop_message (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstBuffer *buffer);

/* --- gstdnnjoin-flow.c; lock held --- */

GstDnnJoinPadPrivate *gst_dnn_join_get_pad_at (
    GstDnnJoinPrivate *priv, guint idx);
/* (nullable) */
GstDnnJoinPad *gst_dnn_join_get_main (GstDnnJoinPrivate *priv);
gboolean gst_dnn_join_is_main_pad (
    GstDnnJoinPrivate *priv, GstDnnJoinPadPrivate *pad);
/* Whether all is flushed, for a pad but @except (nullable). */
gboolean gst_dnn_join_is_flushing (
    GstDnnJoinPrivate *priv, const GstDnnJoinPadPrivate *except);

/* What a flush leaves of events: sticky ones, which upstream doesn't send
 * again, but SEGMENT and EOS. */
void gst_dnn_join_flush_events (GQueue *events);
void gst_dnn_join_flush_pad (GstDnnJoinPadPrivate *pad);
void gst_dnn_join_reset_pad (GstDnnJoinPadPrivate *pad);

/* A new joined stream: who hasn't ended takes part again. Others are awaited,
 * until they start again, too. */
void gst_dnn_join_begin_stream (GstDnnJoinPrivate *priv);

/* What a pad's thread has to return now. */
GstFlowReturn gst_dnn_join_get_flow (
    GstDnnJoinPrivate *priv, const GstDnnJoinPadPrivate *pad);

/* The way out, for one thread at a time. Until gst_dnn_join_end_push() no flush
 * ends, so that nothing of before it leaves behind it. FALSE where the pad is
 * to leave instead. */
gboolean gst_dnn_join_begin_push (GstDnnJoin *self, GstDnnJoinPadPrivate *pad);
void gst_dnn_join_end_push (GstDnnJoin *self);

/* Sends @events of a pad in order, and empties it; those that another pad's
 * flush keeps back wait for the next time. FALSE where one was refused. The
 * lock is released meanwhile. */
gboolean gst_dnn_join_push_events (
    GstDnnJoin *self, GstDnnJoinPad *pad, GQueue *events);

/* The end of all, in the main pad's name, by the pusher. The lock is released
 * meanwhile. */
void gst_dnn_join_end_stream (
    GstDnnJoin *self, GstDnnJoinPad *pad, guint32 seqnum);

/* For which pads a thread waits. One that brings the others' buffers itself
 * must not wait for them. */
typedef enum
{
  GST_DNN_JOIN_NEVER,
  GST_DNN_JOIN_OTHERS, /* those that another thread brings */
  GST_DNN_JOIN_ALWAYS,
} GstDnnJoinPatience;

/* Waits for the partners of the buffer that was put down at the main pad @pad,
 * and sends them; it stays there if they don't come, or if @pad isn't the main
 * pad any more. The lock is released meanwhile. */
GstFlowReturn gst_dnn_join_join_buffer (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstDnnJoinPatience patience);

/* Does what the main pad's thread has left, if it isn't there; doesn't wait.
 * The lock is released meanwhile. */
void gst_dnn_join_poke_main (GstDnnJoin *self);

/* --- for pads; no lock --- */

GstFlowReturn gst_dnn_join_chain (
    GstPad *sink, GstObject *parent, GstBuffer *buffer);
GstFlowReturn gst_dnn_join_handle_event (
    GstPad *sink, GstObject *parent, GstEvent *event);

G_END_DECLS
