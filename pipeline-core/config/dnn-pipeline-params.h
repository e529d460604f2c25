/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A param group of a configuration and new params → what each of its modules
 * is to take. Next: gstdnnbin-params.c, dnn-serial.c. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* What one module is to take: some of its params, at least one. */
typedef struct
{
  gint mod_idx;
  DnnParams *params;
} DnnModuleParams;

/* (element-type DnnModuleParams): modules that have none of @params are left
 * out. NULL with UNKNOWN_NAME (no such group, a param of none of its modules)
 * or VALUE (no params). */
DNN_API GArray *dnn_pipeline_config_split_params (DnnPipelineConfig *self,
    const gchar *group, DnnParams *params, GError **error);

G_END_DECLS
