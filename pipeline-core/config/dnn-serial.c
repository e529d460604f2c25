/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineConfig + global inputs → global outputs, in one thread. */
#include "config.h"

#include "pipeline-core/config/dnn-serial.h"

#include <string.h>
#include <time.h>

#include "pipeline-core/config/dnn-pipeline-params.h"

/* Where a module input comes from: a global input, or another stage. */
typedef struct
{
  gint global_idx; /* -1: from a stage */
  guint stage_idx, output_idx;
} Source;

typedef struct
{
  DnnInstance *instance;
  DnnModule *module; /* borrowed from the instance */
  gint mod_idx;
  guint n_inputs, n_outputs;
  Source *sources; /* by module input */
  gint *global_idx; /* by module output: the first global output it is, -1 */
  gpointer *memory; /* by module output: ours, where it is no global output */
  gconstpointer *src; /* addresses of one frame */
  gpointer *dst;
} Stage;

/* A global output that repeats one of the same stage output. */
typedef struct
{
  guint stage_idx, output_idx;
} OutputRef;

struct _DnnSerial
{
  DnnPipelineConfig *config;
  Stage *stages;
  guint n_stages;
  OutputRef *outputs; /* by global output */
  guint n_outputs;
  GPtrArray *input_names; /* gchar * */
  OutputRef *input_refs; /* by global input: one module input it feeds */
};

static gint
find_stage (DnnSerial *self, gint mod_idx)
{
  for (guint i = 0; i < self->n_stages; i++) {
    if (self->stages[i].mod_idx == mod_idx)
      return i;
  }
  return -1;
}

static gint
find_global_input (DnnSerial *self, const gchar *name)
{
  for (guint i = 0; i < self->input_names->len; i++) {
    if (strcmp (self->input_names->pdata[i], name) == 0)
      return i;
  }
  return -1;
}

static gboolean
init_stage (
    Stage *stage, const DnnStage *from, const DnnTarget *target, GError **error)
{
  DnnTarget own = *target;

  if (!from->module) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "stage %d is the element \"%s\", which only runs in a pipeline "
        "(use dnnbin)",
        from->mod_idx, from->element);
    return FALSE;
  }
  if (from->threads)
    own.threads = from->threads;
  if (!dnn_target_set_precision (&own, from->precision, error))
    return FALSE;
  stage->instance = dnn_instance_new_for_target (
      from->module, &own, from->cpu_affinity, error);
  if (!stage->instance)
    return FALSE;
  stage->module = from->module;
  stage->mod_idx = from->mod_idx;
  stage->n_inputs = dnn_module_get_n_inputs (from->module);
  stage->n_outputs = dnn_module_get_n_outputs (from->module);
  stage->sources = g_new0 (Source, stage->n_inputs);
  stage->global_idx = g_new (gint, stage->n_outputs);
  for (guint i = 0; i < stage->n_outputs; i++)
    stage->global_idx[i] = -1;
  stage->memory = g_new0 (gpointer, stage->n_outputs);
  stage->src = g_new0 (gconstpointer, stage->n_inputs);
  stage->dst = g_new0 (gpointer, stage->n_outputs);
  return TRUE;
}

static void
apply_binding (DnnSerial *self, const DnnBind *bind)
{
  if (bind->dst.kind == DNN_INTERFACE_GLOBAL_OUTPUT) {
    gint stage_idx = find_stage (self, bind->src.mod_idx);
    Stage *stage = &self->stages[stage_idx];
    OutputRef *ref = &self->outputs[bind->dst.index];

    ref->stage_idx = stage_idx;
    ref->output_idx = bind->src.index;
    if (stage->global_idx[bind->src.index] < 0)
      stage->global_idx[bind->src.index] = bind->dst.index;
  } else if (bind->dst.kind == DNN_INTERFACE_MODULE_INPUT) {
    gint stage_idx = find_stage (self, bind->dst.mod_idx);
    Stage *stage = &self->stages[stage_idx];
    gint input = dnn_module_find_input (stage->module, bind->dst.name);
    Source *source = &stage->sources[input];

    source->global_idx = -1;
    if (bind->src.kind == DNN_INTERFACE_GLOBAL_INPUT) {
      source->global_idx = find_global_input (self, bind->src.name);
      self->input_refs[source->global_idx] = (OutputRef){ stage_idx, input };
    } else {
      source->stage_idx = find_stage (self, bind->src.mod_idx);
      source->output_idx = bind->src.index;
    }
  }
}

