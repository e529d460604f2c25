/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Split: a tensor in pieces along one axis. */
#include "config.h"

#include "kernels/family/dnn-copy.h"

static const DnnArgRow inputs[] = {
  { "input", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T", "any tensor" },
  { "split", DNN_TYPES_INT64, DNN_ARG_OPTIONAL, NULL,
      "length of each piece; default: equal ones, the last may be shorter" },
};

static const DnnArgRow outputs[] = {
  { "outputs", DNN_TYPES_ANY, DNN_ARG_VARIADIC, "T", "the pieces" },
};

static const DnnAttrRow attrs[] = {
  { "axis", DNN_ATTR_INT, "0", FALSE, 0, 0, NULL,
      "which dimension; negative: from the end" },
};

/* Lengths of the pieces along @axis of @dim elements. */
static gboolean
get_lengths (const DnnCall *call, gint64 dim, gint64 *lengths, GError **error)
{
  guint n = call->n_outputs;
  const gint64 *split = dnn_call_has_input (call, 1) ? call->inputs[1].value
                                                     : NULL;
  gint64 piece = (dim + n - 1) / n, sum = 0;

  if (split &&
      (call->inputs[1].shape.rank != 1 || call->inputs[1].shape.dims[0] != n))
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "input split must be a list of %u lengths, one an output", n);
  for (guint i = 0; i < n; i++) {
    lengths[i] = split ? split[i] : MIN (piece, MAX (dim - i * piece, 0));
    if (lengths[i] < 0 || lengths[i] > dim)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "split[%u] is %" G_GINT64_FORMAT "; the axis has %" G_GINT64_FORMAT
          " elements",
          i, lengths[i], dim);
    sum += lengths[i];
  }
  if (sum != dim)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "the pieces have %" G_GINT64_FORMAT
        " elements together; the axis has %" G_GINT64_FORMAT,
        sum, dim);
  return TRUE;
}

static void
set_outputs (DnnCall *call, gint axis, const gint64 *lengths)
{
  for (guint i = 0; i < call->n_outputs; i++) {
    call->outputs[i].type = call->inputs[0].type;
    call->outputs[i].shape = call->inputs[0].shape;
    if (axis >= 0)
      call->outputs[i].shape.dims[axis] = lengths ? lengths[i] : DNN_DIM_OPEN;
  }
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gint64 lengths[DNN_MAX_CALL_OUTPUTS];
  gint axis;

  set_outputs (call, -1, NULL);
  if (shape->rank < 0)
    return DNN_INFER_OK;
  if (call->n_outputs > DNN_MAX_CALL_OUTPUTS) {
    dnn_call_error (call, error, DNN_ERROR_LIMIT,
        "%u outputs; at most %d are supported", call->n_outputs,
        DNN_MAX_CALL_OUTPUTS);
    return DNN_INFER_ERROR;
  }
  if (!dnn_call_axis (call, "axis", shape->rank, &axis, error))
    return DNN_INFER_ERROR;
  set_outputs (call, axis, NULL);
  if (dnn_call_has_input (call, 1) && !call->inputs[1].value) {
    call->needs_value = 1;
    return DNN_INFER_NEEDS_VALUE;
  }
  if (shape->dims[axis] < 0)
    return DNN_INFER_OK;
  if (!get_lengths (call, shape->dims[axis], lengths, error))
    return DNN_INFER_ERROR;
  set_outputs (call, axis, lengths);
  return DNN_INFER_OK;
}

/* One box for each piece; begins at @start of the axis. */
static DnnCopy
make_copy (const DnnCall *call, guint idx, gint axis, gint64 start)
{
  const DnnShape *shape = &call->outputs[idx].shape;
  DnnCopy copy = { .dst_idx = idx,
    .element = dnn_type_size (call->inputs[0].type),
    .rank = shape->rank };

  dnn_copy_get_strides (&call->inputs[0].shape, copy.src_strides);
  dnn_copy_get_strides (shape, copy.dst_strides);
  for (gint i = 0; i < shape->rank; i++)
    copy.dims[i] = shape->dims[i];
  copy.src_offset = start * copy.src_strides[axis];
  return copy;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint64 start = 0;
  gint axis;

  if (!dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, error))
    return FALSE;
  for (guint i = 0; i < call->n_outputs; i++) {
    DnnCopy copy = make_copy (call, i, axis, start);
    start += call->outputs[i].shape.dims[axis];
    if (!dst[i])
      continue;
    dnn_copy_simplify (&copy);
    dnn_copy_run (&copy, src[0], dst[i]);
  }
  return TRUE;
}

/* All pieces are runs of the bytes of @src: views. */
static void
offer_views (
    const DnnCall *call, DnnOffers *offers, const DnnFormat *src, gint axis)
{
  DnnFormat *parts[DNN_MAX_CALL_OUTPUTS] = { NULL };
  gsize offsets[DNN_MAX_CALL_OUTPUTS] = { 0 };
  gint64 start[DNN_MAX_RANK] = { 0 };

  for (guint i = 0; i < call->n_outputs; i++) {
    parts[i] = dnn_format_part (
        src, &call->outputs[i].shape, start, &offsets[i]);
    if (!parts[i]) {
      while (i > 0)
        dnn_format_unref (parts[--i]);
      return;
    }
    start[axis] += call->outputs[i].shape.dims[axis];
  }
  dnn_offers_add (offers, dnn_view_candidate (call, src, parts, offsets));
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0];
  DnnHints hints = dnn_offers_get_hints (offers, 0);
  g_autoptr (DnnFormat) plain = dnn_format_new_plain (src->type, &src->shape);
  DnnCopy copies[DNN_MAX_CALL_OUTPUTS];
  gint64 start = 0;
  gint axis;

  if (!dnn_call_axis (call, "axis", src->shape.rank, &axis, NULL))
    return;
  for (guint i = 0; i < call->n_outputs; i++) {
    if (!call->outputs[i].present)
      return;
    copies[i] = make_copy (call, i, axis, start);
    start += call->outputs[i].shape.dims[axis];
  }
  dnn_offers_add (
      offers, dnn_copy_candidate (call, copies, call->n_outputs, NULL));
  offer_views (call, offers, plain, axis);
  for (guint i = 0; i < hints.n; i++) {
    if (!dnn_format_is_plain (hints.formats[i]))
      offer_views (call, offers, hints.formats[i], axis);
  }
}

const DnnOp dnn_op_Split = {
  .name = "Split",
  .doc = "A tensor in pieces along one axis",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .offer = offer,
};
