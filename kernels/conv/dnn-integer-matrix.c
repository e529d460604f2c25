/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Products of matrices of bytes → int32, or bytes again. */
#include "config.h"

#include <string.h>

#include "kernels/conv/dnn-integer.h"
#include "kernels/family/dnn-broadcast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-quant.h"

/* A call, read: batches apart from the matrices; a vector is a row or a
 * column. */
typedef struct
{
  DnnShape a_batch, b_batch, batch;
  gint64 m, n, k;
} Product;

static gboolean
has_input (const DnnCall *call, gint idx)
{
  return idx >= 0 && dnn_call_has_input (call, (guint) idx);
}

static DnnShape
take_batch (const DnnShape *shape)
{
  DnnShape batch = *shape;

  batch.rank = MAX (shape->rank - 2, 0);
  return batch;
}

static gboolean
read_product (const DnnCall *call, Product *self, GError **error)
{
  const DnnIntegerMatrix *matrix = call->op->family;
  const DnnShape *a = &call->inputs[matrix->a].shape;
  const DnnShape *b = &call->inputs[matrix->b].shape;
  gint64 b_k;

  if (!dnn_check_rank (call, (guint) matrix->a, 1, DNN_MAX_RANK, error) ||
      !dnn_check_rank (call, (guint) matrix->b, 1, DNN_MAX_RANK, error))
    return FALSE;
  self->a_batch = take_batch (a);
  self->b_batch = take_batch (b);
  self->k = a->dims[a->rank - 1];
  self->m = a->rank > 1 ? a->dims[a->rank - 2] : 1;
  b_k = b->dims[MAX (b->rank - 2, 0)];
  self->n = b->rank > 1 ? b->dims[b->rank - 1] : 1;
  if (self->k >= 0 && b_k >= 0 && self->k != b_k)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "rows of %" G_GINT64_FORMAT " and columns of %" G_GINT64_FORMAT
        " can't be multiplied",
        self->k, b_k);
  return dnn_broadcast_shapes (
      call, &self->a_batch, &self->b_batch, &self->batch, error);
}

/* One number, or one a row or column. */
static gboolean
check_numbers (const DnnCall *call, gint idx, gint64 n, GError **error)
{
  const DnnShape *shape = idx < 0 ? NULL : &call->inputs[idx].shape;

  if (!has_input (call, idx) || shape->rank == 0 ||
      dnn_shape_n_elements (shape) == 1)
    return TRUE;
  if (!dnn_shape_is_known (shape) || n < 0 || dnn_shape_n_elements (shape) == n)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s has %" G_GINT64_FORMAT " numbers, expected 1 or %" G_GINT64_FORMAT,
      call->op->inputs[idx].name, dnn_shape_n_elements (shape), n);
}

DnnInferResult
dnn_integer_matrix_infer (DnnCall *call, GError **error)
{
  const DnnIntegerMatrix *matrix = call->op->family;
  DnnShape shape;
  Product p;

  if (!read_product (call, &p, error) ||
      !check_numbers (call, matrix->a_zero, p.m, error) ||
      !check_numbers (call, matrix->b_zero, p.n, error) ||
      !check_numbers (call, matrix->a_scale, p.m, error) ||
      !check_numbers (call, matrix->b_scale, p.n, error) ||
      !check_numbers (call, matrix->y_scale, p.m, error) ||
      !check_numbers (call, matrix->y_zero, p.m, error))
    return DNN_INFER_ERROR;
  shape = p.batch;
  if (call->inputs[matrix->a].shape.rank > 1)
    shape.dims[shape.rank++] = p.m;
  if (call->inputs[matrix->b].shape.rank > 1)
    shape.dims[shape.rank++] = p.n;
  dnn_infer_set (call, 0,
      matrix->y_zero < 0 ? DNN_TYPE_INT32 : call->inputs[matrix->y_zero].type,
      &shape);
  if (p.n > 0)
    call->ref_scratch = (gsize) p.n * sizeof (guint32);
  return DNN_INFER_OK;
}

