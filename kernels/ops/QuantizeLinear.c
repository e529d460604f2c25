/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* QuantizeLinear: numbers → quantised ones, by scale and zero point. */
#include "config.h"

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-quant.h"

static const DnnArgRow inputs[] = {
  { .name = "x",
      .types = DNN_TYPES_FLOAT | DNN_TYPE_BIT (DNN_TYPE_INT32),
      .type_var = "T1" },
  { .name = "y_scale",
      .types = DNN_TYPES_FLOAT | DNN_TYPE_BIT (DNN_TYPE_INT32) |
          DNN_TYPE_BIT (DNN_TYPE_FLOAT8E8M0),
      .type_var = "T2",
      .doc = "scalar, one an element of axis, or one a block" },
  { .name = "y_zero_point",
      .types = DNN_QUANT_TYPES,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T3",
      .doc = "as y_scale" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_QUANT_TYPES },
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
      .doc = DNN_CAST_TYPE_DOC "; 0: that of y_zero_point, or uint8" },
  { .key = "precision",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .doc = "type of the quotient; 0: that of y_scale" },
  { .key = "saturate",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "of 8-bit floats" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gint64 given = dnn_call_int (call, "output_dtype");
  DnnType type = DNN_TYPE_UINT8;

  if (!dnn_quant_check (call, error))
    return DNN_INFER_ERROR;
  if (dnn_call_has_input (call, 2))
    type = call->inputs[2].type;
  else if (given != 0 &&
      !dnn_cast_read_type (call, "output_dtype", &type, error))
    return DNN_INFER_ERROR;
  if ((given != 0 && dnn_cast_type (given) != type) ||
      !(DNN_QUANT_TYPES & DNN_TYPE_BIT (type)))
    return dnn_infer_error (call, error, DNN_ERROR_TYPE,
        "output_dtype is %s, y_zero_point %s",
        dnn_type_name (dnn_cast_type (given)), dnn_type_name (type));
  dnn_infer_set (call, 0, type, &call->inputs[0].shape);
  return DNN_INFER_OK;
}

/* A quotient is of the scale's type, or of what precision says. */
static DnnType
get_precision (const DnnCall *call)
{
  gint64 given = dnn_call_int (call, "precision");
  DnnType type = given != 0 ? dnn_cast_type (given) : call->inputs[1].type;

  return (DNN_TYPES_FLOAT & DNN_TYPE_BIT (type)) ? type : DNN_TYPE_FLOAT32;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnType type = call->inputs[0].type, to = call->outputs[0].type;
  DnnType precision = get_precision (call);
  gboolean saturates = dnn_call_int (call, "saturate") != 0;
  gint64 n = dnn_shape_n_elements (&call->inputs[0].shape);
  DnnQuant quant;

  dnn_quant_read (call, &quant);
  for (gint64 i = 0; i < n; i++) {
    gint64 at = dnn_quant_find (&quant, i);
    gdouble x = dnn_quant_round (precision,
        dnn_quant_round (precision, dnn_load (type, src[0], i)) /
            dnn_quant_round (
                precision, dnn_load (call->inputs[1].type, src[1], at)));
    gdouble zero = dnn_call_has_input (call, 2) ? dnn_load (to, src[2], at) : 0;
    dnn_quant_store (to, dst[0], i, x, zero, saturates);
  }
  return TRUE;
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  dnn_quant_offer (call, offers, TRUE);
}

const DnnOp dnn_op_QuantizeLinear = {
  .name = "QuantizeLinear",
  .doc =
      "x / y_scale + y_zero_point, rounded to even, within the range of a type",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
};
