/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Modules, elements and bindings → DnnPipelineConfig: what a pipeline
 * consists of. Bindings are made in dnn-pipeline-config-bind.c, files read in
 * dnn-pipeline-config-read.c. Next: the element dnnbin builds it. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-config.h"
#include "pipeline-core/config/dnn-pipeline-config-private.h"
#include "pipeline-core/config/dnn-pipeline-module-private.h"

#include <stdlib.h>

G_DEFINE_TYPE (DnnPipelineConfig, dnn_pipeline_config, G_TYPE_OBJECT)

const gchar *const dnn_pipeline_config_precisions[] = { "f32", "bf16", "int8",
  NULL };

gboolean
dnn_pipeline_config_parse_dev (const gchar *text, gint *type, gint *id)
{
  g_auto (GStrv) parts = g_strsplit_set (text, ",;", 3);
  guint64 numbers[2] = { kDLCPU, 0 };
  guint n = g_strv_length (parts);

  if (n > 2)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    gboolean is_nothing = n == 1 && !*g_strstrip (parts[i]);
    if (!is_nothing &&
        !g_ascii_string_to_unsigned (
            g_strstrip (parts[i]), 10, 0, G_MAXINT, &numbers[i], NULL))
      return FALSE;
  }
  *type = (gint) numbers[0];
  *id = (gint) numbers[1];
  return TRUE;
}

/* ---- interfaces ------------------------------------------------------------
 */

void
dnn_interface_clear (DnnInterface *self)
{
  g_clear_pointer (&self->name, g_free);
}

DnnInterface
dnn_interface_copy (const DnnInterface *self)
{
  DnnInterface copy = { self->kind };

  switch (self->kind) {
    case DNN_INTERFACE_MODULE_INPUT:
      copy.mod_idx = self->mod_idx;
      copy.name = g_strdup (self->name ? self->name : "");
      break;
    case DNN_INTERFACE_MODULE_OUTPUT:
      copy.mod_idx = self->mod_idx;
      copy.index = self->index;
      break;
    case DNN_INTERFACE_MODULE_PARAMS:
      copy.mod_idx = self->mod_idx;
      break;
    case DNN_INTERFACE_GLOBAL_OUTPUT:
      copy.index = self->index;
      break;
    default:
      copy.name = g_strdup (self->name ? self->name : "");
  }
  return copy;
}

/* Inputs of a module in the order of the module. */
static gint
get_position (DnnPipelineConfig *config, const DnnInterface *self)
{
  DnnStageFull *full;

  if (self->kind != DNN_INTERFACE_MODULE_INPUT)
    return self->index;
  full = dnn_pipeline_config_find_stage (config, self->mod_idx);
  if (full && full->stage.module)
    return dnn_module_find_input (full->stage.module, self->name);
  return atoi (self->name);
}

gint
dnn_interface_compare (
    DnnPipelineConfig *config, const DnnInterface *a, const DnnInterface *b)
{
  gint p, q;

  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  if (a->mod_idx != b->mod_idx)
    return a->mod_idx < b->mod_idx ? -1 : 1;
  p = get_position (config, a);
  q = get_position (config, b);
  if (p != q)
    return p < q ? -1 : 1;
  return g_strcmp0 (a->name, b->name);
}

gchar *
dnn_interface_to_string (const DnnInterface *self)
{
  switch (self->kind) {
    case DNN_INTERFACE_GLOBAL_INPUT:
      return g_strdup_printf ("global input \"%s\"", self->name);
    case DNN_INTERFACE_MODULE_INPUT:
      return g_strdup_printf (
          "input \"%s\" of module %d", self->name, self->mod_idx);
    case DNN_INTERFACE_MODULE_OUTPUT:
      return g_strdup_printf (
          "output %d of module %d", self->index, self->mod_idx);
    case DNN_INTERFACE_GLOBAL_OUTPUT:
      return g_strdup_printf ("global output %d", self->index);
    case DNN_INTERFACE_PARAM_GROUP:
      return g_strdup_printf ("param group \"%s\"", self->name);
    default:
      return g_strdup_printf ("the params of module %d", self->mod_idx);
  }
}

