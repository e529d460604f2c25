/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes that hand their input on → gone; transposes and reshapes behind one
 * another → one. Next: dnn-pass-batchnorm.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include <string.h>

static gboolean
is_op (const DnnNode *node, const gchar *op)
{
  return strcmp (node->op, op) == 0;
}

/* Input and result are the same in type and, as far as one can know, shape. */
static gboolean
is_same_shape (const DnnNode *node)
{
  const DnnValue *src = node->inputs->pdata[0];
  const DnnValue *dst = node->outputs->pdata[0];

  return src->type == dst->type && dnn_shape_is_known (&src->shape) &&
      dnn_shape_equal (&src->shape, &dst->shape);
}

static gboolean
is_same_type (const DnnNode *node)
{
  const DnnValue *src = node->inputs->pdata[0];
  const DnnValue *dst = node->outputs->pdata[0];

  return src->type != DNN_TYPE_INVALID && src->type == dst->type;
}

/* All elements of a constant are @number; an absent one is too if @absent. */
static gboolean
is_all (const DnnNode *node, guint idx, gdouble number, gboolean absent)
{
  DnnTensor *tensor = dnn_pass_get_constant (node, idx);
  gint64 n;

  if (!tensor)
    return absent && !dnn_pass_get_input (node, idx);
  n = dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
  for (gint64 i = 0; i < n; i++)
    if (dnn_type_get (dnn_tensor_get_element_type (tensor),
            dnn_tensor_get_data (tensor), i) != number)
      return FALSE;
  return TRUE;
}

static gboolean
is_always (const DnnNode *node)
{
  return TRUE;
}

/* The permutation, n its length; the default turns the dimensions round. */
static gint64 *
get_permutation (const DnnNode *node, guint *n)
{
  const DnnValue *src = node->inputs->pdata[0];
  const gchar *text = dnn_attrs_get (node->attrs, "perm");
  gint64 *perm = NULL;

  if (text && dnn_text_to_ints (text, &perm, n))
    return perm;
  if (src->shape.rank < 0)
    return NULL;
  *n = (guint) src->shape.rank;
  perm = g_new (gint64, *n + 1);
  for (guint i = 0; i < *n; i++)
    perm[i] = *n - 1 - i;
  return perm;
}

static gboolean
is_in_order (const DnnNode *node)
{
  guint n;
  g_autofree gint64 *perm = get_permutation (node, &n);

  for (guint i = 0; perm && i < n; i++)
    if (perm[i] != i)
      return FALSE;
  return perm != NULL;
}

static gboolean
is_single_input (const DnnNode *node)
{
  return node->n_formal == 1;
}

static gboolean
is_single_output (const DnnNode *node)
{
  return node->outputs->len == 1 && is_same_shape (node);
}

static gboolean
is_unpadded (const DnnNode *node)
{
  return is_all (node, 1, 0, FALSE);
}

static gboolean
is_whole (const DnnNode *node)
{
  return is_same_shape (node) && is_all (node, 4, 1, TRUE);
}

static gboolean
is_unscaled (const DnnNode *node)
{
  const gchar *mode = dnn_attrs_get (
      node->attrs, "coordinate_transformation_mode");

  return is_same_shape (node) && is_all (node, 2, 1, TRUE) &&
      g_strcmp0 (mode, "tf_crop_and_resize") != 0;
}

static gboolean
is_unlimited (const DnnNode *node)
{
  return !dnn_pass_get_input (node, 1) && !dnn_pass_get_input (node, 2);
}

/* x + 0, x - 0, x · 1, x / 1: one element that adds no dimension. */
static gboolean
is_neutral (const DnnNode *node)
{
  gdouble number = is_op (node, "Mul") || is_op (node, "Div") ? 1 : 0;
  const DnnValue *src = node->inputs->pdata[0];
  const DnnValue *other = dnn_pass_get_input (node, 1);

  return other && src->shape.rank >= other->shape.rank &&
      dnn_shape_n_elements (&other->shape) == 1 &&
      is_all (node, 1, number, FALSE);
}

/* When input 0 is the result. */
typedef struct
{
  const gchar *op;
  gboolean (*is_identity) (const DnnNode *node);
} IdentityRow;

