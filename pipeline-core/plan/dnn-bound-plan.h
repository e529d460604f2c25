/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A plan bound to one instance's memory: arena, argument lists, the flat run
 * list. Next: dnn-instance.c. */
#pragma once

#include "pipeline-core/plan/dnn-arena.h"
#include "pipeline-core/plan/dnn-weights.h"

G_BEGIN_DECLS

typedef struct _DnnBoundPlan DnnBoundPlan;

/* Argument lists, then, where @warms_up, one run (whose result nobody sees): on
 * zeros, for a library on other small numbers, and not where its inputs are
 * wide integers, which may be divisors or indices. Called in the thread whose
 * team is to vanish with it. @params (nullable) are read in place of the
 * module's, packed unless they are already. @arena has the plan's bytes
 * reserved, outlives the result, and may move between two runs. */
DnnBoundPlan *dnn_bound_plan_new (DnnPlan *plan, DnnParams *params,
    DnnArena *arena, gboolean warms_up, GError **error);
void dnn_bound_plan_free (DnnBoundPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnBoundPlan, dnn_bound_plan_free)

/* Runs @n times on what warming up runs on; @ns: the least time of each step.
 * Where @error is set, as of dnn_bound_plan_run(). */
gboolean dnn_bound_plan_time (
    DnnBoundPlan *self, guint n, guint64 *ns, GError **error);

DnnPlan *dnn_bound_plan_get_plan (const DnnBoundPlan *self);
/* (nullable): those set in place of the module's. */
DnnParams *dnn_bound_plan_get_params (const DnnBoundPlan *self);
/* Bytes of its own: weights that were set, copies of misaligned buffers. */
gsize dnn_bound_plan_get_size (const DnnBoundPlan *self);

/* As dnn_bound_plan_run(), for plans of any kind: all outputs are asked for. */
gboolean dnn_bound_plan_run_to (DnnBoundPlan *self, gconstpointer const *inputs,
    DnnOutputFunc output, gpointer user_data, guint64 *ns, GError **error);
/* Some output's shape is known only in each frame. */
gboolean dnn_bound_plan_is_late (const DnnBoundPlan *self);

/* Of the head only, where the plan is late.
 * One frame; @ns (nullable): time of each step. Memory for a misaligned input
 * or output is allocated when the first such comes, and kept. */
gboolean dnn_bound_plan_run (DnnBoundPlan *self, gconstpointer const *inputs,
    gpointer const *outputs, guint64 *ns, GError **error);

G_END_DECLS
