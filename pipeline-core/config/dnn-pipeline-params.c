/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Param group and params → params for each of its modules. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-params.h"

/* mod_idx of what @group is bound to. */
static GArray *
find_modules (DnnPipelineConfig *self, const gchar *group)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self);
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
has_param (DnnPipelineConfig *self, gint mod_idx, const gchar *name)
{
  const DnnStage *stage = dnn_pipeline_config_get_stage (self, mod_idx);
  const DnnValue *value = dnn_graph_find_value (
      dnn_module_get_graph (stage->module), name);

  return value && value->kind == DNN_VALUE_PARAM;
}

static gboolean
check_names (DnnPipelineConfig *self, const GArray *modules, const gchar *group,
    DnnParams *params, GError **error)
{
  for (guint i = 0; i < dnn_params_get_n (params); i++) {
    const gchar *name = dnn_params_get_name (params, i);
    gboolean known = FALSE;
    for (guint j = 0; j < modules->len && !known; j++)
      known = has_param (self, g_array_index (modules, gint, j), name);
    if (!known) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
          "Param group \"%s\": \"%s\" is no param of its %s", group, name,
          modules->len > 1 ? "modules" : "module");
      return FALSE;
    }
  }
  return TRUE;
}

/* Those of @params that module @mod_idx has. */
static DnnParams *
select_params (DnnPipelineConfig *self, gint mod_idx, DnnParams *params)
{
  DnnParams *selected = dnn_params_new ();

  for (guint i = 0; i < dnn_params_get_n (params); i++)
    if (has_param (self, mod_idx, dnn_params_get_name (params, i)))
      dnn_params_set (selected, dnn_params_get_name (params, i),
          dnn_params_get_tensor (params, i));
  return selected;
}

static void
clear_module_params (gpointer data)
{
  dnn_params_unref (((DnnModuleParams *) data)->params);
}

GArray *
dnn_pipeline_config_split_params (DnnPipelineConfig *self, const gchar *group,
    DnnParams *params, GError **error)
{
  g_autoptr (GArray) modules = find_modules (self, group);
  GArray *split;

  if (modules->len == 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "There is no param group \"%s\"", group);
    return NULL;
  }
  if (dnn_params_get_n (params) == 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "Param group \"%s\": no params were given", group);
    return NULL;
  }
  if (!check_names (self, modules, group, params, error))
    return NULL;
  split = g_array_new (FALSE, FALSE, sizeof (DnnModuleParams));
  g_array_set_clear_func (split, clear_module_params);
  for (guint i = 0; i < modules->len; i++) {
    gint mod_idx = g_array_index (modules, gint, i);
    DnnModuleParams one = { mod_idx, select_params (self, mod_idx, params) };
    if (dnn_params_get_n (one.params) > 0)
      g_array_append_val (split, one);
    else
      dnn_params_unref (one.params);
  }
  return split;
}
