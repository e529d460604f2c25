/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Elu: x, below 0 alpha · (e^x - 1). */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/loops/dnn-loop-math.h"

#define ELU(x) ((x) < 0 ? c0 * (DNN_EXP (x) - 1) : (x))
DNN_REAL_1 (elu, ELU)
static const DnnLines lines = { DNN_LINES_REAL (elu) };

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
  .map = { .lines = &lines, .n = 1, .read = read_params, .cost = 0.4 },
  .alg = DNN_ALG_ELU,
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
  { .key = "alpha",
      .kind = DNN_ATTR_FLOAT,
      .def = "1",
      .doc = "factor below 0" },
};

const DnnOp dnn_op_Elu = {
  .name = "Elu",
  .doc = "x where x >= 0, alpha (exp (x) - 1) below",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
