/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Relu: max (0, x). The pattern of an element-wise operator. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  return x < 0 ? 0 : x;
}

static gint64
compute_integer (gint64 x, const DnnEltwiseParams *params)
{
  return x < 0 ? 0 : x;
}

static const DnnEltwise eltwise = {
  .real = compute,
  .integer = compute_integer,
  .alg = DNN_ALG_RELU,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Relu = {
  .name = "Relu",
  .doc = "max (0, x)",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_eltwise_infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
