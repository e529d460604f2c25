/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tile: a tensor repeated along each of its dimensions. */
#include "config.h"

#include "kernels/family/dnn-fill.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "repeats",
      .types = DNN_TYPES_INT64,
      .doc = "how often, by dimension" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};

/* -1 where it is more than any tensor has. */
static gint64
multiply (gint64 dim, gint64 n)
{
  if (dim < 0)
    return DNN_DIM_OPEN;
  return n > DNN_MAX_TENSOR_BYTES / MAX (dim, 1) ? DNN_MAX_TENSOR_BYTES + 1
                                                 : dim * n;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  const DnnCallArg *arg = &call->inputs[1];
  DnnShape *dst = &call->outputs[0].shape;

  call->outputs[0].type = call->inputs[0].type;
  if (arg->shape.rank != 1 ||
      (arg->shape.dims[0] >= 0 && arg->shape.dims[0] != src->rank)) {
    g_autofree gchar *text = dnn_shape_to_string (&arg->shape);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "repeats is %s, expected %d numbers, one a dimension", text, src->rank);
    return DNN_INFER_ERROR;
  }
  *dst = *src;
  for (gint i = 0; i < dst->rank; i++)
    dst->dims[i] = DNN_DIM_OPEN;
  if (!arg->value && src->rank > 0) {
    call->needs_value = 1;
    return DNN_INFER_NEEDS_VALUE;
  }
  for (gint i = 0; i < dst->rank; i++) {
    gint64 n = ((const gint64 *) arg->value)[i];
    if (n < 0) {
      dnn_call_error (call, error, DNN_ERROR_VALUE,
          "repeats[%d] is %" G_GINT64_FORMAT ", expected 0 or more", i, n);
      return DNN_INFER_ERROR;
    }
    dst->dims[i] = multiply (src->dims[i], n);
  }
  return DNN_INFER_OK;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  dnn_fill_tile (call, &call->inputs[0].shape, src[0], dst[0]);
  return TRUE;
}

const DnnOp dnn_op_Tile = {
  .name = "Tile",
  .doc = "A tensor repeated along its dimensions",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = compute,
};
