/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Numbers → modules and a pipeline of them, and what they compute. Next: the
 * tests of the executor. */
#include "config.h"

#include "tests/elements/executor/executor-sample.h"

#include <gst/gst.h>
#include <omp.h>

#include "kernels/dnn-init.h"

/* Those of the three modules. */
static const gfloat own[] = { 1000, 2000, 3000 };

void
sample_init (void)
{
  gst_init (NULL, NULL);
  dnn_init ();
  sample_elements_register ();
}

gint
sample_get_threads (void)
{
  return omp_get_max_threads ();
}

/* ---- modules ------------------------------------------------------------ */

DnnTensor *
sample_tensor (gfloat first)
{
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  DnnTensor *tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (guint i = 0; i < SAMPLE_SIZE; i++)
    data[i] = first + (gfloat) i;
  return tensor;
}

static DnnTensor *
make_even (gfloat value)
{
  DnnTensor *tensor = sample_tensor (0);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (guint i = 0; i < SAMPLE_SIZE; i++)
    data[i] = value;
  return tensor;
}

static DnnValue *
add (DnnGraph *graph, const gchar *name, DnnValue *a, DnnValue *b)
{
  g_autofree gchar *node_name = g_strconcat (name, "-node", NULL);
  DnnNode *node = dnn_graph_add_node (graph, node_name, "Add");

  dnn_node_add_input (node, a);
  dnn_node_add_input (node, b);
  return dnn_graph_add_result (graph, node, name);
}

DnnModule *
sample_module (
    guint n_outputs, gfloat w, const gchar *first, const gchar *second)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("sample");
  DnnShape shape = dnn_shape (2, (gint64) 1, (gint64) SAMPLE_SIZE);
  g_autoptr (DnnTensor) tensor = make_even (w);
  DnnValue *sum = dnn_graph_add_input (graph, first, DNN_TYPE_FLOAT32, &shape);
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  if (second)
    sum = add (graph, "sum", sum,
        dnn_graph_add_input (graph, second, DNN_TYPE_FLOAT32, &shape));
  sum = add (graph, "y", sum, dnn_graph_add_param (graph, "w", tensor));
  dnn_graph_add_output (graph, "y", sum);
  if (n_outputs > 1)
    dnn_graph_add_output (graph, "z", add (graph, "z", sum, sum));
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

void
sample_connect (DnnPipelineInterface *src, DnnPipelineInterface *dst)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (dnn_pipeline_interface_connect (src, dst, &error));
  g_assert_no_error (error);
}

DnnPipelineConfig *
sample_config (void)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  DnnModule *modules[] = { sample_module (2, own[0], "data_0", NULL),
    sample_module (1, own[1], "data_n_0", "data_1"),
    sample_module (1, own[2], "data_n_1", "data_n_2") };
  DnnPipelineModule *places[3];

  for (guint i = 0; i < 3; i++) {
    places[i] = dnn_pipeline_config_get_module (config, modules[i]);
    g_object_unref (modules[i]);
  }
  sample_connect (dnn_pipeline_config_get_param_group (config, "param_0"),
      dnn_pipeline_module_get_param (places[0]));
  sample_connect (dnn_pipeline_config_get_input (config, "data_a"),
      dnn_pipeline_module_get_input (places[0], "data_0", NULL));
  sample_connect (dnn_pipeline_config_get_input (config, "data_b"),
      dnn_pipeline_module_get_input (places[1], "data_1", NULL));
  sample_connect (dnn_pipeline_module_get_output (places[0], 0, NULL),
      dnn_pipeline_module_get_input (places[1], "data_n_0", NULL));
  sample_connect (dnn_pipeline_module_get_output (places[0], 1, NULL),
      dnn_pipeline_module_get_input (places[2], "data_n_2", NULL));
  sample_connect (dnn_pipeline_module_get_output (places[1], 0, NULL),
      dnn_pipeline_module_get_input (places[2], "data_n_1", NULL));
  sample_connect (dnn_pipeline_module_get_output (places[2], 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  return config;
}

DnnPipelineConfig *
sample_elements (const gchar *const *texts)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  DnnPipelineInterface *end = dnn_pipeline_config_get_input (config, "x");

  for (guint i = 0; texts[i]; i++) {
    DnnPipelineModule *stage = dnn_pipeline_config_append_element (
        config, texts[i]);
    sample_connect (end, dnn_pipeline_module_get_input (stage, "0", NULL));
    end = dnn_pipeline_module_get_output (stage, 0, NULL);
  }
  sample_connect (end, dnn_pipeline_config_get_output (config, 0));
  return config;
}

DnnPipelineConfig *
sample_element (const gchar *text)
{
  return sample_elements ((const gchar *const[]){ text, NULL });
}

/* ---- frames ------------------------------------------------------------- */

