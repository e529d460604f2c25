/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineConfig + global inputs → global outputs, in one thread. */
#include "config.h"

#include "pipeline-core/config/dnn-serial.h"

#include <string.h>
#include <time.h>

#include "pipeline-core/config/dnn-pipeline-params.h"
#include "pipeline-core/plan/dnn-instance-private.h"

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
  gsize *sizes; /* of that */
  gconstpointer *src; /* addresses of one frame */
  gpointer *dst;
  DnnShape *prepared; /* by module input: what the instance is ready for */
  gboolean is_prepared;
  DnnShape *shapes; /* by module output: of one frame */
  struct _DnnSerial *serial;
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

  DnnOutputFunc output; /* of one frame */
  gpointer user_data;
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
  stage->sizes = g_new0 (gsize, stage->n_outputs);
  stage->shapes = g_new0 (DnnShape, stage->n_outputs);
  stage->prepared = g_new0 (DnnShape, stage->n_inputs);
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
    self->stages[i].serial = self;
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
  for (guint i = 0; stage->memory && i < stage->n_outputs; i++) {
    g_clear_pointer (&stage->memory[i], dnn_free_aligned);
    stage->sizes[i] = 0;
  }
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
    g_free (stage->sizes);
    g_free (stage->shapes);
    g_free (stage->prepared);
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

/* Of the plan; of the module where it waits for a frame. */
static const DnnShape *
get_stage_output (const Stage *stage, guint idx)
{
  return stage->is_prepared
      ? dnn_instance_get_output_shape (stage->instance, idx)
      : dnn_module_get_output_shape (stage->module, idx);
}

const DnnShape *
dnn_serial_get_output_shape (DnnSerial *self, guint idx)
{
  const OutputRef *ref = &self->outputs[idx];

  return get_stage_output (&self->stages[ref->stage_idx], ref->output_idx);
}

static gboolean
prepare_instance (
    DnnSerial *self, Stage *stage, const DnnShape *shapes, GError **error)
{
  stage->is_prepared = FALSE;
  if (!dnn_instance_prepare (stage->instance, shapes, error)) {
    if (self->n_stages > 1)
      g_prefix_error (error, "stage %d: ", stage->mod_idx);
    return FALSE;
  }
  for (guint i = 0; i < stage->n_inputs; i++)
    stage->prepared[i] = shapes[i];
  stage->is_prepared = TRUE;
  return TRUE;
}

/* A stage whose inputs are known only in each frame waits for one. */
static gboolean
prepare_stage (
    DnnSerial *self, Stage *stage, const DnnShape *inputs, GError **error)
{
  g_autofree DnnShape *shapes = g_new (DnnShape, MAX (stage->n_inputs, 1));
  gboolean is_known = TRUE;

  for (guint i = 0; i < stage->n_inputs; i++) {
    const Source *source = &stage->sources[i];
    if (source->global_idx >= 0)
      shapes[i] = inputs[source->global_idx];
    else
      shapes[i] = *get_stage_output (
          &self->stages[source->stage_idx], source->output_idx);
    is_known = is_known &&
        (source->global_idx >= 0 || dnn_shape_is_known (&shapes[i]));
  }
  drop_memory (stage);
  if (is_known)
    return prepare_instance (self, stage, shapes, error);
  stage->is_prepared = FALSE;
  dnn_instance_set_late (stage->instance);
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

/* ---- a frame ------------------------------------------------------------ */

static gpointer
ensure_memory (Stage *stage, guint idx, gsize size, GError **error)
{
  if (stage->memory[idx] && stage->sizes[idx] >= size)
    return stage->memory[idx];
  dnn_free_aligned (stage->memory[idx]);
  stage->memory[idx] = dnn_try_alloc_aligned (MAX (size, 1));
  stage->sizes[idx] = stage->memory[idx] ? size : 0;
  if (!stage->memory[idx])
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "There is no memory for %" G_GSIZE_FORMAT " bytes", size);
  return stage->memory[idx];
}

static gsize
get_output_size (const Stage *stage, guint idx)
{
  return (gsize) dnn_shape_n_elements (&stage->shapes[idx]) *
      dnn_type_size (dnn_module_get_output_type (stage->module, idx));
}

