/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Module, threads, affinity → DnnInstance: plans bound as shapes come, frames
 * run through the current one. */
#include "config.h"

#include "pipeline-core/plan/dnn-instance.h"

#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/plan/dnn-instance-private.h"
#include "pipeline-core/tune/dnn-tune-choices.h"

/* What a step of a plan has at least, where the heap is not known. */
#define MIN_STEP_BYTES ((gsize) 4 << 10)

G_DEFINE_FINAL_TYPE (DnnInstance, dnn_instance, G_TYPE_OBJECT)

static void
dnn_instance_finalize (GObject *object)
{
  DnnInstance *self = DNN_INSTANCE (object);

  dnn_states_free (self->states);
  g_free (self->given);
  g_ptr_array_unref (self->bound);
  dnn_bound_plan_free (self->next);
  dnn_arena_clear (&self->arena);
  g_clear_pointer (&self->params, dnn_params_unref);
  g_mutex_clear (&self->changing);
  g_mutex_clear (&self->lock);
  g_clear_object (&self->module);
  g_free (self->cpu_affinity);
  G_OBJECT_CLASS (dnn_instance_parent_class)->finalize (object);
}

static void
dnn_instance_class_init (DnnInstanceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = dnn_instance_finalize;
}

static void
dnn_instance_init (DnnInstance *self)
{
  self->max_kept_bytes = DNN_INSTANCE_MAX_KEPT_BYTES;
  self->max_plans = G_MAXUINT;
  self->stop = &self->is_stopped;
  self->bound = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_bound_plan_free);
  g_mutex_init (&self->changing);
  g_mutex_init (&self->lock);
}

static void
init_arena (DnnInstance *self)
{
  dnn_arena_init (&self->arena, (guint) self->target.threads);
  dnn_workspace_set_stop (self->arena.workspace, self->stop);
}

/* One for each CPU that it may use. */
static gint
get_default_threads (const gchar *cpu_affinity)
{
  gint n = dnn_threads_count_affinity (cpu_affinity);

  return n > 0 ? n : dnn_threads_get_n_cpus ();
}

/* Better said now than when the first frame is expected. */
static gboolean
check_tune_file (const DnnTarget *target, GError **error)
{
  g_autoptr (DnnTuneRows) choices = NULL;

  if (!target->tune_file)
    return TRUE;
  choices = dnn_tune_choices_read (target->tune_file, error);
  if (!choices)
    g_prefix_error (error, "Tune file ");
  return choices != NULL;
}

/**
 * dnn_instance_new:
 *
 * Returns: (transfer full): the instance, or %NULL with VALUE (threads,
 *   affinity) or UNSUPPORTED (precision)
 */
DnnInstance *
dnn_instance_new (DnnModule *module, gint threads, const gchar *precision,
    const gchar *cpu_affinity, GError **error)
{
  DnnTarget target;

  dnn_target_init (&target);
  target.threads = threads;
  if (!dnn_target_set_precision (&target, precision, error))
    return NULL;
  return dnn_instance_new_for_target (module, &target, cpu_affinity, error);
}

/**
 * dnn_instance_new_for_target: (skip)
 *
 * Returns: (transfer full): the instance, or %NULL with VALUE (threads,
 *   affinity), or the errors of a tune_file: NOT_FOUND, FORMAT, LIMIT
 *
 * Since: 0.2
 */
DnnInstance *
dnn_instance_new_for_target (DnnModule *module, const DnnTarget *target,
    const gchar *cpu_affinity, GError **error)
{
  DnnInstance *self;

  if (target->threads < 0 || target->threads > DNN_MAX_THREADS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "threads is %d, expected 0 (all CPUs) to %d", target->threads,
        DNN_MAX_THREADS);
    return NULL;
  }
  if (!dnn_threads_check_affinity (cpu_affinity, error) ||
      !check_tune_file (target, error))
    return NULL;
  self = g_object_new (DNN_TYPE_INSTANCE, NULL);
  self->module = g_object_ref (module);
  self->states = dnn_states_new (module);
  self->given = g_new0 (
      gpointer, dnn_module_get_graph (module)->outputs->len + 1);
  self->target = *target;
  if (target->threads == 0)
    self->target.threads = get_default_threads (cpu_affinity);
  self->cpu_affinity = g_strdup (cpu_affinity);
  init_arena (self);
  return self;
}

