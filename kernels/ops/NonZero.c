/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NonZero: where a tensor isn't 0; how often that is, only a frame tells. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_ANY },
};
static const DnnArgRow outputs[] = {
  { .name = "Y",
      .types = DNN_TYPES_INT64,
      .doc = "a row a dimension, a column an element" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  gint64 n = dnn_shape_n_elements (src);

  call->outputs[0].type = DNN_TYPE_INT64;
  call->outputs[0].shape = dnn_shape (2, src->rank, DNN_DIM_OPEN);
  if (!dnn_shape_is_known (src))
    return DNN_INFER_OK;
  call->outputs[0].shape.dims[1] = n;
  call->outputs[0].bounded = 1 << 1;
  return DNN_INFER_BOUNDED;
}

/* Any bit but a sign; NaN is not 0. */
static inline gboolean
is_zero (DnnType type, const guint8 *element)
{
  switch (type) {
    case DNN_TYPE_FLOAT32:
      return *(const gfloat *) element == 0;
    case DNN_TYPE_FLOAT64:
      return *(const gdouble *) element == 0;
    case DNN_TYPE_FLOAT16:
    case DNN_TYPE_BFLOAT16:
      return (*(const guint16 *) element & 0x7fff) == 0;
    default:
      for (gsize i = 0; i < dnn_type_size (type); i++)
        if (element[i] != 0)
          return FALSE;
      return TRUE;
  }
}

static gboolean
count (const DnnCall *call, gconstpointer const *src, gpointer scratch,
    DnnShape *shapes, GError **error)
{
  DnnType type = call->inputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->inputs[0].shape);
  const guint8 *element = src[0];

  shapes[0].dims[1] = 0;
  for (gint64 i = 0; i < n; i++, element += dnn_type_size (type))
    shapes[0].dims[1] += !is_zero (type, element);
  return TRUE;
}

/* One step on, as an odometer does. */
static void
advance (const DnnShape *shape, gint64 *position)
{
  for (gint i = shape->rank; i-- > 0;) {
    if (++position[i] < shape->dims[i])
      return;
    position[i] = 0;
  }
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 n = dnn_shape_n_elements (shape);
  gint64 n_found = call->outputs[0].shape.dims[1];
  const guint8 *element = src[0];
  gint64 *found = dst[0];
  gint64 position[DNN_MAX_RANK] = { 0 };

  for (gint64 i = 0; i < n; i++, element += dnn_type_size (type)) {
    if (!is_zero (type, element)) {
      for (gint j = 0; j < shape->rank; j++)
        found[j * n_found] = position[j];
      found++;
    }
    advance (shape, position);
  }
  return TRUE;
}

const DnnOp dnn_op_NonZero = {
  .name = "NonZero",
  .doc = "Where a tensor is not 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = compute,
  .count = count,
};
