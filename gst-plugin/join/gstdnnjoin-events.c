/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Events of several pads → events in order, flushes of all, one end. Next:
 * gstdnnjoin-flow.c. */
#include "config.h"

#include "gst-plugin/join/gstdnnjoin-private.h"

/* --- flushes --- */

/* The main pad's flush goes on; that of another pad takes away only what waits
 * here, so that nothing that is under way loses its partners. */
static void
start_flush (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  g_autoptr (GMutexLocker) flush = g_mutex_locker_new (&priv->flush);
  gboolean first;

  g_mutex_lock (&priv->lock);
  first = priv->flusher == NULL && gst_dnn_join_is_main_pad (priv, own);
  if (first)
    priv->flusher = own;
  own->flushing = TRUE;
  gst_dnn_join_flush_pad (own);
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  if (first)
    GST_DNN_JOIN_GET_CLASS (self)->flush (self, event);
  else
    gst_event_unref (event);
}

/* Once nothing of before leaves any more. Lock held. */
static void
wait_for_flush (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  while (
      priv->pusher != NULL && priv->pusher != g_thread_self () && priv->running)
    gst_dnn_join_wait (self);
}

static void
stop_flush (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  g_autoptr (GMutexLocker) flush = g_mutex_locker_new (&priv->flush);
  gboolean is_out;

  g_mutex_lock (&priv->lock);
  is_out = priv->flusher == own;
  if (is_out)
    wait_for_flush (self);
  own->flushing = FALSE;
  gst_dnn_join_flush_pad (own);
  priv->flow = GST_FLOW_OK;
  if (is_out) {
    gst_dnn_join_begin_stream (priv);
    if (GST_DNN_JOIN_GET_CLASS (self)->flushed != NULL)
      GST_DNN_JOIN_GET_CLASS (self)->flushed (self);
  }
  g_mutex_unlock (&priv->lock);
  if (is_out)
    GST_DNN_JOIN_GET_CLASS (self)->flush (self, event);
  else
    gst_event_unref (event);
  g_mutex_lock (&priv->lock);
  if (is_out)
    priv->flusher = NULL;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
}

/* --- events; lock held --- */

static void
note_stream (GstDnnJoin *self, GstDnnJoinPadPrivate *own, const GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  const gchar *stream_id;

  gst_event_parse_stream_start ((GstEvent *) event, &stream_id);
  g_free (own->stream_id);
  own->stream_id = g_strdup (stream_id);
  if (!own->ended)
    return;
  own->ended = FALSE;
  own->over = FALSE;
  if (gst_dnn_join_is_main_pad (priv, own))
    gst_dnn_join_begin_stream (priv);
}

/* What the join itself keeps of an event, in the order of buffers. */
static gboolean
note_event (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event, GError **error)
{
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      note_stream (self, own, event);
      return TRUE;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &own->segment);
      return TRUE;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      return GST_DNN_JOIN_GET_CLASS (self)->set_caps == NULL ||
          GST_DNN_JOIN_GET_CLASS (self)->set_caps (self, pad, caps, error);
    default:
      return TRUE;
  }
}

/* Waits until the event's turn has come. An end of the whole is none of it:
 * upstream goes on until its next buffer. */
static GstFlowReturn
wait_for_turn (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  GstFlowReturn flow = gst_dnn_join_get_flow (priv, own);

  while (own->buffer != NULL && flow == GST_FLOW_OK) {
    if (gst_dnn_join_is_main_pad (priv, own))
      flow = gst_dnn_join_join_buffer (self, pad, GST_DNN_JOIN_ALWAYS);
    else
      gst_dnn_join_wait (self);
    if (flow == GST_FLOW_OK)
      flow = gst_dnn_join_get_flow (priv, own);
  }
  if (flow == GST_FLOW_FLUSHING ||
      (!gst_dnn_join_is_main_pad (priv, own) && flow < GST_FLOW_EOS))
    return flow;
  return GST_FLOW_OK;
}

/* Whether one of the element's source pads isn't active. */
static gboolean
is_out_flushing (GstDnnJoin *self)
{
  gboolean flushing = FALSE;

  GST_OBJECT_LOCK (self);
  for (GList *link = GST_ELEMENT (self)->srcpads; link != NULL;
       link = link->next)
    flushing |= GST_PAD_IS_FLUSHING (GST_PAD (link->data));
  GST_OBJECT_UNLOCK (self);
  return flushing;
}

/* The main pad's go at once, but not into the flush of one that was the main
 * pad before: then they count as taken, and go before the next buffer. */
static GstFlowReturn
send_own_event (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  GQueue events;
  gboolean sent;

  g_queue_push_tail (&own->events, gst_event_ref (event));
  if (gst_dnn_join_is_flushing (priv, own))
    return GST_FLOW_OK;
  if (!gst_dnn_join_begin_push (self, own))
    return GST_FLOW_FLUSHING;
  events = own->events;
  g_queue_init (&own->events);
  sent = gst_dnn_join_push_events (self, pad, &events);
  gst_dnn_join_end_push (self);
  if (sent)
    return GST_FLOW_OK;
  /* A pad of ours that isn't active any more is no error. */
  return priv->running && !own->flushing && !is_out_flushing (self)
      ? GST_FLOW_ERROR
      : GST_FLOW_FLUSHING;
}

/* A serialised event but FLUSH_STOP and EOS. */
static GstFlowReturn
take_event (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  g_autoptr (GError) error = NULL;
  GstFlowReturn flow = wait_for_turn (self, pad);

  if (flow != GST_FLOW_OK)
    return flow;
  if (!note_event (self, pad, event, &error)) {
    g_mutex_unlock (&priv->lock);
    if (error != NULL)
      gst_dnn_join_post_error (self, error);
    g_mutex_lock (&priv->lock);
    return GST_FLOW_ERROR;
  }
  if (gst_dnn_join_is_main_pad (priv, own))
    return send_own_event (self, pad, event);
  if (!own->over || GST_EVENT_IS_STICKY (event))
    g_queue_push_tail (&own->events, gst_event_ref (event));
  gst_dnn_join_wake (self);
  return GST_FLOW_OK;
}

/* The main pad's end is that of all, once what was put down there is joined. */
static void
take_end (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);

  if (gst_dnn_join_is_main_pad (priv, own) && own->buffer != NULL && !own->over)
    gst_dnn_join_join_buffer (self, pad, GST_DNN_JOIN_OTHERS);
  own->end_seqnum = gst_event_get_seqnum (event);
  own->ended = TRUE;
  gst_dnn_join_wake (self);
  gst_dnn_join_poke_main (self);
}

static GstFlowReturn
handle_serialized (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstFlowReturn flow = GST_FLOW_OK;

  gst_dnn_join_lock (self);
  gst_dnn_join_pad_get_private (pad)->thread = g_thread_self ();
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    take_end (self, pad, event);
  else
    flow = take_event (self, pad, event);
  gst_dnn_join_unlock (self);
  gst_event_unref (event);
  return flow;
}

GstFlowReturn
gst_dnn_join_handle_event (GstPad *sink, GstObject *parent, GstEvent *event)
{
  GstDnnJoin *self = GST_DNN_JOIN (parent);
  GstDnnJoinPad *pad = GST_DNN_JOIN_PAD (sink);

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    start_flush (self, pad, event);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    stop_flush (self, pad, event);
  else if (GST_EVENT_IS_SERIALIZED (event))
    return handle_serialized (self, pad, event);
  else
    return GST_DNN_JOIN_GET_CLASS (self)->event (self, pad, event)
        ? GST_FLOW_OK
        : GST_FLOW_ERROR;
  return GST_FLOW_OK;
}
