/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers of several pads → sets of one frame, in the main pad's thread, and
 * events before them. Next: gstdnnmux.c, gstdnnentrance.c. */
#include "config.h"

#include "gst-plugin/join/gstdnnjoin-private.h"

/* --- state of pads; lock held --- */

void
gst_dnn_join_flush_events (GQueue *events)
{
  for (guint n = g_queue_get_length (events); n > 0; n--) {
    GstEvent *event = g_queue_pop_head (events);
    if (GST_EVENT_IS_STICKY (event) &&
        GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT &&
        GST_EVENT_TYPE (event) != GST_EVENT_EOS)
      g_queue_push_tail (events, event);
    else
      gst_event_unref (event);
  }
}

void
gst_dnn_join_flush_pad (GstDnnJoinPadPrivate *pad)
{
  gst_clear_buffer (&pad->buffer);
  gst_dnn_join_flush_events (&pad->events);
  gst_segment_init (&pad->segment, GST_FORMAT_UNDEFINED);
  pad->ended = FALSE;
  pad->over = FALSE;
}

void
gst_dnn_join_reset_pad (GstDnnJoinPadPrivate *pad)
{
  gst_dnn_join_flush_pad (pad);
  g_queue_clear_full (&pad->events, (GDestroyNotify) gst_event_unref);
  pad->flushing = FALSE;
}

GstDnnJoinPadPrivate *
gst_dnn_join_get_pad_at (GstDnnJoinPrivate *priv, guint idx)
{
  return gst_dnn_join_pad_get_private (priv->pads->pdata[idx]);
}

GstDnnJoinPad *
gst_dnn_join_get_main (GstDnnJoinPrivate *priv)
{
  return priv->pads->len > 0 ? priv->pads->pdata[0] : NULL;
}

gboolean
gst_dnn_join_is_main_pad (GstDnnJoinPrivate *priv, GstDnnJoinPadPrivate *pad)
{
  return priv->pads->len > 0 && gst_dnn_join_get_pad_at (priv, 0) == pad;
}

gboolean
gst_dnn_join_is_flushing (
    GstDnnJoinPrivate *priv, const GstDnnJoinPadPrivate *except)
{
  return priv->flusher != NULL && priv->flusher != except;
}

void
gst_dnn_join_begin_stream (GstDnnJoinPrivate *priv)
{
  for (guint i = 0; i < priv->pads->len; i++)
    if (!gst_dnn_join_get_pad_at (priv, i)->ended)
      gst_dnn_join_get_pad_at (priv, i)->over = FALSE;
}

gboolean
gst_dnn_join_is_stopping (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  return !priv->running || priv->flusher != NULL;
}

void
gst_dnn_join_wait (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  g_cond_wait (&priv->changed, &priv->lock);
}

void
gst_dnn_join_wake (GstDnnJoin *self)
{
  g_cond_broadcast (&gst_dnn_join_get_private (self)->changed);
}

void
gst_dnn_join_lock (GstDnnJoin *self)
{
  g_mutex_lock (&gst_dnn_join_get_private (self)->lock);
}

void
gst_dnn_join_unlock (GstDnnJoin *self)
{
  g_mutex_unlock (&gst_dnn_join_get_private (self)->lock);
}

GstFlowReturn
gst_dnn_join_get_flow (GstDnnJoinPrivate *priv, const GstDnnJoinPadPrivate *pad)
{
  if (!priv->running || pad->flushing)
    return GST_FLOW_FLUSHING;
  if (pad->over || pad->ended)
    return GST_FLOW_EOS;
  /* A flush of the main pad alone doesn't end the others. */
  return priv->flow == GST_FLOW_FLUSHING ? GST_FLOW_OK : priv->flow;
}

/* --- the way out: one thread at a time; lock held --- */

gboolean
gst_dnn_join_begin_push (GstDnnJoin *self, GstDnnJoinPadPrivate *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  while (priv->pusher != NULL && priv->running && !pad->flushing)
    gst_dnn_join_wait (self);
  if (!priv->running || pad->flushing)
    return FALSE;
  priv->pusher = g_thread_self ();
  return TRUE;
}

