/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Transposes sink through what doesn't mind the order of dimensions, until they
 * meet others and cancel out. What is transposed is first only noted, over all
 * of the graph; parts of it that hang together are changed where fewer elements
 * are moved then. Next: dnn-pass-batchnorm.c. */
#include "config.h"

#include "compiler/passes/dnn-pass-transpose.h"

#include <string.h>

/* A value that is seen in another order than what it stands for. */
typedef struct
{
  DnnOrder order;
  guint part;
  gboolean is_needed; /* as it is seen: by somebody who minds */
  DnnValue *inner; /* what it stands for */
  DnnValue *seen; /* the value that others see, once it is made */
} Lazy;

/* Values that are lazy together. */
typedef struct
{
  guint parent;
  gdouble before, after; /* elements moved by transposes */
} Part;

typedef enum
{
  PLAN_NONE,
  PLAN_TRANSPOSE,
  PLAN_SINK,
} PlanKind;

/* What becomes of a node. */
typedef struct
{
  PlanKind kind;
  DnnSink sink;
  DnnOrder order; /* of its lazy inputs; of a Transpose: of its result */
  guint part;
} Plan;

typedef struct
{
  DnnGraph *graph;
  GArray *parts; /* Part */
  GPtrArray *memory; /* Lazy, Plan */
} Sinking;

/* ---- parts
 * ----------------------------------------------------------------------------
 */

static guint
find_part (Sinking *self, guint idx)
{
  while (g_array_index (self->parts, Part, idx).parent != idx)
    idx = g_array_index (self->parts, Part, idx).parent;
  return idx;
}

static Part *
get_part (Sinking *self, guint idx)
{
  return &g_array_index (self->parts, Part, find_part (self, idx));
}

static guint
add_part (Sinking *self)
{
  Part part = { .parent = self->parts->len };

  g_array_append_val (self->parts, part);
  return part.parent;
}

static guint
join_parts (Sinking *self, guint a, guint b)
{
  Part *first, *second;

  a = find_part (self, a);
  b = find_part (self, b);
  if (a == b)
    return a;
  first = &g_array_index (self->parts, Part, a);
  second = &g_array_index (self->parts, Part, b);
  first->before += second->before;
  first->after += second->after;
  second->parent = a;
  return a;
}

/* Open dimensions count as one element. */
static gdouble
count_elements (const DnnValue *value)
{
  gint64 n = value->shape.rank < 0 ? 1 : dnn_shape_n_least (&value->shape);

  return (gdouble) MAX (n, 1);
}

/* ---- noting
 * -------------------------------------------------------------------------- */

static Lazy *
get_lazy (const DnnValue *value)
{
  return value ? value->pass_data : NULL;
}

static void
set_lazy (Sinking *self, DnnValue *value, const DnnOrder *order, guint part)
{
  Lazy *lazy = g_new0 (Lazy, 1);

  g_ptr_array_add (self->memory, lazy);
  lazy->order = *order;
  lazy->part = part;
  value->pass_data = lazy;
}

static void
need (Sinking *self, const DnnValue *value)
{
  Lazy *lazy = get_lazy (value);

  if (!lazy || lazy->is_needed)
    return;
  lazy->is_needed = TRUE;
  get_part (self, lazy->part)->after += count_elements (value);
}

static gboolean
plan_transpose (Sinking *self, const DnnNode *node, Plan *plan)
{
  DnnValue *result = node->outputs->pdata[0];
  const Lazy *lazy;
  DnnOrder order;

  if (!dnn_pass_is (node, "Transpose") || node->n_formal != 1 ||
      !node->inputs->pdata[0] || !dnn_order_read (node, &order))
    return FALSE;
  lazy = get_lazy (node->inputs->pdata[0]);
  plan->kind = PLAN_TRANSPOSE;
  plan->part = lazy ? lazy->part : add_part (self);
  plan->order = lazy ? dnn_order_join (&lazy->order, &order) : order;
  get_part (self, plan->part)->before += count_elements (result);
  if (!dnn_order_is_identity (&plan->order))
    set_lazy (self, result, &plan->order, plan->part);
  return TRUE;
}

