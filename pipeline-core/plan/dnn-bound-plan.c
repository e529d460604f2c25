/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A plan → addresses and argument lists of one instance; then frames, step by
 * step. */
#include "config.h"

#include "pipeline-core/plan/dnn-bound-plan.h"

#include <string.h>
#include <time.h>

#include "pipeline-core/base/dnn-workspace.h"
#include "pipeline-core/library/dnn-op-library.h"
#include "pipeline-core/plan/dnn-late-run.h"

/* One entry of the flat run list: all that a frame needs. */
typedef struct
{
  gboolean (*run) (gpointer prepared, gpointer bound, const DnnBinding *binding,
      GError **error);
  gpointer prepared, bound;
  DnnBinding binding;
  const DnnStep *step;
} RunStep;

/* An address that is the caller's, written before each run; or the arena's,
 * written when that has moved. */
typedef struct
{
  gpointer *slot;
  guint index; /* of the module input or output */
  gsize offset;
} Patch;

/* A module input or output as the kernels see it. */
typedef struct
{
  DnnType type;
  gsize size;
  gsize alignment; /* what the kernels that see it demand */
  gpointer copy; /* aligned; NULL until a misaligned address comes */
  gpointer address; /* in this run: the caller's, or the copy */
} Port;

struct _DnnBoundPlan
{
  DnnPlan *plan;
  DnnWeights *weights; /* NULL: the plan's own */
  DnnParams *params; /* NULL: the module's */
  DnnArena *arena; /* of the instance */
  guint8 *arena_memory; /* what slots were filled from */
  GArray *arena_patches;
  RunStep *steps;
  guint n_steps;
  gpointer *slots; /* src, dst and packed of all bindings */
  GArray *input_patches, *output_patches;
  Port *inputs, *outputs; /* outputs: of the head */
  guint n_inputs, n_outputs;
  DnnLateRun *late; /* (nullable): what follows the head */
  gpointer *given; /* by output of the head: addresses of one frame */
};

/* ---- binding ------------------------------------------------------------ */

static gsize
get_tensor_size (DnnType type, const DnnShape *shape)
{
  return (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type);
}

static void
init_port (Port *port, DnnType type, const DnnShape *shape)
{
  port->type = type;
  port->size = get_tensor_size (type, shape);
  port->alignment = dnn_type_size (type);
}

static void
create_ports (DnnBoundPlan *self)
{
  const DnnPlan *plan = self->plan;
  const DnnSegment *segment = plan->segments->pdata[0];
  const DnnInference *inference = segment->inference;
  const GPtrArray *outputs = inference->graph->outputs;

  self->n_inputs = plan->n_inputs;
  self->inputs = g_new0 (Port, MAX (plan->n_inputs, 1));
  for (guint i = 0; i < plan->n_inputs; i++)
    init_port (&self->inputs[i], dnn_module_get_input_type (plan->module, i),
        &plan->inputs[i]);
  self->n_outputs = outputs->len;
  self->outputs = g_new0 (Port, MAX (outputs->len, 1));
  self->given = g_new0 (gpointer, MAX (outputs->len, 1));
  for (guint i = 0; i < outputs->len; i++) {
    const DnnInferredValue *known = dnn_inference_get (
        inference, outputs->pdata[i]);
    init_port (&self->outputs[i], known->type, &known->shape);
  }
}

static gpointer
get_packed (const DnnBoundPlan *self, const DnnSegment *segment, guint idx)
{
  return self->weights ? dnn_weights_get_packed (self->weights, idx)
                       : dnn_block_get_data (segment->packed->pdata[idx]);
}

static guint8 *
get_bytes (const DnnBoundPlan *self, gconstpointer bytes)
{
  return (guint8 *) (self->weights
          ? dnn_weights_get_bytes (self->weights, bytes)
          : bytes);
}

