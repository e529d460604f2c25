/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Nodes behind Conv, ConvTranspose, Gemm, MatMul → their post-ops, in order.
 * Next: dnn-compile.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

/* Longest chain: what every version of the backend takes. */
#define MAX_POST_OPS 16

/* A node that can be a post-op: what it computes beside its first input. */
typedef struct
{
  const gchar *op;
  DnnAttrs *attrs;
  DnnValue *operand;
} PostOp;

static gboolean
is_root (const DnnNode *node)
{
  static const gchar *const ops[] = { "Conv", "ConvTranspose", "Gemm", "MatMul",
    NULL };

  return g_strv_contains (ops, node->op) && node->outputs->len == 1 &&
      node->outputs->pdata[0] &&
      ((DnnValue *) node->outputs->pdata[0])->type == DNN_TYPE_FLOAT32;
}

/* One input, attributes as they are. */
static gboolean
read_activation (
    DnnGraph *graph, const DnnNode *root, const DnnNode *node, PostOp *post_op)
{
  return node->n_formal == 1;
}

/* Limits are constants of one element each, or absent. */
static gboolean
read_clip (
    DnnGraph *graph, const DnnNode *root, const DnnNode *node, PostOp *post_op)
{
  static const gchar *const names[] = { NULL, "min", "max" };

  if (node->inputs->pdata[0] != root->outputs->pdata[0])
    return FALSE;
  for (guint i = 1; i < G_N_ELEMENTS (names); i++) {
    gfloat value;
    if (!dnn_pass_get_input (node, i))
      continue;
    if (!dnn_pass_get_scalar (node, i, &value))
      return FALSE;
    dnn_attrs_set_float (post_op->attrs, names[i], value);
  }
  return TRUE;
}

/* The input that isn't the root's result. */
static guint
find_operand (const DnnNode *root, const DnnNode *node)
{
  return node->inputs->pdata[0] == root->outputs->pdata[0] ? 1 : 0;
}

/* x · c, x + c, x - c, x / c; a constant of more dimensions would add some. */
static gboolean
read_scalar (const DnnNode *root, const DnnNode *node, PostOp *post_op)
{
  guint idx = find_operand (root, node);
  const DnnValue *result = root->outputs->pdata[0];
  const DnnValue *operand = dnn_pass_get_input (node, idx);
  gfloat value;

  if (!dnn_pass_get_scalar (node, idx, &value) ||
      operand->shape.rank > result->shape.rank)
    return FALSE;
  if (strcmp (node->op, "Sub") == 0)
    post_op->op = "Add";
  else if (strcmp (node->op, "Div") == 0)
    post_op->op = "Mul";
  dnn_attrs_set_float (post_op->attrs, "B",
      strcmp (node->op, "Sub") == 0       ? -value
          : strcmp (node->op, "Div") == 0 ? 1 / value
                                          : value);
  return TRUE;
}

/* One value a channel of a convolution, or a column of a matrix: of the result
 * as it is, that is, it makes no dimension larger. */
static gboolean
is_per_channel (
    const DnnNode *root, const DnnShape *result, const DnnShape *operand)
{
  gboolean is_matrix = strcmp (root->op, "Gemm") == 0 ||
      strcmp (root->op, "MatMul") == 0;
  gint channel = is_matrix ? result->rank - 1 : 1;
  gint offset = result->rank - operand->rank;

  if (result->rank < 2 || offset < 0)
    return FALSE;
  for (gint i = 0; i < operand->rank; i++)
    if (operand->dims[i] != 1 &&
        (i + offset != channel || operand->dims[i] < 0 ||
            operand->dims[i] != result->dims[channel]))
      return FALSE;
  return TRUE;
}

/* Whether another root further down would take this Add: the one that runs
 * last should, since then the other operand is there. */
static gboolean
has_later_root (const DnnNode *root, const DnnValue *operand)
{
  return operand->producer && is_root (operand->producer) &&
      dnn_pass_single_user (operand) &&
      GPOINTER_TO_UINT (operand->producer->pass_data) >
      GPOINTER_TO_UINT (root->pass_data);
}

/* A residual of the same shape, or one value a channel. It can't depend on the
 * root, whose result has no other user. */
static gboolean
read_tensor (const DnnNode *root, const DnnNode *node, PostOp *post_op)
{
  DnnValue *operand = dnn_pass_get_input (node, find_operand (root, node));
  const DnnValue *result = root->outputs->pdata[0];
  gboolean is_whole;

  if (!operand || operand->type != DNN_TYPE_FLOAT32)
    return FALSE;
  is_whole = dnn_shape_is_known (&result->shape) &&
      dnn_shape_equal (&operand->shape, &result->shape);
  if (is_whole ? has_later_root (root, operand)
               : !is_per_channel (root, &result->shape, &operand->shape))
    return FALSE;
  post_op->operand = operand;
  return TRUE;
}

static gboolean
read_add (
    DnnGraph *graph, const DnnNode *root, const DnnNode *node, PostOp *post_op)
{
  return node->n_formal == 2 &&
      (read_scalar (root, node, post_op) || read_tensor (root, node, post_op));
}

/* Of these the order counts. */
static gboolean
read_sub (
    DnnGraph *graph, const DnnNode *root, const DnnNode *node, PostOp *post_op)
{
  return find_operand (root, node) == 1 &&
      read_add (graph, root, node, post_op);
}

/* Which operators, and how they are read. */
typedef struct
{
  const gchar *op;
  gboolean (*read) (DnnGraph *graph, const DnnNode *root, const DnnNode *node,
      PostOp *post_op);
} FuseRow;

static const FuseRow rows[] = {
  { "Add", read_add },
  { "Clip", read_clip },
  { "Div", read_sub },
  { "Elu", read_activation },
  { "Gelu", read_activation },
  { "HardSigmoid", read_activation },
  { "HardSwish", read_activation },
  { "LeakyRelu", read_activation },
  { "Mish", read_activation },
  { "Mul", read_add },
  { "Relu", read_activation },
  { "Sigmoid", read_activation },
  { "Softplus", read_activation },
  { "Sub", read_sub },
  { "Swish", read_activation },
  { "Tanh", read_activation },
};

static const FuseRow *
find_row (const gchar *op)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].op, op) == 0)
      return &rows[i];
  return NULL;
}

static gboolean
fuse_user (DnnGraph *graph, DnnNode *root)
{
  DnnNode *user = dnn_pass_single_user (root->outputs->pdata[0]);
  const FuseRow *row = user ? find_row (user->op) : NULL;
  g_autoptr (DnnAttrs) attrs = NULL;
  PostOp post_op = { .op = user ? user->op : NULL };

  if (!row || user->post_ops->len > 0 || root->post_ops->len >= MAX_POST_OPS)
    return FALSE;
  attrs = dnn_attrs_copy (user->attrs);
  post_op.attrs = attrs;
  if (!row->read (graph, root, user, &post_op))
    return FALSE;
  dnn_node_add_post_op (
      root, post_op.op, g_steal_pointer (&attrs), post_op.operand);
  dnn_pass_absorb (graph, root, user);
  return TRUE;
}

gboolean
dnn_pass_fuse (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_index_users (graph);
  for (guint i = 0; i < graph->nodes->len; i++)
    ((DnnNode *) graph->nodes->pdata[i])->pass_data = GUINT_TO_POINTER (i);
  /* in order; nodes that go stand behind the one that takes them */
  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    while (is_root (node) && fuse_user (graph, node))
      changed = TRUE;
  }
  return dnn_pass_end (graph, changed, error);
}
