/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Shapes of x and its scale → which element has which. Next:
 * dnn-quant-loop.c. */
#include "config.h"

#include "kernels/family/dnn-quant.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static gboolean
is_one (const DnnShape *shape)
{
  return dnn_shape_n_elements (shape) == 1;
}

/* All but the axis as in x; there, one a block. */
static gboolean
check_blocks (const DnnCall *call, gint axis, GError **error)
{
  gint64 block = dnn_call_int (call, "block_size");
  DnnShape expected = call->inputs[0].shape;

  if (expected.dims[axis] >= 0)
    expected.dims[axis] = expected.dims[axis] / block +
        (expected.dims[axis] % block != 0);
  return dnn_check_shape (call, 1, &expected, error);
}

gboolean
dnn_quant_check (const DnnCall *call, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  const DnnShape *scale = &call->inputs[1].shape;
  DnnShape expected = { .rank = 1 };
  gint axis;

  if (dnn_call_has_input (call, 2) &&
      !(is_one (scale) && is_one (&call->inputs[2].shape)) &&
      !dnn_check_shape (call, 2, scale, error))
    return FALSE;
  if (scale->rank == 0 || is_one (scale))
    return TRUE;
  if (!dnn_call_axis (call, "axis", x->rank, &axis, error))
    return FALSE;
  if (dnn_call_int (call, "block_size") > 0)
    return check_blocks (call, axis, error);
  expected.dims[0] = x->dims[axis];
  return dnn_check_shape (call, 1, &expected, error);
}

void
dnn_quant_read (const DnnCall *call, DnnQuant *self)
{
  const DnnShape *x = &call->inputs[0].shape;
  gint axis = 0;

  *self = (DnnQuant){ .n = 1, .inner = 1 };
  if (is_one (&call->inputs[1].shape))
    return;
  dnn_call_axis (call, "axis", x->rank, &axis, NULL);
  self->inner = dnn_check_count (x, axis + 1, x->rank);
  self->n = self->dim = x->dims[axis];
  self->block = dnn_call_int (call, "block_size");
  if (self->block > 0)
    self->n_blocks = (self->dim + self->block - 1) / self->block;
}

gint64
dnn_quant_find (const DnnQuant *self, gint64 idx)
{
  gint64 line = idx / self->inner;

  if (self->block == 0)
    return line % self->n;
  return (line / self->dim * self->n_blocks + line % self->dim / self->block) *
      self->inner +
      idx % self->inner;
}

gdouble
dnn_quant_round (DnnType type, gdouble value)
{
  guint64 bits;

  dnn_store (type, &bits, 0, value);
  return dnn_load (type, &bits, 0);
}

void
dnn_quant_store (DnnType type, gpointer dst, gint64 idx, gdouble value,
    gdouble zero, gboolean saturates)
{
  guint bit = DNN_TYPE_BIT (type);

  if (bit & (DNN_TYPES_FLOAT8 | DNN_TYPE_BIT (DNN_TYPE_FLOAT4E2M1)))
    ((guint8 *) dst)[idx] = dnn_small_set (
        type, value + zero, saturates, DNN_ROUND_NEAREST);
  else
    dnn_type_set (type, dst, idx, rint (value) + zero);
}
