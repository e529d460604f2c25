/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Softmax and its logarithm along one axis. Such an operator is its name and
 * which of the two it is. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_log;
} DnnSoftmax;

extern const DnnArgRow dnn_softmax_inputs[1];
extern const DnnArgRow dnn_softmax_outputs[1];
extern const DnnAttrRow dnn_softmax_attrs[1];

DnnInferResult dnn_softmax_infer (DnnCall *call, GError **error);
gboolean dnn_softmax_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_softmax_offer (const DnnCall *call, DnnOffers *offers);

/* One line of @n elements, @stride apart, from @base on, in double. */
void dnn_softmax_compute_line (gboolean is_log, DnnType type, gconstpointer src,
    gpointer dst, gint64 base, gint64 n, gint64 stride);

G_END_DECLS
