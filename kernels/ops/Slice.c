/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Slice: a box out of a tensor, with steps. */
#include "config.h"

#include "kernels/family/dnn-copy.h"

/* Inputs, by position. */
enum
{
  DATA,
  STARTS,
  ENDS,
  AXES,
  STEPS,
};

static const DnnArgRow inputs[] = {
  { "data", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T", "any tensor" },
  { "starts", DNN_TYPES_INDEX, DNN_ARG_REQUIRED, "I",
      "first index, by axis; negative: from the end" },
  { "ends", DNN_TYPES_INDEX, DNN_ARG_REQUIRED, "I",
      "index behind the last, by axis" },
  { "axes", DNN_TYPES_INDEX, DNN_ARG_OPTIONAL, "I", "default: 0, 1, …" },
  { "steps", DNN_TYPES_INDEX, DNN_ARG_OPTIONAL, "I",
      "default: 1; negative: backwards" },
};

static const DnnArgRow outputs[] = {
  { "output", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T", "the box" },
};

/* What a slice takes of each dimension of the data. */
typedef struct
{
  gint64 start[DNN_MAX_RANK], step[DNN_MAX_RANK], n[DNN_MAX_RANK];
} Box;

/* One entry of a list of int32 or int64. */
static gint64
get_index (const DnnCallArg *arg, gconstpointer values, gint64 idx)
{
  return arg->type == DNN_TYPE_INT32 ? ((const gint32 *) values)[idx]
                                     : ((const gint64 *) values)[idx];
}

/* ONNX: start and end are clamped into the dimension, for negative steps into
 * [0, dim - 1] and [-1, dim - 1]. A step beyond the dimension takes one
 * element, as a step of all of it does. */
static void
set_range (
    Box *box, gint axis, gint64 dim, gint64 start, gint64 end, gint64 step)
{
  gboolean back = step < 0;
  gint64 n;

  step = CLAMP (step, -MAX (dim, 1), MAX (dim, 1));
  if (start < 0)
    start += dim;
  if (end < 0)
    end = end < -dim ? -1 : end + dim;
  start = CLAMP (start, 0, back ? dim - 1 : dim);
  end = CLAMP (end, back ? -1 : 0, back ? dim - 1 : dim);
  if (!back && end < 0)
    end = 0;
  n = back ? (start - end - step - 1) / -step : (end - start + step - 1) / step;
  box->start[axis] = MAX (start, 0);
  box->step[axis] = step;
  box->n[axis] = dim == 0 ? 0 : MAX (n, 0);
}

static gint64
count_entries (const DnnCallArg *arg)
{
  return arg->shape.rank == 1 ? arg->shape.dims[0] : -1;
}

static gboolean
check_lists (const DnnCall *call, gint rank, GError **error)
{
  gint64 n = count_entries (&call->inputs[STARTS]);

  for (guint i = STARTS; i <= STEPS; i++) {
    if (dnn_call_has_input (call, i) && count_entries (&call->inputs[i]) != n)
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "input %s must be a list of %" G_GINT64_FORMAT
          " entries as starts is",
          call->op->inputs[i].name, n);
  }
  if (n < 0 || n > rank)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "input starts must be a list of at most %d entries, one an axis", rank);
  return TRUE;
}

/* @lists: bytes of the inputs, by position. */
static gboolean
make_box (
    const DnnCall *call, gconstpointer const *lists, Box *box, GError **error)
{
  const DnnShape *shape = &call->inputs[DATA].shape;
  gint64 n = count_entries (&call->inputs[STARTS]);
  guint seen = 0;

  for (gint i = 0; i < shape->rank; i++) {
    box->start[i] = 0;
    box->step[i] = 1;
    box->n[i] = shape->dims[i];
  }
  for (gint64 i = 0; i < n; i++) {
    gint64 axis = dnn_call_has_input (call, AXES)
        ? get_index (&call->inputs[AXES], lists[AXES], i)
        : i;
    gint64 step = dnn_call_has_input (call, STEPS)
        ? get_index (&call->inputs[STEPS], lists[STEPS], i)
        : 1;
    if (axis < -shape->rank || axis >= shape->rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axis %" G_GINT64_FORMAT " is outside the %d dimensions of data",
          axis, shape->rank);
    if (axis < 0)
      axis += shape->rank;
    if (seen & 1u << axis)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axis %" G_GINT64_FORMAT " is named twice", axis);
    seen |= 1u << axis;
    if (step == 0)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "the step of axis %" G_GINT64_FORMAT " is 0", axis);
    if (shape->dims[axis] < 0)
      box->n[axis] = DNN_DIM_OPEN;
    else
      set_range (box, (gint) axis, shape->dims[axis],
          get_index (&call->inputs[STARTS], lists[STARTS], i),
          get_index (&call->inputs[ENDS], lists[ENDS], i), step);
  }
  return TRUE;
}

