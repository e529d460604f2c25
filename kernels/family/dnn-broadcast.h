/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Element-wise operators of two tensors with ONNX's (numpy's) broadcasting:
 * such an operator is its rows, its inner lines, and oneDNN's algorithm if it
 * has one; written like one of dnn-eltwise.h. Pattern: ops/Add.c. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  /* For floating-point types; NULL where the rows allow none. */
  gdouble (*real) (gdouble a, gdouble b);
  /* For signed integers, and for unsigned ones too unless @natural is there;
   * results wrap around. NULL where the rows allow none. */
  gint64 (*integer) (gint64 a, gint64 b);
  guint64 (*natural) (guint64 a, guint64 b);
  /* Optional: dnnl_binary_add, …, for float32; alg and whether a and b may
   * change places. */
  dnnl_alg_kind_t alg;
  gboolean commutes;
  /* Optional: the output's type if it isn't the inputs'. */
  DnnType result;
} DnnBroadcast;

DnnInferResult dnn_broadcast_infer (DnnCall *call, GError **error);
gboolean dnn_broadcast_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_broadcast_offer (const DnnCall *call, DnnOffers *offers);

/* The common shape of both, open where it can't be known; SHAPE names both.
 * For any operator that broadcasts (Where, Max, MatMul's batches). */
gboolean dnn_broadcast_shapes (const DnnCall *call, const DnnShape *a,
    const DnnShape *b, DnnShape *result, GError **error);

/* Elements to step in a tensor of shape @from when dimension i of @to
 * advances by one; 0 where it is broadcast. */
void dnn_broadcast_strides (
    const DnnShape *from, const DnnShape *to, gint64 *strides);

/* What oneDNN calls this call when the result so far is input 0 (or, if it
 * commutes, input 1); dnnl_alg_kind_undef if it is nothing of the kind. */
dnnl_alg_kind_t dnn_broadcast_get_alg (const DnnCall *call, guint operand_slot);

/* The descriptor of a plain tensor of shape @from as operand of one of @to:
 * ones in front. (transfer full) (nullable) */
DnnMd *dnn_broadcast_md (const DnnShape *from, const DnnShape *to);

G_END_DECLS
