/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph: values (edges) and nodes (operators) in memory, as the graph JSON
 * says them. JSON → DnnGraph in dnn-graph-read.c, back in dnn-graph-write.c.
 * Next: dnn-graph-check.c, dnn-graph-sort.c, then dnn-plan.h. */
#pragma once

#include <glib-object.h>

#include "pipeline-core/base/dnn-attrs.h"
#include "pipeline-core/graph/dnn-params.h"

G_BEGIN_DECLS

/* Limits on files, so that a hostile one fails early. */
#define DNN_MAX_NODES (1 << 20)
#define DNN_MAX_NODE_INPUTS 4096 /* outputs too */
#define DNN_MAX_NODE_ATTRS 1024
#define DNN_MAX_GRAPH_DEPTH 12 /* subgraphs in subgraphs */
#define DNN_MAX_JSON_BYTES (256 << 20)

typedef struct _DnnNode DnnNode;

typedef enum
{
  DNN_VALUE_INPUT, /* given with each frame */
  DNN_VALUE_PARAM, /* constant: bytes in the params file */
  DNN_VALUE_RESULT, /* made by a node */
} DnnValueKind;

/* One tensor of the graph. Owned by the graph. */
typedef struct
{
  gchar *name; /* unique in the graph */
  DnnValueKind kind;
  DnnType type; /* DNN_TYPE_INVALID while unknown */
  DnnShape shape; /* rank -1 while unknown */
  gchar **dim_names; /* (nullable): one a dimension, "" for none */
  DnnTensor *tensor; /* params only; (nullable) until params are bound */
  DnnNode *producer; /* results only */
  guint producer_slot;
  guint64 storage_id; /* as read; meaningful only for "__nop" */
  gpointer pass_data; /* free for one pass at a time */
} DnnValue;

/* An operator that runs on the result of its node, in place. */
typedef struct
{
  gchar *op; /* operator type */
  DnnAttrs *attrs; /* its attributes; scalar constant inputs stand here
                      under the name of the input's row ("min", "B") */
  gint input; /* index into the node's inputs of the second operand, or -1 */
} DnnPostOp;

struct _DnnNode
{
  gchar *name; /* unique in the graph */
  gchar *op; /* func_name: operator type, "com.microsoft.Gelu", "__nop" */
  DnnAttrs *attrs; /* without TVM's four, input_slots, output_slots, post_ops */
  GPtrArray *inputs; /* DnnValue *, by formal position, NULL if absent;
                        behind the n_formal first: operands of post-ops, or
                        what subgraphs capture */
  guint n_formal;
  GPtrArray *outputs; /* DnnValue *, by formal position, NULL if absent */
  GPtrArray *post_ops; /* DnnPostOp * */
  GPtrArray *subgraphs; /* (nullable): DnnSubgraph * */
  gboolean flatten_data;
  gpointer pass_data;
};

#define DNN_TYPE_GRAPH (dnn_graph_get_type ())
DNN_API
G_DECLARE_FINAL_TYPE (DnnGraph, dnn_graph, DNN, GRAPH, GObject)

/* A graph that a node runs: a branch, the body of a loop. Its last inputs are
 * what it captures, in the order that the node has them behind its n_formal
 * first. Names of params are unique in all graphs of one. */
typedef struct
{
  gchar *name; /* as ONNX calls the attribute: "then_branch", "body" */
  DnnGraph *graph; /* owned */
} DnnSubgraph;

/* Fields are for reading; changed by the functions below and by compiler
 * passes only. */
struct _DnnGraph
{
  GObject parent;

  gchar *name;
  gchar *label; /* what messages call it: the file's path */
  GPtrArray *values; /* DnnValue *, owned; the order of the file */
  GPtrArray *nodes; /* DnnNode *, owned; after sort: topological */
  GPtrArray *inputs; /* DnnValue *, in order */
  GPtrArray *outputs; /* DnnValue *; may be inputs, params, or repeat */
  GPtrArray *output_names; /* gchar *, beside outputs */
  gint64 opset; /* of the default ONNX domain, 0 unknown */
  DnnAttrs *metadata; /* further string metadata (producer, model info) */
  GPtrArray *files; /* DnnFileStamp *, owned: where bytes of params lie; shared
                       with copies */
  gboolean params_are_open; /* read from a file that doesn't say which null
                               nodes are params (TVM's): all are inputs until
                               dnn_graph_bind_params() */
  gboolean is_subgraph; /* a node runs it: types of inputs may be unknown until
                           those of the node are known */

  /*< private >*/
  GHashTable *values_by_name; /* own copies of the names */
  GHashTable *nodes_by_name;
};

DNN_API DnnGraph *dnn_graph_new (const gchar *name);
/* Deep copy; tensors of params are shared. */
DNN_API DnnGraph *dnn_graph_copy (DnnGraph *self);

/* Building. Names must be new (asserted): dnn_graph_unique_name() makes one. */
DNN_API gchar *dnn_graph_unique_name (DnnGraph *self, const gchar *base);
DNN_API DnnValue *dnn_graph_add_input (
    DnnGraph *self, const gchar *name, DnnType type, const DnnShape *shape);
DNN_API DnnValue *dnn_graph_add_param (
    DnnGraph *self, const gchar *name, DnnTensor *tensor);
DNN_API DnnNode *dnn_graph_add_node (
    DnnGraph *self, const gchar *name, const gchar *op);
