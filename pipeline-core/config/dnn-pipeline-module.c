/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What was named, settings, a build callback → one stage of a
 * DnnPipelineConfig. Next: dnn-pipeline-config-build.c builds all of them. */
#include "config.h"

#include "pipeline-core/config/dnn-pipeline-module.h"

#include <string.h>

#include "pipeline-core/base/dnn-target.h"
#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/config/dnn-pipeline-module-private.h"
#include "pipeline-core/plan/dnn-module-private.h"

struct _DnnPipelineModule
{
  GObject parent;

  DnnPipelineConfig *config; /* owns this; NULL when it is gone */
  gboolean holds_config; /* somebody else holds this: it holds @config */
  DnnStageFull *full; /* the configuration's; never goes before it */
  DnnModule *source; /* NULL for an element */
  gchar *path; /* (nullable) */
  gchar *device;
  gchar **shapes; /* (nullable) */
  DnnParams *params; /* (nullable): in place of the source's */

  DnnBuildFunc default_build; /* (nullable) */
  DnnBuildFunc build_func; /* (nullable) */
  gpointer build_data;
  GDestroyNotify build_notify;
  gboolean is_built;
};

G_DEFINE_FINAL_TYPE (DnnPipelineModule, dnn_pipeline_module, G_TYPE_OBJECT)

enum
{
  PROP_MOD_IDX = 1,
  PROP_MODULE,
  PROP_SOURCE,
  PROP_PATH,
  PROP_ELEMENT,
  PROP_DEVICE,
  PROP_THREADS,
  PROP_CPU_AFFINITY,
  PROP_PRECISION,
  PROP_QUEUE_DEPTH,
  PROP_INSTANCES,
  PROP_SHAPES,
  PROP_PARAMS,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

/* ---- settings ----------------------------------------------------------- */

static void
dnn_pipeline_module_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DnnPipelineModule *self = DNN_PIPELINE_MODULE (object);
  const DnnStage *stage;