static gboolean
is_single (const DnnValue *value)
{
  return dnn_shape_n_elements (&value->shape) == 1;
}

/* How many elements must be moved for input @value of a node that works on what
 * is there; FALSE if it can't be. */
static gboolean
weigh_input (const DnnValue *value, const DnnOrder *order, gboolean is_concat,
    gdouble *cost)
{
  const Lazy *lazy = get_lazy (value);
  gint rank = value->shape.rank;

  if (lazy)
    return dnn_order_equal (&lazy->order, order);
  if (rank < 0 || rank > order->rank || (is_concat && rank != order->rank))
    return FALSE;
  if (!is_concat && is_single (value))
    return TRUE;
  if (value->kind == DNN_VALUE_PARAM)
    return value->tensor != NULL;
  *cost += count_elements (value);
  return rank == order->rank;
}

/* The order of the first lazy input of those that count. */
static const Lazy *
find_lazy (const DnnNode *node, DnnSink sink)
{
  gboolean all = sink == DNN_SINK_ELEMENTS || sink == DNN_SINK_CONCAT;

  for (guint i = 0; i < (all ? node->n_formal : 1); i++)
    if (i < node->n_formal && get_lazy (node->inputs->pdata[i]))
      return get_lazy (node->inputs->pdata[i]);
  return NULL;
}

static gboolean
weigh_inputs (
    const DnnNode *node, DnnSink sink, const DnnOrder *order, gdouble *cost)
{
  gboolean all = sink == DNN_SINK_ELEMENTS || sink == DNN_SINK_CONCAT;

  for (guint i = 0; i < node->n_formal; i++) {
    const DnnValue *value = node->inputs->pdata[i];
    if (!value || (!all && i == 0))
      continue;
    if (all && !weigh_input (value, order, sink == DNN_SINK_CONCAT, cost))
      return FALSE;
    if (!all &&
        (get_lazy (value) || (sink == DNN_SINK_FIRST && !is_single (value))))
      return FALSE;
  }
  return TRUE;
}

/* Results have the rank that their order says. */
static gboolean
fits_results (const DnnNode *node, const DnnOrder *order)
{
  for (guint i = 0; i < node->outputs->len; i++) {
    const DnnValue *value = node->outputs->pdata[i];
    if (value && value->shape.rank != order->rank)
      return FALSE;
  }
  return TRUE;
}

static gboolean
plan_sink (Sinking *self, const DnnNode *node, Plan *plan)
{
  DnnSink sink = dnn_sink_find (node);
  const Lazy *lazy = sink != DNN_SINK_NEVER ? find_lazy (node, sink) : NULL;
  gdouble cost = 0;
  DnnOrder result;

  if (!lazy || !weigh_inputs (node, sink, &lazy->order, &cost) ||
      !dnn_sink_check (node, sink, &lazy->order, &result) ||
      !fits_results (node, &result))
    return FALSE;
  *plan = (Plan){ PLAN_SINK, sink, lazy->order, lazy->part };
  for (guint i = 0; i < node->n_formal; i++)
    if (get_lazy (node->inputs->pdata[i]))
      plan->part = join_parts (
          self, plan->part, get_lazy (node->inputs->pdata[i])->part);
  get_part (self, plan->part)->after += cost;
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i] && !dnn_order_is_identity (&result))
      set_lazy (self, node->outputs->pdata[i], &result, plan->part);
  return TRUE;
}

static void
plan_node (Sinking *self, DnnNode *node)
{
  Plan *plan = g_new0 (Plan, 1);

  g_ptr_array_add (self->memory, plan);
  node->pass_data = plan;
  if (plan_transpose (self, node, plan) || plan_sink (self, node, plan))
    return;
  for (guint i = 0; i < node->inputs->len; i++)
    need (self, node->inputs->pdata[i]);
}

