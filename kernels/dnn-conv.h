/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What Conv and ConvTranspose share: reading a call, offering oneDNN's
 * primitives. */
#pragma once

#include "kernels/dnn-spatial.h"

G_BEGIN_DECLS

/* A call, read. Channels and kernel may be open while the shapes of X or W
 * are. */
typedef struct
{
  gboolean transposed;
  DnnSpatial spatial;
  gint64 batch, groups;
  gint64 src_channels, dst_channels; /* of all groups */
} DnnConv;

/* Reads and checks inputs X, W, B and the attributes, then sets output 0. */
DnnInferResult dnn_conv_infer (
    DnnCall *call, gboolean transposed, GError **error);
/* For ref and offer: all shapes are known. */
void dnn_conv_read (const DnnCall *call, gboolean transposed, DnnConv *self);

void dnn_conv_offer (
    const DnnCall *call, const DnnConv *self, DnnOffers *offers);

G_END_DECLS
