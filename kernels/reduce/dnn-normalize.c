/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A call of the family → its lines; in plain C, each from its sums. Next:
 * dnn-normalize-loop.c. */
#include "config.h"

#include "kernels/reduce/dnn-normalize.h"

#include <math.h>

#include "kernels/family/dnn-broadcast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

enum
{
  X,
  SCALE,
  BIAS,
};

static const DnnNormalize *
get_family (const DnnCall *call)
{
  return call->op->family;
}

/* ---- infer ---- */

/* Scale and bias reach over X, and don't widen it. */
static gboolean
check_broadcast (const DnnCall *call, guint idx, GError **error)
{
  const DnnShape *x = &call->inputs[X].shape;
  DnnShape shape;

  if (!dnn_broadcast_shapes (call, x, &call->inputs[idx].shape, &shape, error))
    return FALSE;
  if (shape.rank == x->rank && dnn_shape_compatible (&shape, x))
    return TRUE;
  return dnn_check_shape (call, idx, x, error);
}

static DnnInferResult
infer_layer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[X].shape;
  gint axis;

  if (!dnn_check_rank (call, X, 1, DNN_MAX_RANK, error) ||
      !dnn_call_axis (call, "axis", shape.rank, &axis, error) ||
      !check_broadcast (call, SCALE, error) ||
      (dnn_call_has_input (call, BIAS) && !check_broadcast (call, BIAS, error)))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, call->inputs[get_family (call)->keeps_mean].type,
      &call->inputs[X].shape);
  for (gint i = axis; i < shape.rank; i++)
    shape.dims[i] = 1;
  dnn_infer_set (call, 1, DNN_TYPE_FLOAT32, &shape);
  dnn_infer_set (call, 2, DNN_TYPE_FLOAT32, &shape);
  return DNN_INFER_OK;
}

static gboolean
check_groups (const DnnCall *call, gint64 channels, GError **error)
{
  gint64 n_groups;

  if (get_family (call)->kind != DNN_NORMALIZE_GROUP)
    return TRUE;
  n_groups = dnn_call_int (call, "num_groups");
  if (channels < 0 || channels % n_groups == 0)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_SHAPE,
      "X has %" G_GINT64_FORMAT " channels, expected a multiple of num_groups "
      "(%" G_GINT64_FORMAT ")",
      channels, n_groups);
}

DnnInferResult
dnn_normalize_infer (DnnCall *call, GError **error)
{
  DnnShape channels = { .rank = 1 };

  if (get_family (call)->kind == DNN_NORMALIZE_LAYER)
    return infer_layer (call, error);
  if (!dnn_check_rank (call, X, 2, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  channels.dims[0] = call->inputs[X].shape.dims[1];
  if (!dnn_check_shape (call, SCALE, &channels, error) ||
      !dnn_check_shape (call, BIAS, &channels, error) ||
      !check_groups (call, channels.dims[0], error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

/* ---- reading ---- */

/* The same as the line's dimensions. */
static gboolean
is_by_element (const DnnCall *call, guint idx, gint axis)
{
  const DnnShape *x = &call->inputs[X].shape;
  const DnnShape *shape = &call->inputs[idx].shape;

  if (!dnn_call_has_input (call, idx))
    return TRUE;
  if (shape->rank != x->rank - axis)
    return FALSE;
  for (gint i = 0; i < shape->rank; i++)
    if (shape->dims[i] != x->dims[axis + i])
      return FALSE;
  return TRUE;
}

void
dnn_normalize_read (const DnnCall *call, DnnNormalizeLines *self)
{
  const DnnNormalize *family = get_family (call);
  const DnnShape *x = &call->inputs[X].shape;
  gint axis = 2;

  *self = (DnnNormalizeLines){ .keeps_mean = family->keeps_mean,
    .epsilon = dnn_call_float (call, "epsilon") };
  if (family->kind == DNN_NORMALIZE_LAYER) {
    dnn_call_axis (call, "axis", x->rank, &axis, NULL);
    self->is_plain = is_by_element (call, SCALE, axis) &&
        is_by_element (call, BIAS, axis);
    self->n_lines = dnn_check_count (x, 0, axis);
    self->n = dnn_check_count (x, axis, x->rank);
    return;
  }
  self->channels = x->dims[1];
  self->plane = dnn_check_count (x, 2, x->rank);
  self->n_lines = x->dims[0] *
      (family->kind == DNN_NORMALIZE_GROUP ? dnn_call_int (call, "num_groups")
                                           : x->dims[1]);
  self->n = dnn_shape_n_elements (x) / MAX (self->n_lines, 1);
}

/* ---- ref ---- */

/* Place in a tensor that is broadcast to X, for element @idx of X. */
static gint64
find_broadcast (const DnnCall *call, guint input, gint64 idx)
{
  const DnnShape *x = &call->inputs[X].shape;
  gint64 strides[DNN_MAX_RANK], at = 0;

  dnn_broadcast_strides (&call->inputs[input].shape, x, strides);
  for (gint i = x->rank - 1; i >= 0; i--) {
    at += idx % x->dims[i] * strides[i];
    idx /= x->dims[i];
  }
  return at;
}

static gdouble
load_factor (const DnnCall *call, const DnnNormalizeLines *lines,
    gconstpointer const *src, guint input, gint64 idx)
{
  gint64 at;

  if (!dnn_call_has_input (call, input))
    return 0;
  if (lines->channels > 0)
    at = idx / lines->plane % lines->channels;
  else if (lines->is_plain)
    at = idx % lines->n;
  else
    at = find_broadcast (call, input, idx);
  return dnn_load (call->inputs[input].type, src[input], at);
}

static void
sum_line (const DnnNormalizeLines *self, DnnType type, gconstpointer src,
    gint64 base, gdouble *mean, gdouble *factor)
{
  gdouble sum = 0, squares = 0;

  for (gint64 i = 0; i < self->n && !self->keeps_mean; i++)
    sum += dnn_load (type, src, base + i);
  *mean = sum / (gdouble) self->n;
  for (gint64 i = 0; i < self->n; i++) {
    gdouble x = dnn_load (type, src, base + i) - *mean;
    squares += x * x;
  }
  *factor = 1 / sqrt (squares / (gdouble) self->n + self->epsilon);
}

static void
store_optional (const DnnCall *call, gpointer const *dst, guint idx, gint64 at,
    gdouble value)
{
  if (idx < call->n_outputs && call->outputs[idx].present)
    dnn_store (call->outputs[idx].type, dst[idx], at, value);
}

gboolean
dnn_normalize_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  DnnType type = call->inputs[X].type;
  DnnNormalizeLines lines;

  dnn_normalize_read (call, &lines);
  for (gint64 k = 0; k < lines.n_lines; k++) {
    gdouble mean, factor;
    sum_line (&lines, type, src[X], k * lines.n, &mean, &factor);
    for (gint64 i = k * lines.n; i < (k + 1) * lines.n && dst[0]; i++) {
      gdouble x = (dnn_load (type, src[X], i) - mean) * factor;
      dnn_store (call->outputs[0].type, dst[0], i,
          x * load_factor (call, &lines, src, SCALE, i) +
              load_factor (call, &lines, src, BIAS, i));
    }
    store_optional (call, dst, 1, k, mean);
    store_optional (call, dst, 2, k, factor);
  }
  return TRUE;
}

void
dnn_normalize_offer (const DnnCall *call, DnnOffers *offers)
{
  DnnNormalizeLines lines;

  dnn_normalize_read (call, &lines);
  dnn_normalize_offer_loop (call, &lines, offers);
}
