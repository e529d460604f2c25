/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators whose output 0 is input 0 under another shape: nothing runs.
 * Such an operator is its rows and infer. Pattern: ops/Reshape.c. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Copies input 0, unless it stands there already. */
gboolean dnn_view_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

/* A view of the plain input; where the shape stays (Identity), of each format
 * that the input can have. Further inputs (a shape) are read while planning.
 */
void dnn_view_offer (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
