/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Options with estimated costs → with measured ones. Next:
 * dnn-plan-choose.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-tune.h"

#include <string.h>

#include "pipeline-core/plan/dnn-bound-plan.h"
#include "pipeline-core/plan/dnn-plan-measure.h"
#include "pipeline-core/tune/dnn-tune-key.h"
#include "pipeline-core/tune/dnn-tune-machine.h"

/* Where two ways were measured nearer to each other than this, the table's
 * order decides. */
#define SAME 0.97
/* What a way counts as whose packed weights are there already. */
#define HELD 0.95
/* A step that takes so much longer in place than it should is noted. */
#define TOO_LONG 2.0
/* And at least so many ns, so that a step of a µs isn't judged by a hiccup. */
#define TOO_LONG_NS 20000

/* ---- life --------------------------------------------------------------- */

gboolean
dnn_tuning_init (DnnTuning *self, const DnnTarget *target,
    const gchar *cpu_affinity, gboolean may_measure, GError **error)
{
  *self = (DnnTuning){ .target = target, .cpu_affinity = cpu_affinity };
  if (target->tune_file) {
    self->choices = dnn_tune_choices_read (target->tune_file, error);
    return self->choices != NULL;
  }
  if (target->tune != DNN_TUNE_OFF)
    self->store = dnn_tune_store_get ();
  self->may_measure = may_measure && target->tune == DNN_TUNE_ON;
  return TRUE;
}

void
dnn_tuning_clear (DnnTuning *self)
{
  if (self->is_locked) {
    if (self->n_measured > 0)
      dnn_tune_store_save (self->store);
    dnn_tune_store_unlock (self->store);
  }
  g_clear_pointer (&self->choices, dnn_tune_rows_free);
}

/* ---- costs -------------------------------------------------------------- */

/* 0: was never measured. */
static gdouble
find_ns (
    const DnnTuning *self, const gchar *call_key, const DnnCandidate *candidate)
{
  g_autofree gchar *key = dnn_tune_key (call_key, candidate);

  return dnn_tune_store_find (self->store, key);
}

/* The post-op that stands as option's rest @idx. */
static const DnnCall *
get_rest_call (const DnnDraftNode *node, const DnnOption *option, guint idx)
{
  return node->call->post_ops[option->first->n_post_ops + idx].call;
}

static void
set_measured (DnnOption *option, DnnCandidate *candidate, gdouble ns)
{
  option->cost += ns - candidate->cost;
  candidate->cost = ns;
  candidate->is_measured = TRUE;
}

/* What was measured in place of what was estimated, as far as there is any. */
static void
price_option (
    const DnnTuning *self, const DnnDraftNode *node, DnnOption *option)
{
  gdouble ns = find_ns (self, node->key, option->first);

  if (ns <= 0)
    return;
  set_measured (option, option->first, ns);
  for (guint i = 0; i < option->rest->len; i++) {
    g_autofree gchar *inner = dnn_tune_key_of_call (
        get_rest_call (node, option, i));
    ns = find_ns (self, inner, option->rest->pdata[i]);
    if (ns > 0)
      set_measured (option, option->rest->pdata[i], ns);
  }
}

static gint
compare_estimates (gconstpointer a, gconstpointer b)
{
  const DnnOption *x = *(const DnnOption *const *) a;
  const DnnOption *y = *(const DnnOption *const *) b;

  return x->estimate < y->estimate ? -1 : x->estimate > y->estimate;
}

/* In the table's order: who isn't clearly better than one before it is no
 * better. */
static void
prefer_estimates (GPtrArray *sorted)
{
  for (guint i = 1; i < sorted->len; i++) {
    DnnOption *option = sorted->pdata[i];
    for (guint j = 0; j < i && option->first->is_measured; j++) {
      const DnnOption *before = sorted->pdata[j];
      if (before->first->is_measured && option->cost <= before->cost &&
          option->cost > SAME * before->cost)
        option->cost = before->cost * (1 + 1e-6);
    }
  }
}

static void
scale_option (DnnOption *option, gdouble scale)
{
  option->cost *= scale;
  option->first->cost *= scale;
  for (guint i = 0; i < option->rest->len; i++)
    ((DnnCandidate *) option->rest->pdata[i])->cost *= scale;
}

/* Of one node; estimates beside what was measured are made to fit. Returns what
 * was measured ÷ what was estimated, of the option that the table likes best
 * among those measured; 0 if none was. */
