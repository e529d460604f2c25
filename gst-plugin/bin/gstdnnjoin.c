/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers and events of several pads → sets of one frame and events in order,
 * in the main pad's thread. Next: gstdnnmux.c, gstdnnentrance.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnjoin.h"

#include "gst-plugin/bin/gstdnnjoin-private.h"
#include "gst-plugin/stream/gstdnndebug.h"

/* Bits of the sets of pads. */
#define MAX_PADS 64

#define GST_CAT_DEFAULT gst_dnn_debug

G_DEFINE_TYPE_WITH_PRIVATE (GstDnnJoinPad, gst_dnn_join_pad, GST_TYPE_PAD)
G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstDnnJoin, gst_dnn_join, GST_TYPE_ELEMENT)

GType
gst_dnn_match_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DNN_MATCH_AUTO, "Frame key, else running time", "auto" },
    { GST_DNN_MATCH_KEY, "Frame key", "key" },
    { GST_DNN_MATCH_TIME, "Running time", "time" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstDnnMatch", values);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GstDnnJoinPrivate *
gst_dnn_join_get_private (GstDnnJoin *self)
{
  return gst_dnn_join_get_instance_private (self);
}

GstDnnJoinPadPrivate *
gst_dnn_join_pad_get_private (GstDnnJoinPad *self)
{
  return gst_dnn_join_pad_get_instance_private (self);
}

/* --- state of pads; lock held --- */

static void
clear_pad (GstDnnJoinPadPrivate *priv)
{
  GstEvent *event;

  gst_clear_buffer (&priv->buffer);
  while ((event = g_queue_pop_head (&priv->events)) != NULL)
    gst_event_unref (event);
}

static void
reset_pad (GstDnnJoinPadPrivate *priv)
{
  clear_pad (priv);
  gst_segment_init (&priv->segment, GST_FORMAT_UNDEFINED);
  priv->eos = FALSE;
  priv->flushing = FALSE;
}

static GstDnnJoinPad *
get_main (GstDnnJoinPrivate *priv)
{
  return priv->pads->len > 0 ? priv->pads->pdata[0] : NULL;
}

static gboolean
is_main_flushing (GstDnnJoinPrivate *priv)
{
  GstDnnJoinPad *pad = get_main (priv);

  return pad == NULL || gst_dnn_join_pad_get_private (pad)->flushing;
}

gboolean
gst_dnn_join_is_stopping (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  return !priv->running || is_main_flushing (priv);
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

/* --- the main thread --- */

/* Waits until every other pad has a buffer. OK, FLUSHING, or EOS where one has
 * none and never will. Lock held. */
static GstFlowReturn
wait_for_set (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint i = 1;

  while (i < priv->pads->len) {
    GstDnnJoinPadPrivate *pad = gst_dnn_join_pad_get_private (
        priv->pads->pdata[i]);
    if (gst_dnn_join_is_stopping (self))
      return GST_FLOW_FLUSHING;
    if (pad->buffer != NULL) {
      i++;
    } else if (pad->eos) {
      return GST_FLOW_EOS;
    } else {
      gst_dnn_join_wait (self);
      i = 1; /* anything may have happened */
    }
  }
  return gst_dnn_join_is_stopping (self) ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

/* Posts a QoS message for each frame of @older and lets it go; @set loses the
 * main pad's. Lock held, released meanwhile. */
static void
drop_older (GstDnnJoin *self, GstBuffer **main_buffer, guint64 older)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();

  for (guint i = 0; i < priv->pads->len; i++) {
    GstDnnJoinPad *pad = priv->pads->pdata[i];
    GstBuffer **buffer = i == 0 ? main_buffer
                                : &gst_dnn_join_pad_get_private (pad)->buffer;
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

/* Waits for and takes the set that belongs to @buffer (transfer full), with
 * the events before it. @set stays empty where @buffer was dropped. Lock
 * held. */
static GstFlowReturn
take_set (GstDnnJoin *self, GstBuffer *buffer, GstBuffer **set, GError **error)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint64 older;

  do {
    GstFlowReturn flow = wait_for_set (self);
    if (flow != GST_FLOW_OK) {
      gst_buffer_unref (buffer);
      return flow;
    }
    set[0] = buffer;
    for (guint i = 1; i < priv->pads->len; i++)
      set[i] = gst_dnn_join_pad_get_private (priv->pads->pdata[i])->buffer;
    if (!gst_dnn_join_match_set (self, set, &older, error)) {
      set[0] = NULL;
      gst_buffer_unref (buffer);
      return GST_FLOW_ERROR;
    }
    if (older != 0)
      drop_older (self, &buffer, older);
  } while (older != 0 && buffer != NULL);
  set[0] = buffer;
  if (buffer == NULL)
    return GST_FLOW_OK;
  for (guint i = 1; i < priv->pads->len; i++)
    gst_dnn_join_pad_get_private (priv->pads->pdata[i])->buffer = NULL;
  if (GST_DNN_JOIN_GET_CLASS (self)->take != NULL)
    GST_DNN_JOIN_GET_CLASS (self)->take (self);
  return GST_FLOW_OK;
}

/* Sends what stands before the buffers just taken. Lock held, released
 * meanwhile. */
static void
send_events (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint n_pads = priv->pads->len;
  GstDnnJoinPad *pads[MAX_PADS];
  GQueue events[MAX_PADS];
  GstEvent *event;

  /* All at once: what comes later belongs to the next set. */
  for (guint i = 1; i < n_pads; i++) {
    pads[i] = gst_object_ref (priv->pads->pdata[i]);
    events[i] = gst_dnn_join_pad_get_private (pads[i])->events;
    g_queue_init (&gst_dnn_join_pad_get_private (pads[i])->events);
  }
  g_mutex_unlock (&priv->lock);
  for (guint i = 1; i < n_pads; i++) {
    while ((event = g_queue_pop_head (&events[i])) != NULL)
      GST_DNN_JOIN_GET_CLASS (self)->event (self, pads[i], event);
    gst_object_unref (pads[i]);
  }
  g_mutex_lock (&priv->lock);
}

static void
send_eos (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  g_mutex_lock (&priv->lock);
  send_events (self);
  priv->eos = TRUE;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  GST_DNN_JOIN_GET_CLASS (self)->event (self, pad, event);
}

static GstFlowReturn
chain_main (GstDnnJoin *self, GstDnnJoinPad *pad, GstBuffer *buffer)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  g_autoptr (GError) error = NULL;
  GstBuffer *set[MAX_PADS] = { NULL };
  GstFlowReturn flow;
  guint n_pads, n_flushes;

  g_mutex_lock (&priv->lock);
  n_flushes = priv->n_flushes;
  flow = take_set (self, buffer, set, &error);
  n_pads = priv->pads->len;
  if (flow == GST_FLOW_OK && set[0] != NULL)
    send_events (self);
  g_mutex_unlock (&priv->lock);

  if (error != NULL)
    gst_dnn_join_post_error (self, error);
  if (flow == GST_FLOW_EOS)
    send_eos (self, pad, gst_event_new_eos ());
  if (flow == GST_FLOW_OK && set[0] != NULL)
    flow = GST_DNN_JOIN_GET_CLASS (self)->finish (self, set, n_pads);

  g_mutex_lock (&priv->lock);
  /* Where only others were flushed, the main pad's stream goes on. */
  if (flow == GST_FLOW_FLUSHING && !gst_dnn_join_is_stopping (self) &&
      priv->n_flushes != n_flushes)
    flow = GST_FLOW_OK;
  priv->flow = flow;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  return flow;
}

/* --- the other threads --- */

/* What a pad's thread has to return now. Lock held. */
static GstFlowReturn
get_flow (GstDnnJoin *self, GstDnnJoinPadPrivate *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  if (!priv->running || pad->flushing)
    return GST_FLOW_FLUSHING;
  if (priv->eos || pad->eos)
    return GST_FLOW_EOS;
  /* A flush of the main pad alone doesn't end the others. */
  return priv->flow == GST_FLOW_FLUSHING ? GST_FLOW_OK : priv->flow;
}

/* Waits until the pad's buffer was taken. Lock held. */
static GstFlowReturn
wait_for_place (GstDnnJoin *self, GstDnnJoinPadPrivate *pad)
{
  GstFlowReturn flow;

  while ((flow = get_flow (self, pad)) == GST_FLOW_OK && pad->buffer != NULL)
    gst_dnn_join_wait (self);
  return flow;
}

static GstFlowReturn
chain (GstPad *sink, GstObject *parent, GstBuffer *buffer)
{
  GstDnnJoin *self = GST_DNN_JOIN (parent);
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPad *pad = GST_DNN_JOIN_PAD (sink);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  gboolean is_main;
  GstFlowReturn flow;

  g_mutex_lock (&priv->lock);
  is_main = pad == get_main (priv);
  flow = is_main ? get_flow (self, own) : wait_for_place (self, own);
  /* The main thread tries again after an error downstream. */
  if (is_main && flow != GST_FLOW_FLUSHING && flow != GST_FLOW_EOS)
    flow = GST_FLOW_OK;
  if (flow == GST_FLOW_OK && !is_main) {
    own->buffer = g_steal_pointer (&buffer);
    gst_dnn_join_wake (self);
  }
  g_mutex_unlock (&priv->lock);

  if (flow == GST_FLOW_OK && is_main)
    return chain_main (self, pad, buffer);
  gst_clear_buffer (&buffer);
  return flow;
}

/* --- events --- */

/* Whether another pad with the same way out is flushing. Lock held. */
static gboolean
is_other_flushing (GstDnnJoinPrivate *priv, GstDnnJoinPadPrivate *pad)
{
  for (guint i = 0; i < priv->pads->len; i++) {
    GstDnnJoinPadPrivate *other = gst_dnn_join_pad_get_private (
        priv->pads->pdata[i]);
    if (other != pad && other->src == pad->src && other->flushing)
      return TRUE;
  }
  return FALSE;
}

static gboolean
start_flush (GstDnnJoin *self, GstDnnJoinPadPrivate *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  gboolean first;

  g_mutex_lock (&priv->lock);
  first = !pad->flushing && !is_other_flushing (priv, pad);
  pad->flushing = TRUE;
  priv->n_flushes++;
  clear_pad (pad);
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  if (first)
    return gst_pad_push_event (pad->src, event);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
stop_flush (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  gboolean last;

  g_mutex_lock (&priv->lock);
  last = own->flushing && !is_other_flushing (priv, own);
  reset_pad (own);
  priv->eos = FALSE;
  priv->flow = GST_FLOW_OK;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  if (last)
    return GST_DNN_JOIN_GET_CLASS (self)->event (self, pad, event);
  gst_event_unref (event);
  return TRUE;
}

/* What the join itself keeps of an event, in the order of buffers. Lock
 * held. */
static gboolean
note_event (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event, GError **error)
{
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  const gchar *stream_id;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      gst_event_parse_stream_start (event, &stream_id);
      g_free (own->stream_id);
      own->stream_id = g_strdup (stream_id);
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

/* A serialised event but FLUSH_STOP and EOS. */
static gboolean
handle_serialized (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  g_autoptr (GError) error = NULL;
  gboolean is_main, result = TRUE;

  g_mutex_lock (&priv->lock);
  is_main = pad == get_main (priv);
  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    own->eos = FALSE;
  if (!is_main)
    result = wait_for_place (self, own) == GST_FLOW_OK;
  if (result)
    result = note_event (self, pad, event, &error);
  if (result && !is_main) {
    g_queue_push_tail (&own->events, gst_event_ref (event));
    gst_dnn_join_wake (self);
  }
  g_mutex_unlock (&priv->lock);

  if (error != NULL)
    gst_dnn_join_post_error (self, error);
  if (result && is_main)
    return GST_DNN_JOIN_GET_CLASS (self)->event (self, pad, event);
  gst_event_unref (event);
  return result;
}

static gboolean
handle_eos (GstDnnJoin *self, GstDnnJoinPad *pad, GstEvent *event)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  gboolean is_main, already;

  g_mutex_lock (&priv->lock);
  is_main = pad == get_main (priv);
  already = priv->eos;
  gst_dnn_join_pad_get_private (pad)->eos = TRUE;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  if (is_main && !already)
    send_eos (self, pad, event);
  else
    gst_event_unref (event);
  return TRUE;
}

static gboolean
handle_event (GstPad *sink, GstObject *parent, GstEvent *event)
{
  GstDnnJoin *self = GST_DNN_JOIN (parent);
  GstDnnJoinPad *pad = GST_DNN_JOIN_PAD (sink);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
      return start_flush (self, gst_dnn_join_pad_get_private (pad), event);
    case GST_EVENT_FLUSH_STOP:
      return stop_flush (self, pad, event);
    case GST_EVENT_EOS:
      return handle_eos (self, pad, event);
    default:
      break;
  }
  if (GST_EVENT_IS_SERIALIZED (event))
    return handle_serialized (self, pad, event);
  return GST_DNN_JOIN_GET_CLASS (self)->event (self, pad, event);
}

/* --- pads --- */

GstDnnJoinPad *
gst_dnn_join_add_pad (GstDnnJoin *self, GType type, GstPadTemplate *templ,
    guint number, GstPad *src)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  g_autofree gchar *name = g_strdup_printf ("sink_%u", number);
  GstDnnJoinPad *pad;
  guint idx = 0;

  if (priv->pads->len == MAX_PADS)
    return NULL;
  pad = g_object_new (
      type, "name", name, "direction", GST_PAD_SINK, "template", templ, NULL);
  gst_dnn_join_pad_get_private (pad)->number = number;
  gst_dnn_join_pad_get_private (pad)->src = src;
  gst_pad_set_chain_function (GST_PAD (pad), chain);
  gst_pad_set_event_function (GST_PAD (pad), handle_event);
  g_mutex_lock (&priv->lock);
  while (idx < priv->pads->len &&
      gst_dnn_join_pad_get_private (priv->pads->pdata[idx])->number < number)
    idx++;
  g_ptr_array_insert (priv->pads, (gint) idx, pad);
  g_mutex_unlock (&priv->lock);
  if (!gst_element_add_pad (GST_ELEMENT (self), GST_PAD (pad))) {
    g_ptr_array_remove (priv->pads, pad);
    return NULL;
  }
  return pad;
}

void
gst_dnn_join_remove_pad (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  g_mutex_lock (&priv->lock);
  g_ptr_array_remove (priv->pads, pad);
  reset_pad (gst_dnn_join_pad_get_private (pad));
  gst_dnn_join_pad_get_private (pad)->flushing = TRUE;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  gst_element_remove_pad (GST_ELEMENT (self), GST_PAD (pad));
}

guint
gst_dnn_join_get_free_number (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint number = 0;

  g_mutex_lock (&priv->lock);
  for (guint i = 0; i < priv->pads->len; i++)
    if (gst_dnn_join_pad_get_private (priv->pads->pdata[i])->number == number)
      number++;
  g_mutex_unlock (&priv->lock);
  return number;
}

guint
gst_dnn_join_get_n_pads (GstDnnJoin *self)
{
  return gst_dnn_join_get_private (self)->pads->len;
}

GstDnnJoinPad *
gst_dnn_join_get_pad (GstDnnJoin *self, guint idx)
{
  return gst_dnn_join_get_private (self)->pads->pdata[idx];
}

gboolean
gst_dnn_join_is_main (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  return pad == get_main (gst_dnn_join_get_private (self));
}

guint
gst_dnn_join_pad_get_number (GstDnnJoinPad *pad)
{
  return gst_dnn_join_pad_get_private (pad)->number;
}

gchar *
gst_dnn_join_pad_get_stream_id (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  gchar *stream_id;

  gst_dnn_join_lock (self);
  stream_id = g_strdup (gst_dnn_join_pad_get_private (pad)->stream_id);
  gst_dnn_join_unlock (self);
  return stream_id;
}

/* --- the element --- */

void
gst_dnn_join_set_match (GstDnnJoin *self, GstDnnMatch match)
{
  gst_dnn_join_lock (self);
  gst_dnn_join_get_private (self)->match = match;
  gst_dnn_join_unlock (self);
}

GstDnnMatch
gst_dnn_join_get_match (GstDnnJoin *self)
{
  return gst_dnn_join_get_private (self)->match;
}

guint64
gst_dnn_join_get_n_dropped (GstDnnJoin *self)
{
  guint64 n_dropped;

  gst_dnn_join_lock (self);
  n_dropped = gst_dnn_join_get_private (self)->n_dropped;
  gst_dnn_join_unlock (self);
  return n_dropped;
}

void
gst_dnn_join_post_error (GstDnnJoin *self, const GError *error)
{
  gst_dnn_error_post (self, &gst_dnn_join_get_private (self)->latch, error);
}

/* Nothing is held, everybody wakes up. */
static void
set_running (GstDnnJoin *self, gboolean running)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  g_mutex_lock (&priv->lock);
  priv->running = running;
  priv->eos = FALSE;
  priv->flow = GST_FLOW_OK;
  if (running)
    priv->n_dropped = 0;
  for (guint i = 0; i < priv->pads->len; i++) {
    GstDnnJoinPadPrivate *pad = gst_dnn_join_pad_get_private (
        priv->pads->pdata[i]);
    reset_pad (pad);
    g_clear_pointer (&pad->stream_id, g_free);
  }
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstDnnJoin *self = GST_DNN_JOIN (element);
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    gst_dnn_error_reset (&priv->latch);
    set_running (self, TRUE);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    set_running (self, FALSE);
  }
  result = GST_ELEMENT_CLASS (gst_dnn_join_parent_class)
               ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY &&
      GST_DNN_JOIN_GET_CLASS (self)->reset != NULL)
    GST_DNN_JOIN_GET_CLASS (self)->reset (self);
  return result;
}

