/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Swish: x · sigmoid (alpha · x); with alpha 1 it is SiLU. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include <math.h>

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnEltwiseParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
}

static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  return x / (1 + exp (-params->real[0] * x));
}

static void
get_coefficients (const DnnEltwiseParams *params, gfloat *alpha, gfloat *beta)
{
  *alpha = (gfloat) params->real[0];
}

static const DnnEltwise eltwise = {
  .read = read_params,
  .real = compute,
  .alg = DNN_ALG_SWISH,
  .coefficients = get_coefficients,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "factor" },
};

const DnnOp dnn_op_Swish = {
  .name = "Swish",
  .doc = "x sigmoid (alpha x); SiLU",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_eltwise_infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