static gdouble
price_node (const DnnTuning *self, const DnnDraftNode *node)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (node->options, NULL, NULL);
  const DnnOption *known = NULL;
  gdouble ratio;

  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_estimates);
  for (guint i = 0; i < sorted->len; i++) {
    DnnOption *option = sorted->pdata[i];
    price_option (self, node, option);
    if (!known && option->first->is_measured)
      known = option;
  }
  if (!known)
    return 0;
  ratio = known->cost / known->estimate;
  for (guint i = 0; i < sorted->len; i++) {
    DnnOption *option = sorted->pdata[i];
    if (!option->first->is_measured)
      scale_option (option, ratio);
  }
  prefer_estimates (sorted);
  return ratio;
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const gdouble *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

/* How far off the table is on this machine: of most nodes, not of some. */
static gdouble
find_median (GArray *ratios)
{
  if (ratios->len == 0)
    return 1;
  g_array_sort (ratios, compare_numbers);
  return g_array_index (ratios, gdouble, ratios->len / 2);
}

static void
price_all (DnnDraft *self, const DnnTuning *tuning)
{
  g_autofree gdouble *ratio = g_new0 (gdouble, self->nodes->len + 1);
  g_autoptr (GArray) ratios = g_array_new (FALSE, FALSE, sizeof (gdouble));

  for (guint i = 0; i < self->nodes->len; i++) {
    ratio[i] = price_node (tuning, self->nodes->pdata[i]);
    if (ratio[i] > 0)
      g_array_append_val (ratios, ratio[i]);
  }
  self->store = tuning->store;
  self->knows_reorders = dnn_tune_store_has_reorders (tuning->store);
  self->scale = find_median (ratios);
  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnDraftNode *node = self->nodes->pdata[i];
    for (guint j = 0; j < node->options->len && ratio[i] == 0; j++)
      scale_option (node->options->pdata[j], self->scale);
  }
}

void
dnn_draft_price_reorder (const DnnDraft *self, DnnCandidate *candidate)
{
  g_autofree gchar *key = NULL;
  gdouble ns;

  if (!self->store)
    return;
  if (!self->knows_reorders) {
    candidate->cost *= self->scale;
    return;
  }
  key = dnn_tune_key (DNN_TUNE_REORDER, candidate);
  ns = dnn_tune_store_find (self->store, key);
  candidate->is_measured = ns > 0;
  candidate->cost = ns > 0 ? ns : candidate->cost * self->scale;
}

/* ---- choices of a file -------------------------------------------------- */

static gchar *
make_graph_key (const DnnDraft *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnDraftNode *node = self->nodes->pdata[i];
    g_string_append_printf (text, "%s\n", node->key);
  }
  return dnn_tune_choices_graph_key (text->str);
}

static gchar *
make_choice_key (const DnnDraft *self, const gchar *graph_key, guint idx)
{
  const DnnDraftNode *node = self->nodes->pdata[idx];

  return dnn_tune_choices_key (graph_key, idx, node->key);
}

void
dnn_plan_note_choices (const DnnDraft *self, DnnTuneRows *rows)
{
  g_autofree gchar *graph_key = make_graph_key (self);

  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnDraftNode *node = self->nodes->pdata[i];
    const DnnOption *option = node->options->pdata[node->chosen];
    g_autofree gchar *key = make_choice_key (self, graph_key, i);
    g_autofree gchar *text = dnn_tune_key_of_candidate (option->first);
    dnn_tune_rows_set (rows, key, text);
  }
}

/* All options but the one named; FALSE if there is none of that name. */
static gboolean
keep_option (DnnDraftNode *node, const gchar *name)
{
  for (guint i = 0; i < node->options->len; i++) {
    const DnnOption *option = node->options->pdata[i];
    g_autofree gchar *own = dnn_tune_key_of_candidate (option->first);
    if (!g_str_equal (own, name))
      continue;
    if (i + 1 < node->options->len)
      g_ptr_array_remove_range (
          node->options, i + 1, node->options->len - i - 1);
    if (i > 0)
      g_ptr_array_remove_range (node->options, 0, i);
    return TRUE;
  }
  return FALSE;
}

static void
apply_choices (DnnDraft *self, const DnnTuning *tuning)
{
  g_autofree gchar *graph_key = make_graph_key (self);
  g_autofree gchar *missing = NULL;
  guint n_missing = 0;

  for (guint i = 0; i < self->nodes->len; i++) {
    DnnDraftNode *node = self->nodes->pdata[i];
    g_autofree gchar *key = make_choice_key (self, graph_key, i);
    const gchar *name = g_hash_table_lookup (tuning->choices->rows, key);
    if (!name || keep_option (node, name))
      continue;
    n_missing++;
    if (!missing)
      missing = g_strdup_printf ("node \"%s\" (%s): \"%s\"", node->node->name,
          node->call->op->name, name);
  }
  if (n_missing > 0)
    g_message ("%s: %u choices are not offered on this machine (%s), the "
               "estimates decide there: %s",
        tuning->target->tune_file, n_missing, dnn_tune_get_machine (), missing);
}

