/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a reduction does with each element → infer, ref. Next:
 * dnn-reduce-loop.c, dnn-reduce-offer.c. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-number.h"

#define INPUTS(allowed)                                                       \
  {                                                                           \
    { .name = "data", .types = (allowed), .type_var = "T" },                  \
        { .name = "axes",                                                     \
          .types = DNN_TYPES_INT64,                                           \
          .flags = DNN_ARG_OPTIONAL,                                          \
          .doc = "negative ones count from the back; absent or empty: all" }, \
  }
#define OUTPUTS(allowed)                                        \
  {                                                             \
    { .name = "reduced", .types = (allowed), .type_var = "T" }, \
  }

const DnnArgRow dnn_reduce_inputs[2] = INPUTS (DNN_TYPES_NUMBER);
const DnnArgRow dnn_reduce_any_inputs[2] = INPUTS (DNN_TYPES_ANY);
const DnnArgRow dnn_reduce_outputs[1] = OUTPUTS (DNN_TYPES_NUMBER);
const DnnArgRow dnn_reduce_any_outputs[1] = OUTPUTS (DNN_TYPES_ANY);
const DnnAttrRow dnn_reduce_attrs[2] = {
  { .key = "keepdims",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "1: reduced dimensions stay, with size 1" },
  { .key = "noop_with_empty_axes",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: without axes nothing is reduced" },
};

gboolean
dnn_reduce_get_axes (
    const DnnCall *call, const gint64 *axes, guint *mask, GError **error)
{
  gint rank = call->inputs[0].shape.rank;
  gint64 n = axes ? dnn_shape_n_elements (&call->inputs[1].shape) : 0;

  *mask = 0;
  if (n <= 0 && dnn_call_int (call, "noop_with_empty_axes") == 0)
    *mask = (1u << rank) - 1;
  for (gint64 i = 0; i < n; i++) {
    if (axes[i] < -rank || axes[i] >= rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axes[%d] is %" G_GINT64_FORMAT ", expected %d to %d", (gint) i,
          axes[i], -rank, rank - 1);
    *mask |= 1u << (axes[i] < 0 ? axes[i] + rank : axes[i]);
  }
  return TRUE;
}

DnnInferResult
dnn_reduce_infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  gboolean keep = dnn_call_int (call, "keepdims") != 0;
  const gint64 *axes = NULL;
  DnnShape dst = { 0 };
  guint mask;

  call->outputs[0].type = call->inputs[0].type;
  if (dnn_call_has_input (call, 1)) {
    axes = call->inputs[1].value;
    if (!axes && dnn_shape_n_elements (&call->inputs[1].shape) != 0) {
      call->needs_value = 1;
      return DNN_INFER_NEEDS_VALUE;
    }
  }
  if (!dnn_reduce_get_axes (call, axes, &mask, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; i < src->rank; i++) {
    if (!(mask >> i & 1))
      dst.dims[dst.rank++] = src->dims[i];
    else if (keep)
      dst.dims[dst.rank++] = 1;
  }
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = dst;
  return DNN_INFER_OK;
}

/* ---- what ref and loop share ------------------------------------------------
 */

DnnKind
dnn_reduce_kind (const DnnCall *call)
{
  const DnnReduce *self = call->op->family;
  DnnType type = call->inputs[0].type;

  if (self->is_real || dnn_type_is_float (type))
    return DNN_KIND_F64;
  return type == DNN_TYPE_UINT64 && self->folds->fold[DNN_KIND_U64].at[0]
      ? DNN_KIND_U64
      : DNN_KIND_I64;
}

static guint64
bits_of (gdouble value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static gdouble
real_of (guint64 bits)
{
  gdouble value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

guint64
dnn_reduce_start_of (DnnReduceStart start, DnnType type, DnnKind kind)
{
  gboolean is_end = start == DNN_REDUCE_FROM_LOWEST ||
      start == DNN_REDUCE_FROM_HIGHEST;
  gdouble end = start == DNN_REDUCE_FROM_LOWEST ? -INFINITY : INFINITY;
  guint64 bytes = 0;

  if (kind == DNN_KIND_F64)
    return bits_of (is_end ? end : start == DNN_REDUCE_FROM_1);
  if (!is_end)
    return start == DNN_REDUCE_FROM_1;
  if (type == DNN_TYPE_BOOL)
    return start == DNN_REDUCE_FROM_HIGHEST;
  dnn_type_set (type, &bytes, 0, end);
  return (guint64) dnn_load_int (type, &bytes, 0);
}

guint64
dnn_reduce_start (const DnnCall *call)
{
  const DnnReduce *self = call->op->family;

  return dnn_reduce_start_of (
      self->start, call->inputs[0].type, dnn_reduce_kind (call));
}

gdouble
dnn_reduce_usable_shift (guint64 bits)
{
  gdouble shift = real_of (bits);

  return isfinite (shift) ? shift : 0;
}

guint64
dnn_reduce_finish (const DnnCall *call, guint64 sum, gint64 n, guint64 shift)
{
  const DnnReduce *self = call->op->family;

  if (dnn_reduce_kind (call) != DNN_KIND_F64)
    return self->finish_integer
        ? (guint64) self->finish_integer ((gint64) sum, n)
        : sum;
  return self->finish ? bits_of (self->finish (
                            real_of (sum), n, dnn_reduce_usable_shift (shift)))
                      : sum;
}

/* ---- ref --------------------------------------------------------------------
 */

/* The dimensions of one kind (kept, or reduced) as an odometer over src. */
typedef struct
{
  gint rank;
  gint64 dims[DNN_MAX_RANK], strides[DNN_MAX_RANK], at[DNN_MAX_RANK];
  gint64 n, offset;
} Walk;

static void
start_walk (Walk *self, const DnnShape *shape, guint mask)
{
  gint64 stride = 1;

  *self = (Walk){ .n = 1 };
  for (gint i = shape->rank - 1; i >= 0; i--) {
    if (mask >> i & 1) {
      self->dims[self->rank] = shape->dims[i];
      self->strides[self->rank++] = stride;
      self->n *= shape->dims[i];
    }
    stride *= shape->dims[i];
  }
}

/* The innermost dimension stands first; comes round at the end. */
static void
step_walk (Walk *self)
{
  for (gint i = 0; i < self->rank; i++) {
    self->offset += self->strides[i];
    if (++self->at[i] < self->dims[i])
      return;
    self->offset -= self->strides[i] * self->dims[i];
    self->at[i] = 0;
  }
}

/* Element @idx as the kind that is computed in. */
static guint64
load (DnnType type, DnnKind kind, gconstpointer src, gint64 idx)
{
  if (kind != DNN_KIND_F64)
    return (guint64) dnn_load_int (type, src, idx);
  return bits_of (dnn_load (type, src, idx));
}

static void
store (DnnType type, DnnKind kind, gpointer dst, gint64 idx, guint64 bits)
{
  if (kind == DNN_KIND_F64)
    dnn_store (type, dst, idx, real_of (bits));
  else if (type == DNN_TYPE_BOOL)
    ((guint8 *) dst)[idx] = bits != 0;
  else
    dnn_store_int (type, dst, idx, (gint64) bits);
}

/* One result: all that @inner walks over. */
static guint64
fold (const DnnCall *call, const DnnFolds *folds, guint64 result, guint64 shift,
    gconstpointer src, gint64 base, Walk *inner)
{
  DnnType type = call->inputs[0].type;
  DnnKind kind = dnn_reduce_kind (call);

  for (gint64 i = 0; i < inner->n; i++, step_walk (inner)) {
    guint64 x = load (type, kind, src, base + inner->offset);
    if (shift != 0)
      x = bits_of (real_of (x) - dnn_reduce_usable_shift (shift));
    folds->fold[kind].at[DNN_LEVEL_BASE](&result, &x, 1);
  }
  return result;
}

gboolean
dnn_reduce_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnReduce *reduce = call->op->family;
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  DnnKind kind = dnn_reduce_kind (call);
  Walk outer, inner;
  guint mask;

  if (!dnn_reduce_get_axes (
          call, call->n_formal > 1 ? src[1] : NULL, &mask, error))
    return FALSE;
  start_walk (&outer, shape, ~mask);
  start_walk (&inner, shape, mask);
  for (gint64 i = 0; i < outer.n; i++, step_walk (&outer)) {
    guint64 result, shift = 0;
    if (reduce->shift)
      shift = fold (call, reduce->shift,
          dnn_reduce_start_of (DNN_REDUCE_FROM_LOWEST, type, kind), 0, src[0],
          outer.offset, &inner);
    result = fold (call, reduce->folds, dnn_reduce_start (call), shift, src[0],
        outer.offset, &inner);
    store (type, kind, dst[0], i,
        dnn_reduce_finish (call, result, inner.n, shift));
  }
  return TRUE;
}
