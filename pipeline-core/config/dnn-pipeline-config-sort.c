/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineConfig → its stages in topological order; and whether a binding
 * is missing. Cycles can't be here: dnn-pipeline-config-bind.c refuses them. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config-private.h"

/* ---- order ------------------------------------------------------------------
 */

/* Of the stages that wait for nothing, that with the smallest number. */
static guint
find_ready (const GPtrArray *stages, const guint *n_waiting)
{
  for (guint i = 0; i < stages->len; i++)
    if (n_waiting[i] == 0)
      return i;
  g_assert_not_reached ();
}

static guint
find_index (const GPtrArray *stages, gconstpointer stage)
{
  guint idx = 0;

  g_assert (g_ptr_array_find ((GPtrArray *) stages, stage, &idx));
  return idx;
}

/**
 * dnn_pipeline_config_get_stages:
 *
 * Returns: (transfer none) (element-type DnnStage): all stages; each comes
 *   behind those it takes tensors from, else by number
 */
const GPtrArray *
dnn_pipeline_config_get_stages (DnnPipelineConfig *self)
{
  guint n = self->stages->len;
  g_autofree guint *n_waiting = g_new (guint, MAX (n, 1));

  if (self->sorted)
    return self->sorted;
  self->sorted = g_ptr_array_sized_new (n);
  for (guint i = 0; i < n; i++)
    n_waiting[i] = ((DnnStageFull *) self->stages->pdata[i])->n_predecessors;
  while (self->sorted->len < n) {
    guint ready = find_ready (self->stages, n_waiting);
    DnnStageFull *full = self->stages->pdata[ready];
    g_ptr_array_add (self->sorted, full);
    n_waiting[ready] = G_MAXUINT; /* taken */
    for (guint i = 0; i < full->successors->len; i++)
      n_waiting[find_index (self->stages, full->successors->pdata[i])]--;
  }
  return self->sorted;
}

/* ---- gaps -------------------------------------------------------------------
 */

static void add_gap (GPtrArray *errors, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

static void
add_gap (GPtrArray *errors, const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (
      errors, g_error_new_valist (DNN_ERROR, DNN_ERROR_UNBOUND, format, args));
  va_end (args);
}

static void
check_input (DnnPipelineConfig *self, const DnnStage *stage, const gchar *name,
    GPtrArray *errors)
{
  DnnInterface input = { DNN_INTERFACE_MODULE_INPUT, stage->mod_idx, 0,
    (gchar *) name };

  if (dnn_pipeline_config_is_bound (self, &input))
    return;
  if (stage->json_path && !stage->params_path)
    add_gap (errors,
        "Input \"%s\" of module %d has no binding; if it is a param: "
        "load_config has no \"params_name\" for the module",
        name, stage->mod_idx);
  else
    add_gap (errors, "Input \"%s\" of module %d has no binding", name,
        stage->mod_idx);
}

/* An element has as many inputs as the highest number bound says. */
static void
check_element_inputs (
    DnnPipelineConfig *self, const DnnStage *stage, GPtrArray *errors)
{
  gint64 highest = -1;

  for (guint i = 0; i < self->binds->len; i++) {
    const DnnInterface *dst = &((DnnBind *) self->binds->pdata[i])->dst;
    if (dst->kind == DNN_INTERFACE_MODULE_INPUT &&
        dst->mod_idx == stage->mod_idx)
      highest = MAX (highest, g_ascii_strtoll (dst->name, NULL, 10));
  }
  for (gint64 i = 0; i <= MAX (highest, 0); i++) {
    g_autofree gchar *name = g_strdup_printf ("%" G_GINT64_FORMAT, i);
    check_input (self, stage, name, errors);
  }
}

static void
check_stage_inputs (
    DnnPipelineConfig *self, const DnnStageFull *full, GPtrArray *errors)
{
  const DnnStage *stage = &full->stage;

  if (full->is_broken || full->inputs_excused)
    return;
  if (!stage->module) {
    check_element_inputs (self, stage, errors);
    return;
  }
  for (guint i = 0; i < dnn_module_get_n_inputs (stage->module); i++)
    check_input (
        self, stage, dnn_module_get_input_name (stage->module, i), errors);
}

/* Numbered from 0 on, without gaps. */
static void
check_outputs (DnnPipelineConfig *self, GPtrArray *errors)
{
  guint n = dnn_pipeline_config_get_n_outputs (self), missing = 0;

  if (self->outputs_excused)
    return;
  if (n == 0)
    add_gap (errors, "The pipeline has no global output");
  for (guint i = 0; i < n + missing && n > 0; i++) {
    DnnInterface output = { DNN_INTERFACE_GLOBAL_OUTPUT, 0, i, NULL };
    if (i >= DNN_MAX_GLOBAL_OUTPUTS)
      break;
    if (dnn_pipeline_config_is_bound (self, &output))
      continue;
    add_gap (errors,
        "Global output %u has no binding, though %u global outputs exist", i,
        n);
    missing++;
  }
}

void
dnn_pipeline_config_collect_gaps (DnnPipelineConfig *self, GPtrArray *errors)
{
  if (self->stages->len == 0) {
    add_gap (errors, "The pipeline has no modules");
    return;
  }
  for (guint i = 0; i < self->stages->len; i++)
    check_stage_inputs (self, self->stages->pdata[i], errors);
  check_outputs (self, errors);
}

/* What couldn't be read back. */
static gboolean
check_limit (const gchar *what, guint n, guint limit, GError **error)
{
  if (n <= limit)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "The pipeline has %u %s, at most %u are supported", n, what, limit);
  return FALSE;
}

/**
 * dnn_pipeline_config_check:
 *
 * Returns: %FALSE with LIMIT (modules, bindings), UNBOUND for the first binding
 * that is missing: an input of a module, a number among the global outputs, any
 * output at all
 */
gboolean
dnn_pipeline_config_check (DnnPipelineConfig *self, GError **error)
{
  g_autoptr (GPtrArray)
      errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);

  if (!check_limit ("modules", self->stages->len, DNN_MAX_STAGES, error) ||
      !check_limit ("bindings", self->binds->len, DNN_MAX_BINDINGS, error))
    return FALSE;
  dnn_pipeline_config_collect_gaps (self, errors);
  if (errors->len == 0)
    return TRUE;
  if (error)
    *error = g_error_copy (errors->pdata[0]);
  return FALSE;
}
