/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Module, input shapes, threads → DnnPlan, shared among all who ask for the
 * same. The steps of planning, in order, are in make_segment(). Next:
 * dnn-instance.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan.h"

#include "pipeline-core/base/dnn-pages.h"
#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/plan/dnn-module-private.h"
#include "pipeline-core/plan/dnn-plan-tune.h"
#include "pipeline-core/tune/dnn-tune-machine.h"

/* ---- freeing ------------------------------------------------------------ */

void
dnn_step_free (DnnStep *self)
{
  if (self->prepared && self->candidate->kernel->unprepare)
    self->candidate->kernel->unprepare (self->prepared);
  dnn_candidate_free (self->candidate);
  g_free (self->src);
  g_free (self->dst);
  g_free (self->info.text);
  g_free (self);
}

void
dnn_segment_free (DnnSegment *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->steps);
  g_clear_pointer (&self->packed, g_ptr_array_unref);
  g_clear_pointer (&self->constants, g_array_unref);
  g_clear_pointer (&self->choices, dnn_tune_rows_free);
  dnn_inference_free (self->inference);
  g_free (self);
}

static void
free_plan (DnnPlan *self)
{
  g_ptr_array_unref (self->segments);
  g_ptr_array_unref (self->weights);
  dnn_late_free (self->late);
  g_free (self->inputs);
  g_free (self->outputs);
  g_free (self->output_types);
  g_object_unref (self->module);
  g_free (self);
}

/**
 * dnn_plan_ref:
 *
 * Returns: (transfer full): @self
 */
DnnPlan *
dnn_plan_ref (DnnPlan *self)
{
  DnnPlanCache *cache = dnn_module_get_plan_cache (self->module);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&cache->lock);

  self->ref_count++;
  return self;
}

void
dnn_plan_unref (DnnPlan *self)
{
  DnnPlanCache *cache = dnn_module_get_plan_cache (self->module);
  gboolean is_last;

  g_mutex_lock (&cache->lock);
  is_last = --self->ref_count == 0;
  if (is_last)
    g_ptr_array_remove (cache->plans, self);
  g_mutex_unlock (&cache->lock);
  if (is_last)
    free_plan (self);
}

/* ---- planning ----------------------------------------------------------- */

static DnnPlan *
create_plan (DnnModule *module, const DnnShape *inputs, const DnnTarget *target)
{
  DnnPlan *self = g_new0 (DnnPlan, 1);

  self->ref_count = 1;
  self->module = g_object_ref (module);
  self->n_inputs = dnn_module_get_n_inputs (module);
  self->inputs = g_new0 (DnnShape, MAX (self->n_inputs, 1));
  for (guint i = 0; i < self->n_inputs; i++)
    self->inputs[i] = inputs[i];
  self->target = *target;
  self->segments = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_segment_free);
  self->weights = g_ptr_array_new ();
  return self;
}

static void
set_outputs (DnnPlan *self, const DnnInference *inference)
{
  GPtrArray *outputs = inference->graph->outputs;

  self->n_outputs = outputs->len;
  self->outputs = g_new0 (DnnShape, MAX (outputs->len, 1));
  self->output_types = g_new0 (DnnType, MAX (outputs->len, 1));
  for (guint i = 0; i < outputs->len; i++) {
    const DnnInferredValue *known = dnn_inference_get (
        inference, outputs->pdata[i]);
    self->outputs[i] = known->shape;
    self->output_types[i] = known->type;
  }
}

static gdouble
count_bytes (DnnType type, const DnnShape *shape)
{
  return (gdouble) dnn_shape_n_elements (shape) *
      (gdouble) dnn_type_size (type);
}

/* That there is memory for one instance: better said now than by an abort when
 * it is made. */
static gboolean
check_memory (const DnnPlan *self, const DnnSegment *segment, GError **error)
{
  gdouble bytes = (gdouble) segment->arena_size +
      (gdouble) segment->packed_size;
  gpointer probe = NULL;

  for (guint i = 0; i < self->n_inputs; i++)
    bytes += count_bytes (
        dnn_module_get_input_type (self->module, i), &self->inputs[i]);
  for (guint i = 0; i < self->n_outputs; i++)
    if (dnn_shape_is_known (&self->outputs[i]))
      bytes += count_bytes (self->output_types[i], &self->outputs[i]);
  if (bytes <= (gdouble) DNN_PLAN_MAX_BYTES)
    probe = g_try_malloc (MAX ((gsize) bytes, 1));
  if (!probe) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%.0f bytes are needed for inputs, outputs, tensors and weights: more "
        "than there is",
        bytes);
    return FALSE;
  }
  g_free (probe);
  return TRUE;
}

