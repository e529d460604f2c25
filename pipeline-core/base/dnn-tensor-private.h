/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors whose bytes lie in a file: constants, which are read seldom. Memory
 * for bytes that must lie aligned. */
#pragma once

#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/* As dnn_tensor_new(), in memory whose pages dnn_tensor_release_pages() can
 * give back, where it is large and such memory can be had. */
DnnTensor *dnn_tensor_new_in_file (DnnType type, const DnnShape *shape);

/* Says that the bytes lie in a file of the user's that is mapped read-only: who
 * writes to it changes them, who cuts it takes them away. */
void dnn_tensor_set_in_file (DnnTensor *self);

gboolean dnn_tensor_may_change (const DnnTensor *self);

/* All bytes into @dst, without a signal where the file was cut: FAILED. */
gboolean dnn_tensor_copy_bytes (
    const DnnTensor *self, gpointer dst, GError **error);

/* Gives memory back to the kernel where the bytes lie in a file; they come
 * again from there when they are read. Any thread, at any time. */
void dnn_tensor_release_pages (const DnnTensor *self);

/* As dnn_try_alloc_aligned(), of 1 byte at least; LIMIT where there is none. */
gpointer dnn_alloc_or_fail (gsize size, GError **error);

/* @bytes where they lie on @alignment; else a copy of them, *@copy too, to be
 * freed with dnn_free_aligned(). NULL with LIMIT where there is no memory. */
gconstpointer dnn_align_bytes (gconstpointer bytes, gsize size, gsize alignment,
    gpointer *copy, GError **error);

/* @tensor where its bytes lie on DNN_ALIGNMENT and nobody else can change them,
 * else a copy of which that holds; NULL with LIMIT, or FAILED where a file was
 * cut. (transfer full) */
DnnTensor *dnn_tensor_settle (DnnTensor *tensor, GError **error);

G_END_DECLS
