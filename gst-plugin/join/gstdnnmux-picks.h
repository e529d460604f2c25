/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Which tensors of each input buffer go where in the output buffer: picks and
 * caps of the inputs → caps of the output, buffers → buffer. */
#pragma once

#include "gst-plugin/evidence/gstdnnevidence.h"
#include "gst-plugin/stream/gstdnncaps.h"

G_BEGIN_DECLS

/* One sink pad of a mux. A value type. */
typedef struct
{
  gchar name[32]; /* of the pad, for messages: "sink_" and a number */
  guint n_picks; /* 0: all tensors, in order */
  guint picks[GST_DNN_MAX_TENSORS];
  GstDnnTensorsInfo info; /* of the pad's caps */
} GstDnnMuxInput;

/* "0,2": VALUE, with the text, where it is no list of indices. */
gboolean gst_dnn_mux_input_parse_picks (
    GstDnnMuxInput *self, const gchar *text, GError **error);
/* (transfer full) */
gchar *gst_dnn_mux_input_picks_to_string (const GstDnnMuxInput *self);

/* The pick of every index exists on the pad's stream, else VALUE. */
gboolean gst_dnn_mux_input_check (const GstDnnMuxInput *self, GError **error);

/* What leaves for these inputs; flexible if one of them is. LIMIT. */
gboolean gst_dnn_mux_inputs_get_output (const GstDnnMuxInput *inputs,
    guint n_inputs, GstDnnTensorsInfo *output, GError **error);

/* What pad @idx needs so that the output is @output; FALSE where the picks
 * don't say it. */
gboolean gst_dnn_mux_inputs_get_wanted (const GstDnnMuxInput *inputs,
    guint n_inputs, guint idx, const GstDnnTensorsInfo *output,
    GstDnnTensorsInfo *wanted);

/* Tensors of one output buffer. */
typedef struct
{
  guint n;
  GstMemory *memories[GST_DNN_MAX_TENSORS];
} GstDnnMuxTensors;

void gst_dnn_mux_tensors_clear (GstDnnMuxTensors *self);

/* Appends the picked memories of @src, pad @self's buffer, to @dst, with
 * headers if @flexible. */
gboolean gst_dnn_mux_input_append (const GstDnnMuxInput *self, GstBuffer *src,
    gboolean flexible, GstDnnMuxTensors *dst, GError **error);

/* What upstream of @pads (one for each input) knows of the picked tensors.
 * (transfer full) (nullable): %NULL where one of the streams is unknown */
GstDnnEvidence *gst_dnn_mux_inputs_get_evidence (
    const GstDnnMuxInput *inputs, guint n_inputs, GPtrArray *pads);

G_END_DECLS
