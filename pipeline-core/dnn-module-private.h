/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a module keeps for dnn-plan.c. */
#pragma once

#include "pipeline-core/dnn-module.h"

G_BEGIN_DECLS

/* Plans that some instance holds. */
typedef struct
{
  GMutex planning; /* one plan of a module is made at a time */
  GMutex lock; /* guards the rest, and reference counts of plans; never held
                  while planning */
  GPtrArray *plans; /* DnnPlan *, weak */
} DnnPlanCache;

DnnPlanCache *dnn_module_get_plan_cache (DnnModule *self);

/* Files of TVM's or a user's library are not run by built-in kernels. */
gboolean dnn_module_is_built_in (DnnModule *self);

G_END_DECLS