/* ---- ref ---- */

static gint64
pick (const DnnCall *call, gint idx, gint64 i)
{
  return has_input (call, idx) &&
          dnn_shape_n_elements (&call->inputs[idx].shape) != 1
      ? i
      : 0;
}

static gdouble
load_scale (const DnnCall *call, gconstpointer const *src, gint idx, gint64 i)
{
  return dnn_load (call->inputs[idx].type, src[idx], pick (call, idx, i));
}

/* A row of A times B, into @sums; integers wrap around. */
static void
multiply_row (const DnnCall *call, gconstpointer const *src, const Product *p,
    const guint8 *a, const guint8 *b, gint64 row, guint32 *sums)
{
  const DnnIntegerMatrix *matrix = call->op->family;
  DnnIntegerCode a_code = dnn_integer_code (
      call, src, matrix->a, matrix->a_zero, pick (call, matrix->a_zero, row));
  DnnIntegerCode b_code = dnn_integer_code (
      call, src, matrix->b, matrix->b_zero, 0);
  gboolean is_by_column = pick (call, matrix->b_zero, 1) == 1;

  memset (sums, 0, (gsize) p->n * sizeof *sums);
  for (gint64 k = 0; k < p->k; k++) {
    guint32 factor = (guint32) dnn_integer_decode (a_code, a[k]);
    const guint8 *line = b + k * p->n;
    if (is_by_column)
      for (gint64 j = 0; j < p->n; j++)
        sums[j] += factor *
            (guint32) dnn_integer_decode (
                dnn_integer_code (call, src, matrix->b, matrix->b_zero, j),
                line[j]);
    else
      for (gint64 j = 0; j < p->n; j++)
        sums[j] += factor * (guint32) dnn_integer_decode (b_code, line[j]);
  }
}

static void
store_row (const DnnCall *call, gconstpointer const *src, const Product *p,
    gint64 row, const guint32 *sums, gpointer dst, gint64 base)
{
  const DnnIntegerMatrix *matrix = call->op->family;
  DnnType type = call->outputs[0].type, scale_type;

  if (matrix->y_scale < 0) {
    memcpy ((guint32 *) dst + base, sums, (gsize) p->n * sizeof *sums);
    return;
  }
  scale_type = call->inputs[matrix->y_scale].type;
  for (gint64 j = 0; j < p->n; j++) {
    gdouble factor = dnn_quant_round (scale_type,
        load_scale (call, src, matrix->a_scale, row) *
            load_scale (call, src, matrix->b_scale, j));
    factor = dnn_quant_round (
        scale_type, factor / load_scale (call, src, matrix->y_scale, row));
    dnn_quant_store (type, dst, base + j, (gdouble) (gint32) sums[j] * factor,
        (gdouble) dnn_load_int (
            type, src[matrix->y_zero], pick (call, matrix->y_zero, row)),
        TRUE);
  }
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

gboolean
dnn_integer_matrix_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnIntegerMatrix *matrix = call->op->family;
  gint64 a_strides[DNN_MAX_RANK], b_strides[DNN_MAX_RANK];
  Product p;

  if (!read_product (call, &p, error))
    return FALSE;
  dnn_broadcast_strides (&p.a_batch, &p.batch, a_strides);
  dnn_broadcast_strides (&p.b_batch, &p.batch, b_strides);
  for (gint64 i = 0; i < dnn_shape_n_elements (&p.batch) * p.m; i++) {
    gint64 batch = i / p.m, row = i % p.m;
    const guint8 *a = (const guint8 *) src[matrix->a] +
        (find_matrix (&p.batch, a_strides, batch) * p.m + row) * p.k;
    const guint8 *b = (const guint8 *) src[matrix->b] +
        find_matrix (&p.batch, b_strides, batch) * p.k * p.n;
    multiply_row (call, src, &p, a, b, row, scratch);
    store_row (call, src, &p, row, scratch, dst[0], i * p.n);
  }
  return TRUE;
}
