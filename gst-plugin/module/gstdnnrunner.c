/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Module, options → what a link must carry, what leaves, and a prepared
 * instance. Next: gstdnnrunner-run.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnrunner.h"

#include "gst-plugin/module/gstdnnrunner-private.h"

/* How much the last run counts in the smoothed time. */
#define SMOOTHING 8

/* --- shapes --- */

/* "A", "B", … for messages. */
static gchar *
list_inputs (DnnModule *module)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    g_string_append_printf (text, "%s\"%s\"", i == 0 ? "" : ", ",
        dnn_module_get_input_name (module, i));
  return g_string_free (text, FALSE);
}

/* One word of the option: "1,3,224,224" or "NAME=1,3,224,224". */
static gboolean
apply_shape (GstDnnRunner *self, const gchar *word, GError **error)
{
  const gchar *sign = strrchr (word, '=');
  g_autofree gchar *name = sign != NULL
      ? g_strndup (word, (gsize) (sign - word))
      : NULL;
  g_autofree gchar *names = list_inputs (self->module);
  gint idx = 0;
  DnnShape shape;

  if (name != NULL)
    idx = dnn_module_find_input (self->module, g_strstrip (name));
  if (idx < 0 || (name == NULL && self->n_inputs != 1)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNKNOWN_NAME,
        "shape: \"%s\" names no input of %s (inputs: %s)", word,
        dnn_module_get_label (self->module), names);
    return FALSE;
  }
  if (!dnn_shape_parse (sign != NULL ? sign + 1 : word, &shape)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_VALUE,
        "shape: \"%s\" is no shape; \"1,3,224,224\" or \"NAME=1,3,224,224\" "
        "was expected",
        word);
    return FALSE;
  }
  if (!dnn_shape_compatible (&shape, &self->accepted[idx])) {
    g_autofree gchar *asked = dnn_shape_to_string (&shape);
    g_autofree gchar *own = dnn_shape_to_string (&self->accepted[idx]);
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "shape: input \"%s\" of %s is %s, not %s",
        dnn_module_get_input_name (self->module, (guint) idx),
        dnn_module_get_label (self->module), own, asked);
    return FALSE;
  }
  self->accepted[idx] = shape;
  return TRUE;
}

