/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An operator and an order of dimensions → the same operator on dimensions in
 * another order: axes, pads, scales, starts. Next: dnn-pass-transpose.c. */
#include "config.h"

#include "compiler/passes/dnn-pass-transpose.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* ---- orders
 * ------------------------------------------------------------------------ */

gboolean
dnn_order_equal (const DnnOrder *a, const DnnOrder *b)
{
  return a->rank == b->rank &&
      memcmp (a->dims, b->dims, a->rank * sizeof *a->dims) == 0;
}

gboolean
dnn_order_is_identity (const DnnOrder *self)
{
  for (gint i = 0; i < self->rank; i++)
    if (self->dims[i] != i)
      return FALSE;
  return TRUE;
}

DnnOrder
dnn_order_join (const DnnOrder *first, const DnnOrder *second)
{
  DnnOrder order = { .rank = second->rank };

  for (gint i = 0; i < order.rank; i++)
    order.dims[i] = first->dims[second->dims[i]];
  return order;
}

gboolean
dnn_order_read (const DnnNode *node, DnnOrder *self)
{
  const gchar *text = dnn_attrs_get (node->attrs, "perm");
  const DnnValue *x = dnn_pass_get_input (node, 0);
  g_autofree gint64 *perm = NULL;
  guint seen = 0, n = 0;

  if (text && !dnn_text_to_ints (text, &perm, &n))
    return FALSE;
  self->rank = text ? (gint) n : x ? x->shape.rank : -1;
  if (self->rank < 0 || self->rank > DNN_MAX_RANK ||
      (x && x->shape.rank >= 0 && x->shape.rank != self->rank))
    return FALSE;
  for (gint i = 0; i < self->rank; i++) {
    gint64 dim = text ? perm[i] : self->rank - 1 - i;
    if (dim < 0 || dim >= self->rank || seen >> dim & 1)
      return FALSE;
    seen |= 1u << dim;
    self->dims[i] = (gint) dim;
  }
  return TRUE;
}

/* ---- which operators
 * ------------------------------------------------------------------------- */

typedef struct
{
  const gchar *op;
  DnnSink sink;
} SinkRow;

static const SinkRow rows[] = {
  { "Add", DNN_SINK_ELEMENTS },
  { "And", DNN_SINK_ELEMENTS },
  { "ArgMax", DNN_SINK_AXIS },
  { "ArgMin", DNN_SINK_AXIS },
  { "Cast", DNN_SINK_FIRST },
  { "Clip", DNN_SINK_FIRST },
  { "Concat", DNN_SINK_CONCAT },
  { "Div", DNN_SINK_ELEMENTS },
  { "Dropout", DNN_SINK_FIRST },
  { "Equal", DNN_SINK_ELEMENTS },
  { "Greater", DNN_SINK_ELEMENTS },
  { "GreaterOrEqual", DNN_SINK_ELEMENTS },
  { "Hardmax", DNN_SINK_AXIS },
  { "Less", DNN_SINK_ELEMENTS },
  { "LessOrEqual", DNN_SINK_ELEMENTS },
  { "LogSoftmax", DNN_SINK_AXIS },
  { "Max", DNN_SINK_ELEMENTS },
  { "Mean", DNN_SINK_ELEMENTS },
  { "Min", DNN_SINK_ELEMENTS },
  { "Mod", DNN_SINK_ELEMENTS },
  { "Mul", DNN_SINK_ELEMENTS },
  { "Or", DNN_SINK_ELEMENTS },
  { "PRelu", DNN_SINK_ELEMENTS },
  { "Pad", DNN_SINK_LISTS },
  { "Pow", DNN_SINK_ELEMENTS },
  { "ReduceL1", DNN_SINK_REDUCE },
  { "ReduceL2", DNN_SINK_REDUCE },
  { "ReduceLogSum", DNN_SINK_REDUCE },
  { "ReduceLogSumExp", DNN_SINK_REDUCE },
  { "ReduceMax", DNN_SINK_REDUCE },
  { "ReduceMean", DNN_SINK_REDUCE },
  { "ReduceMin", DNN_SINK_REDUCE },
  { "ReduceProd", DNN_SINK_REDUCE },
  { "ReduceSum", DNN_SINK_REDUCE },
  { "ReduceSumSquare", DNN_SINK_REDUCE },
  { "Resize", DNN_SINK_LISTS },
  { "Slice", DNN_SINK_LISTS },
  { "Softmax", DNN_SINK_AXIS },
  { "Split", DNN_SINK_AXIS },
  { "Sub", DNN_SINK_ELEMENTS },
  { "Sum", DNN_SINK_ELEMENTS },
  { "Where", DNN_SINK_ELEMENTS },
  { "Xor", DNN_SINK_ELEMENTS },
};

