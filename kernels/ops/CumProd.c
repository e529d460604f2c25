/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* CumProd: the product of all elements up to each, along an axis. */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "x", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "axis",
      .types = DNN_TYPES_INDEX,
      .doc = "scalar; negative: from the end" },
};
static const DnnArgRow outputs[] = {
  { .name = "y", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "exclusive",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: without the element itself" },
  { .key = "reverse",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: from the last to the first" },
};

static gboolean
get_axis (const DnnCall *call, gconstpointer value, gint *axis, GError **error)
{
  gint rank = call->inputs[0].shape.rank;
  gint64 given = dnn_check_get_int (call, 1, value);

  if (given < -rank || given >= rank)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "axis is %" G_GINT64_FORMAT ", expected %d to %d", given, -rank,
        rank - 1);
  *axis = (gint) (given < 0 ? given + rank : given);
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  gint axis;

  if (!dnn_check_rank (call, 0, 1, DNN_MAX_RANK, error) ||
      !dnn_check_scalar (call, 1, error))
    return DNN_INFER_ERROR;
  if (call->inputs[1].value &&
      !get_axis (call, call->inputs[1].value, &axis, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

typedef struct
{
  DnnType type;
  gboolean exclusive, reverse;
  gint64 n, inner;
} Lines;

/* Integers wrap around. */
static void
multiply_line (const Lines *self, gconstpointer src, gpointer dst, gint64 base)
{
  gdouble real = 1;
  guint64 bits = 1;

  for (gint64 k = 0; k < self->n; k++) {
    gint64 at = base + (self->reverse ? self->n - 1 - k : k) * self->inner;
    gdouble real_before = real;
    guint64 bits_before = bits;
    if (dnn_type_is_float (self->type)) {
      real *= dnn_load (self->type, src, at);
      dnn_store (self->type, dst, at, self->exclusive ? real_before : real);
    } else {
      bits *= (guint64) dnn_load_int (self->type, src, at);
      dnn_store_int (
          self->type, dst, at, (gint64) (self->exclusive ? bits_before : bits));
    }
  }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  Lines lines = { .type = call->inputs[0].type,
    .exclusive = dnn_call_int (call, "exclusive") != 0,
    .reverse = dnn_call_int (call, "reverse") != 0 };
  gint64 outer;
  gint axis = 0;

  if (!get_axis (call, src[1], &axis, error))
    return FALSE;
  lines.n = shape->dims[axis];
  lines.inner = dnn_check_count (shape, axis + 1, shape->rank);
  outer = dnn_check_count (shape, 0, axis);
  for (gint64 i = 0; i < outer * lines.inner; i++)
    multiply_line (&lines, src[0], dst[0],
        i / lines.inner * lines.n * lines.inner + i % lines.inner);
  return TRUE;
}

const DnnOp dnn_op_CumProd = {
  .name = "CumProd",
  .doc = "The product of all elements up to each, along an axis",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
