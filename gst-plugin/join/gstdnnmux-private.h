/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of dnnmux and its pads, for gstdnnmux.c and gstdnnmux-query.c. */
#pragma once

#include "gst-plugin/join/gstdnnmux.h"
#include "gst-plugin/join/gstdnnmux-picks.h"

G_BEGIN_DECLS

/* Events of the last frames, to know those that come along two branches. */
#define N_SEEN 32

struct _GstDnnMuxPad
{
  GstDnnJoinPad parent;

  /* the join's lock */
  GstDnnMuxInput input;
  GError *picks_error; /* of the property as it was set */
};

struct _GstDnnMux
{
  GstDnnJoin parent;

  GstPad *src;
  gint is_warned; /* atomic: of latency, since READY */
  gboolean changed; /* caps or picks since the last set; the join's lock */

  /* main thread */
  GArray *inputs; /* GstDnnMuxInput, as they are for the set at hand */
  gboolean renegotiate;
  GstDnnTensorsInfo output;
  GQueue held; /* GstEvent, until the first CAPS are out */
  gboolean has_caps;
  GstDnnJoinPad *main; /* of the set at hand; only compared before */
  gboolean is_new_main;
  GstEvent *seen[N_SEEN];
  guint next_seen;
};

/* Inputs in order of pads. The join's lock is held. */
void gst_dnn_mux_copy_inputs (GstDnnMux *self, GArray *inputs);

/* Sink pads, referenced, so that no lock is held while they are used. (transfer
 * full) */
GPtrArray *gst_dnn_mux_list_pads (GstDnnMux *self);

/* --- gstdnnmux-query.c --- */

gboolean gst_dnn_mux_query_sink (
    GstPad *pad, GstObject *parent, GstQuery *query);
gboolean gst_dnn_mux_query_src (
    GstPad *pad, GstObject *parent, GstQuery *query);

G_END_DECLS