/* Operators of one input without anything that says a dimension. */
static const gchar *const unary[] = { "Abs", "Acos", "Acosh", "Asin", "Asinh",
  "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Cos", "Cosh", "Elu", "Erf",
  "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf",
  "IsNaN", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu",
  "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus",
  "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu", NULL };

DnnSink
dnn_sink_find (const DnnNode *node)
{
  if (node->post_ops->len > 0)
    return DNN_SINK_NEVER;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].op, node->op) == 0)
      return rows[i].sink;
  return g_strv_contains (unary, node->op) ? DNN_SINK_FIRST : DNN_SINK_NEVER;
}

/* ---- axes
 * ------------------------------------------------------------------------------
 */

static gint64
get_axis (const DnnNode *node, gint rank)
{
  gboolean is_last = strstr (node->op, "max") && !strstr (node->op, "Arg");
  gint64 axis = dnn_pass_get_int (node, "axis", is_last ? -1 : 0);

  return axis < 0 ? axis + rank : axis;
}

/* Axes as a set; no list means all of them. FALSE where they aren't known. */
static gboolean
get_axes (const DnnNode *node, gint rank, guint *mask)
{
  guint n = 0;
  g_autofree gint64 *axes = dnn_pass_get_ints (node, 1, &n);

  *mask = 0;
  if (dnn_pass_get_input (node, 1) && !axes)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    gint64 axis = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (axis < 0 || axis >= rank)
      return FALSE;
    *mask |= 1u << axis;
  }
  if (n == 0 && dnn_pass_get_int (node, "noop_with_empty_axes", 0) == 0)
    *mask = (1u << rank) - 1;
  return TRUE;
}

/* What is seen without the dimensions of @mask: places close up on both
 * sides. */
static DnnOrder
drop_dims (const DnnOrder *order, guint mask)
{
  DnnOrder result = { 0 };
  guint gone = 0;

  for (gint i = 0; i < order->rank; i++)
    if (mask >> i & 1)
      gone |= 1u << order->dims[i];
  for (gint i = 0; i < order->rank; i++) {
    gint dim = order->dims[i], before = 0;
    if (mask >> i & 1)
      continue;
    for (gint k = 0; k < dim; k++)
      before += gone >> k & 1;
    result.dims[result.rank++] = dim - before;
  }
  return result;
}

static gboolean
keeps_dims (const DnnNode *node)
{
  return dnn_pass_get_int (node, "keepdims", 1) != 0;
}

/* Inputs from 1 on that are lists of all dimensions, or of those in an input
 * axes. */
static gboolean
check_lists (const DnnNode *node, const DnnOrder *order)
{
  gboolean is_pad = strcmp (node->op, "Pad") == 0;
  gboolean is_resize = strcmp (node->op, "Resize") == 0;
  g_autofree gint64 *list = NULL;
  const DnnValue *starts;
  guint n = 0;

  if (is_resize) {
    gboolean has_roi = dnn_pass_get_input (node, 1) &&
        dnn_shape_n_elements (&dnn_pass_get_input (node, 1)->shape) != 0;
    return !has_roi && !dnn_attrs_get (node->attrs, "axes") &&
        !dnn_attrs_get (node->attrs, "keep_aspect_ratio_policy") &&
        (!dnn_pass_get_input (node, 2) || dnn_pass_get_constant (node, 2)) &&
        (!dnn_pass_get_input (node, 3) || dnn_pass_get_constant (node, 3));
  }
  list = dnn_pass_get_ints (node, dnn_pass_get_input (node, 3) ? 3 : 1, &n);
  if (dnn_pass_get_input (node, 3))
    return list != NULL;
  if (is_pad)
    return list && n == 2 * (guint) order->rank;
  starts = dnn_pass_get_input (node, 1); /* of the first dimensions */
  return starts && starts->shape.rank == 1 && starts->shape.dims[0] >= 0 &&
      starts->shape.dims[0] <= order->rank;
}

gboolean
dnn_sink_check (
    const DnnNode *node, DnnSink sink, const DnnOrder *order, DnnOrder *result)
{
  gint64 axis;
  guint mask;

  *result = *order;
  switch (sink) {
    case DNN_SINK_AXIS:
      axis = get_axis (node, order->rank);
      if (axis < 0 || axis >= order->rank)
        return FALSE;
      if (strncmp (node->op, "Arg", 3) == 0 && !keeps_dims (node))
        *result = drop_dims (order, 1u << axis);
      return TRUE;
    case DNN_SINK_CONCAT:
      axis = get_axis (node, order->rank);
      return axis >= 0 && axis < order->rank;
    case DNN_SINK_REDUCE:
      if (!get_axes (node, order->rank, &mask))
        return FALSE;
      if (!keeps_dims (node))
        *result = drop_dims (order, mask);
      return TRUE;
    case DNN_SINK_LISTS:
      return check_lists (node, order);
    case DNN_SINK_ELEMENTS:
    case DNN_SINK_FIRST:
      return TRUE;
    default:
      return FALSE;
  }
}

