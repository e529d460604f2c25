/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A plan: a module made ready for given input shapes and a target.
 * add → sort → infer → offer → choose formats → prepare → plan memory → pack;
 * each step in its own file (dnn-plan-*.c). Immutable, shared by instances.
 * Next: dnn-instance.h binds and runs it. */
#pragma once

#include "pipeline-core/op/dnn-op.h"
#include "pipeline-core/plan/dnn-module.h"

G_BEGIN_DECLS

typedef struct _DnnPlan DnnPlan;

/**
 * DnnOutputFunc: (skip)
 * @idx: output of the module
 * @shape: what it has in this frame
 * @user_data: of the caller
 *
 * Asks where an output is to be written: before the first step, where its shape
 * is known by then, else as soon as it is.
 *
 * Returns: an address of as many bytes as @shape has (not %NULL for none);
 * %NULL refuses the frame, with @error set or not
 */
typedef gpointer (*DnnOutputFunc) (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error);

/* What a plan is made for, in short; see DnnTarget. */
typedef struct
{
  gint threads; /* team size, at least 1 */
  const gchar *precision; /* "f32" */
} DnnPlanOptions;

/**
 * dnn_plan_get:
 * @inputs: known shapes, one a module input
 *
 * The plan of @module for these shapes: the one that an instance already
 * holds, or a new one. Runs in a thread of its own, so that no OpenMP team
 * outlives it; blocks until it is made.
 */
DNN_API DnnPlan *dnn_plan_get (DnnModule *module, const DnnShape *inputs,
    const DnnPlanOptions *options, GError **error);
/**
 * dnn_plan_get_for_target:
 * @inputs: known shapes, one a module input
 * @target: with @inputs the plan's key
 * @cpu_affinity: (nullable): CPUs that may be measured on, as "0,1"
 *
 * As dnn_plan_get().
 */
DNN_API DnnPlan *dnn_plan_get_for_target (DnnModule *module,
    const DnnShape *inputs, const DnnTarget *target, const gchar *cpu_affinity,
    GError **error);
DNN_API DnnPlan *dnn_plan_ref (DnnPlan *self);
DNN_API void dnn_plan_unref (DnnPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnPlan, dnn_plan_unref)

/* One step of the flat run list, for `gst-dnn inspect`, tests, statistics. */
typedef struct
{
  const gchar *node_name; /* "" for a reorder */
  const gchar *op; /* "Conv", "reorder" */
  const gchar *impl; /* "jit:avx512_core", "ref" */
  gchar *text; /* formats: "f32 abcd → f32 aBcd16b" */
  gdouble cost; /* ns at one thread */
  gboolean is_measured; /* so that @cost is no estimate */
} DnnPlanStep;

DNN_API guint dnn_plan_get_n_steps (const DnnPlan *self);
DNN_API const DnnPlanStep *dnn_plan_get_step (const DnnPlan *self, guint idx);
/* Of the graph: states of the module count. */
DNN_API const DnnShape *dnn_plan_get_input_shape (
    const DnnPlan *self, guint idx);
/* (nullable): lines that say what a step runs which has graphs of its own:
 * branches, the body of a loop. (transfer full) */
DNN_API gchar *dnn_plan_describe_step (const DnnPlan *self, guint idx);
/* Open where it depends on the data of each frame. */
DNN_API const DnnShape *dnn_plan_get_output_shape (
    const DnnPlan *self, guint idx);
DNN_API DnnType dnn_plan_get_output_type (const DnnPlan *self, guint idx);
DNN_API gsize dnn_plan_get_arena_size (const DnnPlan *self);
DNN_API gsize dnn_plan_get_packed_size (const DnnPlan *self);

/* Which way each node runs, of all these plans of targets with tune=on → a
 * file for DnnTarget.tune_file. FALSE with FAILED. */
DNN_API gboolean dnn_plan_write_choices (
    DnnPlan *const *plans, guint n_plans, const gchar *path, GError **error);

G_END_DECLS
