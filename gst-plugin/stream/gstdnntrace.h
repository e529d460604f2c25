/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A mark on a buffer, copied with its metadata: whether anything is left of
 * what went into somebody else's element. Next: gstdnnbypass.c. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstDnnTrace GstDnnTrace;

/* Marks @buffer, which is writable. (transfer full) */
GstDnnTrace *gst_dnn_trace_new (GstBuffer *buffer);
void gst_dnn_trace_unref (GstDnnTrace *self);

/* Whether the marked buffer, or one that has its metadata, still lives. Any
 * thread. */
gboolean gst_dnn_trace_is_alive (GstDnnTrace *self);

G_END_DECLS
