/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A few numbers → graphs, modules, configurations, files. Next: the tests of
 * elements. */
#include "config.h"

#include "tests/elements/dnn-check-model.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/dnn-init.h"
#include "tests/elements/dnn-check.h"
#include "tests/test-folder.h"

static gchar *test_dir; /* of the test that runs */

static DnnValue *
add_node (DnnGraph *graph, const gchar *op, DnnValue *a, DnnValue *b,
    const gchar *name)
{
  g_autofree gchar *node_name = g_strdup_printf ("%s-node", name);
  DnnNode *node = dnn_graph_add_node (graph, node_name, op);

  dnn_node_add_input (node, a);
  if (b != NULL)
    dnn_node_add_input (node, b);
  return dnn_graph_add_result (graph, node, name);
}

static DnnModule *
finish_module (DnnGraph *graph)
{
  g_autoptr (GError) error = NULL;
  DnnModule *module;

  dnn_init ();
  module = dnn_module_new (graph, &error);
  fail_unless (module != NULL, "%s", error ? error->message : "");
  return module;
}

DnnModule *
dnn_check_module (const gchar *name, const gchar *text, guint n_inputs,
    guint n_outputs, gfloat factor)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new (name);
  DnnShape shape, scalar = dnn_shape (0);
  DnnValue *sum = NULL;

  fail_unless (dnn_shape_parse (text, &shape));
  for (guint i = 0; i < n_inputs; i++) {
    g_autofree gchar *input = g_strdup_printf ("in%u", i);
    g_autofree gchar *total = g_strdup_printf ("sum%u", i);
    DnnValue *value = dnn_graph_add_input (
        graph, input, DNN_TYPE_FLOAT32, &shape);
    sum = sum == NULL ? value : add_node (graph, "Add", sum, value, total);
  }
  for (guint i = 0; i < n_outputs; i++) {
    g_autofree gchar *output = g_strdup_printf ("out%u", i);
    g_autofree gchar *constant = g_strdup_printf ("factor%u", i);
    g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &scalar);
    DnnValue *param;
    *(gfloat *) dnn_tensor_get_writable_data (tensor) = factor + (gfloat) i;
    param = dnn_graph_add_param (graph, constant, tensor);
    dnn_graph_add_output (
        graph, output, add_node (graph, "Mul", sum, param, output));
  }
  return finish_module (graph);
}

DnnModule *
dnn_check_identity (const gchar *name, DnnType type, const gchar *text)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new (name);
  DnnShape shape;

  fail_unless (dnn_shape_parse (text, &shape));
  dnn_graph_add_output (graph, "out0",
      add_node (graph, "Identity",
          dnn_graph_add_input (graph, "in0", type, &shape), NULL, "out0"));
  return finish_module (graph);
}

static void
set_up (void)
{
  dnn_check_assert_plugin ();
  test_dir = test_folder_make ();
}

static void
tear_down (void)
{
  test_folder_remove (test_dir);
  g_clear_pointer (&test_dir, g_free);
}

void
dnn_check_add_fixture (TCase *cases)
{
  tcase_add_checked_fixture (cases, set_up, tear_down);
}

const gchar *
dnn_check_get_folder (void)
{
  return test_dir;
}

/* @is_src: "0:out1" is an output, "2:in0" an input. */
static DnnInterface
parse_end (const gchar *text, gboolean is_src)
{
  const gchar *colon = strchr (text, ':');
  DnnInterface end = { 0 };

  fail_unless (colon != NULL, "%s", text);
  if (g_str_has_prefix (text, "in:")) {
    end.kind = DNN_INTERFACE_GLOBAL_INPUT;
    end.name = (gchar *) colon + 1;
  } else if (g_str_has_prefix (text, "out:")) {
    end.kind = DNN_INTERFACE_GLOBAL_OUTPUT;
    end.index = atoi (colon + 1);
  } else if (is_src) {
    end.kind = DNN_INTERFACE_MODULE_OUTPUT;
    end.mod_idx = atoi (text);
    end.index = atoi (colon + 1 + strcspn (colon + 1, "0123456789"));
  } else {
    end.kind = DNN_INTERFACE_MODULE_INPUT;
    end.mod_idx = atoi (text);
    end.name = (gchar *) colon + 1;
  }
  return end;
}

