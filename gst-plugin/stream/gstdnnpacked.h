/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* More tensors than a buffer holds memories: the last memory holds the 16th
 * tensor and all behind it, after a header (NNStreamer's convention since 2.4).
 * Its numbers are those of a C structure, so that it is of one process only. */
#pragma once

#include "gst-plugin/stream/gstdnncaps.h"

G_BEGIN_DECLS

/* Memories of a buffer: a GstBuffer holds no more. */
#define GST_DNN_MAX_MEMORIES 16

/* @memories: those from the 16th tensor on, @n of them, at least 2; @info: of
 * the whole stream. NULL with FAILED. (transfer full) */
GstMemory *gst_dnn_packed_new (GstMemory *const *memories, guint n,
    const GstDnnTensorsInfo *info, GError **error);

/* How many tensors the last memory of a buffer holds; 1: it is no such
 * memory. */
guint gst_dnn_packed_get_n (GstMemory *memory);

/* Tensor @idx, at least 15, of the whole stream, with its header if flexible;
 * a part of @memory. DATA where it doesn't fit @info. (transfer full) */
GstMemory *gst_dnn_packed_get (GstMemory *memory, const GstDnnTensorsInfo *info,
    guint idx, GError **error);

G_END_DECLS
