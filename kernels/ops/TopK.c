/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* TopK: the largest or smallest elements along an axis, and where they were. */
#include "config.h"

#include "kernels/family/dnn-number.h"
#include "pipeline-core/op/dnn-op.h"

#include <math.h>
#include <string.h>

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "K", .types = DNN_TYPES_INT64, .doc = "how many" },
};
static const DnnArgRow outputs[] = {
  { .name = "Values",
      .types = DNN_TYPES_NUMBER,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T" },
  { .name = "Indices",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "along the axis; of equal ones the first" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis", .kind = DNN_ATTR_INT, .def = "-1", .doc = "which one" },
  { .key = "largest",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "0: the smallest" },
  { .key = "sorted",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "they are sorted here in any case" },
};

static gboolean
check_k (const DnnCall *call, gint axis, gint64 k, GError **error)
{
  gint64 dim = call->inputs[0].shape.dims[axis];

  if (k >= 0 && (dim < 0 || k <= dim))
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "K is %" G_GINT64_FORMAT ", expected 0 to %" G_GINT64_FORMAT
      ", the size of axis %d",
      k, MAX (dim, 0), axis);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *k = &call->inputs[1];
  DnnShape shape = call->inputs[0].shape;
  gint axis;

  call->outputs[0].type = call->inputs[0].type;
  if (!dnn_call_axis (call, "axis", shape.rank, &axis, error))
    return DNN_INFER_ERROR;
  if (k->shape.rank > 1 || dnn_shape_n_elements (&k->shape) > 1) {
    g_autofree gchar *text = dnn_shape_to_string (&k->shape);
    dnn_call_error (
        call, error, DNN_ERROR_SHAPE, "K is %s, expected one number", text);
    return DNN_INFER_ERROR;
  }
  if (k->value && !check_k (call, axis, *(const gint64 *) k->value, error))
    return DNN_INFER_ERROR;
  shape.dims[axis] = k->value ? *(const gint64 *) k->value : DNN_DIM_OPEN;
  for (guint i = 0; i < call->n_outputs; i++)
    call->outputs[i].shape = shape;
  if (call->n_outputs > 1)
    call->outputs[1].type = DNN_TYPE_INT64;
  call->ref_scratch = (gsize) MAX (shape.dims[axis], 0) * sizeof (gint64);
  call->needs_value = 1;
  return k->value ? DNN_INFER_OK : DNN_INFER_NEEDS_VALUE;
}

/* One row of elements along the axis. */
typedef struct
{
  DnnType type;
  gboolean is_largest;
  gconstpointer data;
  gint64 first, step;
} Row;

/* Element @a comes before @b; NaN is larger than all numbers. */
static gboolean
is_before (const Row *row, gint64 a, gint64 b)
{
  gsize at = (gsize) (row->first + a * row->step);
  gsize bt = (gsize) (row->first + b * row->step);
  gboolean less, more;

  if (row->type == DNN_TYPE_UINT64) {
    guint64 x = (guint64) dnn_load_int (row->type, row->data, at);
    guint64 y = (guint64) dnn_load_int (row->type, row->data, bt);
    less = x < y;
    more = x > y;
  } else if (!dnn_type_is_float (row->type)) {
    gint64 x = dnn_load_int (row->type, row->data, at);
    gint64 y = dnn_load_int (row->type, row->data, bt);
    less = x < y;
    more = x > y;
  } else {
    gdouble x = dnn_load (row->type, row->data, at);
    gdouble y = dnn_load (row->type, row->data, bt);
    less = x < y || (isnan (y) && !isnan (x));
    more = x > y || (isnan (x) && !isnan (y));
  }
  if (less || more)
    return row->is_largest ? more : less;
  return a < b;
}

/* The worst one is on top. */
static void
sink (const Row *row, gint64 *heap, gint64 n, gint64 at)
{
  gint64 moved = heap[at];

  for (gint64 child = 2 * at + 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && is_before (row, heap[child], heap[child + 1]))
      child++;
    if (!is_before (row, moved, heap[child]))
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

/* The best @k of @n, in order. */
static void
select_best (const Row *row, gint64 n, gint64 *heap, gint64 k)
{
  for (gint64 i = 0; i < k; i++)
    heap[i] = i;
  for (gint64 i = k / 2; i-- > 0;)
    sink (row, heap, k, i);
  for (gint64 i = k; i < n; i++) {
    if (!is_before (row, i, heap[0]))
      continue;
    heap[0] = i;
    sink (row, heap, k, 0);
  }
  for (gint64 left = k; left > 1; left--) {
    gint64 worst = heap[0];
    heap[0] = heap[left - 1];
    heap[left - 1] = worst;
    sink (row, heap, left - 1, 0);
  }
}

static void
write_row (const DnnCall *call, const Row *row, const gint64 *best,
    gpointer const *dst, gint64 first)
{
  gsize element = dnn_type_size (row->type);
  gint axis;
  gint64 k;

  dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, NULL);
  k = call->outputs[0].shape.dims[axis];
  for (gint64 i = 0; i < k; i++) {
    gint64 to = first + i * row->step, from = row->first + best[i] * row->step;
    if (dst[0])
      memcpy ((guint8 *) dst[0] + to * element,
          (const guint8 *) row->data + from * element, element);
    if (call->n_outputs > 1 && dst[1])
      ((gint64 *) dst[1])[to] = best[i];
  }
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gint64 outer = 1, inner = 1, dim, k;
  gint axis;

  dnn_call_axis (call, "axis", shape->rank, &axis, NULL);
  dim = shape->dims[axis];
  k = call->outputs[0].shape.dims[axis];
  for (gint i = 0; i < axis; i++)
    outer *= shape->dims[i];
  for (gint i = axis + 1; i < shape->rank; i++)
    inner *= shape->dims[i];
  for (gint64 i = 0; i < outer; i++)
    for (gint64 j = 0; j < inner; j++) {
      Row row = { call->inputs[0].type, dnn_call_int (call, "largest") != 0,
        src[0], i * dim * inner + j, inner };
      select_best (&row, dim, scratch, k);
      write_row (call, &row, scratch, dst, i * k * inner + j);
    }
  return TRUE;
}

const DnnOp dnn_op_TopK = {
  .name = "TopK",
  .doc = "The largest or smallest elements along an axis",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
};
