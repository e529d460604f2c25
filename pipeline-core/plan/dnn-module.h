/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A module: a graph with its params and the library that runs it. Files →
 * DnnModule. Next: dnn-instance.h runs it. */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/* Most inputs, and most outputs, of a module. */
#define DNN_MAX_INTERFACES 256

#define DNN_TYPE_MODULE (dnn_module_get_type ())
DNN_API
G_DECLARE_FINAL_TYPE (DnnModule, dnn_module, DNN, MODULE, GObject)

/* A graph in memory, its params bound, checked, sorted, and inferred so far
 * as its shapes are known. lib_name is "onednn". Unknown operators, wrong
 * attributes and shapes that don't fit are errors here, with the node's
 * name; not later. */
DNN_API DnnModule *dnn_module_new (DnnGraph *graph, GError **error);

/* Graph JSON; params file, NULL where the graph has no params; "onednn", or
 * the path of a shared library. */
DNN_API DnnModule *dnn_module_new_from_files (const gchar *json_path,
    const gchar *params_path, const gchar *lib_name, GError **error);

/* Writes graph JSON and params file. */
DNN_API gboolean dnn_module_write (DnnModule *self, const gchar *json_path,
    const gchar *params_path, GError **error);

DNN_API DnnGraph *dnn_module_get_graph (DnnModule *self);
DNN_API DnnParams *dnn_module_get_params (DnnModule *self);
DNN_API const gchar *dnn_module_get_lib_name (DnnModule *self);
/* Whether a frame changes the next one: it has states, or its library says
 * so. */
DNN_API gboolean dnn_module_keeps_state (DnnModule *self);
/* What messages call it: name of the file it came from. */
DNN_API const gchar *dnn_module_get_label (DnnModule *self);

/* Interfaces. Shapes as the graph says them: open dimensions are -1. */
DNN_API guint dnn_module_get_n_inputs (DnnModule *self);
DNN_API guint dnn_module_get_n_outputs (DnnModule *self);
DNN_API const gchar *dnn_module_get_input_name (DnnModule *self, guint idx);
DNN_API const gchar *dnn_module_get_output_name (DnnModule *self, guint idx);
DNN_API DnnType dnn_module_get_input_type (DnnModule *self, guint idx);
DNN_API DnnType dnn_module_get_output_type (DnnModule *self, guint idx);
DNN_API const DnnShape *dnn_module_get_input_shape (DnnModule *self, guint idx);
DNN_API const DnnShape *dnn_module_get_output_shape (
    DnnModule *self, guint idx);
/* -1 if there is none of that name. */
DNN_API gint dnn_module_find_input (DnnModule *self, const gchar *name);
DNN_API gint dnn_module_find_output (DnnModule *self, const gchar *name);

/* ---- states: outputs that are inputs of the next frame ------------------- */

/* Most bytes that all states of a module may have together. */
#define DNN_MAX_STATE_BYTES ((gsize) 1 << 31)

/* @self with one state more: @input is none of its inputs any more, but what
 * that output was a frame ago. Shares all else with @self. */
DNN_API DnnModule *dnn_module_new_with_state (DnnModule *self,
    const gchar *input, guint output, const gchar *initial, GError **error);
/* The same where names say so: "h" and "hn". */
DNN_API DnnModule *dnn_module_new_with_named_state (
    DnnModule *self, const gchar *input);
/* (transfer none): the module without states that it is made of, or itself. */
DNN_API DnnModule *dnn_module_get_stateless (DnnModule *self);
DNN_API guint dnn_module_get_n_states (DnnModule *self);
DNN_API const gchar *dnn_module_get_state_name (DnnModule *self, guint idx);
DNN_API guint dnn_module_get_state_output (DnnModule *self, guint idx);
DNN_API const gchar *dnn_module_get_state_initial (DnnModule *self, guint idx);
DNN_API DnnType dnn_module_get_state_type (DnnModule *self, guint idx);
/* -1 if there is none of that name. */
DNN_API gint dnn_module_find_state (DnnModule *self, const gchar *name);

/* Shapes of the outputs for given inputs, by inference; open where unknown. */
DNN_API gboolean dnn_module_infer_outputs (
    DnnModule *self, const DnnShape *inputs, DnnShape *outputs, GError **error);

G_END_DECLS
