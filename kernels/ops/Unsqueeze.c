/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Unsqueeze: with further dimensions of one element; a view. */
#include "config.h"

#include "kernels/family/dnn-axes.h"
#include "kernels/family/dnn-view.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "axes",
      .types = DNN_TYPES_INT64,
      .doc = "where they stand in the result" },
};
static const DnnArgRow outputs[] = {
  { .name = "expanded", .types = DNN_TYPES_ANY, .type_var = "T" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  DnnShape *dst = &call->outputs[0].shape;
  gint64 n = dnn_shape_n_elements (&call->inputs[1].shape);
  guint axes;
  gint k = 0;

  call->outputs[0].type = call->inputs[0].type;
  dst->rank = -1;
  if (src->rank < 0 || n < 0)
    return DNN_INFER_OK;
  if (src->rank + n > DNN_MAX_RANK) {
    dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "the result has %" G_GINT64_FORMAT
        " dimensions; at most %d are supported",
        src->rank + n, DNN_MAX_RANK);
    return DNN_INFER_ERROR;
  }
  if (!call->inputs[1].value && n > 0) {
    call->needs_value = 1;
    return DNN_INFER_NEEDS_VALUE;
  }
  if (!dnn_axes_read (call, 1, src->rank + (gint) n, &axes, error))
    return DNN_INFER_ERROR;
  dst->rank = src->rank + (gint) n;
  for (gint i = 0; i < dst->rank; i++)
    dst->dims[i] = axes & 1u << i ? 1 : src->dims[k++];
  return DNN_INFER_OK;
}

const DnnOp dnn_op_Unsqueeze = {
  .name = "Unsqueeze",
  .doc = "With further dimensions of one element; a view",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = dnn_view_ref,
  .offer = dnn_view_offer,
};
