/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a module keeps for dnn-plan.c. */
#pragma once

#include "pipeline-core/library/dnn-library.h"
#include "pipeline-core/plan/dnn-module.h"

G_BEGIN_DECLS

/* Plans that some instance holds. */
typedef struct
{
  GMutex planning; /* one plan of a module is made at a time; guards: */
  gboolean is_planned; /* for later shapes nothing is measured: frames may be
                          waiting */
  GMutex lock; /* guards the rest, and reference counts of plans; never held
                  while planning */
  GPtrArray *plans; /* DnnPlan *, weak */
} DnnPlanCache;

DnnPlanCache *dnn_module_get_plan_cache (DnnModule *self);

/* As dnn_module_new_from_files(), or the same module again where these files
 * are loaded already. (transfer full) */
DnnModule *dnn_module_get_for_files (const gchar *json_path,
    const gchar *params_path, const gchar *lib_name, GError **error);

/* A module as @self, but for the bytes of these params. The errors are those of
 * dnn_instance_set_params(), save that no param is too late. (transfer full) */
DnnModule *dnn_module_new_with_params (
    DnnModule *self, DnnParams *params, GError **error);

/* (nullable): %NULL where all nodes are built-in operators. */
DnnLibrary *dnn_module_get_library (DnnModule *self);

G_END_DECLS