static void
note_choices (DnnSegment *segment, const DnnDraft *draft)
{
  segment->choices = dnn_tune_rows_new (dnn_tune_get_machine ());
  dnn_plan_note_choices (draft, segment->choices);
}

static void
drop_segments (DnnPlan *self)
{
  g_ptr_array_set_size (self->segments, 0);
  g_clear_pointer (&self->late, dnn_late_free);
  g_clear_pointer (&self->outputs, g_free);
  g_clear_pointer (&self->output_types, g_free);
}

/* Of the whole graph. */
static const DnnInference *
get_inference (const DnnPlan *self)
{
  const DnnSegment *segment = self->segments->pdata[0];

  return self->late ? self->late->inference : segment->inference;
}

static DnnInference *
infer (DnnPlan *self, DnnGraph *graph, DnnInferFlags flags, GError **error)
{
  const DnnInference *known = self->like ? get_inference (self->like) : NULL;

  return dnn_infer_graph_like (graph, dnn_module_get_library (self->module),
      self->inputs, &self->target, DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL | flags,
      known && known->graph == graph ? known : NULL, error);
}

/* What nobody can tell before a frame comes has no place in caps. */
static gboolean
check_types (const DnnPlan *self, GError **error)
{
  for (guint i = 0; i < self->n_outputs; i++) {
    if (self->output_types[i] != DNN_TYPE_INVALID)
      continue;
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "output \"%s\": its data type isn't known before a frame comes",
        dnn_module_get_output_name (self->module, i));
    return FALSE;
  }
  return TRUE;
}

/* What is planned now: all of the graph, or its head. */
static DnnInference *
infer_head (DnnPlan *self, GError **error)
{
  g_autoptr (DnnInference) inference = infer (
      self, dnn_module_get_graph (self->module), DNN_INFER_LATE, error);
  g_autoptr (GError) reason = NULL;

  if (!inference)
    return NULL;
  set_outputs (self, inference);
  if (!check_types (self, error))
    return NULL;
  self->late = dnn_late_new (inference, &reason);
  if (reason) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return NULL;
  }
  if (!self->late)
    return g_steal_pointer (&inference);
  g_steal_pointer (&inference);
  return infer (self, self->late->head, 0, error);
}

/* All of the graph, or its head: the segment's end is the module's end, or
 * where shapes begin to depend on data. */
static gboolean
make_segment (DnnPlan *self, DnnTuning *tuning, GError **error)
{
  g_autoptr (DnnDraft) draft = NULL;
  DnnSegment *segment;
  DnnInference *inference = infer_head (self, error);

  if (!inference)
    return FALSE;
  segment = g_new0 (DnnSegment, 1);
  segment->inference = inference;
  segment->steps = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_step_free);
  g_ptr_array_add (self->segments, segment);

  draft = dnn_draft_new (inference);
  dnn_plan_offer (draft);
  dnn_plan_tune (draft, tuning);
  dnn_plan_choose (draft);
  if (self->target.tune == DNN_TUNE_ON)
    note_choices (segment, draft);
  if (!dnn_plan_lower (draft, error))
    return FALSE;
  dnn_plan_share (draft);
  dnn_plan_place (draft, segment);
  return check_memory (self, segment, error) &&
      dnn_plan_prepare (draft, segment, error);
}

/* Once more, where the first one is found to be slower than it was thought. */
static gboolean
make_segments (DnnPlan *self, const gchar *cpu_affinity, GError **error)
{
  DnnPlanCache *cache = dnn_module_get_plan_cache (self->module);
  DnnTuning tuning;
  gboolean ok = dnn_tuning_init (
      &tuning, &self->target, cpu_affinity, !cache->is_planned, error);

  ok = ok && make_segment (self, &tuning, error);
  if (ok && dnn_tuning_check (&tuning, self)) {
    drop_segments (self);
    ok = make_segment (self, &tuning, error);
  }
  cache->is_planned = TRUE;
  dnn_tuning_clear (&tuning);
  return ok;
}

/* Bytes of params that lie in files are read on the way: what these have become
 * since must not get in, and is seen before and behind. That they changed is
 * why, then, whatever else failed. */
static gboolean
make_plan_of_files (DnnPlan *self, const gchar *cpu_affinity, GError **error)
{
  DnnGraph *graph = dnn_module_get_graph (self->module);
  g_autoptr (GError) reason = NULL;
  gboolean ok;

  if (!dnn_graph_check_files (graph, error))
    return FALSE;
  ok = make_segments (self, cpu_affinity, &reason);
  if (!dnn_graph_check_files (graph, error))
    return FALSE;
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&reason));
  return ok;
}

