/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX file → DnnOnnxModel: header messages and spans of nodes and tensors.
 * Next: dnn-onnx-tensor.c, dnn-onnx-import.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-read.h"

#include "pipeline-core/base/dnn-file.h"

/* Field numbers of onnx.proto. */
enum
{
  MODEL_GRAPH = 7,
  MODEL_TRAINING_INFO = 20,
  MODEL_FUNCTIONS = 25,
  GRAPH_NODE = 1,
  GRAPH_INITIALIZER = 5,
  GRAPH_VALUE_INFO = 13,
  GRAPH_SPARSE_INITIALIZER = 15,
  NODE_ATTRIBUTE = 5,
  ATTRIBUTE_T = 5,
  ATTRIBUTE_G = 6,
  ATTRIBUTE_TENSORS = 10,
  ATTRIBUTE_GRAPHS = 11,
  ATTRIBUTE_SPARSE_TENSOR = 22,
  ATTRIBUTE_SPARSE_TENSORS = 23,
};

DnnOnnxFile *
dnn_onnx_file_open (const gchar *path, GError **error)
{
  DnnFileStamp *stamp = dnn_file_stamp_new (path, error);
  GMappedFile *map = stamp ? dnn_file_map (path, error) : NULL;
  DnnOnnxFile *self;

  if (!map) {
    dnn_file_stamp_free (stamp);
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  self = g_new0 (DnnOnnxFile, 1);
  self->path = g_strdup (path);
  self->dir = g_path_get_dirname (path);
  self->map = map;
  self->stamps = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_file_stamp_free);
  g_ptr_array_add (self->stamps, stamp);
  self->external = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_mapped_file_unref);
  return self;
}

void
dnn_onnx_file_free (DnnOnnxFile *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->external);
  g_mapped_file_unref (self->map);
  g_ptr_array_unref (self->stamps);
  g_free (self->dir);
  g_free (self->path);
  g_free (self);
}

DnnWireSpan
dnn_onnx_file_get_span (const DnnOnnxFile *self)
{
  DnnWireSpan span;

  span.data = (const guint8 *) g_mapped_file_get_contents (self->map);
  span.size = g_mapped_file_get_length (self->map);
  return span;
}

void
dnn_onnx_model_free (DnnOnnxModel *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->nodes, g_array_unref);
  g_clear_pointer (&self->initializers, g_array_unref);
  g_clear_pointer (&self->sparse_initializers, g_array_unref);
  g_clear_pointer (&self->value_infos, g_array_unref);
  g_clear_pointer (&self->functions, g_array_unref);
  if (self->header && !self->is_subgraph)
    onnx__model_proto__free_unpacked (self->header, NULL);
  if (self->graph)
    onnx__graph_proto__free_unpacked (self->graph, NULL);
  if (!self->is_subgraph)
    dnn_onnx_file_free (self->file);
  g_free (self);
}

GArray *
dnn_onnx_list_spans (DnnWireSpan span, guint number)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (DnnWireSpan));
  DnnWireReader reader;
  DnnWireField field;

  dnn_wire_reader_init (&reader, span);
  while (dnn_wire_reader_next (&reader, &field))
    if (field.number == number &&
        field.wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
      g_array_append_val (spans, field.bytes);
  return spans;
}

static gboolean
fail_at_end (DnnOnnxModel *self, const gchar *what, GError **error)
{
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
      "%s: byte %" G_GSIZE_FORMAT
      ": the file ends without %s: it is cut off, or no ONNX model",
      self->file->path, dnn_onnx_file_get_span (self->file).size, what);
  return FALSE;
}

/* The one graph of the model. */
static gboolean
find_graph (DnnOnnxModel *self, DnnWireSpan *graph, GError **error)
{
  DnnWireSpan span = dnn_onnx_file_get_span (self->file);
  g_autoptr (GArray) graphs = dnn_onnx_list_spans (span, MODEL_GRAPH);

  if (graphs->len == 0)
    return fail_at_end (self, "a graph", error);
  *graph = g_array_index (graphs, DnnWireSpan, 0);
  if (graphs->len == 1)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
      "%s: byte %" G_GSIZE_FORMAT ": a second graph; a model has one",
      self->file->path,
      (gsize) (g_array_index (graphs, DnnWireSpan, 1).data - span.data));
  return FALSE;
}

static Onnx__GraphProto *
unpack_graph (DnnWireSpan span)
{
  static const guint skip[] = { GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_VALUE_INFO,
    GRAPH_SPARSE_INITIALIZER };

  return (Onnx__GraphProto *) dnn_wire_unpack (
      span, &onnx__graph_proto__descriptor, skip, G_N_ELEMENTS (skip));
}

