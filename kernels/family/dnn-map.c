/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An operator's lines → infer and ref. Next: dnn-map-offer.c. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include <string.h>

#include "kernels/family/dnn-broadcast.h"
#include "kernels/family/dnn-number.h"
#include "kernels/loops/dnn-loop-convert.h"

const DnnLines *
dnn_map_op_lines (const DnnCall *call)
{
  const DnnMapOp *self = call->op->family;

  return self->choose_lines ? self->choose_lines (call) : self->lines;
}

/* How many inputs are tensors. */
static guint
count_tensors (const DnnCall *call)
{
  const DnnMapOp *self = call->op->family;

  return self->n > 0 ? self->n : call->n_formal;
}

static guint
get_typed_input (const DnnMapOp *self)
{
  return self->has_condition ? 1 : 0;
}

DnnInferResult
dnn_map_op_infer (DnnCall *call, GError **error)
{
  const DnnMapOp *self = call->op->family;
  DnnShape shape = call->inputs[0].shape;

  for (guint i = 1; i < count_tensors (call); i++) {
    DnnShape before = shape;
    if (!dnn_broadcast_shapes (
            call, &before, &call->inputs[i].shape, &shape, error))
      return DNN_INFER_ERROR;
  }
  call->outputs[0].type = self->result
      ? self->result
      : call->inputs[get_typed_input (self)].type;
  call->outputs[0].shape = shape;
  return DNN_INFER_OK;
}

/* ---- one line as ref --------------------------------------------------------
 */

/* The widest kind: nothing is lost in between. */
static DnnKind
choose_kind (const DnnLines *lines, DnnType type)
{
  DnnKind kind = dnn_type_is_float (type) ? DNN_KIND_F64
      : type == DNN_TYPE_UINT64           ? DNN_KIND_U64
                                          : DNN_KIND_I64;

  if (type != DNN_TYPE_BOOL && lines->of[kind].at[DNN_LEVEL_BASE])
    return kind;
  return dnn_loop_choose_kind (lines, type);
}

static void
load (DnnType type, DnnKind kind, gconstpointer src, gint64 idx, guint64 *value)
{
  gsize size = dnn_type_size (type);

  switch (kind) {
    case DNN_KIND_F32:
      *(gfloat *) value = (gfloat) dnn_load (type, src, idx);
      break;
    case DNN_KIND_F64:
      *(gdouble *) value = dnn_load (type, src, idx);
      break;
    case DNN_KIND_I32:
      *(gint32 *) value = (gint32) dnn_load_int (type, src, idx);
      break;
    case DNN_KIND_I64:
      *(gint64 *) value = dnn_load_int (type, src, idx);
      break;
    default:
      memcpy (value, (const guint8 *) src + idx * (gint64) size, size);
      break;
  }
}

static void
store (
    DnnType type, DnnKind kind, const guint64 *value, gpointer dst, gint64 idx)
{
  gsize size = dnn_type_size (type);

  switch (kind) {
    case DNN_KIND_F32:
      dnn_store (type, dst, idx, *(const gfloat *) value);
      break;
    case DNN_KIND_F64:
      dnn_store (type, dst, idx, *(const gdouble *) value);
      break;
    case DNN_KIND_I32:
      dnn_store_int (type, dst, idx, *(const gint32 *) value);
      break;
    case DNN_KIND_I64:
      dnn_store_int (type, dst, idx, *(const gint64 *) value);
      break;
    default:
      memcpy ((guint8 *) dst + idx * (gint64) size, value, size);
      break;
  }
}

