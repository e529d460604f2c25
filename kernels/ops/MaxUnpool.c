/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MaxUnpool: what MaxPool found, put back where it stood. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/spatial/dnn-spatial.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "N × C × …" },
  { .name = "I",
      .types = DNN_TYPES_INT64,
      .doc = "places, as MaxPool gives them" },
  { .name = "output_shape",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T1" },
};
static const DnnAttrRow attrs[] = {
  { .key = "kernel_shape",
      .kind = DNN_ATTR_INTS,
      .required = TRUE,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "size of the window" },
  { .key = "strides",
      .kind = DNN_ATTR_INTS,
      .min = 1,
      .max = DNN_MAX_WINDOW,
      .doc = "default 1" },
  { .key = "pads",
      .kind = DNN_ATTR_INTS,
      .max = DNN_MAX_WINDOW,
      .doc = "default 0" },
};

static gboolean
check_attr (const DnnCall *call, const gchar *key, guint n, GError **error)
{
  const DnnAttrValue *value = dnn_call_attr (call, key);

  if (!value->present || value->n == n)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "attribute %s has %u numbers, expected %u", key, value->n, n);
}

/* Without output_shape: what a pooling would have made this of. */
static gboolean
compute_shape (const DnnCall *call, DnnShape *shape, GError **error)
{
  const DnnAttrValue *kernel = dnn_call_attr (call, "kernel_shape");
  const DnnAttrValue *strides = dnn_call_attr (call, "strides");
  const DnnAttrValue *pads = dnn_call_attr (call, "pads");
  guint n = (guint) call->inputs[0].shape.rank - 2;

  if (!check_attr (call, "kernel_shape", n, error) ||
      !check_attr (call, "strides", n, error) ||
      !check_attr (call, "pads", 2 * n, error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    gint64 *dim = &shape->dims[2 + i];
    if (*dim < 0)
      continue;
    *dim = (*dim - 1) * (strides->present ? strides->ints[i] : 1) +
        kernel->ints[i] -
        (pads->present ? pads->ints[i] + pads->ints[n + i] : 0);
    if (*dim < 0)
      return dnn_call_error (call, error, DNN_ERROR_SHAPE,
          "the output would have %" G_GINT64_FORMAT " places in dimension %u",
          *dim, i);
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;

  if (!dnn_check_rank (call, 0, 3, DNN_MAX_RANK, error) ||
      !dnn_check_shape (call, 1, &shape, error))
    return DNN_INFER_ERROR;
  if (dnn_shape_n_least (&shape) < 0 || dnn_shape_n_least (&shape) > G_MAXINT32)
    return dnn_infer_error (
        call, error, DNN_ERROR_LIMIT, "X has too many elements");
  if (!compute_shape (call, &shape, error))
    return DNN_INFER_ERROR;
  if (dnn_call_has_input (call, 2)) {
    const DnnShape n = { 1, { shape.rank } };
    if (!dnn_check_shape (call, 2, &n, error))
      return DNN_INFER_ERROR;
    if (!call->inputs[2].value)
      return dnn_infer_needs (call, 2);
    for (gint i = 0; i < shape.rank; i++)
      shape.dims[i] = MAX (((const gint64 *) call->inputs[2].value)[i], -2);
  }
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* Where an index of the computed shape stands in the given one; -1 outside. */
static gint64
find_place (const DnnShape *from, const DnnShape *to, gint64 idx)
{
  gint64 at = 0, stride = 1;

  if (idx < 0)
    return -1;
  for (gint i = from->rank - 1; i >= 0; i--) {
    gint64 k = idx % from->dims[i];
    if (k >= to->dims[i])
      return -1;
    at += k * stride;
    stride *= to->dims[i];
    idx /= from->dims[i];
  }
  return idx == 0 ? at : -1;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnCallArg *out = &call->outputs[0];
  gsize element = dnn_type_size (out->type);
  DnnShape shape = call->inputs[0].shape;

  if (!compute_shape (call, &shape, error))
    return FALSE;
  memset (dst[0], 0, (gsize) dnn_shape_n_elements (&out->shape) * element);
  for (gint64 i = 0; i < dnn_shape_n_elements (&call->inputs[0].shape); i++) {
    gint64 idx = ((const gint64 *) src[1])[i];
    gint64 at = find_place (&shape, &out->shape, idx);
    if (at < 0)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "element %" G_GINT64_FORMAT " of I is %" G_GINT64_FORMAT
          ", which lies outside",
          i, idx);
    memcpy ((guint8 *) dst[0] + (gsize) at * element,
        (const guint8 *) src[0] + (gsize) i * element, element);
  }
  return TRUE;
}

const DnnOp dnn_op_MaxUnpool = {
  .name = "MaxUnpool",
  .doc = "0 but for X at the places that MaxPool named",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
