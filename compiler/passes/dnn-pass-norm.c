/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Normalisations that exporters spell out → the operator that they are:
 *   (x - mean) / √(mean of squares + ε) · scale + b   LayerNormalization
 *   x / √(mean of x² + ε) · scale                     RMSNormalization
 *   InstanceNormalization between two reshapes        GroupNormalization
 * Next: dnn-pass-fuse.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* One slice: what is normalised over the dimensions from axis on. */
typedef struct
{
  DnnValue *x;
  gint64 axis;
  gdouble epsilon;
} Norm;

/* ---- parts
 * ----------------------------------------------------------------------------
 */

/* A result of no other use. */
static DnnNode *
get_own (const DnnValue *value, const gchar *op)
{
  DnnNode *node = value ? value->producer : NULL;

  return dnn_pass_is (node, op) && dnn_pass_single_user (value) ? node : NULL;
}

/* x · x or x²: x. */
static DnnValue *
get_squared (const DnnValue *value)
{
  const DnnNode *node = get_own (value, "Mul");
  gdouble exponent;

  if (node && node->n_formal == 2 &&
      node->inputs->pdata[0] == node->inputs->pdata[1])
    return node->inputs->pdata[0];
  node = get_own (value, "Pow");
  return node && dnn_pass_get_number (node, 1, &exponent) && exponent == 2
      ? node->inputs->pdata[0]
      : NULL;
}

/* A mean over the last dimensions, which stay: what of, and from which on. */
static DnnValue *
get_mean_of (const DnnNode *node, gint64 *axis)
{
  DnnValue *x = dnn_pass_get_input (node, 0);
  guint n = 0, seen = 0;
  g_autofree gint64 *axes = dnn_pass_get_ints (node, 1, &n);
  gint rank = x ? x->shape.rank : -1;

  if (!axes || n == 0 || rank <= 0 ||
      dnn_pass_get_int (node, "keepdims", 1) == 0)
    return NULL;
  *axis = rank;
  for (guint i = 0; i < n; i++) {
    gint64 dim = axes[i] < 0 ? axes[i] + rank : axes[i];
    if (dim < 0 || dim >= rank || seen >> dim & 1)
      return NULL;
    seen |= 1u << dim;
    *axis = MIN (*axis, dim);
  }
  return *axis == rank - (gint64) n ? x : NULL;
}

/* √(mean of squares + ε), of no other use: of what. */
static DnnValue *
get_deviation_of (const DnnValue *value, Norm *norm)
{
  const DnnNode *root = get_own (value, "Sqrt");
  const DnnNode *add = root ? get_own (root->inputs->pdata[0], "Add") : NULL;
  const DnnNode *mean;
  DnnValue *squares;

  if (!add || add->n_formal != 2)
    return NULL;
  for (guint i = 0; i < 2; i++) {
    if (!dnn_pass_get_number (add, 1 - i, &norm->epsilon))
      continue;
    mean = get_own (add->inputs->pdata[i], "ReduceMean");
    squares = mean ? get_mean_of (mean, &norm->axis) : NULL;
    return squares ? get_squared (squares) : NULL;
  }
  return NULL;
}

/* d / √…, or d · (1 / √…): d. */
static DnnValue *
get_normalised (const DnnNode *node, Norm *norm)
{
  const DnnNode *inverse;

  if (node->n_formal != 2 || !node->inputs->pdata[0] || !node->inputs->pdata[1])
    return NULL;
  if (dnn_pass_is (node, "Div"))
    return get_deviation_of (node->inputs->pdata[1], norm) ==
            node->inputs->pdata[0]
        ? node->inputs->pdata[0]
        : NULL;
  for (guint i = 0; dnn_pass_is (node, "Mul") && i < 2; i++) {
    inverse = get_own (node->inputs->pdata[1 - i], "Reciprocal");
    if (!inverse) {
      gdouble one;
      inverse = get_own (node->inputs->pdata[1 - i], "Div");
      if (!inverse || !dnn_pass_get_number (inverse, 0, &one) || one != 1)
        continue;
      inverse = get_deviation_of (inverse->inputs->pdata[1], norm) ==
              node->inputs->pdata[i]
          ? inverse
          : NULL;
      return inverse ? node->inputs->pdata[i] : NULL;
    }
    if (get_deviation_of (inverse->inputs->pdata[0], norm) ==
        node->inputs->pdata[i])
      return node->inputs->pdata[i];
  }
  return NULL;
}