void
gst_dnn_join_end_push (GstDnnJoin *self)
{
  gst_dnn_join_get_private (self)->pusher = NULL;
  gst_dnn_join_wake (self);
}

gboolean
gst_dnn_join_push_events (GstDnnJoin *self, GstDnnJoinPad *pad, GQueue *events)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  gboolean sent = TRUE;
  GstEvent *event;

  g_mutex_unlock (&priv->lock);
  while (sent && (event = g_queue_pop_head (events)) != NULL) {
    sent = GST_DNN_JOIN_GET_CLASS (self)->event (
        self, pad, gst_event_ref (event));
    if (sent)
      gst_event_unref (event);
    else
      g_queue_push_head (events, event);
  }
  g_mutex_lock (&priv->lock);
  if (!sent && gst_dnn_join_is_flushing (priv, NULL)) {
    if (own->flushing)
      gst_dnn_join_flush_events (events);
    sent = TRUE;
    while ((event = g_queue_pop_tail (events)) != NULL)
      g_queue_push_head (&own->events, event);
  }
  g_queue_clear_full (events, (GDestroyNotify) gst_event_unref);
  return sent;
}

/* Sends what stands before the buffers just taken. The lock is released
 * meanwhile. */
static void
send_events (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint n_pads = priv->pads->len;
  GstDnnJoinPad *pads[GST_DNN_JOIN_MAX_PADS];
  GQueue events[GST_DNN_JOIN_MAX_PADS];

  /* All at once: what comes later belongs to the next set. */
  for (guint i = 0; i < n_pads; i++) {
    pads[i] = gst_object_ref (priv->pads->pdata[i]);
    events[i] = gst_dnn_join_get_pad_at (priv, i)->events;
    g_queue_init (&gst_dnn_join_get_pad_at (priv, i)->events);
  }
  for (guint i = 0; i < n_pads; i++) {
    if (!g_queue_is_empty (&events[i]))
      gst_dnn_join_push_events (self, pads[i], &events[i]);
    gst_object_unref (pads[i]);
  }
}

void
gst_dnn_join_end_stream (GstDnnJoin *self, GstDnnJoinPad *pad, guint32 seqnum)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstEvent *event = gst_event_new_eos ();

  if (seqnum != GST_SEQNUM_INVALID)
    gst_event_set_seqnum (event, seqnum);
  for (guint i = 0; i < priv->pads->len; i++) {
    gst_dnn_join_get_pad_at (priv, i)->over = TRUE;
    gst_clear_buffer (&gst_dnn_join_get_pad_at (priv, i)->buffer);
  }
  gst_dnn_join_wake (self);
  send_events (self);
  g_mutex_unlock (&priv->lock);
  GST_DNN_JOIN_GET_CLASS (self)->event (self, pad, event);
  g_mutex_lock (&priv->lock);
}

/* --- the main thread; lock held --- */

/* Whether somebody may wait for @pad. */
static gboolean
is_awaited (const GstDnnJoinPadPrivate *pad, GstDnnJoinPatience patience)
{
  return patience == GST_DNN_JOIN_ALWAYS ||
      (patience == GST_DNN_JOIN_OTHERS && pad->thread != g_thread_self ());
}

/* The first pad behind the main one that has no buffer; NULL for none. */
static GstDnnJoinPadPrivate *
find_empty (GstDnnJoinPrivate *priv)
{
  for (guint i = 1; i < priv->pads->len; i++)
    if (gst_dnn_join_get_pad_at (priv, i)->buffer == NULL)
      return gst_dnn_join_get_pad_at (priv, i);
  return NULL;
}

/* Waits until every pad has a buffer and nobody pushes: then @complete. Else
 * FLUSHING, or EOS where one (@ended) has none and never will, or OK. */
