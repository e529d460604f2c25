/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators of older opsets → their newest form. One row an operator and
 * version in dnn-upgrade.c; what the rows do in dnn-upgrade-*.c. */
#pragma once

#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/* The opset whose forms the operators have, and the oldest that is read. */
#define DNN_OPSET_NEWEST 28
#define DNN_OPSET_OLDEST 1

typedef struct
{
  DnnGraph *graph;
  gint64 opset; /* of the node at work */
  GHashTable *kept; /* DnnNode * → DnnAttrs *: attributes that the newest form
                       doesn't have, for the second round */
  gint64 model_opset;
  GHashTable *opsets; /* (nullable): DnnNode * → opset, where it is another */
} DnnUpgrade;

/**
 * dnn_upgrade_graph:
 * @graph: as the model says it; sorted afterwards
 * @opset: of the default domain
 * @opsets: (nullable): DnnNode * → opset, of those for which it is another
 *
 * UNSUPPORTED and VALUE name the node, operator and opset.
 */
gboolean dnn_upgrade_graph (
    DnnGraph *graph, gint64 opset, GHashTable *opsets, GError **error);

/* Whether that operator type is registered, or becomes a registered one. */
gboolean dnn_upgrade_knows (const gchar *op);

/* Rows. Each gets a node whose attributes and inputs are those of an older
 * version; it changes the node, or replaces it. */
typedef gboolean (*DnnUpgradeFunc) (
    DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-nn.c */
gboolean dnn_upgrade_batch_normalization (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_clip (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_clip_typed (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_dropout (DnnUpgrade *self, DnnNode *node, GError **error);
/* LogSoftmax and Hardmax, too. */
gboolean dnn_upgrade_softmax (DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-fused.c */
gboolean dnn_upgrade_fused_conv (
    DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-shape.c */
gboolean dnn_upgrade_topk (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_axes (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_pad (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_pad_typed (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_slice (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_split (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_split_outputs (
    DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-resize.c */
gboolean dnn_upgrade_upsample (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_resize_10 (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_resize_11 (
    DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-signal.c */
gboolean dnn_upgrade_dft (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_grid_sample (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_group_normalization (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_scatter (DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-old.c: opsets 1 to 6 */
gboolean dnn_upgrade_broadcast (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_cast (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_concat (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_gemm (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_is_test (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_norm (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_paddings (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_prelu (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_reshape (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_selu (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_upsample_1 (
    DnnUpgrade *self, DnnNode *node, GError **error);
void dnn_upgrade_drop_consumed (DnnNode *node);

/* dnn-upgrade-microsoft.c */
gboolean dnn_upgrade_flex_attention (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_gelu (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_fast_gelu (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_quick_gelu (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_skip_layer (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_skip_rms (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_rms (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_qlinear_two (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_qlinear_one (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_qlinear_concat (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_integer_to_float (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_nhwc_max_pool (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_dynamic_matmul (
    DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-microsoft-matmul.c */
gboolean dnn_upgrade_ms_matmul (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_qgemm (DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_nbits (DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-microsoft-attention.c */
gboolean dnn_upgrade_ms_attention (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_multi_head (
    DnnUpgrade *self, DnnNode *node, GError **error);
gboolean dnn_upgrade_ms_embed (DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-lstm.c */
gboolean dnn_upgrade_ms_lstm (DnnUpgrade *self, DnnNode *node, GError **error);

/* dnn-upgrade-sequence.c: before all rows */
gboolean dnn_upgrade_sequences (DnnUpgrade *self, GError **error);
gboolean dnn_upgrade_is_of_sequences (const gchar *op);

/* What rows share. */

/* Always FALSE: "node "x" (Pad, opset 9): …". */
gboolean dnn_upgrade_error (DnnUpgrade *self, const DnnNode *node,
    GError **error, DnnError code, const gchar *format, ...)
    G_GNUC_PRINTF (5, 6);

/* Takes the attribute off the node. FALSE only if it is no such value; absent
 * is *n 0 and *values NULL. */
gboolean dnn_upgrade_take_ints (DnnUpgrade *self, DnnNode *node,
    const gchar *key, gint64 **values, guint *n, GError **error);
gboolean dnn_upgrade_take_float (DnnUpgrade *self, DnnNode *node,
    const gchar *key, gfloat *value, GError **error);
gboolean dnn_upgrade_get_int (DnnUpgrade *self, const DnnNode *node,
    const gchar *key, gint64 *value, GError **error);

/* New params of the graph, named after @node. */
DnnValue *dnn_upgrade_add_ints (DnnUpgrade *self, const DnnNode *node,
    const gchar *what, const gint64 *values, guint n);
DnnValue *dnn_upgrade_add_floats (DnnUpgrade *self, const DnnNode *node,
    const gchar *what, const gfloat *values, guint n);
DnnValue *dnn_upgrade_add_param (DnnUpgrade *self, const DnnNode *node,
    const gchar *what, DnnTensor *tensor);
/* A tensor of rank 0. */
DnnValue *dnn_upgrade_add_scalar (DnnUpgrade *self, const DnnNode *node,
    const gchar *what, DnnType type, gdouble value);

/* Formal input @idx, whatever number there are now. */
DnnValue *dnn_upgrade_get_input (const DnnNode *node, guint idx);
void dnn_upgrade_set_input (DnnNode *node, guint idx, DnnValue *value);
/* Drops the inputs from @n on. */
void dnn_upgrade_trim_inputs (DnnNode *node, guint n);
/* Drops the outputs from @n on; FALSE if one is used. */
gboolean dnn_upgrade_trim_outputs (
    DnnUpgrade *self, DnnNode *node, guint n, GError **error);

/* A node behind @value, which all users of @value (but itself) now use. */
DnnNode *dnn_upgrade_append_node (
    DnnUpgrade *self, DnnValue *value, const gchar *op);
/* A node before input @idx of @node. */
DnnNode *dnn_upgrade_insert_node (
    DnnUpgrade *self, DnnNode *node, guint idx, const gchar *op);
/* A node of @op that @near needs, of one input or two: its result. */
DnnValue *dnn_upgrade_add_op (DnnUpgrade *self, const DnnNode *near,
    const gchar *op, DnnValue *a, DnnValue *b);
void dnn_upgrade_set_op (DnnNode *node, const gchar *op);
/* One more result of @node, named after both. */
DnnValue *dnn_upgrade_add_result (
    DnnUpgrade *self, DnnNode *node, const gchar *what);

G_END_DECLS