DnnModule *
dnn_instance_get_module (DnnInstance *self)
{
  return self->module;
}

gint
dnn_instance_get_threads (DnnInstance *self)
{
  return self->target.threads;
}

/* ---- preparing ---------------------------------------------------------- */

DnnBoundPlan *
dnn_instance_get_current (DnnInstance *self)
{
  return self->bound->len > 0 ? self->bound->pdata[0] : NULL;
}

/* What the binding thread gets, and gives. */
typedef struct
{
  DnnInstance *instance;
  gboolean warms_up;
  DnnPlan *plan;
  DnnParams *params; /* NULL: the module's */
  DnnBoundPlan *bound;
  GError *error;
} Work;

static gpointer
bind_plan (gpointer data)
{
  Work *work = data;
  DnnThreadsState state;

  dnn_threads_enter (
      &state, work->instance->target.threads, work->instance->cpu_affinity);
  work->bound = dnn_bound_plan_new (work->plan, work->params,
      &work->instance->arena, work->warms_up, &work->error);
  dnn_threads_leave (&state);
  return NULL;
}

/* In a thread that ends with it, and its OpenMP team too: a second living team
 * would slow down the one of the streaming thread. Where frames run meanwhile,
 * the arena is theirs; shapes that are not the first come with a frame, which
 * waits. */
static DnnBoundPlan *
bind_plan_in_thread (DnnInstance *self, gboolean is_running, DnnPlan *plan,
    DnnParams *params, GError **error)
{
  gboolean is_first = self->bound->len == 0;
  Work work = { self, !is_running && !self->is_late && is_first, plan, params,
    NULL, NULL };
  const gchar *label = dnn_module_get_label (self->module);
  GThread *thread = g_thread_try_new ("dnn-bind", bind_plan, &work, NULL);

  if (!thread) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%s: no thread could be started for binding", label);
    return NULL;
  }
  g_thread_join (thread);
  if (!work.bound)
    g_propagate_prefixed_error (error, work.error, "%s: ", label);
  return work.bound;
}

static gsize
get_held (const DnnBoundPlan *bound)
{
  const DnnPlan *plan = dnn_bound_plan_get_plan (bound);
  gsize least = dnn_plan_get_n_steps (plan) * MIN_STEP_BYTES;

  return dnn_bound_plan_get_size (bound) +
      MAX (dnn_plan_get_held (plan), least);
}

/* How many plans, the current one first, fit into @bytes; at least that. */
static guint
count_fitting (const DnnInstance *self, gsize bytes)
{
  gsize size = 0;
  guint n = 0;

  while (n < MIN (self->bound->len, self->max_plans)) {
    size += get_held (self->bound->pdata[n]);
    if (n > 0 && size > bytes)
      break;
    n++;
  }
  return n;
}

/* The most that one of the kept plans needs. */
static gsize
get_arena_need (const DnnInstance *self)
{
  gsize size = 0;

  for (guint i = 0; i < self->bound->len; i++)
    size = MAX (size,
        dnn_plan_get_arena_size (
            dnn_bound_plan_get_plan (self->bound->pdata[i])));
  return size;
}

/* Drops plans used longest ago where all are too much, some at a time: what the
 * backend keeps of them is freed then too, which takes a while. Returns whether
 * any went. */
static gboolean
drop_old_plans (DnnInstance *self)
{
  guint n = count_fitting (self, self->max_kept_bytes);

  if (n == self->bound->len)
    return FALSE;
  n = count_fitting (self, self->max_kept_bytes / 4 * 3);
  g_ptr_array_set_size (self->bound, (gint) n);
  dnn_arena_shrink (&self->arena, get_arena_need (self));
  return TRUE;
}

