/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Shape: the dimensions of a tensor, known as soon as its shape is. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY },
};
static const DnnArgRow outputs[] = {
  { .name = "shape", .types = DNN_TYPES_INT64 },
};
static const DnnAttrRow attrs[] = {
  { .key = "start",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .doc = "first dimension; negative: from the end" },
  { .key = "end",
      .kind = DNN_ATTR_INT,
      .doc = "dimension behind the last; default: all" },
};

/* ONNX clamps both into [0, rank]. */
static gint
clamp_index (gint64 idx, gint rank)
{
  if (idx < 0)
    idx += rank;
  return (gint) CLAMP (idx, 0, rank);
}

static void
get_range (const DnnCall *call, gint *start, gint *n)
{
  gint rank = call->inputs[0].shape.rank;
  const DnnAttrValue *end = dnn_call_attr (call, "end");

  *start = clamp_index (dnn_call_int (call, "start"), rank);
  *n = MAX ((end->present ? clamp_index (end->i, rank) : rank) - *start, 0);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gint start, n;

  get_range (call, &start, &n);
  call->outputs[0].type = DNN_TYPE_INT64;
  call->outputs[0].shape = dnn_shape (1, n);
  return DNN_INFER_OK;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint start, n;

  get_range (call, &start, &n);
  for (gint i = 0; i < n; i++)
    ((gint64 *) dst[0])[i] = call->inputs[0].shape.dims[start + i];
  return TRUE;
}

const DnnOp dnn_op_Shape = {
  .name = "Shape",
  .doc = "The dimensions of a tensor",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .ref_shapes_only = TRUE,
};
