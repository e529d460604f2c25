/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Options of all nodes → one option a node, so that kernels and the reorders
 * between them cost least. From several starts (dynamic programming over the
 * order, greedy, cheapest node by node) the choice is improved by moves that
 * spread to neighbours. Next: dnn-plan-lower.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

/* Where there is no reorder at all. Finite, so that differences of sums stay
 * meaningful. */
#define NO_WAY 1e15

#define MAX_ROUNDS 8
/* Changes that one move may spread to. */
#define MAX_WAVE 256

/* A node changed by a move, and what it had. */
typedef struct
{
  guint node;
  guint before;
} Change;

static DnnDraftNode *
get_node (const DnnDraft *self, guint idx)
{
  return self->nodes->pdata[idx];
}

static const DnnOption *
get_option (const DnnDraftNode *node)
{
  return node->options->pdata[node->chosen];
}

/* ---- costs -------------------------------------------------------------- */

static gdouble
measure_direct (
    const DnnDraft *self, const DnnDraftValue *value, guint from, guint to)
{
  g_autoptr (DnnCandidate) candidate = dnn_format_reorder (
      value->formats->pdata[from], value->formats->pdata[to]);

  if (!candidate)
    return NO_WAY;
  dnn_draft_price_reorder (self, candidate);
  return candidate->cost;
}

gdouble
dnn_draft_reorder_cost (DnnDraft *self, guint value_idx, guint from, guint to)
{
  DnnDraftValue *value = &self->values[value_idx];
  guint n = value->formats->len;
  gdouble *cost;

  if (from == to)
    return 0;
  if (!value->reorder) {
    value->reorder = g_new (gdouble, (gsize) n * n);
    for (guint i = 0; i < n * n; i++)
      value->reorder[i] = -1;
  }
  cost = &value->reorder[from * n + to];
  if (*cost < 0) {
    *cost = measure_direct (self, value, from, to);
    if (*cost >= NO_WAY && from != 0 && to != 0)
      *cost = MIN (NO_WAY,
          measure_direct (self, value, from, 0) +
              measure_direct (self, value, 0, to));
  }
  return *cost;
}

static guint
get_produced (const DnnDraft *self, const DnnDraftValue *value)
{
  if (value->producer == DNN_NONE)
    return 0;
  return get_option (get_node (self, value->producer))
      ->dst[value->producer_slot];
}

/* Formats that the users of a value want, as bits. Users before @from_node
 * don't count. */
static guint64
collect_wanted (const DnnDraft *self, guint value_idx, guint from_node)
{
  const DnnDraftValue *value = &self->values[value_idx];
  guint64 wanted = value->is_output ? 1 : 0;

  for (guint i = 0; i < value->users->len; i++) {
    guint user = g_array_index (value->users, guint, i);
    const DnnDraftNode *node = get_node (self, user);
    const DnnOption *option = get_option (node);
    if (user < from_node)
      continue;
    for (guint j = 0; j < node->call->n_inputs; j++)
      if (node->src[j] == value_idx && option->src[j] != DNN_NONE)
        wanted |= G_GUINT64_CONSTANT (1) << option->src[j];
  }
  return wanted;
}

static gdouble
sum_reorders (DnnDraft *self, guint value_idx, guint from, guint64 wanted)
{
  gdouble sum = 0;

  for (guint to = 0; wanted; to++, wanted >>= 1)
    if (wanted & 1)
      sum += dnn_draft_reorder_cost (self, value_idx, from, to);
  return sum;
}

static gdouble
measure_value (DnnDraft *self, guint value_idx)
{
  const DnnDraftValue *value = &self->values[value_idx];

  return sum_reorders (self, value_idx, get_produced (self, value),
      collect_wanted (self, value_idx, 0));
}

/* All that changes when only this node chooses otherwise. */
static gdouble
measure_around (DnnDraft *self, guint node_idx)
{
  const DnnDraftNode *node = get_node (self, node_idx);
  gdouble sum = get_option (node)->cost;

  for (guint i = 0; i < node->call->n_inputs; i++) {
    gboolean seen = node->src[i] == DNN_NONE;
    for (guint j = 0; j < i && !seen; j++)
      seen = node->src[j] == node->src[i];
    if (!seen)
      sum += measure_value (self, node->src[i]);
  }
  for (guint i = 0; i < node->call->n_outputs; i++)
    if (node->dst[i] != DNN_NONE)
      sum += measure_value (self, node->dst[i]);
  return sum;
}

gdouble
dnn_draft_cost (DnnDraft *self)
{
  gdouble sum = 0;

  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnDraftNode *node = get_node (self, i);
    sum += get_option (node)->cost;
    for (guint j = 0; j < node->call->n_outputs; j++)
      if (node->dst[j] != DNN_NONE)
        sum += measure_value (self, node->dst[j]);
  }
  for (guint i = 0; i < self->n_values; i++)
    if (self->values[i].producer == DNN_NONE &&
        self->values[i].formats->len > 0)
      sum += measure_value (self, i);
  return sum;
}

