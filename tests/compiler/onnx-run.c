/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph and its inputs → its outputs, by plain C alone. */
#include "config.h"

#include "tests/compiler/onnx-run.h"

#include "compiler/onnx/dnn-onnx-read.h"
#include "pipeline-core/infer/dnn-infer.h"
#include "pipeline-core/plan/dnn-instance.h"

#include <math.h>
#include <string.h>

GPtrArray *
onnx_run_new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_tensor_unref);
}

GPtrArray *
onnx_run_ref (DnnGraph *graph, GPtrArray *inputs, GError **error)
{
  g_autoptr (DnnGraph) copy = dnn_graph_copy (graph);
  g_autoptr (GPtrArray) values = g_ptr_array_copy (copy->inputs, NULL, NULL);
  g_autoptr (GPtrArray) outputs = onnx_run_new_list ();
  g_autoptr (DnnInference) inference = NULL;

  g_ptr_array_set_free_func (values, NULL);
  g_assert_cmpuint (values->len, ==, inputs->len);
  for (guint i = 0; i < values->len; i++)
    dnn_graph_set_param (copy, values->pdata[i], inputs->pdata[i]);
  inference = dnn_infer_graph (copy, NULL, NULL, DNN_INFER_FOLD_ALL, error);
  for (guint i = 0; inference && i < copy->outputs->len; i++) {
    DnnInferredValue *value = dnn_inference_get (
        inference, copy->outputs->pdata[i]);
    if (!value->tensor) {
      g_set_error (
          error, DNN_ERROR, DNN_ERROR_FAILED, "output %u: no value", i);
      return NULL;
    }
    g_ptr_array_add (outputs, dnn_tensor_ref (value->tensor));
  }
  return inference ? g_steal_pointer (&outputs) : NULL;
}

/* A new tensor for an output of this frame. */
static gpointer
give (guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  GPtrArray *outputs = user_data;
  DnnType type = GPOINTER_TO_UINT (outputs->pdata[idx]);
  DnnTensor *tensor = dnn_tensor_new (type, shape);

  outputs->pdata[idx] = tensor;
  return dnn_tensor_get_writable_data (tensor);
}

static GPtrArray *
run_instance (DnnInstance *instance, GPtrArray *inputs, GError **error)
{
  DnnModule *module = dnn_instance_get_module (instance);
  guint n_outputs = dnn_module_get_n_outputs (module);
  g_autofree gconstpointer *src = g_new0 (gconstpointer, inputs->len + 1);
  GPtrArray *outputs = g_ptr_array_new ();

  for (guint i = 0; i < inputs->len; i++)
    src[i] = dnn_tensor_get_data (inputs->pdata[i]);
  for (guint i = 0; i < n_outputs; i++)
    g_ptr_array_add (
        outputs, GUINT_TO_POINTER (dnn_module_get_output_type (module, i)));
  if (!dnn_instance_run_to (instance, src, give, outputs, NULL, error)) {
    for (guint i = 0; i < n_outputs; i++)
      if (GPOINTER_TO_SIZE (outputs->pdata[i]) >= DNN_N_TYPES)
        dnn_tensor_unref (outputs->pdata[i]);
    g_ptr_array_unref (outputs);
    return NULL;
  }
  g_ptr_array_set_free_func (outputs, (GDestroyNotify) dnn_tensor_unref);
  return outputs;
}

static GPtrArray *
run_module (DnnModule *module, GPtrArray *inputs, GError **error)
{
  g_autoptr (DnnInstance) instance = NULL;
  g_autofree DnnShape *shapes = g_new (DnnShape, inputs->len + 1);

  g_assert_cmpuint (dnn_module_get_n_inputs (module), ==, inputs->len);
  for (guint i = 0; i < inputs->len; i++)
    shapes[i] = *dnn_tensor_get_shape (inputs->pdata[i]);
  instance = dnn_instance_new (module, 1, NULL, NULL, error);
  if (!instance || !dnn_instance_prepare (instance, shapes, error))
    return NULL;
  return run_instance (instance, inputs, error);
}

GPtrArray *
onnx_run_module (DnnGraph *graph, GPtrArray *inputs, GError **error)
{
  g_autoptr (DnnGraph) copy = dnn_graph_copy (graph);
  g_autoptr (DnnModule) module = dnn_module_new (copy, error);

  return module ? run_module (module, inputs, error) : NULL;
}

/* A key for one end of a binding that has a value. */
static gchar *
make_key (const DnnInterface *src)
{
  return src->kind == DNN_INTERFACE_GLOBAL_INPUT
      ? g_strdup_printf ("global %s", src->name)
      : g_strdup_printf ("%d %d", src->mod_idx, src->index);
}

static const DnnInterface *
find_source (DnnPipelineConfig *config, DnnInterfaceKind kind, gint mod_idx,
    gint index, const gchar *name)
{
  const GPtrArray *bindings = dnn_pipeline_config_get_bindings (config);

  for (guint i = 0; i < bindings->len; i++) {
    const DnnBind *bind = bindings->pdata[i];
    if (bind->dst.kind != kind)
      continue;
    if (kind == DNN_INTERFACE_MODULE_INPUT ? bind->dst.mod_idx == mod_idx &&
                g_strcmp0 (bind->dst.name, name) == 0
                                           : bind->dst.index == index)
      return &bind->src;
  }
  g_assert_not_reached ();
}

static void
put (GHashTable *values, const DnnInterface *interface, DnnTensor *tensor)
{
  g_hash_table_insert (values, make_key (interface), dnn_tensor_ref (tensor));
}

