/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Module, option shape → what its links must carry; caps of the input → caps of
 * the output. Next: gstdnnlane-prepare.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnstreams.h"

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
apply_shape (GstDnnStreams *self, const gchar *word, GError **error)
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
apply_shapes (GstDnnStreams *self, const gchar *text, GError **error)
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
check_links (GstDnnStreams *self, GError **error)
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

gboolean
gst_dnn_streams_init (
    GstDnnStreams *self, DnnModule *module, const gchar *shape, GError **error)
{
  self->module = g_object_ref (module);
  self->allocator = gst_dnn_allocator_new ();
  self->n_inputs = dnn_module_get_n_inputs (module);
  self->n_outputs = dnn_module_get_n_outputs (module);
  for (guint i = 0; i < MIN (self->n_inputs, GST_DNN_MAX_TENSORS); i++)
    self->accepted[i] = *dnn_module_get_input_shape (module, i);
  if (self->n_inputs == 0 || self->n_inputs > GST_DNN_MAX_TENSORS) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "%s: inputs: the module has %u; a stream carries 1 to %d tensors (gst-dnn "
        "run and DnnPipelineExecutor do without)",
        dnn_module_get_label (module), self->n_inputs, GST_DNN_MAX_TENSORS);
    return FALSE;
  }
  return apply_shapes (self, shape, error) && check_links (self, error);
}

void
gst_dnn_streams_clear (GstDnnStreams *self)
{
  g_clear_object (&self->module);
  gst_clear_object (&self->allocator);
}

/* "\"data\" float32 1×3×224×224, …": what the model takes. */
static gchar *
describe_inputs (const GstDnnStreams *self)
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
gboolean
gst_dnn_streams_fit (const GstDnnStreams *self, const GstDnnTensorsInfo *input,
    DnnShape *shapes, GError **error)
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
gst_dnn_streams_get_output (const GstDnnStreams *self,
    const GstDnnTensorsInfo *input, GstDnnTensorsInfo *output, GError **error)
{
  DnnShape inputs[GST_DNN_MAX_TENSORS], outputs[GST_DNN_MAX_TENSORS];

  gst_dnn_tensors_info_init (output);
  output->fps_n = input->fps_n;
  output->fps_d = input->fps_d;
  output->flexible = input->flexible;
  if (output->flexible)
    return TRUE;
  if (!gst_dnn_streams_fit (self, input, inputs, error) ||
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

gboolean
gst_dnn_streams_is_known (const GstDnnTensorsInfo *info)
{
  for (guint i = 0; i < info->n_tensors; i++)
    if (!dnn_shape_is_known (&info->shapes[i]))
      return FALSE;
  return TRUE;
}
