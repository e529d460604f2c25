/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX file → graph → stages → optimised modules and their bindings, as a
 * DnnPipelineConfig. Next: pipeline-core/dnn-pipeline-config.h. */
#include "config.h"

#include "compiler/dnn-compile.h"

#include <string.h>

#include "compiler/onnx/dnn-onnx-declared.h"
#include "compiler/onnx/dnn-onnx-import.h"
#include "compiler/passes/dnn-pass.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-pipeline-config-private.h"
#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/infer/dnn-infer.h"

/* A file of model information larger than this is none. */
#define MAX_MODELINFO_BYTES (1 << 20)

/* ---- bindings
 * ------------------------------------------------------------------ */

static DnnInterface
get_module_input (guint stage, const gchar *name)
{
  return (DnnInterface){ DNN_INTERFACE_MODULE_INPUT, (gint) stage, -1,
    (gchar *) name };
}

static DnnInterface
get_module_output (gint stage, gint output)
{
  return (DnnInterface){ DNN_INTERFACE_MODULE_OUTPUT, stage, output, NULL };
}

/* Which output of which stage is called @name; FALSE if none is. */
static gboolean
find_output (
    GPtrArray *modules, const gchar *name, gint n, gint *stage, gint *output)
{
  for (*stage = 0; *stage < n; (*stage)++) {
    *output = dnn_module_find_output (modules->pdata[*stage], name);
    if (*output >= 0)
      return TRUE;
  }
  return FALSE;
}

