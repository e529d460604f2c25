/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Clip: x limited to [min, max]. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include <math.h>

#include "kernels/family/dnn-number.h"
#include "kernels/loops/dnn-loop-convert.h"

/* max after min: where min > max, the result is max, as ONNX says. NaN stays.
 */
#define AT_LEAST(x) ((x) < c0 ? c0 : (x))
#define CLIP(x) (AT_LEAST (x) > c1 ? c1 : AT_LEAST (x))
DNN_REAL_1 (clip, CLIP)
DNN_INTEGER_1 (clip, CLIP)
static const DnnLines lines = { DNN_LINES_REAL (clip),
  DNN_LINES_INTEGER (clip) };

/* Absent limits are beyond the type's own: the ends of the kind it is computed
 * in. */
static void
set_limits (const DnnCall *call, DnnType type, DnnLoopParams *params)
{
  DnnKind kind = dnn_loop_choose_kind (&lines, type);

  params->real[0] = -INFINITY;
  params->real[1] = INFINITY;
  params->integer[0] = kind == DNN_KIND_U64 ? 0
      : kind == DNN_KIND_I32                ? G_MININT32
                                            : G_MININT64;
  params->integer[1] = kind == DNN_KIND_U64 ? (gint64) G_MAXUINT64
      : kind == DNN_KIND_I32                ? G_MAXINT32
                                            : G_MAXINT64;
}

static void
read_params (
    const DnnCall *call, gconstpointer const *src, DnnLoopParams *params)
{
  DnnType type = call->inputs[0].type;

  set_limits (call, type, params);
  for (guint i = 1; i < call->n_formal; i++) {
    if (!src[i])
      continue;
    params->real[i - 1] = dnn_load (type, src[i], 0);
    if (!dnn_type_is_float (type))
      params->integer[i - 1] = dnn_load_int (type, src[i], 0);
  }
}

static void
get_coefficients (const DnnLoopParams *params, gfloat *alpha, gfloat *beta)
{
  *alpha = (gfloat) params->real[0];
  *beta = (gfloat) params->real[1];
}

static const DnnEltwise eltwise = {
  .map = { .lines = &lines, .n = 1, .read = read_params },
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
  return dnn_map_op_infer (call, error);
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
  .ref = dnn_map_op_ref,
  .offer = dnn_eltwise_offer,
  .ref_in_place = TRUE,
  .family = &eltwise,
};
