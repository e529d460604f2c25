/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DequantizeLinear: quantised numbers → what they stand for. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-quant.h"

static const DnnArgRow inputs[] = {
  { .name = "x",
      .types = DNN_QUANT_TYPES | DNN_TYPE_BIT (DNN_TYPE_INT32),
      .type_var = "T1" },
  { .name = "x_scale",
      .types = DNN_TYPES_FLOAT | DNN_TYPE_BIT (DNN_TYPE_FLOAT8E8M0),
      .type_var = "T2",
      .doc = "scalar, one an element of axis, or one a block" },
  { .name = "x_zero_point",
      .types = DNN_QUANT_TYPES | DNN_TYPE_BIT (DNN_TYPE_INT32),
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T1",
      .doc = "as x_scale" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_TYPES_FLOAT },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = "of a scale with one dimension, or of blocks" },
  { .key = "block_size",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = G_MAXINT32,
      .doc = "elements of axis with one scale" },
  { .key = "output_dtype",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .doc = DNN_CAST_TYPE_DOC "; 0: that of x_scale" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnType type = call->inputs[1].type;

  if (!dnn_quant_check (call, error))
    return DNN_INFER_ERROR;
  if (dnn_call_int (call, "output_dtype") != 0 &&
      !dnn_cast_read_type (call, "output_dtype", &type, error))
    return DNN_INFER_ERROR;
  if (!(DNN_TYPES_FLOAT & DNN_TYPE_BIT (type)))
    return dnn_infer_error (call, error, DNN_ERROR_TYPE,
        "the output would be %s, expected a floating-point number; "
        "output_dtype says which",
        dnn_type_name (type));
  dnn_infer_set (call, 0, type, &call->inputs[0].shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->inputs[0].type;
  gint64 n = dnn_shape_n_elements (&call->inputs[0].shape);
  DnnQuant quant;

  dnn_quant_read (call, &quant);
  for (gint64 i = 0; i < n; i++) {
    gint64 at = dnn_quant_find (&quant, i);
    gdouble zero = dnn_call_has_input (call, 2) ? dnn_load (type, src[2], at)
                                                : 0;
    dnn_store (call->outputs[0].type, dst[0], i,
        (dnn_load (type, src[0], i) - zero) *
            dnn_load (call->inputs[1].type, src[1], at));
  }
  return TRUE;
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  dnn_quant_offer (call, offers, FALSE);
}

const DnnOp dnn_op_DequantizeLinear = {
  .name = "DequantizeLinear",
  .doc = "(x - x_zero_point) x_scale",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
};
