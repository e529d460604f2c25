/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Draft → groups of candidates for the same call, measured at one thread. Next:
 * dnn-plan-tune.c. */
#define _GNU_SOURCE /* sched_getcpu */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-measure.h"

#include <sched.h>

#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/tune/dnn-tune-key.h"
#include "pipeline-core/tune/dnn-tune-measure.h"

/* Only what the table has within this of the cheapest is measured. */
#define WORTH 2.0
/* A call whose nodes have less of the whole than this isn't. */
#define LEAST_SHARE 0.002
/* How long it waits for quiet when it is done. */
#define CALM_US (G_USEC_PER_SEC / 20)

/* One way that is to be measured. */
typedef struct
{
  gchar *key; /* of the store */
  const DnnCandidate *candidate; /* of the draft */
} Wanted;

/* Those of one call, wherever it stands in the graph. */
typedef struct
{
  gchar *key; /* of the call */
  const DnnDraftNode *node; /* one that has it */
  const DnnCall *call;
  gdouble weight; /* estimated ns of all nodes that have it */
  GPtrArray *wanted; /* Wanted * */
} Group;

/* What is found, to be kept only if the machine stays quiet. */
typedef struct
{
  gchar *key;
  gdouble ns;
} Found;

typedef struct
{
  DnnDraft *draft;
  DnnTuning *tuning;
  GHashTable *by_key; /* of calls: Group * */
  GPtrArray *groups; /* the same, owned */
  gdouble sum; /* estimated ns of the graph */
  GArray *found; /* Found */
} Work;

static void
free_wanted (gpointer data)
{
  Wanted *wanted = data;

  g_free (wanted->key);
  g_free (wanted);
}

static void
free_group (gpointer data)
{
  Group *group = data;

  g_free (group->key);
  g_ptr_array_unref (group->wanted);
  g_free (group);
}

static void
clear_found (gpointer data)
{
  g_free (((Found *) data)->key);
}

/* ---- what is worth measuring -------------------------------------------- */

static Group *
find_group (Work *self, const DnnDraftNode *node, const DnnCall *call)
{
  g_autofree gchar *key = call == node->call ? g_strdup (node->key)
                                             : dnn_tune_key_of_call (call);
  Group *group = g_hash_table_lookup (self->by_key, key);

  if (group)
    return group;
  group = g_new0 (Group, 1);
  group->key = g_steal_pointer (&key);
  group->node = node;
  group->call = call;
  group->wanted = g_ptr_array_new_with_free_func (free_wanted);
  g_ptr_array_add (self->groups, group);
  g_hash_table_insert (self->by_key, group->key, group);
  return group;
}

static void
want (Work *self, const DnnDraftNode *node, const DnnCall *call,
    const DnnCandidate *candidate, gdouble weight)
{
  Group *group = find_group (self, node, call);
  g_autofree gchar *key = dnn_tune_key (group->key, candidate);
  Wanted *wanted;

  group->weight += weight;
  if (dnn_tune_store_is_known (self->tuning->store, key))
    return;
  for (guint i = 0; i < group->wanted->len; i++)
    if (g_str_equal (((Wanted *) group->wanted->pdata[i])->key, key))
      return;
  wanted = g_new0 (Wanted, 1);
  wanted->key = g_steal_pointer (&key);
  wanted->candidate = candidate;
  g_ptr_array_add (group->wanted, wanted);
}

static gboolean
is_worth (const DnnOption *option, gdouble cheapest)
{
  return option->estimate <= WORTH * cheapest &&
      dnn_tune_is_measurable (option->first);
}

/* Where there is something to choose. */
static void
collect_node (Work *self, const DnnDraftNode *node)
{
  gdouble cheapest = G_MAXDOUBLE;
  guint n_worth = 0;

  for (guint i = 0; i < node->options->len; i++)
    cheapest = MIN (
        cheapest, ((DnnOption *) node->options->pdata[i])->estimate);
  self->sum += cheapest;
  for (guint i = 0; i < node->options->len; i++)
    n_worth += is_worth (node->options->pdata[i], cheapest);
  for (guint i = 0; i < node->options->len && n_worth > 1; i++) {
    const DnnOption *option = node->options->pdata[i];
    guint n_taken = option->first->n_post_ops;
    if (!is_worth (option, cheapest))
      continue;
    want (self, node, node->call, option->first, cheapest / n_worth);
    for (guint j = 0; j < option->rest->len; j++)
      if (dnn_tune_is_measurable (option->rest->pdata[j]))
        want (self, node, node->call->post_ops[n_taken + j].call,
            option->rest->pdata[j], cheapest / n_worth);
  }
}

static gint
compare_weights (gconstpointer a, gconstpointer b)
{
  const Group *x = *(const Group *const *) a, *y = *(const Group *const *) b;

  return x->weight > y->weight ? -1 : x->weight < y->weight;
}

/* FALSE if there is nothing. */
static gboolean
collect (Work *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->draft->nodes->len; i++)
    collect_node (self, self->draft->nodes->pdata[i]);
  g_ptr_array_sort (self->groups, compare_weights);
  for (guint i = 0; i < self->groups->len; i++) {
    const Group *group = self->groups->pdata[i];
    any = any ||
        (group->wanted->len > 0 && group->weight >= LEAST_SHARE * self->sum);
  }
  return any;
}

