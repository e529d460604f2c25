/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers before an element → the same buffers behind it, where they are gaps.
 * Next: the element's peer. */
#include "config.h"

#include "gst-plugin/gstdnnbypass.h"

#include "gst-plugin/gstdnnbuffer.h"
#include "gst-plugin/gstdnnmeta-frame.h"

typedef struct
{
  gint ref_count; /* one for each pad with a probe */
  GMutex lock;
  GQueue inside; /* GstBuffer: a gap that waits, or an empty one that keeps the
                    metadata of a frame that is in the element */
  GstPad *src; /* not owned */
} Bypass;

static void
clear_inside (Bypass *self)
{
  GstBuffer *buffer;

  g_mutex_lock (&self->lock);
  while ((buffer = g_queue_pop_head (&self->inside)) != NULL)
    gst_buffer_unref (buffer);
  g_mutex_unlock (&self->lock);
}

static void
unref_bypass (gpointer data)
{
  Bypass *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  clear_inside (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Gaps at the head: everything before them has left. (transfer full) */
static GstBuffer *
pop_gap (Bypass *self)
{
  GstBuffer *head, *gap = NULL;

  g_mutex_lock (&self->lock);
  head = g_queue_peek_head (&self->inside);
  if (head != NULL && gst_dnn_buffer_is_gap (head))
    gap = g_queue_pop_head (&self->inside);
  g_mutex_unlock (&self->lock);
  return gap;
}

static void
push_gaps (Bypass *self)
{
  GstBuffer *gap;

  while ((gap = pop_gap (self)) != NULL)
    gst_pad_push (self->src, gap);
}

static GstPadProbeReturn
probe_sink_buffer (Bypass *self, GstBuffer *buffer)
{
  gboolean is_gap = gst_dnn_buffer_is_gap (buffer);
  GstBuffer *entry = gst_dnn_buffer_new_gap (buffer);

  if (!is_gap)
    GST_BUFFER_FLAG_UNSET (entry, GST_BUFFER_FLAG_GAP);
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->inside, entry);
  g_mutex_unlock (&self->lock);
  if (!is_gap)
    return GST_PAD_PROBE_OK;
  push_gaps (self);
  return GST_PAD_PROBE_DROP;
}

static GstPadProbeReturn
probe_sink (GstPad *sink, GstPadProbeInfo *info, gpointer data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return probe_sink_buffer (data, GST_PAD_PROBE_INFO_BUFFER (info));
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_FLUSH_STOP)
    clear_inside (data);
  return GST_PAD_PROBE_OK;
}

/* What was kept of the frame that @buffer came of; older ones were dropped
 * inside. (transfer full) (nullable) */
static GstBuffer *
pop_entry (Bypass *self, GstBuffer *buffer)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);
  GstBuffer *entry;

  g_mutex_lock (&self->lock);
  entry = g_queue_pop_head (&self->inside);
  while (meta != NULL && entry != NULL) {
    GstDnnFrameMeta *own = gst_buffer_get_dnn_frame_meta (entry);
    GstBuffer *next = g_queue_peek_head (&self->inside);
    if (own == NULL || next == NULL || gst_dnn_buffer_is_gap (next) ||
        gst_dnn_frame_key_compare (&own->key, &meta->key) >= 0)
      break;
    gst_buffer_unref (entry);
    entry = g_queue_pop_head (&self->inside);
  }
  g_mutex_unlock (&self->lock);
  return entry;
}

static GstBuffer *
restore_meta (Bypass *self, GstBuffer *buffer)
{
  GstBuffer *entry = pop_entry (self, buffer);

  if (entry == NULL)
    return buffer;
  if (gst_buffer_get_dnn_frame_meta (buffer) == NULL) {
    GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (entry);
    buffer = gst_buffer_make_writable (buffer);
    if (meta != NULL)
      gst_buffer_add_dnn_frame_meta (buffer, meta->frame, meta->caps,
          &meta->segment, &meta->to_frame, &meta->key);
  }
  gst_buffer_unref (entry);
  return buffer;
}

static GstPadProbeReturn
probe_src (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  Bypass *self = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    /* Our own gaps come along here as well. */
    if (gst_dnn_buffer_is_gap (GST_PAD_PROBE_INFO_BUFFER (info)))
      return GST_PAD_PROBE_OK;
    push_gaps (self);
    info->data = restore_meta (self, GST_PAD_PROBE_INFO_BUFFER (info));
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) ==
      GST_EVENT_EOS) {
    push_gaps (self);
  }
  return GST_PAD_PROBE_OK;
}

void
gst_dnn_bypass_install (GstElement *element)
{
  Bypass *self = g_new0 (Bypass, 1);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (element, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");

  self->ref_count = 2;
  self->src = src;
  g_mutex_init (&self->lock);
  g_queue_init (&self->inside);
  gst_pad_add_probe (sink,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
          GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      probe_sink, self, unref_bypass);
  gst_pad_add_probe (src,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      probe_src, self, unref_bypass);
}