/* ---- what is packed already ---------------------------------------------- */

static gboolean
are_packs_held (const DnnDraftNode *node, const DnnCandidate *candidate)
{
  for (guint i = 0; i < candidate->n_packs; i++) {
    const DnnPack *pack = &candidate->packs[i];
    const DnnCallArg *arg = &node->call->inputs[pack->input];
    gsize size = (gsize) dnn_shape_n_elements (&arg->shape) *
        dnn_type_size (arg->type);
    if (!dnn_store_holds (size, pack->to))
      return FALSE;
  }
  return candidate->n_packs > 0;
}

/* A way whose weights other plans of the process have in memory wins over one
 * that is hardly faster. */
static void
prefer_held (DnnDraft *self)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    const DnnDraftNode *node = self->nodes->pdata[i];
    for (guint j = 0; j < node->options->len && node->options->len > 1; j++) {
      DnnOption *option = node->options->pdata[j];
      if (are_packs_held (node, option->first))
        option->cost *= HELD;
    }
  }
}

/* ---- the step ----------------------------------------------------------- */

static void
tune (DnnDraft *self, DnnTuning *tuning)
{
  if (!tuning->choices && !tuning->store)
    return;
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnDraftNode *node = self->nodes->pdata[i];
    node->key = dnn_tune_key_of_call (node->call);
  }
  if (tuning->choices)
    apply_choices (self, tuning);
  if (!tuning->store)
    return;
  if (tuning->may_measure)
    dnn_plan_measure (self, tuning);
  price_all (self, tuning);
}

void
dnn_plan_tune (DnnDraft *self, DnnTuning *tuning)
{
  tune (self, tuning);
  prefer_held (self);
}

/* ---- in place ----------------------------------------------------------- */

static gdouble
sum_costs (const DnnPlan *plan)
{
  gdouble sum = 0;

  for (guint i = 0; i < dnn_plan_get_n_steps (plan); i++)
    sum += dnn_plan_get_step (plan, i)->cost;
  return sum;
}

/* TRUE if some step took too long. */
static gboolean
note_slow_steps (DnnTuning *self, const DnnSegment *segment, const guint64 *ns)
{
  guint n_slow = 0;

  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    g_autofree gchar *call_key = NULL;
    g_autofree gchar *key = NULL;
    if ((gdouble) ns[i] <= TOO_LONG * step->info.cost ||
        (gdouble) ns[i] - step->info.cost < TOO_LONG_NS)
      continue;
    call_key = dnn_tune_key_of_call (step->call);
    key = dnn_tune_key (call_key, step->candidate);
    g_debug ("%s \"%s\" (%s) took %.3f ms in place, not %.3f", step->info.op,
        step->info.node_name, step->info.impl, (gdouble) ns[i] / 1e6,
        step->info.cost / 1e6);
    dnn_tune_store_add (self->store, key, (gdouble) ns[i]);
    n_slow++;
  }
  return n_slow > 0;
}

/* Twice, in memory of its own. */
static gboolean
time_plan (DnnPlan *plan, guint64 *ns)
{
  g_autoptr (DnnBoundPlan) bound = NULL;
  DnnArena arena;
  gboolean ok = FALSE;

  dnn_arena_init (&arena, (guint) plan->target.threads);
  if (dnn_arena_reserve (&arena, dnn_plan_get_arena_size (plan), NULL))
    bound = dnn_bound_plan_new (plan, NULL, &arena, TRUE, NULL);
  ok = bound && dnn_bound_plan_time (bound, 2, ns, NULL);
  g_clear_pointer (&bound, dnn_bound_plan_free);
  dnn_arena_clear (&arena);
  return ok;
}

gboolean
dnn_tuning_check (DnnTuning *self, DnnPlan *plan)
{
  const DnnSegment *segment = plan->segments->pdata[0];
  g_autofree guint64 *ns = g_new0 (guint64, MAX (segment->steps->len, 1));
  /* one run to warm up, then two */
  gint64 needed = (gint64) (3 * sum_costs (plan) / 1000);

  if (self->n_measured == 0 ||
      g_get_monotonic_time () + needed > self->deadline + DNN_TUNE_CHECK_US)
    return FALSE;
  return time_plan (plan, ns) && note_slow_steps (self, segment, ns);
}
