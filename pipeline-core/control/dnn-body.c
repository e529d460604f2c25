/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A subgraph → a module of its own, an instance inside an instance. Next:
 * dnn-instance.c. */
#include "config.h"

#include "pipeline-core/control/dnn-body.h"

#include "pipeline-core/base/dnn-workspace.h"
#include "pipeline-core/plan/dnn-instance-private.h"

struct _DnnBody
{
  DnnModule *module;
  DnnInstance *instance;
  DnnShape *shapes; /* prepared for; by input */
  gboolean is_prepared;
  gconstpointer *inputs;
  gpointer *outputs;
};

DnnModule *
dnn_body_make_module (DnnGraph *graph, GError **error)
{
  return dnn_module_new (graph, error);
}

DnnBody *
dnn_body_new (DnnModule *module, const DnnTarget *target, GError **error)
{
  DnnInstance *instance = dnn_instance_new_for_target (
      module, target, NULL, error);
  guint n_inputs = dnn_module_get_n_inputs (module);
  DnnBody *self;

  if (!instance)
    return NULL;
  self = g_new0 (DnnBody, 1);
  self->module = g_object_ref (module);
  self->instance = instance;
  self->shapes = g_new0 (DnnShape, MAX (n_inputs, 1));
  self->inputs = g_new0 (gconstpointer, MAX (n_inputs, 1));
  self->outputs = g_new0 (gpointer, MAX (dnn_module_get_n_outputs (module), 1));
  return self;
}

void
dnn_body_set_late (DnnBody *self)
{
  dnn_instance_set_late (self->instance);
}

void
dnn_body_free (DnnBody *self)
{
  if (!self)
    return;
  g_object_unref (self->instance);
  g_object_unref (self->module);
  g_free (self->shapes);
  g_free (self->inputs);
  g_free (self->outputs);
  g_free (self);
}

gboolean
dnn_body_prepare (DnnBody *self, const DnnCallArg *inputs, GError **error)
{
  gboolean is_same = self->is_prepared;

  for (guint i = 0; i < dnn_module_get_n_inputs (self->module); i++) {
    is_same = is_same && dnn_shape_equal (&self->shapes[i], &inputs[i].shape);
    self->shapes[i] = inputs[i].shape;
  }
  if (!is_same)
    self->is_prepared = dnn_instance_prepare (
        self->instance, self->shapes, error);
  return self->is_prepared;
}

gboolean
dnn_body_is_prepared (const DnnBody *self)
{
  return self->is_prepared;
}

const DnnShape *
dnn_body_get_output_shape (const DnnBody *self, guint idx)
{
  return dnn_instance_get_output_shape (self->instance, idx);
}

gsize
dnn_body_get_output_size (const DnnBody *self, guint idx)
{
  const DnnShape *shape = dnn_body_get_output_shape (self, idx);
  DnnType type = dnn_plan_get_output_type (
      dnn_instance_get_plan (self->instance), idx);

  return (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type);
}

gconstpointer *
dnn_body_get_inputs (DnnBody *self)
{
  return self->inputs;
}

gpointer *
dnn_body_get_outputs (DnnBody *self)
{
  return self->outputs;
}

static gboolean
follow (DnnBody *self, DnnWorkspace *workspace, GError **error)
{
  if (G_UNLIKELY (dnn_workspace_is_stopped (workspace))) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_FAILED, "The frame was stopped");
    return FALSE;
  }
  dnn_instance_follow (self->instance, dnn_workspace_get_stop (workspace));
  return TRUE;
}

gboolean
dnn_body_run (DnnBody *self, DnnWorkspace *workspace, GError **error)
{
  if (!follow (self, workspace, error))
    return FALSE;
  if (dnn_workspace_is_rehearsal (workspace))
    return dnn_instance_rehearse (
        self->instance, self->inputs, self->outputs, error);
  return dnn_instance_run (self->instance, self->inputs, self->outputs, error);
}

gboolean
dnn_body_run_to (DnnBody *self, DnnWorkspace *workspace, DnnOutputFunc output,
    gpointer user_data, GError **error)
{
  if (!follow (self, workspace, error))
    return FALSE;
  if (dnn_workspace_is_rehearsal (workspace))
    return dnn_instance_rehearse_to (
        self->instance, self->inputs, output, user_data, NULL, error);
  return dnn_instance_run_to (
      self->instance, self->inputs, output, user_data, NULL, error);
}

gchar *
dnn_body_describe (DnnModule *module, const DnnCallArg *inputs,
    const DnnTarget *target, const gchar *name)
{
  guint n = dnn_module_get_n_inputs (module);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, MAX (n, 1));
  g_autoptr (DnnPlan) plan = NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    shapes[i] = inputs[i].shape;
  plan = dnn_plan_get_for_target (module, shapes, target, NULL, NULL);
  g_string_append_printf (
      text, "%s: %s\n", name, plan ? "" : "planned when it is first taken");
  for (guint i = 0; plan && i < dnn_plan_get_n_steps (plan); i++) {
    const DnnPlanStep *step = dnn_plan_get_step (plan, i);
    g_string_append_printf (text, "  %4u %-20s %-26s %9.3f ms %-9s %s  %s\n", i,
        step->op, step->impl, step->cost / 1e6,
        step->is_measured ? "measured" : "estimated", step->text,
        step->node_name);
  }
  return g_string_free (text, FALSE);
}