DnnSerial *
dnn_serial_new (DnnPipelineConfig *config, gint threads, GError **error)
{
  DnnTarget target;

  dnn_target_init (&target);
  target.threads = threads;
  return dnn_serial_new_for_target (config, &target, error);
}

DnnSerial *
dnn_serial_new_for_target (
    DnnPipelineConfig *config, const DnnTarget *target, GError **error)
{
  g_autoptr (DnnSerial) self = NULL;
  const GPtrArray *stages, *bindings, *names;

  if (!dnn_pipeline_config_check (config, error))
    return NULL;
  stages = dnn_pipeline_config_get_stages (config);
  bindings = dnn_pipeline_config_get_bindings (config);
  names = dnn_pipeline_config_get_inputs (config);
  self = g_new0 (DnnSerial, 1);
  self->config = g_object_ref (config);
  self->input_names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (self->input_names, g_strdup (names->pdata[i]));
  self->input_refs = g_new0 (OutputRef, names->len);
  self->n_outputs = dnn_pipeline_config_get_n_outputs (config);
  self->outputs = g_new0 (OutputRef, self->n_outputs);
  self->stages = g_new0 (Stage, stages->len);
  for (guint i = 0; i < stages->len; i++) {
    self->n_stages++;
    if (!init_stage (&self->stages[i], stages->pdata[i], target, error))
      return NULL;
  }
  for (guint i = 0; i < bindings->len; i++)
    apply_binding (self, bindings->pdata[i]);
  return g_steal_pointer (&self);
}

static void
drop_memory (Stage *stage)
{
  for (guint i = 0; stage->memory && i < stage->n_outputs; i++)
    g_clear_pointer (&stage->memory[i], dnn_free_aligned);
}

void
dnn_serial_free (DnnSerial *self)
{
  for (guint i = 0; i < self->n_stages; i++) {
    Stage *stage = &self->stages[i];
    drop_memory (stage);
    g_clear_object (&stage->instance);
    g_free (stage->sources);
    g_free (stage->global_idx);
    g_free (stage->memory);
    g_free (stage->src);
    g_free (stage->dst);
  }
  g_free (self->stages);
  g_free (self->outputs);
  g_free (self->input_refs);
  g_ptr_array_unref (self->input_names);
  g_object_unref (self->config);
  g_free (self);
}

guint
dnn_serial_get_n_inputs (DnnSerial *self)
{
  return self->input_names->len;
}

const gchar *
dnn_serial_get_input_name (DnnSerial *self, guint idx)
{
  return self->input_names->pdata[idx];
}

DnnType
dnn_serial_get_input_type (DnnSerial *self, guint idx)
{
  const OutputRef *ref = &self->input_refs[idx];

  return dnn_module_get_input_type (
      self->stages[ref->stage_idx].module, ref->output_idx);
}

DnnShape
dnn_serial_get_input_shape (DnnSerial *self, guint idx)
{
  const OutputRef *ref = &self->input_refs[idx];

  return *dnn_module_get_input_shape (
      self->stages[ref->stage_idx].module, ref->output_idx);
}

guint
dnn_serial_get_n_outputs (DnnSerial *self)
{
  return self->n_outputs;
}

const gchar *
dnn_serial_get_output_name (DnnSerial *self, guint idx)
{
  const OutputRef *ref = &self->outputs[idx];

  return dnn_module_get_output_name (
      self->stages[ref->stage_idx].module, ref->output_idx);
}

DnnType
dnn_serial_get_output_type (DnnSerial *self, guint idx)
{
  const OutputRef *ref = &self->outputs[idx];

  return dnn_module_get_output_type (
      self->stages[ref->stage_idx].module, ref->output_idx);
}

const DnnShape *
dnn_serial_get_output_shape (DnnSerial *self, guint idx)
{
  const OutputRef *ref = &self->outputs[idx];

  return dnn_instance_get_output_shape (
      self->stages[ref->stage_idx].instance, ref->output_idx);
}

static gboolean
prepare_stage (
    DnnSerial *self, Stage *stage, const DnnShape *inputs, GError **error)
{
  g_autofree DnnShape *shapes = g_new (DnnShape, MAX (stage->n_inputs, 1));

  for (guint i = 0; i < stage->n_inputs; i++) {
    const Source *source = &stage->sources[i];
    if (source->global_idx >= 0)
      shapes[i] = inputs[source->global_idx];
    else
      shapes[i] = *dnn_instance_get_output_shape (
          self->stages[source->stage_idx].instance, source->output_idx);
  }
  if (!dnn_instance_prepare (stage->instance, shapes, error)) {
    if (self->n_stages > 1)
      g_prefix_error (error, "stage %d: ", stage->mod_idx);
    return FALSE;
  }
  drop_memory (stage);
  for (guint i = 0; i < stage->n_outputs; i++) {
    const DnnShape *shape = dnn_instance_get_output_shape (stage->instance, i);
    gsize size = dnn_shape_n_elements (shape) *
        dnn_type_size (dnn_module_get_output_type (stage->module, i));
    if (stage->global_idx[i] < 0)
      stage->memory[i] = dnn_alloc_aligned (size);
  }
  return TRUE;
}

