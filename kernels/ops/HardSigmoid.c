/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* HardSigmoid: min (1, max (0, alpha · x + beta)). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#define HARD_SIGMOID(x) CLAMP (c0 *(x) + c1, 0, 1)
DNN_REAL_1 (hard_sigmoid, HARD_SIGMOID)
static const DnnLines lines = { DNN_LINES_REAL (hard_sigmoid) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
  params->real[1] = dnn_call_float (call, "beta");
}

static void
get_coefficients (const DnnLoopParams *params, gfloat *alpha, gfloat *beta)
{
  *alpha = (gfloat) params->real[0];
  *beta = (gfloat) params->real[1];
}

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .read = read_params },
  .alg = DNN_ALG_HARDSIGMOID,
  .coefficients = get_coefficients,
  /* Not on its own: oneDNN 3.12 makes a bound of NaN. */
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
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
