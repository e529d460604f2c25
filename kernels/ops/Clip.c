/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Clip: x limited to [min, max]. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include <math.h>

#include "kernels/family/dnn-number.h"

/* Absent limits are the type's own. */
static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnEltwiseParams *params)
{
  DnnType type = call->inputs[0].type;

  params->real[0] = -INFINITY;
  params->real[1] = INFINITY;
  params->integer[0] = G_MININT64;
  params->integer[1] = G_MAXINT64;
  for (guint i = 1; i < call->n_formal; i++) {
    if (!src[i])
      continue;
    params->real[i - 1] = dnn_load (type, src[i], 0);
    if (!dnn_type_is_float (type))
      params->integer[i - 1] = dnn_load_int (type, src[i], 0);
  }
}

/* min after max: where min > max, the result is max, as ONNX says. */
static gdouble
compute (gdouble x, const DnnEltwiseParams *params)
{
  gdouble y = x < params->real[0] ? params->real[0] : x;

  return y > params->real[1] ? params->real[1] : y;
}

static gint64
compute_integer (gint64 x, const DnnEltwiseParams *params)
{
  return MIN (MAX (x, params->integer[0]), params->integer[1]);
}

static void
get_coefficients (const DnnEltwiseParams *params, gfloat *alpha, gfloat *beta)
{
  *alpha = (gfloat) params->real[0];
  *beta = (gfloat) params->real[1];
}

static const DnnEltwise eltwise = {
  .read = read_params,
  .real = compute,
  .integer = compute_integer,
  .alg = DNN_ALG_CLIP,
  .coefficients = get_coefficients,
};

static gboolean
check_scalar (const DnnCall *call, guint idx, GError **error)
{
  const DnnShape *shape = &call->inputs[idx].shape;
  g_autofree gchar *text = NULL;

  if (!dnn_call_has_input (call, idx) || !dnn_shape_is_known (shape) ||
      dnn_shape_n_elements (shape) == 1)
    return TRUE;
  text = dnn_shape_to_string (shape);
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "%s has shape %s; expected a scalar", call->op->inputs[idx].name, text);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  for (guint i = 1; i < call->n_formal; i++) {
    if (!check_scalar (call, i, error))
      return DNN_INFER_ERROR;
  }
  return dnn_eltwise_infer (call, error);
}

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "min",
      .types = DNN_TYPES_NUMBER,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "scalar" },
  { .name = "max",
      .types = DNN_TYPES_NUMBER,
      .flags = DNN_ARG_OPTIONAL,
      .type_var = "T",
      .doc = "scalar" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Clip = {
  .name = "Clip",
  .doc = "x limited to [min, max]",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = dnn_eltwise_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
