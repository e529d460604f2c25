/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a module's links carry: tensors as it takes and gives them, and as they
 * were negotiated. No instance. */
#pragma once

#include "gst-plugin/stream/gstdnnallocator.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "pipeline-core/plan/dnn-module.h"

G_BEGIN_DECLS

/* Common to all instances in an element; changed while none runs. */
typedef struct
{
  DnnModule *module;
  GstDnnAllocator *allocator; /* of outputs */
  guint n_inputs, n_outputs;
  DnnShape accepted[GST_DNN_MAX_TENSORS]; /* the module's and the option's */
  GstDnnTensorsInfo offered; /* the same, open batch 1, as on a link */
  GstDnnTensorsInfo input, output; /* as negotiated */
} GstDnnStreams;

/* @self is zero; @shape (nullable): "1,3,224,224" or "A=1,3;B=2". Fails where
 * the module doesn't fit on links (no inputs, empty tensors), or shapes
 * contradict it; to be cleared then, too. */
gboolean gst_dnn_streams_init (
    GstDnnStreams *self, DnnModule *module, const gchar *shape, GError **error);
void gst_dnn_streams_clear (GstDnnStreams *self);

/* @shapes: the stream's in the module's ranks. SHAPE or TYPE, with what the
 * module takes and what the stream has. Any thread. */
gboolean gst_dnn_streams_fit (const GstDnnStreams *self,
    const GstDnnTensorsInfo *input, DnnShape *shapes, GError **error);

/* What leaves when @input comes; flexible if it is or if a shape stays open.
 * Errors of gst_dnn_streams_fit(). Any thread. */
gboolean gst_dnn_streams_get_output (const GstDnnStreams *self,
    const GstDnnTensorsInfo *input, GstDnnTensorsInfo *output, GError **error);

/* No dimension is open. */
gboolean gst_dnn_streams_is_known (const GstDnnTensorsInfo *info);

G_END_DECLS
