/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* OneHot: indices → vectors with one element on. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "indices",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T1",
      .doc = "from -depth to depth - 1; others are off everywhere" },
  { .name = "depth",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T2",
      .doc = "scalar" },
  { .name = "values",
      .types = DNN_TYPES_ANY,
      .type_var = "T3",
      .doc = "off, on" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T3" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .doc = "where the new dimension stands" },
};

/* Largest depth, so that a number in a file is no bomb. */
#define MAX_DEPTH (G_GINT64_CONSTANT (1) << 28)

/* A number of any type, as an integer; FALSE if it is none. */
static gboolean
load_index (DnnType type, gconstpointer data, gint64 idx, gint64 *value)
{
  gdouble real;

  if (!dnn_type_is_float (type)) {
    *value = dnn_load_int (type, data, idx);
    return type != DNN_TYPE_UINT64 || *value >= 0;
  }
  real = dnn_load (type, data, idx);
  if (!(fabs (real) < 9e18))
    return FALSE;
  *value = (gint64) real;
  return TRUE;
}

static gboolean
get_axis (const DnnCall *call, gint *axis, GError **error)
{
  return dnn_call_axis (
      call, "axis", call->inputs[0].shape.rank + 1, axis, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *indices = &call->inputs[0].shape;
  const DnnShape two = { 1, { 2 } };
  DnnShape shape = { .rank = indices->rank + 1 };
  gint64 depth;
  gint axis;

  if (!dnn_check_rank (call, 0, 0, DNN_MAX_RANK - 1, error) ||
      !dnn_check_scalar (call, 1, error) ||
      !dnn_check_shape (call, 2, &two, error) || !get_axis (call, &axis, error))
    return DNN_INFER_ERROR;
  if (!call->inputs[1].value)
    return dnn_infer_needs (call, 1);
  if (!load_index (call->inputs[1].type, call->inputs[1].value, 0, &depth) ||
      depth < 0 || depth > MAX_DEPTH)
    return dnn_infer_error (call, error, DNN_ERROR_VALUE,
        "depth is %g, expected 0 to %" G_GINT64_FORMAT,
        dnn_load (call->inputs[1].type, call->inputs[1].value, 0), MAX_DEPTH);
  for (gint i = 0; i < shape.rank; i++)
    shape.dims[i] = i == axis ? depth : indices->dims[i < axis ? i : i - 1];
  dnn_infer_set (call, 0, call->inputs[2].type, &shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *indices = &call->inputs[0].shape;
  const DnnCallArg *out = &call->outputs[0];
  gsize element = dnn_type_size (out->type);
  const guint8 *values = src[2];
  gint64 n = dnn_shape_n_elements (&out->shape), depth, inner;
  gint axis;

  if (!get_axis (call, &axis, error))
    return FALSE;
  depth = out->shape.dims[axis];
  inner = dnn_check_count (indices, axis, indices->rank);
  for (gint64 i = 0; i < n; i++)
    memcpy ((guint8 *) dst[0] + (gsize) i * element, values, element);
  for (gint64 i = 0; i < dnn_shape_n_elements (indices); i++) {
    gint64 idx = 0;
    gboolean is_index = load_index (call->inputs[0].type, src[0], i, &idx);
    if (is_index && idx < 0)
      idx += depth;
    if (is_index && idx >= 0 && idx < depth)
      memcpy ((guint8 *) dst[0] +
              (gsize) ((i / inner * depth + idx) * inner + i % inner) * element,
          values + element, element);
  }
  return TRUE;
}

const DnnOp dnn_op_OneHot = {
  .name = "OneHot",
  .doc = "Vectors along a new axis with on at an index, off elsewhere",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