  g_return_if_fail (self->config);
  stage = &self->full->stage;
  switch (id) {
    case PROP_MOD_IDX:
      g_value_set_int (value, stage->mod_idx);
      break;
    case PROP_MODULE:
      g_value_set_object (value, stage->module);
      break;
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_ELEMENT:
      g_value_set_string (value, stage->element);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;
    case PROP_THREADS:
      g_value_set_int (value, stage->threads);
      break;
    case PROP_CPU_AFFINITY:
      g_value_set_string (value, stage->cpu_affinity);
      break;
    case PROP_PRECISION:
      g_value_set_string (value, stage->precision);
      break;
    case PROP_QUEUE_DEPTH:
      g_value_set_int (value, stage->queue_depth);
      break;
    case PROP_INSTANCES:
      g_value_set_int (value, stage->instances);
      break;
    case PROP_SHAPES:
      g_value_set_boxed (value, self->shapes);
      break;
    case PROP_PARAMS:
      g_value_set_boxed (value, self->params);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
set_text (gchar **text, const GValue *value, const gchar *none)
{
  const gchar *given = g_value_get_string (value);

  g_free (*text);
  *text = g_strdup (given ? given : none);
}

static void
dnn_pipeline_module_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DnnPipelineModule *self = DNN_PIPELINE_MODULE (object);
  DnnStage *stage;

  g_return_if_fail (self->config);
  stage = &self->full->stage;
  self->is_built = FALSE;
  switch (id) {
    case PROP_DEVICE:
      set_text (&self->device, value, "cpu");
      break;
    case PROP_THREADS:
      stage->threads = g_value_get_int (value);
      break;
    case PROP_CPU_AFFINITY:
      set_text (&stage->cpu_affinity, value, "");
      break;
    case PROP_PRECISION:
      set_text (&stage->precision, value, NULL);
      break;
    case PROP_QUEUE_DEPTH:
      stage->queue_depth = g_value_get_int (value);
      break;
    case PROP_INSTANCES:
      stage->instances = g_value_get_int (value);
      break;
    case PROP_SHAPES:
      g_strfreev (self->shapes);
      self->shapes = g_value_dup_boxed (value);
      break;
    case PROP_PARAMS:
      g_clear_pointer (&self->params, dnn_params_unref);
      self->params = g_value_dup_boxed (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

/* "cpu", "cpu:0", or as in the files. */
static gboolean
parse_device (const gchar *text, gint *type, gint *id)
{
  g_autofree gchar *numbers = NULL;

  if (!g_str_has_prefix (text, "cpu"))
    return dnn_pipeline_config_parse_dev (text, type, id);
  text += strlen ("cpu");
  if (*text != '\0' && *text != ':')
    return FALSE;
  numbers = g_strdup_printf ("1,%s", *text ? text + 1 : "0");
  return dnn_pipeline_config_parse_dev (numbers, type, id);
}

static gboolean
check_device (DnnPipelineModule *self, GError **error)
{
  DnnStage *stage = &self->full->stage;

  if (!parse_device (self->device, &stage->dev_type, &stage->dev_id)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "Module %d: \"%s\" is no device, expected \"cpu\" or \"TYPE,ID\" as "
        "in \"1,0\"",
        stage->mod_idx, self->device);
    return FALSE;
  }
  if (stage->dev_type == kDLCPU)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "Module %d is for device type %d; only type 1, the CPU, runs modules",
      stage->mod_idx, stage->dev_type);
  return FALSE;
}

static gboolean
check_settings (DnnPipelineModule *self, GError **error)
{
  const DnnStage *stage = &self->full->stage;
  DnnTarget any;

  if (!check_device (self, error))
    return FALSE;
  if (!dnn_threads_check_affinity (stage->cpu_affinity, error)) {
    g_prefix_error (error, "Module %d: ", stage->mod_idx);
    return FALSE;
  }
  if (!stage->precision)
    return TRUE;
  if (!g_strv_contains (dnn_pipeline_config_precisions, stage->precision)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "Module %d: \"%s\" is no precision (\"f32\", \"bf16\", \"int8\")",
        stage->mod_idx, stage->precision);
    return FALSE;
  }
  if (dnn_target_set_precision (&any, stage->precision, error))
    return TRUE;
  g_prefix_error (error, "Module %d: ", stage->mod_idx);
  return FALSE;
}

/**
 * dnn_pipeline_module_check_settings:
 *
 * What dnn_pipeline_config_build() would say of the settings, as soon as they
 * are set.
 *
 * Returns: %FALSE with VALUE or UNSUPPORTED
 *
 * Since: 0.2
 */
gboolean
dnn_pipeline_module_check_settings (DnnPipelineModule *self, GError **error)
{
  g_return_val_if_fail (self->config, FALSE);
  return check_settings (self, error);
}

/* ---- building ----------------------------------------------------------- */

/**
 * dnn_pipeline_module_set_build_func:
 * @func: (nullable) (scope notified) (closure user_data) (destroy notify):
 *   makes what runs from what was named; %NULL: the default, which compiles a
 *   model and takes all else as it is
 * @user_data: for @func
 * @notify: (nullable): called with @user_data when it isn't needed any more
 *
 * Called by dnn_pipeline_config_build(), in its thread, at most once for each
 * change of settings.
 */
void
dnn_pipeline_module_set_build_func (DnnPipelineModule *self, DnnBuildFunc func,
    gpointer user_data, GDestroyNotify notify)
{
  if (self->build_notify)
    self->build_notify (self->build_data);
  self->build_func = func;
  self->build_data = user_data;
  self->build_notify = notify;
  self->is_built = FALSE;
}

void
dnn_pipeline_module_set_default_build (
    DnnPipelineModule *self, DnnBuildFunc func)
{
  self->default_build = func;
}

const gchar *const *
dnn_pipeline_module_get_shapes (DnnPipelineModule *self)
{
  return (const gchar *const *) self->shapes;
}

DnnParams *
dnn_pipeline_module_get_params (DnnPipelineModule *self)
{
  return self->params;
}

static gchar *
print_tensor (DnnType type, const DnnShape *shape)
{
  g_autofree gchar *text = dnn_shape_to_string (shape);

  return g_strdup_printf ("%s %s", dnn_type_name (type), text);
}

static gboolean
check_same (gint mod_idx, const gchar *what, DnnType type,
    const DnnShape *shape, DnnType built_type, const DnnShape *built_shape,
    GError **error)
{
  g_autofree gchar *named = NULL, *built = NULL;

  if (type == built_type && dnn_shape_compatible (shape, built_shape))
    return TRUE;
  named = print_tensor (type, shape);
  built = print_tensor (built_type, built_shape);
  g_set_error (error, DNN_ERROR,
      type == built_type ? DNN_ERROR_SHAPE : DNN_ERROR_TYPE,
      "Module %d: %s is %s in what was built, expected %s", mod_idx, what,
      built, named);
  return FALSE;
}

/* Shapes that the user gave stand for the model's own. */
static const DnnShape *
get_expected (const DnnPipelineModule *self, const DnnShape *named)
{
  static const DnnShape any = { .rank = -1 };

  return self->shapes && !self->build_func ? &any : named;
}

static gboolean
check_inputs (DnnPipelineModule *self, DnnModule *built, GError **error)
{
  DnnModule *source = self->source;
  gint mod_idx = self->full->stage.mod_idx;

  for (guint i = 0; i < dnn_module_get_n_inputs (source); i++) {
    const gchar *name = dnn_module_get_input_name (source, i);
    gint idx = dnn_module_find_input (built, name);
    g_autofree gchar *what = g_strdup_printf ("input \"%s\"", name);
    if (idx < 0) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
          "Module %d: what was built has no %s", mod_idx, what);
      return FALSE;
    }
    if (!check_same (mod_idx, what, dnn_module_get_input_type (source, i),
            get_expected (self, dnn_module_get_input_shape (source, i)),
            dnn_module_get_input_type (built, idx),
            dnn_module_get_input_shape (built, idx), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_outputs (DnnPipelineModule *self, DnnModule *built, GError **error)
{
  DnnModule *source = self->source;
  gint mod_idx = self->full->stage.mod_idx;
  guint n = dnn_module_get_n_outputs (source);

  if (dnn_module_get_n_inputs (built) != dnn_module_get_n_inputs (source) ||
      dnn_module_get_n_outputs (built) != n) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_GRAPH,
        "Module %d: what was built has %u inputs and %u outputs, expected %u "
        "and %u",
        mod_idx, dnn_module_get_n_inputs (built),
        dnn_module_get_n_outputs (built), dnn_module_get_n_inputs (source), n);
    return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *what = g_strdup_printf ("output %u", i);
    if (!check_same (mod_idx, what, dnn_module_get_output_type (source, i),
            get_expected (self, dnn_module_get_output_shape (source, i)),
            dnn_module_get_output_type (built, i),
            dnn_module_get_output_shape (built, i), error))
      return FALSE;
  }
  return TRUE;
}

/* What was named, with the params that the user gave. */
static DnnModule *
make_source (DnnPipelineModule *self, GError **error)
{
  DnnModule *source;

  if (!self->params)
    return g_object_ref (self->source);
  source = dnn_module_new_with_params (self->source, self->params, error);
  if (!source)
    g_prefix_error (error, "Module %d: ", self->full->stage.mod_idx);
  return source;
}

static DnnModule *
make_module (DnnPipelineModule *self, GError **error)
{
  g_autoptr (DnnModule) source = make_source (self, error);
  DnnModule *built;

  if (!source)
    return NULL;
  if (!self->build_func)
    return self->default_build ? self->default_build (self, source, NULL, error)
                               : g_steal_pointer (&source);
  built = self->build_func (self, source, self->build_data, error);
  if (!built && error && !*error)
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "Module %d: its build function made nothing",
        self->full->stage.mod_idx);
  return built;
}

