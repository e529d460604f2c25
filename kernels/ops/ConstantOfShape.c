/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ConstantOfShape: one number as often as its input says. ONNX's tensor "value"
 * is a number and the name of its type here. */
#include "config.h"

#include "kernels/family/dnn-fill.h"
#include "kernels/family/dnn-number.h"

static const gchar *const type_names[] = { "float32", "float64", "float16",
  "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
  "uint64", "bool", NULL };

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_INT64, .doc = "the shape" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY },
};
static const DnnAttrRow attrs[] = {
  { .key = "value", .kind = DNN_ATTR_STRING, .def = "0", .doc = "a number" },
  { .key = "dtype",
      .kind = DNN_ATTR_STRING,
      .def = "float32",
      .choices = type_names,
      .doc = "its type" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *arg = &call->inputs[0];
  DnnCallArg *out = &call->outputs[0];

  out->type = dnn_type_from_name (dnn_call_attr (call, "dtype")->s);
  if (!dnn_fill_check_list (call, 0, error))
    return DNN_INFER_ERROR;
  if (arg->shape.dims[0] >= 0)
    out->shape.rank = (gint) arg->shape.dims[0];
  for (gint i = 0; i < out->shape.rank; i++)
    out->shape.dims[i] = DNN_DIM_OPEN;
  if (!arg->value && arg->shape.dims[0] != 0) {
    call->needs_value = 0;
    return DNN_INFER_NEEDS_VALUE;
  }
  for (gint i = 0; i < out->shape.rank; i++) {
    out->shape.dims[i] = ((const gint64 *) arg->value)[i];
    if (out->shape.dims[i] < 0) {
      dnn_call_error (call, error, DNN_ERROR_VALUE,
          "input[%d] is %" G_GINT64_FORMAT ", expected 0 or more", i,
          out->shape.dims[i]);
      return DNN_INFER_ERROR;
    }
  }
  return DNN_INFER_OK;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnCallArg *out = &call->outputs[0];
  const gchar *text = dnn_call_attr (call, "value")->s;

  if (dnn_type_is_float (out->type))
    dnn_store (out->type, dst[0], 0, g_ascii_strtod (text, NULL));
  else
    dnn_store_int (out->type, dst[0], 0, g_ascii_strtoll (text, NULL, 10));
  dnn_fill_repeat (dst[0], dnn_type_size (out->type),
      (gsize) dnn_shape_n_elements (&out->shape));
  return TRUE;
}

const DnnOp dnn_op_ConstantOfShape = {
  .name = "ConstantOfShape",
  .doc = "One number in a shape that an input says",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
};
