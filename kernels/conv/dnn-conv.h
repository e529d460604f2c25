/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What Conv and ConvTranspose share: all but the sum of one element. */
#pragma once

#include "kernels/spatial/dnn-spatial.h"

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

/**
 * DnnConvFamily:
 * @plane: ref for one output channel @m of image @n, into @y from @idx on;
 *   @src: X, W, and B or %NULL
 *
 * What the two differ in.
 */
typedef struct
{
  gboolean transposed;
  void (*plane) (const DnnConv *conv, DnnType type, gconstpointer const *src,
      gint64 n, gint64 m, gpointer y, gint64 idx);
} DnnConvFamily;

/* Reads and checks inputs X, W, B and the attributes, then sets output 0. */
DnnInferResult dnn_conv_infer (DnnCall *call, GError **error);
gboolean dnn_conv_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_conv_offer (const DnnCall *call, DnnOffers *offers);
/* Of a transposed one, beside the backend's own. dnn-conv-transposed.c */
void dnn_conv_offer_transposed (
    const DnnCall *call, const DnnConv *conv, DnnOffers *offers);

/* By our own Winograd's algorithm, where the target permits and it is a 3×3
 * convolution with stride 1 and constant weights. dnn-conv-winograd.c */
void dnn_conv_offer_winograd (
    const DnnCall *call, const DnnConv *conv, DnnOffers *offers);

/* For ref and offer: all shapes are known. */
void dnn_conv_read (const DnnCall *call, DnnConv *self);

G_END_DECLS
