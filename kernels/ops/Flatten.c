/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Flatten: two dimensions, those before `axis` and the others; a view. */
#include "config.h"

#include "kernels/family/dnn-view.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = "first dimension of the second part, -rank to rank" },
};

/* Product of dimensions @from to @to - 1; open if one of them is. */
static gint64
multiply (const DnnShape *shape, gint from, gint to)
{
  DnnShape part = dnn_shape_of (to - from, shape->dims + from);

  return dnn_shape_n_elements (&part);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  DnnCallArg *dst = &call->outputs[0];
  gint64 axis = dnn_call_int (call, "axis");

  dst->type = call->inputs[0].type;
  dst->shape = dnn_shape (2, DNN_DIM_OPEN, DNN_DIM_OPEN);
  if (src->rank < 0)
    return DNN_INFER_OK;
  if (axis < -src->rank || axis > src->rank) {
    dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute axis is %" G_GINT64_FORMAT "; expected %d to %d", axis,
        -src->rank, src->rank);
    return DNN_INFER_ERROR;
  }
  if (axis < 0)
    axis += src->rank;
  dst->shape.dims[0] = multiply (src, 0, (gint) axis);
  dst->shape.dims[1] = multiply (src, (gint) axis, src->rank);
  return DNN_INFER_OK;
}

const DnnOp dnn_op_Flatten = {
  .name = "Flatten",
  .doc = "Two dimensions: those before axis, and the others; a view",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = dnn_view_ref,
  .offer = dnn_view_offer,
};