/* The caller's address goes into @slot before each run of @candidate. */
static void
add_patch (GArray *patches, Port *ports, const Patch *patch,
    const DnnCandidate *candidate)
{
  Port *port = &ports[patch->index];

  port->alignment = MAX (port->alignment, candidate->alignment);
  g_array_append_val (patches, *patch);
}

static void
resolve_place (DnnBoundPlan *self, const DnnSegment *segment,
    const DnnCandidate *candidate, const DnnPlace *place, gpointer *slot)
{
  Patch patch = { slot, place->index, place->offset };

  switch (place->base) {
    case DNN_BASE_NONE:
      break;
    case DNN_BASE_ARENA:
      g_array_append_val (self->arena_patches, patch);
      break;
    case DNN_BASE_PACKED:
      *slot = (guint8 *) get_packed (self, segment, place->index) +
          place->offset;
      break;
    case DNN_BASE_BYTES:
      *slot = get_bytes (self, place->bytes) + place->offset;
      break;
    case DNN_BASE_INPUT:
      add_patch (self->input_patches, self->inputs, &patch, candidate);
      break;
    case DNN_BASE_OUTPUT:
      add_patch (self->output_patches, self->outputs, &patch, candidate);
      break;
  }
}

/* Fills the binding of one step; returns the first slot behind its own. */
static gpointer *
resolve_step (DnnBoundPlan *self, const DnnSegment *segment,
    const DnnStep *step, RunStep *run, gpointer *slots)
{
  const DnnCandidate *candidate = step->candidate;
  Patch scratch = { &run->binding.scratch, 0, segment->scratch_offset };

  run->run = candidate->kernel->run;
  run->prepared = step->prepared;
  run->step = step;
  run->binding.src = slots;
  run->binding.dst = slots + candidate->n_src;
  for (guint i = 0; i < candidate->n_src; i++)
    resolve_place (
        self, segment, candidate, &step->src[i], &run->binding.src[i]);
  for (guint i = 0; i < candidate->n_dst; i++)
    resolve_place (
        self, segment, candidate, &step->dst[i], &run->binding.dst[i]);
  run->binding.packed = run->binding.dst + candidate->n_dst;
  for (guint i = 0; i < candidate->n_packs; i++)
    run->binding.packed[i] = get_packed (self, segment, step->packed + i);
  g_array_append_val (self->arena_patches, scratch);
  run->binding.workspace = self->arena->workspace;
  return run->binding.packed + candidate->n_packs;
}

static guint
count_slots (const DnnSegment *segment)
{
  guint n = 0;

  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    n += step->candidate->n_src + step->candidate->n_dst +
        step->candidate->n_packs;
  }
  return n;
}

static void
resolve_segment (DnnBoundPlan *self, const DnnSegment *segment)
{
  gpointer *slots;

  self->n_steps = segment->steps->len;
  self->steps = g_new0 (RunStep, MAX (self->n_steps, 1));
  self->slots = slots = g_new0 (gpointer, MAX (count_slots (segment), 1));
  for (guint i = 0; i < self->n_steps; i++)
    slots = resolve_step (
        self, segment, segment->steps->pdata[i], &self->steps[i], slots);
}

static void
write_patches (const GArray *patches, const Port *ports)
{
  const Patch *patch = (const Patch *) patches->data;

  for (guint i = 0; i < patches->len; i++, patch++)
    *patch->slot = (guint8 *) ports[patch->index].address + patch->offset;
}

/* The arena may have moved. */
static void
follow_arena (DnnBoundPlan *self)
{
  const Patch *patch = (const Patch *) self->arena_patches->data;

  self->arena_memory = self->arena->memory;
  for (guint i = 0; i < self->arena_patches->len; i++, patch++)
    *patch->slot = self->arena_memory + patch->offset;
}

static void
add_place (const RunStep *run, GError **error)
{
  const DnnPlanStep *info = &run->step->info;

  if (error && *error && !g_error_matches (*error, DNN_ERROR, DNN_ERROR_DATA))
    g_prefix_error (
        error, "node \"%s\" (%s, %s): ", info->node_name, info->op, info->impl);
}