static void
finalize_join (GObject *object)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (GST_DNN_JOIN (object));

  g_ptr_array_unref (priv->pads);
  g_mutex_clear (&priv->lock);
  g_cond_clear (&priv->changed);
  G_OBJECT_CLASS (gst_dnn_join_parent_class)->finalize (object);
}

static void
gst_dnn_join_class_init (GstDnnJoinClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = finalize_join;
  GST_ELEMENT_CLASS (klass)->change_state = change_state;
}

static void
gst_dnn_join_init (GstDnnJoin *self)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);

  g_mutex_init (&priv->lock);
  g_cond_init (&priv->changed);
  priv->pads = g_ptr_array_new ();
}

static void
finalize_pad (GObject *object)
{
  GstDnnJoinPadPrivate *priv = gst_dnn_join_pad_get_private (
      GST_DNN_JOIN_PAD (object));

  reset_pad (priv);
  g_clear_pointer (&priv->stream_id, g_free);
  G_OBJECT_CLASS (gst_dnn_join_pad_parent_class)->finalize (object);
}

static void
gst_dnn_join_pad_class_init (GstDnnJoinPadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = finalize_pad;
}

static void
gst_dnn_join_pad_init (GstDnnJoinPad *self)
{
  GstDnnJoinPadPrivate *priv = gst_dnn_join_pad_get_private (self);

  g_queue_init (&priv->events);
  gst_segment_init (&priv->segment, GST_FORMAT_UNDEFINED);
}