static const IdentityRow rows[] = {
  { "Add", is_neutral },
  { "Cast", is_same_type },
  { "Clip", is_unlimited },
  { "Concat", is_single_input },
  { "Div", is_neutral },
  { "Flatten", is_same_shape },
  { "Identity", is_always },
  { "Mul", is_neutral },
  { "Pad", is_unpadded },
  { "Reshape", is_same_shape },
  { "Resize", is_unscaled },
  { "Slice", is_whole },
  { "Split", is_single_output },
  { "Squeeze", is_same_shape },
  { "Sub", is_neutral },
  { "Transpose", is_in_order },
  { "Unsqueeze", is_same_shape },
};

static gboolean
is_identity (const DnnNode *node)
{
  if (node->inputs->len == 0 || !node->inputs->pdata[0] ||
      node->outputs->len == 0 || !node->outputs->pdata[0] ||
      node->post_ops->len > 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (is_op (node, rows[i].op))
      return rows[i].is_identity (node);
  return FALSE;
}

/* ---- joining
 * ------------------------------------------------------------------------ */

static DnnNode *
get_producer (const DnnNode *node)
{
  DnnValue *src = dnn_pass_get_input (node, 0);

  return src ? src->producer : NULL;
}

/* Transpose (Transpose (x)): dimension i of the result is dimension
 * first[second[i]] of x. The first stays if others use it. */
static gboolean
join_transposes (DnnNode *node, const DnnNode *before)
{
  guint n_first, n_second;
  g_autofree gint64 *first = get_permutation (before, &n_first);
  g_autofree gint64 *second = get_permutation (node, &n_second);

  if (!first || !second || n_first != n_second)
    return FALSE;
  for (guint i = 0; i < n_second; i++)
    second[i] = first[second[i]];
  dnn_attrs_set_ints (node->attrs, "perm", second, n_second);
  node->inputs->pdata[0] = before->inputs->pdata[0];
  return TRUE;
}

static gboolean
is_view (const DnnNode *node)
{
  static const gchar *const ops[] = { "Reshape", "Flatten", "Squeeze",
    "Unsqueeze", NULL };

  return g_strv_contains (ops, node->op) && node->post_ops->len == 0;
}

/* A reshape of a reshape is one of what was there before; its shape must be
 * known to be given afresh. */
static gboolean
join_views (DnnGraph *graph, DnnNode *node, const DnnNode *before)
{
  const DnnShape *shape = &((DnnValue *) node->outputs->pdata[0])->shape;
  DnnShape list = dnn_shape (1, shape->rank);
  DnnTensor *tensor;
  g_autofree gchar *name = g_strconcat (node->name, ".shape", NULL);

  if (!dnn_shape_is_known (shape) || dnn_shape_n_elements (shape) == 0)
    return FALSE;
  tensor = dnn_tensor_new (DNN_TYPE_INT64, &list);
  if (shape->rank > 0)
    memcpy (dnn_tensor_get_writable_data (tensor), shape->dims,
        shape->rank * sizeof (gint64));
  dnn_pass_rewrite (node, "Reshape", before->inputs->pdata[0]);
  dnn_node_add_input (node, dnn_pass_add_param (graph, name, tensor));
  return TRUE;
}

static gboolean
join_with_producer (DnnGraph *graph, DnnNode *node)
{
  DnnNode *before = get_producer (node);

  if (!before || node->post_ops->len > 0 || before->post_ops->len > 0)
    return FALSE;
  if (is_op (node, "Transpose") && is_op (before, "Transpose"))
    return join_transposes (node, before);
  return is_view (node) && is_view (before) && join_views (graph, node, before);
}

gboolean
dnn_pass_identity (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_begin_forward (graph);
  for (guint n = 0; n < graph->nodes->len; n++) {
    DnnNode *node = graph->nodes->pdata[n];
    for (guint i = 0; i < node->inputs->len; i++)
      node->inputs->pdata[i] = dnn_pass_follow (node->inputs->pdata[i]);
    changed |= join_with_producer (graph, node);
    if (!is_identity (node))
      continue;
    dnn_pass_forward (node->outputs->pdata[0], node->inputs->pdata[0]);
    changed = TRUE;
  }
  dnn_pass_end_forward (graph);
  return dnn_pass_end (graph, changed, error);
}
