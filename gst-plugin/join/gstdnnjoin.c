/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pads of an element where streams meet, as they come and go. Next:
 * gstdnnjoin-flow.c, gstdnnjoin-events.c. */
#include "config.h"

#include "gst-plugin/join/gstdnnjoin.h"

#include "gst-plugin/join/gstdnnjoin-private.h"
#include "gst-plugin/stream/gstdnndebug.h"

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

/* --- pads --- */

/* Into the order of numbers. FALSE where there are too many. */
static gboolean
insert_pad (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&priv->lock);
  guint idx = 0;

  if (priv->pads->len == GST_DNN_JOIN_MAX_PADS)
    return FALSE;
  while (idx < priv->pads->len &&
      gst_dnn_join_get_pad_at (priv, idx)->number < own->number)
    idx++;
  if (priv->pads->len > 0)
    own->over = gst_dnn_join_get_pad_at (priv, 0)->over;
  g_ptr_array_insert (priv->pads, (gint) idx, pad);
  gst_dnn_join_wake (self);
  return TRUE;
}

/* Its thread, wherever it waits, leaves. */
static void
withdraw_pad (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  GstDnnJoinPadPrivate *own = gst_dnn_join_pad_get_private (pad);
  g_autoptr (GMutexLocker) flush = g_mutex_locker_new (&priv->flush);
  gboolean is_out;

  g_mutex_lock (&priv->lock);
  g_ptr_array_remove (priv->pads, pad);
  is_out = priv->flusher == own;
  priv->flusher = is_out ? NULL : priv->flusher;
  gst_dnn_join_reset_pad (own);
  own->flushing = TRUE;
  gst_dnn_join_wake (self);
  g_mutex_unlock (&priv->lock);
  /* Nobody else ends the flush that it began. */
  if (is_out)
    GST_DNN_JOIN_GET_CLASS (self)->flush (
        self, gst_event_new_flush_stop (FALSE));
}

GstDnnJoinPad *
gst_dnn_join_add_pad (
    GstDnnJoin *self, GType type, GstPadTemplate *templ, guint number)
{
  g_autofree gchar *name = g_strdup_printf ("sink_%u", number);
  GstDnnJoinPad *pad = g_object_new (
      type, "name", name, "direction", GST_PAD_SINK, "template", templ, NULL);

  gst_object_ref_sink (pad);
  gst_dnn_join_pad_get_private (pad)->number = number;
  gst_pad_set_chain_function (GST_PAD (pad), gst_dnn_join_chain);
  gst_pad_set_event_full_function (GST_PAD (pad), gst_dnn_join_handle_event);
  if (!insert_pad (self, pad)) {
    gst_object_unref (pad);
    return NULL;
  }
  if (!gst_element_add_pad (GST_ELEMENT (self), GST_PAD (pad))) {
    withdraw_pad (self, pad);
    gst_object_unref (pad);
    return NULL;
  }
  gst_object_unref (pad);
  return pad;
}

/* What stands behind may block, so a thread of its own does it. */
static void
finish_main (GstElement *element, gpointer data)
{
  GstDnnJoin *self = GST_DNN_JOIN (element);

  gst_dnn_join_lock (self);
  gst_dnn_join_poke_main (self);
  gst_dnn_join_unlock (self);
}

/* Not once the element has stopped: it may be on its end, and a reference that
 * another thread takes and gives back meanwhile is one too many. */
void
gst_dnn_join_remove_pad (GstDnnJoin *self, GstDnnJoinPad *pad)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  gboolean running;

  withdraw_pad (self, pad);
  gst_dnn_join_lock (self);
  running = priv->running;
  gst_dnn_join_unlock (self);
  if (running)
    gst_element_call_async (GST_ELEMENT (self), finish_main, NULL, NULL);
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
  return pad == gst_dnn_join_get_main (gst_dnn_join_get_private (self));
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
  GstDnnMatch match;

  gst_dnn_join_lock (self);
  match = gst_dnn_join_get_private (self)->match;
  gst_dnn_join_unlock (self);
  return match;
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
  priv->flow = GST_FLOW_OK;
  priv->flusher = NULL;
  if (running) {
    priv->n_dropped = 0;
    priv->pusher = NULL;
  }
  for (guint i = 0; i < priv->pads->len; i++) {
    GstDnnJoinPadPrivate *pad = gst_dnn_join_pad_get_private (
        priv->pads->pdata[i]);
    gst_dnn_join_reset_pad (pad);
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
  g_mutex_clear (&priv->flush);
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

  g_mutex_init (&priv->flush);
  g_mutex_init (&priv->lock);
  g_cond_init (&priv->changed);
  priv->pads = g_ptr_array_new ();
}

static void
finalize_pad (GObject *object)
{
  GstDnnJoinPadPrivate *priv = gst_dnn_join_pad_get_private (
      GST_DNN_JOIN_PAD (object));

  gst_dnn_join_reset_pad (priv);
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
