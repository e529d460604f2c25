/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tanh: hyperbolic tangent. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include <math.h>

static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  return tanh (x);
}

static const DnnEltwise eltwise = {
  .real = compute,
  .alg = DNN_ALG_TANH,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Tanh = {
  .name = "Tanh",
  .doc = "Hyperbolic tangent",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_eltwise_infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
