/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the files dnn-pipeline-module*.c share with each other, and with the
 * compiler, which adds modules by ONNX file. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config-private.h"
#include "pipeline-core/config/dnn-pipeline-module.h"

G_BEGIN_DECLS

/* A new stage behind all others; its number is preliminary. */
DnnPipelineModule *dnn_pipeline_config_append_module (
    DnnPipelineConfig *self, DnnModule *module);

/* The file it was named by: a second naming finds it. */
void dnn_pipeline_module_set_path (DnnPipelineModule *self, const gchar *path);
const gchar *dnn_pipeline_module_get_path (DnnPipelineModule *self);
DnnPipelineModule *dnn_pipeline_config_find_path (
    DnnPipelineConfig *self, const gchar *path);

/* What builds it where the user has set nothing; NULL: it runs as named. */
void dnn_pipeline_module_set_default_build (
    DnnPipelineModule *self, DnnBuildFunc func);
/* "NAME=1,3,224,224"; NULL: none given. */
const gchar *const *dnn_pipeline_module_get_shapes (DnnPipelineModule *self);

/* In place of its own; they fit. (nullable) */
DnnParams *dnn_pipeline_module_get_params (DnnPipelineModule *self);

/* Its stage gets the module to run; again only after something changed. */
gboolean dnn_pipeline_module_build (DnnPipelineModule *self, GError **error);

/* dnn-pipeline-interface.c. @full: NULL for the pipeline's own. (transfer
 * none) */
DnnPipelineInterface *dnn_pipeline_config_get_handle (DnnPipelineConfig *self,
    DnnStageFull *full, DnnInterfaceKind kind, gint idx, const gchar *name);
void dnn_pipeline_interface_free_handle (gpointer handle);

/* The configuration goes, which nobody holds any more, through a place or
 * otherwise. */
void dnn_pipeline_module_orphan (gpointer module);

G_END_DECLS
