/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Range: numbers at equal distances; as many as its inputs say. */
#include "config.h"

#include "kernels/family/dnn-number.h"
#include "pipeline-core/op/dnn-op.h"

#include <math.h>

#define TYPES                                        \
  (DNN_TYPES_FLOAT | DNN_TYPE_BIT (DNN_TYPE_INT16) | \
      DNN_TYPE_BIT (DNN_TYPE_INT32) | DNN_TYPE_BIT (DNN_TYPE_INT64))

static const DnnArgRow inputs[] = {
  { .name = "start", .types = TYPES, .type_var = "T", .doc = "a scalar" },
  { .name = "limit",
      .types = TYPES,
      .type_var = "T",
      .doc = "a scalar; not reached" },
  { .name = "delta", .types = TYPES, .type_var = "T", .doc = "a scalar" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = TYPES, .type_var = "T" },
};

/* max (ceil ((limit - start) / delta), 0); -1 where that is no number of
 * elements. */
static gint64
count_floats (gdouble start, gdouble limit, gdouble delta)
{
  gdouble n = ceil ((limit - start) / delta);

  if (isnan (n) || n > (gdouble) DNN_MAX_TENSOR_BYTES)
    return -1;
  return n > 0 ? (gint64) n : 0;
}

static gint64
count_integers (gint64 start, gint64 limit, gint64 delta)
{
  gboolean is_down = delta < 0;
  guint64 way = is_down ? (guint64) start - (guint64) limit
                        : (guint64) limit - (guint64) start;
  guint64 step = is_down ? 0 - (guint64) delta : (guint64) delta;
  guint64 n;

  if (is_down ? limit >= start : limit <= start)
    return 0;
  n = (way - 1) / step + 1;
  return n > (guint64) DNN_MAX_TENSOR_BYTES ? -1 : (gint64) n;
}

static gboolean
count_elements (const DnnCall *call, gint64 *n, GError **error)
{
  DnnType type = call->inputs[0].type;
  gdouble values[3];
  gint64 whole[3];

  for (guint i = 0; i < 3; i++) {
    values[i] = dnn_load (type, call->inputs[i].value, 0);
    whole[i] = dnn_type_is_float (type)
        ? 0
        : dnn_load_int (type, call->inputs[i].value, 0);
  }
  if (values[2] == 0)
    return dnn_call_error (
        call, error, DNN_ERROR_VALUE, "delta is 0, expected another step");
  *n = dnn_type_is_float (type) ? count_floats (values[0], values[1], values[2])
                                : count_integers (whole[0], whole[1], whole[2]);
  if (*n < 0)
    return dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "from %g to %g by %g are more elements than %" G_GINT64_FORMAT
        " bytes hold",
        values[0], values[1], values[2], DNN_MAX_TENSOR_BYTES);
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  call->outputs[0].type = call->inputs[0].type;
  for (guint i = 0; i < 3; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    if (arg->shape.rank > 1 ||
        (arg->shape.rank == 1 && arg->shape.dims[0] != 1)) {
      g_autofree gchar *text = dnn_shape_to_string (&arg->shape);
      dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "input %u is %s, expected a scalar", i, text);
      return DNN_INFER_ERROR;
    }
  }
  call->outputs[0].shape = dnn_shape (1, DNN_DIM_OPEN);
  for (guint i = 0; i < 3; i++)
    if (!call->inputs[i].value) {
      call->needs_value = i;
      return DNN_INFER_NEEDS_VALUE;
    }
  return count_elements (call, &call->outputs[0].shape.dims[0], error)
      ? DNN_INFER_OK
      : DNN_INFER_ERROR;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->outputs[0].type;
  gint64 n = call->outputs[0].shape.dims[0];

  if (dnn_type_is_float (type)) {
    gdouble start = dnn_load (type, src[0], 0),
            delta = dnn_load (type, src[2], 0);
    for (gint64 i = 0; i < n; i++)
      dnn_store (type, dst[0], (gsize) i, start + (gdouble) i * delta);
    return TRUE;
  }
  for (gint64 i = 0; i < n; i++)
    dnn_store_int (type, dst[0], (gsize) i,
        (gint64) ((guint64) dnn_load_int (type, src[0], 0) +
            (guint64) i * (guint64) dnn_load_int (type, src[2], 0)));
  return TRUE;
}

const DnnOp dnn_op_Range = {
  .name = "Range",
  .doc = "Numbers at equal distances",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = compute,
};
