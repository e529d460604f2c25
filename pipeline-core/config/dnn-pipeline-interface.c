/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Names of inputs, outputs and param groups → handles that connect. Next:
 * dnn-pipeline-config-bind.c, which has the rules. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-module-private.h"

struct _DnnPipelineInterface
{
  DnnPipelineConfig *config; /* held by copies, not by the configuration's */
  gboolean is_copy;
  DnnStageFull *full; /* of the configuration; NULL for the pipeline's own */
  DnnInterfaceKind kind;
  gint idx;
  gchar *name;
};

G_DEFINE_BOXED_TYPE (DnnPipelineInterface, dnn_pipeline_interface,
    dnn_pipeline_interface_copy, dnn_pipeline_interface_free)

/**
 * dnn_pipeline_interface_copy:
 *
 * Returns: (transfer full): a handle for the same interface, which keeps the
 *   configuration alive
 */
DnnPipelineInterface *
dnn_pipeline_interface_copy (DnnPipelineInterface *self)
{
  DnnPipelineInterface *copy = g_memdup2 (self, sizeof *self);

  copy->config = g_object_ref (self->config);
  copy->name = g_strdup (self->name);
  copy->is_copy = TRUE;
  return copy;
}

/**
 * dnn_pipeline_interface_free:
 * @self: (transfer full): a copy
 */
void
dnn_pipeline_interface_free (DnnPipelineInterface *self)
{
  g_return_if_fail (self->is_copy);
  g_object_unref (self->config);
  g_free (self->name);
  g_free (self);
}

void
dnn_pipeline_interface_free_handle (gpointer handle)
{
  DnnPipelineInterface *self = handle;

  g_free (self->name);
  g_free (self);
}

static DnnPipelineInterface *
create_handle (DnnPipelineConfig *config, DnnStageFull *full,
    DnnInterfaceKind kind, gint idx, const gchar *name)
{
  DnnPipelineInterface *self = g_new0 (DnnPipelineInterface, 1);

  self->config = config;
  self->full = full;
  self->kind = kind;
  self->idx = idx;
  self->name = g_strdup (name);
  return self;
}

DnnPipelineInterface *
dnn_pipeline_config_get_handle (DnnPipelineConfig *self, DnnStageFull *full,
    DnnInterfaceKind kind, gint idx, const gchar *name)
{
  g_autofree gchar *key = g_strdup_printf (
      "%p %d %d %s", (gpointer) full, kind, idx, name ? name : "");
  DnnPipelineInterface *handle = g_hash_table_lookup (self->handles, key);

  if (!handle) {
    handle = create_handle (self, full, kind, idx, name);
    g_hash_table_insert (self->handles, g_steal_pointer (&key), handle);
  }
  return handle;
}

/* With the module's number of now. Names stay the handle's. */
static DnnInterface
get_interface (const DnnPipelineInterface *self)
{
  return (DnnInterface){
    .kind = self->kind,
    .mod_idx = self->full ? self->full->stage.mod_idx : 0,
    .index = self->idx,
    .name = self->name,
  };
}

static gboolean
check_same_config (const DnnPipelineInterface *self,
    const DnnPipelineInterface *dst, GError **error)
{
  if (self->config == dst->config)
    return TRUE;
  g_set_error_literal (error, DNN_ERROR, DNN_ERROR_VALUE,
      "The interfaces belong to different pipelines");
  return FALSE;
}

/**
 * dnn_pipeline_interface_connect:
 * @self: (nullable): where tensors or params come from: a module's output, an
 *   input or a param group of the pipeline
 * @dst: (nullable): where they go: a module's input, an output of the pipeline
 *   or a module's params
 *
 * Binds @self to @dst. In C, both may be what a function that failed returned,
 * so that calls can be nested with one @error: it is kept.
 *
 * Returns: %FALSE with the errors of dnn_pipeline_config_bind(), or VALUE where
 *   both belong to different configurations; nothing is changed then
 */
