/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Moving elements without computing: strides in, a copied box out. Transpose,
 * Slice, Split and Pad are this, in ref and in their own kernel. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* A box of elements: dims, and where it lies on both sides. Strides and
 * offsets count elements; strides may be negative. */
typedef struct
{
  guint src_idx, dst_idx; /* which input and output of the call */
  gsize element; /* bytes */
  gint rank;
  gint64 dims[DNN_MAX_RANK];
  gint64 src_strides[DNN_MAX_RANK], dst_strides[DNN_MAX_RANK];
  gint64 src_offset, dst_offset;
} DnnCopy;

/* Strides of a plain tensor. */
void dnn_copy_get_strides (const DnnShape *shape, gint64 *strides);

/* Drops dimensions of one element, merges neighbours that are one run on both
 * sides, puts the destination's innermost last. */
void dnn_copy_simplify (DnnCopy *self);

/* Thread-safe, allocates nothing. */
void dnn_copy_run (const DnnCopy *self, gconstpointer src, gpointer dst);

/**
 * dnn_copy_candidate:
 * @copies: as they are; simplified here
 * @fill: (nullable): one element that the whole output 0 is set to first
 *
 * Plain formats on both sides.
 *
 * Returns: (transfer full): impl "copy"
 */
DnnCandidate *dnn_copy_candidate (const DnnCall *call, const DnnCopy *copies,
    guint n_copies, gconstpointer fill);

/* A candidate of which nothing runs: output @i is input 0 in @src at
 * @offsets[i] bytes, in format @dst[i] (taken). */
DnnCandidate *dnn_view_candidate (const DnnCall *call, const DnnFormat *src,
    DnnFormat *const *dst, const gsize *offsets);

G_END_DECLS
