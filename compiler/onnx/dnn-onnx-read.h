/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An ONNX file, mapped: file → header messages, spans of nodes and tensors,
 * tensors whose bytes stay in the file. Next: dnn-onnx-import.c. */
#pragma once

#include "compiler/onnx.pb-c.h"
#include "compiler/onnx/dnn-onnx-wire.h"
#include "pipeline-core/base/dnn-tensor.h"

G_BEGIN_DECLS

/* The mapped file and the files of its external data. */
typedef struct
{
  gchar *path; /* as given: what messages call it */
  gchar *dir;
  GMappedFile *map;
  GHashTable *external; /* location → GMappedFile */
  GPtrArray *stamps; /* DnnFileStamp *, owned: of all of them */
} DnnOnnxFile;

DnnOnnxFile *dnn_onnx_file_open (const gchar *path, GError **error);
void dnn_onnx_file_free (DnnOnnxFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnOnnxFile, dnn_onnx_file_free)
DnnWireSpan dnn_onnx_file_get_span (const DnnOnnxFile *self);

/* A model without what is heavy: nodes and tensors are spans of the file. */
typedef struct
{
  DnnOnnxFile *file;
  Onnx__ModelProto *header; /* no graph, functions, training */
  Onnx__GraphProto *graph; /* no nodes, no initialisers */
  GArray *nodes; /* DnnWireSpan of NodeProto */
  GArray *initializers; /* DnnWireSpan of TensorProto */
  GArray *sparse_initializers; /* DnnWireSpan of SparseTensorProto */
  GArray *value_infos; /* DnnWireSpan of ValueInfoProto */
  GArray *functions; /* DnnWireSpan of FunctionProto */
  gboolean is_subgraph; /* file and header are another's */
} DnnOnnxModel;

/* Maps and checks all of @path. NOT_FOUND, FORMAT with the byte offset. */
DnnOnnxModel *dnn_onnx_model_open (const gchar *path, GError **error);
/* The same of a subgraph, a checked GraphProto; NULL where protobuf-c refuses.
 * @self stays for so long. */
DnnOnnxModel *dnn_onnx_model_open_subgraph (
    const DnnOnnxModel *self, DnnWireSpan graph);
void dnn_onnx_model_free (DnnOnnxModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnOnnxModel, dnn_onnx_model_free)

/* A node without its attributes; free with
 * onnx__node_proto__free_unpacked(). */
Onnx__NodeProto *dnn_onnx_unpack_node (DnnWireSpan span);

/* One attribute without tensors and graphs; @tensor is its `t` or
 * `sparse_tensor`, size 0 and data NULL if it has none. */
Onnx__AttributeProto *dnn_onnx_unpack_attribute (
    DnnWireSpan span, DnnWireSpan *tensor);

/* The graph of an attribute; FALSE if it has none. */
gboolean dnn_onnx_find_graph (DnnWireSpan attribute, DnnWireSpan *graph);

/* The spans of field @number of a message, in order. */
GArray *dnn_onnx_list_spans (DnnWireSpan span, guint number);

/**
 * dnn_onnx_read_tensor:
 * @span: a checked TensorProto
 * @place: what messages call it when it has no name
 * @name: (out) (optional) (nullable): its name, "" without; told of one that
 *   can't be read, too
 *
 * raw_data, packed float lists and external data are not copied unless they
 * are small and misaligned: the tensor holds the mapped file, and tells the
 * kernel when its pages are no longer needed.
 */
DnnTensor *dnn_onnx_read_tensor (DnnOnnxFile *file, DnnWireSpan span,
    const gchar *place, gchar **name, GError **error);

/* The same of a SparseTensorProto, made dense. Its values have the name.
 * dnn-onnx-sparse.c */
DnnTensor *dnn_onnx_read_sparse (DnnOnnxFile *file, DnnWireSpan span,
    const gchar *place, gchar **name, GError **error);

/* ONNX's TensorProto.DataType ↔ ours; INVALID for those we don't have. */
DnnType dnn_onnx_type_to_dnn (gint data_type);
gint dnn_onnx_type_from_dnn (DnnType type);
/* "float32", "string", "complex64", …: any number has a name. */
const gchar *dnn_onnx_type_name (gint data_type);

G_END_DECLS
