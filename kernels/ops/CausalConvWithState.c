/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* CausalConvWithState: a depthwise convolution over time that sees the past
 * only. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const gchar *const activations[] = { "none", "silu", "swish", NULL };

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "batch × channels × length" },
  { .name = "weight",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "channels × 1 × taps" },
  { .name = "bias",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "channels" },
  { .name = "past_state",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "batch × channels × (taps - 1)" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
  { .name = "present_state",
      .types = DNN_TYPES_FLOAT,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "activation",
      .kind = DNN_ATTR_STRING,
      .def = "none",
      .choices = activations,
      .doc = "none, silu or swish" },
};

enum
{
  X,
  W,
  BIAS,
  PAST,
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *x = &call->inputs[X].shape;
  DnnShape w = { 3, { DNN_DIM_OPEN, 1, DNN_DIM_OPEN } }, bias = { .rank = 1 };
  DnnShape state = *x;

  if (!dnn_check_rank (call, X, 3, 3, error))
    return DNN_INFER_ERROR;
  w.dims[0] = bias.dims[0] = x->dims[1];
  if (!dnn_check_shape (call, W, &w, error) ||
      (dnn_call_has_input (call, BIAS) &&
          !dnn_check_shape (call, BIAS, &bias, error)))
    return DNN_INFER_ERROR;
  if (call->inputs[W].shape.dims[2] == 0)
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE, "weight has no taps");
  state.dims[2] = call->inputs[W].shape.dims[2] < 0
      ? DNN_DIM_OPEN
      : call->inputs[W].shape.dims[2] - 1;
  if (dnn_call_has_input (call, PAST) &&
      !dnn_check_shape (call, PAST, &state, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  dnn_infer_set (call, 1, call->inputs[X].type, &state);
  return DNN_INFER_OK;
}

/* Element @t of a line behind the state; 0 to @n_past - 1 is the state. */
static gdouble
load_padded (const DnnCall *call, gconstpointer const *src, gint64 line,
    gint64 n_past, gint64 t)
{
  gint64 length = call->inputs[X].shape.dims[2];

  if (t >= n_past)
    return dnn_load (call->inputs[X].type, src[X], line * length + t - n_past);
  return dnn_call_has_input (call, PAST)
      ? dnn_load (call->inputs[PAST].type, src[PAST], line * n_past + t)
      : 0;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[X].shape;
  DnnType type = call->inputs[X].type;
  gboolean is_silu = *dnn_call_attr (call, "activation")->s == 's';
  gint64 taps = call->inputs[W].shape.dims[2], length = x->dims[2];

  for (gint64 line = 0; line < x->dims[0] * x->dims[1]; line++) {
    gint64 channel = line % x->dims[1];
    for (gint64 t = 0; t < length && dst[0]; t++) {
      gdouble sum = dnn_call_has_input (call, BIAS)
          ? dnn_load (type, src[BIAS], channel)
          : 0;
      for (gint64 k = 0; k < taps; k++)
        sum += load_padded (call, src, line, taps - 1, t + k) *
            dnn_load (type, src[W], channel * taps + k);
      dnn_store (type, dst[0], line * length + t,
          is_silu ? sum / (1 + exp (-sum)) : sum);
    }
    for (gint64 k = 0;
         k < taps - 1 && call->n_outputs > 1 && call->outputs[1].present; k++)
      dnn_store (type, dst[1], line * (taps - 1) + k,
          load_padded (call, src, line, taps - 1, length + k));
  }
  return TRUE;
}

const DnnOp dnn_op_CausalConvWithState = {
  .name = "CausalConvWithState",
  .doc =
      "A depthwise convolution over time that sees the past only, with its state",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
