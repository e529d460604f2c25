/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Param group and params → an update for each of its modules, which all take
 * theirs at the same frame. Next: gstdnnpending.c. */
#include "config.h"

#include "gst-plugin/bin/gstdnnbin-params.h"

#include "gst-plugin/module/gstdnnmodule.h"

/* mod_idx of what @group is bound to. */
static GArray *
find_modules (DnnPipelineConfig *config, const gchar *group)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (config);
  GArray *modules = g_array_new (FALSE, FALSE, sizeof (gint));

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_PARAM_GROUP &&
        g_strcmp0 (bind->src.name, group) == 0)
      g_array_append_val (modules, bind->dst.mod_idx);
  }
  return modules;
}

static gboolean
has_param (DnnPipelineConfig *config, gint mod_idx, const gchar *name)
{
  const DnnStage *stage = dnn_pipeline_config_get_stage (config, mod_idx);
  const DnnValue *value = dnn_graph_find_value (
      dnn_module_get_graph (stage->module), name);

  return value != NULL && value->kind == DNN_VALUE_PARAM;
}

static gboolean
check_names (DnnPipelineConfig *config, const GArray *modules,
    const gchar *group, DnnParams *params, GError **error)
{
  for (guint i = 0; i < dnn_params_get_n (params); i++) {
    const gchar *name = dnn_params_get_name (params, i);
    gboolean known = FALSE;
    for (guint j = 0; j < modules->len && !known; j++)
      known = has_param (config, g_array_index (modules, gint, j), name);
    if (!known) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
          "param group \"%s\": \"%s\" is no param of its %s", group, name,
          modules->len > 1 ? "modules" : "module");
      return FALSE;
    }
  }
  return TRUE;
}

/* Those of @params that module @mod_idx has. */
static DnnParams *
select_params (DnnPipelineConfig *config, gint mod_idx, DnnParams *params)
{
  DnnParams *selected = dnn_params_new ();

  for (guint i = 0; i < dnn_params_get_n (params); i++)
    if (has_param (config, mod_idx, dnn_params_get_name (params, i)))
      dnn_params_set (selected, dnn_params_get_name (params, i),
          dnn_params_get_tensor (params, i));
  return selected;
}

/* What one module is to take. */
typedef struct
{
  GstDnnModule *module;
  DnnUpdate *update; /* (nullable) */
} Change;

static void
clear_change (gpointer data)
{
  Change *change = data;

  dnn_update_free (change->update);
}

/* TRUE as well where @params has none of that module's. */
static gboolean
prepare_module (const GstDnnBinParts *parts, DnnPipelineConfig *config,
    gint mod_idx, DnnParams *params, GArray *changes, GError **error)
{
  g_autoptr (DnnParams) selected = select_params (config, mod_idx, params);
  Change change = { NULL, NULL };

  if (dnn_params_get_n (selected) == 0)
    return TRUE;
  change.module = g_hash_table_lookup (
      parts->modules, GINT_TO_POINTER (mod_idx));
  change.update = gst_dnn_module_make_update (change.module, selected, error);
  if (change.update == NULL)
    return FALSE;
  g_array_append_val (changes, change);
  return TRUE;
}

/* No frame enters meanwhile. */
static void
hand_over (guint64 last, gpointer data)
{
  GArray *changes = data;

  for (guint i = 0; i < changes->len; i++) {
    Change *change = &g_array_index (changes, Change, i);
    gst_dnn_module_add_update (
        change->module, last, g_steal_pointer (&change->update));
  }
}

gboolean
gst_dnn_bin_set_params (const GstDnnBinParts *parts, DnnPipelineConfig *config,
    const gchar *group, DnnParams *params, guint64 last, GError **error)
{
  g_autoptr (GArray) modules = find_modules (config, group);
  g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (Change));

  g_array_set_clear_func (changes, clear_change);
  if (modules->len == 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "there is no param group \"%s\"", group);
    return FALSE;
  }
  if (dnn_params_get_n (params) == 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "param group \"%s\": no params were given", group);
    return FALSE;
  }
  if (!check_names (config, modules, group, params, error))
    return FALSE;
  for (guint i = 0; i < modules->len; i++)
    if (!prepare_module (parts, config, g_array_index (modules, gint, i),
            params, changes, error)) {
      g_prefix_error (error, "param group \"%s\": ", group);
      return FALSE;
    }
  gst_dnn_entrance_divide (parts->entrance, last, hand_over, changes);
  return TRUE;
}