void
dnn_check_bind (DnnPipelineConfig *config, const gchar *src, const gchar *dst)
{
  DnnInterface src_end = parse_end (src, TRUE);
  DnnInterface dst_end = parse_end (dst, FALSE);
  g_autoptr (GError) error = NULL;

  fail_unless (dnn_pipeline_config_bind (config, &src_end, &dst_end, &error),
      "%s → %s: %s", src, dst, error ? error->message : "");
}

gchar *
dnn_check_export (DnnPipelineConfig *config, const gchar *folder)
{
  g_autoptr (GError) error = NULL;
  gchar *path = dnn_pipeline_config_export (config, folder, &error);

  fail_unless (path != NULL, "%s", error ? error->message : "");
  return path;
}

gchar *
dnn_check_export_module (DnnModule *module, const gchar *folder)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();

  dnn_pipeline_config_add_module (config, 0, module);
  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++) {
    g_autofree gchar *src = g_strdup_printf (
        "in:%s", dnn_module_get_input_name (module, i));
    g_autofree gchar *dst = g_strdup_printf (
        "0:%s", dnn_module_get_input_name (module, i));
    dnn_check_bind (config, src, dst);
  }
  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++) {
    g_autofree gchar *src = g_strdup_printf ("0:out%u", i);
    g_autofree gchar *dst = g_strdup_printf ("out:%u", i);
    dnn_check_bind (config, src, dst);
  }
  return dnn_check_export (config, folder);
}

void
dnn_check_add_module (DnnPipelineConfig *config, gint mod_idx, guint n_inputs,
    guint n_outputs, gfloat factor)
{
  g_autofree gchar *name = g_strdup_printf ("m%d", mod_idx);
  g_autoptr (DnnModule)
      module = dnn_check_module (name, "1,4", n_inputs, n_outputs, factor);

  dnn_pipeline_config_add_module (config, mod_idx, module);
}

DnnPipelineConfig *
dnn_check_skipping_config (void)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();

  dnn_check_add_module (config, 0, 1, 2, 2); /* 2x, 3x */
  dnn_check_add_module (config, 1, 1, 1, 5); /* 10x */
  dnn_check_add_module (config, 2, 2, 1, 7); /* 7 (10x + 3x) = 91x */
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, "0:out0", "1:in0");
  dnn_check_bind (config, "1:out0", "2:in0");
  dnn_check_bind (config, "0:out1", "2:in1");
  dnn_check_bind (config, "2:out0", "out:0");
  return config;
}

DnnPipelineConfig *
dnn_check_two_input_config (const gchar *second)
{
  DnnPipelineConfig *config = dnn_pipeline_config_new ();
  g_autofree gchar *name = g_strdup_printf ("in:%s", second);

  dnn_check_add_module (config, 0, 1, 1, 2); /* 2a */
  dnn_check_add_module (config, 1, 2, 1, 3); /* 3 (b + 2a) */
  dnn_check_bind (config, "in:a", "0:in0");
  dnn_check_bind (config, name, "1:in0");
  dnn_check_bind (config, "0:out0", "1:in1");
  dnn_check_bind (config, "1:out0", "out:0");
  dnn_check_bind (config, "0:out0", "out:1");
  return config;
}

GstElement *
dnn_check_make_bin (DnnPipelineConfig *config)
{
  g_autofree gchar *path = dnn_check_export (config, test_dir);
  GstElement *bin = gst_element_factory_make ("dnnbin", NULL);

  g_object_set (bin, "config", path, NULL);
  return gst_object_ref_sink (bin);
}
