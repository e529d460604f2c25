/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors of an application → frames of a pipeline of their own
 * (gstdnnexecutor-pipeline.c) → tensors. Waiting for outputs:
 * gstdnnexecutor-wait.c. */
#include "config.h"

#include "gst-plugin/executor/gstdnnexecutor.h"

#include <string.h>

#include "gst-plugin/executor/gstdnnexecutor-private.h"
#include "kernels/dnn-init.h"

G_DEFINE_FINAL_TYPE (DnnPipelineExecutor, dnn_pipeline_executor, G_TYPE_OBJECT)

enum
{
  PROP_CONFIG = 1,
  PROP_MAX_IN_FLIGHT,
};

/* ---- what the configuration says ---------------------------------------- */

/* TVM's order of numbers: the first one runs first. */
static gboolean
runs_first (DnnPipelineExecutor *self, const DnnStage *stage)
{
  return dnn_pipeline_config_get_stages (self->config)->pdata[0] == stage;
}

static void
describe_inputs (DnnPipelineExecutor *self)
{
  const GPtrArray *names = dnn_pipeline_config_get_inputs (self->config);
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self->config);

  self->n_inputs = names->len;
  self->inputs = g_new0 (Input, names->len);
  for (guint i = 0; i < names->len; i++) {
    Input *input = &self->inputs[i];
    input->name = g_strdup (names->pdata[i]);
    input->shape.rank = -1;
    input->is_late = TRUE;
    for (guint j = 0; j < binds->len; j++) {
      const DnnBind *bind = binds->pdata[j];
      const DnnStage *stage;
      gint idx;
      if (bind->src.kind != DNN_INTERFACE_GLOBAL_INPUT ||
          strcmp (bind->src.name, input->name) != 0)
        continue;
      stage = dnn_pipeline_config_get_stage (self->config, bind->dst.mod_idx);
      if (runs_first (self, stage))
        input->is_late = FALSE;
      if (!stage->module)
        continue;
      idx = dnn_module_find_input (stage->module, bind->dst.name);
      input->type = dnn_module_get_input_type (stage->module, (guint) idx);
      input->shape = *dnn_module_get_input_shape (stage->module, (guint) idx);
    }
  }
}

static void
describe_outputs (DnnPipelineExecutor *self)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self->config);

  self->n_outputs = dnn_pipeline_config_get_n_outputs (self->config);
  self->outputs = g_new0 (GstDnnOutput, self->n_outputs);
  for (guint i = 0; i < self->n_outputs; i++)
    self->outputs[i].shape.rank = -1;
  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    GstDnnOutput *output;
    DnnModule *module;
    if (bind->dst.kind != DNN_INTERFACE_GLOBAL_OUTPUT)
      continue;
    output = &self->outputs[bind->dst.index];
    module =
        dnn_pipeline_config_get_stage (self->config, bind->src.mod_idx)->module;
    if (!module)
      continue;
    output->type = dnn_module_get_output_type (module, bind->src.index);
    output->shape = *dnn_module_get_output_shape (module, bind->src.index);
  }
}

/**
 * dnn_pipeline_executor_new:
 * @config: (transfer none): what to run; must not be changed any more
 *
 * Builds what isn't built, makes plans, and waits for the first frame.
 *
 * Returns: (transfer full): the executor; %NULL with the errors of
 *   dnn_pipeline_config_build() and dnn_plan_get(), or FAILED where the plugin
 *   isn't found
 */
DnnPipelineExecutor *
dnn_pipeline_executor_new (DnnPipelineConfig *config, GError **error)
{
  g_autoptr (DnnPipelineExecutor) self = NULL;

  if (!gst_init_check (NULL, NULL, error))
    return NULL;
  dnn_init ();
  if (!dnn_pipeline_config_build (config, error))
    return NULL;
  self = g_object_new (DNN_TYPE_PIPELINE_EXECUTOR, NULL);
  self->config = g_object_ref (config);
  describe_inputs (self);
  describe_outputs (self);
  if (gst_dnn_executor_serial_is_needed (config))
    self->serial = gst_dnn_executor_serial_new (self, config, error);
  else if (!dnn_pipeline_executor_build (self, error) ||
      !dnn_pipeline_executor_start (self, error))
    return NULL;
  return self->serial || self->pipeline ? g_steal_pointer (&self) : NULL;
}

