/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Formats of the backend: oneDNN memory descriptors as DnnFormat. A layout
 * that puts the bytes where the core's plain format puts them *is* the plain
 * format, so equal layouts compare equal however they came about. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/base/dnn-format.h"

G_BEGIN_DECLS

/**
 * dnn_onednn_format_new:
 * @md: (nullable): a descriptor with the tensor's own dimensions
 * @shape: the tensor's shape: a scalar's md has rank 1
 *
 * Returns: (transfer full) (nullable): %NULL for layouts that only oneDNN
 *   understands, and for %NULL
 */
DnnFormat *dnn_onednn_format_new (const DnnMd *md, const DnnShape *shape);

/* The descriptor of a format, plain ones included. (transfer full)
 * (nullable): %NULL where oneDNN has no such type or a dimension is 0 */
DnnMd *dnn_onednn_format_to_md (const DnnFormat *self);

/* The same kind of layout ("aBcd16b") for another tensor of the same rank.
 * (transfer full) (nullable): %NULL where there is none */
DnnFormat *dnn_onednn_format_like (
    const DnnFormat *self, DnnType type, const DnnShape *shape);

/* NWC, NHWC, NDHWC; rank 3 to 5. (transfer full) (nullable) */
DnnFormat *dnn_onednn_format_channels_last (
    DnnType type, const DnnShape *shape);

/* A dense permuted layout: dimension @order[0] is outermost. (transfer full)
 * (nullable) */
DnnFormat *dnn_onednn_format_permuted (
    DnnType type, const DnnShape *shape, const gint *order);

/* Dimensions from outermost to innermost, as far as the layout says it;
 * %FALSE if dimensions are blocked. Plain: 0, 1, 2, … */
gboolean dnn_onednn_format_get_order (const DnnFormat *self, gint *order);

/**
 * dnn_onednn_format_cut:
 * @axis: where the tensor is to be cut or joined
 * @n_outer: (out): how often the loop over @axis runs
 * @unit: (out): bytes of one of its steps
 * @block: (out): how many indices of @axis one step holds
 *
 * The tensor as n_outer runs of steps along @axis. Plain formats too. %FALSE
 * if there is no such axis.
 */
gboolean dnn_onednn_format_cut (const DnnFormat *self, gint axis,
    gsize *n_outer, gsize *unit, gint64 *block);

G_END_DECLS
