/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Other params for instances of a plan: their bytes, and other blocks of packed
 * weights. Next: dnn-bound-plan.h. */
#pragma once

#include "pipeline-core/plan/dnn-plan-private.h"

G_BEGIN_DECLS

typedef struct _DnnWeights DnnWeights;

/* Packs what hangs on @params, unless some user has the same tensors already;
 * to be called under the plan's thread count. @params pass
 * dnn_graph_check_params(). UNSUPPORTED for a param that the plan was made
 * from. The caller holds @plan longer. (transfer full) */
DnnWeights *dnn_weights_get (DnnPlan *plan, DnnParams *params, GError **error);
void dnn_weights_unref (DnnWeights *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnWeights, dnn_weights_unref)

/* Block @idx of the segment's, or what stands for it here. */
gpointer dnn_weights_get_packed (const DnnWeights *self, guint idx);
/* Address of a constant of the plan → that of what replaces it, or itself. */
gconstpointer dnn_weights_get_bytes (
    const DnnWeights *self, gconstpointer bytes);

G_END_DECLS
