/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory for tensors: 64-byte aligned, recycled memory by memory, since joins
 * hold memories of other people's buffers and a buffer pool would then lose
 * them. No maximum: a held frame never blocks. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_DNN_ALLOCATOR_NAME "DnnTensorMemory"

#define GST_TYPE_DNN_ALLOCATOR (gst_dnn_allocator_get_type ())
G_DECLARE_FINAL_TYPE (
    GstDnnAllocator, gst_dnn_allocator, GST, DNN_ALLOCATOR, GstAllocator)

/* (transfer full) */
GstDnnAllocator *gst_dnn_allocator_new (void);

/* Alignment and nothing else, for ALLOCATION queries and allocation. */
void gst_dnn_allocator_init_params (GstAllocationParams *params);

/* @size bytes, 64-byte aligned. (transfer full) */
GstMemory *gst_dnn_allocator_get (GstDnnAllocator *self, gsize size);

/* Offers the allocator in an ALLOCATION query. */
void gst_dnn_allocator_propose (GstDnnAllocator *self, GstQuery *query);

/* How many blocks it has taken from the system so far. In steady state the
 * figure stands still. */
guint64 gst_dnn_allocator_get_n_blocks (GstDnnAllocator *self);

/* Gives back to the system what nobody holds. */
void gst_dnn_allocator_trim (GstDnnAllocator *self);

G_END_DECLS
