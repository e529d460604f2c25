/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames at the pads of dnnbin → into its graph, or past it. Next:
 * gstdnnexit.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-private.h"

/* --- what comes --- */

static void
count_drop (GstElement *queue, GstDnnBin *self)
{
  GstDnnDrop drop;

  GST_OBJECT_LOCK (self);
  drop = self->drop;
  GST_OBJECT_UNLOCK (self);
  if (drop == GST_DNN_DROP_OLDEST || drop == GST_DNN_DROP_NEWEST)
    gst_dnn_exit_count_drop (self->exit);
}

static GstPadProbeReturn
probe_queue (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  GstDnnBin *self = data;
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (
      GST_PAD_PROBE_INFO_BUFFER (info));

  if (meta != NULL)
    gst_dnn_exit_enter (self->exit, &meta->key);
  return GST_PAD_PROBE_OK;
}

/* One input's queue drops what doesn't come out of it; of several inputs, it is
 * only known that they do. */
void
gst_dnn_bin_watch_queues (GstDnnBin *self)
{
  GPtrArray *queues = self->parts.queues;

  for (guint i = 0; i < queues->len; i++) {
    g_autoptr (GstPad)
        src = gst_element_get_static_pad (queues->pdata[i], "src");
    if (queues->len > 1)
      g_signal_connect (
          queues->pdata[i], "overrun", G_CALLBACK (count_drop), self);
    else
      gst_pad_add_probe (
          src, GST_PAD_PROBE_TYPE_BUFFER, probe_queue, self, NULL);
  }
}

/* Frames that can be worked on at once. */
static guint
count_instances (GstDnnBin *self)
{
  GHashTableIter iter;
  gpointer module;
  guint n = 0;

  if (self->parts.modules == NULL)
    return 0;
  g_hash_table_iter_init (&iter, self->parts.modules);
  while (g_hash_table_iter_next (&iter, NULL, &module)) {
    guint64 n_active = 0;
    g_object_get (module, "active-instances", &n_active, NULL);
    n += (guint) n_active;
  }
  return n;
}

static gboolean
is_full (GstElement *queue)
{
  guint level, max;

  g_object_get (
      queue, "current-level-buffers", &level, "max-size-buffers", &max, NULL);
  return level >= max;
}

static GstDnnExitPolicy
get_policy (GstDnnBin *self)
{
  GstDnnExitPolicy policy;
  gboolean passes;

  GST_OBJECT_LOCK (self);
  passes = self->drop == GST_DNN_DROP_PASS;
  policy.is_live = self->drop != GST_DNN_DROP_NONE;
  policy.drops_oldest = self->drop == GST_DNN_DROP_OLDEST;
  policy.is_full = self->drop == GST_DNN_DROP_NEWEST;
  policy.limit = passes ? self->max_in_flight : 0;
  policy.pass_limit = (guint) self->pass_limit * GST_MSECOND;
  GST_OBJECT_UNLOCK (self);
  /* Only this thread fills it. */
  policy.is_full = policy.is_full && is_full (self->parts.queues->pdata[0]);
  if (passes && policy.limit == 0)
    policy.limit = MAX (self->n_instances, 1);
  return policy;
}

static void
note_event (GstDnnBin *self, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    gst_dnn_exit_stop (self->exit);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    gst_dnn_exit_start (self->exit, FALSE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START ||
      GST_EVENT_TYPE (event) == GST_EVENT_CAPS ||
      GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    gst_dnn_exit_note_event (self->exit);
  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    self->n_instances = count_instances (self);
}

static GstPadProbeReturn
probe_sink (GstPad *sink, GstPadProbeInfo *info, gpointer data)
{
  GstDnnBin *self = data;
  GstBuffer *buffer;
  GstDnnExitPolicy policy;
  GstFlowReturn flow;
  gboolean is_taken;

  if (!(info->type & GST_PAD_PROBE_TYPE_BUFFER)) {
    note_event (self, GST_PAD_PROBE_INFO_EVENT (info));
    return GST_PAD_PROBE_OK;
  }
  /* Several inputs are joined inside, skipped frames too. */
  if (self->parts.queues == NULL || self->parts.queues->len != 1)
    return GST_PAD_PROBE_OK;
  buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  policy = get_policy (self);
  is_taken = gst_dnn_exit_take (self->exit, &policy, &buffer, &flow);
  info->data = buffer;
  if (!is_taken)
    return GST_PAD_PROBE_OK;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = flow;
  return GST_PAD_PROBE_HANDLED;
}

static GstPadProbeReturn
probe_src (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  GstDnnBin *self = data;
  GstBuffer *buffer;
  GstDnnFrameMeta *meta;

  if (!(info->type & GST_PAD_PROBE_TYPE_BUFFER)) {
    if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
      gst_dnn_exit_end (self->exit);
    return GST_PAD_PROBE_OK;
  }
  if (gst_dnn_exit_is_pushing (self->exit))
    return GST_PAD_PROBE_OK;
  buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  meta = gst_buffer_get_dnn_frame_meta (buffer);
  if (meta != NULL && self->parts.entrance != NULL)
    gst_dnn_entrance_leave (self->parts.entrance, &meta->key);
  info->data = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = gst_dnn_exit_leave (
      self->exit, buffer);
  return GST_PAD_PROBE_HANDLED;
}

/* Events that wait at the pad src leave before its probes see the frame. */
static GstFlowReturn
chain (GstPad *internal, GstObject *src, GstBuffer *buffer)
{
  return gst_dnn_exit_note_flow (GST_DNN_BIN (GST_OBJECT_PARENT (src))->exit,
      gst_proxy_pad_chain_default (internal, src, buffer));
}

void
gst_dnn_bin_watch_pads (GstDnnBin *self, GstPad *sink, GstPad *src)
{
  g_autoptr (GstProxyPad)
      internal = gst_proxy_pad_get_internal (GST_PROXY_PAD (src));

  gst_pad_set_chain_function (GST_PAD (internal), chain);
  gst_pad_add_probe (sink,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
          GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      probe_sink, self, NULL);
  gst_pad_add_probe (src,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      probe_src, self, NULL);
}