/**
 * dnn_pipeline_executor_load_library:
 * @path: `config` of an exported pipeline, its folder, or the single-file form
 *
 * Returns: (transfer full): an executor for it; %NULL with the errors of
 *   dnn_pipeline_config_new_from_file() and dnn_pipeline_executor_new()
 */
DnnPipelineExecutor *
dnn_pipeline_executor_load_library (const gchar *path, GError **error)
{
  g_autoptr (DnnPipelineConfig) config = NULL;

  dnn_init ();
  config = dnn_pipeline_config_new_from_file (path, error);
  return config ? dnn_pipeline_executor_new (config, error) : NULL;
}

/* ---- inputs ------------------------------------------------------------- */

static Input *
find_input (DnnPipelineExecutor *self, const gchar *name, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < self->n_inputs; i++) {
    if (g_strcmp0 (self->inputs[i].name, name) == 0)
      return &self->inputs[i];
    g_string_append_printf (
        known, "%s\"%s\"", i ? ", " : "", self->inputs[i].name);
  }
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "\"%s\" is no global input (inputs: %s)", name,
      known->len > 0 ? known->str : "none");
  return NULL;
}

static gboolean
check_tensor (const Input *input, DnnTensor *tensor, GError **error)
{
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  DnnType type = dnn_tensor_get_element_type (tensor);
  g_autofree gchar *given = NULL, *expected = NULL;

  if (input->type != DNN_TYPE_INVALID && type != input->type) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "global input \"%s\" is %s, expected %s", input->name,
        dnn_type_name (type), dnn_type_name (input->type));
    return FALSE;
  }
  if (dnn_shape_compatible (shape, &input->shape))
    return TRUE;
  given = dnn_shape_to_string (shape);
  expected = dnn_shape_to_string (&input->shape);
  g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
      "global input \"%s\" is %s, expected %s", input->name, given, expected);
  return FALSE;
}

/* As many may wait as frames may be in flight. The lock is held. */
static gboolean
push_late (
    DnnPipelineExecutor *self, Input *input, DnnTensor *tensor, GError **error)
{
  guint n = g_queue_get_length (&input->waiting);

  if (n >= self->max_in_flight) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_BUSY,
        "%u tensors of global input \"%s\" wait for their frames, as many as "
        "max-in-flight allows; run a frame first",
        n, input->name);
    return FALSE;
  }
  g_queue_push_tail (&input->waiting, dnn_tensor_ref (tensor));
  return TRUE;
}

/**
 * dnn_pipeline_executor_set_input:
 * @name: a global input
 * @tensor: (transfer none): for the frames to come, until another is set; held,
 *   not copied: it must not be written to before the executor has let it go
 *
 * An input that no first module has (number 0) may be set for several frames in
 * advance, as in TVM: what is set is queued, one for each frame. The last one
 * stays for the frames behind.
 *
 * Returns: %FALSE with UNKNOWN_NAME, TYPE, SHAPE, BUSY where max-in-flight
 *   tensors are queued, or the error that stopped the pipeline
 */