/* x - mean of x, used by both parts of the quotient and nobody else: x. */
static DnnValue *
get_centred (DnnGraph *graph, const DnnValue *value, const Norm *norm)
{
  const DnnNode *sub = value->producer, *mean;
  gint64 axis;

  if (!dnn_pass_is (sub, "Sub") || sub->n_formal != 2)
    return NULL;
  mean = get_own (sub->inputs->pdata[1], "ReduceMean");
  return mean && get_mean_of (mean, &axis) == sub->inputs->pdata[0] &&
          axis == norm->axis
      ? sub->inputs->pdata[0]
      : NULL;
}

/* ---- scale and shift
 * ------------------------------------------------------------------------- */

/* A constant beside @value in its only user, if that is @op and the constant
 * is one of the normalised dimensions. */
static DnnNode *
find_constant (
    const DnnValue *value, const gchar *op, gint64 axis, DnnValue **constant)
{
  DnnNode *user = dnn_pass_single_user (value);
  gint rank = value->shape.rank;

  if (!dnn_pass_is (user, op) || user->n_formal != 2)
    return NULL;
  for (guint i = 0; i < 2; i++) {
    DnnValue *other = user->inputs->pdata[i];
    gint offset;
    if (!other || other == value || other->kind != DNN_VALUE_PARAM ||
        other->type != value->type || other->shape.rank > rank)
      continue;
    offset = rank - other->shape.rank;
    for (gint k = 0; k < other->shape.rank; k++)
      if (other->shape.dims[k] != 1 &&
          (k + offset < axis ||
              other->shape.dims[k] != value->shape.dims[k + offset]))
        return NULL;
    *constant = other;
    return user;
  }
  return NULL;
}

static DnnValue *
add_ones (DnnGraph *graph, const DnnNode *node, DnnType type)
{
  DnnShape shape = dnn_shape (1, 1);
  DnnTensor *tensor = dnn_tensor_new (type, &shape);
  g_autofree gchar *base = g_strconcat (node->name, ".scale", NULL);

  dnn_type_set (type, dnn_tensor_get_writable_data (tensor), 0, 1);
  return dnn_pass_add_param (graph, base, tensor);
}

/* @node becomes @op, with the Mul and the Add behind it. */
static void
build (DnnGraph *graph, DnnNode *node, const gchar *op, const Norm *norm,
    gboolean has_shift)
{
  DnnValue *result = node->outputs->pdata[0];
  DnnValue *scale = NULL, *shift = NULL;
  DnnNode *user = find_constant (result, "Mul", norm->axis, &scale);

  dnn_pass_rewrite (node, op, norm->x);
  dnn_attrs_set_int (node->attrs, "axis", norm->axis);
  dnn_attrs_set_float (node->attrs, "epsilon", (gfloat) norm->epsilon);
  if (user)
    dnn_pass_absorb (graph, node, user);
  else
    scale = add_ones (graph, node, result->type);
  dnn_node_add_input (node, scale);
  user = has_shift
      ? find_constant (node->outputs->pdata[0], "Add", norm->axis, &shift)
      : NULL;
  if (!user)
    return;
  dnn_pass_absorb (graph, node, user);
  dnn_node_add_input (node, shift);
}

static gboolean
match_slices (DnnGraph *graph, DnnNode *node)
{
  const DnnValue *result = node->outputs->len == 1 ? node->outputs->pdata[0]
                                                   : NULL;
  Norm norm = { NULL };
  DnnValue *divided, *x;

  if (!result || !(DNN_TYPES_FLOAT & DNN_TYPE_BIT (result->type)) ||
      result->shape.rank < 1)
    return FALSE;
  divided = get_normalised (node, &norm);
  if (!divided || divided->type != result->type)
    return FALSE;
  x = get_centred (graph, divided, &norm);
  norm.x = x ? x : divided;
  if (!dnn_op_lookup (x ? "LayerNormalization" : "RMSNormalization"))
    return FALSE;
  build (graph, node, x ? "LayerNormalization" : "RMSNormalization", &norm,
      x != NULL);
  return TRUE;
}

