/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Reductions over axes, in the form of opset 18: axes are input 1. Such an
 * operator is what it does with each element; rows and attributes are here.
 * Pattern: ops/ReduceMean.c. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  /* Before the first element. */
  gdouble start;
  /* What one more element makes of it. */
  gdouble (*step) (gdouble sum, gdouble x);
  /* Optional: the result of @n elements. */
  gdouble (*finish) (gdouble sum, gint64 n);
  /* Optional: exact for integers, with start_integer; results wrap. */
  gint64 start_integer;
  gint64 (*step_integer) (gint64 sum, gint64 x);
  gint64 (*finish_integer) (gint64 sum, gint64 n);
  /* Optional: dnnl_reduction_mean, … */
  dnnl_alg_kind_t alg;
} DnnReduce;

/* Rows for .inputs, .outputs, .attrs: DNN_REDUCE_ROWS */
extern const DnnArgRow dnn_reduce_inputs[2];
extern const DnnArgRow dnn_reduce_outputs[1];
extern const DnnAttrRow dnn_reduce_attrs[2];
#define DNN_REDUCE_ROWS                     \
  .inputs = DNN_ROWS (dnn_reduce_inputs),   \
  .outputs = DNN_ROWS (dnn_reduce_outputs), \
  .attrs = DNN_ROWS (dnn_reduce_attrs)

DnnInferResult dnn_reduce_infer (DnnCall *call, GError **error);
gboolean dnn_reduce_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_reduce_offer (const DnnCall *call, DnnOffers *offers);

/* Bit i: axis i is reduced. @axes: input 1's bytes or NULL. */
gboolean dnn_reduce_get_axes (
    const DnnCall *call, const gint64 *axes, guint *mask, GError **error);

G_END_DECLS