static GstFlowReturn
wait_for_set (GstDnnJoin *self, GstDnnJoinPadPrivate *own,
    GstDnnJoinPatience patience, gboolean *complete,
    GstDnnJoinPadPrivate **ended)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  *complete = FALSE;
  for (;;) {
    GstDnnJoinPadPrivate *empty = find_empty (priv);
    if (!priv->running || own->flushing)
      return GST_FLOW_FLUSHING;
    if (own->over)
      return GST_FLOW_EOS;
    if (!gst_dnn_join_is_main_pad (priv, own) || own->buffer == NULL)
      return GST_FLOW_OK;
    if (empty != NULL && empty->ended && !empty->over && priv->pusher == NULL) {
      *ended = empty;
      return GST_FLOW_EOS;
    }
    *complete = empty == NULL && priv->pusher == NULL;
    if (*complete || (empty != NULL && !is_awaited (empty, patience)) ||
        (empty == NULL && patience == GST_DNN_JOIN_NEVER))
      return GST_FLOW_OK;
    gst_dnn_join_wait (self);
  }
}

/* Posts a QoS message for each frame of @older and lets it go. The lock is
 * released meanwhile. */
static void
drop_older (GstDnnJoin *self, guint64 older)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();

  for (guint i = 0; i < priv->pads->len; i++) {
    GstDnnJoinPad *pad = priv->pads->pdata[i];
    GstBuffer **buffer = &gst_dnn_join_get_pad_at (priv, i)->buffer;
    if (!(older >> i & 1))
      continue;
    priv->n_dropped++;
    g_ptr_array_add (
        messages, gst_dnn_join_new_drop_message (self, pad, *buffer));
    gst_clear_buffer (buffer);
  }
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  for (guint i = 0; i < messages->len; i++)
    gst_element_post_message (GST_ELEMENT (self), messages->pdata[i]);
  g_mutex_lock (&priv->lock);
}

/* Waits for and takes a set, and the way out; it stays empty where none comes.
 */
static GstFlowReturn
take_set (GstDnnJoin *self, GstDnnJoinPadPrivate *pad,
    GstDnnJoinPatience patience, GstBuffer **set, GstDnnJoinPadPrivate **ended,
    GError **error)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstBuffer *seen[GST_DNN_JOIN_MAX_PADS];
  gboolean complete;
  guint64 older;

  do {
    GstFlowReturn flow = wait_for_set (self, pad, patience, &complete, ended);
    if (!complete)
      return flow;
    for (guint i = 0; i < priv->pads->len; i++)
      seen[i] = gst_dnn_join_get_pad_at (priv, i)->buffer;
    if (!gst_dnn_join_match_set (self, seen, &older, error))
      return GST_FLOW_ERROR;
    if (older != 0)
      drop_older (self, older);
  } while (older != 0);
  for (guint i = 0; i < priv->pads->len; i++)
    set[i] = g_steal_pointer (&gst_dnn_join_get_pad_at (priv, i)->buffer);
  priv->pusher = g_thread_self ();
  if (GST_DNN_JOIN_GET_CLASS (self)->take != NULL)
    GST_DNN_JOIN_GET_CLASS (self)->take (self);
  return GST_FLOW_OK;
}

/* Sends a set. The lock is released meanwhile. */
static GstFlowReturn
finish_set (GstDnnJoin *self, GstDnnJoinPadPrivate *own, GstBuffer **set)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint n_pads = priv->pads->len;
  GstFlowReturn flow;

  send_events (self);
  g_mutex_unlock (&priv->lock);
  flow = GST_DNN_JOIN_GET_CLASS (self)->finish (self, set, n_pads);
  g_mutex_lock (&priv->lock);
  /* Where only others are flushed, the main pad's stream goes on. */
  if (flow == GST_FLOW_FLUSHING && priv->running && !own->flushing &&
      gst_dnn_join_is_flushing (priv, own))
    flow = GST_FLOW_OK;
  priv->flow = flow;
  gst_dnn_join_end_push (self);
  return flow;
}