/* ---- groups
 * -------------------------------------------------------------------------------
 */

/* All numbers of a constant are @number. */
static gboolean
is_all (const DnnNode *node, guint idx, gdouble number)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);
  DnnType type = tensor ? dnn_tensor_get_element_type (tensor)
                        : DNN_TYPE_INVALID;

  if (!(DNN_TYPES_FLOAT & DNN_TYPE_BIT (type)))
    return FALSE;
  for (gint64 i = 0; i < dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
       i++)
    if (dnn_type_get (type, dnn_tensor_get_data (tensor), i) != number)
      return FALSE;
  return TRUE;
}

/* One value a channel of @value, as a list of them. */
static DnnValue *
get_list (DnnGraph *graph, const DnnValue *constant, const DnnValue *value)
{
  gint64 n = value->shape.dims[1];
  gint offset = value->shape.rank - constant->shape.rank;
  DnnShape shape = dnn_shape (1, n);
  DnnTensor *tensor;

  for (gint i = 0; i < constant->shape.rank; i++)
    if (constant->shape.dims[i] != (i + offset == 1 ? n : 1))
      return NULL;
  if (offset > 1 || !constant->tensor)
    return NULL;
  tensor = dnn_tensor_new (constant->type, &shape);
  memcpy (dnn_tensor_get_writable_data (tensor),
      dnn_tensor_get_data (constant->tensor), dnn_tensor_get_size (tensor));
  return dnn_pass_add_param (graph, constant->name, tensor);
}

/* InstanceNormalization of N × groups × what is left, and back again. */
static DnnNode *
find_groups (DnnNode *back, DnnValue **x, gint64 *n_groups)
{
  DnnNode *norm = dnn_pass_is (back, "Reshape")
      ? get_own (back->inputs->pdata[0], "InstanceNormalization")
      : NULL;
  DnnNode *there = norm ? get_own (norm->inputs->pdata[0], "Reshape") : NULL;
  const DnnShape *groups, *shape;

  if (!there || !is_all (norm, 1, 1) || !is_all (norm, 2, 0))
    return NULL;
  *x = there->inputs->pdata[0];
  groups = &((DnnValue *) there->outputs->pdata[0])->shape;
  shape = &(*x)->shape;
  if (groups->rank != 3 || groups->dims[1] <= 0 || shape->rank < 3 ||
      groups->dims[0] != shape->dims[0] || shape->dims[1] <= 0 ||
      shape->dims[1] % groups->dims[1] != 0 || !dnn_shape_is_known (shape) ||
      !dnn_shape_equal (shape, &((DnnValue *) back->outputs->pdata[0])->shape))
    return NULL;
  *n_groups = groups->dims[1];
  return norm;
}

static gboolean
match_groups (DnnGraph *graph, DnnNode *back)
{
  DnnValue *x, *scale = NULL, *shift = NULL, *scales, *shifts;
  DnnNode *mul, *add, *norm;
  gint64 n_groups;
  gfloat epsilon;

  norm = find_groups (back, &x, &n_groups);
  if (!norm || !dnn_op_lookup ("GroupNormalization"))
    return FALSE;
  mul = find_constant (back->outputs->pdata[0], "Mul", 1, &scale);
  add = mul ? find_constant (mul->outputs->pdata[0], "Add", 1, &shift) : NULL;
  if (!add)
    return FALSE;
  scales = get_list (graph, scale, x);
  shifts = scales ? get_list (graph, shift, x) : NULL;
  if (!shifts)
    return FALSE;
  epsilon = dnn_pass_get_float (norm, "epsilon", 1e-5f);
  dnn_pass_rewrite (back, "GroupNormalization", x);
  dnn_attrs_set_int (back->attrs, "num_groups", n_groups);
  dnn_attrs_set_float (back->attrs, "epsilon", epsilon);
  dnn_pass_absorb (graph, back, mul);
  dnn_pass_absorb (graph, back, add);
  dnn_node_add_input (back, scales);
  dnn_node_add_input (back, shifts);
  return TRUE;
}

gboolean
dnn_pass_norm (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_index_users (graph);
  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    changed |= match_slices (graph, node) || match_groups (graph, node);
  }
  return dnn_pass_end (graph, changed, error);
}
