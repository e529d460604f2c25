/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of two tensors that oneDNN has an algorithm for: such an operator
 * is its rows, its inner expression as in dnn-map.h, and oneDNN's name for it;
 * written like one of dnn-eltwise.h. Pattern: ops/Add.c. */
#pragma once

#include "kernels/family/dnn-map.h"
#include "kernels/onednn/dnn-onednn.h"

G_BEGIN_DECLS

typedef struct
{
  DnnMapOp map; /* first: this is one */
  /* dnnl_binary_add, …, for float32; whether a and b may change places. */
  dnnl_alg_kind_t alg;
  gboolean commutes;
} DnnBroadcast;

/* For .infer, .ref, .offer. */
#define DNN_BROADCAST_OP \
  .infer = dnn_map_op_infer, .ref = dnn_map_op_ref, .offer = dnn_broadcast_offer

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