void
dnn_line_ref (const DnnLineRef *self, gconstpointer const *src, gpointer dst,
    const DnnLoopParams *params)
{
  DnnKind kind = choose_kind (self->lines, self->kind_type);
  DnnKind dst_kind = self->result == DNN_TYPE_BOOL ? DNN_KIND_U8 : kind;
  DnnLineFunc line = self->lines->of[kind].at[DNN_LEVEL_BASE];
  gint64 strides[3][DNN_MAX_RANK], at[DNN_MAX_RANK] = { 0 }, from[3] = { 0 };
  guint64 values[3], result = 0;
  gconstpointer places[3] = { &values[0], &values[1], &values[2] };

  for (guint k = 0; k < self->n; k++)
    dnn_broadcast_strides (&self->shapes[k], &self->shape, strides[k]);
  for (gint64 idx = 0; idx < dnn_shape_n_elements (&self->shape); idx++) {
    for (guint k = 0; k < self->n; k++)
      load (self->types[k], self->has_condition && k == 0 ? DNN_KIND_U8 : kind,
          src[k], from[k], &values[k]);
    line (&result, places, 1, params);
    store (self->result, dst_kind, &result, dst, idx);
    for (gint i = self->shape.rank - 1; i >= 0; i--) {
      gboolean is_end = ++at[i] == self->shape.dims[i];
      for (guint k = 0; k < self->n; k++)
        from[k] += is_end ? strides[k][i] * (1 - self->shape.dims[i])
                          : strides[k][i];
      if (!is_end)
        break;
      at[i] = 0;
    }
  }
}

/* ---- ref --------------------------------------------------------------------
 */

static DnnType
get_kind_type (const DnnCall *call)
{
  const DnnMapOp *self = call->op->family;

  return self->choose_type ? self->choose_type (call)
                           : call->inputs[get_typed_input (self)].type;
}

static void
set_arg (DnnLineRef *ref, guint k, const DnnCallArg *arg)
{
  ref->types[k] = arg->type;
  ref->shapes[k] = arg->shape;
}

/* Inputs 2, 3, … join what the first ones made; input 0 alone is itself. */
static void
join_rest (const DnnCall *call, DnnLineRef *ref, gconstpointer const *src,
    gpointer dst, const DnnLoopParams *params)
{
  const DnnMapOp *self = call->op->family;

  for (guint i = 2; i < call->n_formal; i++) {
    gconstpointer both[2] = { dst, src[i] };
    set_arg (ref, 0, &call->outputs[0]);
    set_arg (ref, 1, &call->inputs[i]);
    dnn_line_ref (ref, both, dst, params);
  }
  if (self->finish) {
    ref->lines = self->finish;
    ref->n = 1;
    set_arg (ref, 0, &call->outputs[0]);
    dnn_line_ref (ref, (gconstpointer[]){ dst }, dst, params);
  }
}

gboolean
dnn_map_op_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnMapOp *self = call->op->family;
  DnnLoopParams params = { { 0 } };
  DnnLineRef ref = {
    .lines = dnn_map_op_lines (call),
    .n = MIN (count_tensors (call), self->n > 0 ? 3 : 2),
    .kind_type = get_kind_type (call),
    .result = call->outputs[0].type,
    .has_condition = self->has_condition,
    .shape = call->outputs[0].shape,
  };

  if (self->read)
    self->read (call, src, &params);
  if (self->n == 0)
    params.real[0] = call->n_formal;
  for (guint k = 0; k < ref.n; k++)
    set_arg (&ref, k, &call->inputs[k]);
  if (self->n == 0 && ref.n == 1) {
    gsize size = (gsize) dnn_shape_n_elements (&ref.shape) *
        dnn_type_size (ref.result);
    if (size > 0 && dst[0] != src[0])
      memcpy (dst[0], src[0], size);
    return TRUE;
  }
  dnn_line_ref (&ref, src, dst[0], &params);
  if (self->n == 0)
    join_rest (call, &ref, src, dst[0], &params);
  return TRUE;
}

gboolean
dnn_map_op_read_known (const DnnCall *call, DnnLoopParams *params)
{
  const DnnMapOp *self = call->op->family;
  gconstpointer src[8] = { NULL };

  *params = (DnnLoopParams){ { 0 } };
  if (self->n == 0)
    params->real[0] = call->n_formal;
  if (call->n_formal > G_N_ELEMENTS (src) && self->n > 0)
    return FALSE;
  for (guint i = self->n; i < call->n_formal && self->n > 0; i++) {
    src[i] = call->inputs[i].value;
    if (call->inputs[i].present && !src[i])
      return FALSE;
  }
  if (self->read)
    self->read (call, src, params);
  return TRUE;
}