/* ---- starts ------------------------------------------------------------- */

static void
start_cheapest (DnnDraft *self)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnDraftNode *node = get_node (self, i);
    node->chosen = 0;
    for (guint j = 1; j < node->options->len; j++) {
      const DnnOption *option = node->options->pdata[j];
      if (option->cost < get_option (node)->cost)
        node->chosen = j;
    }
  }
}

/* Each node fits its inputs. */
static void
start_forward (DnnDraft *self)
{
  start_cheapest (self);
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnDraftNode *node = get_node (self, i);
    gdouble best = G_MAXDOUBLE;
    guint chosen = 0;
    for (guint j = 0; j < node->options->len; j++) {
      const DnnOption *option = node->options->pdata[j];
      gdouble cost = option->cost;
      for (guint k = 0; k < node->call->n_inputs; k++)
        if (node->src[k] != DNN_NONE && option->src[k] != DNN_NONE)
          cost += dnn_draft_reorder_cost (self, node->src[k],
              get_produced (self, &self->values[node->src[k]]), option->src[k]);
      if (cost < best) {
        best = cost;
        chosen = j;
      }
    }
    node->chosen = chosen;
  }
}

/* Cost of input @slot of an option when its producer chooses best; what the
 * producer costs is shared among its users. */
static gdouble
measure_input (DnnDraft *self, gdouble *const *table, guint value_idx, guint to)
{
  const DnnDraftValue *value = &self->values[value_idx];
  const DnnDraftNode *producer;
  gdouble best = G_MAXDOUBLE;

  if (value->producer == DNN_NONE)
    return dnn_draft_reorder_cost (self, value_idx, 0, to);
  producer = get_node (self, value->producer);
  for (guint i = 0; i < producer->options->len; i++) {
    const DnnOption *option = producer->options->pdata[i];
    gdouble cost = table[value->producer][i] / value->users->len +
        dnn_draft_reorder_cost (
            self, value_idx, option->dst[value->producer_slot], to);
    best = MIN (best, cost);
  }
  return best;
}

/* Node @idx chooses best by the table and by what its users have chosen. */
static void
trace_back (DnnDraft *self, gdouble *const *table, guint idx)
{
  DnnDraftNode *node = get_node (self, idx);
  gdouble best = G_MAXDOUBLE;
  guint chosen = 0;

  for (guint i = 0; i < node->options->len; i++) {
    const DnnOption *option = node->options->pdata[i];
    gdouble cost = table[idx][i];
    for (guint j = 0; j < node->call->n_outputs; j++)
      if (node->dst[j] != DNN_NONE)
        cost += sum_reorders (self, node->dst[j], option->dst[j],
            collect_wanted (self, node->dst[j], idx + 1));
    if (cost < best) {
      best = cost;
      chosen = i;
    }
  }
  node->chosen = chosen;
}

/* Exact on chains and trees. */
static void
start_dynamic (DnnDraft *self)
{
  g_autoptr (GPtrArray) table = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnDraftNode *node = get_node (self, i);
    gdouble *row = g_new0 (gdouble, node->options->len);
    for (guint j = 0; j < node->options->len; j++) {
      const DnnOption *option = node->options->pdata[j];
      row[j] = option->cost;
      for (guint k = 0; k < node->call->n_inputs; k++)
        if (node->src[k] != DNN_NONE && option->src[k] != DNN_NONE)
          row[j] += measure_input (self, (gdouble *const *) table->pdata,
              node->src[k], option->src[k]);
    }
    g_ptr_array_add (table, row);
  }
  for (guint i = self->nodes->len; i-- > 0;)
    trace_back (self, (gdouble *const *) table->pdata, i);
}

/* ---- moves -------------------------------------------------------------- */

/* The best option of a node while all others stand; its gain (negative: worse)
 * over the present one. With @other, the present one doesn't take part. */
static guint
find_best (DnnDraft *self, guint node_idx, gboolean other, gdouble *gain)
{
  DnnDraftNode *node = get_node (self, node_idx);
  guint present = node->chosen, best = present;
  gdouble now = measure_around (self, node_idx), best_cost = G_MAXDOUBLE;

  for (guint i = 0; i < node->options->len; i++) {
    gdouble cost;
    if (i == present)
      continue;
    node->chosen = i;
    cost = measure_around (self, node_idx);
    if (cost < best_cost) {
      best_cost = cost;
      best = i;
    }
  }
  node->chosen = present;
  *gain = now - best_cost;
  if (!other && *gain <= 0) {
    *gain = 0;
    return present;
  }
  return best;
}