/* ---- making it so
 * ----------------------------------------------------------------------------
 */

static void
set_ints (DnnGraph *graph, DnnNode *node, guint idx, const gchar *what,
    const gint64 *values, guint n)
{
  DnnShape shape = dnn_shape (1, (gint) n);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_INT64, &shape);
  g_autofree gchar *base = g_strdup_printf ("%s.%s", node->name, what);

  if (n > 0)
    memcpy (dnn_tensor_get_writable_data (tensor), values, n * sizeof *values);
  while (node->n_formal <= idx)
    dnn_node_add_input (node, NULL);
  node->inputs->pdata[idx] = dnn_pass_add_param (graph, base, tensor);
}

/* The axes of an input, all of the first @n without. */
static void
apply_axes (
    DnnGraph *graph, DnnNode *node, guint idx, guint n, const DnnOrder *order)
{
  g_autofree gint64 *axes = dnn_pass_get_ints (node, idx, &n);

  if (!axes) {
    axes = g_new (gint64, MAX (n, 1));
    for (guint i = 0; i < n; i++)
      axes[i] = i;
  }
  for (guint i = 0; i < n; i++)
    axes[i] = order->dims[axes[i] < 0 ? axes[i] + order->rank : axes[i]];
  set_ints (graph, node, idx, "axes", axes, n);
}

/* Pads of all dimensions, begins then ends. */
static void
apply_pads (DnnGraph *graph, DnnNode *node, const DnnOrder *order)
{
  gint64 pads[2 * DNN_MAX_RANK];
  guint n = 0;
  g_autofree gint64 *list = dnn_pass_get_ints (node, 1, &n);

  for (gint i = 0; i < order->rank; i++) {
    pads[order->dims[i]] = list[i];
    pads[order->rank + order->dims[i]] = list[order->rank + i];
  }
  set_ints (graph, node, 1, "pads", pads, 2 * (guint) order->rank);
}

/* Scales or sizes of Resize, of whichever type. */
static void
apply_list (DnnGraph *graph, DnnNode *node, guint idx, const DnnOrder *order)
{
  DnnTensor *old = dnn_pass_get_constant (node, idx);
  g_autofree gchar *base = NULL;
  gsize size;
  DnnTensor *tensor;

  if (!old || dnn_shape_n_elements (dnn_tensor_get_shape (old)) != order->rank)
    return;
  size = dnn_type_size (dnn_tensor_get_element_type (old));
  tensor = dnn_tensor_new (
      dnn_tensor_get_element_type (old), dnn_tensor_get_shape (old));
  for (gint i = 0; i < order->rank; i++)
    memcpy ((guint8 *) dnn_tensor_get_writable_data (tensor) +
            order->dims[i] * size,
        (const guint8 *) dnn_tensor_get_data (old) + i * size, size);
  base = g_strdup_printf ("%s.list", node->name);
  node->inputs->pdata[idx] = dnn_pass_add_param (graph, base, tensor);
}

static void
apply_lists (DnnGraph *graph, DnnNode *node, const DnnOrder *order)
{
  if (strcmp (node->op, "Resize") == 0) {
    apply_list (graph, node, 2, order);
    apply_list (graph, node, 3, order);
  } else if (dnn_pass_get_input (node, 3)) {
    apply_axes (graph, node, 3, 0, order);
  } else if (strcmp (node->op, "Pad") == 0) {
    apply_pads (graph, node, order);
  } else { /* Slice without axes */
    const DnnShape *starts = &dnn_pass_get_input (node, 1)->shape;
    apply_axes (graph, node, 3, (guint) MAX (starts->dims[0], 0), order);
  }
}

void
dnn_sink_apply (
    DnnGraph *graph, DnnNode *node, DnnSink sink, const DnnOrder *order)
{
  switch (sink) {
    case DNN_SINK_AXIS:
    case DNN_SINK_CONCAT:
      dnn_attrs_set_int (
          node->attrs, "axis", order->dims[get_axis (node, order->rank)]);
      break;
    case DNN_SINK_REDUCE:
      if (dnn_pass_get_constant (node, 1) &&
          dnn_shape_n_elements (&dnn_pass_get_input (node, 1)->shape) > 0)
        apply_axes (graph, node, 1, 0, order);
      break;
    case DNN_SINK_LISTS:
      apply_lists (graph, node, order);
      break;
    default:
      break;
  }
}
