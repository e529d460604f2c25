/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What dnn-infer.c and dnn-infer-fold.c share. */
#pragma once

#include "pipeline-core/infer/dnn-infer.h"

G_BEGIN_DECLS

/* One pass over the graph. */
typedef struct
{
  DnnInference *result;
  DnnLibrary *library; /* (nullable) */
  DnnInferFlags flags;
  const DnnTarget *target; /* NULL: as calls have it */
  const DnnInference *known; /* (nullable): of this graph, for other shapes */
  gsize fold_left; /* bytes that constant results may still take */
} DnnInferPass;

/* What is known of the node's inputs into the call, and its post-ops' operands.
 */
void dnn_infer_set_values (
    DnnInferPass *pass, const DnnNode *node, DnnCall *call);

/* Computes @value, which is constant, with all it depends on; the nodes before
 * @node_idx are inferred. */
gboolean dnn_infer_fold_value (
    DnnInferPass *pass, const DnnValue *value, guint node_idx, GError **error);

/* Marks results of an inferred node that are constant; computes them where that
 * is cheap, or asked for. */
gboolean dnn_infer_consider_folding (
    DnnInferPass *pass, guint node_idx, DnnCall *call, GError **error);

/* ---- dnn-infer-late.c ---- */

/* Of a result that is known but for the dimensions that frames decide. */
void dnn_infer_take_bounded (DnnInferredValue *known, const DnnCallArg *arg);
gboolean dnn_infer_has_late_input (DnnInferPass *pass, const DnnNode *node);
/* With DNN_INFER_LATE: results that can't be made before a frame has told a
 * shape. */
void dnn_infer_mark_late (
    DnnInferPass *pass, const DnnNode *node, DnnInferResult result);
/* A call that is BOUNDED, and all whose inputs are constant, is counted here
 * and now: OK then. */
DnnInferResult dnn_infer_count_constants (
    DnnInferPass *pass, guint node_idx, DnnCall *call, GError **error);

G_END_DECLS