/* What the planning thread gets, and gives. */
typedef struct
{
  DnnPlan *plan;
  const gchar *cpu_affinity;
  gboolean ok;
  GError *error;
} Work;

/* Primitives are made under the count they run with. */
static gpointer
make_plan (gpointer data)
{
  Work *work = data;
  DnnThreadsState state;

  dnn_threads_enter (&state, work->plan->target.threads, NULL);
  work->ok = make_plan_of_files (work->plan, work->cpu_affinity, &work->error);
  dnn_threads_leave (&state);
  return NULL;
}

static gboolean
make_plan_in_thread (DnnPlan *plan, const gchar *cpu_affinity, GError **error)
{
  Work work = { plan, cpu_affinity, FALSE, NULL };
  gint64 start = g_get_monotonic_time ();
  gsize before = dnn_pages_get_heap (), after;
  const gchar *label = dnn_module_get_label (plan->module);
  GThread *thread = g_thread_try_new ("dnn-plan", make_plan, &work, NULL);

  if (!thread) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%s: no thread could be started for planning", label);
    return FALSE;
  }
  g_thread_join (thread);
  after = dnn_pages_get_heap ();
  plan->held = after > before ? after - before : 0;
  if (!work.ok) {
    g_propagate_prefixed_error (error, work.error, "%s: ", label);
    return FALSE;
  }
  g_debug ("%s: planned for %d threads in %.1f ms: %u steps, %" G_GSIZE_FORMAT
           " bytes of arena, %" G_GSIZE_FORMAT " of packed weights",
      label, plan->target.threads, (g_get_monotonic_time () - start) / 1e3,
      dnn_plan_get_n_steps (plan), dnn_plan_get_arena_size (plan),
      dnn_plan_get_packed_size (plan));
  return TRUE;
}

/* ---- the cache ---------------------------------------------------------- */

static gboolean
fits (const DnnPlan *self, const DnnShape *inputs, const DnnTarget *target)
{
  if (!dnn_target_equal (&self->target, target))
    return FALSE;
  for (guint i = 0; i < self->n_inputs; i++)
    if (!dnn_shape_equal (&self->inputs[i], &inputs[i]))
      return FALSE;
  return TRUE;
}

static DnnPlan *
find_plan (DnnPlanCache *cache, const DnnShape *inputs, const DnnTarget *target)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&cache->lock);

  for (guint i = 0; i < cache->plans->len; i++) {
    DnnPlan *plan = cache->plans->pdata[i];
    if (fits (plan, inputs, target)) {
      plan->ref_count++;
      return plan;
    }
  }
  return NULL;
}

/* (nullable): any plan there is, for what all of them have. */
static DnnPlan *
ref_any_plan (DnnPlanCache *cache)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&cache->lock);
  DnnPlan *plan = cache->plans->len > 0 ? cache->plans->pdata[0] : NULL;

  if (plan)
    plan->ref_count++;
  return plan;
}

/* Of a module without states. */
static DnnPlan *
get_plan (DnnModule *module, const DnnShape *inputs, const DnnTarget *target,
    const gchar *cpu_affinity, GError **error)
{
  DnnPlanCache *cache = dnn_module_get_plan_cache (module);
  g_autoptr (GMutexLocker) planning = NULL;
  DnnTarget resolved = *target;
  DnnPlan *plan, *like;
  gboolean ok;

  g_return_val_if_fail (target->threads >= 1, NULL);
  resolved.tune = dnn_target_get_tune (target);
  planning = g_mutex_locker_new (&cache->planning);
  plan = find_plan (cache, inputs, &resolved);
  if (plan)
    return plan;
  plan = create_plan (module, inputs, &resolved);
  like = plan->like = ref_any_plan (cache);
  ok = make_plan_in_thread (plan, cpu_affinity, error);
  plan->like = NULL;
  if (like)
    dnn_plan_unref (like);
  if (!ok) {
    free_plan (plan);
    return NULL;
  }
  g_mutex_lock (&cache->lock);
  g_ptr_array_add (cache->plans, plan);
  g_mutex_unlock (&cache->lock);
  return plan;
}

/**
 * dnn_plan_get:
 *
 * Returns: (transfer full): the plan, or %NULL with SHAPE, NEEDS_SHAPE (an
 *   open dimension), UNSUPPORTED (a precision, a shape that depends on
 *   data), LIMIT, or what the backend says
 */
