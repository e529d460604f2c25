/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Det: the determinant of each matrix. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "… × N × N" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;

  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  shape.rank -= 2;
  if (shape.dims[shape.rank] >= 0 && shape.dims[shape.rank + 1] >= 0 &&
      shape.dims[shape.rank] != shape.dims[shape.rank + 1])
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "X has matrices of %" G_GINT64_FORMAT "×%" G_GINT64_FORMAT
        ", expected square ones",
        shape.dims[shape.rank], shape.dims[shape.rank + 1]);
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  if (dnn_shape_n_least (&call->inputs[0].shape) >= 0 &&
      shape.dims[shape.rank] > 0)
    call->ref_scratch = (gsize) (shape.dims[shape.rank] *
                            shape.dims[shape.rank]) *
        sizeof (gdouble);
  return DNN_INFER_OK;
}

static void
swap_rows (gdouble *a, gdouble *b, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    gdouble x = a[i];
    a[i] = b[i];
    b[i] = x;
  }
}

/* Gauss, with the largest pivot of each column. */
static gdouble
compute (gdouble *a, gint64 n)
{
  gdouble det = 1;

  for (gint64 k = 0; k < n; k++) {
    gint64 pivot = k;
    for (gint64 i = k + 1; i < n; i++)
      if (fabs (a[i * n + k]) > fabs (a[pivot * n + k]))
        pivot = i;
    if (pivot != k) {
      swap_rows (a + k * n, a + pivot * n, n);
      det = -det;
    }
    det *= a[k * n + k];
    if (a[k * n + k] == 0)
      return det;
    for (gint64 i = k + 1; i < n; i++) {
      gdouble factor = a[i * n + k] / a[k * n + k];
      for (gint64 j = k + 1; j < n; j++)
        a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return det;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 n = shape->dims[shape->rank - 1];

  for (gint64 i = 0; i < dnn_shape_n_elements (&call->outputs[0].shape); i++) {
    for (gint64 j = 0; j < n * n; j++)
      ((gdouble *) scratch)[j] = dnn_load (type, src[0], i * n * n + j);
    dnn_store (type, dst[0], i, compute (scratch, n));
  }
  return TRUE;
}

const DnnOp dnn_op_Det = {
  .name = "Det",
  .doc = "Determinant of each matrix",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = ref,
};