void
dnn_interface_get_tensor (DnnPipelineConfig *config, const DnnInterface *self,
    DnnType *type, DnnShape *shape)
{
  DnnStageFull *full = dnn_pipeline_config_find_stage (config, self->mod_idx);
  DnnModule *module = full ? full->stage.module : NULL;
  gint idx;

  *type = DNN_TYPE_INVALID;
  *shape = (DnnShape){ -1 };
  if (!module)
    return;
  if (self->kind == DNN_INTERFACE_MODULE_INPUT) {
    idx = dnn_module_find_input (module, self->name);
    *type = dnn_module_get_input_type (module, idx);
    *shape = *dnn_module_get_input_shape (module, idx);
  } else if (self->kind == DNN_INTERFACE_MODULE_OUTPUT) {
    *type = dnn_module_get_output_type (module, self->index);
    *shape = *dnn_module_get_output_shape (module, self->index);
  }
}

/* ---- shape ------------------------------------------------------------------
 */

static void free_bind (gpointer data);

DnnPipelineShape *
dnn_pipeline_config_get_shape (DnnPipelineConfig *self)
{
  DnnPipelineShape *shape = g_new0 (DnnPipelineShape, 1);

  shape->inputs = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->inputs->len; i++)
    g_ptr_array_add (shape->inputs, g_strdup (self->inputs->pdata[i]));
  shape->binds = g_ptr_array_new_with_free_func (free_bind);
  for (guint i = 0; i < self->binds->len; i++) {
    const DnnBind *bind = self->binds->pdata[i];
    DnnBind *copy = g_new0 (DnnBind, 1);
    copy->src = dnn_interface_copy (&bind->src);
    copy->dst = dnn_interface_copy (&bind->dst);
    g_ptr_array_add (shape->binds, copy);
  }
  return shape;
}

void
dnn_pipeline_shape_free (DnnPipelineShape *self)
{
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->binds);
  g_free (self);
}

gboolean
dnn_pipeline_config_set_shape (
    DnnPipelineConfig *self, const DnnPipelineShape *shape, GError **error)
{
  for (guint i = 0; i < shape->inputs->len; i++)
    g_ptr_array_add (self->inputs, g_strdup (shape->inputs->pdata[i]));
  for (guint i = 0; i < shape->binds->len; i++) {
    const DnnBind *bind = shape->binds->pdata[i];
    if (!dnn_pipeline_config_bind (self, &bind->src, &bind->dst, error))
      return FALSE;
  }
  return dnn_pipeline_config_check (self, error);
}

/* ---- life -------------------------------------------------------------------
 */

static void
free_stage (gpointer data)
{
  DnnStageFull *full = data;
  DnnStage *stage = data;

  g_clear_object (&stage->module);
  g_free (stage->element);
  g_free (stage->lib_name);
  g_free (stage->json_path);
  g_free (stage->params_path);
  g_free (stage->cpu_affinity);
  g_free (stage->precision);
  g_ptr_array_unref (full->successors);
  g_free (full);
}

static void
free_bind (gpointer data)
{
  DnnBind *bind = data;

  dnn_interface_clear (&bind->src);
  dnn_interface_clear (&bind->dst);
  g_free (bind);
}

static void
dnn_pipeline_config_finalize (GObject *object)
{
  DnnPipelineConfig *self = DNN_PIPELINE_CONFIG (object);

  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  g_hash_table_unref (self->handles);
  g_ptr_array_unref (self->modules);
  g_ptr_array_unref (self->stages);
  g_ptr_array_unref (self->binds);
  g_ptr_array_unref (self->inputs);
  G_OBJECT_CLASS (dnn_pipeline_config_parent_class)->finalize (object);
}

static void
dnn_pipeline_config_class_init (DnnPipelineConfigClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = dnn_pipeline_config_finalize;
}

static void
dnn_pipeline_config_init (DnnPipelineConfig *self)
{
  self->stages = g_ptr_array_new_with_free_func (free_stage);
  self->binds = g_ptr_array_new_with_free_func (free_bind);
  self->inputs = g_ptr_array_new_with_free_func (g_free);
  self->modules = g_ptr_array_new_with_free_func (dnn_pipeline_module_orphan);
  self->handles = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, dnn_pipeline_interface_free_handle);
}

