/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Squeeze: without dimensions of one element; a view. */
#include "config.h"

#include "kernels/family/dnn-axes.h"
#include "kernels/family/dnn-view.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "axes",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "which; default: every dimension of one element" },
};
static const DnnArgRow outputs[] = {
  { .name = "squeezed", .types = DNN_TYPES_ANY, .type_var = "T" },
};

/* Axes that go when none are listed; FALSE while a dimension is open. */
static gboolean
find_single (const DnnShape *shape, guint *axes)
{
  *axes = 0;
  for (gint i = 0; i < shape->rank; i++) {
    if (shape->dims[i] < 0)
      return FALSE;
    if (shape->dims[i] == 1)
      *axes |= 1u << i;
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  DnnShape *dst = &call->outputs[0].shape;
  guint axes;

  call->outputs[0].type = call->inputs[0].type;
  dst->rank = -1;
  if (src->rank < 0)
    return DNN_INFER_OK;
  if (!dnn_call_has_input (call, 1)) {
    if (!find_single (src, &axes))
      return DNN_INFER_OK;
  } else if (!call->inputs[1].value) {
    call->needs_value = 1;
    return DNN_INFER_NEEDS_VALUE;
  } else if (!dnn_axes_read (call, 1, src->rank, &axes, error)) {
    return DNN_INFER_ERROR;
  }
  dst->rank = 0;
  for (gint i = 0; i < src->rank; i++) {
    if (!(axes & 1u << i)) {
      dst->dims[dst->rank++] = src->dims[i];
    } else if (src->dims[i] > 1 || src->dims[i] == 0) {
      dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "axis %d has %" G_GINT64_FORMAT " elements; only 1 can go", i,
          src->dims[i]);
      return DNN_INFER_ERROR;
    }
  }
  return DNN_INFER_OK;
}

const DnnOp dnn_op_Squeeze = {
  .name = "Squeeze",
  .doc = "Without dimensions of one element; a view",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = dnn_view_ref,
  .offer = dnn_view_offer,
};