static gboolean
get_known_box (const DnnCall *call, Box *box, GError **error)
{
  gconstpointer lists[STEPS + 1] = { NULL };

  for (guint i = STARTS; i <= STEPS; i++) {
    if (dnn_call_has_input (call, i))
      lists[i] = call->inputs[i].value;
  }
  return make_box (call, lists, box, error);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *shape = &call->inputs[DATA].shape;
  DnnCallArg *dst = &call->outputs[0];
  Box box;

  dst->type = call->inputs[DATA].type;
  dst->shape.rank = shape->rank;
  if (shape->rank < 0)
    return DNN_INFER_OK;
  for (guint i = STARTS; i <= STEPS; i++) {
    if (!dnn_call_has_input (call, i) || call->inputs[i].value)
      continue;
    for (gint k = 0; k < shape->rank; k++)
      dst->shape.dims[k] = DNN_DIM_OPEN;
    call->needs_value = i;
    return DNN_INFER_NEEDS_VALUE;
  }
  if (!check_lists (call, shape->rank, error) ||
      !get_known_box (call, &box, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; i < shape->rank; i++)
    dst->shape.dims[i] = box.n[i];
  return DNN_INFER_OK;
}

static DnnCopy
make_copy (const DnnCall *call, const Box *box)
{
  const DnnShape *shape = &call->inputs[DATA].shape;
  DnnCopy copy = { .element = dnn_type_size (call->inputs[DATA].type),
    .rank = shape->rank };
  gint64 strides[DNN_MAX_RANK];

  dnn_copy_get_strides (shape, strides);
  dnn_copy_get_strides (&call->outputs[0].shape, copy.dst_strides);
  for (gint i = 0; i < shape->rank; i++) {
    copy.dims[i] = box->n[i];
    copy.src_strides[i] = strides[i] * box->step[i];
    copy.src_offset += strides[i] * box->start[i];
  }
  return copy;
}

/* The lists are read again: planned with other values, a slice must not read
 * outside. */
static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->outputs[0].shape;
  DnnCopy copy;
  Box box;

  if (!make_box (call, src, &box, error))
    return FALSE;
  for (gint i = 0; i < shape->rank; i++) {
    if (box.n[i] != shape->dims[i])
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "starts and ends give %" G_GINT64_FORMAT
          " elements on axis %d; planned were %" G_GINT64_FORMAT,
          box.n[i], i, shape->dims[i]);
  }
  copy = make_copy (call, &box);
  dnn_copy_simplify (&copy);
  dnn_copy_run (&copy, src[DATA], dst[0]);
  return TRUE;
}

/* Without steps, a part that is one run of the bytes of @src is a view. */
static void
offer_view (const DnnCall *call, DnnOffers *offers, const DnnFormat *src,
    const Box *box)
{
  gsize offset = 0;
  DnnFormat *part = dnn_format_part (
      src, &call->outputs[0].shape, box->start, &offset);

  if (part)
    dnn_offers_add (offers, dnn_view_candidate (call, src, &part, &offset));
}

static gboolean
has_steps (const DnnCall *call, const Box *box)
{
  for (gint i = 0; i < call->inputs[DATA].shape.rank; i++) {
    if (box->step[i] != 1 && box->n[i] > 1)
      return TRUE;
  }
  return FALSE;
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[DATA];
  DnnHints hints = dnn_offers_get_hints (offers, DATA);
  g_autoptr (DnnFormat) plain = NULL;
  DnnCopy copy;
  Box box;

  for (guint i = STARTS; i <= STEPS; i++) {
    if (dnn_call_has_input (call, i) && !call->inputs[i].value)
      return;
  }
  if (!get_known_box (call, &box, NULL))
    return;
  copy = make_copy (call, &box);
  dnn_offers_add (offers, dnn_copy_candidate (call, &copy, 1, NULL));
  if (has_steps (call, &box))
    return;
  plain = dnn_format_new_plain (src->type, &src->shape);
  offer_view (call, offers, plain, &box);
  for (guint i = 0; i < hints.n; i++) {
    if (!dnn_format_is_plain (hints.formats[i]))
      offer_view (call, offers, hints.formats[i], &box);
  }
}

const DnnOp dnn_op_Slice = {
  .name = "Slice",
  .doc = "A box out of a tensor, with steps",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .infer = infer,
  .ref = compute,
  .offer = offer,
};
