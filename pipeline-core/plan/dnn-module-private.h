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

/* An input of the graph that is an output of the frame before. */
typedef struct
{
  guint input; /* of the graph */
  guint output;
  gchar *initial; /* (nullable): param that is its first value; else zeros */
} DnnState;

/* Inputs of the graph, which are those of the module and its states. */
guint dnn_module_get_n_graph_inputs (DnnModule *self);
/* The input of the graph that is input @idx of the module. */
guint dnn_module_get_graph_input (DnnModule *self, guint idx);
const DnnState *dnn_module_get_state (DnnModule *self, guint idx);
/* @self and one state more, which fits. (transfer full) */
DnnModule *dnn_module_add_state (DnnModule *self, const DnnState *state);
/* Shapes of its inputs → of all inputs of the graph: what a state leaves open
 * is that of its first value, or what an input has in a dimension of the same
 * name, or 1. dnn-module-state.c */
void dnn_module_expand_shapes (
    DnnModule *self, const DnnShape *inputs, DnnShape *all);

/* (nullable): %NULL where all nodes are built-in operators. */
DnnLibrary *dnn_module_get_library (DnnModule *self);

G_END_DECLS
