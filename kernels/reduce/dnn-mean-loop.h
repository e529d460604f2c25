/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The mean of each channel over all of the space → a candidate that runs as a
 * loop and is as exact for large pictures as for small ones. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* float32; plain, channels last, or blocks of channels. */
void dnn_mean_offer_loop (
    const DnnCall *call, DnnOffers *offers, const DnnFormat *format);

/* @format as planes of pixels of @inner channels that lie side by side: 1 in a
 * plain one, 8 or 16 in blocks, all of them where channels are last. FALSE for
 * any other layout. */
gboolean dnn_planes_read (
    const DnnFormat *format, gint64 *planes, gint64 *inner);

G_END_DECLS