/**
 * dnn_pipeline_config_new:
 *
 * Returns: (transfer full): a configuration without stages
 */
DnnPipelineConfig *
dnn_pipeline_config_new (void)
{
  return g_object_new (DNN_TYPE_PIPELINE_CONFIG, NULL);
}

/* ---- stages
 * ------------------------------------------------------------------ */

DnnStageFull *
dnn_pipeline_config_find_stage (DnnPipelineConfig *self, gint mod_idx)
{
  for (guint i = 0; i < self->stages->len; i++) {
    DnnStageFull *full = self->stages->pdata[i];
    if (full->stage.mod_idx == mod_idx)
      return full;
  }
  return NULL;
}

static gboolean
is_free (DnnPipelineConfig *self, gint mod_idx)
{
  return mod_idx >= 0 && !dnn_pipeline_config_find_stage (self, mod_idx);
}

static DnnStageFull *
add_stage (DnnPipelineConfig *self, gint mod_idx)
{
  DnnStageFull *full = g_new0 (DnnStageFull, 1);
  guint position = 0;

  g_assert (is_free (self, mod_idx));
  full->stage.mod_idx = mod_idx;
  full->stage.dev_type = kDLCPU;
  full->stage.cpu_affinity = g_strdup ("");
  full->successors = g_ptr_array_new ();
  while (position < self->stages->len &&
      ((DnnStage *) self->stages->pdata[position])->mod_idx < mod_idx)
    position++;
  g_ptr_array_insert (self->stages, position, full);
  g_clear_pointer (&self->sorted, g_ptr_array_unref);
  return full;
}

/**
 * dnn_pipeline_config_add_module:
 * @mod_idx: a number that no stage has yet, at least 0
 * @module: (transfer none): what runs there
 *
 * Returns: (transfer none): the new stage; its settings may be changed before
 *   the configuration is used
 */
DnnStage *
dnn_pipeline_config_add_module (
    DnnPipelineConfig *self, gint mod_idx, DnnModule *module)
{
  DnnStageFull *full;

  g_return_val_if_fail (is_free (self, mod_idx), NULL);
  full = add_stage (self, mod_idx);
  full->stage.module = g_object_ref (module);
  full->stage.lib_name = g_strdup (dnn_module_get_lib_name (module));
  return &full->stage;
}

/**
 * dnn_pipeline_config_add_element:
 * @mod_idx: a number that no stage has yet, at least 0
 * @launch_text: one element with its properties, as for gst-launch
 *
 * Its inputs are called "0", "1", …
 *
 * Returns: (transfer none): the new stage
 */
DnnStage *
dnn_pipeline_config_add_element (
    DnnPipelineConfig *self, gint mod_idx, const gchar *launch_text)
{
  DnnStageFull *full;

  g_return_val_if_fail (is_free (self, mod_idx), NULL);
  full = add_stage (self, mod_idx);
  full->stage.element = g_strdup (launch_text);
  return &full->stage;
}

DnnStageFull *
dnn_pipeline_config_add_broken (DnnPipelineConfig *self, gint mod_idx)
{
  DnnStageFull *full = add_stage (self, mod_idx);

  full->is_broken = TRUE;
  return full;
}

/**
 * dnn_pipeline_config_get_stage:
 *
 * Returns: (transfer none) (nullable): the stage of that number
 */
DnnStage *
dnn_pipeline_config_get_stage (DnnPipelineConfig *self, gint mod_idx)
{
  DnnStageFull *full = dnn_pipeline_config_find_stage (self, mod_idx);

  return full ? &full->stage : NULL;
}

/* ---- bindings
 * ----------------------------------------------------------------- */

static gint
compare_binds (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const DnnBind *x = *(DnnBind *const *) a, *y = *(DnnBind *const *) b;
  gint order = dnn_interface_compare (user_data, &x->dst, &y->dst);

  return order ? order : dnn_interface_compare (user_data, &x->src, &y->src);
}

/**
 * dnn_pipeline_config_get_bindings:
 *
 * Returns: (transfer none) (element-type DnnBind): all bindings, by
 *   destination: inputs of modules, global outputs, params
 */
const GPtrArray *
dnn_pipeline_config_get_bindings (DnnPipelineConfig *self)
{
  if (!self->binds_are_sorted)
    g_ptr_array_sort_with_data (self->binds, compare_binds, self);
  self->binds_are_sorted = TRUE;
  return self->binds;
}

