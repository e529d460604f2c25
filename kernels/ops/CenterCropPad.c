/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* CenterCropPad: the middle of a tensor, or zeros around it. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-copy.h"

static const DnnArgRow inputs[] = {
  { .name = "input_data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "shape", .types = DNN_TYPES_INDEX },
};
static const DnnArgRow outputs[] = {
  { .name = "output_data", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axes", .kind = DNN_ATTR_INTS, .doc = "default: all" },
};

/* Bit i: axis i has a new size, which is sizes[i]. */
static gboolean
read_sizes (
    const DnnCall *call, gconstpointer value, gint64 *sizes, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape;
  const DnnAttrValue *axes = dnn_call_attr (call, "axes");
  gint n = axes->present ? (gint) axes->n : x->rank;
  guint seen = 0;

  if (call->inputs[1].shape.dims[0] != n)
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "shape has %" G_GINT64_FORMAT " numbers, expected %d",
        call->inputs[1].shape.dims[0], n);
  memcpy (sizes, x->dims, sizeof x->dims);
  for (gint i = 0; i < n; i++) {
    gint64 axis = axes->present ? axes->ints[i] : i;
    gint64 size = dnn_load_int (call->inputs[1].type, value, i);
    if (axis < -x->rank || axis >= x->rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axes[%d] is %" G_GINT64_FORMAT ", expected %d to %d", i, axis,
          -x->rank, x->rank - 1);
    axis = axis < 0 ? axis + x->rank : axis;
    if (seen & 1u << axis)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axes[%d] is %" G_GINT64_FORMAT " once more", i, axis);
    if (size < 0)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "shape[%d] is %" G_GINT64_FORMAT ", expected 0 or more", i, size);
    seen |= 1u << axis;
    sizes[axis] = size;
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;

  if (!dnn_check_rank (call, 1, 1, 1, error))
    return DNN_INFER_ERROR;
  if (!call->inputs[1].value && call->inputs[1].shape.dims[0] != 0)
    return dnn_infer_needs (call, 1);
  if (!read_sizes (call, call->inputs[1].value, shape.dims, error))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

static DnnCopy
make_copy (const DnnCall *call)
{
  const DnnShape *x = &call->inputs[0].shape, *y = &call->outputs[0].shape;
  DnnCopy copy = { .element = dnn_type_size (call->inputs[0].type),
    .rank = x->rank };

  dnn_copy_get_strides (x, copy.src_strides);
  dnn_copy_get_strides (y, copy.dst_strides);
  for (gint i = 0; i < x->rank; i++) {
    gint64 more = (y->dims[i] - x->dims[i]) / 2;
    gint64 less = (x->dims[i] - y->dims[i]) / 2;
    copy.dims[i] = MIN (x->dims[i], y->dims[i]);
    if (y->dims[i] > x->dims[i])
      copy.dst_offset += more * copy.dst_strides[i];
    else
      copy.src_offset += less * copy.src_strides[i];
  }
  return copy;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnCopy copy = make_copy (call);

  memset (dst[0], 0,
      (gsize) dnn_shape_n_elements (&call->outputs[0].shape) * copy.element);
  dnn_copy_simplify (&copy);
  dnn_copy_run (&copy, src[0], dst[0]);
  return TRUE;
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  static const guint64 zero = 0;
  DnnCopy copy = make_copy (call);

  dnn_offers_add (offers, dnn_copy_candidate (call, &copy, 1, &zero));
}

const DnnOp dnn_op_CenterCropPad = {
  .name = "CenterCropPad",
  .doc = "The middle of each dimension, or 0 around it, to a given size",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
};
