/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Exp: e^x. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include <math.h>

static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  return exp (x);
}

static const DnnEltwise eltwise = {
  .real = compute,
  .alg = DNN_ALG_EXP,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_Exp = {
  .name = "Exp",
  .doc = "e^x",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_eltwise_infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
