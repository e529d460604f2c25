/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where the largest or smallest element along an axis stands. Such an operator
 * is its name and which of the two. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_min;
} DnnArg;

extern const DnnArgRow dnn_arg_inputs[1], dnn_arg_outputs[1];
extern const DnnAttrRow dnn_arg_attrs[3];

/* For all but name, doc and family. */
#define DNN_ARG_OP                                                            \
  .inputs = DNN_ROWS (dnn_arg_inputs), .outputs = DNN_ROWS (dnn_arg_outputs), \
  .attrs = DNN_ROWS (dnn_arg_attrs), .infer = dnn_arg_infer,                  \
  .ref = dnn_arg_ref, .offer = dnn_arg_offer

DnnInferResult dnn_arg_infer (DnnCall *call, GError **error);
gboolean dnn_arg_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_arg_offer (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
