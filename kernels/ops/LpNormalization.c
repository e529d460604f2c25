/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LpNormalization: elements divided by their norm along an axis. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .doc = "negative: from the end" },
  { .key = "p",
      .kind = DNN_ATTR_INT,
      .def = "2",
      .min = 1,
      .max = 2,
      .doc = "of the norm" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gint axis;

  if (!dnn_check_rank (call, 0, 1, DNN_MAX_RANK, error) ||
      !dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gboolean is_first = dnn_call_int (call, "p") == 1;
  gint64 n, inner, outer;
  gint axis;

  if (!dnn_call_axis (call, "axis", shape->rank, &axis, error))
    return FALSE;
  n = shape->dims[axis];
  inner = dnn_check_count (shape, axis + 1, shape->rank);
  outer = dnn_check_count (shape, 0, axis);
  for (gint64 i = 0; i < outer * inner; i++) {
    gint64 base = i / inner * n * inner + i % inner;
    gdouble norm = 0;
    for (gint64 k = 0; k < n; k++) {
      gdouble x = dnn_load (type, src[0], base + k * inner);
      norm += is_first ? fabs (x) : x * x;
    }
    norm = is_first ? norm : sqrt (norm);
    for (gint64 k = 0; k < n; k++) {
      gdouble x = dnn_load (type, src[0], base + k * inner);
      dnn_store (type, dst[0], base + k * inner, norm == 0 ? 0 : x / norm);
    }
  }
  return TRUE;
}

const DnnOp dnn_op_LpNormalization = {
  .name = "LpNormalization",
  .doc =
      "Elements divided by the 1- or 2-norm along an axis; 0 where that is 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
