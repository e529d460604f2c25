/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX's (numpy's) broadcasting: two shapes → the common one, and strides.
 * Next: dnn-broadcast-offer.c. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"

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