gboolean
dnn_pipeline_executor_set_input (DnnPipelineExecutor *self, const gchar *name,
    DnnTensor *tensor, GError **error)
{
  g_autoptr (DnnTensor) before = NULL;
  gboolean is_taken = TRUE;
  Input *input;

  if (!dnn_pipeline_executor_check (self, error))
    return FALSE;
  input = find_input (self, name, error);
  if (!input || !check_tensor (input, tensor, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  if (input->is_late) {
    is_taken = push_late (self, input, tensor, error);
  } else {
    before = input->tensor;
    input->tensor = dnn_tensor_ref (tensor);
  }
  g_mutex_unlock (&self->lock);
  return is_taken;
}

/**
 * dnn_pipeline_executor_get_input:
 * @name: a global input
 *
 * Returns: (transfer full) (nullable): what was set last; %NULL without @error
 *   where nothing was set, with UNKNOWN_NAME or the error that stopped the
 *   pipeline otherwise
 */
DnnTensor *
dnn_pipeline_executor_get_input (
    DnnPipelineExecutor *self, const gchar *name, GError **error)
{
  DnnTensor *tensor = NULL;
  Input *input;

  if (!dnn_pipeline_executor_check (self, error))
    return NULL;
  input = find_input (self, name, error);
  if (!input)
    return NULL;
  g_mutex_lock (&self->lock);
  tensor = g_queue_peek_tail (&input->waiting);
  if (!tensor)
    tensor = input->tensor;
  if (tensor)
    dnn_tensor_ref (tensor);
  g_mutex_unlock (&self->lock);
  return tensor;
}

/**
 * dnn_pipeline_executor_set_params:
 * @group: a param group
 * @params: params of the group's modules, with names, types and shapes as
 *   there; held, not copied
 *
 * Replaces weights of the running pipeline, of this executor only: in all
 * modules of the group, or, where one refuses, in none. Frames run before this
 * call have the weights of before in all modules, frames run after it the new
 * ones. What is run by another thread meanwhile has either, the same in all
 * modules. Weights are packed here, in a block of their own; frames go on.
 *
 * Returns: %FALSE with UNKNOWN_NAME, VALUE (none given) or the errors of
 *   dnn_instance_set_params(), after which the pipeline runs on as before; or
 *   with the error that stopped it
 */
gboolean
dnn_pipeline_executor_set_params (DnnPipelineExecutor *self, const gchar *group,
    DnnParams *params, GError **error)
{
  GError *reason = NULL;
  guint64 newest;

  g_mutex_lock (&self->lock);
  newest = self->newest;
  g_mutex_unlock (&self->lock);
  if (!dnn_pipeline_executor_check (self, error))
    return FALSE;
  if (self->serial)
    gst_dnn_executor_serial_set_params (self->serial, group, params, &reason);
  else
    g_signal_emit_by_name (
        self->bin, "set-params-after", group, params, newest, &reason);
  if (!reason)
    return TRUE;
  /* Stopped meanwhile: then it couldn't. */
  if (dnn_pipeline_executor_check (self, error))
    g_propagate_error (error, reason);
  else
    g_error_free (reason);
  return FALSE;
}

/* ---- running ------------------------------------------------------------ */

/* What the frame reads. (transfer none) (nullable) */
static DnnTensor *
peek_input (Input *input)
{
  DnnTensor *next = g_queue_peek_head (&input->waiting);

  return next ? next : input->tensor;
}

/* The frame has it; the last one stays. @used: those to be let go when the lock
 * is free. */
static void
consume_input (Input *input, GPtrArray *used)
{
  DnnTensor *next = g_queue_pop_head (&input->waiting);

  if (!next)
    return;
  if (input->tensor)
    g_ptr_array_add (used, input->tensor);
  input->tensor = next;
}

/* The frame's tensors, all or none. (transfer full) */
static GPtrArray *
list_tensors (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_tensor_unref);

  for (guint i = 0; i < self->n_inputs; i++) {
    DnnTensor *tensor = peek_input (&self->inputs[i]);
    if (!tensor) {
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNBOUND,
          "global input \"%s\" is not set", self->inputs[i].name);
      return NULL;
    }
    g_ptr_array_add (tensors, dnn_tensor_ref (tensor));
  }
  return g_steal_pointer (&tensors);
}

/* Counts the frame before it is pushed: its output may be there at once.
 * Returns what is pushed: samples, or tensors where there is no pipeline. */