/**
 * dnn_pipeline_config_get_inputs:
 *
 * Returns: (transfer none) (element-type utf8): names of the global inputs
 */
const GPtrArray *
dnn_pipeline_config_get_inputs (DnnPipelineConfig *self)
{
  return self->inputs;
}

/**
 * dnn_pipeline_config_get_n_outputs:
 *
 * Returns: number of global outputs
 */
guint
dnn_pipeline_config_get_n_outputs (DnnPipelineConfig *self)
{
  guint n = 0;

  for (guint i = 0; i < self->binds->len; i++) {
    const DnnBind *bind = self->binds->pdata[i];
    n += bind->dst.kind == DNN_INTERFACE_GLOBAL_OUTPUT;
  }
  return n;
}

/* ---- equality
 * ------------------------------------------------------------------ */

gboolean
dnn_instances_parse (const gchar *text, gint *instances, GError **error)
{
  guint64 number;

  *instances = DNN_INSTANCES_AUTO;
  if (g_strcmp0 (text, "auto") == 0)
    return TRUE;
  if (text &&
      g_ascii_string_to_unsigned (
          text, 10, 1, DNN_MAX_INSTANCES, &number, NULL)) {
    *instances = (gint) number;
    return TRUE;
  }
  g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
      "instances: \"%s\" is neither \"auto\" nor a number from 1 to %d",
      text ? text : "", DNN_MAX_INSTANCES);
  return FALSE;
}

static const gchar *
get_precision (const DnnStage *stage)
{
  return stage->precision ? stage->precision
                          : dnn_pipeline_config_precisions[0];
}

static gboolean
stages_equal (const DnnStage *a, const DnnStage *b)
{
  if (a->mod_idx != b->mod_idx || g_strcmp0 (a->element, b->element) != 0 ||
      !a->module != !b->module)
    return FALSE;
  if (a->module &&
      !dnn_graph_equal (
          dnn_module_get_graph (a->module), dnn_module_get_graph (b->module)))
    return FALSE;
  if (a->module && !dnn_pipeline_config_states_equal (a->module, b->module))
    return FALSE;
  return a->dev_type == b->dev_type && a->dev_id == b->dev_id &&
      g_strcmp0 (a->cpu_affinity, b->cpu_affinity) == 0 &&
      a->threads == b->threads && a->queue_depth == b->queue_depth &&
      a->instances == b->instances &&
      g_str_equal (get_precision (a), get_precision (b));
}

static gboolean
interfaces_equal (const DnnInterface *a, const DnnInterface *b)
{
  return a->kind == b->kind && a->mod_idx == b->mod_idx &&
      a->index == b->index && g_strcmp0 (a->name, b->name) == 0;
}

static gboolean
binds_equal (DnnPipelineConfig *a, DnnPipelineConfig *b)
{
  const GPtrArray *p = dnn_pipeline_config_get_bindings (a);
  const GPtrArray *q = dnn_pipeline_config_get_bindings (b);

  if (p->len != q->len)
    return FALSE;
  for (guint i = 0; i < p->len; i++) {
    const DnnBind *x = p->pdata[i], *y = q->pdata[i];
    if (!interfaces_equal (&x->src, &y->src) ||
        !interfaces_equal (&x->dst, &y->dst))
      return FALSE;
  }
  return TRUE;
}

/**
 * dnn_pipeline_config_equal:
 *
 * Returns: whether both have the same stages (graphs, params, settings; not
 *   the paths of their files), bindings and order of global inputs
 */
gboolean
dnn_pipeline_config_equal (DnnPipelineConfig *a, DnnPipelineConfig *b)
{
  if (a->stages->len != b->stages->len || a->inputs->len != b->inputs->len)
    return FALSE;
  for (guint i = 0; i < a->inputs->len; i++)
    if (!g_str_equal (a->inputs->pdata[i], b->inputs->pdata[i]))
      return FALSE;
  for (guint i = 0; i < a->stages->len; i++)
    if (!stages_equal (a->stages->pdata[i], b->stages->pdata[i]))
      return FALSE;
  return binds_equal (a, b);
}
