/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ScatterElements: elements put, or added, where indices say. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-scatter.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "indices", .types = DNN_TYPES_INDEX },
  { .name = "updates", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis", .kind = DNN_ATTR_INT, .def = "0", .doc = "" },
  { .key = "reduction",
      .kind = DNN_ATTR_STRING,
      .def = "none",
      .choices = dnn_scatter_reductions,
      .doc = "what is done with the element that is there" },
};

static gboolean
get_axis (const DnnCall *call, gint *axis, GError **error)
{
  return dnn_call_axis (call, "axis", call->inputs[0].shape.rank, axis, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gint rank = call->inputs[0].shape.rank, axis;

  if (!dnn_check_rank (call, 0, 1, DNN_MAX_RANK, error) ||
      !dnn_check_rank (call, 1, rank, rank, error) ||
      !dnn_check_shape (call, 2, &call->inputs[1].shape, error) ||
      !get_axis (call, &axis, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; i < rank; i++) {
    gint64 there = call->inputs[0].shape.dims[i];
    gint64 dim = call->inputs[1].shape.dims[i];
    if (i != axis && there >= 0 && dim > there)
      return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
          "dimension %d of indices is %" G_GINT64_FORMAT
          ", that of data %" G_GINT64_FORMAT,
          i, dim, there);
  }
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

/* The element's place in data; -1 where the index lies outside. */
static gint64
find_place (const DnnCall *call, gconstpointer indices, gint64 i, gint axis)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *shape = &call->inputs[1].shape;
  gint64 idx = dnn_load_int (call->inputs[1].type, indices, i);
  gint64 at = 0, stride = 1;

  idx = idx < 0 ? idx + data->dims[axis] : idx;
  if (idx < 0 || idx >= data->dims[axis])
    return -1;
  for (gint k = shape->rank - 1; k >= 0; k--) {
    at += (k == axis ? idx : i % shape->dims[k]) * stride;
    i /= shape->dims[k];
    stride *= data->dims[k];
  }
  return at;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->inputs[0].type;
  gsize element = dnn_type_size (type);
  DnnScatter how = dnn_scatter_read (call, "reduction");
  gint64 n = dnn_shape_n_elements (&call->inputs[1].shape);
  gint axis;

  if (!get_axis (call, &axis, error))
    return FALSE;
  if (dst[0] != src[0])
    memcpy (dst[0], src[0],
        (gsize) dnn_shape_n_elements (&call->inputs[0].shape) * element);
  for (gint64 i = 0; i < n; i++) {
    gint64 at = find_place (call, src[1], i, axis);
    if (at < 0)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "element %" G_GINT64_FORMAT " of indices is %" G_GINT64_FORMAT
          ", expected -%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
          i, dnn_load_int (call->inputs[1].type, src[1], i),
          call->inputs[0].shape.dims[axis],
          call->inputs[0].shape.dims[axis] - 1);
    dnn_scatter_one (how, type, dst[0], at, src[2], i);
  }
  return TRUE;
}

const DnnOp dnn_op_ScatterElements = {
  .name = "ScatterElements",
  .doc = "data with elements of updates at indices along an axis",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
