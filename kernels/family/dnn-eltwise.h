/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Element-wise operators of one tensor that oneDNN has an algorithm for: such
 * an operator is its rows, its inner expression as in dnn-map.h, and oneDNN's
 * name for it. It is written
 *
 *   static const DnnEltwise eltwise = {
 *     .map = { .lines = &lines, .n = 1 }, .alg = …
 *   };
 *   const DnnOp dnn_op_NAME = {
 *     …rows…, DNN_ELTWISE_OP, .family = &eltwise,
 *   };
 *
 * and is then a post-op of others, too. Pattern: ops/Relu.c. */
#pragma once

#include "kernels/family/dnn-map.h"
#include "kernels/onednn/dnn-onednn.h"

G_BEGIN_DECLS

typedef struct
{
  DnnMapOp map; /* first: this is one */
  /* Optional: what oneDNN calls it, for float32. */
  DnnAlg alg;
  /* In place of @alg, where it depends on an attribute. */
  DnnAlg (*choose_alg) (const DnnCall *call);
  /* Optional: its coefficients; without it both are 0. */
  void (*coefficients) (
      const DnnLoopParams *params, gfloat *alpha, gfloat *beta);
  /* oneDNN makes of NaN and infinities what ref does, and small results are
   * right, so that its primitive serves on its own, too; else it is a post-op
   * only, where that is allowed. */
  gboolean is_exact;
  /* As a post-op it isn't: 0 comes of some NaN. */
  gboolean is_inexact_behind;
} DnnEltwise;

/* For .infer, .ref, .offer, .ref_in_place. */
#define DNN_ELTWISE_OP                              \
  .infer = dnn_map_op_infer, .ref = dnn_map_op_ref, \
  .offer = dnn_eltwise_offer, .ref_in_place = TRUE

void dnn_eltwise_offer (const DnnCall *call, DnnOffers *offers);

/* What oneDNN calls this call; %FALSE if it is no element-wise operator of
 * one tensor, has no algorithm, or a scalar input isn't known. */
gboolean dnn_eltwise_get_alg (
    const DnnCall *call, DnnAlg *alg, gfloat *alpha, gfloat *beta);

/* oneDNN's algorithm as a post-op makes of NaN and infinities what ref does; so
 * it is where none is asked. */
gboolean dnn_eltwise_is_exact (const DnnCall *call);

G_END_DECLS