DNN_API void dnn_node_add_input (DnnNode *node, DnnValue *value);
/* Appends an operand behind the formal inputs and the post-op that uses it;
 * @operand may be NULL. Takes @attrs. */
DNN_API void dnn_node_add_post_op (
    DnnNode *node, const gchar *op, DnnAttrs *attrs, DnnValue *operand);
/* Behind the formal inputs, in place of post-ops: what all subgraphs have as
 * their next input. */
DNN_API void dnn_node_add_capture (DnnNode *node, DnnValue *value);
DNN_API guint dnn_node_get_n_captures (const DnnNode *node);
/* Holds @graph. */
DNN_API void dnn_node_add_subgraph (
    DnnNode *node, const gchar *name, DnnGraph *graph);
/* (nullable) (transfer none) */
DNN_API DnnGraph *dnn_node_get_subgraph (
    const DnnNode *node, const gchar *name);
/* Calls @func with each graph below @self, the outer ones first. */
DNN_API void dnn_graph_foreach_subgraph (DnnGraph *self,
    void (*func) (DnnGraph *graph, gpointer data), gpointer data);
/* Params of subgraphs whose names another graph below @self has too get new
 * ones. */
DNN_API void dnn_graph_part_params (DnnGraph *self);
/* Appends an output; @name NULL: absent. */
DNN_API DnnValue *dnn_graph_add_result (
    DnnGraph *self, DnnNode *node, const gchar *name);
DNN_API void dnn_graph_add_output (
    DnnGraph *self, const gchar *name, DnnValue *value);

/* Changing: every use (inputs of nodes, outputs of the graph) of @old
 * becomes @value. */
DNN_API void dnn_graph_replace_uses (
    DnnGraph *self, DnnValue *old, DnnValue *value);
/* Drops the node and its results (which must be unused). */
DNN_API void dnn_graph_remove_node (DnnGraph *self, DnnNode *node);
/* Drops an unused param, or an unused result, whose node keeps an absent output
 * there. */
DNN_API void dnn_graph_remove_value (DnnGraph *self, DnnValue *value);
/* Drops nodes and params that no output needs; inputs stay. */
DNN_API void dnn_graph_remove_unused (DnnGraph *self);
DNN_API DnnValue *dnn_graph_find_value (DnnGraph *self, const gchar *name);
/* Names are looked up in a table: never change value->name directly. */
DNN_API void dnn_graph_rename_value (
    DnnGraph *self, DnnValue *value, const gchar *name);
/* Makes an input a param: it leaves self->inputs. */
DNN_API void dnn_graph_set_param (
    DnnGraph *self, DnnValue *input, DnnTensor *tensor);
/* Nodes that use @value, each once, in order; (transfer container). */
DNN_API GPtrArray *dnn_graph_get_users (DnnGraph *self, DnnValue *value);
DNN_API gboolean dnn_graph_is_output (DnnGraph *self, DnnValue *value);

/* Consistency of everything a file can get wrong, without operators' rules:
 * unique names in UTF-8, every result has its producer, outputs exist, post-ops
 * and their operands belong together, no attribute has a name that the file
 * format uses. First error only. GRAPH; LIMIT for a tensor that is too big. */
DNN_API gboolean dnn_graph_check (DnnGraph *self, GError **error);

/* Orders nodes topologically, stable with respect to the present order.
 * CYCLE names the nodes of one cycle: "conv1 → relu1 → conv1". */
DNN_API gboolean dnn_graph_sort (DnnGraph *self, GError **error);

/* Gives every param its bytes. Missing: UNKNOWN_NAME; other type or shape
 * than the graph says: TYPE, SHAPE. Names no node has are an error too, save
 * the writer's fillers. Where params_are_open, the inputs found in @params
 * become params. */
DNN_API gboolean dnn_graph_bind_params (
    DnnGraph *self, DnnParams *params, GError **error);

/* Same nodes, values, params' bytes: what is written reads back equal. Not
 * compared: label, storage ids, absent inputs and outputs at the end. */
DNN_API gboolean dnn_graph_equal (DnnGraph *a, DnnGraph *b);

/* Graph JSON. @label stands for the file in messages, which say the JSON path
 * ("nodes[3].inputs[0][0]"), what was found, what was expected. Reading checks
 * and sorts; params have no bytes yet. */
DNN_API DnnGraph *dnn_graph_new_from_file (const gchar *path, GError **error);
DNN_API DnnGraph *dnn_graph_new_from_data (
    const gchar *json, gssize length, const gchar *label, GError **error);
/* @self must be sorted and pass dnn_graph_check(). */
DNN_API gchar *dnn_graph_to_json (DnnGraph *self);
/* Notes that bytes of params lie in that file, in the state of now. NOT_FOUND.
 * To be called before it is mapped. */
gboolean dnn_graph_add_file (DnnGraph *self, const gchar *path, GError **error);
/* The same list as another graph's, or an importer's. */
void dnn_graph_set_files (DnnGraph *self, GPtrArray *files);
/* FAILED where one of those has changed: its bytes must not be read any more.
 */
gboolean dnn_graph_check_files (DnnGraph *self, GError **error);

/* The params with bytes, as a params file has them. (transfer full) */
DNN_API DnnParams *dnn_graph_get_params (DnnGraph *self);

/* Whether @params can stand for the graph's own: names, types and shapes must
 * be those of its params: UNKNOWN_NAME, TYPE, SHAPE; VALUE where there are
 * none. */
gboolean dnn_graph_check_params (
    DnnGraph *graph, DnnParams *params, GError **error);

G_END_DECLS
