/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Losses of classification: of logarithms of probabilities, or of scores whose
 * softmax is taken. Such an operator is its rows and which of the two. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_log; /* input 0 are logarithms already */
} DnnLoss;

/* For .choices: "none", "sum", "mean". */
extern const gchar *const dnn_loss_reductions[];

/* For .infer, .ref. */
#define DNN_LOSS_OP .infer = dnn_loss_infer, .ref = dnn_loss_ref

DnnInferResult dnn_loss_infer (DnnCall *call, GError **error);
gboolean dnn_loss_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

G_END_DECLS
