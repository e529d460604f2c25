/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Activations that exporters spell out → the operator that they are, whichever
 * way their products are put together:
 *   x · Sigmoid (a x)                                        Swish
 *   x · HardSigmoid (x; 1/6, 1/2), x · Clip (x + 3, 0, 6) / 6   HardSwish
 *   x · Tanh (Softplus (x))                                  Mish
 *   x · (1 + Erf (x / √2)) / 2                               Gelu
 *   x · (1 + Tanh (√(2/π) (x + 0.044715 x³))) / 2            Gelu by tanh
 * Next: dnn-pass-fuse.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

#include "pipeline-core/op/dnn-op.h"

#include <math.h>
#include <string.h>

#define MAX_FACTORS 4
#define MAX_DEPTH 4

/* A tree of Mul and Div, spread out. */
typedef struct
{
  gdouble number; /* product of its constants of one number */
  DnnValue *factors[MAX_FACTORS];
  guint n;
} Product;

/* What a node is, and of which value. */
typedef struct
{
  const gchar *op;
  DnnValue *x;
  const gchar *key; /* (nullable): an attribute that isn't the default */
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];
} Match;

/* Exporters write constants with the digits of their type. */
static gboolean
is_near (gdouble a, gdouble b)
{
  return fabs (a - b) <= 1e-5 * fabs (b);
}

/* ---- products
 * ------------------------------------------------------------------------- */

static gboolean add_factor (
    Product *self, DnnValue *value, guint depth, gboolean is_root);

static gboolean
add_operands (Product *self, const DnnNode *node, guint depth)
{
  gboolean is_div = dnn_pass_is (node, "Div");

  for (guint i = 0; i < 2; i++) {
    gdouble number;
    if (dnn_pass_get_number (node, i, &number)) {
      if (is_div && i == 0)
        return FALSE;
      self->number *= is_div ? 1 / number : number;
    } else if (is_div && i == 1) {
      return FALSE;
    } else if (!node->inputs->pdata[i] ||
        !add_factor (self, node->inputs->pdata[i], depth + 1, FALSE)) {
      return FALSE;
    }
  }
  return TRUE;
}

/* A product inside a product, of no other use, is spread out. */
static gboolean
add_factor (Product *self, DnnValue *value, guint depth, gboolean is_root)
{
  const DnnNode *node = value->producer;
  gboolean is_product = node && node->n_formal == 2 &&
      (dnn_pass_is (node, "Mul") || dnn_pass_is (node, "Div"));

  if (is_product && depth < MAX_DEPTH &&
      (is_root || dnn_pass_single_user (value))) {
    Product before = *self;
    if (add_operands (self, node, depth))
      return TRUE;
    *self = before;
  }
  if (self->n == MAX_FACTORS)
    return FALSE;
  self->factors[self->n++] = value;
  return TRUE;
}

static gboolean
read_product (const DnnNode *node, Product *product)
{
  *product = (Product){ .number = 1 };
  return (dnn_pass_is (node, "Mul") || dnn_pass_is (node, "Div")) &&
      add_factor (product, node->outputs->pdata[0], 0, TRUE);
}

/* number · x: x. Any number where @number is NULL. */
static DnnValue *
get_scaled (DnnValue *value, gdouble *found)
{
  Product product = { .number = 1 };

  if (!add_factor (&product, value, 0, TRUE) || product.n != 1)
    return NULL;
  *found = product.number;
  return product.factors[0];
}

/* ---- sums
 * -----------------------------------------------------------------------------
 */

/* Of a sum of two: the one that isn't @number. */
static DnnValue *
get_beside_number (const DnnNode *node, gdouble number)
{
  gdouble value;

  if (!dnn_pass_is (node, "Add") || node->n_formal != 2)
    return NULL;
  for (guint i = 0; i < 2; i++)
    if (dnn_pass_get_number (node, 1 - i, &value) && is_near (value, number))
      return node->inputs->pdata[i];
  return NULL;
}

/* The result of @op, which has one input: that. */
static DnnValue *
get_argument (const DnnValue *value, const gchar *op)
{
  return value && dnn_pass_is (value->producer, op)
      ? value->producer->inputs->pdata[0]
      : NULL;
}

/* ---- what stands beside x
 * --------------------------------------------------------------- */

static gboolean
match_swish (DnnValue *x, DnnValue *gate, gdouble number, Match *match)
{
  DnnValue *inner = get_argument (gate, "Sigmoid");
  gdouble alpha = 1;

  if (!inner || !is_near (number, 1))
    return FALSE;
  if (inner != x && get_scaled (inner, &alpha) != x)
    return FALSE;
  if (alpha != 1) {
    match->key = "alpha";
    g_ascii_dtostr (match->text, sizeof match->text, (gfloat) alpha);
  }
  match->op = "Swish";
  return TRUE;
}

/* Clip (x + 3, 0, 6) */
static DnnValue *
get_relu6_plus_3 (const DnnValue *value)
{
  const DnnNode *node = value->producer;
  gdouble min, max;

  if (!dnn_pass_is (node, "Clip") || !dnn_pass_get_number (node, 1, &min) ||
      !dnn_pass_get_number (node, 2, &max) || min != 0 || max != 6)
    return NULL;
  return get_beside_number (dnn_pass_get_producer (node, 0), 3);
}

