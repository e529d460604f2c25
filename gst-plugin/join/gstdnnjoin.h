/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Base of the elements where streams meet: one buffer a sink pad → a set of
 * buffers of the same frame. Next: gstdnnmux.c, gstdnnentrance.c.
 *
 * The pad with the lowest number is the main pad. Its streaming thread does
 * all the work: it waits for the others, takes one buffer of each, pushes.
 * Others only put their buffer down, at most one, and wait until it is taken.
 * So what follows always runs in the same thread, until that pad is removed or
 * one with a lower number comes. There is no timeout.
 *
 * The main pad's flush goes on; others' flushes take away what waits here only.
 * The joined stream ends when one pad has ended and is empty; it begins again
 * with a flush or STREAM_START of the main pad: who had ended is waited for
 * then. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstDnnMatch:
 * @GST_DNN_MATCH_AUTO: by key; frames with different keys by running time if
 *   both have one
 * @GST_DNN_MATCH_KEY: by key only
 * @GST_DNN_MATCH_TIME: by running time only; a frame without is an error
 */
typedef enum
{
  GST_DNN_MATCH_AUTO,
  GST_DNN_MATCH_KEY,
  GST_DNN_MATCH_TIME,
} GstDnnMatch;

#define GST_TYPE_DNN_MATCH (gst_dnn_match_get_type ())
GType gst_dnn_match_get_type (void);

#define GST_TYPE_DNN_JOIN_PAD (gst_dnn_join_pad_get_type ())
G_DECLARE_DERIVABLE_TYPE (
    GstDnnJoinPad, gst_dnn_join_pad, GST, DNN_JOIN_PAD, GstPad)

struct _GstDnnJoinPadClass
{
  GstPadClass parent_class;
};

#define GST_TYPE_DNN_JOIN (gst_dnn_join_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDnnJoin, gst_dnn_join, GST, DNN_JOIN, GstElement)

/**
 * GstDnnJoinClass:
 * @set_caps: Optional. CAPS of a pad, before its next buffer; lock held
 * @take: Optional. A set was taken and belongs to the caps as they are now;
 *   main thread, lock held
 * @event: Required. A serialised event (transfer full) in the order of the
 *   pad's buffers; main thread, no lock. FALSE where it was refused: it comes
 *   again if that was for a flush
 * @flush: Required. FLUSH_START or FLUSH_STOP (transfer full) for all that
 *   leaves; any thread, no lock, one after the other
 * @flushed: Optional. FLUSH_STOP follows; lock held
 * @finish: Required. One buffer a pad (transfer full each), in order of pads;
 *   main thread, no lock
 * @reset: Optional. Nothing is held any more: READY↔PAUSED; no lock
 *
 * What the two kinds do with events and sets.
 */
struct _GstDnnJoinClass
{
  GstElementClass parent_class;

  gboolean (*set_caps) (
      GstDnnJoin *self, GstDnnJoinPad *pad, GstCaps *caps, GError **error);
  void (*take) (GstDnnJoin *self);
  gboolean (*event) (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event);
  void (*flush) (GstDnnJoin *self, GstEvent *event);
  void (*flushed) (GstDnnJoin *self);
  GstFlowReturn (*finish) (GstDnnJoin *self, GstBuffer **set, guint n_pads);
  void (*reset) (GstDnnJoin *self);
};

/* Makes and adds sink pad @number of @type, also below the main pad while data
 * flows. (transfer none) */
GstDnnJoinPad *gst_dnn_join_add_pad (
    GstDnnJoin *self, GType type, GstPadTemplate *templ, guint number);
void gst_dnn_join_remove_pad (GstDnnJoin *self, GstDnnJoinPad *pad);

/* Lowest free pad number. */
guint gst_dnn_join_get_free_number (GstDnnJoin *self);

/* In order of numbers; call with the lock held, or in class functions. */
guint gst_dnn_join_get_n_pads (GstDnnJoin *self);
GstDnnJoinPad *gst_dnn_join_get_pad (GstDnnJoin *self, guint idx);
gboolean gst_dnn_join_is_main (GstDnnJoin *self, GstDnnJoinPad *pad);

void gst_dnn_join_lock (GstDnnJoin *self);
void gst_dnn_join_unlock (GstDnnJoin *self);

/* Whether what is taken may not leave: READY, or all is flushed; with the lock
 * held. */
gboolean gst_dnn_join_is_stopping (GstDnnJoin *self);
/* Waits for any change; with the lock held. */
void gst_dnn_join_wait (GstDnnJoin *self);
void gst_dnn_join_wake (GstDnnJoin *self);

void gst_dnn_join_set_match (GstDnnJoin *self, GstDnnMatch match);
GstDnnMatch gst_dnn_join_get_match (GstDnnJoin *self);
/* Frames dropped because others had no partner for them. */
guint64 gst_dnn_join_get_n_dropped (GstDnnJoin *self);

/* Stream id that a sink pad has got; (nullable) (transfer full). */
gchar *gst_dnn_join_pad_get_stream_id (GstDnnJoin *self, GstDnnJoinPad *pad);
guint gst_dnn_join_pad_get_number (GstDnnJoinPad *pad);

/* Posts one error, see gstdnnerror.h. No lock held. */
void gst_dnn_join_post_error (GstDnnJoin *self, const GError *error);

G_END_DECLS