gboolean
dnn_pipeline_module_build (DnnPipelineModule *self, GError **error)
{
  DnnStage *stage = &self->full->stage;
  g_autoptr (DnnModule) made = NULL, stateful = NULL;
  DnnModule *built;

  if (self->is_built)
    return TRUE;
  if (!check_settings (self, error))
    return FALSE;
  if (self->source) {
    made = make_module (self, error);
    if (!made)
      return FALSE;
    built = dnn_module_get_stateless (made);
    if (!check_inputs (self, built, error) ||
        !check_outputs (self, built, error))
      return FALSE;
    stateful = dnn_pipeline_config_copy_states (stage->module, built, error);
    if (!stateful) {
      g_prefix_error (error, "Module %d: ", stage->mod_idx);
      return FALSE;
    }
    g_set_object (&stage->module, stateful);
    g_free (stage->lib_name);
    stage->lib_name = g_strdup (dnn_module_get_lib_name (built));
  }
  self->is_built = TRUE;
  return TRUE;
}

/* ---- what it is --------------------------------------------------------- */

/**
 * dnn_pipeline_module_get_mod_idx:
 *
 * Returns: its number; preliminary until the pipeline is built, printed or
 *   written
 */
gint
dnn_pipeline_module_get_mod_idx (DnnPipelineModule *self)
{
  g_return_val_if_fail (self->config, -1);
  return self->full->stage.mod_idx;
}

