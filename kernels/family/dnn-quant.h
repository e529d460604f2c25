/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Scales and zero points of a tensor: one, one an element of an axis, or one a
 * block. What QuantizeLinear and DequantizeLinear share: inputs are x, scale,
 * zero point. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* What numbers are quantised to. */
#define DNN_QUANT_TYPES                                                   \
  (DNN_TYPES_FLOAT8 | DNN_TYPES_SMALL_INTEGER |                           \
      DNN_TYPE_BIT (DNN_TYPE_FLOAT4E2M1) | DNN_TYPE_BIT (DNN_TYPE_INT8) | \
      DNN_TYPE_BIT (DNN_TYPE_UINT8) | DNN_TYPE_BIT (DNN_TYPE_INT16) |     \
      DNN_TYPE_BIT (DNN_TYPE_UINT16))

/* A call, read: element i of x has scale (i / inner) % n, or that of its
 * block. */
typedef struct
{
  gint64 n, inner; /* n 1: one scale */
  gint64 dim, block, n_blocks; /* of the axis; block 0: none */
} DnnQuant;

gboolean dnn_quant_check (const DnnCall *call, GError **error);
void dnn_quant_read (const DnnCall *call, DnnQuant *self);
/* Which scale element @idx has. */
gint64 dnn_quant_find (const DnnQuant *self, gint64 idx);

/* @value as @type holds it. */
gdouble dnn_quant_round (DnnType type, gdouble value);
/* Rounded to even, then moved by @zero and cut at the ends of @type; of
 * floating-point types the number itself. */
void dnn_quant_store (DnnType type, gpointer dst, gint64 idx, gdouble value,
    gdouble zero, gboolean saturates);

/* float32 ↔ 8 bits, by vectors. dnn-quant-loop.c */
void dnn_quant_offer (
    const DnnCall *call, DnnOffers *offers, gboolean quantises);

G_END_DECLS
