/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model → its stages, bindings, nodes; with --plan what will really run. */
#include "config.h"

#include "tools/command.h"

#include <stdlib.h>

#include "tools/target-args.h"
#include "tools/tensor-args.h"

static void
print_interface (
    const gchar *label, const gchar *name, DnnType type, const DnnShape *shape)
{
  g_autofree gchar *text = dnn_shape_to_string (shape);

  g_print ("    %s %s: %s %s\n", label, name, dnn_type_name (type), text);
}

static void
print_counts (DnnGraph *graph)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) names = NULL;
  gsize bytes = 0;

  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    gpointer n = g_hash_table_lookup (counts, node->op);
    g_hash_table_insert (
        counts, node->op, GUINT_TO_POINTER (GPOINTER_TO_UINT (n) + 1));
  }
  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->tensor)
      bytes += dnn_tensor_get_size (value->tensor);
  }
  g_print ("    %u nodes, params %.1f MB:", graph->nodes->len, bytes / 1e6);
  names = g_list_sort (
      g_hash_table_get_keys (counts), (GCompareFunc) g_strcmp0);
  for (GList *l = names; l; l = l->next)
    g_print (" %s %u", (gchar *) l->data,
        GPOINTER_TO_UINT (g_hash_table_lookup (counts, l->data)));
  g_print ("\n");
}

/* Where a stage may end. */
static void
print_tensors (DnnGraph *graph)
{
  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    for (guint k = 0; k < node->outputs->len; k++) {
      const DnnValue *value = node->outputs->pdata[k];
      if (value)
        print_interface ("tensor", value->name, value->type, &value->shape);
    }
  }
}

static void
print_states (DnnModule *module)
{
  for (guint i = 0; i < dnn_module_get_n_states (module); i++) {
    const gchar *initial = dnn_module_get_state_initial (module, i);
    g_print ("    state %s: %s of the frame before, first %s\n",
        dnn_module_get_state_name (module, i),
        dnn_module_get_output_name (
            module, dnn_module_get_state_output (module, i)),
        initial ? initial : "zeros");
  }
}

static void
print_stage (const DnnStage *stage)
{
  DnnModule *module = stage->module;

  if (!module) {
    g_print ("stage %d: element \"%s\"\n", stage->mod_idx, stage->element);
    return;
  }
  g_print ("stage %d: %s (%s)\n", stage->mod_idx, dnn_module_get_label (module),
      dnn_module_get_lib_name (module));
  for (guint i = 0; i < dnn_module_get_n_inputs (module); i++)
    print_interface ("input", dnn_module_get_input_name (module, i),
        dnn_module_get_input_type (module, i),
        dnn_module_get_input_shape (module, i));
  print_states (module);
  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++)
    print_interface ("output", dnn_module_get_output_name (module, i),
        dnn_module_get_output_type (module, i),
        dnn_module_get_output_shape (module, i));
  print_counts (dnn_module_get_graph (module));
}

/* Takes @text: what a step runs. */
static void
print_inside (gchar *text)
{
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", -1) : NULL;

  for (guint i = 0; lines && lines[i]; i++)
    if (*lines[i])
      g_print ("         %s\n", lines[i]);
  g_free (text);
}

static void
print_plan (DnnInstance *instance)
{
  DnnPlan *plan = dnn_instance_get_plan (instance);

  g_print ("plan of %s, %d threads: arena %.1f MB, packed weights %.1f MB\n",
      dnn_module_get_label (dnn_instance_get_module (instance)),
      dnn_instance_get_threads (instance), dnn_plan_get_arena_size (plan) / 1e6,
      dnn_plan_get_packed_size (plan) / 1e6);
  for (guint i = 0; i < dnn_plan_get_n_steps (plan); i++) {
    const DnnPlanStep *step = dnn_plan_get_step (plan, i);
    g_print ("  %4u %-20s %-26s %9.3f ms %-9s %s  %s\n", i, step->op,
        step->impl, step->cost / 1e6,
        step->is_measured ? "measured" : "estimated", step->text,
        step->node_name);
    print_inside (dnn_plan_describe_step (plan, i));
  }
}

static gboolean
print_plans (DnnPipelineConfig *config, const DnnTarget *target,
    const gchar *const *shape_options, GError **error)
{
  g_autoptr (DnnSerial)
      serial = dnn_serial_new_for_target (config, target, error);
  g_autofree DnnShape *shapes = NULL;

  if (!serial)
    return FALSE;
  shapes = dnn_args_get_shapes (serial, shape_options, NULL, error);
  if (!shapes || !dnn_serial_prepare (serial, shapes, error))
    return FALSE;
  for (guint i = 0; i < dnn_serial_get_n_instances (serial); i++)
    print_plan (dnn_serial_get_instance (serial, i));
  return TRUE;
}

