/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* AffineGrid: an affine map → the grid that GridSample takes. */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "theta",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "N × 2 × 3 or N × 3 × 4" },
  { .name = "size", .types = DNN_TYPES_INT64, .doc = "N, C, and the space" },
};
static const DnnArgRow outputs[] = {
  { .name = "grid", .types = DNN_TYPES_FLOAT, .type_var = "T1" },
};
static const DnnAttrRow attrs[] = {
  { .key = "align_corners",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: -1 and 1 are the centres of the outermost places" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *size = &call->inputs[1];
  const gint64 *dims = size->value;
  DnnShape shape = { 0 }, theta = { .rank = 3 };
  gint n;

  if (!dnn_check_rank (call, 1, 1, 1, error) ||
      !dnn_check_rank (call, 0, 3, 3, error))
    return DNN_INFER_ERROR;
  if (!dims)
    return dnn_infer_needs (call, 1);
  n = (gint) size->shape.dims[0] - 2;
  if (n != 2 && n != 3)
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "size has %d numbers, expected 4 or 5", n + 2);
  theta.dims[0] = dims[0];
  theta.dims[1] = n;
  theta.dims[2] = n + 1;
  shape.rank = n + 2;
  shape.dims[0] = dims[0];
  for (gint i = 0; i < n; i++)
    shape.dims[1 + i] = dims[2 + i];
  shape.dims[n + 1] = n;
  for (gint i = 0; i <= n; i++)
    if (shape.dims[i] < 0)
      return dnn_infer_error (call, error, DNN_ERROR_VALUE,
          "size has %" G_GINT64_FORMAT ", expected 0 or more", shape.dims[i]);
  if (!dnn_check_shape (call, 0, &theta, error))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* Place @i of @n between -1 and 1. */
static gdouble
get_place (gint64 i, gint64 n, gboolean align)
{
  if (align)
    return n > 1 ? -1 + 2 * (gdouble) i / (gdouble) (n - 1) : -1;
  return -1 + (2 * (gdouble) i + 1) / (gdouble) n;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->outputs[0].shape;
  DnnType type = call->inputs[0].type;
  gboolean align = dnn_call_int (call, "align_corners") != 0;
  gint n = shape->rank - 2;
  gint64 places = dnn_check_count (shape, 1, n + 1);

  for (gint64 i = 0; i < shape->dims[0] * places; i++) {
    gint64 rest = i % places, base = i / places * n * (n + 1);
    gdouble at[4];
    at[n] = 1;
    for (gint k = 0; k < n; k++) { /* the innermost dimension is x */
      at[k] = get_place (rest % shape->dims[n - k], shape->dims[n - k], align);
      rest /= shape->dims[n - k];
    }
    for (gint row = 0; row < n; row++) {
      gdouble sum = 0;
      for (gint k = 0; k <= n; k++)
        sum += dnn_load (type, src[0], base + row * (n + 1) + k) * at[k];
      dnn_store (type, dst[0], i * n + row, sum);
    }
  }
  return TRUE;
}

const DnnOp dnn_op_AffineGrid = {
  .name = "AffineGrid",
  .doc = "Where each place of a picture lies before an affine map",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
