/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Passes over a graph in newest forms, one a file, and what they share. A pass
 * leaves a graph that passes dnn_graph_check(), sorted, without unused nodes;
 * it computes the same but for rounding. Values that survive keep their names.
 * Next: dnn-compile.c. */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/* Nodes whose inputs are all constant become params, as far as no model grows
 * by it (DNN_INFER_FOLD_FOR_GOOD). */
gboolean dnn_pass_fold (DnnGraph *graph, GError **error);

/* Drops nodes that hand their input on, joins transposes and reshapes. */
gboolean dnn_pass_identity (DnnGraph *graph, GError **error);

/* BatchNormalization and constant Mul, Add, Sub, Div per channel go into the
 * weights of the Conv, ConvTranspose or Gemm before them. */
gboolean dnn_pass_batchnorm (DnnGraph *graph, GError **error);

/* x · sigmoid (x) and its kin, spelled out by exporters → Swish, HardSwish. */
gboolean dnn_pass_pattern (DnnGraph *graph, GError **error);

/* Activations, scalar Mul and Add, residual Add → post-ops of Conv,
 * ConvTranspose, Gemm, MatMul. */
gboolean dnn_pass_fuse (DnnGraph *graph, GError **error);

/* All of the above but cutting, in their order. */
gboolean dnn_optimise_graph (DnnGraph *graph, GError **error);

/**
 * dnn_pass_cut:
 * @cuts: where stages end: each a tensor's name, or several with "," between
 *
 * Stage k holds what the tensors of cut k need and no earlier stage has, the
 * last one the rest. What a stage gets from another is an input of the same
 * name there.
 *
 * Returns: (transfer full) (element-type DnnGraph): one graph a stage
 */
GPtrArray *dnn_pass_cut (
    DnnGraph *graph, const gchar *const *cuts, GError **error);

/* ---- what passes share
 * ------------------------------------------------------- */

/* Input @idx if it is there. */
DnnValue *dnn_pass_get_input (const DnnNode *node, guint idx);

/* The constant behind input @idx; NULL if it is none. */
DnnTensor *dnn_pass_get_constant (const DnnNode *node, guint idx);

/* The one element of a float32 constant. FALSE if it isn't that. */
gboolean dnn_pass_get_scalar (const DnnNode *node, guint idx, gfloat *value);

/* Attribute as a number; absent: @def. */
gint64 dnn_pass_get_int (const DnnNode *node, const gchar *key, gint64 def);
gfloat dnn_pass_get_float (const DnnNode *node, const gchar *key, gfloat def);

/* Notes for each value (in its pass_data) who uses it, for the two below. Holds
 * while nodes are absorbed; later changes only make users look more. */
void dnn_pass_index_users (DnnGraph *graph);

/* The node that alone uses @value, once; NULL if there are others, if it is
 * used twice, or is an output of the graph. */
DnnNode *dnn_pass_single_user (const DnnValue *value);

/* @node makes the result of @user, its single user, instead of its own. */
void dnn_pass_absorb (DnnGraph *graph, DnnNode *node, DnnNode *user);

/* All uses of the only result of @node become @value; @node goes. */
void dnn_pass_bypass (DnnGraph *graph, DnnNode *node, DnnValue *value);

/* A new param with a name like @base; takes @tensor. */
DnnValue *dnn_pass_add_param (
    DnnGraph *graph, const gchar *base, DnnTensor *tensor);

/* Nodes at present, as an array of its own for passes that change the list. */
GPtrArray *dnn_pass_list_nodes (DnnGraph *graph);

/* remove_unused, sort, infer: what each pass ends with. */
gboolean dnn_pass_finish (DnnGraph *graph, GError **error);

G_END_DECLS
