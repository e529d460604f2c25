/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Reshape: the same elements under another shape. The pattern of a view. */
#include "config.h"

#include "kernels/family/dnn-view.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "shape",
      .types = DNN_TYPES_INT64,
      .doc = "-1: what remains, at most once; 0: as in data" },
};
static const DnnArgRow outputs[] = {
  { .name = "reshaped", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "allowzero",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: a 0 in shape is a dimension of 0" },
};

/* Copies the dimensions that stand in @wanted; -1 stays open and goes to
 * @rest. */
static gboolean
take_dims (const DnnCall *call, const gint64 *wanted, DnnShape *shape,
    gint *rest, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  gboolean allow_zero = dnn_call_int (call, "allowzero") != 0;

  *rest = -1;
  for (gint i = 0; i < shape->rank; i++) {
    shape->dims[i] = wanted[i];
    if (wanted[i] == 0 && !allow_zero) {
      if (i >= src->rank)
        return dnn_call_error (call, error, DNN_ERROR_SHAPE,
            "shape[%d] is 0 (as in data), but data has rank %d", i, src->rank);
      shape->dims[i] = src->dims[i];
    } else if (wanted[i] == -1) {
      if (*rest >= 0)
        return dnn_call_error (call, error, DNN_ERROR_SHAPE,
            "shape[%d] and shape[%d] are both -1", *rest, i);
      *rest = i;
    } else if (wanted[i] < -1) {
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "shape[%d] is %" G_GINT64_FORMAT ", expected -1 or more", i,
          wanted[i]);
    }
  }
  return TRUE;
}

/* Open dimensions that stand on both sides (copied by a 0) divide out. */
static gboolean
divide (const DnnCall *call, const gint64 *wanted, DnnShape *shape, gint rest,
    GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  gboolean allow_zero = dnn_call_int (call, "allowzero") != 0;
  gboolean is_possible = dnn_shape_n_least (shape) >= 0;
  gint64 n_src = 1, n_dst = 1;

  for (gint i = 0; i < src->rank; i++) {
    gboolean is_copied = i < shape->rank && wanted[i] == 0 && !allow_zero;
    if (is_copied && src->dims[i] == DNN_DIM_OPEN)
      continue;
    if (src->dims[i] == DNN_DIM_OPEN)
      return TRUE; /* nothing to compare */
    n_src *= src->dims[i];
  }
  for (gint i = 0; i < shape->rank; i++)
    if (is_possible && i != rest && shape->dims[i] != DNN_DIM_OPEN)
      n_dst *= shape->dims[i];
  if (is_possible && rest >= 0 && n_dst > 0 && n_src % n_dst == 0) {
    shape->dims[rest] = n_src / n_dst;
  } else if (!is_possible || rest >= 0 || n_src != n_dst) {
    g_autofree gchar *from = dnn_shape_to_string (src);
    g_autofree gchar *to = dnn_shape_to_string (shape);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "data of shape %s has another number of elements than shape %s", from,
        to);
  }
  return TRUE;
}

/* All that is known without is the rank. */
static DnnInferResult
wait_for_shape (DnnCall *call)
{
  const DnnShape *list = &call->inputs[1].shape;
  DnnShape *shape = &call->outputs[0].shape;

  if (list->rank == 1 && list->dims[0] >= 0 && list->dims[0] <= DNN_MAX_RANK)
    shape->rank = (gint) list->dims[0];
  for (gint i = 0; i < shape->rank; i++)
    shape->dims[i] = DNN_DIM_OPEN;
  call->needs_value = 1;
  return DNN_INFER_NEEDS_VALUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *arg = &call->inputs[1];
  const gint64 *wanted = arg->value;
  DnnShape shape = { 0 };
  gint rest;

  call->outputs[0].type = call->inputs[0].type;
  if (!wanted && dnn_shape_n_elements (&arg->shape) != 0)
    return wait_for_shape (call);
  if (arg->shape.rank != 1 || arg->shape.dims[0] > DNN_MAX_RANK) {
    g_autofree gchar *text = dnn_shape_to_string (&arg->shape);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "shape is of shape %s, expected one dimension of at most %d", text,
        DNN_MAX_RANK);
    return DNN_INFER_ERROR;
  }
  shape.rank = arg->shape.dims[0];
  if (!take_dims (call, wanted, &shape, &rest, error) ||
      !divide (call, wanted, &shape, rest, error))
    return DNN_INFER_ERROR;
  call->outputs[0].shape = shape;
  return DNN_INFER_OK;
}

const DnnOp dnn_op_Reshape = {
  .name = "Reshape",
  .doc = "The same elements under another shape; a view",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = dnn_view_ref,
  .offer = dnn_view_offer,
};