/**
 * dnn_pipeline_module_get_module:
 *
 * Returns: (transfer none) (nullable): what runs there: before building, what
 *   was named; %NULL for an element
 */
DnnModule *
dnn_pipeline_module_get_module (DnnPipelineModule *self)
{
  g_return_val_if_fail (self->config, NULL);
  return self->full->stage.module;
}

/**
 * dnn_pipeline_module_get_element:
 *
 * Returns: (nullable): launch text of the element; %NULL for a module
 */
const gchar *
dnn_pipeline_module_get_element (DnnPipelineModule *self)
{
  g_return_val_if_fail (self->config, NULL);
  return self->full->stage.element;
}

/* An @error that is set already belongs to a call nested in the same one. */
static DnnPipelineInterface *
get_checked (DnnPipelineModule *self, DnnInterfaceKind kind, gint idx,
    const gchar *name, GError **error)
{
  DnnInterface interface = { .kind = kind, .index = idx };

  if (error && *error)
    return NULL;
  interface.mod_idx = self->full->stage.mod_idx;
  interface.name = (gchar *) name;
  if (!dnn_pipeline_config_check_interface (self->config, &interface, error))
    return NULL;
  return dnn_pipeline_config_get_handle (
      self->config, self->full, kind, idx, name);
}

/**
 * dnn_pipeline_module_get_input:
 * @name: an input's name; of an element "0", "1", …
 *
 * Returns: (transfer none): the input, or %NULL with UNKNOWN_NAME
 */
DnnPipelineInterface *
dnn_pipeline_module_get_input (
    DnnPipelineModule *self, const gchar *name, GError **error)
{
  g_return_val_if_fail (self->config, NULL);
  return get_checked (self, DNN_INTERFACE_MODULE_INPUT, 0, name, error);
}

/**
 * dnn_pipeline_module_get_output:
 * @idx: from 0 on
 *
 * Returns: (transfer none): the output, or %NULL with UNKNOWN_NAME
 */
DnnPipelineInterface *
dnn_pipeline_module_get_output (
    DnnPipelineModule *self, gint idx, GError **error)
{
  g_return_val_if_fail (self->config, NULL);
  return get_checked (self, DNN_INTERFACE_MODULE_OUTPUT, idx, NULL, error);
}

/**
 * dnn_pipeline_module_get_param:
 *
 * Returns: (transfer none): the module's params, as the end of a binding from
 *   a param group
 */
DnnPipelineInterface *
dnn_pipeline_module_get_param (DnnPipelineModule *self)
{
  g_return_val_if_fail (self->config, NULL);
  return dnn_pipeline_config_get_handle (
      self->config, self->full, DNN_INTERFACE_MODULE_PARAMS, 0, NULL);
}

/* ---- naming ------------------------------------------------------------- */

