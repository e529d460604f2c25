/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* HardSigmoid: min (1, max (0, alpha · x + beta)). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnEltwiseParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
  params->real[1] = dnn_call_float (call, "beta");
}

static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  gdouble y = params->real[0] * x + params->real[1];

  return CLAMP (y, 0, 1);
}

static void
compute_line (
    const gfloat *x, gfloat *y, gsize n, const DnnEltwiseParams *params)
{
  gfloat alpha = (gfloat) params->real[0], beta = (gfloat) params->real[1];

  for (gsize i = 0; i < n; i++) {
    gfloat value = alpha * x[i] + beta;
    value = value < 0 ? 0 : value;
    y[i] = value > 1 ? 1 : value;
  }
}

static void
get_coefficients (const DnnEltwiseParams *params, gfloat *alpha, gfloat *beta)
{
  *alpha = (gfloat) params->real[0];
  *beta = (gfloat) params->real[1];
}

static const DnnEltwise eltwise = {
  .read = read_params,
  .real = compute,
  .alg = DNN_ALG_HARDSIGMOID,
  .line = compute_line,
  .coefficients = get_coefficients,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha", .kind = DNN_ATTR_FLOAT, .def = "0.2", .doc = "slope" },
  { .key = "beta", .kind = DNN_ATTR_FLOAT, .def = "0.5", .doc = "value at 0" },
};

const DnnOp dnn_op_HardSigmoid = {
  .name = "HardSigmoid",
  .doc = "min (1, max (0, alpha x + beta))",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_eltwise_infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
