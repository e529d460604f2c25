/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Swish: x · sigmoid (alpha · x); with alpha 1 it is SiLU. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define SWISH(x) ((x) / (1 + DNN_EXP (-c0 * (x))))
DNN_REAL_1 (swish, SWISH)
static const DnnLines lines = { DNN_LINES_REAL (swish) };

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  params->real[0] = dnn_call_float (call, "alpha");
}

static void
get_coefficients (const DnnLoopParams *params, gfloat *alpha, gfloat *beta)
{
  *alpha = (gfloat) params->real[0];
}

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .read = read_params, .cost = 0.5 },
  .alg = DNN_ALG_SWISH,
  .coefficients = get_coefficients,
  .is_exact = TRUE,
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
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