static DnnTensor *
get (GHashTable *values, const DnnInterface *interface)
{
  g_autofree gchar *key = make_key (interface);
  DnnTensor *tensor = g_hash_table_lookup (values, key);

  g_assert_nonnull (tensor);
  return dnn_tensor_ref (tensor);
}

static gboolean
run_stage (DnnPipelineConfig *config, const DnnStage *stage, GHashTable *values,
    GError **error)
{
  g_autoptr (GPtrArray) src = onnx_run_new_list ();
  g_autoptr (GPtrArray) dst = NULL;

  for (guint i = 0; i < dnn_module_get_n_inputs (stage->module); i++)
    g_ptr_array_add (src,
        get (values,
            find_source (config, DNN_INTERFACE_MODULE_INPUT, stage->mod_idx, -1,
                dnn_module_get_input_name (stage->module, i))));
  dst = run_module (stage->module, src, error);
  for (guint i = 0; dst && i < dst->len; i++) {
    DnnInterface output = { DNN_INTERFACE_MODULE_OUTPUT, stage->mod_idx,
      (gint) i, NULL };
    put (values, &output, dst->pdata[i]);
  }
  return dst != NULL;
}

GPtrArray *
onnx_run_pipeline (DnnPipelineConfig *config, GPtrArray *inputs, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) dnn_tensor_unref);
  const GPtrArray *names = dnn_pipeline_config_get_inputs (config);
  const GPtrArray *stages = dnn_pipeline_config_get_stages (config);
  g_autoptr (GPtrArray) outputs = onnx_run_new_list ();

  g_assert_cmpuint (names->len, ==, inputs->len);
  for (guint i = 0; i < names->len; i++) {
    DnnInterface input = { DNN_INTERFACE_GLOBAL_INPUT, -1, -1,
      names->pdata[i] };
    put (values, &input, inputs->pdata[i]);
  }
  for (guint i = 0; i < stages->len; i++)
    if (!run_stage (config, stages->pdata[i], values, error))
      return NULL;
  for (guint i = 0; i < dnn_pipeline_config_get_n_outputs (config); i++)
    g_ptr_array_add (outputs,
        get (values,
            find_source (
                config, DNN_INTERFACE_GLOBAL_OUTPUT, -1, (gint) i, NULL)));
  return g_steal_pointer (&outputs);
}

DnnTensor *
onnx_run_read_tensor (const gchar *path, GError **error)
{
  g_autoptr (DnnOnnxFile) file = dnn_onnx_file_open (path, error);
  g_autoptr (DnnTensor) mapped = NULL;
  DnnTensor *tensor;
  DnnWireSpan span;

  if (!file)
    return NULL;
  span = dnn_onnx_file_get_span (file);
  if (!dnn_wire_check (span, &onnx__tensor_proto__descriptor, path, error))
    return NULL;
  mapped = dnn_onnx_read_tensor (file, span, "it", NULL, error);
  if (!mapped)
    return NULL;
  /* its place in the file is aligned to nothing */
  tensor = dnn_tensor_new (
      dnn_tensor_get_element_type (mapped), dnn_tensor_get_shape (mapped));
  memcpy (dnn_tensor_get_writable_data (tensor), dnn_tensor_get_data (mapped),
      dnn_tensor_get_size (mapped));
  return tensor;
}

DnnTensor *
onnx_run_random (const DnnShape *shape, guint32 seed)
{
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, shape);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (gint64 i = 0; i < dnn_shape_n_elements (shape); i++)
    data[i] = (gfloat) g_rand_double_range (random, -2, 2);
  return tensor;
}

static gboolean
is_close (gdouble found, gdouble expected, gdouble rtol, gdouble atol)
{
  if (isnan (expected))
    return isnan (found);
  if (isinf (expected) || isinf (found))
    return found == expected;
  return fabs (found - expected) <= atol + rtol * fabs (expected);
}

gboolean
onnx_run_close (DnnTensor *found, DnnTensor *expected, gdouble rtol,
    gdouble atol, gchar **why)
{
  DnnType type = dnn_tensor_get_element_type (expected);
  const DnnShape *shape = dnn_tensor_get_shape (expected);

  if (dnn_tensor_get_element_type (found) != type ||
      !dnn_shape_equal (dnn_tensor_get_shape (found), shape)) {
    g_autofree gchar *a = dnn_shape_to_string (dnn_tensor_get_shape (found));
    g_autofree gchar *b = dnn_shape_to_string (shape);
    *why = g_strdup_printf ("%s %s, expected %s %s",
        dnn_type_name (dnn_tensor_get_element_type (found)), a,
        dnn_type_name (type), b);
    return FALSE;
  }
  for (gint64 i = 0; i < dnn_shape_n_elements (shape); i++) {
    gdouble a = dnn_type_get (type, dnn_tensor_get_data (found), i);
    gdouble b = dnn_type_get (type, dnn_tensor_get_data (expected), i);
    if (!is_close (a, b, rtol, atol)) {
      *why = g_strdup_printf (
          "element %" G_GINT64_FORMAT " is %.9g, expected %.9g", i, a, b);
      return FALSE;
    }
  }
  return TRUE;
}

gdouble
onnx_run_magnitude (DnnTensor *tensor)
{
  DnnType type = dnn_tensor_get_element_type (tensor);
  gint64 n = dnn_shape_n_elements (dnn_tensor_get_shape (tensor));
  gdouble magnitude = 1;

  for (gint64 i = 0; i < n; i++) {
    gdouble value = fabs (dnn_type_get (type, dnn_tensor_get_data (tensor), i));
    if (isfinite (value))
      magnitude = MAX (magnitude, value);
  }
  return magnitude;
}
