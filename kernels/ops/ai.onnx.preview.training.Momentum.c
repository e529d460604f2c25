/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ai.onnx.preview.training.Momentum: one step of gradient descent with
 * momentum. */
#include "config.h"

#include <math.h>

#include "kernels/training/dnn-training.h"

static const gchar *const modes[] = { "standard", "nesterov", NULL };

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
  { .key = "alpha", .kind = DNN_ATTR_FLOAT, .required = TRUE, .doc = "" },
  { .key = "beta", .kind = DNN_ATTR_FLOAT, .required = TRUE, .doc = "" },
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .required = TRUE,
      .choices = modes,
      .doc = "standard or nesterov" },
  { .key = "norm_coefficient",
      .kind = DNN_ATTR_FLOAT,
      .required = TRUE,
      .doc = "" },
};

static void
step (const DnnTrainingStep *self, gdouble x, gdouble g, gdouble *state,
    gdouble *result)
{
  gdouble alpha = dnn_call_float (self->call, "alpha");
  gdouble beta = self->count > 0 ? dnn_call_float (self->call, "beta") : 1;
  gboolean is_plain = *dnn_call_attr (self->call, "mode")->s == 's';

  g += dnn_call_float (self->call, "norm_coefficient") * x;
  state[0] = alpha * state[0] + beta * g;
  *result = x - self->rate * (is_plain ? state[0] : g + alpha * state[0]);
}

static const DnnTraining training = { 1, step };

const DnnOp dnn_op_ai_onnx_preview_training_Momentum = {
  .name = "ai.onnx.preview.training.Momentum",
  .doc = "One step of gradient descent with momentum",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_TRAINING_OP,
  .family = &training,
};