static gboolean
apply_shapes (GstDnnRunner *self, const gchar *text, GError **error)
{
  g_auto (GStrv) words = NULL;

  if (text == NULL || *text == '\0')
    return TRUE;
  words = g_strsplit (text, ";", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (!apply_shape (self, g_strstrip (words[i]), error))
      return FALSE;
  return TRUE;
}

/* Inputs and outputs fit on links; a batch that is left open is 1. */
static gboolean
check_links (GstDnnRunner *self, GError **error)
{
  const gchar *label = dnn_module_get_label (self->module);
  GstDnnTensorsInfo outputs;

  gst_dnn_tensors_info_init (&self->offered);
  gst_dnn_tensors_info_init (&outputs);
  for (guint i = 0; i < self->n_inputs; i++) {
    DnnShape shape = self->accepted[i];
    if (shape.rank >= 2 && shape.dims[0] == DNN_DIM_OPEN)
      shape.dims[0] = 1;
    if (!gst_dnn_tensors_info_add (&self->offered,
            dnn_module_get_input_type (self->module, i), &shape, error)) {
      g_prefix_error (error, "%s: inputs: ", label);
      return FALSE;
    }
  }
  for (guint i = 0; i < self->n_outputs; i++) {
    if (!gst_dnn_tensors_info_add (&outputs,
            dnn_module_get_output_type (self->module, i),
            dnn_module_get_output_shape (self->module, i), error)) {
      g_prefix_error (error, "%s: outputs: ", label);
      return FALSE;
    }
  }
  return TRUE;
}

GstDnnRunner *
gst_dnn_runner_new (
    DnnModule *module, const GstDnnRunnerOptions *options, GError **error)
{
  g_autoptr (GstDnnRunner) self = g_new0 (GstDnnRunner, 1);

  g_mutex_init (&self->lock);
  gst_dnn_pending_init (&self->pending);
  self->module = g_object_ref (module);
  self->allocator = gst_dnn_allocator_new ();
  self->n_inputs = dnn_module_get_n_inputs (module);
  self->n_outputs = dnn_module_get_n_outputs (module);
  for (guint i = 0; i < MIN (self->n_inputs, GST_DNN_MAX_TENSORS); i++)
    self->accepted[i] = *dnn_module_get_input_shape (module, i);
  if (self->n_inputs == 0 || self->n_inputs > GST_DNN_MAX_TENSORS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%s: inputs: the module has %u; a link carries 1 to %d tensors",
        dnn_module_get_label (module), self->n_inputs, GST_DNN_MAX_TENSORS);
    return NULL;
  }
  if (!apply_shapes (self, options->shape, error) || !check_links (self, error))
    return NULL;
  self->instance = dnn_instance_new (module, options->threads,
      options->precision, options->cpu_affinity, error);
  if (self->instance == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

void
gst_dnn_runner_free (GstDnnRunner *self)
{
  if (self->instance != NULL)
    gst_dnn_runner_unprepare (self);
  gst_dnn_pending_clear (&self->pending);
  g_clear_object (&self->instance);
  g_clear_object (&self->module);
  gst_clear_object (&self->allocator);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const GstDnnTensorsInfo *
gst_dnn_runner_get_input (const GstDnnRunner *self)
{
  return &self->offered;
}

/* "\"data\" float32 1×3×224×224, …": what the model takes. */
static gchar *
describe_inputs (const GstDnnRunner *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->n_inputs; i++) {
    g_autofree gchar *shape = dnn_shape_to_string (&self->accepted[i]);
    g_string_append_printf (text, "%s\"%s\" %s %s", i == 0 ? "" : ", ",
        dnn_module_get_input_name (self->module, i),
        dnn_type_name (self->offered.types[i]), shape);
  }
  return g_string_free (text, FALSE);
}

/* Compares as numbers; @shapes: the stream's in the module's ranks. */
static gboolean
fit_input (GstDnnRunner *self, const GstDnnTensorsInfo *input, DnnShape *shapes,
    GError **error)
{
  gboolean types_fit = input->n_tensors == self->n_inputs;
  gboolean shapes_fit = types_fit;
  g_autofree gchar *wanted = NULL;
  g_autofree gchar *found = NULL;

  for (guint i = 0; types_fit && i < self->n_inputs; i++) {
    types_fit = input->types[i] == self->offered.types[i];
    shapes_fit = shapes_fit &&
        gst_dnn_shape_fit (&input->shapes[i], &self->accepted[i], &shapes[i]);
  }
  if (types_fit && shapes_fit)
    return TRUE;
  wanted = describe_inputs (self);
  found = gst_dnn_tensors_info_to_string (input);
  g_set_error (error, DNN_ERROR, shapes_fit ? DNN_ERROR_TYPE : DNN_ERROR_SHAPE,
      "%s takes %s; the stream has %s", dnn_module_get_label (self->module),
      wanted, found);
  return FALSE;
}

gboolean
gst_dnn_runner_get_output (GstDnnRunner *self, const GstDnnTensorsInfo *input,
    GstDnnTensorsInfo *output, GError **error)
{
  DnnShape inputs[GST_DNN_MAX_TENSORS], outputs[GST_DNN_MAX_TENSORS];

  gst_dnn_tensors_info_init (output);
  output->fps_n = input->fps_n;
  output->fps_d = input->fps_d;
  output->flexible = input->flexible;
  if (output->flexible)
    return TRUE;
  if (!fit_input (self, input, inputs, error) ||
      !dnn_module_infer_outputs (self->module, inputs, outputs, error))
    return FALSE;
  for (guint i = 0; i < self->n_outputs; i++)
    output->flexible |= !dnn_shape_is_known (&outputs[i]);
  for (guint i = 0; !output->flexible && i < self->n_outputs; i++)
    if (!gst_dnn_tensors_info_add (output,
            dnn_module_get_output_type (self->module, i), &outputs[i], error))
      return FALSE;
  return TRUE;
}

/* --- preparing --- */

static gpointer
measure_in_thread (gpointer data)
{
  gst_dnn_runner_measure (data);
  return NULL;
}

/* Bytes for tensors whose type doesn't travel. */
static void
allocate_copies (GstDnnRunner *self, const DnnShape *inputs)
{
  for (guint i = 0; i < self->n_inputs; i++) {
    DnnType type = dnn_module_get_input_type (self->module, i);
    if (type != gst_dnn_type_on_link (type))
      self->input_copies[i] = dnn_alloc_aligned (
          (gsize) dnn_shape_n_elements (&inputs[i]) * dnn_type_size (type));
  }
  for (guint i = 0; i < self->n_outputs; i++) {
    DnnType type = dnn_module_get_output_type (self->module, i);
    const DnnShape *shape = dnn_instance_get_output_shape (self->instance, i);
    if (type == DNN_TYPE_BFLOAT16)
      self->output_copies[i] = dnn_alloc_aligned (
          (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type));
  }
}

static void
free_copies (GstDnnRunner *self)
{
  for (guint i = 0; i < GST_DNN_MAX_TENSORS; i++) {
    g_clear_pointer (&self->input_copies[i], dnn_free_aligned);
    g_clear_pointer (&self->output_copies[i], dnn_free_aligned);
  }
}

/* All of it is known now. */
static gboolean
check_output_shapes (GstDnnRunner *self, GError **error)
{
  for (guint i = 0; i < self->n_outputs; i++) {
    const DnnShape *shape = dnn_instance_get_output_shape (self->instance, i);
    if (!dnn_shape_is_known (shape)) {
      g_autofree gchar *text = dnn_shape_to_string (shape);
      g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
          "%s: output \"%s\" is %s: its shape depends on the data of a frame",
          dnn_module_get_label (self->module),
          dnn_module_get_output_name (self->module, i), text);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
gst_dnn_runner_prepare (
    GstDnnRunner *self, const GstDnnTensorsInfo *input, GError **error)
{
  DnnShape shapes[GST_DNN_MAX_TENSORS];
  GThread *thread;

  if (self->prepared.n_tensors > 0 &&
      gst_dnn_tensors_info_equal (&self->prepared, input))
    return TRUE;
  if (!fit_input (self, input, shapes, error))
    return FALSE;
  gst_dnn_tensors_info_init (&self->prepared);
  free_copies (self);
  if (!dnn_instance_prepare (self->instance, shapes, error) ||
      !check_output_shapes (self, error))
    return FALSE;
  allocate_copies (self, shapes);
  self->prepared = *input;
  /* Its OpenMP team ends with the thread. */
  thread = g_thread_try_new ("dnn-measure", measure_in_thread, self, error);
  if (thread == NULL)
    return FALSE;
  g_thread_join (thread);
  return TRUE;
}

DnnInstance *
gst_dnn_runner_get_instance (GstDnnRunner *self)
{
  return self->instance;
}

DnnParams *
gst_dnn_runner_get_pending_params (GstDnnRunner *self)
{
  return gst_dnn_pending_get_params (&self->pending);
}

void
gst_dnn_runner_add_update (GstDnnRunner *self, guint64 last, DnnUpdate *update)
{
  gst_dnn_pending_add (&self->pending, last, update);
}

/* Nothing is bound, so nothing can fail. */
void
gst_dnn_runner_take_updates (GstDnnRunner *self)
{
  gst_dnn_pending_apply (&self->pending, self->instance, NULL, NULL);
}

void
gst_dnn_runner_unprepare (GstDnnRunner *self)
{
  dnn_instance_unprepare (self->instance);
  gst_dnn_runner_take_updates (self);
  free_copies (self);
  gst_dnn_tensors_info_init (&self->prepared);
  gst_dnn_allocator_trim (self->allocator);
  g_mutex_lock (&self->lock);
  self->time = 0;
  g_mutex_unlock (&self->lock);
}

void
gst_dnn_runner_set_streams (GstDnnRunner *self, const GstDnnTensorsInfo *input,
    const GstDnnTensorsInfo *output)
{
  self->input = *input;
  self->output = *output;
}

GstDnnAllocator *
gst_dnn_runner_get_allocator (GstDnnRunner *self)
{
  return self->allocator;
}

void
gst_dnn_runner_add_time (GstDnnRunner *self, GstClockTime time)
{
  g_mutex_lock (&self->lock);
  if (self->time == 0)
    self->time = time;
  else
    self->time = (self->time * (SMOOTHING - 1) + time) / SMOOTHING;
  g_mutex_unlock (&self->lock);
}

GstClockTime
gst_dnn_runner_get_time (GstDnnRunner *self)
{
  GstClockTime time;

  g_mutex_lock (&self->lock);
  time = self->time;
  g_mutex_unlock (&self->lock);
  return time;
}
