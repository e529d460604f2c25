/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Convolutions and products of matrices of 8-bit integers, exact in 32 bits; as
 * they are (ConvInteger, MatMulInteger), or scaled to 8 bits again
 * (QLinearConv, QLinearMatMul). Such an operator is its rows and which input is
 * what. */
#pragma once

#include "kernels/spatial/dnn-spatial.h"

G_BEGIN_DECLS

#define DNN_QUANT_BYTES \
  (DNN_TYPE_BIT (DNN_TYPE_INT8) | DNN_TYPE_BIT (DNN_TYPE_UINT8))

/* Inputs by position: tensors, their zero points, scales (-1: int32 comes out),
 * the zero point of what comes out, and for a convolution its bias. */
typedef struct
{
  gint a, b, a_zero, b_zero;
  gint a_scale, b_scale, y_scale;
  gint bias;
} DnnIntegerConv;

typedef struct
{
  gint a, b, a_zero, b_zero;
  gint a_scale, b_scale, y_scale, y_zero;
} DnnIntegerMatrix;

DnnInferResult dnn_integer_conv_infer (DnnCall *call, GError **error);
gboolean dnn_integer_conv_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

/* dnn-integer-matrix.c */
DnnInferResult dnn_integer_matrix_infer (DnnCall *call, GError **error);
gboolean dnn_integer_matrix_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);

/* Bytes as integers, less their zero point: (byte ^ flip) − offset. */
typedef struct
{
  guint8 flip;
  gint32 offset;
} DnnIntegerCode;

/* Of input @input, whose zero point @zero is that at @idx of input @zero_input
 * (-1, or absent: 0). */
DnnIntegerCode dnn_integer_code (const DnnCall *call, gconstpointer const *src,
    gint input, gint zero_input, gint64 idx);

static inline gint32
dnn_integer_decode (DnnIntegerCode code, guint8 byte)
{
  return (gint32) (byte ^ code.flip) - code.offset;
}

G_END_DECLS