static void
plan_all (Sinking *self)
{
  DnnGraph *graph = self->graph;

  for (guint i = 0; i < graph->values->len; i++)
    ((DnnValue *) graph->values->pdata[i])->pass_data = NULL;
  for (guint i = 0; i < graph->nodes->len; i++)
    plan_node (self, graph->nodes->pdata[i]);
  for (guint i = 0; i < graph->outputs->len; i++)
    need (self, graph->outputs->pdata[i]);
}

/* ---- changing
 * ------------------------------------------------------------------------------
 */

static gboolean
is_better (Sinking *self, guint part)
{
  const Part *p = get_part (self, part);

  return p->after < p->before;
}

/* A lazy value of a part that is changed. */
static Lazy *
get_changed (Sinking *self, const DnnValue *value)
{
  Lazy *lazy = get_lazy (value);

  return lazy && is_better (self, lazy->part) ? lazy : NULL;
}

static void
set_perm (DnnNode *node, const DnnOrder *order)
{
  gint64 perm[DNN_MAX_RANK];

  for (gint i = 0; i < order->rank; i++)
    perm[i] = order->dims[i];
  dnn_attrs_set_ints (node->attrs, "perm", perm, (guint) order->rank);
}

/* @value in another order; its name is @name, or made. */
static DnnValue *
add_transpose (
    DnnGraph *graph, DnnValue *value, const DnnOrder *order, const gchar *name)
{
  g_autofree gchar *base = g_strconcat (value->name, ".transpose", NULL);
  g_autofree gchar *own = dnn_graph_unique_name (graph, base);
  DnnNode *node = dnn_graph_add_node (graph, own, "Transpose");
  g_autofree gchar *made = name ? g_strdup (name)
                                : dnn_graph_unique_name (graph, own);

  node->pass_data = NULL;
  set_perm (node, order);
  dnn_node_add_input (node, value);
  return dnn_graph_add_result (graph, node, made);
}

/* A constant whose dimensions, with ones in front, stand in another order. */
static DnnValue *
add_constant (DnnGraph *graph, const DnnValue *value, const DnnOrder *order)
{
  const DnnShape *old = dnn_tensor_get_shape (value->tensor);
  gint rank = order->rank, offset = rank - old->rank;
  gsize size = dnn_type_size (value->type);
  gint64 n = dnn_shape_n_elements (old);
  gint64 strides[DNN_MAX_RANK], at[DNN_MAX_RANK] = { 0 };
  DnnShape shape = { .rank = rank };
  DnnTensor *tensor;
  const guint8 *src = dnn_tensor_get_data (value->tensor);
  guint8 *dst;
  gint64 step = 1;

  for (gint i = rank - 1; i >= 0; i--) {
    gint64 dim = i >= offset ? old->dims[i - offset] : 1;
    shape.dims[order->dims[i]] = dim;
    strides[order->dims[i]] = step;
    step *= dim;
  }
  tensor = dnn_tensor_new (value->type, &shape);
  dst = dnn_tensor_get_writable_data (tensor);
  for (gint64 i = 0; i < n; i++) {
    gint64 from = 0;
    for (gint k = 0; k < rank; k++)
      from += at[k] * strides[k];
    memcpy (dst + i * size, src + from * size, size);
    for (gint k = rank - 1; k >= 0 && ++at[k] == shape.dims[k]; k--)
      at[k] = 0;
  }
  return dnn_pass_add_param (graph, value->name, tensor);
}

static DnnOrder
invert (const DnnOrder *order)
{
  DnnOrder inverse = { .rank = order->rank };

  for (gint i = 0; i < order->rank; i++)
    inverse.dims[order->dims[i]] = i;
  return inverse;
}

/* What a node gets that works on what is there. */
static DnnValue *
make_inner_input (Sinking *self, DnnValue *value, const Plan *plan)
{
  const Lazy *lazy = get_changed (self, value);
  DnnOrder inverse = invert (&plan->order);

  if (lazy)
    return lazy->inner;
  if (plan->sink != DNN_SINK_CONCAT && is_single (value))
    return value;
  if (value->kind == DNN_VALUE_PARAM)
    return add_constant (self->graph, value, &plan->order);
  return add_transpose (self->graph, value, &inverse, NULL);
}

