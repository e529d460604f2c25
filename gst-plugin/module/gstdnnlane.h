/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One instance of a module in its place in an element: a buffer in, a buffer
 * out, in one thread at a time. Next: gstdnnrunner.h has several. */
#pragma once

#include "gst-plugin/module/gstdnnpending.h"
#include "gst-plugin/module/gstdnnstreams.h"

G_BEGIN_DECLS

typedef struct
{
  const GstDnnStreams *streams;
  DnnInstance *instance;
  GstDnnPending pending;
  /* of the thread that runs it */
  GstDnnTensorsInfo prepared; /* static; no tensors: not prepared */
  gpointer input_copies[GST_DNN_MAX_TENSORS]; /* of types that don't travel */
  gpointer output_copies[GST_DNN_MAX_TENSORS];
  gsize copy_sizes[GST_DNN_MAX_TENSORS]; /* of those */
  DnnShape shapes[GST_DNN_MAX_TENSORS]; /* of the outputs of one frame */
  GstClockTime last_time; /* of the last run; 0: none since it was prepared */
} GstDnnLane;

/* @instance (transfer full); @streams lives longer. */
GstDnnLane *gst_dnn_lane_new (
    const GstDnnStreams *streams, DnnInstance *instance);
void gst_dnn_lane_free (GstDnnLane *self);

/* Makes primitives for @input (static, known shapes); not while running. */
gboolean gst_dnn_lane_prepare (
    GstDnnLane *self, const GstDnnTensorsInfo *input, GError **error);
/* Bytes of an output as it travels, without a header; prepared. 0 where only
 * frames tell. */
gsize gst_dnn_lane_get_output_size (GstDnnLane *self, guint idx);
/* A run on zeros. In a thread of its own: its OpenMP team ends with that. */
void gst_dnn_lane_measure (GstDnnLane *self);
void gst_dnn_lane_unprepare (GstDnnLane *self);

/* One frame; flags, times and metadata are @src's. @key (nullable): of the
 * frame, or of the one before, for params that begin with it. (transfer full)
 * (nullable) */
GstBuffer *gst_dnn_lane_run (GstDnnLane *self, GstBuffer *src,
    const GstDnnFrameKey *key, GError **error);

G_END_DECLS
