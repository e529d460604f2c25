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

/* What subgraphs capture and is constant becomes theirs; an If whose condition
 * is constant becomes the nodes of its branch. */
gboolean dnn_pass_control (DnnGraph *graph, GError **error);
/* Both, as long as there is something to do. dnn-optimise.c */
gboolean dnn_pass_fold_all (DnnGraph *graph, GError **error);

/* Einsum of one operand that permutes its dimensions becomes Transpose. */
gboolean dnn_pass_einsum (DnnGraph *graph, GError **error);

/* Drops nodes that hand their input on, joins transposes and reshapes. */
gboolean dnn_pass_identity (DnnGraph *graph, GError **error);

/* BatchNormalization and constant Mul, Add, Sub, Div per channel go into the
 * weights of the Conv, ConvTranspose or Gemm before them. */
gboolean dnn_pass_batchnorm (DnnGraph *graph, GError **error);

/* Conversions that change nothing in between: of two, one is left. */
gboolean dnn_pass_cast (DnnGraph *graph, GError **error);

/* Of nodes that compute the same of the same, and of equal constants, one. */
gboolean dnn_pass_common (DnnGraph *graph, GError **error);

/* Transposes sink through what doesn't mind, until they cancel out. */
gboolean dnn_pass_transpose (DnnGraph *graph, GError **error);

/* Constant Mul, Add, Sub, Div per channel go into the weights of the Conv or
 * Gemm behind them. */
gboolean dnn_pass_before (DnnGraph *graph, GError **error);

/* Pad with zeros goes into the Conv or AveragePool behind it. */
gboolean dnn_pass_pad (DnnGraph *graph, GError **error);

/* Activations spelled out by exporters → Swish, HardSwish, Mish, Gelu. */
gboolean dnn_pass_pattern (DnnGraph *graph, GError **error);

/* Normalisations spelled out → LayerNormalization, RMSNormalization,
 * GroupNormalization. */
gboolean dnn_pass_norm (DnnGraph *graph, GError **error);

/* Results that nobody uses are not computed where an operator can leave them
 * out. */
gboolean dnn_pass_outputs (DnnGraph *graph, GError **error);

/* Activations, Mul and Add of one number, one a channel or a whole tensor →
 * post-ops of Conv, ConvTranspose, Gemm, MatMul. */
gboolean dnn_pass_fuse (DnnGraph *graph, GError **error);

/* All of the above, in their order, until nothing changes; then fusion. Of the
 * graph, and of those that its nodes run. dnn-optimise.c */
gboolean dnn_optimise_graph (DnnGraph *graph, GError **error);
/* The same; @watch, (nullable), sees the graph as it comes (pass "import") and
 * behind each pass that changed it. */
typedef gboolean (*DnnPassWatch) (
    DnnGraph *graph, const gchar *pass, gpointer user_data, GError **error);
gboolean dnn_optimise_graph_watched (
    DnnGraph *graph, DnnPassWatch watch, gpointer user_data, GError **error);

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

/* An operator of that type without post-ops; @node may be NULL. */
gboolean dnn_pass_is (const DnnNode *node, const gchar *op);

/* The node that makes input @idx; NULL if none does. */
DnnNode *dnn_pass_get_producer (const DnnNode *node, guint idx);

/* Input @idx if it is there. */
DnnValue *dnn_pass_get_input (const DnnNode *node, guint idx);

/* The constant behind input @idx; NULL if it is none. */
DnnTensor *dnn_pass_get_constant (const DnnNode *node, guint idx);

/* The one element of a float32 constant. FALSE if it isn't that. */
gboolean dnn_pass_get_scalar (const DnnNode *node, guint idx, gfloat *value);

/* The same, of any real type. */
gboolean dnn_pass_get_number (const DnnNode *node, guint idx, gdouble *value);

/* Elements of an integer constant; NULL if it is none. (transfer full) */
gint64 *dnn_pass_get_ints (const DnnNode *node, guint idx, guint *n);

/* Attribute as a number; absent: @def. */
gint64 dnn_pass_get_int (const DnnNode *node, const gchar *key, gint64 def);
gfloat dnn_pass_get_float (const DnnNode *node, const gchar *key, gfloat def);

/* Notes for each value (in its pass_data) who uses it, for the two below. Holds
 * while nodes are absorbed; later changes only make users look more. */
void dnn_pass_index_users (DnnGraph *graph);

/* The node that alone uses @value, once; NULL if there are others, if it is
 * used twice, or is an output of the graph. */
DnnNode *dnn_pass_single_user (const DnnValue *value);

/* @node becomes another operator, with no attributes and the one input. */
void dnn_pass_rewrite (DnnNode *node, const gchar *op, DnnValue *input);

/* @node makes the result of @user, its single user, instead of its own. @user
 * has no inputs and no operator any more: it goes when the pass ends. */
void dnn_pass_absorb (DnnGraph *graph, DnnNode *node, DnnNode *user);

/* A new param with a name like @base; takes @tensor. */
DnnValue *dnn_pass_add_param (
    DnnGraph *graph, const gchar *base, DnnTensor *tensor);

/* Many bypasses at once: begin clears pass_data, forward notes that all uses of
 * @old are to become @value, end does it. What is forwarded may be forwarded
 * to. */
void dnn_pass_begin_forward (DnnGraph *graph);
void dnn_pass_forward (DnnValue *old, DnnValue *value);
DnnValue *dnn_pass_follow (DnnValue *value);
void dnn_pass_end_forward (DnnGraph *graph);

/* Nodes at present, as an array of its own for passes that change the list. */
GPtrArray *dnn_pass_list_nodes (DnnGraph *graph);

/* remove_unused, sort, infer: what each pass ends with. */
gboolean dnn_pass_finish (DnnGraph *graph, GError **error);
/* The same, if it did something. */
gboolean dnn_pass_end (DnnGraph *graph, gboolean changed, GError **error);

G_END_DECLS
