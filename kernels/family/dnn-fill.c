/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One pattern → an output that repeats it. */
#include "config.h"

#include "kernels/family/dnn-fill.h"

#include <string.h>

gboolean
dnn_fill_check_list (const DnnCall *call, guint idx, GError **error)
{
  const DnnShape *shape = &call->inputs[idx].shape;

  if (shape->rank != 1 || shape->dims[0] > DNN_MAX_RANK) {
    g_autofree gchar *text = dnn_shape_to_string (shape);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "%s is %s, expected one dimension of at most %d",
        call->op->inputs[idx].name, text, DNN_MAX_RANK);
  }
  return TRUE;
}

void
dnn_fill_repeat (gpointer data, gsize size, gsize n)
{
  gsize done = size, all = size * n;

  while (done < all) {
    gsize more = MIN (done, all - done);
    memcpy ((guint8 *) data + done, data, more);
    done += more;
  }
}

/* Dimensions from @axis on: one block of the source to where it is repeated.
 * Returns the bytes written. */
static gsize
tile_axis (const DnnShape *to, const DnnShape *from, gsize element, gint axis,
    const guint8 **src, guint8 *dst)
{
  gsize size = 0;

  if (axis == to->rank) {
    memcpy (dst, *src, element);
    *src += element;
    return element;
  }
  for (gint64 i = 0; i < from->dims[axis]; i++)
    size += tile_axis (to, from, element, axis + 1, src, dst + size);
  dnn_fill_repeat (
      dst, size, (gsize) (to->dims[axis] / MAX (from->dims[axis], 1)));
  return size * (gsize) (to->dims[axis] / MAX (from->dims[axis], 1));
}

/* Innermost dimensions that are not repeated are one element. */
void
dnn_fill_tile (
    const DnnCall *call, const DnnShape *shape, gconstpointer src, gpointer dst)
{
  DnnShape to = call->outputs[0].shape, from = *shape;
  gsize element = dnn_type_size (call->outputs[0].type);
  const guint8 *at = src;

  while (to.rank > 0 && to.dims[to.rank - 1] == from.dims[to.rank - 1])
    element *= (gsize) to.dims[--to.rank];
  tile_axis (&to, &from, element, 0, &at, dst);
}
