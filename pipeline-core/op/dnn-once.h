/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One call or one reorder, and addresses → the result, now, with memory that is
 * taken for it and given back: for constants. Next: dnn-infer-fold.c,
 * dnn-plan-prepare.c. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/**
 * dnn_call_compute:
 * @call: inferred
 * @src: by input, %NULL where absent; they may lie anywhere
 * @dst: by output, aligned; %NULL where absent
 *
 * Runs the operator's ref, without post-ops.
 *
 * Returns: %FALSE with what ref says, or LIMIT where there is no memory
 */
gboolean dnn_call_compute (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, GError **error);

/* How large the results of a BOUNDED call are: dnn_call_count() on bytes that
 * may lie anywhere. */
gboolean dnn_call_count_once (
    DnnCall *call, gconstpointer const *src, GError **error);

/**
 * dnn_candidate_run_once:
 * @self: a reorder
 * @src: in its format; it may lie anywhere
 * @dst: aligned
 *
 * Returns: %FALSE with what the backend says, or LIMIT
 */
DNN_API gboolean dnn_candidate_run_once (
    const DnnCandidate *self, gconstpointer src, gpointer dst, GError **error);

G_END_DECLS