void
dnn_pipeline_module_set_path (DnnPipelineModule *self, const gchar *path)
{
  g_free (self->path);
  self->path = g_strdup (path);
}

const gchar *
dnn_pipeline_module_get_path (DnnPipelineModule *self)
{
  return self->path;
}

DnnPipelineModule *
dnn_pipeline_config_find_path (DnnPipelineConfig *self, const gchar *path)
{
  for (guint i = 0; i < self->modules->len; i++) {
    DnnPipelineModule *module = self->modules->pdata[i];
    if (g_strcmp0 (module->path, path) == 0)
      return module;
  }
  return NULL;
}

static DnnPipelineModule *
find_handle (DnnPipelineConfig *self, const DnnStage *stage)
{
  for (guint i = 0; i < self->modules->len; i++) {
    DnnPipelineModule *module = self->modules->pdata[i];
    if (&module->full->stage == stage)
      return module;
  }
  return NULL;
}

/* A place that somebody holds keeps its configuration. */
static void
hold_config (gpointer user_data, GObject *object, gboolean is_last)
{
  DnnPipelineModule *self = DNN_PIPELINE_MODULE (object);

  if (self->holds_config == !is_last)
    return;
  self->holds_config = !is_last;
  if (is_last)
    g_object_unref (self->config);
  else
    g_object_ref (self->config);
}

/* @stage is @self's. */
static DnnPipelineModule *
add_handle (DnnPipelineConfig *self, DnnStage *stage)
{
  DnnPipelineModule *module = g_object_new (DNN_TYPE_PIPELINE_MODULE, NULL);

  module->config = self;
  module->full = (DnnStageFull *) stage;
  module->source = stage->module
      ? g_object_ref (dnn_module_get_stateless (stage->module))
      : NULL;
  module->device = g_strdup_printf ("%d,%d", stage->dev_type, stage->dev_id);
  if (stage->dev_type == kDLCPU && stage->dev_id == 0) {
    g_free (module->device);
    module->device = g_strdup ("cpu");
  }
  g_object_add_toggle_ref (G_OBJECT (module), hold_config, NULL);
  g_object_unref (module);
  g_ptr_array_add (self->modules, module);
  return module;
}

/* Behind all numbers there are. */
static gint
get_free_number (DnnPipelineConfig *self)
{
  guint n = self->stages->len;

  self->numbers_are_free = TRUE;
  return n > 0 ? ((DnnStage *) self->stages->pdata[n - 1])->mod_idx + 1 : 0;
}

DnnPipelineModule *
dnn_pipeline_config_append_module (DnnPipelineConfig *self, DnnModule *module)
{
  return add_handle (self,
      dnn_pipeline_config_add_module (self, get_free_number (self), module));
}

/**
 * dnn_pipeline_config_get_module:
 * @module: (transfer none): what is to run
 *
 * The place of @module in the pipeline. It springs into being when first named;
 * from then on all modules are numbered in topological order when the pipeline
 * is built, printed or written.
 *
 * Returns: (transfer none): the place; the configuration owns it
 */
DnnPipelineModule *
dnn_pipeline_config_get_module (DnnPipelineConfig *self, DnnModule *module)
{
  for (guint i = 0; i < self->modules->len; i++) {
    DnnPipelineModule *known = self->modules->pdata[i];
    if (known->source == dnn_module_get_stateless (module) ||
        known->full->stage.module == module)
      return known;
  }
  for (guint i = 0; i < self->stages->len; i++)
    if (((DnnStage *) self->stages->pdata[i])->module == module)
      return add_handle (self, self->stages->pdata[i]);
  return dnn_pipeline_config_append_module (self, module);
}

/**
 * dnn_pipeline_config_get_module_at:
 *
 * Returns: (transfer none) (nullable): the module or element of that number
 */
DnnPipelineModule *
dnn_pipeline_config_get_module_at (DnnPipelineConfig *self, gint mod_idx)
{
  DnnStage *stage = dnn_pipeline_config_get_stage (self, mod_idx);
  DnnPipelineModule *module = stage ? find_handle (self, stage) : NULL;

  return module || !stage ? module : add_handle (self, stage);
}

