/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ai.onnx.preview.training.Adagrad: one step of the Adagrad optimiser. */
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
  { .key = "decay_factor", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "epsilon", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
  { .key = "norm_coefficient", .kind = DNN_ATTR_FLOAT, .def = "0", .doc = "" },
};

static void
step (const DnnTrainingStep *self, gdouble x, gdouble g, gdouble *state,
    gdouble *result)
{
  gdouble rate = self->rate /
      (1 + (gdouble) self->count * dnn_call_float (self->call, "decay_factor"));
  gdouble epsilon = dnn_call_float (self->call, "epsilon");

  g += dnn_call_float (self->call, "norm_coefficient") * x;
  state[0] += g * g;
  *result = x - rate * g / (sqrt (state[0]) + epsilon);
}

static const DnnTraining training = { 1, step };

const DnnOp dnn_op_ai_onnx_preview_training_Adagrad = {
  .name = "ai.onnx.preview.training.Adagrad",
  .doc = "One step of the Adagrad optimiser",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_TRAINING_OP,
  .family = &training,
};