static gchar *
escape_dot (const gchar *text)
{
  return g_strescape (text, NULL);
}

static void
print_dot_stage (const DnnStage *stage)
{
  DnnGraph *graph;

  if (!stage->module) {
    g_autofree gchar *label = escape_dot (stage->element);
    g_print (
        "  s%d_element [label=\"%s\", shape=box];\n", stage->mod_idx, label);
    return;
  }
  graph = dnn_module_get_graph (stage->module);
  g_print ("  subgraph cluster_%d { label=\"stage %d\";\n", stage->mod_idx,
      stage->mod_idx);
  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    g_autofree gchar *name = escape_dot (node->name);
    g_print ("    s%d_n%u [label=\"%s\\n%s\", shape=box];\n", stage->mod_idx, i,
        node->op, name);
    ((DnnNode *) node)->pass_data = GUINT_TO_POINTER (i);
  }
  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    for (guint k = 0; k < node->inputs->len; k++) {
      const DnnValue *value = node->inputs->pdata[k];
      g_autofree gchar *shape = NULL;
      if (!value || !value->producer)
        continue;
      shape = dnn_shape_to_string (&value->shape);
      g_print ("    s%d_n%u -> s%d_n%u [label=\"%s\"];\n", stage->mod_idx,
          GPOINTER_TO_UINT (value->producer->pass_data), stage->mod_idx, i,
          shape);
    }
  }
  g_print ("  }\n");
}

static void
print_dot (DnnPipelineConfig *config)
{
  const GPtrArray *stages = dnn_pipeline_config_get_stages (config);

  g_print ("digraph pipeline {\n");
  for (guint i = 0; i < stages->len; i++)
    print_dot_stage (stages->pdata[i]);
  g_print ("}\n");
}

static gint
run_inspect (gint argc, gchar **argv)
{
  gboolean dot = FALSE, plan = FALSE, tensors = FALSE;
  gint threads = 1;
  g_auto (DnnTargetArgs) target_args = { 0 };
  DnnTarget target;
  g_auto (GStrv) shapes = NULL;
  g_auto (GStrv) cuts = NULL;
  const GOptionEntry entries[] = {
    { "plan", 0, 0, G_OPTION_ARG_NONE, &plan,
        "print each step with its implementation and formats", NULL },
    { "dot", 0, 0, G_OPTION_ARG_NONE, &dot, "print the graph for Graphviz",
        NULL },
    { "tensors", 0, 0, G_OPTION_ARG_NONE, &tensors,
        "print the tensors of each stage, where --cut may cut", NULL },
    { "cut", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cuts,
        "a stage ends at this tensor; may be repeated", "TENSOR" },
    { "shape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &shapes,
        "shape of an input with open dimensions", "[NAME=]1,3,224,224" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
        "OpenMP threads that --plan is for (default 1)", "N" },
    DNN_TARGET_ENTRIES (target_args),
    { NULL },
  };
  g_autoptr (DnnPipelineConfig) config = NULL;
  const GPtrArray *stages;
  DnnCompileOptions options = { 0 };
  GError *error = NULL;

  if (!dnn_command_parse (&dnn_command_inspect, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  options.cuts = (const gchar *const *) cuts;
  if (!dnn_target_args_get (&target_args, threads, &target, &error))
    return dnn_command_fail (error);
  config = dnn_args_load (
      argv[1], &options, (const gchar *const *) shapes, NULL, FALSE, &error);
  if (!config)
    return dnn_command_fail (error);
  if (dot) {
    print_dot (config);
    return EXIT_SUCCESS;
  }
  stages = dnn_pipeline_config_get_stages (config);
  for (guint i = 0; i < stages->len; i++) {
    const DnnStage *stage = stages->pdata[i];
    print_stage (stage);
    if (tensors && stage->module)
      print_tensors (dnn_module_get_graph (stage->module));
  }
  {
    g_autofree gchar *text = dnn_pipeline_config_to_string (config);
    g_print ("%s", text);
  }
  if (plan &&
      !print_plans (config, &target, (const gchar *const *) shapes, &error))
    return dnn_command_fail (error);
  return EXIT_SUCCESS;
}

const DnnCommand dnn_command_inspect = {
  "inspect",
  "DIR|MODEL.onnx",
  "print stages, bindings, interfaces, plans",
  run_inspect,
};