static gboolean
unpack_headers (DnnOnnxModel *self, DnnWireSpan graph, GError **error)
{
  static const guint model_skip[] = { MODEL_GRAPH, MODEL_TRAINING_INFO,
    MODEL_FUNCTIONS };
  DnnWireSpan span = dnn_onnx_file_get_span (self->file);

  self->header = (Onnx__ModelProto *) dnn_wire_unpack (span,
      &onnx__model_proto__descriptor, model_skip, G_N_ELEMENTS (model_skip));
  self->graph = unpack_graph (graph);
  if (self->header && self->graph)
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT,
      "%s: byte %" G_GSIZE_FORMAT ": the header of the %s is damaged",
      self->file->path, (gsize) (self->header ? graph.data - span.data : 0),
      self->header ? "graph" : "model");
  return FALSE;
}

static void
list_parts (DnnOnnxModel *self, DnnWireSpan graph)
{
  self->nodes = dnn_onnx_list_spans (graph, GRAPH_NODE);
  self->initializers = dnn_onnx_list_spans (graph, GRAPH_INITIALIZER);
  self->sparse_initializers = dnn_onnx_list_spans (
      graph, GRAPH_SPARSE_INITIALIZER);
  self->value_infos = dnn_onnx_list_spans (graph, GRAPH_VALUE_INFO);
}

static gboolean
read_model (DnnOnnxModel *self, GError **error)
{
  DnnWireSpan span = dnn_onnx_file_get_span (self->file), graph;

  if (span.size == 0)
    return fail_at_end (self, "any content", error);
  if (!dnn_wire_check (
          span, &onnx__model_proto__descriptor, self->file->path, error) ||
      !find_graph (self, &graph, error) || !unpack_headers (self, graph, error))
    return FALSE;
  list_parts (self, graph);
  self->functions = dnn_onnx_list_spans (span, MODEL_FUNCTIONS);
  if (self->header->n_opset_import == 0)
    return fail_at_end (self, "an opset_import", error);
  return TRUE;
}

DnnOnnxModel *
dnn_onnx_model_open (const gchar *path, GError **error)
{
  g_autoptr (DnnOnnxModel) self = g_new0 (DnnOnnxModel, 1);

  self->file = dnn_onnx_file_open (path, error);
  if (!self->file || !read_model (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

DnnOnnxModel *
dnn_onnx_model_open_subgraph (const DnnOnnxModel *self, DnnWireSpan graph)
{
  g_autoptr (DnnOnnxModel) inner = g_new0 (DnnOnnxModel, 1);

  inner->is_subgraph = TRUE;
  inner->file = self->file;
  inner->header = self->header;
  inner->graph = unpack_graph (graph);
  list_parts (inner, graph);
  return inner->graph ? g_steal_pointer (&inner) : NULL;
}

gboolean
dnn_onnx_find_graph (DnnWireSpan attribute, DnnWireSpan *graph)
{
  g_autoptr (GArray) graphs = dnn_onnx_list_spans (attribute, ATTRIBUTE_G);

  if (graphs->len == 0)
    return FALSE;
  *graph = g_array_index (graphs, DnnWireSpan, graphs->len - 1);
  return TRUE;
}

Onnx__NodeProto *
dnn_onnx_unpack_node (DnnWireSpan span)
{
  static const guint skip[] = { NODE_ATTRIBUTE };

  return (Onnx__NodeProto *) dnn_wire_unpack (
      span, &onnx__node_proto__descriptor, skip, G_N_ELEMENTS (skip));
}

Onnx__AttributeProto *
dnn_onnx_unpack_attribute (DnnWireSpan span, DnnWireSpan *tensor)
{
  static const guint skip[] = { ATTRIBUTE_T, ATTRIBUTE_G, ATTRIBUTE_TENSORS,
    ATTRIBUTE_GRAPHS, ATTRIBUTE_SPARSE_TENSOR, ATTRIBUTE_SPARSE_TENSORS };
  g_autoptr (GArray) tensors = dnn_onnx_list_spans (span, ATTRIBUTE_T);
  g_autoptr (GArray)
      sparse = dnn_onnx_list_spans (span, ATTRIBUTE_SPARSE_TENSOR);

  tensor->data = NULL;
  tensor->size = 0;
  if (tensors->len > 0)
    *tensor = g_array_index (tensors, DnnWireSpan, tensors->len - 1);
  else if (sparse->len > 0)
    *tensor = g_array_index (sparse, DnnWireSpan, sparse->len - 1);
  return (Onnx__AttributeProto *) dnn_wire_unpack (
      span, &onnx__attribute_proto__descriptor, skip, G_N_ELEMENTS (skip));
}