/* ---- measuring ---------------------------------------------------------- */

/* The same candidates for one thread: primitives know the number of their
 * threads. @call: the group's, for one thread. */
static GPtrArray *
offer_for_one (Work *self, const Group *group, const DnnCall *call)
{
  g_autofree DnnHints *hints = NULL;

  if (group->call == group->node->call) {
    hints = dnn_draft_make_hints (self->draft, group->node);
  } else {
    const Wanted *first = group->wanted->pdata[0];
    hints = g_new0 (DnnHints, MAX (call->n_inputs, 1));
    hints[0] = (DnnHints){ &first->candidate->src[0], 1 };
  }
  return dnn_call_offer_hinted (call, hints);
}

static void
add_item (GArray *items, const DnnCall *call, const DnnCandidate *candidate)
{
  DnnTuneItem item = { call, candidate, 0 };

  g_array_append_val (items, item);
}

static const DnnCandidate *
find_same (const Group *group, GPtrArray *offered, const Wanted *wanted)
{
  for (guint i = 0; i < offered->len; i++) {
    g_autofree gchar *key = dnn_tune_key (group->key, offered->pdata[i]);
    if (g_str_equal (key, wanted->key))
      return offered->pdata[i];
  }
  return NULL;
}

/* @ns: 0: it isn't offered for one thread, or doesn't run. */
static void
add_found (Work *self, const gchar *key, gdouble ns)
{
  Found found = { g_strdup (key), ns };

  g_array_append_val (self->found, found);
}

static gboolean
measure_group (Work *self, const Group *group)
{
  g_autoptr (GArray) items = g_array_new (FALSE, TRUE, sizeof (DnnTuneItem));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) offered = NULL;
  DnnCall call = *group->call;
  gboolean ok;

  call.target.threads = 1;
  if (group->call->target.threads != 1)
    offered = offer_for_one (self, group, &call);
  for (guint i = 0; i < group->wanted->len; i++) {
    const Wanted *wanted = group->wanted->pdata[i];
    const DnnCandidate *candidate = wanted->candidate;
    if (offered)
      candidate = find_same (group, offered, wanted);
    if (!candidate) {
      add_found (self, wanted->key, 0);
      continue;
    }
    add_item (items, &call, candidate);
    g_ptr_array_add (names, wanted->key);
  }
  ok = items->len == 0 ||
      dnn_tune_measure (
          (DnnTuneItem *) items->data, items->len, self->tuning->deadline);
  for (guint i = 0; i < items->len && ok; i++)
    add_found (self, names->pdata[i], g_array_index (items, DnnTuneItem, i).ns);
  return ok;
}

static void
measure_groups (Work *self)
{
  for (guint i = 0; i < self->groups->len; i++) {
    const Group *group = self->groups->pdata[i];
    if (group->weight < LEAST_SHARE * self->sum)
      return;
    /* what is too large here leaves time for others */
    if (group->wanted->len > 0 && !measure_group (self, group) &&
        g_get_monotonic_time () >= self->tuning->deadline)
      return;
  }
}

static void
keep_found (Work *self)
{
  for (guint i = 0; i < self->found->len; i++) {
    const Found *found = &g_array_index (self->found, Found, i);
    dnn_tune_store_add (self->tuning->store, found->key, found->ns);
    self->tuning->n_measured++;
  }
}

/* On one CPU of those that the stage may use: the first it has, else the one
 * that it is on. */
static void
measure_pinned (Work *self)
{
  DnnThreadsState state;
  g_autofree gchar *cpu = dnn_threads_pick_cpu (self->tuning->cpu_affinity);

  dnn_threads_enter (&state, 1, cpu);
  if (dnn_tune_wait_for_quiet (g_get_monotonic_time () + DNN_TUNE_QUIET_US)) {
    self->tuning->deadline = g_get_monotonic_time () + DNN_TUNE_MEASURE_US;
    measure_groups (self);
    if (dnn_tune_wait_for_quiet (g_get_monotonic_time () + CALM_US))
      keep_found (self);
  }
  dnn_threads_leave (&state);
}

void
dnn_plan_measure (DnnDraft *self, DnnTuning *tuning)
{
  Work work = { self, tuning };

  work.by_key = g_hash_table_new (g_str_hash, g_str_equal);
  work.groups = g_ptr_array_new_with_free_func (free_group);
  work.found = g_array_new (FALSE, FALSE, sizeof (Found));
  g_array_set_clear_func (work.found, clear_found);
  tuning->may_measure = FALSE; /* once a plan */
  if (collect (&work)) {
    tuning->is_locked = dnn_tune_store_lock (
        tuning->store, g_get_monotonic_time () + DNN_TUNE_LOCK_US);
    if (tuning->is_locked)
      measure_pinned (&work);
    g_debug ("tuning: %u candidates measured of %u calls%s", tuning->n_measured,
        work.groups->len, tuning->is_locked ? "" : " (no lock)");
  }
  g_hash_table_unref (work.by_key);
  g_ptr_array_unref (work.groups);
  g_array_unref (work.found);
}
