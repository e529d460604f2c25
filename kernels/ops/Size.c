/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Size: how many elements a tensor has, known as soon as its shape is. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY },
};
static const DnnArgRow outputs[] = {
  { .name = "size", .types = DNN_TYPES_INT64 },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  call->outputs[0].type = DNN_TYPE_INT64;
  call->outputs[0].shape = dnn_shape (0);
  return DNN_INFER_OK;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  *(gint64 *) dst[0] = dnn_shape_n_elements (&call->inputs[0].shape);
  return TRUE;
}

const DnnOp dnn_op_Size = {
  .name = "Size",
  .doc = "The number of elements of a tensor",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = compute,
  .ref_shapes_only = TRUE,
};
