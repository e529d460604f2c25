/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A product of (batches of) matrices, as MatMul and Gemm describe theirs to
 * oneDNN: all three are plain tensors, seen with these dimensions and strides.
 */
#pragma once

#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Batch dimensions first, then rows and columns. */
typedef struct
{
  gint rank;
  gint64 a[DNN_MAX_RANK], a_strides[DNN_MAX_RANK];
  gint64 b[DNN_MAX_RANK], b_strides[DNN_MAX_RANK];
  gint64 y[DNN_MAX_RANK]; /* packed */
  gfloat b_factor; /* on a constant B */
  gint addend; /* an input added to the result, or -1 */
  gfloat addend_factor; /* 1 unless it is constant and has addend[] of one
                           row */
  gint64 addend_dims[DNN_MAX_RANK]; /* each 1 or y's */
} DnnMatrix;

/* Inputs 0 and 1 are the matrices. */
void dnn_matrix_offer (
    const DnnCall *call, const DnnMatrix *self, DnnOffers *offers);

/* A row or column: its first element, and how far apart the others are. */
typedef struct
{
  gconstpointer data;
  gint64 idx, step;
} DnnMatrixLine;

/* One element of the product: of two lines of @n elements. */
gdouble dnn_matrix_dot (
    DnnType type, const DnnMatrixLine *a, const DnnMatrixLine *b, gint64 n);
/* The same for integers; wraps. */
gint64 dnn_matrix_dot_int (
    DnnType type, const DnnMatrixLine *a, const DnnMatrixLine *b, gint64 n);

G_END_DECLS
