/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Inner lines of an operator of two tensors → infer, ref. Next:
 * dnn-broadcast-offer.c. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

#include "kernels/family/dnn-number.h"

/* Dimension @i of @rank ones, counted from the outermost of the result. */
static gint64
get_dim (const DnnShape *shape, gint i, gint rank)
{
  gint j = i - (rank - shape->rank);

  return j < 0 ? 1 : shape->dims[j];
}

gboolean
dnn_broadcast_shapes (const DnnCall *call, const DnnShape *a, const DnnShape *b,
    DnnShape *result, GError **error)
{
  result->rank = MAX (a->rank, b->rank);
  for (gint i = 0; i < result->rank; i++) {
    gint64 x = get_dim (a, i, result->rank), y = get_dim (b, i, result->rank);
    if (x == y || y == 1) {
      result->dims[i] = x;
    } else if (x == 1) {
      result->dims[i] = y;
    } else if (x == DNN_DIM_OPEN || y == DNN_DIM_OPEN) {
      result->dims[i] = MAX (x, y);
    } else {
      g_autofree gchar *a_text = dnn_shape_to_string (a);
      g_autofree gchar *b_text = dnn_shape_to_string (b);
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "shapes %s and %s can't be broadcast: dimension %d of the result "
          "would be both %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
          a_text, b_text, i, x, y);
    }
  }
  return TRUE;
}

void
dnn_broadcast_strides (
    const DnnShape *from, const DnnShape *to, gint64 *strides)
{
  gint64 stride = 1;

  for (gint i = to->rank - 1; i >= 0; i--) {
    gint64 dim = get_dim (from, i, to->rank);
    strides[i] = dim == 1 ? 0 : stride;
    stride *= dim;
  }
}

DnnInferResult
dnn_broadcast_infer (DnnCall *call, GError **error)
{
  const DnnBroadcast *broadcast = call->op->family;

  call->outputs[0].type = broadcast->result ? broadcast->result
                                            : call->inputs[0].type;
  if (!dnn_broadcast_shapes (call, &call->inputs[0].shape,
          &call->inputs[1].shape, &call->outputs[0].shape, error))
    return DNN_INFER_ERROR;
  return DNN_INFER_OK;
}

typedef struct
{
  gconstpointer data;
  gint64 idx;
} Element;

/* One element of the result: @dst[@idx]. */
static void
compute (const DnnCall *call, Element a, Element b, gpointer dst, gint64 idx)
{
  const DnnBroadcast *self = call->op->family;
  DnnType from = call->inputs[0].type, to = call->outputs[0].type;
  gboolean is_comparison = to == DNN_TYPE_BOOL;

  if (dnn_type_is_float (from)) {
    gdouble value = self->real (
        dnn_load (from, a.data, a.idx), dnn_load (from, b.data, b.idx));
    if (is_comparison)
      ((guint8 *) dst)[idx] = value != 0;
    else
      dnn_store (to, dst, idx, value);
  } else {
    gint64 x = dnn_load_int (from, a.data, a.idx);
    gint64 y = dnn_load_int (from, b.data, b.idx);
    gint64 value = self->natural && dnn_type_is_unsigned (from)
        ? (gint64) self->natural ((guint64) x, (guint64) y)
        : self->integer (x, y);
    dnn_store_int (to, dst, idx, is_comparison ? value != 0 : value);
  }
}

gboolean
dnn_broadcast_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->outputs[0].shape;
  gint64 n = dnn_shape_n_elements (shape);
  gint64 a_strides[DNN_MAX_RANK], b_strides[DNN_MAX_RANK];
  gint64 at[DNN_MAX_RANK] = { 0 };
  Element a = { src[0], 0 }, b = { src[1], 0 };

  dnn_broadcast_strides (&call->inputs[0].shape, shape, a_strides);
  dnn_broadcast_strides (&call->inputs[1].shape, shape, b_strides);
  for (gint64 idx = 0; idx < n; idx++) {
    compute (call, a, b, dst[0], idx);
    for (gint i = shape->rank - 1; i >= 0; i--) {
      a.idx += a_strides[i];
      b.idx += b_strides[i];
      if (++at[i] < shape->dims[i])
        break;
      at[i] = 0;
      a.idx -= a_strides[i] * shape->dims[i];
      b.idx -= b_strides[i] * shape->dims[i];
    }
  }
  return TRUE;
}
