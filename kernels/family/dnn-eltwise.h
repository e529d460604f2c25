/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Element-wise operators of one tensor: such an operator is its rows, its
 * inner line, and oneDNN's algorithm if it has one. It is written
 *
 *   static const DnnEltwise eltwise = { .real = …, .alg = … };
 *   const DnnOp dnn_op_NAME = {
 *     …rows…,
 *     .infer = dnn_eltwise_infer, .ref = dnn_eltwise_ref,
 *     .offer = dnn_eltwise_offer, .ref_in_place = TRUE, .family = &eltwise,
 *   };
 *
 * and is then a post-op of others, too. Pattern: ops/Relu.c. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Attributes and scalar inputs, read once a run. Meaning: the operator's. */
typedef struct
{
  gdouble real[4];
  gint64 integer[4];
} DnnEltwiseParams;

typedef struct
{
  /* Optional: fills @params. @src: by input, NULL where absent; input 0 isn't
   * to be read. */
  void (*read) (
      const DnnCall *call, gconstpointer const *src, DnnEltwiseParams *params);
  /* Required for floating-point types. */
  gdouble (*real) (gdouble x, const DnnEltwiseParams *params);
  /* Optional: exact for integers; without it they go through double. */
  gint64 (*integer) (gint64 x, const DnnEltwiseParams *params);
  /* Optional: what oneDNN calls it, for float32. */
  DnnAlg alg;
  /* Optional: its coefficients; without it both are 0. */
  void (*coefficients) (
      const DnnEltwiseParams *params, gfloat *alpha, gfloat *beta);
  /* Optional: float32, where oneDNN's algorithm isn't there (operators without
   * scalar inputs). @x and @y may be the same. */
  void (*line) (
      const gfloat *x, gfloat *y, gsize n, const DnnEltwiseParams *params);
  /* Optional: the output's type if it isn't the input's. */
  DnnType result;
} DnnEltwise;

DnnInferResult dnn_eltwise_infer (DnnCall *call, GError **error);
gboolean dnn_eltwise_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_eltwise_offer (const DnnCall *call, DnnOffers *offers);

/* What oneDNN calls this call; %FALSE if it is no element-wise operator of
 * one tensor, has no algorithm, or a scalar input isn't known. */
gboolean dnn_eltwise_get_alg (
    const DnnCall *call, DnnAlg *alg, gfloat *alpha, gfloat *beta);

G_END_DECLS