static GPtrArray *
begin_frame (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GPtrArray) tensors = NULL;
  g_autoptr (GPtrArray)
      used = g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_tensor_unref);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint n_in_flight = dnn_pipeline_executor_count_in_flight (self);
  GstDnnFrameKey key;
  GPtrArray *frame;

  if (!dnn_pipeline_executor_check_locked (self, error))
    return NULL;
  if (n_in_flight >= self->max_in_flight) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_BUSY,
        "%u frames are in flight, as many as max-in-flight allows; get an "
        "output first",
        n_in_flight);
    return NULL;
  }
  key = gst_dnn_frame_key_new ();
  tensors = list_tensors (self, error);
  if (!tensors)
    return NULL;
  frame = self->serial ? g_ptr_array_ref (tensors)
                       : dnn_pipeline_executor_make_samples (
                             tensors, self->n_frames, &key, error);
  if (!frame)
    return NULL;
  for (guint i = 0; i < self->n_inputs; i++)
    consume_input (&self->inputs[i], used);
  g_array_append_val (self->sent, key.serial);
  self->newest = key.serial;
  self->n_frames++;
  return frame;
}

/**
 * dnn_pipeline_executor_run:
 *
 * Sends a frame of the inputs set last on its way, and returns at once.
 *
 * Returns: %FALSE with BUSY where max-in-flight frames wait for
 *   dnn_pipeline_executor_get_output(), UNBOUND where an input was never set,
 *   or the error that stopped the pipeline
 */
gboolean
dnn_pipeline_executor_run (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GMutexLocker) running = g_mutex_locker_new (&self->running);
  g_autoptr (GPtrArray) frame = begin_frame (self, error);

  if (!frame)
    return FALSE;
  if (!self->serial)
    return dnn_pipeline_executor_push_samples (self, frame, error);
  gst_dnn_executor_serial_run (
      self->serial, self->newest, g_steal_pointer (&frame));
  return TRUE;
}

/**
 * dnn_pipeline_executor_stop:
 *
 * Stops all threads; frames in flight are lost, and every later call and all
 * who wait get an error that says so. Any thread but the pipeline's own; done
 * as well when the executor goes.
 */
void
dnn_pipeline_executor_stop (DnnPipelineExecutor *self)
{
  dnn_pipeline_executor_fail (self,
      g_error_new_literal (
          DNN_ERROR, DNN_ERROR_FAILED, "The pipeline was stopped"));
  if (self->serial)
    gst_dnn_executor_serial_stop (self->serial);
  if (self->pipeline)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
}

/* ---- figures ------------------------------------------------------------ */

/**
 * dnn_pipeline_executor_get_num_inputs:
 *
 * Returns: number of global inputs
 */
guint
dnn_pipeline_executor_get_num_inputs (DnnPipelineExecutor *self)
{
  return self->n_inputs;
}

/**
 * dnn_pipeline_executor_get_num_outputs:
 *
 * Returns: number of global outputs
 */
guint
dnn_pipeline_executor_get_num_outputs (DnnPipelineExecutor *self)
{
  return self->n_outputs;
}

/**
 * dnn_pipeline_executor_get_num_executing_pipeline:
 *
 * Returns: how many frames were run since the executor was made
 */
guint64
dnn_pipeline_executor_get_num_executing_pipeline (DnnPipelineExecutor *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_frames;
}

/**
 * dnn_pipeline_executor_get_num_in_flight:
 *
 * Returns: frames that were run and whose outputs nobody has got yet
 */
guint
dnn_pipeline_executor_get_num_in_flight (DnnPipelineExecutor *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return dnn_pipeline_executor_count_in_flight (self);
}

/**
 * dnn_pipeline_executor_get_input_pipeline_map:
 * @name: a global input
 *
 * Returns: (transfer full): number of a module and name of its input, in turns,
 *   for each input that @name feeds: {"0", "data_0"}; %NULL with UNKNOWN_NAME
 *   or the error that stopped the pipeline
 */
gchar **
dnn_pipeline_executor_get_input_pipeline_map (
    DnnPipelineExecutor *self, const gchar *name, GError **error)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self->config);
  g_autoptr (GStrvBuilder) map = g_strv_builder_new ();

  if (!dnn_pipeline_executor_check (self, error) ||
      !find_input (self, name, error))
    return NULL;
  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    g_autofree gchar *number = g_strdup_printf ("%d", bind->dst.mod_idx);
    if (bind->src.kind != DNN_INTERFACE_GLOBAL_INPUT ||
        strcmp (bind->src.name, name) != 0)
      continue;
    g_strv_builder_add (map, number);
    g_strv_builder_add (map, bind->dst.name);
  }
  return g_strv_builder_end (map);
}