/* Makes the bound plan of @plan with these params the current one, if there is
 * one. */
static gboolean
reuse_bound (DnnInstance *self, const DnnPlan *plan, const DnnParams *params)
{
  for (guint i = 0; i < self->bound->len; i++) {
    DnnBoundPlan *bound = self->bound->pdata[i];
    if (dnn_bound_plan_get_plan (bound) != plan ||
        dnn_bound_plan_get_params (bound) != params)
      continue;
    g_ptr_array_steal_index (self->bound, i);
    g_ptr_array_insert (self->bound, 0, bound);
    return TRUE;
  }
  return FALSE;
}

/* Those with params that were replaced since. */
static void
drop_outdated_plans (DnnInstance *self)
{
  for (guint i = self->bound->len; i-- > 0;)
    if (dnn_bound_plan_get_params (self->bound->pdata[i]) != self->params)
      g_ptr_array_remove_index (self->bound, i);
}

void
dnn_instance_take_next (DnnInstance *self)
{
  if (!self->next)
    return;
  g_ptr_array_insert (self->bound, 0, self->next);
  g_atomic_pointer_set (&self->next, NULL);
  drop_outdated_plans (self);
}

/* The lock is not held. */
static void
add_bound (DnnInstance *self, DnnBoundPlan *bound)
{
  gboolean dropped;

  g_mutex_lock (&self->lock);
  g_ptr_array_insert (self->bound, 0, bound);
  drop_outdated_plans (self);
  dropped = drop_old_plans (self);
  g_mutex_unlock (&self->lock);
  if (dropped)
    dnn_op_trim ();
}

static gboolean
reserve_arena (DnnInstance *self, const DnnPlan *plan, GError **error)
{
  if (dnn_arena_reserve (&self->arena, dnn_plan_get_arena_size (plan), error))
    return TRUE;
  g_prefix_error (error, "%s: ", dnn_module_get_label (self->module));
  return FALSE;
}

/**
 * dnn_instance_prepare:
 *
 * Returns: %FALSE with the errors of dnn_plan_get(), UNSUPPORTED where params
 *   were set that this plan is made from, or what the backend says when kernels
 *   are bound; the shapes of before stay current then
 */
gboolean
dnn_instance_prepare (DnnInstance *self, const DnnShape *inputs, GError **error)
{
  g_autoptr (GMutexLocker) changing = g_mutex_locker_new (&self->changing);
  g_autoptr (DnnPlan) plan = dnn_plan_get_for_target (
      self->module, inputs, &self->target, self->cpu_affinity, error);
  DnnBoundPlan *bound;
  gboolean is_known;

  if (!plan ||
      (self->states && !dnn_states_prepare (self->states, plan, error)))
    return FALSE;
  g_mutex_lock (&self->lock);
  dnn_instance_take_next (self);
  is_known = reuse_bound (self, plan, self->params);
  g_mutex_unlock (&self->lock);
  if (is_known)
    return TRUE;
  if (!reserve_arena (self, plan, error))
    return FALSE;
  bound = bind_plan_in_thread (self, FALSE, plan, self->params, error);
  if (!bound)
    return FALSE;
  add_bound (self, bound);
  return TRUE;
}

void
dnn_instance_set_max_kept_bytes (DnnInstance *self, gsize bytes)
{
  self->max_kept_bytes = bytes;
}

void
dnn_instance_set_late (DnnInstance *self)
{
  self->is_late = TRUE;
  self->max_plans = DNN_LATE_MAX_PLANS;
}

void
dnn_instance_unprepare (DnnInstance *self)
{
  g_autoptr (GMutexLocker) changing = g_mutex_locker_new (&self->changing);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  dnn_instance_take_next (self);
  g_ptr_array_set_size (self->bound, 0);
  dnn_states_free (self->states);
  self->states = dnn_states_new (self->module);
  dnn_arena_clear (&self->arena);
  init_arena (self);
}