/* Where a stage writes: a global output's address, or our own memory. */
static gpointer
give_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  Stage *stage = user_data;
  DnnSerial *self = stage->serial;

  stage->shapes[idx] = *shape;
  return stage->dst[idx] = stage->global_idx[idx] >= 0
      ? self->output (
            (guint) stage->global_idx[idx], shape, self->user_data, error)
      : ensure_memory (stage, idx, get_output_size (stage, idx), error);
}

/* Shapes that come with the frame. */
static gboolean
follow_shapes (DnnSerial *self, Stage *stage, GError **error)
{
  DnnShape shapes[DNN_MAX_INTERFACES];
  gboolean is_same = stage->is_prepared;

  for (guint i = 0; i < stage->n_inputs; i++) {
    const Source *source = &stage->sources[i];
    shapes[i] = source->global_idx >= 0
        ? stage->prepared[i]
        : self->stages[source->stage_idx].shapes[source->output_idx];
    is_same = is_same && dnn_shape_equal (&shapes[i], &stage->prepared[i]);
  }
  return is_same || prepare_instance (self, stage, shapes, error);
}

static gboolean
run_stage (
    DnnSerial *self, Stage *stage, gconstpointer const *inputs, GError **error)
{
  for (guint i = 0; i < stage->n_inputs; i++) {
    const Source *source = &stage->sources[i];
    stage->src[i] = source->global_idx >= 0
        ? inputs[source->global_idx]
        : self->stages[source->stage_idx].dst[source->output_idx];
  }
  return follow_shapes (self, stage, error) &&
      dnn_instance_run_to (
          stage->instance, stage->src, give_output, stage, NULL, error);
}

/* Global outputs that repeat a stage's output get their copy. */
static gboolean
copy_repeated (DnnSerial *self, GError **error)
{
  for (guint i = 0; i < self->n_outputs; i++) {
    const OutputRef *ref = &self->outputs[i];
    const Stage *stage = &self->stages[ref->stage_idx];
    gpointer dst;

    if (stage->global_idx[ref->output_idx] == (gint) i)
      continue;
    dst = self->output (
        i, &stage->shapes[ref->output_idx], self->user_data, error);
    if (!dst)
      return FALSE;
    memcpy (dst, stage->dst[ref->output_idx],
        get_output_size (stage, ref->output_idx));
  }
  return TRUE;
}

static guint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000u + (guint64) now.tv_nsec;
}

gboolean
dnn_serial_run_to (DnnSerial *self, gconstpointer const *inputs,
    DnnOutputFunc output, gpointer user_data, guint64 *ns, GError **error)
{
  self->output = output;
  self->user_data = user_data;
  for (guint i = 0; i < self->n_stages; i++) {
    guint64 start = get_time ();
    if (!run_stage (self, &self->stages[i], inputs, error))
      return FALSE;
    if (ns)
      ns[i] = get_time () - start;
  }
  return copy_repeated (self, error);
}

static gpointer
take_from_array (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  gpointer const *outputs = user_data;

  return outputs[idx];
}

gboolean
dnn_serial_run_timed (DnnSerial *self, gconstpointer const *inputs,
    gpointer const *outputs, guint64 *ns, GError **error)
{
  for (guint i = 0; i < self->n_outputs; i++) {
    if (dnn_shape_is_known (dnn_serial_get_output_shape (self, i)))
      continue;
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "output \"%s\": its shape is known only in each frame",
        dnn_serial_get_output_name (self, i));
    return FALSE;
  }
  return dnn_serial_run_to (
      self, inputs, take_from_array, (gpointer) outputs, ns, error);
}

gboolean
dnn_serial_run (DnnSerial *self, gconstpointer const *inputs,
    gpointer const *outputs, GError **error)
{
  return dnn_serial_run_timed (self, inputs, outputs, NULL, error);
}

void
dnn_serial_set_stopped (DnnSerial *self, gboolean is_stopped)
{
  for (guint i = 0; i < self->n_stages; i++)
    dnn_instance_set_stopped (self->stages[i].instance, is_stopped);
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