gboolean
dnn_pipeline_interface_connect (
    DnnPipelineInterface *self, DnnPipelineInterface *dst, GError **error)
{
  DnnInterface from, to;

  if (!self || !dst || !check_same_config (self, dst, error))
    return FALSE;
  from = get_interface (self);
  to = get_interface (dst);
  return dnn_pipeline_config_bind (self->config, &from, &to, error);
}

static gboolean
check_state_ends (
    const DnnInterface *from, const DnnInterface *to, GError **error)
{
  g_autofree gchar *a = dnn_interface_to_string (from);
  g_autofree gchar *b = dnn_interface_to_string (to);

  if (from->kind == DNN_INTERFACE_MODULE_OUTPUT &&
      to->kind == DNN_INTERFACE_MODULE_INPUT && from->mod_idx == to->mod_idx)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_OUTPUT_TARGET,
      "A state leads from an output of a module to an input of the same, not "
      "from %s to %s",
      a, b);
  return FALSE;
}

/**
 * dnn_pipeline_interface_connect_state:
 * @self: (nullable): a module's output
 * @dst: (nullable): an input of the same module
 * @initial: (nullable): param of the module that is the first value; %NULL:
 *   zeros
 *
 * Makes @dst a state: what @self was a frame ago. As with
 * dnn_pipeline_interface_connect(), both may be what a function that failed
 * returned.
 *
 * Returns: %FALSE with the errors of dnn_pipeline_config_bind_state(),
 *   OUTPUT_TARGET (two modules, or other ends), or VALUE where both belong to
 *   different configurations; nothing is changed then
 *
 * Since: 0.2
 */
gboolean
dnn_pipeline_interface_connect_state (DnnPipelineInterface *self,
    DnnPipelineInterface *dst, const gchar *initial, GError **error)
{
  DnnInterface from, to;

  if (!self || !dst || !check_same_config (self, dst, error))
    return FALSE;
  from = get_interface (self);
  to = get_interface (dst);
  return check_state_ends (&from, &to, error) &&
      dnn_pipeline_config_bind_state (
          self->config, from.mod_idx, from.index, to.name, initial, error);
}

/**
 * dnn_pipeline_interface_to_string:
 *
 * Returns: (transfer full): what messages call it: "output 0 of module 1"
 */
gchar *
dnn_pipeline_interface_to_string (DnnPipelineInterface *self)
{
  DnnInterface interface = get_interface (self);

  return dnn_interface_to_string (&interface);
}

/* ---- what it is --------------------------------------------------------- */

/**
 * dnn_pipeline_interface_get_io_type:
 *
 * Returns: (transfer none): "input", "output" or "param", as TVM calls it
 *
 * Since: 0.2
 */
const gchar *
dnn_pipeline_interface_get_io_type (DnnPipelineInterface *self)
{
  switch (self->kind) {
    case DNN_INTERFACE_GLOBAL_INPUT:
    case DNN_INTERFACE_MODULE_INPUT:
      return "input";
    case DNN_INTERFACE_MODULE_OUTPUT:
    case DNN_INTERFACE_GLOBAL_OUTPUT:
      return "output";
    default:
      return "param";
  }
}

/**
 * dnn_pipeline_interface_get_name:
 *
 * Returns: (transfer full): the name of an input or a param group, the number
 *   of an output, "param" for a module's params
 *
 * Since: 0.2
 */
gchar *
dnn_pipeline_interface_get_name (DnnPipelineInterface *self)
{
  switch (self->kind) {
    case DNN_INTERFACE_MODULE_OUTPUT:
    case DNN_INTERFACE_GLOBAL_OUTPUT:
      return g_strdup_printf ("%d", self->idx);
    case DNN_INTERFACE_MODULE_PARAMS:
      return g_strdup ("param");
    default:
      return g_strdup (self->name);
  }
}

