/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What files of the core know of a graph: what its outputs need; the words of
 * the graph file, and the names that results have where the file gives none. */
#pragma once

#include "pipeline-core/base/dnn-json.h"
#include "pipeline-core/graph/dnn-graph.h"

G_BEGIN_DECLS

/* The bytes of @value are had without its producer. */
typedef gboolean (*DnnGraphIsKnown) (const DnnValue *value, gconstpointer data);

/* A set of the DnnValue's that the outputs depend on, and of the DnnNode's that
 * make them: none of those whose result @is_known, (nullable).
 * (transfer full) */
GHashTable *dnn_graph_find_needed (
    const DnnGraph *self, DnnGraphIsKnown is_known, gconstpointer data);

/* Keys of a node's "attrs" that are not attributes of the operator, and keys
 * of "metadata" that are not free text; NULL-terminated. */
extern const gchar *const dnn_graph_node_keys[];
extern const gchar *const dnn_graph_metadata_keys[];

/* FALSE and the reason where the tensor is above the limits. */
gboolean dnn_graph_check_size (const DnnValue *value, gchar **why);

/* Name of the result that is output @idx of those present: the node's name
 * for the first, then "NODE:1", "NODE:2". */
gchar *dnn_graph_default_result_name (const gchar *node_name, guint idx);

/* That its subgraphs are consistent, and fit it. dnn-graph-subgraph.c */
gboolean dnn_graph_check_subgraphs (DnnGraph *self, GError **error);
void dnn_node_free_subgraphs (DnnNode *node);
gboolean dnn_node_subgraphs_equal (const DnnNode *a, const DnnNode *b);
/* The param of that name in @self or below; (nullable). @owner: (out) */
DnnValue *dnn_graph_find_param (
    DnnGraph *self, const gchar *name, DnnGraph **owner);

/* The numbers among a tvm_op's "attrs"; in dnn-graph-read-node.c. */
typedef struct
{
  guint n_inputs, n_outputs; /* present ones */
  guint n_captures; /* among the inputs, behind the others */
  GArray *input_slots; /* guint: formal positions; without operands */
  GArray *output_slots;
} DnnNodeHead;

/* "attrs" of a tvm_op → a new node without inputs and outputs, whose post-ops
 * have their operands' final indices. */
DnnNode *dnn_graph_read_node (DnnGraph *graph, const gchar *name,
    JsonNode *json, const DnnJsonPlace *place, DnnNodeHead *head,
    GError **error);
void dnn_node_head_clear (DnnNodeHead *head);

/* "metadata", as far as values need it while they are made; in
 * dnn-graph-read-metadata.c. */
typedef struct
{
  GHashTable *params; /* names of null nodes; NULL: the file doesn't say */
  GHashTable *unknown_ranks; /* entry indices */
  gchar **value_names; /* by entry; "" the default; NULL: all default */
  gchar **output_names; /* NULL: names of the values */
  JsonObject *dimensions; /* NULL none; belongs to the file */
  JsonObject *subgraphs; /* the same */
  guint n_value_names, n_output_names;
} DnnGraphMetadata;

/* Also fills name, opset and metadata of @graph. */
gboolean dnn_graph_read_metadata (DnnGraph *graph, JsonNode *json,
    const DnnJsonPlace *place, DnnGraphMetadata *metadata, GError **error);
/* Names of dimensions, once the values are there. */
gboolean dnn_graph_read_dim_names (DnnGraph *graph,
    const DnnGraphMetadata *metadata, const DnnJsonPlace *place,
    GError **error);
void dnn_graph_metadata_clear (DnnGraphMetadata *metadata);

G_END_DECLS
