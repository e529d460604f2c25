/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GRU: an update and a reset gate. */
#include "config.h"

#include "kernels/sequence/dnn-recurrent.h"

static const DnnArgRow inputs[] = { DNN_RECURRENT_INPUTS };
static const DnnArgRow outputs[] = { DNN_RECURRENT_OUTPUTS };
static const DnnAttrRow attrs[] = {
  DNN_RECURRENT_ATTRS,
  { .key = "linear_before_reset",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: the reset gate comes behind R" },
};

enum
{
  GATE_Z,
  GATE_R,
  GATE_H,
  N_GATES,
};

/* z = f (Wz·x + Rz·h), r = f (Wr·x + Rr·h), n = g (Wh·x + Rh·(r∘h)), or with
 * r∘(Rh·h); h' = (1 - z)∘n + z∘h. */
static void
step (const DnnRecurrentStep *self)
{
  gsize n = self->n_units;
  gboolean is_linear = dnn_call_int (self->call, "linear_before_reset") != 0;
  gdouble *z = self->gates, *r = self->gates + n, *fresh = self->gates + 2 * n;
  gdouble *from_h = self->from_h + 2 * n;

  self->multiply (self, GATE_Z, self->h, self->from_h);
  self->multiply (self, GATE_R, self->h, self->from_h + n);
  for (gsize k = 0; k < 2 * n; k++)
    self->gates[k] = dnn_recurrent_activate (
        self, 0, self->gates[k] + self->from_h[k] + self->bias[k]);
  for (gsize k = 0; k < n && !is_linear; k++)
    r[k] *= self->h[k];
  self->multiply (self, GATE_H, is_linear ? self->h : r, from_h);
  for (gsize k = 0; k < n; k++) {
    gdouble recurrent = from_h[k] + self->bias[2 * n + k];
    gdouble next = dnn_recurrent_activate (
        self, 1, fresh[k] + (is_linear ? r[k] * recurrent : recurrent));
    self->h[k] = (1 - z[k]) * next + z[k] * self->h[k];
  }
}

static const DnnRecurrent family = {
  .n_gates = N_GATES,
  .n_functions = 2,
  .functions = { "Sigmoid", "Tanh" },
  .step = step,
};

const DnnOp dnn_op_GRU = {
  .name = "GRU",
  .doc = "Gated recurrent units along a sequence",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_recurrent_infer,
  .ref = dnn_recurrent_ref,
  .offer = dnn_recurrent_offer,
  .always_planned = TRUE,
  .family = &family,
};