static DnnPipelineInterface *
get_handle_of (DnnPipelineConfig *config, const DnnInterface *end)
{
  gboolean is_global = end->kind == DNN_INTERFACE_GLOBAL_INPUT ||
      end->kind == DNN_INTERFACE_GLOBAL_OUTPUT ||
      end->kind == DNN_INTERFACE_PARAM_GROUP;

  return dnn_pipeline_config_get_handle (config,
      is_global ? NULL : dnn_pipeline_config_find_stage (config, end->mod_idx),
      end->kind, end->index, end->name);
}

/* Outputs and inputs of one module. */
static void
add_states (DnnPipelineInterface *self, GPtrArray *ends)
{
  DnnModule *module = self->full ? self->full->stage.module : NULL;
  guint n = module ? dnn_module_get_n_states (module) : 0;

  for (guint i = 0; i < n; i++) {
    DnnInterface end = { .mod_idx = self->full->stage.mod_idx };
    const gchar *name = dnn_module_get_state_name (module, i);
    gint output = (gint) dnn_module_get_state_output (module, i);
    if (self->kind == DNN_INTERFACE_MODULE_OUTPUT && self->idx == output) {
      end.kind = DNN_INTERFACE_MODULE_INPUT;
      end.name = (gchar *) name;
    } else if (self->kind == DNN_INTERFACE_MODULE_INPUT &&
        g_str_equal (self->name, name)) {
      end.kind = DNN_INTERFACE_MODULE_OUTPUT;
      end.index = output;
    } else {
      continue;
    }
    g_ptr_array_add (ends, get_handle_of (self->config, &end));
  }
}

/**
 * dnn_pipeline_interface_get_bindings:
 *
 * Returns: (transfer container) (element-type DnnPipelineInterface): what it is
 *   connected to: where it goes, or, of a module's input, a module's params and
 *   an output of the pipeline, where that comes from; states too
 *
 * Since: 0.2
 */
GPtrArray *
dnn_pipeline_interface_get_bindings (DnnPipelineInterface *self)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self->config);
  DnnInterface own = get_interface (self);
  GPtrArray *ends = g_ptr_array_new ();

  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (dnn_interface_compare (self->config, &bind->src, &own) == 0)
      g_ptr_array_add (ends, get_handle_of (self->config, &bind->dst));
    else if (dnn_interface_compare (self->config, &bind->dst, &own) == 0)
      g_ptr_array_add (ends, get_handle_of (self->config, &bind->src));
  }
  add_states (self, ends);
  return ends;
}

/* ---- the pipeline's own ------------------------------------------------- */

/**
 * dnn_pipeline_config_get_input:
 * @name: any; it need not exist yet
 *
 * Returns: (transfer none): the input of the whole pipeline
 */
DnnPipelineInterface *
dnn_pipeline_config_get_input (DnnPipelineConfig *self, const gchar *name)
{
  return dnn_pipeline_config_get_handle (
      self, NULL, DNN_INTERFACE_GLOBAL_INPUT, 0, name);
}

/**
 * dnn_pipeline_config_get_output:
 * @idx: from 0 on
 *
 * Returns: (transfer none): the output of the whole pipeline
 */
DnnPipelineInterface *
dnn_pipeline_config_get_output (DnnPipelineConfig *self, gint idx)
{
  return dnn_pipeline_config_get_handle (
      self, NULL, DNN_INTERFACE_GLOBAL_OUTPUT, idx, NULL);
}

/**
 * dnn_pipeline_config_get_param_group:
 * @name: any; it need not exist yet
 *
 * Returns: (transfer none): the group of params that can be set while the
 *   pipeline runs
 */
DnnPipelineInterface *
dnn_pipeline_config_get_param_group (DnnPipelineConfig *self, const gchar *name)
{
  return dnn_pipeline_config_get_handle (
      self, NULL, DNN_INTERFACE_PARAM_GROUP, 0, name);
}