/* ---- params ------------------------------------------------------------- */

/* Those set before, and these. */
static DnnParams *
merge_params (DnnParams *before, DnnParams *params)
{
  DnnParams *merged = dnn_params_new ();

  for (guint i = 0; before && i < dnn_params_get_n (before); i++)
    dnn_params_set (merged, dnn_params_get_name (before, i),
        dnn_params_get_tensor (before, i));
  for (guint i = 0; i < dnn_params_get_n (params); i++)
    dnn_params_set (merged, dnn_params_get_name (params, i),
        dnn_params_get_tensor (params, i));
  return merged;
}

/* Of what runs, or will with the next frame. */
static DnnPlan *
ref_current_plan (DnnInstance *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const DnnBoundPlan *current = self->next ? self->next
                                           : dnn_instance_get_current (self);

  return current ? dnn_plan_ref (dnn_bound_plan_get_plan (current)) : NULL;
}

struct _DnnUpdate
{
  DnnInstance *instance;
  DnnParams *params; /* all that hold from then on */
  DnnBoundPlan *bound; /* (nullable): of the plan that was current, with them */
};

void
dnn_update_free (DnnUpdate *update)
{
  if (!update)
    return;
  g_clear_pointer (&update->params, dnn_params_unref);
  dnn_bound_plan_free (update->bound);
  g_object_unref (update->instance);
  g_free (update);
}

DnnParams *
dnn_update_get_params (const DnnUpdate *update)
{
  return update->params;
}

gboolean
dnn_update_is_for (const DnnUpdate *update, const DnnInstance *self)
{
  return update->instance == self;
}

/* @before: (nullable): what @params are added to. "changing" is held. */
static DnnUpdate *
make_update (
    DnnInstance *self, DnnParams *before, DnnParams *params, GError **error)
{
  g_autoptr (DnnUpdate) update = g_new0 (DnnUpdate, 1);
  g_autoptr (DnnPlan) plan = ref_current_plan (self);

  update->instance = g_object_ref (self);
  if (!dnn_graph_check_params (
          dnn_module_get_graph (self->module), params, error)) {
    g_prefix_error (error, "%s: ", dnn_module_get_label (self->module));
    return NULL;
  }
  update->params = merge_params (before, params);
  if (plan) {
    update->bound = bind_plan_in_thread (
        self, TRUE, plan, update->params, error);
    if (!update->bound)
      return NULL;
  }
  return g_steal_pointer (&update);
}

/* (nullable): what is in force, or will be with the next frame. */
static DnnParams *
ref_params (DnnInstance *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->params ? dnn_params_ref (self->params) : NULL;
}

/**
 * dnn_instance_make_update:
 *
 * Returns: (transfer full): the update; %NULL with the errors of
 *   dnn_instance_set_params()
 */
DnnUpdate *
dnn_instance_make_update (
    DnnInstance *self, DnnParams *after, DnnParams *params, GError **error)
{
  g_autoptr (GMutexLocker) changing = g_mutex_locker_new (&self->changing);
  g_autoptr (DnnParams) before = after ? dnn_params_ref (after)
                                       : ref_params (self);

  return make_update (self, before, params, error);
}

/* The shapes may have changed since it was made: binds the plan of now. */
static gboolean
rebind_update (DnnInstance *self, DnnUpdate *update, GError **error)
{
  g_autoptr (GMutexLocker) changing = g_mutex_locker_new (&self->changing);
  g_autoptr (DnnPlan) plan = ref_current_plan (self);

  if (update->bound && dnn_bound_plan_get_plan (update->bound) == plan)
    return TRUE;
  g_clear_pointer (&update->bound, dnn_bound_plan_free);
  if (!plan)
    return TRUE;
  update->bound = bind_plan_in_thread (self, TRUE, plan, update->params, error);
  return update->bound != NULL;
}