GstFlowReturn
gst_dnn_join_join_buffer (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstDnnJoinPatience patience)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  GstDnnJoinPadPrivate *ended = NULL;
  g_autoptr (GError) error = NULL;
  GstBuffer *set[GST_DNN_JOIN_MAX_PADS] = { NULL };
  GstFlowReturn flow;

  while (own->joining && priv->running && !own->flushing)
    gst_dnn_join_wait (self);
  own->joining = TRUE;
  flow = take_set (self, own, patience, set, &ended, &error);
  if (set[0] != NULL) {
    flow = finish_set (self, own, set);
  } else if (ended != NULL && gst_dnn_join_begin_push (self, own)) {
    gst_dnn_join_end_stream (self, pad, ended->end_seqnum);
    gst_dnn_join_end_push (self);
  } else if (error != NULL) {
    priv->flow = flow;
    g_mutex_unlock (&priv->lock);
    gst_dnn_join_post_error (self, error);
    g_mutex_lock (&priv->lock);
  }
  if (flow != GST_FLOW_OK)
    gst_clear_buffer (&own->buffer);
  own->joining = FALSE;
  gst_dnn_join_wake (self);
  return flow;
}

/* One set, or the end. Whether there was one. */
static gboolean
poke_once (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);

  if (own->joining || own->over || !priv->running)
    return FALSE;
  if (own->buffer != NULL)
    return gst_dnn_join_join_buffer (self, pad, GST_DNN_JOIN_NEVER) ==
        GST_FLOW_OK &&
        own->buffer == NULL;
  if (own->ended && !gst_dnn_join_is_flushing (priv, NULL) &&
      gst_dnn_join_begin_push (self, own)) {
    gst_dnn_join_end_stream (self, pad, own->end_seqnum);
    gst_dnn_join_end_push (self);
  }
  return FALSE;
}

void
gst_dnn_join_poke_main (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  gboolean again = TRUE;

  while (again && priv->pads->len > 0) {
    GstDnnJoinPad *pad = gst_object_ref (gst_dnn_join_get_main (priv));
    again = poke_once (self, pad);
    gst_object_unref (pad);
  }
}

/* --- buffers --- */

/* The main pad's thread stays until its buffer has been joined. The main thread
 * tries again after an error downstream. Lock held. */
static GstFlowReturn
take_main_buffer (GstDnnJoin *self, GstDnnJoinPad *pad, GstBuffer **buffer)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);

  if (!priv->running || own->flushing)
    return GST_FLOW_FLUSHING;
  if (own->over || own->ended)
    return GST_FLOW_EOS;
  if (own->buffer != NULL)
    return gst_dnn_join_join_buffer (self, pad, GST_DNN_JOIN_ALWAYS);
  own->buffer = g_steal_pointer (buffer);
  return gst_dnn_join_join_buffer (self, pad, GST_DNN_JOIN_OTHERS);
}

/* Others put it down, and wait until there is a place. Lock held. */
static GstFlowReturn
take_other_buffer (
    GstDnnJoin *self, GstDnnJoinPadPrivate *own, GstBuffer **buffer)
{
  GstFlowReturn flow = gst_dnn_join_get_flow (
      gst_dnn_join_get_private (self), own);

  if (flow != GST_FLOW_OK)
    return flow;
  if (own->buffer != NULL) {
    gst_dnn_join_wait (self);
    return GST_FLOW_OK;
  }
  own->buffer = g_steal_pointer (buffer);
  gst_dnn_join_wake (self);
  gst_dnn_join_poke_main (self);
  return GST_FLOW_OK;
}

GstFlowReturn
gst_dnn_join_chain (GstPad *sink, GstObject *parent, GstBuffer *buffer)
{
  GstDnnJoin *self = GST_DNN_JOIN (parent);
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPad *pad = GST_DNN_JOIN_PAD (sink);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  GstFlowReturn flow;

  gst_dnn_join_lock (self);
  own->thread = g_thread_self ();
  do {
    flow = gst_dnn_join_is_main_pad (priv, own)
        ? take_main_buffer (self, pad, &buffer)
        : take_other_buffer (self, own, &buffer);
  } while (flow == GST_FLOW_OK && buffer != NULL);
  gst_dnn_join_unlock (self);
  gst_clear_buffer (&buffer);
  return flow;
}
