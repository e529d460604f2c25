/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A file, or a module as imported → a module of a DnnPipelineConfig that is
 * built in a program. Next: pipeline-core/dnn-pipeline-config-build.c. */
#include "config.h"

#include "compiler/dnn-compile.h"

#include <string.h>

#include "compiler/onnx/dnn-onnx-import.h"
#include "compiler/passes/dnn-pass.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/config/dnn-pipeline-module-private.h"
#include "pipeline-core/infer/dnn-infer.h"

/* The one module of @config. */
static DnnModule *
get_only_module (DnnPipelineConfig *config)
{
  const GPtrArray *stages = dnn_pipeline_config_get_stages (config);

  g_assert (stages->len == 1);
  return g_object_ref (
      dnn_module_get_stateless (((DnnStage *) stages->pdata[0])->module));
}

static DnnModule *
compile_graph (DnnGraph *graph, const gchar *precision, GError **error)
{
  const DnnCompileOptions options = { .precision = precision };
  g_autoptr (DnnPipelineConfig)
      config = dnn_compile_graph (graph, &options, error);

  return config ? get_only_module (config) : NULL;
}

/**
 * dnn_compile_module:
 * @source: (transfer none): a module of built-in operators; not changed
 * @precision: (nullable): "f32"; %NULL the same
 *
 * Optimises a module: folding, fusion, as for a model that is compiled.
 *
 * Returns: (transfer full): the optimised module, or %NULL with UNSUPPORTED (a
 *   precision), SHAPE, TYPE
 */
DnnModule *
dnn_compile_module (DnnModule *source, const gchar *precision, GError **error)
{
  g_autoptr (DnnGraph) graph = dnn_graph_copy (dnn_module_get_graph (source));

  dnn_init ();
  return compile_graph (graph, precision, error);
}

/* Only bytes change. */
static void
replace_params (DnnGraph *graph, DnnParams *params)
{
  for (guint i = 0; params && i < dnn_params_get_n (params); i++) {
    DnnValue *value = dnn_graph_find_value (
        graph, dnn_params_get_name (params, i));
    if (value && value->kind == DNN_VALUE_PARAM)
      dnn_graph_set_param (graph, value, dnn_params_get_tensor (params, i));
  }
}

/* The default for a model. Its file is read again where shapes come in that it
 * was not named with: those of its user, or a batch of 1. */
static DnnModule *
build_model (DnnPipelineModule *module, DnnModule *source, gpointer user_data,
    GError **error)
{
  const gchar *const *shapes = dnn_pipeline_module_get_shapes (module);
  const gchar *path = dnn_pipeline_module_get_path (module);
  g_autofree gchar *precision = NULL;
  g_autoptr (DnnGraph) graph = NULL;

  g_object_get (module, "precision", &precision, NULL);
  if (!shapes && !dnn_onnx_has_open_batch (dnn_module_get_graph (source)))
    return dnn_compile_module (source, precision, error);
  graph = dnn_onnx_import (path, shapes, error);
  if (!graph)
    return NULL;
  replace_params (graph, dnn_pipeline_module_get_params (module));
  dnn_compile_take_modelinfo (graph, path);
  return compile_graph (graph, precision, error);
}

/* Takes @graph. */
static DnnModule *
make_source (DnnGraph *graph, const gchar *path, GError **error)
{
  g_autoptr (DnnGraph) owned = graph;

  if (!graph)
    return NULL;
  dnn_compile_take_modelinfo (graph, path);
  if (!dnn_infer_into_graph (graph, error)) {
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  return dnn_module_new (graph, error);
}

/* As the file says it, an open batch included; a model with an operator that
 * needs to know the batch has one of 1. */
static DnnModule *
import_model (const gchar *path, GError **error)
{
  DnnModule *open = make_source (dnn_onnx_import_open (path, NULL), path, NULL);

  return open ? open
              : make_source (dnn_onnx_import (path, NULL, error), path, error);
}

/**
 * dnn_pipeline_config_get_module_for_file:
 * @path: an ONNX model, or a compiled folder (or its configuration) of one
 *   module
 *
 * The place of that file in the pipeline. It springs into being when first
 * named; the same path names the same place again. A model is imported now and
 * compiled by dnn_pipeline_config_build(), or by the function set with
 * dnn_pipeline_module_set_build_func().
 *
 * Returns: (transfer none): the place; the configuration owns it. %NULL with
 *   the reader's error
 */
DnnPipelineModule *
dnn_pipeline_config_get_module_for_file (
    DnnPipelineConfig *self, const gchar *path, GError **error)
{
  DnnPipelineModule *place = dnn_pipeline_config_find_path (self, path);
  g_autoptr (DnnModule) module = NULL;
  gboolean model;

  if (place)
    return place;
  dnn_init ();
  if (!dnn_probe_model (path, &model, error))
    return NULL;
  module = model ? import_model (path, error)
                 : dnn_load_module (path, NULL, error);
  if (!module)
    return NULL;
  place = dnn_pipeline_config_append_module (self, module);
  dnn_pipeline_module_set_path (place, path);
  if (model)
    dnn_pipeline_module_set_default_build (place, build_model);
  return place;
}

/**
 * dnn_compile_model:
 * @path: an ONNX model
 * @cuts: (array zero-terminated=1) (nullable): tensors where stages end; each a
 *   name, or several with "," between
 * @shapes: (array zero-terminated=1) (nullable): open dimensions of inputs:
 *   "NAME=1,3,224,224"
 * @precision: (nullable): "f32"; %NULL the same
 *
 * Returns: (transfer full): dnn_compile_file()
 */
DnnPipelineConfig *
dnn_compile_model (const gchar *path, const gchar *const *cuts,
    const gchar *const *shapes, const gchar *precision, GError **error)
{
  const DnnCompileOptions options = {
    .cuts = cuts,
    .shapes = shapes,
    .precision = precision,
  };

  return dnn_compile_file (path, &options, error);
}