static gboolean
is_hard_sigmoid_of (const DnnValue *gate, const DnnValue *x)
{
  const DnnNode *node = gate->producer;

  return dnn_pass_is (node, "HardSigmoid") && node->inputs->pdata[0] == x &&
      is_near (dnn_pass_get_float (node, "alpha", 0.2f), 1 / 6.0) &&
      is_near (dnn_pass_get_float (node, "beta", 0.5f), 0.5);
}

static gboolean
match_hard_swish (DnnValue *x, DnnValue *gate, gdouble number, Match *match)
{
  match->op = "HardSwish";
  return (is_near (number, 1) && is_hard_sigmoid_of (gate, x)) ||
      (is_near (number, 1 / 6.0) && get_relu6_plus_3 (gate) == x);
}

static gboolean
match_mish (DnnValue *x, DnnValue *gate, gdouble number, Match *match)
{
  DnnValue *inner = get_argument (gate, "Tanh");

  match->op = "Mish";
  return is_near (number, 1) && inner && get_argument (inner, "Softplus") == x;
}

/* 1 + Erf (x / √2) */
static gboolean
is_erf_gate (DnnValue *x, DnnValue *inner)
{
  DnnValue *argument = get_argument (inner, "Erf");
  gdouble number = 0;

  return argument && get_scaled (argument, &number) == x &&
      is_near (number, M_SQRT1_2);
}

/* 0.044715 times that many x's. */
static gboolean
is_power (DnnValue *value, const DnnValue *x, guint n)
{
  Product product = { .number = 1 };
  const DnnNode *node;
  gdouble exponent;

  if (!add_factor (&product, value, 0, TRUE) ||
      !is_near (product.number, 0.044715))
    return FALSE;
  node = product.n == 1 ? product.factors[0]->producer : NULL;
  if (dnn_pass_is (node, "Pow") && node->inputs->pdata[0] == x)
    return dnn_pass_get_number (node, 1, &exponent) && exponent == n;
  for (guint i = 0; i < product.n; i++)
    if (product.factors[i] != x)
      return FALSE;
  return product.n == n;
}

/* x + 0.044715 x³ */
static gboolean
is_cubic (const DnnValue *value, const DnnValue *x)
{
  const DnnNode *node = value->producer;

  if (!dnn_pass_is (node, "Add") || node->n_formal != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (node->inputs->pdata[i] == x && node->inputs->pdata[1 - i] &&
        is_power (node->inputs->pdata[1 - i], x, 3))
      return TRUE;
  return FALSE;
}

/* Tanh (√(2/π) (x + 0.044715 x³)), or with x (1 + 0.044715 x²). */
static gboolean
is_tanh_gate (DnnValue *x, DnnValue *inner)
{
  DnnValue *argument = get_argument (inner, "Tanh");
  Product product = { .number = 1 };

  if (!argument || !add_factor (&product, argument, 0, TRUE) ||
      !is_near (product.number, sqrt (2 / G_PI)))
    return FALSE;
  if (product.n == 1)
    return is_cubic (product.factors[0], x);
  for (guint i = 0; product.n == 2 && i < 2; i++) {
    DnnValue *square = get_beside_number (product.factors[i]->producer, 1);
    if (product.factors[1 - i] == x && square && is_power (square, x, 2))
      return TRUE;
  }
  return FALSE;
}

static gboolean
match_gelu (DnnValue *x, DnnValue *gate, gdouble number, Match *match)
{
  DnnValue *inner = get_beside_number (gate->producer, 1);

  match->op = "Gelu";
  if (!inner || !is_near (number, 0.5))
    return FALSE;
  if (is_erf_gate (x, inner))
    return TRUE;
  match->key = "approximate";
  strcpy (match->text, "tanh");
  return is_tanh_gate (x, inner);
}

typedef gboolean (*MatchFunc) (
    DnnValue *x, DnnValue *gate, gdouble number, Match *match);

static gboolean
find (const DnnNode *node, Match *match)
{
  static const MatchFunc funcs[] = { match_swish, match_hard_swish, match_mish,
    match_gelu };
  const DnnValue *result = node->outputs->len == 1 ? node->outputs->pdata[0]
                                                   : NULL;
  Product product;

  if (!result || !(DNN_TYPES_FLOAT & DNN_TYPE_BIT (result->type)) ||
      !read_product (node, &product) || product.n != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    DnnValue *x = product.factors[i], *gate = product.factors[1 - i];
    for (guint k = 0; gate->producer && k < G_N_ELEMENTS (funcs); k++) {
      *match = (Match){ .x = x };
      if (funcs[k](x, gate, product.number, match))
        return dnn_op_lookup (match->op) != NULL;
    }
  }
  return FALSE;
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

/* A constant of one number may be of more dimensions than x. */
static gboolean
keeps_shape (const DnnNode *node, const DnnValue *x)
{
  return x->shape.rank >= 0 &&
      dnn_shape_equal (
          &x->shape, &((DnnValue *) node->outputs->pdata[0])->shape);
}

gboolean
dnn_pass_pattern (DnnGraph *graph, GError **error)
{
  gboolean changed = FALSE;

  dnn_pass_index_users (graph);
  for (guint i = 0; i < graph->nodes->len; i++) {
    DnnNode *node = graph->nodes->pdata[i];
    Match match;
    if (!find (node, &match) || !keeps_shape (node, match.x) ||
        !is_worth_it (node, match.x))
      continue;
    dnn_pass_rewrite (node, match.op, match.x);
    if (match.key)
      dnn_attrs_set (node->attrs, match.key, match.text);
    changed = TRUE;
  }
  return dnn_pass_end (graph, changed, error);
}