/**
 * dnn_pipeline_config_append_element:
 * @launch_text: one element with its properties, as for gst-launch
 *
 * Returns: (transfer none): a new stage that runs the element
 */
DnnPipelineModule *
dnn_pipeline_config_append_element (
    DnnPipelineConfig *self, const gchar *launch_text)
{
  return add_handle (self,
      dnn_pipeline_config_add_element (
          self, get_free_number (self), launch_text));
}

/* ---- life --------------------------------------------------------------- */

void
dnn_pipeline_module_orphan (gpointer module)
{
  DnnPipelineModule *self = module;

  self->config = NULL;
  self->full = NULL;
  g_object_remove_toggle_ref (G_OBJECT (self), hold_config, NULL);
}

static void
dnn_pipeline_module_finalize (GObject *object)
{
  DnnPipelineModule *self = DNN_PIPELINE_MODULE (object);

  dnn_pipeline_module_set_build_func (self, NULL, NULL, NULL);
  g_clear_object (&self->source);
  g_free (self->path);
  g_free (self->device);
  g_strfreev (self->shapes);
  g_clear_pointer (&self->params, dnn_params_unref);
  G_OBJECT_CLASS (dnn_pipeline_module_parent_class)->finalize (object);
}

static void
add_text_properties (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags fixed = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  properties[PROP_ELEMENT] = g_param_spec_string (
      "element", NULL, "Launch text of an element", NULL, fixed);
  properties[PROP_PATH] = g_param_spec_string (
      "path", NULL, "The file it was named by", NULL, fixed);
  properties[PROP_DEVICE] = g_param_spec_string (
      "device", NULL, "Where it runs: \"cpu\" or \"TYPE,ID\"", "cpu", flags);
  properties[PROP_CPU_AFFINITY] = g_param_spec_string (
      "cpu-affinity", NULL, "CPUs of its threads: \"0,1\"", "", flags);
  properties[PROP_PRECISION] = g_param_spec_string (
      "precision", NULL, "\"f32\", \"bf16\" or \"int8\"", NULL, flags);
  properties[PROP_SHAPES] = g_param_spec_boxed ("shapes", NULL,
      "Open dimensions of a model's inputs: \"NAME=1,3,224,224\"", G_TYPE_STRV,
      flags);
  properties[PROP_PARAMS] = g_param_spec_boxed ("params", NULL,
      "Params in place of its own, taken when it is built", DNN_TYPE_PARAMS,
      flags);
}

static void
dnn_pipeline_module_class_init (DnnPipelineModuleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags fixed = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = dnn_pipeline_module_get_property;
  object_class->set_property = dnn_pipeline_module_set_property;
  object_class->finalize = dnn_pipeline_module_finalize;
  properties[PROP_MOD_IDX] = g_param_spec_int (
      "mod-idx", NULL, "Its number", -1, DNN_MAX_MOD_IDX, -1, fixed);
  properties[PROP_MODULE] = g_param_spec_object (
      "module", NULL, "What runs there", DNN_TYPE_MODULE, fixed);
  properties[PROP_SOURCE] = g_param_spec_object (
      "source", NULL, "What was named", DNN_TYPE_MODULE, fixed);
  properties[PROP_THREADS] = g_param_spec_int ("threads", NULL,
      "Threads of one instance, 0: as what runs it says", 0, DNN_MAX_THREADS, 0,
      flags);
  properties[PROP_QUEUE_DEPTH] = g_param_spec_int ("queue-depth", NULL,
      "Frames that wait for it, 0: the default", 0, DNN_MAX_QUEUE_DEPTH, 0,
      flags);
  properties[PROP_INSTANCES] = g_param_spec_int ("instances", NULL,
      "How many work on successive frames; -1: auto, as many as there are CPUs "
      "and memory for; 0: as what runs it says",
      DNN_INSTANCES_AUTO, DNN_MAX_INSTANCES, 0, flags);
  add_text_properties ();
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
dnn_pipeline_module_init (DnnPipelineModule *self)
{
}
