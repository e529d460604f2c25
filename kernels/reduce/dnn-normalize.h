/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Lines of elements brought to mean 0 and variance 1, then scaled and shifted:
 * LayerNormalization, RMSNormalization, GroupNormalization,
 * InstanceNormalization. Such an operator is its rows and which lines it has.
 */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef enum
{
  DNN_NORMALIZE_LAYER, /* a line is all from attribute axis on */
  DNN_NORMALIZE_GROUP, /* the channels of one of num_groups */
  DNN_NORMALIZE_INSTANCE, /* one channel */
} DnnNormalizeKind;

typedef struct
{
  DnnNormalizeKind kind;
  gboolean keeps_mean; /* it isn't taken off */
} DnnNormalize;

/* For .infer, .ref, .offer. */
#define DNN_NORMALIZE_OP                                  \
  .infer = dnn_normalize_infer, .ref = dnn_normalize_ref, \
  .offer = dnn_normalize_offer

DnnInferResult dnn_normalize_infer (DnnCall *call, GError **error);
gboolean dnn_normalize_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_normalize_offer (const DnnCall *call, DnnOffers *offers);

/* What the two files share: a call, read. */
typedef struct
{
  gint64 n_lines, n; /* lines, elements of each */
  gint64 channels, plane; /* of a scale by channel; channels 0: by element */
  gboolean is_plain; /* scale and bias have one number an element of a line */
  gboolean keeps_mean;
  gdouble epsilon;
} DnnNormalizeLines;

void dnn_normalize_read (const DnnCall *call, DnnNormalizeLines *self);
/* float32. dnn-normalize-loop.c */
void dnn_normalize_offer_loop (
    const DnnCall *call, const DnnNormalizeLines *lines, DnnOffers *offers);

G_END_DECLS
