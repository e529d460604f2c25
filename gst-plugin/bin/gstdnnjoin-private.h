/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of a join and its pads, for gstdnnjoin.c and gstdnnjoin-match.c. */
#pragma once

#include "gst-plugin/bin/gstdnnjoin.h"
#include "gst-plugin/stream/gstdnnerror.h"

G_BEGIN_DECLS

typedef struct
{
  guint number;
  GstPad *src; /* where its events to downstream leave; not owned */

  /* the join's lock */
  GstBuffer *buffer; /* put down, not yet taken; not of the main pad */
  GQueue events; /* GstEvent, before @buffer; not of the main pad */
  GstSegment segment;
  gchar *stream_id;
  gboolean eos;
  gboolean flushing;
} GstDnnJoinPadPrivate;

typedef struct
{
  GMutex lock;
  GCond changed;
  GPtrArray *pads; /* GstDnnJoinPad, in order of numbers; not owned */
  GstDnnMatch match;
  gboolean running; /* between READY→PAUSED and back */
  gboolean eos; /* sent downstream */
  GstFlowReturn flow; /* of the main thread's last push */
  guint n_flushes;
  guint64 n_dropped;
  GstDnnErrorLatch latch;
} GstDnnJoinPrivate;

GstDnnJoinPrivate *gst_dnn_join_get_private (GstDnnJoin *self);
GstDnnJoinPadPrivate *gst_dnn_join_pad_get_private (GstDnnJoinPad *self);

/* Compares @set (one buffer a pad): finds the newest, and marks in @older (bit
 * per pad) those that can have no partner any more. FALSE with DATA where a
 * frame has nothing to be matched by. Lock held. */
gboolean gst_dnn_join_match_set (
    GstDnnJoin *self, GstBuffer *const *set, guint64 *older, GError **error);

/* A QoS message for a frame that is dropped; (transfer full). Lock held. */
GstMessage *gst_dnn_join_new_drop_message (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstBuffer *buffer);

G_END_DECLS
