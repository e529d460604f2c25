/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph and its inputs → its outputs, by plain C alone. */
#include "config.h"

#include "tests/compiler/onnx-run.h"

#include "compiler/dnn-onnx-read.h"
#include "pipeline-core/dnn-infer.h"
#include "pipeline-core/dnn-instance.h"

#include <math.h>

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
  inference = dnn_infer_graph (copy, NULL, 1, DNN_INFER_FOLD_ALL, error);
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

static GPtrArray *
run_instance (DnnInstance *instance, GPtrArray *inputs, GError **error)
{
  DnnModule *module = dnn_instance_get_module (instance);
  guint n_outputs = dnn_module_get_n_outputs (module);
  g_autofree gconstpointer *src = g_new0 (gconstpointer, inputs->len + 1);
  g_autofree gpointer *dst = g_new0 (gpointer, n_outputs + 1);
  g_autoptr (GPtrArray) outputs = onnx_run_new_list ();

  for (guint i = 0; i < inputs->len; i++)
    src[i] = dnn_tensor_get_data (inputs->pdata[i]);
  for (guint i = 0; i < n_outputs; i++) {
    DnnTensor *tensor = dnn_tensor_new (dnn_module_get_output_type (module, i),
        dnn_instance_get_output_shape (instance, i));
    g_ptr_array_add (outputs, tensor);
    dst[i] = dnn_tensor_get_writable_data (tensor);
  }
  if (!dnn_instance_run (instance, src, dst, error))
    return NULL;
  return g_steal_pointer (&outputs);
}

GPtrArray *
onnx_run_module (DnnGraph *graph, GPtrArray *inputs, GError **error)
{
  g_autoptr (DnnModule) module = dnn_module_new (graph, error);
  g_autoptr (DnnInstance) instance = NULL;
  g_autofree DnnShape *shapes = g_new (DnnShape, inputs->len + 1);

  if (!module)
    return NULL;
  g_assert_cmpuint (dnn_module_get_n_inputs (module), ==, inputs->len);
  for (guint i = 0; i < inputs->len; i++)
    shapes[i] = *dnn_tensor_get_shape (inputs->pdata[i]);
  instance = dnn_instance_new (module, 1, NULL, NULL, error);
  if (!instance || !dnn_instance_prepare (instance, shapes, error))
    return NULL;
  return run_instance (instance, inputs, error);
}

DnnTensor *
onnx_run_read_tensor (const gchar *path, GError **error)
{
  g_autoptr (DnnOnnxFile) file = dnn_onnx_file_open (path, error);
  DnnWireSpan span;

  if (!file)
    return NULL;
  span = dnn_onnx_file_get_span (file);
  if (!dnn_wire_check (span, &onnx__tensor_proto__descriptor, path, error))
    return NULL;
  return dnn_onnx_read_tensor (file, span, "it", NULL, error);
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
