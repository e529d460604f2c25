/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Windows of signals, sums of cosines: a₀ − a₁ cos x + a₂ cos 2x. Such an
 * operator is its name and the three numbers. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  gdouble a[3];
} DnnWindowOp;

/* For .infer, .ref. */
#define DNN_WINDOW_OP .infer = dnn_window_infer, .ref = dnn_window_ref

DnnInferResult dnn_window_infer (DnnCall *call, GError **error);
gboolean dnn_window_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

G_END_DECLS
