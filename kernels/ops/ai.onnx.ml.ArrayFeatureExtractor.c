/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ai.onnx.ml.ArrayFeatureExtractor: elements of the last dimension, picked by
 * index. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T",
      .doc = "… × features" },
  { .name = "Y", .types = DNN_TYPES_INT64, .doc = "which" },
};
static const DnnArgRow outputs[] = {
  { .name = "Z", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;
  gint64 n = dnn_shape_n_elements (&call->inputs[1].shape);

  if (!dnn_check_rank (call, 0, 1, DNN_MAX_RANK - 1, error))
    return DNN_INFER_ERROR;
  if (shape.rank == 1) { /* one row */
    shape.dims[1] = shape.dims[0];
    shape.dims[0] = 1;
    shape.rank = 2;
  }
  shape.dims[shape.rank - 1] = dnn_shape_is_known (&call->inputs[1].shape)
      ? n
      : DNN_DIM_OPEN;
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  gsize element = dnn_type_size (call->inputs[0].type);
  gint64 dim = x->dims[x->rank - 1];
  gint64 n = dnn_shape_n_elements (&call->inputs[1].shape);

  for (gint64 i = 0; i < dnn_shape_n_elements (&call->outputs[0].shape); i++) {
    gint64 idx = ((const gint64 *) src[1])[i % n];
    if (idx < 0 || idx >= dim)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "element %" G_GINT64_FORMAT " of Y is %" G_GINT64_FORMAT
          ", expected 0 to %" G_GINT64_FORMAT,
          i % n, idx, dim - 1);
    memcpy ((guint8 *) dst[0] + (gsize) i * element,
        (const guint8 *) src[0] + (gsize) (i / n * dim + idx) * element,
        element);
  }
  return TRUE;
}

const DnnOp dnn_op_ai_onnx_ml_ArrayFeatureExtractor = {
  .name = "ai.onnx.ml.ArrayFeatureExtractor",
  .doc = "Elements of the last dimension, picked by index",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = ref,
};