/* The model's inputs in their order, to every stage that has them. */
static gboolean
bind_global_inputs (DnnPipelineConfig *config, DnnGraph *graph,
    GPtrArray *modules, GError **error)
{
  for (guint i = 0; i < graph->inputs->len; i++) {
    gchar *name = ((DnnValue *) graph->inputs->pdata[i])->name;
    DnnInterface src = { DNN_INTERFACE_GLOBAL_INPUT, -1, -1, name };
    for (guint stage = 0; stage < modules->len; stage++) {
      DnnInterface dst = get_module_input (stage, name);
      DnnModule *module =
          dnn_pipeline_config_get_stage (config, (gint) stage)->module;
      if (dnn_module_find_input (module, name) >= 0 &&
          !dnn_pipeline_config_bind (config, &src, &dst, error))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
is_global_input (DnnGraph *graph, const gchar *name)
{
  const DnnValue *value = dnn_graph_find_value (graph, name);

  return value && value->kind == DNN_VALUE_INPUT;
}

/* A tensor of the model goes by its own name between stages, save one that is
 * an output of the model: that by the output's. */
static const gchar *
get_output_name (DnnGraph *graph, const gchar *name)
{
  const DnnValue *value = dnn_graph_find_value (graph, name);
  guint idx;

  if (value && g_ptr_array_find (graph->outputs, value, &idx))
    return graph->output_names->pdata[idx];
  return name;
}

static gboolean
bind_stages (DnnPipelineConfig *config, DnnGraph *graph, GPtrArray *modules,
    GError **error)
{
  for (guint stage = 0; stage < modules->len; stage++) {
    DnnModule *module = modules->pdata[stage];
    for (guint i = 0; i < dnn_module_get_n_inputs (module); i++) {
      const gchar *name = dnn_module_get_input_name (module, i);
      DnnInterface src, dst = get_module_input (stage, name);
      gint from, output;
      if (is_global_input (graph, name))
        continue;
      if (!find_output (modules, get_output_name (graph, name), (gint) stage,
              &from, &output))
        g_assert_not_reached ();
      src = get_module_output (from, output);
      if (!dnn_pipeline_config_bind (config, &src, &dst, error))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
bind_global_outputs (DnnPipelineConfig *config, DnnGraph *graph,
    GPtrArray *modules, GError **error)
{
  for (guint i = 0; i < graph->outputs->len; i++) {
    DnnInterface src, dst = { DNN_INTERFACE_GLOBAL_OUTPUT, -1, (gint) i, NULL };
    gint stage, output;
    if (!find_output (modules, graph->output_names->pdata[i],
            (gint) modules->len, &stage, &output))
      g_assert_not_reached ();
    src = get_module_output (stage, output);
    if (!dnn_pipeline_config_bind (config, &src, &dst, error))
      return FALSE;
  }
  return TRUE;
}

static DnnPipelineConfig *
make_config (DnnGraph *graph, GPtrArray *modules,
    const DnnCompileOptions *options, GError **error)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();

  for (guint i = 0; i < modules->len; i++) {
    DnnStage *stage = dnn_pipeline_config_add_module (
        config, (gint) i, modules->pdata[i]);
    g_free (stage->precision);
    stage->precision = g_strdup (options->precision);
  }
  if (!bind_stages (config, graph, modules, error))
    return NULL;
  if (!options->no_states)
    dnn_pipeline_config_find_states (config);
  if (!bind_global_inputs (config, graph, modules, error) ||
      !bind_global_outputs (config, graph, modules, error) ||
      !dnn_pipeline_config_check (config, error))
    return NULL;
  return g_steal_pointer (&config);
}

/* ---- graphs
 * ---------------------------------------------------------------------- */

/* The stages have the weights now: @graph keeps none, so that those which are
 * folded into others leave memory. */
static void
drop_tensors (DnnGraph *graph)
{
  for (guint i = 0; i < graph->values->len; i++) {
    DnnValue *value = graph->values->pdata[i];
    g_clear_pointer (&value->tensor, dnn_tensor_unref);
  }
}

/* Cutting comes before everything that makes tensors go which the user may
 * name; constants are no place to cut, so they are folded before. */
static GPtrArray *
make_stages (DnnGraph *graph, const DnnCompileOptions *options, GError **error)
{
  GPtrArray *stages;

  if (options->cuts && options->cuts[0]) {
    if (!options->no_optimise && !dnn_pass_fold_all (graph, error)) {
      g_prefix_error (error, "%s: ", graph->label);
      return NULL;
    }
    stages = dnn_pass_cut (graph, options->cuts, error);
    drop_tensors (graph);
    return stages;
  }
  stages = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (stages, g_object_ref (graph));
  return stages;
}

/* Where graphs are written that passes leave. */
typedef struct
{
  const gchar *dir;
  guint stage;
  guint n; /* so far */
} Dump;

/* "DIR/0-03-common.json": stage, number, pass. */
static gboolean
dump_pass (
    DnnGraph *graph, const gchar *pass, gpointer user_data, GError **error)
{
  Dump *self = user_data;
  g_autofree gchar *name = g_strdup_printf (
      "%u-%02u-%s.json", self->stage, self->n++, pass);
  g_autofree gchar *path = g_build_filename (self->dir, name, NULL);
  g_autofree gchar *json = dnn_graph_to_json (graph);
  g_autoptr (GError) reason = NULL;

  if (dnn_file_write (path, json, -1, &reason))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "%s: the graph can't be written: %s", path, reason->message);
  return FALSE;
}

static gboolean
optimise (DnnGraph *graph, guint stage, const DnnCompileOptions *options,
    GError **error)
{
  Dump dump = { options->dump_passes, stage, 0 };

  if (!dump.dir)
    return dnn_optimise_graph (graph, error);
  if (g_mkdir_with_parents (dump.dir, 0777) != 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%s: the folder cannot be made", dump.dir);
    return FALSE;
  }
  return dnn_optimise_graph_watched (graph, dump_pass, &dump, error);
}

static gboolean
check_precision (
    DnnGraph *graph, const DnnCompileOptions *options, GError **error)
{
  if (!options->precision || strcmp (options->precision, "f32") == 0)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
      "%s: precision \"%s\" is not supported; only \"f32\" is", graph->label,
      options->precision);
  return FALSE;
}

DnnPipelineConfig *
dnn_compile_graph (
    DnnGraph *graph, const DnnCompileOptions *options, GError **error)
{
  const DnnCompileOptions none = { NULL };
  g_autoptr (GPtrArray) modules = NULL;
  g_autoptr (GPtrArray) stages = NULL;

  options = options ? options : &none;
  if (!check_precision (graph, options, error))
    return NULL;
  dnn_graph_remove_unused (graph);
  if (!dnn_infer_into_graph (graph, error)) {
    g_prefix_error (error, "%s: ", graph->label);
    return NULL;
  }
  g_free (dnn_onnx_tell_declared (graph));
  stages = make_stages (graph, options, error);
  if (!stages)
    return NULL;
  modules = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < stages->len; i++) {
    DnnGraph *stage = stages->pdata[i];
    DnnModule *module;
    if (!options->no_optimise && !optimise (stage, i, options, error)) {
      g_prefix_error (error, "%s: ", stage->label);
      return NULL;
    }
    module = dnn_module_new (stage, error);
    if (!module)
      return NULL;
    g_ptr_array_add (modules, module);
  }
  return make_config (graph, modules, options, error);
}

void
dnn_compile_take_modelinfo (DnnGraph *graph, const gchar *path)
{
  g_autofree gchar *info_path = g_strconcat (path, ".modelinfo", NULL);
  gsize length;
  g_autofree gchar *text = dnn_file_read (
      info_path, MAX_MODELINFO_BYTES, &length, NULL);

  if (text && g_utf8_validate_len (text, length, NULL))
    dnn_attrs_set (graph->metadata, "modelinfo", text);
}

/**
 * dnn_compile_file:
 * @path: an ONNX model
 * @options: (nullable): how
 *
 * Returns: (transfer full): the modules and their bindings: global inputs by
 *   the names of the model's, global outputs in their order
 */
DnnPipelineConfig *
dnn_compile_file (
    const gchar *path, const DnnCompileOptions *options, GError **error)
{
  g_autoptr (DnnGraph)
      graph = dnn_onnx_import (path, options ? options->shapes : NULL, error);

  if (!graph)
    return NULL;
  dnn_compile_take_modelinfo (graph, path);
  return dnn_compile_graph (graph, options, error);
}

DnnGraph *
dnn_onnx_import_file (const gchar *path, GError **error)
{
  return dnn_onnx_import (path, NULL, error);
}
