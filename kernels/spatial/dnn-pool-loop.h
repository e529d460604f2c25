/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The largest of each window, NaN where one is NaN → a candidate that runs as a
 * loop. */
#pragma once

#include "kernels/spatial/dnn-spatial.h"

G_BEGIN_DECLS

/* float32; plain, channels last, or blocks of channels. @spatial: copied. */
void dnn_pool_offer_loop (const DnnCall *call, DnnOffers *offers,
    const DnnSpatial *spatial, const DnnFormat *format);

G_END_DECLS
