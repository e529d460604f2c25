/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Cast: the same values in another type. */
#include "config.h"

#include "kernels/family/dnn-number.h"
#include "pipeline-core/op/dnn-op.h"

#include <math.h>
#include <string.h>

/* TensorProto.DataType of the ONNX specification. */
static const DnnType onnx_types[] = {
  [1] = DNN_TYPE_FLOAT32,
  [2] = DNN_TYPE_UINT8,
  [3] = DNN_TYPE_INT8,
  [4] = DNN_TYPE_UINT16,
  [5] = DNN_TYPE_INT16,
  [6] = DNN_TYPE_INT32,
  [7] = DNN_TYPE_INT64,
  [9] = DNN_TYPE_BOOL,
  [10] = DNN_TYPE_FLOAT16,
  [11] = DNN_TYPE_FLOAT64,
  [12] = DNN_TYPE_UINT32,
  [13] = DNN_TYPE_UINT64,
  [16] = DNN_TYPE_BFLOAT16,
};

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_ANY },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY },
};
static const DnnAttrRow attrs[] = {
  { .key = "to",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .doc = "type, as the number that ONNX gives it: 1 float32, 2 uint8, "
             "3 int8, 4 uint16, 5 int16, 6 int32, 7 int64, 9 bool, "
             "10 float16, 11 float64, 12 uint32, 13 uint64, 16 bfloat16" },
  { .key = "saturate",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "only for 8-bit floats, which are not supported" },
  { .key = "round_mode",
      .kind = DNN_ATTR_STRING,
      .def = "up",
      .doc = "only for 8-bit floats, which are not supported" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gint64 to = dnn_call_int (call, "to");
  DnnType type = to >= 0 && to < (gint64) G_N_ELEMENTS (onnx_types)
      ? onnx_types[to]
      : DNN_TYPE_INVALID;

  if (type == DNN_TYPE_INVALID) {
    dnn_call_error (call, error, DNN_ERROR_UNSUPPORTED,
        "attribute to is %" G_GINT64_FORMAT
        ", which is no supported type (1 to 7, 9 to 13, 16)",
        to);
    return DNN_INFER_ERROR;
  }
  call->outputs[0].type = type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

/* Any real number to an integer or bool: towards 0, saturating; everything but
 * 0 is true. */
static void
store_real (DnnType type, gpointer dst, gint64 idx, gdouble value)
{
  if (type == DNN_TYPE_BOOL)
    ((guint8 *) dst)[idx] = value != 0;
  else
    dnn_type_set (type, dst, idx, value);
}

/* 64-bit integers don't fit a double: they wrap as bits. */
static void
cast_integers (
    DnnType from, DnnType to, gconstpointer src, gpointer dst, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    gint64 value = dnn_load_int (from, src, i);
    if (to == DNN_TYPE_BOOL)
      ((guint8 *) dst)[i] = value != 0;
    else if (!dnn_type_is_float (to))
      dnn_store_int (to, dst, i, from == DNN_TYPE_BOOL ? value != 0 : value);
    else
      dnn_store (to, dst, i, dnn_type_get (from, src, i));
  }
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType from = call->inputs[0].type, to = call->outputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);

  if (from == to) {
    if (n > 0)
      memcpy (dst[0], src[0], (gsize) n * dnn_type_size (to));
  } else if (!dnn_type_is_float (from)) {
    cast_integers (from, to, src[0], dst[0], n);
  } else {
    for (gint64 i = 0; i < n; i++)
      store_real (to, dst[0], i, dnn_load (from, src[0], i));
  }
  return TRUE;
}

const DnnOp dnn_op_Cast = {
  .name = "Cast",
  .doc = "The same values in another type",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
};
