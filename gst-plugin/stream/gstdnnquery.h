/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The questions that our elements ask along the stream. They travel through
 * queues, tees and other people's transforms; who answers TRUE writes what it
 * knows into the query's structure. Downstream: does a decoder follow?
 * Upstream: what does the graph say of the tensors (gstdnnevidence.h)? */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Name of the structure. A module on the way adds "model" (string): its file.
 */
#define GST_DNN_QUERY_DECODER "GstDnnDecoder"

/* (transfer full) */
GstQuery *gst_dnn_query_new_decoder (void);

/* For the decoder's query function: is it this question? */
gboolean gst_dnn_query_is_decoder (GstQuery *query);

/* Name of the structure that a decoder sends upstream; a module answers with
 * "evidence". */
#define GST_DNN_QUERY_EVIDENCE "GstDnnEvidence"

/* (transfer full) */
GstQuery *gst_dnn_query_new_evidence (void);

gboolean gst_dnn_query_is_evidence (GstQuery *query);

/* Size of the picture that will go into the model, in both questions; 0: the
 * model says it. */
void gst_dnn_query_set_size (GstQuery *query, gint width, gint height);
void gst_dnn_query_get_size (GstQuery *query, gint *width, gint *height);

/* Asks the peer of @pad: one of our decoders follows, so that buffers with the
 * GAP flag and without memory may go there. */
gboolean gst_dnn_pad_has_decoder (GstPad *pad);

G_END_DECLS
