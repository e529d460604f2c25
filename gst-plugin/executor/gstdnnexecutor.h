/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* DnnPipelineExecutor: a pipeline configuration at work for programs without a
 * media pipeline. Tensors in → tensors out, several frames at the same time. */
#pragma once

#include <gio/gio.h>

#include "pipeline-core/config/dnn-pipeline-module.h"

G_BEGIN_DECLS

/* Frames between run and get_output, unless told otherwise. */
#define DNN_PIPELINE_EXECUTOR_MAX_IN_FLIGHT 32

#define DNN_TYPE_PIPELINE_EXECUTOR (dnn_pipeline_executor_get_type ())
DNN_API
G_DECLARE_FINAL_TYPE (
    DnnPipelineExecutor, dnn_pipeline_executor, DNN, PIPELINE_EXECUTOR, GObject)

DNN_API DnnPipelineExecutor *dnn_pipeline_executor_new (
    DnnPipelineConfig *config, GError **error);
DNN_API DnnPipelineExecutor *dnn_pipeline_executor_load_library (
    const gchar *path, GError **error);

DNN_API gboolean dnn_pipeline_executor_set_input (DnnPipelineExecutor *self,
    const gchar *name, DnnTensor *tensor, GError **error);
DNN_API DnnTensor *dnn_pipeline_executor_get_input (
    DnnPipelineExecutor *self, const gchar *name, GError **error);
DNN_API gboolean dnn_pipeline_executor_set_params (DnnPipelineExecutor *self,
    const gchar *group, DnnParams *params, GError **error);
DNN_API gboolean dnn_pipeline_executor_run (
    DnnPipelineExecutor *self, GError **error);

DNN_API GPtrArray *dnn_pipeline_executor_get_output (
    DnnPipelineExecutor *self, GError **error);
DNN_API GPtrArray *dnn_pipeline_executor_wait_output (
    DnnPipelineExecutor *self, gint timeout_ms, GError **error);
DNN_API GPtrArray *dnn_pipeline_executor_wait_answer (DnnPipelineExecutor *self,
    gint timeout_ms, gboolean *is_answer, GError **error);
DNN_API void dnn_pipeline_executor_get_output_async (DnnPipelineExecutor *self,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);
DNN_API GPtrArray *dnn_pipeline_executor_get_output_finish (
    DnnPipelineExecutor *self, GAsyncResult *result, GError **error);

DNN_API guint dnn_pipeline_executor_get_num_inputs (DnnPipelineExecutor *self);
DNN_API guint dnn_pipeline_executor_get_num_outputs (DnnPipelineExecutor *self);
DNN_API guint64 dnn_pipeline_executor_get_num_executing_pipeline (
    DnnPipelineExecutor *self);
DNN_API guint dnn_pipeline_executor_get_num_in_flight (
    DnnPipelineExecutor *self);
DNN_API gchar **dnn_pipeline_executor_get_input_pipeline_map (
    DnnPipelineExecutor *self, const gchar *name, GError **error);
DNN_API gint *dnn_pipeline_executor_get_params_group_pipeline_map (
    DnnPipelineExecutor *self, const gchar *group, gsize *n_modules,
    GError **error);

DNN_API void dnn_pipeline_executor_stop (DnnPipelineExecutor *self);

G_END_DECLS
