/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What stands behind a pad wants: its tensors, its decoder's hints, the video
 * formats behind that. Next: gstdnnpreprocess.c. */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"
#include "gst-plugin/stream/gstdnncaps.h"

G_BEGIN_DECLS

/* The first tensor stream of known shape that the peer of @pad takes; %FALSE
 * if it takes any, or does not say which. */
gboolean gst_dnn_downstream_find_tensors (
    GstPad *pad, GstDnnTensorsInfo *wanted);

/* Asks the decoder that follows @pad; @width, @height: of the picture, 0 where
 * the model says it. (transfer full) (nullable): its answer, for the functions
 * below, which also take %NULL */
GstQuery *gst_dnn_downstream_ask_decoder (GstPad *pad, gint width, gint height);

/* What the models of the decoder's head usually expect. */
gboolean gst_dnn_downstream_get_input (GstQuery *query, GstDnnHeadInput *input);

/* Video that the decoder's downstream takes, for it gets our frames.
 * (transfer full) (nullable) */
GstCaps *gst_dnn_downstream_get_video_caps (GstQuery *query);

/* File of the model, if a module said so. (nullable) */
const gchar *gst_dnn_downstream_get_model (GstQuery *query);

G_END_DECLS
