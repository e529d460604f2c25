/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Reductions over axes, in the form of opset 18: axes are input 1. Such an
 * operator is what it makes of each element and how two of them join
 * (loops/dnn-fold.h); rows and attributes are here. Pattern: ops/ReduceMean.c,
 * without an end of its own ops/ReduceMax.c. */
#pragma once

#include "kernels/loops/dnn-fold.h"
#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* What stands before the first element. */
typedef enum
{
  DNN_REDUCE_FROM_0,
  DNN_REDUCE_FROM_1,
  DNN_REDUCE_FROM_LOWEST, /* of the type; -∞ */
  DNN_REDUCE_FROM_HIGHEST,
} DnnReduceStart;

typedef struct
{
  const DnnFolds *folds;
  DnnReduceStart start;
  /* Integers are computed in double, too. */
  gboolean is_real;
  /* Optional: folded before; its results are taken off each element, where they
   * are finite. From the lowest. */
  const DnnFolds *shift;
  /* Optional: the result of @n elements. @shift: what was taken off. */
  gdouble (*finish) (gdouble sum, gint64 n, gdouble shift);
  gint64 (*finish_integer) (gint64 sum, gint64 n);
  /* Optional: dnnl_reduction_mean, … */
  dnnl_alg_kind_t alg;
} DnnReduce;

/* Rows for .inputs, .outputs, .attrs: DNN_REDUCE_ROWS for numbers,
 * DNN_REDUCE_ANY_ROWS for bool, too. */
extern const DnnArgRow dnn_reduce_inputs[2], dnn_reduce_any_inputs[2];
extern const DnnArgRow dnn_reduce_outputs[1], dnn_reduce_any_outputs[1];
extern const DnnAttrRow dnn_reduce_attrs[2];
#define DNN_REDUCE_ROWS                     \
  .inputs = DNN_ROWS (dnn_reduce_inputs),   \
  .outputs = DNN_ROWS (dnn_reduce_outputs), \
  .attrs = DNN_ROWS (dnn_reduce_attrs)
#define DNN_REDUCE_ANY_ROWS                     \
  .inputs = DNN_ROWS (dnn_reduce_any_inputs),   \
  .outputs = DNN_ROWS (dnn_reduce_any_outputs), \
  .attrs = DNN_ROWS (dnn_reduce_attrs)

/* For .infer, .ref, .offer. */
#define DNN_REDUCE_OP \
  .infer = dnn_reduce_infer, .ref = dnn_reduce_ref, .offer = dnn_reduce_offer

DnnInferResult dnn_reduce_infer (DnnCall *call, GError **error);
gboolean dnn_reduce_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_reduce_offer (const DnnCall *call, DnnOffers *offers);

/* Bit i: axis i is reduced. @axes: input 1's bytes or NULL. */
gboolean dnn_reduce_get_axes (
    const DnnCall *call, const gint64 *axes, guint *mask, GError **error);

/* What the files of the family share. */

/* F64, I64 or U64: what a call computes in, and its folds. */
DnnKind dnn_reduce_kind (const DnnCall *call);
/* The first value of a result, as that kind. */
guint64 dnn_reduce_start (const DnnCall *call);
guint64 dnn_reduce_start_of (DnnReduceStart start, DnnType type, DnnKind kind);
/* A result of @n elements, as that kind. @shift: bits of the kind. */
guint64 dnn_reduce_finish (
    const DnnCall *call, guint64 sum, gint64 n, guint64 shift);
/* What is taken off for that result of DnnReduce.shift. */
gdouble dnn_reduce_usable_shift (guint64 bits);
/* dnn-reduce-loop.c; the axes must be known. */
void dnn_reduce_offer_loop (const DnnCall *call, DnnOffers *offers, guint mask);

G_END_DECLS