/**
 * dnn_pipeline_executor_get_params_group_pipeline_map:
 * @group: a param group
 * @n_modules: (out): how many there are
 *
 * Returns: (transfer full) (array length=n_modules): numbers of its modules;
 *   %NULL with UNKNOWN_NAME or the error that stopped the pipeline
 */
gint *
dnn_pipeline_executor_get_params_group_pipeline_map (DnnPipelineExecutor *self,
    const gchar *group, gsize *n_modules, GError **error)
{
  const GPtrArray *binds = dnn_pipeline_config_get_bindings (self->config);
  g_autoptr (GArray) modules = g_array_new (FALSE, FALSE, sizeof (gint));

  *n_modules = 0;
  if (!dnn_pipeline_executor_check (self, error))
    return NULL;
  for (guint i = 0; i < binds->len; i++) {
    const DnnBind *bind = binds->pdata[i];
    if (bind->src.kind == DNN_INTERFACE_PARAM_GROUP &&
        g_strcmp0 (bind->src.name, group) == 0)
      g_array_append_val (modules, bind->dst.mod_idx);
  }
  if (modules->len > 0)
    return g_array_steal (modules, n_modules);
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
      "There is no param group \"%s\"", group);
  return NULL;
}

/* ---- object ------------------------------------------------------------- */

static void
dnn_pipeline_executor_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  DnnPipelineExecutor *self = DNN_PIPELINE_EXECUTOR (object);

  if (id != PROP_MAX_IN_FLIGHT) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    return;
  }
  g_mutex_lock (&self->lock);
  self->max_in_flight = g_value_get_uint (value);
  g_mutex_unlock (&self->lock);
}

static void
dnn_pipeline_executor_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  DnnPipelineExecutor *self = DNN_PIPELINE_EXECUTOR (object);

  if (id == PROP_CONFIG)
    g_value_set_object (value, self->config);
  else if (id == PROP_MAX_IN_FLIGHT) {
    g_mutex_lock (&self->lock);
    g_value_set_uint (value, self->max_in_flight);
    g_mutex_unlock (&self->lock);
  } else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
dnn_pipeline_executor_finalize (GObject *object)
{
  DnnPipelineExecutor *self = DNN_PIPELINE_EXECUTOR (object);

  dnn_pipeline_executor_stop (self);
  if (self->pipeline) {
    g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
    gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  }
  gst_clear_object (&self->pipeline);
  g_clear_pointer (&self->serial, gst_dnn_executor_serial_free);
  for (guint i = 0; i < self->n_inputs; i++) {
    g_free (self->inputs[i].name);
    g_clear_pointer (&self->inputs[i].tensor, dnn_tensor_unref);
    g_queue_clear_full (
        &self->inputs[i].waiting, (GDestroyNotify) dnn_tensor_unref);
  }
  g_free (self->inputs);
  g_free (self->outputs);
  g_clear_object (&self->config);
  dnn_pipeline_executor_clear_waiting (self);
  g_mutex_clear (&self->running);
  G_OBJECT_CLASS (dnn_pipeline_executor_parent_class)->finalize (object);
}

static void
dnn_pipeline_executor_class_init (DnnPipelineExecutorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = dnn_pipeline_executor_set_property;
  object_class->get_property = dnn_pipeline_executor_get_property;
  object_class->finalize = dnn_pipeline_executor_finalize;
  g_object_class_install_property (object_class, PROP_CONFIG,
      g_param_spec_object ("config", NULL, "What it runs",
          DNN_TYPE_PIPELINE_CONFIG, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_MAX_IN_FLIGHT,
      g_param_spec_uint ("max-in-flight", NULL,
          "Most frames between run and get_output", 1, G_MAXUINT,
          DNN_PIPELINE_EXECUTOR_MAX_IN_FLIGHT,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
dnn_pipeline_executor_init (DnnPipelineExecutor *self)
{
  self->max_in_flight = DNN_PIPELINE_EXECUTOR_MAX_IN_FLIGHT;
  g_mutex_init (&self->running);
  dnn_pipeline_executor_init_waiting (self);
}
