/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Building a pipeline in a program: modules that spring into being when first
 * named, handles for their interfaces, connect. What is named → bindings of a
 * DnnPipelineConfig; numbers of modules come from the topological order when
 * it is built, printed or written. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* ---- interfaces --------------------------------------------------------- */

#define DNN_TYPE_PIPELINE_INTERFACE (dnn_pipeline_interface_get_type ())

/**
 * DnnPipelineInterface:
 *
 * One end of a binding, as a handle: an input, an output or the params of a
 * module, or an input, an output or a param group of the pipeline. Those that
 * the functions below return belong to the configuration; a copy holds it.
 */
typedef struct _DnnPipelineInterface DnnPipelineInterface;

DNN_API GType dnn_pipeline_interface_get_type (void);
DNN_API DnnPipelineInterface *dnn_pipeline_interface_copy (
    DnnPipelineInterface *self);
DNN_API void dnn_pipeline_interface_free (DnnPipelineInterface *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    DnnPipelineInterface, dnn_pipeline_interface_free)

DNN_API gboolean dnn_pipeline_interface_connect (
    DnnPipelineInterface *self, DnnPipelineInterface *dst, GError **error);
DNN_API gboolean dnn_pipeline_interface_connect_state (
    DnnPipelineInterface *self, DnnPipelineInterface *dst, const gchar *initial,
    GError **error);
DNN_API gchar *dnn_pipeline_interface_to_string (DnnPipelineInterface *self);
DNN_API const gchar *dnn_pipeline_interface_get_io_type (
    DnnPipelineInterface *self);
DNN_API gchar *dnn_pipeline_interface_get_name (DnnPipelineInterface *self);
DNN_API GPtrArray *dnn_pipeline_interface_get_bindings (
    DnnPipelineInterface *self);

/* ---- modules ------------------------------------------------------------ */

#define DNN_TYPE_PIPELINE_MODULE (dnn_pipeline_module_get_type ())
DNN_API
G_DECLARE_FINAL_TYPE (
    DnnPipelineModule, dnn_pipeline_module, DNN, PIPELINE_MODULE, GObject)

/**
 * DnnBuildFunc:
 * @module: the place in the pipeline, with its settings
 * @source: the module as it was named, nothing optimised where it came from a
 *   model
 * @user_data: of dnn_pipeline_module_set_build_func()
 * @error: where to say why not
 *
 * Makes what is to run from what was named: quantised, compiled elsewhere, …
 * Names, types and shapes of inputs and outputs must stay.
 *
 * Returns: (transfer full) (nullable): the module to run; %NULL with @error
 */
typedef DnnModule *(*DnnBuildFunc) (DnnPipelineModule *module,
    DnnModule *source, gpointer user_data, GError **error);

DNN_API void dnn_pipeline_module_set_build_func (DnnPipelineModule *self,
    DnnBuildFunc func, gpointer user_data, GDestroyNotify notify);

DNN_API gboolean dnn_pipeline_module_check_settings (
    DnnPipelineModule *self, GError **error);

DNN_API gint dnn_pipeline_module_get_mod_idx (DnnPipelineModule *self);
DNN_API DnnModule *dnn_pipeline_module_get_module (DnnPipelineModule *self);
DNN_API const gchar *dnn_pipeline_module_get_element (DnnPipelineModule *self);

DNN_API DnnPipelineInterface *dnn_pipeline_module_get_input (
    DnnPipelineModule *self, const gchar *name, GError **error);
DNN_API DnnPipelineInterface *dnn_pipeline_module_get_output (
    DnnPipelineModule *self, gint idx, GError **error);
DNN_API DnnPipelineInterface *dnn_pipeline_module_get_param (
    DnnPipelineModule *self);

/* ---- the configuration as a place to build ------------------------------- */

DNN_API DnnPipelineModule *dnn_pipeline_config_get_module (
    DnnPipelineConfig *self, DnnModule *module);
DNN_API DnnPipelineModule *dnn_pipeline_config_get_module_at (
    DnnPipelineConfig *self, gint mod_idx);
DNN_API DnnPipelineModule *dnn_pipeline_config_append_element (
    DnnPipelineConfig *self, const gchar *launch_text);

DNN_API DnnPipelineInterface *dnn_pipeline_config_get_input (
    DnnPipelineConfig *self, const gchar *name);
DNN_API DnnPipelineInterface *dnn_pipeline_config_get_output (
    DnnPipelineConfig *self, gint idx);
DNN_API DnnPipelineInterface *dnn_pipeline_config_get_param_group (
    DnnPipelineConfig *self, const gchar *name);

DNN_API gboolean dnn_pipeline_config_build (
    DnnPipelineConfig *self, GError **error);
DNN_API gchar *dnn_pipeline_config_get_config (
    DnnPipelineConfig *self, GError **error);
DNN_API gchar *dnn_pipeline_config_export_library (
    DnnPipelineConfig *self, const gchar *dir, GError **error);
DNN_API DnnPipelineConfig *dnn_pipeline_config_load_library (
    const gchar *path, GError **error);

G_END_DECLS
