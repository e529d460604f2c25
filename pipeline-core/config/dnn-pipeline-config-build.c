/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A configuration made by naming modules → numbers in topological order,
 * modules ready to run, files. Next: dnn-pipeline-config-write.c. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-module-private.h"

/* ---- numbers ------------------------------------------------------------ */

static void
renumber_end (DnnInterface *end, GHashTable *numbers)
{
  if (end->kind == DNN_INTERFACE_MODULE_INPUT ||
      end->kind == DNN_INTERFACE_MODULE_OUTPUT ||
      end->kind == DNN_INTERFACE_MODULE_PARAMS)
    end->mod_idx = GPOINTER_TO_INT (
        g_hash_table_lookup (numbers, GINT_TO_POINTER (end->mod_idx)));
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const DnnStage *x = *(DnnStage *const *) a, *y = *(DnnStage *const *) b;

  return x->mod_idx - y->mod_idx;
}

/* TVM's order, so that numbers are those its users know: again and again
 * through all modules as they were named, taking each that waits for nothing
 * any more. */
static GPtrArray *
sort_as_named (DnnPipelineConfig *self)
{
  const GPtrArray *stages = self->stages;
  GPtrArray *sorted = g_ptr_array_sized_new (stages->len);
  g_autoptr (GHashTable) n_done = g_hash_table_new (NULL, NULL);

  while (sorted->len < stages->len) {
    for (guint i = 0; i < stages->len; i++) {
      DnnStageFull *full = stages->pdata[i];
      guint done = GPOINTER_TO_UINT (g_hash_table_lookup (n_done, full));
      if (done < full->n_predecessors || g_ptr_array_find (sorted, full, NULL))
        continue;
      g_ptr_array_add (sorted, full);
      for (guint j = 0; j < full->successors->len; j++) {
        gpointer next = full->successors->pdata[j];
        done = GPOINTER_TO_UINT (g_hash_table_lookup (n_done, next));
        g_hash_table_insert (n_done, next, GUINT_TO_POINTER (done + 1));
      }
    }
  }
  return sorted;
}

void
dnn_pipeline_config_number_stages (DnnPipelineConfig *self)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) stages = NULL;
  gboolean changed = FALSE;

  if (!self->numbers_are_free)
    return;
  stages = sort_as_named (self);
  for (guint i = 0; i < stages->len; i++) {
    DnnStage *stage = stages->pdata[i];
    g_hash_table_insert (
        numbers, GINT_TO_POINTER (stage->mod_idx), GINT_TO_POINTER ((gint) i));
    changed |= stage->mod_idx != (gint) i;
    stage->mod_idx = (gint) i;
  }
  if (!changed)
    return;
  for (guint i = 0; i < self->binds->len; i++) {
    DnnBind *bind = self->binds->pdata[i];
    renumber_end (&bind->src, numbers);
    renumber_end (&bind->dst, numbers);
  }
  g_ptr_array_sort (self->stages, compare_numbers);
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  self->binds_are_sorted = FALSE;
}

/* ---- building ----------------------------------------------------------- */

/**
 * dnn_pipeline_config_build:
 *
 * Numbers modules that were added by naming them, checks settings and
 * bindings, and calls each module's build function where something changed
 * since the last time.
 *
 * Returns: %FALSE with the errors of dnn_pipeline_config_check(), VALUE or
 *   UNSUPPORTED (a setting), SHAPE (given ones don't fit each other), or what a
 *   build function says
 */
gboolean
dnn_pipeline_config_build (DnnPipelineConfig *self, GError **error)
{
  dnn_pipeline_config_number_stages (self);
  dnn_pipeline_config_find_states (self);
  if (!dnn_pipeline_config_check (self, error))
    return FALSE;
  for (guint i = 0; i < self->modules->len; i++)
    if (!dnn_pipeline_module_build (self->modules->pdata[i], error))
      return FALSE;
  return dnn_pipeline_config_check_fits (self, error);
}

/**
 * dnn_pipeline_config_get_config:
 *
 * Returns: (transfer full): the bindings as the JSON text of the file
 *   pipeline_config: module_connection, input_connection, param_connection;
 *   %NULL with the errors of dnn_pipeline_config_check()
 */
gchar *
dnn_pipeline_config_get_config (DnnPipelineConfig *self, GError **error)
{
  g_autoptr (JsonNode) json = NULL;

  dnn_pipeline_config_number_stages (self);
  if (!dnn_pipeline_config_check (self, error))
    return NULL;
  json = dnn_pipeline_config_to_json (self);
  return json_to_string (json, TRUE);
}

/**
 * dnn_pipeline_config_export_library:
 * @dir: a folder; made if it is missing
 *
 * Builds what isn't built, then dnn_pipeline_config_export().
 *
 * Returns: (transfer full): path of `config`; %NULL with the errors of
 *   dnn_pipeline_config_build() and dnn_pipeline_config_export()
 */
gchar *
dnn_pipeline_config_export_library (
    DnnPipelineConfig *self, const gchar *dir, GError **error)
{
  if (!dnn_pipeline_config_build (self, error))
    return NULL;
  return dnn_pipeline_config_export (self, dir, error);
}

/**
 * dnn_pipeline_config_load_library:
 * @path: what dnn_pipeline_config_export_library() returned
 *
 * Returns: (transfer full): dnn_pipeline_config_new_from_file()
 */
DnnPipelineConfig *
dnn_pipeline_config_load_library (const gchar *path, GError **error)
{
  return dnn_pipeline_config_new_from_file (path, error);
}
