/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Queries of one side of dnnmux → answers of the other. Next: gstdnnmux.c. */
#include "config.h"

#include "gst-plugin/join/gstdnnmux-private.h"
#include "gst-plugin/stream/gstdnnerror.h"
#include "gst-plugin/stream/gstdnnquery.h"
#include "gst-plugin/stream/gstdnnspelling.h"
#include "pipeline-core/base/dnn-error.h"

/* What downstream takes, seen through the picks; empty where they don't say it.
 */
static GstCaps *
query_sink_caps (GstDnnMux *self, GstDnnMuxPad *pad)
{
  GstDnnJoin *join = GST_DNN_JOIN (self);
  g_autoptr (GArray)
      inputs = g_array_new (FALSE, FALSE, sizeof (GstDnnMuxInput));
  g_autoptr (GstCaps) accepted = gst_dnn_spelling_query_peer (self->src);
  GstCaps *caps = gst_caps_new_empty ();
  guint idx = 0;

  gst_dnn_join_lock (join);
  gst_dnn_mux_copy_inputs (self, inputs);
  while (idx < inputs->len &&
      gst_dnn_join_get_pad (join, idx) != GST_DNN_JOIN_PAD (pad))
    idx++;
  gst_dnn_join_unlock (join);
  for (guint i = 0; idx < inputs->len && i < gst_caps_get_size (accepted);
       i++) {
    g_autoptr (GstCaps) one = gst_caps_fixate (gst_caps_copy_nth (accepted, i));
    GstDnnTensorsInfo output, wanted;
    if (!gst_dnn_tensors_info_from_caps (&output, one, NULL)) {
      gst_clear_caps (&caps); /* it takes any tensors */
      return gst_caps_new_empty ();
    }
    if (!gst_dnn_mux_inputs_get_wanted ((GstDnnMuxInput *) inputs->data,
            inputs->len, idx, &output, &wanted))
      continue;
    wanted.fps_d = 0; /* any rate */
    caps = gst_caps_merge (caps, gst_dnn_tensors_info_to_caps (&wanted));
  }
  return caps;
}

/* Anything where nothing is known, or where upstream can't send what is: a
 * stream with more tensors than are picked is all right, and what doesn't fit
 * is told with CAPS. */
static void
answer_sink_caps (GstDnnMux *self, GstDnnMuxPad *pad, GstQuery *query)
{
  g_autoptr (GstCaps) any = gst_pad_get_pad_template_caps (GST_PAD (pad));
  g_autoptr (GstCaps) caps = query_sink_caps (self, pad);

  gst_dnn_spelling_answer (query, gst_caps_is_empty (caps) ? any : caps, any);
}

/* Memories travel on, so downstream's allocator is upstream's; its pools and
 * metadata are for the joined buffer. */
static gboolean
pass_allocation (GstDnnMux *self, GstQuery *query)
{
  if (!gst_pad_peer_query (self->src, query))
    return FALSE;
  while (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_remove_nth_allocation_pool (query, 0);
  while (gst_query_get_n_allocation_metas (query) > 0)
    gst_query_remove_nth_allocation_meta (query, 0);
  return TRUE;
}

gboolean
gst_dnn_mux_query_sink (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstDnnMux *self = GST_DNN_MUX (parent);
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *asked;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_sink_caps (self, GST_DNN_MUX_PAD (pad), query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      /* By the template: dimensions are compared as numbers, with CAPS. */
      caps = gst_pad_get_pad_template_caps (pad);
      gst_query_parse_accept_caps (query, &asked);
      gst_query_set_accept_caps_result (
          query, gst_caps_can_intersect (asked, caps));
      return TRUE;
    case GST_QUERY_ALLOCATION:
      return pass_allocation (self, query);
    default:
      return gst_pad_peer_query (self->src, query);
  }
}

/* A live branch that can't wait as long as another one takes needs a queue.
 * Said once, with the names of the pads. */
static void
warn_of_latency (GstDnnMux *self, GstPad *slow, GstClockTime min, GstPad *fast,
    GstClockTime max)
{
  g_autoptr (GError) doubt = NULL;

  if (!g_atomic_int_compare_and_exchange (&self->is_warned, FALSE, TRUE))
    return;
  doubt = g_error_new (DNN_ERROR, DNN_ERROR_VALUE,
      "%s: frames can wait for %" G_GUINT64_FORMAT
      " ms only, those of %s come after %" G_GUINT64_FORMAT
      " ms: put a queue before %s",
      GST_PAD_NAME (fast), max / GST_MSECOND, GST_PAD_NAME (slow),
      min / GST_MSECOND, GST_PAD_NAME (fast));
  gst_dnn_error_post_warning (self, doubt);
}

/* The slowest pad's minimum, the shortest pad's maximum. */
static gboolean
query_latency (GstDnnMux *self, GstQuery *query)
{
  g_autoptr (GPtrArray) pads = gst_dnn_mux_list_pads (self);
  GstClockTime min = 0, max = GST_CLOCK_TIME_NONE;
  GstPad *slow = NULL, *fast = NULL;

  for (guint i = 0; i < pads->len; i++) {
    g_autoptr (GstQuery) own = gst_query_new_latency ();
    GstClockTime own_min, own_max;
    gboolean is_live;
    if (!gst_pad_peer_query (pads->pdata[i], own))
      return FALSE;
    gst_query_parse_latency (own, &is_live, &own_min, &own_max);
    if (is_live && (slow == NULL || own_min > min)) {
      slow = pads->pdata[i];
      min = own_min;
    }
    if (is_live && (fast == NULL || own_max < max)) {
      fast = pads->pdata[i];
      max = own_max;
    }
  }
  if (slow != NULL && max < min)
    warn_of_latency (self, slow, min, fast, max);
  gst_query_set_latency (query, slow != NULL, min, max);
  return TRUE;
}

/* What is known of the tensors that are picked. */
static gboolean
query_evidence (GstDnnMux *self, GstQuery *query)
{
  g_autoptr (GPtrArray) pads = gst_dnn_mux_list_pads (self);
  g_autoptr (GArray)
      inputs = g_array_new (FALSE, FALSE, sizeof (GstDnnMuxInput));
  g_autoptr (GstDnnEvidence) evidence = NULL;

  gst_dnn_join_lock (GST_DNN_JOIN (self));
  gst_dnn_mux_copy_inputs (self, inputs);
  gst_dnn_join_unlock (GST_DNN_JOIN (self));
  evidence = gst_dnn_mux_inputs_get_evidence (
      (GstDnnMuxInput *) inputs->data, MIN (pads->len, inputs->len), pads);
  if (evidence != NULL)
    gst_dnn_evidence_answer (query, evidence);
  return evidence != NULL;
}

gboolean
gst_dnn_mux_query_src (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstDnnMux *self = GST_DNN_MUX (parent);
  g_autoptr (GPtrArray) pads = NULL;
  g_autoptr (GstCaps) caps = NULL;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      return query_latency (self, query);
    case GST_QUERY_CAPS:
      caps = gst_pad_get_current_caps (pad);
      if (caps == NULL)
        caps = gst_pad_get_pad_template_caps (pad);
      gst_dnn_spelling_answer (query, caps, caps);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default (pad, parent, query);
    default:
      if (gst_dnn_query_is_evidence (query))
        return query_evidence (self, query);
      pads = gst_dnn_mux_list_pads (self);
      return pads->len > 0 && gst_pad_peer_query (pads->pdata[0], query);
  }
}
