/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Path of a configuration → checked in all the ways that a user can take. */
#include "config.h"

#include "fuzz-check-config.h"

#include "fuzz.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-pipeline-config.h"

#include <string.h>

static const struct
{
  const gchar *inputs[3];
  DnnType type;
  DnnShape shape;
  guint n_outputs;
  gboolean has_param;
} samples[] = {
  { { "data_0" }, DNN_TYPE_FLOAT32, { 2, { 1, 4 } }, 2, TRUE },
  { { "data_n_0", "data_1" }, DNN_TYPE_FLOAT32, { 2, { 1, 4 } }, 1, TRUE },
  { { "data_n_1", "data_n_2" }, DNN_TYPE_FLOAT32, { 2, { 1, 4 } }, 1, TRUE },
  { { "data_0" }, DNN_TYPE_INT64, { 2, { DNN_DIM_OPEN, 4 } }, 1, FALSE },
};

/* Output 0 is the sum of all, each further one the one before again. */
static DnnGraph *
make_graph (guint idx)
{
  DnnGraph *graph = dnn_graph_new ("sample");
  const DnnShape *shape = &samples[idx].shape;
  DnnType type = samples[idx].type;
  DnnValue *value = NULL;

  for (guint i = 0; i < 3; i++) {
    const gchar *name = samples[idx].inputs[i];
    DnnValue *operand = NULL;
    g_autofree gchar *sum = g_strdup_printf ("sum%u", i);
    if (name) {
      operand = dnn_graph_add_input (graph, name, type, shape);
    } else if (i == 2 && samples[idx].has_param) {
      g_autoptr (DnnTensor) tensor = dnn_tensor_new (type, shape);
      operand = dnn_graph_add_param (graph, "weight", tensor);
    }
    if (value && operand) {
      DnnNode *node = dnn_graph_add_node (graph, sum, "Add");
      dnn_node_add_input (node, value);
      dnn_node_add_input (node, operand);
      value = dnn_graph_add_result (graph, node, sum);
    } else if (operand) {
      value = operand;
    }
  }
  for (guint i = 0; i < samples[idx].n_outputs; i++) {
    g_autofree gchar *name = g_strdup_printf ("y%u", i);
    DnnNode *node = dnn_graph_add_node (graph, name, "Identity");
    dnn_node_add_input (node, value);
    value = dnn_graph_add_result (graph, node, name);
    value->type = type;
    value->shape = *shape;
    dnn_graph_add_output (graph, name, value);
  }
  return graph;
}

static void
write_modules (void)
{
  g_autofree gchar *data = NULL;
  gsize size;
  g_autofree gchar *lib = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++) {
    g_autoptr (DnnGraph) graph = make_graph (i);
    g_autoptr (GError) error = NULL;
    g_autoptr (DnnModule) module = dnn_module_new (graph, &error);
    g_autofree gchar *json_name = g_strdup_printf ("json%u", i);
    g_autofree gchar *params_name = g_strdup_printf ("params%u", i);
    g_autofree gchar *json = fuzz_write_file (json_name, "", 0);
    g_autofree gchar *params = fuzz_write_file (params_name, "", 0);
    g_assert_no_error (error);
    g_assert_true (dnn_module_write (module, json, params, NULL));
  }
  g_assert_true (g_file_get_contents (SAMPLE_LIB_FILE, &data, &size, NULL));
  lib = fuzz_write_file ("lib.so", data, size);
}

static void
check_written (DnnPipelineConfig *config, const gchar *path, gboolean as_one)
{
  g_autofree gchar *folder = g_strconcat (path, ".export", NULL);
  g_autofree gchar *written = NULL;
  g_autoptr (DnnPipelineConfig) back = NULL;
  g_autoptr (GError) error = NULL;

  if (as_one) {
    written = g_build_filename (folder, "one", NULL);
    dnn_pipeline_config_export_single (config, written, &error);
  } else {
    written = dnn_pipeline_config_export (config, folder, &error);
  }
  g_assert_no_error (error);
  back = dnn_pipeline_config_new_from_file (written, &error);
  g_assert_no_error (error);
  g_assert_true (dnn_pipeline_config_equal (config, back));
}

void
fuzz_check_config (const gchar *path, gboolean as_one_file)
{
  static gboolean is_set_up;
  g_autoptr (GPtrArray) errors = NULL;
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *printed = NULL;

  dnn_init ();
  if (!is_set_up)
    write_modules ();
  is_set_up = TRUE;

  errors = dnn_pipeline_config_validate_file (path);
  config = dnn_pipeline_config_new_from_file (path, &error);
  g_assert_true ((config == NULL) == (error != NULL));
  g_assert_true ((config == NULL) == (errors->len > 0));
  if (!config)
    return;
  printed = dnn_pipeline_config_to_string (config);
  g_assert_true (dnn_pipeline_config_check (config, &error));
  g_assert_true (dnn_pipeline_config_equal (config, config));
  check_written (config, path, as_one_file);
}