static gboolean
bind_steps (DnnBoundPlan *self, GError **error)
{
  for (guint i = 0; i < self->n_steps; i++) {
    RunStep *run = &self->steps[i];
    const DnnKernel *kernel = run->step->candidate->kernel;
    if (!kernel->bind)
      continue;
    run->bound = kernel->bind (run->prepared, &run->binding, error);
    if (!run->bound) {
      add_place (run, error);
      return FALSE;
    }
  }
  return TRUE;
}

/* ---- running ------------------------------------------------------------ */

static guint64
read_clock (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000u + (guint64) now.tv_nsec;
}

static gboolean
run_steps (DnnBoundPlan *self, GError **error)
{
  const RunStep *end = self->steps + self->n_steps;

  for (const RunStep *step = self->steps; step < end; step++) {
    if (G_UNLIKELY (
            !step->run (step->prepared, step->bound, &step->binding, error))) {
      add_place (step, error);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
run_steps_timed (DnnBoundPlan *self, guint64 *ns, GError **error)
{
  guint64 before = read_clock ();

  for (guint i = 0; i < self->n_steps; i++) {
    const RunStep *step = &self->steps[i];
    guint64 now;
    if (!step->run (step->prepared, step->bound, &step->binding, error)) {
      add_place (step, error);
      return FALSE;
    }
    now = read_clock ();
    ns[i] = now - before;
    before = now;
  }
  return TRUE;
}

/* The port's address in this run. */
static void
set_address (Port *port, gconstpointer given)
{
  if (G_LIKELY (GPOINTER_TO_SIZE (given) % port->alignment == 0)) {
    port->address = (gpointer) given;
    return;
  }
  if (!port->copy)
    port->copy = dnn_alloc_aligned (MAX (port->size, 1));
  port->address = port->copy;
}

gboolean
dnn_bound_plan_run (DnnBoundPlan *self, gconstpointer const *inputs,
    gpointer const *outputs, guint64 *ns, GError **error)
{
  gboolean ok;

  for (guint i = 0; i < self->n_inputs; i++) {
    Port *port = &self->inputs[i];
    set_address (port, inputs[i]);
    if (G_UNLIKELY (port->address != inputs[i]))
      memcpy (port->address, inputs[i], port->size);
  }
  for (guint i = 0; i < self->n_outputs; i++)
    set_address (&self->outputs[i], outputs[i]);
  if (G_UNLIKELY (self->arena_memory != self->arena->memory))
    follow_arena (self);
  write_patches (self->input_patches, self->inputs);
  write_patches (self->output_patches, self->outputs);
  ok = ns ? run_steps_timed (self, ns, error) : run_steps (self, error);
  for (guint i = 0; i < self->n_outputs && ok; i++)
    if (G_UNLIKELY (self->outputs[i].address != outputs[i]))
      memcpy (outputs[i], self->outputs[i].address, self->outputs[i].size);
  return ok;
}

/* Addresses of all that the head writes. */
static gboolean
ask_outputs (DnnBoundPlan *self, DnnOutputFunc output, gpointer user_data,
    GError **error)
{
  const DnnPlan *plan = self->plan;

  for (guint i = 0; i < self->n_outputs; i++)
    self->given[i] = self->late ? dnn_late_run_get_memory (self->late, i)
                                : NULL;
  for (guint i = 0; i < plan->n_outputs; i++) {
    gint idx = plan->late ? plan->late->ready[i] : (gint) i;
    if (idx < 0)
      continue;
    self->given[idx] = dnn_output_ask (
        plan->module, i, &plan->outputs[i], output, user_data, error);
    if (!self->given[idx])
      return FALSE;
  }
  return TRUE;
}

gboolean
dnn_bound_plan_run_to (DnnBoundPlan *self, gconstpointer const *inputs,
    DnnOutputFunc output, gpointer user_data, guint64 *ns, GError **error)
{
  return ask_outputs (self, output, user_data, error) &&
      dnn_bound_plan_run (self, inputs, self->given, ns, error) &&
      (!self->late ||
          dnn_late_run_frame (self->late, output, user_data,
              ns ? ns + self->n_steps : NULL, error));
}

gboolean
dnn_bound_plan_is_late (const DnnBoundPlan *self)
{
  return self->late != NULL;
}

/* ---- life --------------------------------------------------------------- */

static gpointer *
create_zeros (const Port *ports, guint n)
{
  gpointer *memory = g_new0 (gpointer, MAX (n, 1));

  for (guint i = 0; i < n; i++) {
    memory[i] = dnn_alloc_aligned (MAX (ports[i].size, 1));
    memset (memory[i], 0, ports[i].size);
  }
  return memory;
}

/* A library's code is spared what it may not check: division of integers by
 * zero, and 0 / 0 that becomes an index. What wide integers mean, indices or
 * divisors, nobody knows. */
static gboolean
fill_for_library (const Port *port, gpointer memory)
{
  gsize element = dnn_type_size (port->type);
  gboolean is_float = (DNN_TYPE_BIT (port->type) & DNN_TYPES_FLOAT) != 0;

  if (port->type == DNN_TYPE_BOOL)
    return TRUE;
  if (!is_float && element > 1)
    return FALSE;
  for (gsize i = 0; i < port->size / element; i++)
    dnn_type_set (port->type, memory, i,
        is_float ? 0.25 + (gdouble) (i % 97) / 128 : 1 + (gdouble) (i % 97));
  return TRUE;
}

static gboolean
has_library (const DnnBoundPlan *self)
{
  for (guint i = 0; i < self->n_steps; i++) {
    const DnnCall *call = self->steps[i].step->call; /* NULL: a reorder */
    if (call && dnn_op_is_of_library (call->op))
      return TRUE;
  }
  return FALSE;
}

/* FALSE where it is better not to run before there is a frame. */
static gboolean
fill_inputs (const DnnBoundPlan *self, gpointer *inputs)
{
  gboolean is_good = TRUE;

  if (has_library (self))
    for (guint i = 0; i < self->n_inputs; i++)
      is_good = fill_for_library (&self->inputs[i], inputs[i]) && is_good;
  return is_good;
}

static void
free_zeros (gpointer *memory, guint n)
{
  for (guint i = 0; i < n; i++)
    dnn_free_aligned (memory[i]);
  g_free (memory);
}

/* Kernels are bound while the ports have addresses, then run once, if at all.
 * That the data is no good for some operator is no failure. */
static gboolean
bind_all (DnnBoundPlan *self, gboolean warms_up, GError **error)
{
  gpointer *inputs = create_zeros (self->inputs, self->n_inputs);
  gpointer *outputs = create_zeros (self->outputs, self->n_outputs);
  g_autoptr (GError) reason = NULL;
  gboolean ok;

  for (guint i = 0; i < self->n_inputs; i++)
    self->inputs[i].address = inputs[i];
  for (guint i = 0; i < self->n_outputs; i++)
    self->outputs[i].address = outputs[i];
  write_patches (self->input_patches, self->inputs);
  write_patches (self->output_patches, self->outputs);
  ok = bind_steps (self, &reason);
  dnn_workspace_set_rehearsal (self->arena->workspace, TRUE);
  if (ok && warms_up && fill_inputs (self, inputs))
    ok = dnn_bound_plan_run (
        self, (gconstpointer const *) inputs, outputs, NULL, &reason);
  dnn_workspace_set_rehearsal (self->arena->workspace, FALSE);
  free_zeros (inputs, self->n_inputs);
  free_zeros (outputs, self->n_outputs);
  if (!ok && !g_error_matches (reason, DNN_ERROR, DNN_ERROR_DATA)) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  return TRUE;
}

DnnBoundPlan *
dnn_bound_plan_new (DnnPlan *plan, DnnParams *params, DnnArena *arena,
    gboolean warms_up, GError **error)
{
  g_autoptr (DnnBoundPlan) self = g_new0 (DnnBoundPlan, 1);

  self->plan = dnn_plan_ref (plan);
  self->params = params ? dnn_params_ref (params) : NULL;
  self->arena = arena;
  self->arena_patches = g_array_new (FALSE, FALSE, sizeof (Patch));
  self->input_patches = g_array_new (FALSE, FALSE, sizeof (Patch));
  self->output_patches = g_array_new (FALSE, FALSE, sizeof (Patch));
  create_ports (self);
  if (params) {
    self->weights = dnn_weights_get (plan, params, error);
    if (!self->weights)
      return NULL;
  }
  g_assert (plan->segments->len == 1);
  resolve_segment (self, plan->segments->pdata[0]);
  follow_arena (self);
  if (plan->late) {
    self->late = dnn_late_run_new (plan, arena->workspace, error);
    if (!self->late)
      return NULL;
  }
  if (!bind_all (self, warms_up, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
free_ports (Port *ports, guint n)
{
  for (guint i = 0; i < n; i++)
    dnn_free_aligned (ports[i].copy);
  g_free (ports);
}

void
dnn_bound_plan_free (DnnBoundPlan *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n_steps; i++) {
    const RunStep *run = &self->steps[i];
    const DnnKernel *kernel = run->step->candidate->kernel;
    if (kernel->release)
      kernel->release (run->prepared, run->bound);
  }
  g_free (self->steps);
  g_free (self->slots);
  g_array_unref (self->arena_patches);
  dnn_late_run_free (self->late);
  g_free (self->given);
  free_ports (self->inputs, self->n_inputs);
  free_ports (self->outputs, self->n_outputs);
  g_array_unref (self->input_patches);
  g_array_unref (self->output_patches);
  g_clear_pointer (&self->weights, dnn_weights_unref);
  g_clear_pointer (&self->params, dnn_params_unref);
  dnn_plan_unref (self->plan);
  g_free (self);
}

static gboolean
time_runs (DnnBoundPlan *self, gconstpointer const *inputs,
    gpointer const *outputs, guint n, guint64 *ns, GError **error)
{
  g_autofree guint64 *times = g_new0 (guint64, MAX (self->n_steps, 1));

  for (guint i = 0; i < n; i++) {
    if (!dnn_bound_plan_run (self, inputs, outputs, times, error))
      return FALSE;
    for (guint j = 0; j < self->n_steps; j++)
      ns[j] = i == 0 ? times[j] : MIN (ns[j], times[j]);
  }
  return TRUE;
}

gboolean
dnn_bound_plan_time (DnnBoundPlan *self, guint n, guint64 *ns, GError **error)
{
  gpointer *inputs = create_zeros (self->inputs, self->n_inputs);
  gpointer *outputs = create_zeros (self->outputs, self->n_outputs);
  gboolean ok;

  dnn_workspace_set_rehearsal (self->arena->workspace, TRUE);
  ok = fill_inputs (self, inputs) &&
      time_runs (self, (gconstpointer const *) inputs, outputs, n, ns, error);
  dnn_workspace_set_rehearsal (self->arena->workspace, FALSE);
  free_zeros (inputs, self->n_inputs);
  free_zeros (outputs, self->n_outputs);
  return ok;
}

DnnPlan *
dnn_bound_plan_get_plan (const DnnBoundPlan *self)
{
  return self->plan;
}

DnnParams *
dnn_bound_plan_get_params (const DnnBoundPlan *self)
{
  return self->params;
}

gsize
dnn_bound_plan_get_size (const DnnBoundPlan *self)
{
  gsize size = 0;

  if (self->weights)
    size += dnn_plan_get_packed_size (self->plan);
  if (self->late)
    size += dnn_late_run_get_size (self->late);
  for (guint i = 0; i < self->n_inputs; i++)
    size += self->inputs[i].copy ? self->inputs[i].size : 0;
  for (guint i = 0; i < self->n_outputs; i++)
    size += self->outputs[i].copy ? self->outputs[i].size : 0;
  return size;
}
