/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A prepared instance, addresses of a frame → its outputs, where an array or a
 * function says, and states for the next one. */
#include "config.h"

#include "pipeline-core/plan/dnn-instance-private.h"

#include "pipeline-core/base/dnn-threads.h"

/* Addresses in an array, as far as the plan knows their sizes. */
static gpointer
take_from_array (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  gpointer const *outputs = user_data;

  return outputs[idx];
}

static gboolean
check_known (DnnInstance *self, const DnnPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->n_outputs; i++) {
    if (dnn_shape_is_known (&plan->outputs[i]))
      continue;
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "%s: the shape of output \"%s\" is known only in each frame; it must be "
        "asked for by a function (dnn_instance_run_to)",
        dnn_module_get_label (self->module),
        dnn_module_get_output_name (self->module, i));
    return FALSE;
  }
  return TRUE;
}

/* How one frame gives its outputs: an array, or else a function. */
typedef struct
{
  gpointer const *array;
  DnnOutputFunc func;
  gpointer user_data;
} Outputs;

static gboolean
run_bound (DnnInstance *self, DnnBoundPlan *bound, gconstpointer const *inputs,
    const Outputs *outputs, guint64 *ns, GError **error)
{
  if (outputs->func)
    return dnn_bound_plan_run_to (
        bound, inputs, outputs->func, outputs->user_data, ns, error);
  if (!dnn_bound_plan_is_late (bound))
    return dnn_bound_plan_run (bound, inputs, outputs->array, ns, error);
  return check_known (self, dnn_bound_plan_get_plan (bound), error) &&
      dnn_bound_plan_run_to (
          bound, inputs, take_from_array, (gpointer) outputs->array, ns, error);
}

static gboolean
run_frame (DnnInstance *self, gconstpointer const *inputs,
    const Outputs *outputs, guint64 *ns, GError **error)
{
  DnnBoundPlan *current;
  DnnThreadsState state;
  gboolean ok;

  if (G_UNLIKELY (g_atomic_pointer_get (&self->next))) {
    g_mutex_lock (&self->lock);
    dnn_instance_take_next (self);
    g_mutex_unlock (&self->lock);
  }
  current = dnn_instance_get_current (self);
  g_return_val_if_fail (current, FALSE);
  if (self->states)
    inputs = dnn_states_add (self->states, inputs);
  dnn_threads_enter (&state, self->target.threads, self->cpu_affinity);
  ok = run_bound (self, current, inputs, outputs, ns, error);
  dnn_threads_leave (&state);
  return ok;
}

/**
 * dnn_instance_run:
 *
 * Returns: %FALSE with DATA (a value in the frame is wrong; the next frame may
 *   be run) or FAILED (the backend); outputs are undefined then
 */
gboolean
dnn_instance_run (DnnInstance *self, gconstpointer const *inputs,
    gpointer const *outputs, GError **error)
{
  const Outputs to = { outputs, NULL, NULL };

  if (!run_frame (self, inputs, &to, NULL, error))
    return FALSE;
  if (self->states)
    dnn_states_keep (self->states, outputs);
  return TRUE;
}

/* States are taken from where outputs went. */
typedef struct
{
  DnnInstance *instance;
  DnnOutputFunc func;
  gpointer user_data;
} Noted;

static gpointer
note_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  const Noted *noted = user_data;

  return noted->instance->given[idx] = noted->func (
             idx, shape, noted->user_data, error);
}

/**
 * dnn_instance_run_to: (skip)
 *
 * Returns: as of dnn_instance_run(); also what @output says
 *
 * Since: 0.2
 */
gboolean
dnn_instance_run_to (DnnInstance *self, gconstpointer const *inputs,
    DnnOutputFunc output, gpointer user_data, guint64 *ns, GError **error)
{
  Noted noted = { self, output, user_data };
  const Outputs to = { NULL, self->states ? note_output : output,
    self->states ? &noted : user_data };

  if (!run_frame (self, inputs, &to, ns, error))
    return FALSE;
  if (self->states)
    dnn_states_keep (self->states, self->given);
  return TRUE;
}

static gboolean
rehearse (DnnInstance *self, gconstpointer const *inputs,
    const Outputs *outputs, guint64 *ns, GError **error)
{
  gboolean ok;

  dnn_workspace_set_rehearsal (self->arena.workspace, TRUE);
  ok = run_frame (self, inputs, outputs, ns, error);
  dnn_workspace_set_rehearsal (self->arena.workspace, FALSE);
  return ok;
}

/**
 * dnn_instance_rehearse_to: (skip)
 *
 * Returns: as of dnn_instance_run_to()
 *
 * Since: 0.2
 */
gboolean
dnn_instance_rehearse_to (DnnInstance *self, gconstpointer const *inputs,
    DnnOutputFunc output, gpointer user_data, guint64 *ns, GError **error)
{
  const Outputs to = { NULL, output, user_data };

  return rehearse (self, inputs, &to, ns, error);
}

/**
 * dnn_instance_is_late:
 *
 * Returns: whether the shape of some output depends on the data of a frame; the
 *   instance must be prepared
 *
 * Since: 0.2
 */
gboolean
dnn_instance_is_late (DnnInstance *self)
{
  const DnnPlan *plan = dnn_instance_get_plan (self);

  g_return_val_if_fail (plan, FALSE);
  for (guint i = 0; i < plan->n_outputs; i++)
    if (!dnn_shape_is_known (&plan->outputs[i]))
      return TRUE;
  return FALSE;
}

/**
 * dnn_instance_rehearse:
 *
 * Returns: as of dnn_instance_run()
 *
 * Since: 0.2
 */
gboolean
dnn_instance_rehearse (DnnInstance *self, gconstpointer const *inputs,
    gpointer const *outputs, GError **error)
{
  const Outputs to = { outputs, NULL, NULL };

  return rehearse (self, inputs, &to, NULL, error);
}

/**
 * dnn_instance_set_stopped:
 *
 * Since: 0.2
 */
void
dnn_instance_set_stopped (DnnInstance *self, gboolean is_stopped)
{
  g_atomic_int_set (&self->is_stopped, is_stopped);
}

void
dnn_instance_follow (DnnInstance *self, const gint *stop)
{
  self->stop = stop;
  dnn_workspace_set_stop (self->arena.workspace, stop);
}

/**
 * dnn_instance_run_timed:
 *
 * Returns: as of dnn_instance_run()
 */
gboolean
dnn_instance_run_timed (DnnInstance *self, gconstpointer const *inputs,
    gpointer const *outputs, guint64 *ns, GError **error)
{
  const Outputs to = { outputs, NULL, NULL };

  if (!run_frame (self, inputs, &to, ns, error))
    return FALSE;
  if (self->states)
    dnn_states_keep (self->states, outputs);
  return TRUE;
}

/* ---- states ------------------------------------------------------------- */

/**
 * dnn_instance_reset_states:
 *
 * Since: 0.2
 */
void
dnn_instance_reset_states (DnnInstance *self)
{
  if (self->states)
    dnn_states_reset (self->states);
}

/**
 * dnn_instance_set_state:
 *
 * Returns: %FALSE with TYPE or SHAPE; SHAPE where it isn't prepared
 *
 * Since: 0.2
 */
gboolean
dnn_instance_set_state (
    DnnInstance *self, guint idx, DnnTensor *value, GError **error)
{
  g_return_val_if_fail (idx < dnn_module_get_n_states (self->module), FALSE);
  return dnn_states_set (self->states, idx, value, error);
}
