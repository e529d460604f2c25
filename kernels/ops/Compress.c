/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Compress: slices of an axis that a condition names; how many, only a frame
 * tells. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "condition",
      .types = DNN_TYPES_BOOL,
      .doc = "one dimension; slices behind its end are dropped" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .doc = "default: the tensor is taken as one row" },
};

/* The input as outer × dim × inner, inner in bytes. */
typedef struct
{
  gint64 outer, dim, inner;
} Rows;

static gboolean
get_axis (const DnnCall *call, gint *axis, GError **error)
{
  *axis = -1;
  return !dnn_call_attr (call, "axis")->present ||
      dnn_call_axis (call, "axis", call->inputs[0].shape.rank, axis, error);
}

static Rows
get_rows (const DnnCall *call)
{
  const DnnShape *shape = &call->inputs[0].shape;
  Rows rows = { 1, 1, (gint64) dnn_type_size (call->inputs[0].type) };
  gint axis;

  get_axis (call, &axis, NULL);
  for (gint i = 0; i < shape->rank; i++) {
    if (axis < 0 || i == axis)
      rows.dim *= shape->dims[i];
    else if (i < axis)
      rows.outer *= shape->dims[i];
    else
      rows.inner *= shape->dims[i];
  }
  return rows;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *condition = &call->inputs[1];
  const DnnShape *src = &call->inputs[0].shape;
  DnnCallArg *out = &call->outputs[0];
  gint64 most;
  gint axis;

  out->type = call->inputs[0].type;
  if (!get_axis (call, &axis, error))
    return DNN_INFER_ERROR;
  if (condition->shape.rank != 1) {
    g_autofree gchar *text = dnn_shape_to_string (&condition->shape);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "condition is %s, expected one dimension", text);
    return DNN_INFER_ERROR;
  }
  most = axis < 0 ? dnn_shape_n_elements (src) : src->dims[axis];
  if (axis < 0)
    out->shape = dnn_shape (1, DNN_DIM_OPEN);
  else
    out->shape = *src;
  axis = MAX (axis, 0);
  out->shape.dims[axis] = DNN_DIM_OPEN;
  if (most < 0 || condition->shape.dims[0] < 0)
    return DNN_INFER_OK;
  out->shape.dims[axis] = MIN (most, condition->shape.dims[0]);
  out->bounded = 1u << axis;
  return DNN_INFER_BOUNDED;
}

static gboolean
count (const DnnCall *call, gconstpointer const *src, gpointer scratch,
    DnnShape *shapes, GError **error)
{
  gint64 n = MIN (get_rows (call).dim, call->inputs[1].shape.dims[0]);
  const guint8 *condition = src[1];
  gint64 found = 0;
  gint axis;

  get_axis (call, &axis, NULL);
  for (gint64 i = 0; i < n; i++)
    found += condition[i] != 0;
  shapes[0].dims[MAX (axis, 0)] = found;
  return TRUE;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  Rows rows = get_rows (call);
  gint64 n = MIN (rows.dim, call->inputs[1].shape.dims[0]);
  const guint8 *condition = src[1], *from = src[0];
  guint8 *to = dst[0];

  for (gint64 row = 0; row < rows.outer; row++) {
    for (gint64 i = 0; i < n; i++) {
      if (!condition[i])
        continue;
      memcpy (to, from + i * rows.inner, (gsize) rows.inner);
      to += rows.inner;
    }
    from += rows.dim * rows.inner;
  }
  return TRUE;
}

const DnnOp dnn_op_Compress = {
  .name = "Compress",
  .doc = "The slices of an axis that a condition names",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .count = count,
};
