/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Param group and params → each of its modules, by name. Next: gstdnnmodule.c.
 */
#include "config.h"

#include "gst-plugin/gstdnnbin-params.h"

#include "gst-plugin/gstdnnmodule.h"

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

static gboolean
set_module (GstBin *bin, DnnPipelineConfig *config, gint mod_idx,
    DnnParams *params, GError **error)
{
  g_autofree gchar *name = g_strdup_printf ("module%d", mod_idx);
  g_autoptr (GstElement) element = gst_bin_get_by_name (bin, name);
  g_autoptr (DnnParams) selected = select_params (config, mod_idx, params);

  if (dnn_params_get_n (selected) == 0)
    return TRUE;
  if (element == NULL) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_FAILED, "the pipeline doesn't run");
    return FALSE;
  }
  return gst_dnn_module_set_params (GST_DNN_MODULE (element), selected, error);
}

gboolean
gst_dnn_bin_set_params (GstBin *bin, DnnPipelineConfig *config,
    const gchar *group, DnnParams *params, GError **error)
{
  g_autoptr (GArray) modules = find_modules (config, group);

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
    if (!set_module (
            bin, config, g_array_index (modules, gint, i), params, error)) {
      g_prefix_error (error, "param group \"%s\": ", group);
      return FALSE;
    }
  return TRUE;
}
