/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LSTM: input, output and forget gates around a cell. */
#include "config.h"

#include "kernels/sequence/dnn-recurrent.h"

#include <math.h>

static const DnnArgRow inputs[] = {
  DNN_RECURRENT_INPUTS,
  { .name = "initial_c",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "As initial_h, of the cell" },
  { .name = "P",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "directions × 3·units: how gates i, o, f look at the cell" },
};
static const DnnArgRow outputs[] = {
  DNN_RECURRENT_OUTPUTS,
  { .name = "Y_c",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "The last cell" },
};
static const DnnAttrRow attrs[] = {
  DNN_RECURRENT_ATTRS,
  { .key = "input_forget",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: what isn't let in is kept" },
  { .key = "quantised_state",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: of com.microsoft.DynamicQuantizeLSTM: R is multiplied with h "
             "rounded to 8 bits of its range" },
};

enum
{
  GATE_I,
  GATE_O,
  GATE_F,
  GATE_C,
  N_GATES,
};

/* h as its 8 bits say it; as DynamicQuantizeLinear and back. */
static const gdouble *
quantise_state (const DnnRecurrentStep *self)
{
  gfloat low = 0, high = 0, scale, zero;

  for (gsize i = 0; i < self->n_units; i++) {
    low = MIN (low, (gfloat) self->h[i]);
    high = MAX (high, (gfloat) self->h[i]);
  }
  scale = (high - low) / 255;
  zero = scale > 0 ? rintf (CLAMP (-low / scale, 0.0f, 255.0f)) : 0;
  for (gsize i = 0; i < self->n_units; i++) {
    gfloat y = scale > 0 ? rintf ((gfloat) self->h[i] / scale) + zero : zero;
    self->spare[i] = scale * (CLAMP (y, 0.0f, 255.0f) - zero);
  }
  return self->spare;
}

/* i = f (Wi·x + Ri·h + Pi∘c), f likewise, c' = f∘c + i∘g (Wc·x + Rc·h),
 * o = f (Wo·x + Ro·h + Po∘c'), h' = o∘h (c'). What goes into f and g is
 * clipped, the cell is not. */
static void
step (const DnnRecurrentStep *self)
{
  gsize n = self->n_units;
  gboolean is_coupled = dnn_call_int (self->call, "input_forget") != 0;
  gdouble *gates = self->gates;
  const gdouble *peephole = self->peephole;
  const gdouble *h = dnn_call_int (self->call, "quantised_state") != 0
      ? quantise_state (self)
      : self->h;

  for (guint gate = 0; gate < N_GATES; gate++)
    self->multiply (self, gate, h, self->from_h + gate * n);
  for (gsize i = 0; i < N_GATES * n; i++)
    gates[i] += self->from_h[i] + self->bias[i];
  for (gsize k = 0; k < n; k++) {
    gdouble in = dnn_recurrent_activate (
        self, 0, gates[GATE_I * n + k] + peephole[k] * self->c[k]);
    gdouble forget = is_coupled
        ? 1 - in
        : dnn_recurrent_activate (self, 0,
              gates[GATE_F * n + k] + peephole[2 * n + k] * self->c[k]);
    gdouble fresh = dnn_recurrent_activate (self, 1, gates[GATE_C * n + k]);
    gdouble out;
    self->c[k] = forget * self->c[k] + in * fresh;
    out = dnn_recurrent_activate (
        self, 0, gates[GATE_O * n + k] + peephole[n + k] * self->c[k]);
    self->h[k] = out * dnn_recurrent_apply (self, 2, self->c[k]);
  }
}

static const DnnRecurrent family = {
  .n_gates = N_GATES,
  .n_functions = 3,
  .functions = { "Sigmoid", "Tanh", "Tanh" },
  .has_cell = TRUE,
  .step = step,
};

const DnnOp dnn_op_LSTM = {
  .name = "LSTM",
  .doc = "Long short-term memory along a sequence",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = dnn_recurrent_infer,
  .ref = dnn_recurrent_ref,
  .offer = dnn_recurrent_offer,
  .always_planned = TRUE,
  .family = &family,
};