gboolean
dnn_serial_prepare (DnnSerial *self, const DnnShape *inputs, GError **error)
{
  for (guint i = 0; i < self->n_stages; i++) {
    if (!prepare_stage (self, &self->stages[i], inputs, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run_stage (DnnSerial *self, Stage *stage, gconstpointer const *inputs,
    gpointer const *outputs, GError **error)
{
  for (guint i = 0; i < stage->n_inputs; i++) {
    const Source *source = &stage->sources[i];
    stage->src[i] = source->global_idx >= 0
        ? inputs[source->global_idx]
        : self->stages[source->stage_idx].dst[source->output_idx];
  }
  for (guint i = 0; i < stage->n_outputs; i++)
    stage->dst[i] = stage->global_idx[i] >= 0 ? outputs[stage->global_idx[i]]
                                              : stage->memory[i];
  return dnn_instance_run (stage->instance, stage->src, stage->dst, error);
}

/* Global outputs that repeat a stage's output get their copy. */
static void
copy_repeated (DnnSerial *self, gpointer const *outputs)
{
  for (guint i = 0; i < self->n_outputs; i++) {
    const OutputRef *ref = &self->outputs[i];
    const Stage *stage = &self->stages[ref->stage_idx];
    gsize size;

    if (stage->global_idx[ref->output_idx] == (gint) i)
      continue;
    size = dnn_shape_n_elements (dnn_serial_get_output_shape (self, i)) *
        dnn_type_size (dnn_serial_get_output_type (self, i));
    memcpy (outputs[i], stage->dst[ref->output_idx], size);
  }
}

static guint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000u + (guint64) now.tv_nsec;
}

gboolean
dnn_serial_run_timed (DnnSerial *self, gconstpointer const *inputs,
    gpointer const *outputs, guint64 *ns, GError **error)
{
  for (guint i = 0; i < self->n_stages; i++) {
    guint64 start = get_time ();
    if (!run_stage (self, &self->stages[i], inputs, outputs, error))
      return FALSE;
    if (ns)
      ns[i] = get_time () - start;
  }
  copy_repeated (self, outputs);
  return TRUE;
}

gboolean
dnn_serial_run (DnnSerial *self, gconstpointer const *inputs,
    gpointer const *outputs, GError **error)
{
  return dnn_serial_run_timed (self, inputs, outputs, NULL, error);
}

static gboolean
take_updates (
    DnnSerial *self, const GArray *split, GPtrArray *updates, GError **error)
{
  for (guint i = 0; i < split->len; i++) {
    const DnnModuleParams *part = &g_array_index (split, DnnModuleParams, i);
    gint stage_idx = find_stage (self, part->mod_idx);
    DnnUpdate *update = g_steal_pointer (&updates->pdata[i]);
    if (!dnn_instance_take_update (
            self->stages[stage_idx].instance, update, error))
      return FALSE;
  }
  return TRUE;
}

static void
free_update (gpointer update)
{
  dnn_update_free (update);
}

gboolean
dnn_serial_set_params (
    DnnSerial *self, const gchar *group, DnnParams *params, GError **error)
{
  g_autoptr (GArray) split = dnn_pipeline_config_split_params (
      self->config, group, params, error);
  g_autoptr (GPtrArray) updates = g_ptr_array_new_with_free_func (free_update);

  for (guint i = 0; split && i < split->len; i++) {
    const DnnModuleParams *part = &g_array_index (split, DnnModuleParams, i);
    gint stage_idx = find_stage (self, part->mod_idx);
    DnnUpdate *update = dnn_instance_make_update (
        self->stages[stage_idx].instance, NULL, part->params, error);
    if (!update) {
      g_prefix_error (error, "Param group \"%s\": ", group);
      return FALSE;
    }
    g_ptr_array_add (updates, update);
  }
  return split && take_updates (self, split, updates, error);
}

guint
dnn_serial_get_n_instances (DnnSerial *self)
{
  return self->n_stages;
}

DnnInstance *
dnn_serial_get_instance (DnnSerial *self, guint idx)
{
  return self->stages[idx].instance;
}
