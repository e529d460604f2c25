/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One import at work: what its steps share. A file each: inputs, nodes,
 * functions, reasons; dnn-onnx-import.c calls them in order. */
#pragma once

#include "compiler/onnx/dnn-onnx-function.h"
#include "compiler/onnx/dnn-onnx-import.h"
#include "compiler/onnx/dnn-onnx-reasons.h"

G_BEGIN_DECLS

typedef struct _DnnOnnxImport DnnOnnxImport;
struct _DnnOnnxImport
{
  DnnOnnxImport *outer; /* (nullable): of a subgraph */
  const gchar *prefix; /* of names of nodes: "loop1/body/", or "" */
  guint depth;
  GPtrArray *captures; /* gchar *, names: what comes from outside, as the last
                          inputs of the graph */
  DnnOnnxModel *model;
  DnnGraph *graph;
  gint64 opset;
  GHashTable *values; /* ONNX name → DnnValue * */
  GHashTable *node_names; /* set of names taken */
  GPtrArray *nodes; /* DnnNode *, beside protos */
  GPtrArray *protos; /* Onnx__NodeProto * */
  GArray *spans; /* DnnWireSpan, beside them; no data: none in the file */
  GHashTable *opsets; /* DnnNode * → opset, where it isn't the model's */
  DnnOnnxFunctions *functions;
  GPtrArray *calls; /* DnnOnnxCall *, owned: replaced by what they call */
  GHashTable *reserved; /* set of names: tensors of calls */
  GHashTable *refused; /* name → text: constants that can't be, if used */
  DnnOnnxReasons *reasons;
  GHashTable *shapes; /* input name → DnnShape *: given instead */
  gboolean keeps_batch; /* not 1 where the model leaves it open */
};

/* Always FALSE: "model.onnx: …". */
gboolean dnn_onnx_fail (DnnOnnxImport *self, GError **error, DnnError code,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

/* "", "ai.onnx" or absent. */
gboolean dnn_onnx_is_default_domain (const gchar *domain);

/* A tensor of that name is new and there. */
gboolean dnn_onnx_check_new_name (
    DnnOnnxImport *self, const gchar *name, const gchar *what, GError **error);
void dnn_onnx_add_value (DnnOnnxImport *self, DnnValue *value);
/* (nullable): of the graph; what only an outer one has becomes an input, or a
 * param too. dnn-onnx-subgraph.c */
DnnValue *dnn_onnx_find_value (DnnOnnxImport *self, const gchar *name);
/* The graphs among the attributes of @span, what they capture. */
gboolean dnn_onnx_add_subgraphs (
    DnnOnnxImport *self, DnnNode *node, DnnWireSpan span, GError **error);
/* A subgraph without what the node needs to know; dnn-onnx-import.c.
 * @captures: (out) (transfer full) */
DnnGraph *dnn_onnx_import_subgraph (DnnOnnxImport *self, const gchar *prefix,
    DnnWireSpan span, GPtrArray **captures, GError **error);
/* Inputs of a subgraph: names and types. */
gboolean dnn_onnx_add_subgraph_inputs (DnnOnnxImport *self, GError **error);
/* *@error, of a constant, becomes a reason where a node uses @name. */
void dnn_onnx_refuse (DnnOnnxImport *self, const gchar *name, GError **error);
GPtrArray *dnn_onnx_list_names (GPtrArray *values);

/* dnn-onnx-inputs.c: shapes given by the user, then the graph's inputs. */
gboolean dnn_onnx_parse_shapes (
    DnnOnnxImport *self, const gchar *const *shapes, GError **error);
gboolean dnn_onnx_check_shapes (DnnOnnxImport *self, GError **error);
gboolean dnn_onnx_add_inputs (DnnOnnxImport *self, GError **error);

/* dnn-onnx-nodes.c: all nodes, and those of functions; then their inputs. */
gboolean dnn_onnx_add_nodes (DnnOnnxImport *self, GError **error);
gboolean dnn_onnx_connect_nodes (DnnOnnxImport *self, GError **error);

G_END_DECLS
