/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Expand: a tensor broadcast with a shape. */
#include "config.h"

#include "kernels/family/dnn-fill.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "shape",
      .types = DNN_TYPES_INT64,
      .doc = "broadcast with the input's, as numpy does it" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};

/* The input's shape with 1 in front. */
static DnnShape
pad_shape (const DnnShape *shape, gint rank)
{
  DnnShape padded = { .rank = rank };

  for (gint i = 0; i < rank; i++) {
    gint from = i - (rank - shape->rank);
    padded.dims[i] = from < 0 ? 1 : shape->dims[from];
  }
  return padded;
}

/* One dimension of both. */
static gboolean
join_dim (const DnnCall *call, gint axis, gint64 own, gint64 wanted,
    gint64 *dim, GError **error)
{
  if (wanted < 0)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "the shape wants %" G_GINT64_FORMAT " in dimension %d, expected 0 or "
        "more",
        wanted, axis);
  if (own >= 0 && own != wanted && own != 1 && wanted != 1)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "dimension %d is %" G_GINT64_FORMAT
        ", which can't become %" G_GINT64_FORMAT,
        axis, own, wanted);
  *dim = wanted == 1 ? own : own < 0 ? DNN_DIM_OPEN : wanted;
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *arg = &call->inputs[1];
  DnnShape *dst = &call->outputs[0].shape;
  gint n;
  DnnShape own;

  call->outputs[0].type = call->inputs[0].type;
  if (!dnn_fill_check_list (call, 1, error))
    return DNN_INFER_ERROR;
  if (arg->shape.dims[0] >= 0)
    dst->rank = MAX ((gint) arg->shape.dims[0], call->inputs[0].shape.rank);
  for (gint i = 0; i < dst->rank; i++)
    dst->dims[i] = DNN_DIM_OPEN;
  if (!arg->value && arg->shape.dims[0] != 0) {
    call->needs_value = 1;
    return DNN_INFER_NEEDS_VALUE;
  }
  n = (gint) arg->shape.dims[0];
  own = pad_shape (&call->inputs[0].shape, dst->rank);
  for (gint i = 0; i < dst->rank; i++) {
    gint from = i - (dst->rank - n);
    if (!join_dim (call, i, own.dims[i],
            from < 0 ? 1 : ((const gint64 *) arg->value)[from], &dst->dims[i],
            error))
      return DNN_INFER_ERROR;
  }
  return DNN_INFER_OK;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnShape own = pad_shape (
      &call->inputs[0].shape, call->outputs[0].shape.rank);

  dnn_fill_tile (call, &own, src[0], dst[0]);
  return TRUE;
}

const DnnOp dnn_op_Expand = {
  .name = "Expand",
  .doc = "A tensor broadcast to a shape that an input says",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = compute,
};
