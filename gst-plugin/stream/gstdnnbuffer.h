/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors in a buffer: buffer and what its caps say → memory of one tensor. */
#pragma once

#include "gst-plugin/stream/gstdnncaps.h"

G_BEGIN_DECLS

/* A skipped frame: flagged GAP and without memory. It goes untouched and in
 * order through everything; joined with others it makes them a gap too. */
gboolean gst_dnn_buffer_is_gap (GstBuffer *buffer);

/* A gap in place of @buffer, with its times, flags and metadata.
 * (transfer full) */
GstBuffer *gst_dnn_buffer_new_gap (GstBuffer *buffer);

/* How many tensors @buffer has on a stream of @info. */
guint gst_dnn_buffer_get_n_tensors (
    GstBuffer *buffer, const GstDnnTensorsInfo *info);

/* Tensor @idx, with its header if flexible. One memory a tensor is the rule,
 * without a copy; several tensors in one memory become parts of it (of more
 * than 16, those behind the 15th are in the last one); one tensor in pieces is
 * put together. DATA, with both sizes, if the bytes don't fit. (transfer full)
 */
GstMemory *gst_dnn_buffer_get_tensor (GstBuffer *buffer,
    const GstDnnTensorsInfo *info, guint idx, GError **error);

/* When @buffer is, for messages: "0:00:01.250", or "no time". (transfer full)
 */
gchar *gst_dnn_buffer_print_time (GstBuffer *buffer);

/* The tensors of a stream of @info, one memory each (transfer none); those
 * behind the 15th in one, a copy, where there are more than 16. FAILED. */
gboolean gst_dnn_buffer_append_tensors (GstBuffer *buffer,
    GstMemory *const *memories, guint n, const GstDnnTensorsInfo *info,
    GError **error);

G_END_DECLS
