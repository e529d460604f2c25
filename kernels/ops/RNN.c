/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RNN: h' = f (W·x + R·h). */
#include "config.h"

#include "kernels/sequence/dnn-recurrent.h"

static const DnnArgRow inputs[] = { DNN_RECURRENT_INPUTS };
static const DnnArgRow outputs[] = { DNN_RECURRENT_OUTPUTS };
static const DnnAttrRow attrs[] = { DNN_RECURRENT_ATTRS };

static void
step (const DnnRecurrentStep *self)
{
  self->multiply (self, 0, self->h, self->from_h);
  for (gsize k = 0; k < self->n_units; k++)
    self->h[k] = dnn_recurrent_activate (
        self, 0, self->gates[k] + self->from_h[k] + self->bias[k]);
}

static const DnnRecurrent family = {
  .n_gates = 1,
  .n_functions = 1,
  .functions = { "Tanh" },
  .step = step,
};

const DnnOp dnn_op_RNN = {
  .name = "RNN",
  .doc = "A simple recurrent cell along a sequence",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_recurrent_infer,
  .ref = dnn_recurrent_ref,
  .offer = dnn_recurrent_offer,
  .always_planned = TRUE,
  .family = &family,
};
