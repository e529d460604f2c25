/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MatMul: products of matrices as numpy's matmul: the last two dimensions are
 * matrices, those before are broadcast, a vector is a row or a column. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"
#include "kernels/conv/dnn-matrix.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"

#define MATMUL_TYPES                                                    \
  (DNN_TYPES_FLOAT | DNN_TYPES_INDEX | DNN_TYPE_BIT (DNN_TYPE_UINT32) | \
      DNN_TYPE_BIT (DNN_TYPE_UINT64))

static const DnnArgRow inputs[] = {
  { .name = "A",
      .types = MATMUL_TYPES,
      .type_var = "T",
      .doc = "… × M × K, or K" },
  { .name = "B",
      .types = MATMUL_TYPES,
      .type_var = "T",
      .doc = "… × K × N, or K" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = MATMUL_TYPES, .type_var = "T" },
};

/* A call, read: batches apart from the matrices. */
typedef struct
{
  DnnShape a_batch, b_batch, batch;
  gint64 m, n, k, b_k;
} Product;

/* Splits @shape into batches, rows and columns; a vector has one row, or (B)
 * one column. */
static void
split_shape (const DnnShape *shape, gboolean is_b, DnnShape *batch,
    gint64 *rows, gint64 *columns)
{
  gint rank = shape->rank;

  *batch = (DnnShape){ .rank = MAX (rank - 2, 0) };
  for (gint i = 0; i < batch->rank; i++)
    batch->dims[i] = shape->dims[i];
  *columns = is_b && rank == 1 ? 1 : shape->dims[rank - 1];
  if (rank == 1)
    *rows = is_b ? shape->dims[0] : 1;
  else
    *rows = shape->dims[rank - 2];
}

static gboolean
read_product (const DnnCall *call, Product *self, GError **error)
{
  const DnnShape *a = &call->inputs[0].shape, *b = &call->inputs[1].shape;
  gboolean fits = a->rank > 0 && b->rank > 0;

  *self = (Product){ 0 };
  if (fits) {
    split_shape (a, FALSE, &self->a_batch, &self->m, &self->k);
    split_shape (b, TRUE, &self->b_batch, &self->b_k, &self->n);
    fits = self->k == self->b_k || self->k == DNN_DIM_OPEN ||
        self->b_k == DNN_DIM_OPEN;
  }
  if (!fits) {
    g_autofree gchar *a_text = dnn_shape_to_string (a);
    g_autofree gchar *b_text = dnn_shape_to_string (b);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "A of shape %s and B of shape %s can't be multiplied", a_text, b_text);
  }
  return dnn_broadcast_shapes (
      call, &self->a_batch, &self->b_batch, &self->batch, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape *y = &call->outputs[0].shape;
  Product product;

  if (!read_product (call, &product, error))
    return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  *y = product.batch;
  if (call->inputs[0].shape.rank > 1)
    y->dims[y->rank++] = product.m;
  if (call->inputs[1].shape.rank > 1)
    y->dims[y->rank++] = product.n;
  return DNN_INFER_OK;
}

/* Which matrix of a tensor with @strides belongs to batch @idx. */
static gint64
find_matrix (const DnnShape *batch, const gint64 *strides, gint64 idx)
{
  gint64 found = 0;

  for (gint i = batch->rank - 1; i >= 0; i--) {
    found += idx % batch->dims[i] * strides[i];
    idx /= batch->dims[i];
  }
  return found;
}

/* One pair of matrices, whose first row and first column these are. */
static void
multiply (const Product *p, DnnType type, DnnMatrixLine a, DnnMatrixLine b,
    gpointer y, gint64 y_base)
{
  for (gint64 i = 0; i < p->m * p->n; i++) {
    DnnMatrixLine row = { a.data, a.idx + i / p->n * p->k, a.step };
    DnnMatrixLine column = { b.data, b.idx + i % p->n, b.step };
    if (dnn_type_is_float (type))
      dnn_store (
          type, y, y_base + i, dnn_matrix_dot (type, &row, &column, p->k));
    else
      dnn_store_int (
          type, y, y_base + i, dnn_matrix_dot_int (type, &row, &column, p->k));
  }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint64 a_strides[DNN_MAX_RANK], b_strides[DNN_MAX_RANK];
  Product p;

  if (!read_product (call, &p, error))
    return FALSE;
  dnn_broadcast_strides (&p.a_batch, &p.batch, a_strides);
  dnn_broadcast_strides (&p.b_batch, &p.batch, b_strides);
  for (gint64 i = 0; i < dnn_shape_n_elements (&p.batch); i++) {
    gint64 a_idx = find_matrix (&p.batch, a_strides, i) * p.m * p.k;
    gint64 b_idx = find_matrix (&p.batch, b_strides, i) * p.k * p.n;
    multiply (&p, call->inputs[0].type, (DnnMatrixLine){ src[0], a_idx, 1 },
        (DnnMatrixLine){ src[1], b_idx, p.n }, dst[0], i * p.m * p.n);
  }
  return TRUE;
}

static void
set_matrix (const gint64 *batch, gint rank, gint64 rows, gint64 columns,
    gint64 *dims, gint64 *strides)
{
  gint64 stride = 1;

  for (gint i = 0; i < rank - 2; i++)
    dims[i] = batch[i];
  dims[rank - 2] = rows;
  dims[rank - 1] = columns;
  for (gint i = rank - 1; i >= 0 && strides; i--) {
    strides[i] = stride;
    stride *= dims[i];
  }
}

/* Batches as oneDNN is to see them: with one B, all rows of A are one matrix;
 * the same number on both sides is one dimension; else as they are. */
static void
fold_batches (Product *p, DnnMatrix *matrix)
{
  gint64 a[DNN_MAX_RANK] = { 0 }, b[DNN_MAX_RANK] = { 0 };

  matrix->rank = p->batch.rank + 2;
  for (gint i = 0; i < p->batch.rank; i++) {
    gint j = i - (p->batch.rank - p->a_batch.rank);
    gint l = i - (p->batch.rank - p->b_batch.rank);
    a[i] = j < 0 ? 1 : p->a_batch.dims[j];
    b[i] = l < 0 ? 1 : p->b_batch.dims[l];
  }
  if (dnn_shape_n_elements (&p->b_batch) == 1) {
    p->m *= dnn_shape_n_elements (&p->batch);
    matrix->rank = 2;
  } else if (dnn_shape_equal (&p->a_batch, &p->b_batch)) {
    a[0] = b[0] = dnn_shape_n_elements (&p->batch);
    matrix->rank = 3;
  }
  set_matrix (a, matrix->rank, p->m, p->k, matrix->a, matrix->a_strides);
  set_matrix (b, matrix->rank, p->k, p->n, matrix->b, matrix->b_strides);
  for (gint i = 0; i < matrix->rank - 2; i++)
    a[i] = MAX (a[i], b[i]);
  set_matrix (a, matrix->rank, p->m, p->n, matrix->y, NULL);
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  DnnMatrix matrix = { .b_factor = 1, .addend = -1, .addend_factor = 1 };
  Product p;

  if (!dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32) ||
      !read_product (call, &p, NULL) || p.batch.rank + 2 > DNN_MAX_RANK)
    return;
  fold_batches (&p, &matrix);
  dnn_matrix_offer (call, &matrix, offers);
}

const DnnOp dnn_op_MatMul = {
  .name = "MatMul",
  .doc = "Products of matrices, batches broadcast",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
  .always_planned = TRUE,
};
