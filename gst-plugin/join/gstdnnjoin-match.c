/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One buffer a pad → whether they are the same frame, or which are older than
 * the newest. Next: gstdnnjoin.c. */
#include "config.h"

#include "gst-plugin/join/gstdnnjoin-private.h"
#include "gst-plugin/stream/gstdnnbuffer.h"

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "pipeline-core/base/dnn-error.h"

/* What a buffer can be matched by. */
typedef struct
{
  GstDnnFrameKey key; /* serial 0: none */
  gboolean has_time;
  gint64 time; /* running time, ns; below 0 before the segment */
} Identity;

static Identity
identify_buffer (GstDnnJoinPad *pad, GstBuffer *buffer)
{
  GstDnnJoinPadPrivate *priv = gst_dnn_join_pad_get_private (pad);
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);
  Identity identity = { { 0 }, FALSE, 0 };
  guint64 time = 0;
  gint sign;

  if (meta != NULL)
    identity.key = meta->key;
  if (priv->segment.format != GST_FORMAT_TIME ||
      !GST_BUFFER_PTS_IS_VALID (buffer))
    return identity;
  sign = gst_segment_to_running_time_full (
      &priv->segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer), &time);
  identity.has_time = sign != 0;
  identity.time = sign < 0 ? -(gint64) time : (gint64) time;
  return identity;
}

static gint
compare_times (const Identity *a, const Identity *b)
{
  return a->time < b->time ? -1 : a->time > b->time;
}

static gint
compare_identities (GstDnnMatch match, const Identity *a, const Identity *b)
{
  gint regions;

  if (match == GST_DNN_MATCH_TIME)
    return compare_times (a, b);
  if (match == GST_DNN_MATCH_KEY || !a->has_time || !b->has_time ||
      (a->key.serial != 0 && a->key.serial == b->key.serial))
    return gst_dnn_frame_key_compare (&a->key, &b->key);
  regions = (gint) a->key.region_idx - (gint) b->key.region_idx;
  return a->time != b->time ? compare_times (a, b) : regions;
}

static gboolean
check_identity (GstDnnMatch match, const Identity *identity, GstDnnJoinPad *pad,
    GstBuffer *buffer, GError **error)
{
  gboolean has_key = identity->key.serial != 0;
  g_autofree gchar *time = NULL;

  if ((match != GST_DNN_MATCH_TIME && has_key) ||
      (match != GST_DNN_MATCH_KEY && identity->has_time))
    return TRUE;
  time = gst_dnn_buffer_print_time (buffer);
  g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
      "%s: a frame has %s, so that it can't be matched with those of the "
      "other pads (PTS: %s)",
      GST_PAD_NAME (pad),
      match == GST_DNN_MATCH_KEY ? "no frame key" : "no running time", time);
  return FALSE;
}

gboolean
gst_dnn_join_match_set (
    GstDnnJoin *self, GstBuffer *const *set, guint64 *older, GError **error)
{
  GstDnnJoinPrivate *priv = gst_dnn_join_get_private (self);
  guint n_pads = priv->pads->len;
  g_autofree Identity *identities = g_new (Identity, n_pads);
  guint newest = 0;

  *older = 0;
  if (n_pads == 1)
    return TRUE;
  for (guint i = 0; i < n_pads; i++) {
    GstDnnJoinPad *pad = priv->pads->pdata[i];
    identities[i] = identify_buffer (pad, set[i]);
    if (!check_identity (priv->match, &identities[i], pad, set[i], error))
      return FALSE;
    if (compare_identities (priv->match, &identities[i], &identities[newest]) >
        0)
      newest = i;
  }
  for (guint i = 0; i < n_pads; i++)
    if (compare_identities (priv->match, &identities[i], &identities[newest]) <
        0)
      *older |= G_GUINT64_CONSTANT (1) << i;
  return TRUE;
}

GstMessage *
gst_dnn_join_new_drop_message (
    GstDnnJoin *self, GstDnnJoinPad *pad, GstBuffer *buffer)
{
  GstDnnJoinPrivate *join = gst_dnn_join_get_private (self);
  const GstSegment *segment = &gst_dnn_join_pad_get_private (pad)->segment;
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  guint64 running = GST_CLOCK_TIME_NONE, stream = GST_CLOCK_TIME_NONE;
  GstMessage *message;

  if (segment->format == GST_FORMAT_TIME) {
    running = gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts);
    stream = gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts);
  }
  message = gst_message_new_qos (GST_OBJECT (self), FALSE, running, stream, pts,
      GST_BUFFER_DURATION (buffer));
  gst_message_set_qos_stats (
      message, GST_FORMAT_BUFFERS, GST_CLOCK_TIME_NONE, join->n_dropped);
  return message;
}
