/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What infer of many operators asks of its inputs, with the errors. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Always DNN_INFER_ERROR, with the error set. */
#define dnn_infer_error(call, error, ...) \
  (dnn_call_error (call, error, __VA_ARGS__), DNN_INFER_ERROR)

/* Input @idx has @least to @most dimensions: "X is of shape 2×3, expected rank
 * 4". */
gboolean dnn_check_rank (
    const DnnCall *call, guint idx, gint least, gint most, GError **error);
/* Input @idx may have that shape: "scale is of shape 2, expected 3". */
gboolean dnn_check_shape (
    const DnnCall *call, guint idx, const DnnShape *expected, GError **error);
/* Input @idx is one number. */
gboolean dnn_check_scalar (const DnnCall *call, guint idx, GError **error);
/* The integer in input @idx, of any integer type; @value: its bytes. */
gint64 dnn_check_get_int (const DnnCall *call, guint idx, gconstpointer value);

/* How many elements dimensions @from … @to - 1 have; all are known. */
gint64 dnn_check_count (const DnnShape *shape, gint from, gint to);

/* NEEDS_VALUE of input @idx. */
DnnInferResult dnn_infer_needs (DnnCall *call, guint idx);
/* Output 0 is as input 0: type and shape. */
void dnn_infer_same (DnnCall *call);
/* Output @idx, if it is wanted. */
void dnn_infer_set (
    DnnCall *call, guint idx, DnnType type, const DnnShape *shape);

G_END_DECLS