DnnPlan *
dnn_plan_get (DnnModule *module, const DnnShape *inputs,
    const DnnPlanOptions *options, GError **error)
{
  DnnTarget target;

  dnn_target_init (&target);
  target.threads = options->threads;
  if (!dnn_target_set_precision (&target, options->precision, error))
    return NULL;
  return dnn_plan_get_for_target (module, inputs, &target, NULL, error);
}

/**
 * dnn_plan_get_for_target:
 *
 * Returns: (transfer full): as of dnn_plan_get()
 *
 * Since: 0.2
 */
DnnPlan *
dnn_plan_get_for_target (DnnModule *module, const DnnShape *inputs,
    const DnnTarget *target, const gchar *cpu_affinity, GError **error)
{
  g_autofree DnnShape *all = g_new0 (
      DnnShape, MAX (dnn_module_get_n_graph_inputs (module), 1));

  dnn_module_expand_shapes (module, inputs, all);
  return get_plan (
      dnn_module_get_stateless (module), all, target, cpu_affinity, error);
}

/* ---- what it is --------------------------------------------------------- */

guint
dnn_plan_get_n_steps (const DnnPlan *self)
{
  guint n = 0;

  for (guint i = 0; i < self->segments->len; i++)
    n += ((DnnSegment *) self->segments->pdata[i])->steps->len;
  return n + (self->late ? self->late->infos->len : 0);
}

/* NULL: a step behind the head, of which *@idx is the number there. */
static const DnnStep *
find_step (const DnnPlan *self, guint *idx)
{
  for (guint i = 0; i < self->segments->len; i++) {
    const DnnSegment *segment = self->segments->pdata[i];
    if (*idx < segment->steps->len)
      return segment->steps->pdata[*idx];
    *idx -= segment->steps->len;
  }
  return NULL;
}

/**
 * dnn_plan_get_step:
 *
 * Returns: (transfer none): step @idx, in the order they run
 */
const DnnPlanStep *
dnn_plan_get_step (const DnnPlan *self, guint idx)
{
  const DnnStep *step = find_step (self, &idx);

  if (step)
    return &step->info;
  g_return_val_if_fail (self->late && idx < self->late->infos->len, NULL);
  return self->late->infos->pdata[idx];
}

/**
 * dnn_plan_describe_step:
 *
 * Returns: (transfer full) (nullable): lines of text
 */
gchar *
dnn_plan_describe_step (const DnnPlan *self, guint idx)
{
  const DnnStep *step = find_step (self, &idx);
  const DnnKernel *kernel = step ? step->candidate->kernel : NULL;

  return kernel && kernel->describe ? kernel->describe (step->prepared) : NULL;
}

const DnnShape *
dnn_plan_get_input_shape (const DnnPlan *self, guint idx)
{
  g_return_val_if_fail (idx < self->n_inputs, NULL);
  return &self->inputs[idx];
}

const DnnShape *
dnn_plan_get_output_shape (const DnnPlan *self, guint idx)
{
  g_return_val_if_fail (idx < self->n_outputs, NULL);
  return &self->outputs[idx];
}

DnnType
dnn_plan_get_output_type (const DnnPlan *self, guint idx)
{
  g_return_val_if_fail (idx < self->n_outputs, DNN_TYPE_INVALID);
  return self->output_types[idx];
}

gsize
dnn_plan_get_arena_size (const DnnPlan *self)
{
  gsize size = 0;

  for (guint i = 0; i < self->segments->len; i++)
    size += ((DnnSegment *) self->segments->pdata[i])->arena_size;
  return size;
}

gsize
dnn_plan_get_held (const DnnPlan *self)
{
  return self->held;
}

gsize
dnn_plan_get_packed_size (const DnnPlan *self)
{
  gsize size = 0;

  for (guint i = 0; i < self->segments->len; i++)
    size += ((DnnSegment *) self->segments->pdata[i])->packed_size;
  return size;
}

/**
 * dnn_plan_write_choices:
 *
 * Returns: %FALSE with FAILED where the file can't be written
 *
 * Since: 0.2
 */
gboolean
dnn_plan_write_choices (
    DnnPlan *const *plans, guint n_plans, const gchar *path, GError **error)
{
  g_autoptr (DnnTuneRows) rows = dnn_tune_rows_new (dnn_tune_get_machine ());

  for (guint i = 0; i < n_plans; i++) {
    const DnnSegment *segment = plans[i]->segments->pdata[0];
    GHashTableIter iter;
    gpointer key, value;
    if (!segment->choices)
      continue;
    g_hash_table_iter_init (&iter, segment->choices->rows);
    while (g_hash_table_iter_next (&iter, &key, &value))
      dnn_tune_rows_set (rows, key, value);
  }
  return dnn_tune_choices_write (rows, path, error);
}
