/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The process's packed weights: a constant's bytes and a layout in, one block
 * out, filled once and counted by those who use it. Plans of other shapes, of
 * other elements and of other modules meet here. Next: dnn-plan-prepare.c. */
#pragma once

#include "pipeline-core/base/dnn-format.h"

G_BEGIN_DECLS

/* Immutable once it is had. */
typedef struct _DnnBlock DnnBlock;

/* Brings the bytes into the layout; @data is the caller's. */
typedef gboolean (*DnnStoreFill) (
    gconstpointer bytes, gpointer block, gpointer data, GError **error);

/**
 * dnn_store_get:
 * @bytes: of the constant, plain
 * @size: how many
 * @to: the layout wanted
 * @fill: called in this thread, unless there is such a block; a second caller
 *   waits for the first
 *
 * Any thread. Blocks are equal if @size, @to and a hash of 128 bits over
 * @bytes are, with a seed of the process: nobody can make two contents meet.
 *
 * Returns: (transfer full): aligned on 64 bytes; %NULL with what @fill says, or
 *   LIMIT where there is no memory
 */
DnnBlock *dnn_store_get (gconstpointer bytes, gsize size, const DnnFormat *to,
    DnnStoreFill fill, gpointer data, GError **error);

/* Whether there is a block in that layout, made of as many bytes: of a constant
 * of that size, if not of the same. */
gboolean dnn_store_holds (gsize size, const DnnFormat *to);

DnnBlock *dnn_block_ref (DnnBlock *self);
/* The last one frees it. */
void dnn_block_unref (DnnBlock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnBlock, dnn_block_unref)
gpointer dnn_block_get_data (const DnnBlock *self);
gsize dnn_block_get_size (const DnnBlock *self);

/* Bytes of all blocks now, each counted once. */
DNN_API gsize dnn_store_get_size (void);
/* How often @fill was called since the process began. */
DNN_API guint64 dnn_store_get_n_filled (void);

G_END_DECLS
