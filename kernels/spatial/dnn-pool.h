/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Poolings: windows of dnn-spatial.h whose maximum or average is taken. Such
 * an operator is its rows and which of these it is. */
#pragma once

#include "kernels/spatial/dnn-spatial.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_max;
  gboolean is_global; /* the window is all of the space; no attributes */
} DnnPool;

DnnInferResult dnn_pool_infer (DnnCall *call, GError **error);
gboolean dnn_pool_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_pool_offer (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
