/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Numbers at random that hang on nothing but a seed and their place: threads
 * need not agree, and a frame draws what the one before drew. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_normal; /* by mean and scale; else from low to high */
} DnnRandom;

/* For .infer, .ref: of attribute shape, or of input 0's. */
#define DNN_RANDOM_OP .infer = dnn_random_infer, .ref = dnn_random_ref

DnnInferResult dnn_random_infer (DnnCall *call, GError **error);
gboolean dnn_random_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

/* Attribute seed, which may be absent. */
guint64 dnn_random_seed (const DnnCall *call);
/* In [0, 1). */
gdouble dnn_random_uniform (guint64 seed, guint64 idx);

G_END_DECLS
