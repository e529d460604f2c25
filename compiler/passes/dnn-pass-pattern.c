/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Activations that exporters spell out → the operator that they are:
 *   x · Sigmoid (x)                        Swish
 *   x · HardSigmoid (x; 1/6, 1/2)          HardSwish
 *   x · Clip (x + 3, 0, 6) / 6             HardSwish
 * Next: dnn-pass-fuse.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/op/dnn-op.h"

#include <math.h>
#include <string.h>

static gboolean
is_near (gfloat a, gfloat b)
{
  return fabsf (a - b) <= 1e-6f;
}

static gboolean
is_op (const DnnNode *node, const gchar *op)
{
  return node && strcmp (node->op, op) == 0 && node->post_ops->len == 0;
}

/* The node that makes input @idx. */
static DnnNode *
get_producer (const DnnNode *node, guint idx)
{
  DnnValue *value = dnn_pass_get_input (node, idx);

  return value ? value->producer : NULL;
}

/* Of a node with two inputs, one of them the scalar @number: the other. */
static DnnValue *
get_beside_scalar (const DnnNode *node, gfloat number)
{
  gfloat value;

  if (node->n_formal != 2)
    return NULL;
  for (guint i = 0; i < 2; i++)
    if (dnn_pass_get_scalar (node, 1 - i, &value) && is_near (value, number))
      return node->inputs->pdata[i];
  return NULL;
}

/* x · number, or x / (1 / number): x. */
static DnnValue *
get_scaled (const DnnNode *node, gfloat number)
{
  gfloat value;

  if (is_op (node, "Mul"))
    return get_beside_scalar (node, number);
  if (is_op (node, "Div") && dnn_pass_get_scalar (node, 1, &value) &&
      is_near (value, 1 / number))
    return node->inputs->pdata[0];
  return NULL;
}

/* Clip (x + 3, 0, 6): x. */
static DnnValue *
get_relu6_plus_3 (const DnnNode *node)
{
  const DnnNode *add;
  gfloat min, max;

  if (!is_op (node, "Clip") || !dnn_pass_get_scalar (node, 1, &min) ||
      !dnn_pass_get_scalar (node, 2, &max) || min != 0 || max != 6)
    return NULL;
  add = get_producer (node, 0);
  return is_op (add, "Add") ? get_beside_scalar (add, 3) : NULL;
}

/* The gate of hard swish without its factor 1/6. */
static DnnValue *
get_hard_gate (const DnnNode *node)
{
  DnnValue *inner;

  if (is_op (node, "HardSigmoid") &&
      is_near (dnn_pass_get_float (node, "alpha", 0.2f), 1 / 6.0f) &&
      is_near (dnn_pass_get_float (node, "beta", 0.5f), 0.5f))
    return node->inputs->pdata[0];
  inner = node ? get_scaled (node, 1 / 6.0f) : NULL;
  return inner && inner->producer ? get_relu6_plus_3 (inner->producer) : NULL;
}

/* @node is x · f (x) with what @get_x finds in f. */
static DnnValue *
match_gated (const DnnNode *node, DnnValue *(*get_x) (const DnnNode *node))
{
  if (!is_op (node, "Mul") || node->n_formal != 2)
    return NULL;
  for (guint i = 0; i < 2; i++) {
    const DnnNode *gate = get_producer (node, 1 - i);
    DnnValue *x = gate ? get_x (gate) : NULL;
    if (x && x == node->inputs->pdata[i])
      return x;
  }
  return NULL;
}

static DnnValue *
get_sigmoid (const DnnNode *node)
{
  return is_op (node, "Sigmoid") ? node->inputs->pdata[0] : NULL;
}

/* (x · Clip (x + 3, 0, 6)) / 6 */
static DnnValue *
match_scaled (const DnnNode *node)
{
  DnnValue *product = get_scaled (node, 1 / 6.0f);

  return product && product->producer
      ? match_gated (product->producer, get_relu6_plus_3)
      : NULL;
}

/* What @node is, and of which value. */
static const gchar *
match (const DnnNode *node, DnnValue **x)
{
  const DnnValue *result = node->outputs->len == 1 ? node->outputs->pdata[0]
                                                   : NULL;

  if (!result || result->type != DNN_TYPE_FLOAT32)
    return NULL;
  if ((*x = match_gated (node, get_sigmoid)))
    return "Swish";
  if ((*x = match_gated (node, get_hard_gate)) || (*x = match_scaled (node)))
    return "HardSwish";
  return NULL;
}

/* Only where the parts are of no other use, or it would be more work. */
static gboolean
is_worth_it (const DnnNode *node, const DnnValue *x)
{
  for (guint i = 0; i < node->n_formal; i++) {
    DnnValue *value = node->inputs->pdata[i];
    if (value && value != x && value->kind == DNN_VALUE_RESULT &&
        (dnn_pass_single_user (value) != node ||
            !is_worth_it (value->producer, x)))
      return FALSE;
  }
  return TRUE;
}

static void
rewrite (DnnNode *node, const gchar *op, DnnValue *x)
{
  g_free (node->op);
  node->op = g_strdup (op);
  dnn_attrs_free (node->attrs);
  node->attrs = dnn_attrs_new ();
  g_ptr_array_set_size (node->inputs, 0);
  node->n_formal = 0;
  dnn_node_add_input (node, x);
}

gboolean
dnn_pass_pattern (DnnGraph *graph, GError **error)
{
  dnn_pass_index_users (graph);
  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    DnnValue *x;
    const gchar *op = match (node, &x);
    if (op && dnn_op_lookup (op) && is_worth_it (node, x))
      rewrite (node, op, x);
  }
  return dnn_pass_finish (graph, error);
}