static void
push_neighbours (const DnnDraft *self, guint node_idx, GArray *queue)
{
  const DnnDraftNode *node = get_node (self, node_idx);

  for (guint i = 0; i < node->call->n_inputs + node->call->n_outputs; i++) {
    guint value_idx = i < node->call->n_inputs
        ? node->src[i]
        : node->dst[i - node->call->n_inputs];
    const DnnDraftValue *value;
    if (value_idx == DNN_NONE)
      continue;
    value = &self->values[value_idx];
    if (value->producer != DNN_NONE && value->producer != node_idx)
      g_array_append_val (queue, value->producer);
    for (guint j = 0; j < value->users->len; j++)
      if (g_array_index (value->users, guint, j) != node_idx)
        g_array_append_val (queue, g_array_index (value->users, guint, j));
  }
}

static void
change_node (
    DnnDraft *self, guint node_idx, guint option, GArray *trail, GArray *queue)
{
  Change change = { node_idx, get_node (self, node_idx)->chosen };

  g_array_append_val (trail, change);
  get_node (self, node_idx)->chosen = option;
  push_neighbours (self, node_idx, queue);
}

/* Node @node_idx takes @option, then neighbours follow where that costs next
 * to nothing: a reorder is pushed along until it meets another. Keeps the
 * result if it is better. */
static gboolean
try_move (DnnDraft *self, guint node_idx, guint option, guint8 *visited)
{
  g_autoptr (GArray) trail = g_array_new (FALSE, FALSE, sizeof (Change));
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint));
  gdouble gain = measure_around (self, node_idx);
  gdouble best_gain = 0;
  guint best_len = 0;

  change_node (self, node_idx, option, trail, queue);
  gain -= measure_around (self, node_idx);
  visited[node_idx] = 1;
  if (gain > 1e-6) {
    best_gain = gain;
    best_len = 1;
  }
  for (guint i = 0; i < queue->len && trail->len < MAX_WAVE; i++) {
    guint idx = g_array_index (queue, guint, i);
    gdouble step, slack;
    guint best;
    if (visited[idx] || get_node (self, idx)->options->len < 2)
      continue;
    best = find_best (self, idx, TRUE, &step);
    slack = 0.05 * get_option (get_node (self, idx))->cost + 1e-6;
    if (step < -slack)
      continue;
    visited[idx] = 1;
    change_node (self, idx, best, trail, queue);
    gain += step;
    if (gain > best_gain + 1e-6) {
      best_gain = gain;
      best_len = trail->len;
    }
  }
  for (guint i = trail->len; i-- > 0;) {
    const Change *change = &g_array_index (trail, Change, i);
    visited[change->node] = 0;
    if (i >= best_len)
      get_node (self, change->node)->chosen = change->before;
  }
  return best_len > 0;
}

/* A reorder stands beside the node, or it doesn't run as fast as it could:
 * moves that help begin at such a node. */
static gboolean
is_improvable (DnnDraft *self, guint node_idx)
{
  const DnnDraftNode *node = get_node (self, node_idx);
  const DnnOption *chosen = get_option (node);

  for (guint i = 0; i < node->options->len; i++)
    if (((const DnnOption *) node->options->pdata[i])->cost < chosen->cost)
      return TRUE;
  return measure_around (self, node_idx) > chosen->cost;
}

static void
try_moves (DnnDraft *self, guint node_idx, guint8 *visited, gboolean *better)
{
  const DnnDraftNode *node = get_node (self, node_idx);

  if (!is_improvable (self, node_idx))
    return;
  for (guint i = 0; i < node->options->len; i++)
    if (i != node->chosen && try_move (self, node_idx, i, visited))
      *better = TRUE;
}

static void
improve (DnnDraft *self)
{
  g_autofree guint8 *visited = g_new0 (guint8, MAX (self->nodes->len, 1));
  gboolean better = TRUE;

  for (guint round = 0; better && round < MAX_ROUNDS; round++) {
    better = FALSE;
    for (guint i = 0; i < self->nodes->len; i++) {
      DnnDraftNode *node = get_node (self, i);
      gdouble gain;
      guint best = find_best (self, i, FALSE, &gain);
      if (gain > 1e-6) {
        node->chosen = best;
        better = TRUE;
      }
    }
    for (guint i = 0; i < self->nodes->len; i++)
      try_moves (self, i, visited, &better);
  }
}

void
dnn_plan_choose (DnnDraft *self)
{
  static void (*const starts[]) (DnnDraft *) = {
    start_dynamic,
    start_forward,
    start_cheapest,
  };
  g_autofree guint *best = g_new0 (guint, MAX (self->nodes->len, 1));
  gdouble best_cost = G_MAXDOUBLE;

  for (guint i = 0; i < G_N_ELEMENTS (starts); i++) {
    gdouble cost;
    starts[i](self);
    improve (self);
    cost = dnn_draft_cost (self);
    if (cost >= best_cost)
      continue;
    best_cost = cost;
    for (guint j = 0; j < self->nodes->len; j++)
      best[j] = get_node (self, j)->chosen;
  }
  for (guint j = 0; j < self->nodes->len; j++)
    get_node (self, j)->chosen = best[j];
  g_debug ("formats chosen for %u nodes: %.3f ms estimated", self->nodes->len,
      best_cost / 1e6);
}
