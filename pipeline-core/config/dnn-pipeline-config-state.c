/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An output, an input of the same module → a state of that stage. What fits is
 * dnn-module-state.c's to say. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config-private.h"

static gboolean
check_stage (const DnnStage *stage, const gchar *input_name, GError **error)
{
  if (stage->module)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_OUTPUT_TARGET,
      "Module %d is an element: input \"%s\" can't be a state", stage->mod_idx,
      input_name);
  return FALSE;
}

/* An input has one source. */
static gboolean
check_free (DnnPipelineConfig *self, gint mod_idx, const gchar *input_name,
    GError **error)
{
  DnnInterface input = { DNN_INTERFACE_MODULE_INPUT, mod_idx, 0,
    (gchar *) input_name };

  if (!dnn_pipeline_config_is_bound (self, &input))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_TWO_SOURCES,
      "Input \"%s\" of module %d is bound already: it can't be a state",
      input_name, mod_idx);
  return FALSE;
}

/**
 * dnn_pipeline_config_bind_state:
 * @output_idx: an output of the module
 * @input_name: an input of the same module
 * @initial: (nullable): param of the module that is the first value; %NULL:
 *   zeros
 *
 * At each frame the input is what the output was a frame ago.
 *
 * Returns: %FALSE with UNKNOWN_NAME, OUTPUT_TARGET (an element), TWO_SOURCES,
 *   TYPE, SHAPE or NEEDS_SHAPE; nothing is changed then
 *
 * Since: 0.2
 */
gboolean
dnn_pipeline_config_bind_state (DnnPipelineConfig *self, gint mod_idx,
    gint output_idx, const gchar *input_name, const gchar *initial,
    GError **error)
{
  DnnInterface output = { DNN_INTERFACE_MODULE_OUTPUT, mod_idx, output_idx,
    NULL };
  g_autoptr (DnnModule) module = NULL;
  DnnStageFull *full;

  if (!dnn_pipeline_config_check_interface (self, &output, error))
    return FALSE;
  full = dnn_pipeline_config_find_stage (self, mod_idx);
  if (full->is_broken)
    return TRUE;
  if (!check_stage (&full->stage, input_name, error) ||
      !check_free (self, mod_idx, input_name, error))
    return FALSE;
  module = dnn_module_new_with_state (
      full->stage.module, input_name, (guint) output_idx, initial, error);
  if (!module) {
    g_prefix_error (error, "Module %d: ", mod_idx);
    return FALSE;
  }
  g_set_object (&full->stage.module, module);
  return TRUE;
}

/* ---- what names say ----------------------------------------------------- */

/* What is bound stays an input: its user feeds it. */
static void
find_states (DnnPipelineConfig *self, DnnStage *stage)
{
  g_autoptr (DnnModule) stateless = g_object_ref (stage->module);

  for (guint i = 0; i < dnn_module_get_n_inputs (stateless); i++) {
    const gchar *name = dnn_module_get_input_name (stateless, i);
    DnnInterface input = { DNN_INTERFACE_MODULE_INPUT, stage->mod_idx, 0,
      (gchar *) name };
    g_autoptr (DnnModule) named = NULL;
    if (!dnn_pipeline_config_is_bound (self, &input))
      named = dnn_module_new_with_named_state (stage->module, name);
    if (named)
      g_set_object (&stage->module, named);
  }
}

void
dnn_pipeline_config_find_states (DnnPipelineConfig *self)
{
  for (guint i = 0; i < self->stages->len; i++) {
    DnnStage *stage = self->stages->pdata[i];
    if (stage->module && dnn_module_get_n_states (stage->module) == 0)
      find_states (self, stage);
  }
}

/* ---- of another module -------------------------------------------------- */

DnnModule *
dnn_pipeline_config_copy_states (
    DnnModule *from, DnnModule *module, GError **error)
{
  g_autoptr (DnnModule) copy = g_object_ref (dnn_module_get_stateless (module));

  for (guint i = 0; i < dnn_module_get_n_states (from); i++) {
    DnnModule *added = dnn_module_new_with_state (copy,
        dnn_module_get_state_name (from, i),
        dnn_module_get_state_output (from, i),
        dnn_module_get_state_initial (from, i), error);
    if (!added)
      return NULL;
    g_object_unref (copy);
    copy = added;
  }
  return g_steal_pointer (&copy);
}

static gboolean
has_equal_state (DnnModule *a, guint idx, DnnModule *b)
{
  gint other = dnn_module_find_state (b, dnn_module_get_state_name (a, idx));

  return other >= 0 &&
      dnn_module_get_state_output (a, idx) ==
      dnn_module_get_state_output (b, (guint) other) &&
      g_strcmp0 (dnn_module_get_state_initial (a, idx),
          dnn_module_get_state_initial (b, (guint) other)) == 0;
}

gboolean
dnn_pipeline_config_states_equal (DnnModule *a, DnnModule *b)
{
  guint n = dnn_module_get_n_states (a);

  if (n != dnn_module_get_n_states (b))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!has_equal_state (a, i, b))
      return FALSE;
  return TRUE;
}
