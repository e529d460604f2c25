/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Norms of windows, or of whole channels: LpPool, GlobalLpPool. */
#pragma once

#include "kernels/spatial/dnn-spatial.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_global;
} DnnLp;

/* For .infer, .ref. */
#define DNN_LP_OP .infer = dnn_lp_infer, .ref = dnn_lp_ref

DnnInferResult dnn_lp_infer (DnnCall *call, GError **error);
gboolean dnn_lp_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

G_END_DECLS