/* Whether it can be taken as it is. The lock is held. */
static gboolean
is_up_to_date (DnnInstance *self, const DnnUpdate *update)
{
  const DnnBoundPlan *current = self->next ? self->next
                                           : dnn_instance_get_current (self);

  if (!current || !update->bound)
    return !current && !update->bound;
  return dnn_bound_plan_get_plan (current) ==
      dnn_bound_plan_get_plan (update->bound);
}

/**
 * dnn_instance_take_update:
 *
 * Returns: %FALSE with UNSUPPORTED or what the backend says, where it can't be
 *   bound for shapes that came since; nothing is changed then
 */
gboolean
dnn_instance_take_update (DnnInstance *self, DnnUpdate *update, GError **error)
{
  g_autoptr (DnnUpdate) taken = update;
  g_autoptr (DnnParams) before = NULL;
  g_autoptr (DnnBoundPlan) unused = NULL;

  g_return_val_if_fail (update->instance == self, FALSE);
  g_mutex_lock (&self->lock);
  while (!is_up_to_date (self, update)) {
    g_mutex_unlock (&self->lock);
    if (!rebind_update (self, update, error))
      return FALSE;
    g_mutex_lock (&self->lock);
  }
  before = self->params;
  self->params = g_steal_pointer (&update->params);
  unused = self->next;
  g_atomic_pointer_set (&self->next, NULL);
  if (update->bound)
    g_ptr_array_insert (self->bound, 0, g_steal_pointer (&update->bound));
  drop_outdated_plans (self);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* Hands both to the next frame; takes them. */
static void
hand_over (DnnInstance *self, DnnParams *params, DnnBoundPlan *bound)
{
  DnnBoundPlan *unused;
  DnnParams *before;

  g_mutex_lock (&self->lock);
  before = self->params;
  self->params = params;
  unused = self->next;
  g_atomic_pointer_set (&self->next, bound);
  g_mutex_unlock (&self->lock);
  dnn_bound_plan_free (unused);
  if (before)
    dnn_params_unref (before);
}

/**
 * dnn_instance_set_params:
 *
 * Returns: %FALSE with VALUE (there are none), UNKNOWN_NAME, TYPE, SHAPE,
 *   UNSUPPORTED (a param whose value the plan was made from, by name) or what
 *   the backend says; nothing is changed then
 */
gboolean
dnn_instance_set_params (DnnInstance *self, DnnParams *params, GError **error)
{
  g_autoptr (GMutexLocker) changing = g_mutex_locker_new (&self->changing);
  g_autoptr (DnnParams) before = ref_params (self);
  g_autoptr (DnnUpdate) update = make_update (self, before, params, error);

  if (!update)
    return FALSE;
  hand_over (self, g_steal_pointer (&update->params),
      g_steal_pointer (&update->bound));
  return TRUE;
}

/**
 * dnn_instance_get_plan:
 *
 * Returns: (transfer none) (nullable): the current plan
 */
DnnPlan *
dnn_instance_get_plan (DnnInstance *self)
{
  const DnnBoundPlan *current = dnn_instance_get_current (self);

  return current ? dnn_bound_plan_get_plan (current) : NULL;
}

/**
 * dnn_instance_get_output_shape:
 *
 * Returns: (transfer none): known; the instance must be prepared
 */
const DnnShape *
dnn_instance_get_output_shape (DnnInstance *self, guint idx)
{
  g_return_val_if_fail (dnn_instance_get_current (self), NULL);
  return dnn_plan_get_output_shape (dnn_instance_get_plan (self), idx);
}

guint
dnn_instance_get_n_plans (DnnInstance *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->bound->len;
}

gsize
dnn_instance_get_arena_size (DnnInstance *self)
{
  gsize size = dnn_arena_get_size (&self->arena) +
      dnn_states_get_size (self->states);

  for (guint i = 0; i < self->bound->len; i++)
    size += dnn_bound_plan_get_size (self->bound->pdata[i]);
  return size;
}
