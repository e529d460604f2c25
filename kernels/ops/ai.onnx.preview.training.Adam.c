/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ai.onnx.preview.training.Adam: one step of the Adam optimiser. */
#include "config.h"

#include <math.h>

#include "kernels/training/dnn-training.h"

static const DnnArgRow inputs[] = {
  { .name = "R",
      .types = DNN_TYPE_BIT (DNN_TYPE_FLOAT32) |
          DNN_TYPE_BIT (DNN_TYPE_FLOAT64),
      .type_var = "T1",
      .doc = "rate; scalar" },
  { .name = "T", .types = DNN_TYPES_INT64, .doc = "updates so far; scalar" },
  { .name = "inputs",
      .types = DNN_TYPE_BIT (DNN_TYPE_FLOAT32) |
          DNN_TYPE_BIT (DNN_TYPE_FLOAT64),
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T3",
      .doc = "tensors, their gradients, their states" },
};
static const DnnArgRow outputs[] = {
  { .name = "outputs",
      .types = DNN_TYPE_BIT (DNN_TYPE_FLOAT32) |
          DNN_TYPE_BIT (DNN_TYPE_FLOAT64),
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T3",
      .doc = "tensors, their states" },
};
static const DnnAttrRow attrs[] = {
  { .key = "alpha", .kind = DNN_ATTR_FLOAT, .def = "0.9", .doc = "" },
  { .key = "beta", .kind = DNN_ATTR_FLOAT, .def = "0.999", .doc = "" },
  { .key = "epsilon", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "norm_coefficient", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "norm_coefficient_post",
      .kind = DNN_ATTR_FLOAT,
      .def = "0",
      .doc = "" },
};

static void
step (const DnnTrainingStep *self, gdouble x, gdouble g, gdouble *state,
    gdouble *result)
{
  gdouble alpha = dnn_call_float (self->call, "alpha");
  gdouble beta = dnn_call_float (self->call, "beta");
  gdouble rate = self->rate;

  g += dnn_call_float (self->call, "norm_coefficient") * x;
  state[0] = alpha * state[0] + (1 - alpha) * g;
  state[1] = beta * state[1] + (1 - beta) * g * g;
  if (self->count > 0)
    rate *= sqrt (1 - pow (beta, (gdouble) self->count)) /
        (1 - pow (alpha, (gdouble) self->count));
  x -= rate * state[0] /
      (sqrt (state[1]) + dnn_call_float (self->call, "epsilon"));
  *result = (1 - dnn_call_float (self->call, "norm_coefficient_post")) * x;
}

static const DnnTraining training = { 2, step };

const DnnOp dnn_op_ai_onnx_preview_training_Adam = {
  .name = "ai.onnx.preview.training.Adam",
  .doc = "One step of the Adam optimiser",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_TRAINING_OP,
  .family = &training,
};