/* A result of a node that works on what is there now: those who mind see
 * another value, of its old name. */
static void
split_result (Sinking *self, DnnValue *value)
{
  Lazy *lazy = get_changed (self, value);
  g_autofree gchar *name = NULL;
  g_autofree gchar *base = NULL;
  g_autofree gchar *inner = NULL;

  if (!lazy)
    return;
  name = g_strdup (value->name);
  base = g_strconcat (name, ".inner", NULL);
  inner = dnn_graph_unique_name (self->graph, base);
  dnn_graph_rename_value (self->graph, value, inner);
  value->shape.rank = -1; /* inference will say it */
  lazy->inner = value;
  if (lazy->is_needed)
    lazy->seen = add_transpose (self->graph, value, &lazy->order, name);
}

static void
change_sink (Sinking *self, DnnNode *node, const Plan *plan)
{
  gboolean all = plan->sink == DNN_SINK_ELEMENTS ||
      plan->sink == DNN_SINK_CONCAT;

  for (guint i = 0; i < (all ? node->n_formal : 1); i++)
    if (node->inputs->pdata[i])
      node->inputs->pdata[i] = make_inner_input (
          self, node->inputs->pdata[i], plan);
  dnn_sink_apply (self->graph, node, plan->sink, &plan->order);
  for (guint i = 0; i < node->outputs->len; i++)
    if (node->outputs->pdata[i])
      split_result (self, node->outputs->pdata[i]);
}

/* A Transpose is made of what is there, or goes. */
static void
change_transpose (Sinking *self, DnnNode *node, const Plan *plan)
{
  DnnValue *result = node->outputs->pdata[0];
  const Lazy *before = get_changed (self, node->inputs->pdata[0]);
  DnnValue *inner = before ? before->inner : node->inputs->pdata[0];
  Lazy *lazy = get_changed (self, result);

  node->inputs->pdata[0] = inner;
  set_perm (node, &plan->order);
  if (!lazy) /* in order: identity finds that */
    return;
  lazy->inner = inner;
  lazy->seen = result;
}

/* Those who mind see what was made for them. */
static void
change_others (Sinking *self, GPtrArray *values)
{
  for (guint i = 0; i < values->len; i++) {
    const Lazy *lazy = get_changed (self, values->pdata[i]);
    if (lazy && lazy->seen)
      values->pdata[i] = lazy->seen;
  }
}

static void
change_node (Sinking *self, DnnNode *node)
{
  const Plan *plan = node->pass_data;

  if (plan->kind == PLAN_NONE || !is_better (self, plan->part))
    change_others (self, node->inputs);
  else if (plan->kind == PLAN_SINK)
    change_sink (self, node, plan);
  else
    change_transpose (self, node, plan);
}

static gboolean
change_all (Sinking *self)
{
  g_autoptr (GPtrArray) nodes = NULL;
  gboolean any = FALSE;

  for (guint i = 0; i < self->parts->len; i++)
    any |= is_better (self, i);
  if (!any)
    return FALSE;
  nodes = dnn_pass_list_nodes (self->graph);
  for (guint i = 0; i < nodes->len; i++)
    change_node (self, nodes->pdata[i]);
  change_others (self, self->graph->outputs);
  return TRUE;
}

static gboolean
has_transposes (const DnnGraph *graph)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    if (dnn_pass_is (graph->nodes->pdata[i], "Transpose"))
      return TRUE;
  return FALSE;
}

gboolean
dnn_pass_transpose (DnnGraph *graph, GError **error)
{
  Sinking self = { graph };
  gboolean changed;

  if (!has_transposes (graph))
    return TRUE;
  self.parts = g_array_new (FALSE, FALSE, sizeof (Part));
  self.memory = g_ptr_array_new_with_free_func (g_free);
  plan_all (&self);
  changed = change_all (&self);
  g_array_unref (self.parts);
  g_ptr_array_unref (self.memory);
  return dnn_pass_end (graph, changed, error);
}
