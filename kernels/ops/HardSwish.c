/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* HardSwish: x · min (1, max (0, x / 6 + 0.5)). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  return x * CLAMP (x / 6 + 0.5, 0, 1);
}

static const DnnEltwise eltwise = {
  .real = compute,
  .alg = DNN_ALG_HARDSWISH,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};

const DnnOp dnn_op_HardSwish = {
  .name = "HardSwish",
  .doc = "x min (1, max (0, x / 6 + 0.5))",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = dnn_eltwise_infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
