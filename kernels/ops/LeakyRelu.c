/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LeakyRelu: x, below 0 alpha · x. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#define LEAKY_RELU(x) ((x) < 0 ? c0 * (x) : (x))
DNN_REAL_1 (leaky_relu, LEAKY_RELU)
static const DnnLines lines = { DNN_LINES_REAL (leaky_relu) };

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
  .map = { .lines = &lines, .n = 1, .read = read_params },
  .alg = DNN_ALG_RELU,
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
      .def = "0.01",
      .doc = "slope below 0" },
};

const DnnOp dnn_op_LeakyRelu = {
  .name = "LeakyRelu",
  .doc = "x where x >= 0, alpha x below",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_ELTWISE_OP,
  .family = &eltwise,
};