DnnPipelineExecutor *
sample_executor (DnnPipelineConfig *config)
{
  g_autoptr (GError) error = NULL;
  DnnPipelineExecutor *executor = dnn_pipeline_executor_new (config, &error);

  g_assert_no_error (error);
  return executor;
}

void
sample_run (DnnPipelineExecutor *executor, gfloat a, gfloat b)
{
  g_autoptr (DnnTensor) data_a = sample_tensor (a);
  g_autoptr (DnnTensor) data_b = sample_tensor (b);
  g_autoptr (GError) error = NULL;

  dnn_pipeline_executor_set_input (executor, "data_a", data_a, &error);
  g_assert_no_error (error);
  dnn_pipeline_executor_set_input (executor, "data_b", data_b, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_pipeline_executor_run (executor, &error));
  g_assert_no_error (error);
}

static gfloat
get_param (const gfloat *w, guint module, guint i)
{
  return w[module] != 0 ? w[module] + (gfloat) i : own[module];
}

void
sample_check_frame (GPtrArray *frame, gfloat a, gfloat b, const gfloat *w)
{
  const gfloat *found;

  g_assert_cmpuint (frame->len, ==, 1);
  g_assert_cmpuint (
      dnn_tensor_get_size (frame->pdata[0]), ==, SAMPLE_SIZE * sizeof (gfloat));
  found = dnn_tensor_get_data (frame->pdata[0]);
  for (guint i = 0; i < SAMPLE_SIZE; i++) {
    gfloat y = a + (gfloat) i + get_param (w, 0, i);
    gfloat middle = y + b + (gfloat) i + get_param (w, 1, i);
    g_assert_cmpfloat (found[i], ==, middle + 2 * y + get_param (w, 2, i));
  }
}

void
sample_check_output (
    DnnPipelineExecutor *executor, gfloat a, gfloat b, const gfloat *w)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      frame = dnn_pipeline_executor_wait_output (executor, -1, &error);

  g_assert_no_error (error);
  sample_check_frame (frame, a, b, w);
}

void
sample_set (DnnPipelineExecutor *executor, DnnTensor *tensor)
{
  g_autoptr (GError) error = NULL;

  dnn_pipeline_executor_set_input (executor, "x", tensor, &error);
  g_assert_no_error (error);
}

void
sample_run_first (DnnPipelineExecutor *executor, gfloat first)
{
  g_autoptr (DnnTensor) tensor = sample_tensor (first);
  g_autoptr (GError) error = NULL;

  sample_set (executor, tensor);
  g_assert_true (dnn_pipeline_executor_run (executor, &error));
  g_assert_no_error (error);
}

gfloat
sample_get_first (GPtrArray *frame)
{
  return *(const gfloat *) dnn_tensor_get_data (frame->pdata[0]);
}

void
sample_check_first (DnnPipelineExecutor *executor, gfloat first)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      frame = dnn_pipeline_executor_wait_output (executor, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (frame->len, ==, 1);
  g_assert_cmpfloat (sample_get_first (frame), ==, first);
}

DnnTensor *
sample_pass (DnnPipelineExecutor *executor, DnnTensor *tensor)
{
  g_autoptr (GPtrArray) frame = NULL;
  g_autoptr (GError) error = NULL;

  sample_set (executor, tensor);
  g_assert_true (dnn_pipeline_executor_run (executor, &error));
  frame = dnn_pipeline_executor_wait_output (executor, -1, &error);
  g_assert_no_error (error);
  return dnn_tensor_ref (frame->pdata[0]);
}

DnnParams *
sample_params (const gchar *name, gfloat first)
{
  DnnParams *params = dnn_params_new ();
  g_autoptr (DnnTensor) tensor = sample_tensor (first);

  dnn_params_set (params, name, tensor);
  return params;
}

/* ---- answers ------------------------------------------------------------ */

void
sample_answers_init (SampleAnswers *self, guint n)
{
  self->context = g_main_context_ref_thread_default ();
  self->answers = g_ptr_array_new_with_free_func (g_object_unref);
  self->n_expected = n;
}

void
sample_answers_clear (SampleAnswers *self)
{
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->answers);
}

void
sample_answers_note (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SampleAnswers *self = user_data;

  g_assert_true (g_main_context_is_owner (self->context));
  g_ptr_array_add (self->answers, g_object_ref (result));
}

void
sample_answers_wait (SampleAnswers *self)
{
  while (self->answers->len < self->n_expected)
    g_main_context_iteration (self->context, TRUE);
}

GPtrArray *
sample_answers_finish (
    SampleAnswers *self, DnnPipelineExecutor *executor, guint idx)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *frame = dnn_pipeline_executor_get_output_finish (
      executor, self->answers->pdata[idx], &error);

  g_assert_no_error (error);
  return frame;
}
