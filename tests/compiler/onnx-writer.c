/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Calls of tests → ModelProto → bytes. */
#include "config.h"

#include "tests/compiler/onnx-writer.h"

#include "compiler/onnx/dnn-onnx-read.h"
#include "pipeline-core/base/dnn-attrs.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define MAX_PIECES 512
#define MAX_FUNCTIONS 64

struct _OnnxWriter
{
  Onnx__ModelProto model;
  Onnx__GraphProto graph;
  Onnx__OperatorSetIdProto opset;
  Onnx__OperatorSetIdProto *opsets[1];
  Onnx__NodeProto *nodes[MAX_PIECES];
  Onnx__TensorProto *tensors[MAX_PIECES];
  Onnx__ValueInfoProto *inputs[MAX_PIECES];
  Onnx__ValueInfoProto *outputs[MAX_PIECES];
  Onnx__FunctionProto *functions[MAX_FUNCTIONS];
  gsize first_node; /* of the function at work */
  GPtrArray *memory;
};

gpointer
onnx_writer_alloc (OnnxWriter *self, gsize size)
{
  gpointer memory = g_malloc0 (MAX (size, 1));

  g_ptr_array_add (self->memory, memory);
  return memory;
}

static gchar *
copy_text (OnnxWriter *self, const gchar *text)
{
  gchar *copy = onnx_writer_alloc (self, strlen (text) + 1);

  memcpy (copy, text, strlen (text));
  return copy;
}

OnnxWriter *
onnx_writer_new (gint64 opset)
{
  OnnxWriter *self = g_new0 (OnnxWriter, 1);

  self->memory = g_ptr_array_new_with_free_func (g_free);
  onnx__model_proto__init (&self->model);
  onnx__graph_proto__init (&self->graph);
  onnx__operator_set_id_proto__init (&self->opset);
  self->opset.has_version = TRUE;
  self->opset.version = opset;
  self->opsets[0] = &self->opset;
  self->model.has_ir_version = TRUE;
  self->model.ir_version = 7;
  self->model.producer_name = copy_text (self, "tests");
  self->model.n_opset_import = 1;
  self->model.opset_import = self->opsets;
  self->model.graph = &self->graph;
  self->model.functions = self->functions;
  self->graph.name = copy_text (self, "g");
  self->graph.node = self->nodes;
  self->graph.initializer = self->tensors;
  self->graph.input = self->inputs;
  self->graph.output = self->outputs;
  return self;
}

void
onnx_writer_free (OnnxWriter *self)
{
  g_ptr_array_unref (self->memory);
  g_free (self);
}

/* ---- interfaces
 * ---------------------------------------------------------------- */

static Onnx__TensorShapeProto__Dimension *
make_dim (OnnxWriter *self, const gchar *text)
{
  Onnx__TensorShapeProto__Dimension *dim = onnx_writer_alloc (
      self, sizeof *dim);
  gint64 value;

  onnx__tensor_shape_proto__dimension__init (dim);
  if (dnn_text_to_int (text, &value)) {
    dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    dim->dim_value = value;
  } else if (strcmp (text, "?") != 0) {
    dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    dim->dim_param = copy_text (self, text);
  }
  return dim;
}

static Onnx__TensorShapeProto *
make_shape (OnnxWriter *self, const gchar *dims)
{
  Onnx__TensorShapeProto *shape = onnx_writer_alloc (self, sizeof *shape);
  g_auto (GStrv) parts = g_strsplit (dims, ",", -1);

  onnx__tensor_shape_proto__init (shape);
  shape->n_dim = *dims ? g_strv_length (parts) : 0;
  shape->dim = onnx_writer_alloc (self, shape->n_dim * sizeof (gpointer));
  for (gsize i = 0; i < shape->n_dim; i++)
    shape->dim[i] = make_dim (self, parts[i]);
  return shape;
}

static Onnx__ValueInfoProto *
make_value (
    OnnxWriter *self, const gchar *name, const gchar *dims, DnnType type)
{
  Onnx__ValueInfoProto *value = onnx_writer_alloc (self, sizeof *value);
  Onnx__TypeProto *proto = onnx_writer_alloc (self, sizeof *proto);
  Onnx__TypeProto__Tensor *tensor = onnx_writer_alloc (self, sizeof *tensor);

  onnx__value_info_proto__init (value);
  onnx__type_proto__init (proto);
  onnx__type_proto__tensor__init (tensor);
  value->name = copy_text (self, name);
  value->type = proto;
  proto->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  proto->tensor_type = tensor;
  tensor->has_elem_type = TRUE;
  tensor->elem_type = dnn_onnx_type_from_dnn (type);
  if (dims)
    tensor->shape = make_shape (self, dims);
  return value;
}

void
onnx_writer_input_typed (
    OnnxWriter *self, const gchar *name, const gchar *dims, DnnType type)
{
  g_assert_cmpuint (self->graph.n_input, <, MAX_PIECES);
  self->inputs[self->graph.n_input++] = make_value (self, name, dims, type);
}

void
onnx_writer_input (OnnxWriter *self, const gchar *name, const gchar *dims)
{
  onnx_writer_input_typed (self, name, dims, DNN_TYPE_FLOAT32);
}

void
onnx_writer_output (OnnxWriter *self, const gchar *name)
{
  g_assert_cmpuint (self->graph.n_output, <, MAX_PIECES);
  self->outputs[self->graph.n_output++] = make_value (
      self, name, NULL, DNN_TYPE_FLOAT32);
}

/* ---- initialisers
 * --------------------------------------------------------------- */

static Onnx__TensorProto *
make_tensor (
    OnnxWriter *self, const gchar *name, DnnType type, const DnnShape *shape)
{
  Onnx__TensorProto *tensor = onnx_writer_alloc (self, sizeof *tensor);

  g_assert_cmpuint (self->graph.n_initializer, <, MAX_PIECES);
  onnx__tensor_proto__init (tensor);
  self->tensors[self->graph.n_initializer++] = tensor;
  tensor->name = copy_text (self, name);
  tensor->has_data_type = TRUE;
  tensor->data_type = dnn_onnx_type_from_dnn (type);
  tensor->n_dims = shape->rank;
  tensor->dims = onnx_writer_alloc (self, shape->rank * sizeof (int64_t));
  for (gint i = 0; i < shape->rank; i++)
    tensor->dims[i] = shape->dims[i];
  return tensor;
}

/* The bits of one element, sign-extended where the type is signed. */
static gint64
get_bits (DnnType type, gconstpointer data, gsize idx)
{
  if (type == DNN_TYPE_FLOAT16 || type == DNN_TYPE_BFLOAT16)
    return ((const guint16 *) data)[idx];
  if (type == DNN_TYPE_INT64 || type == DNN_TYPE_UINT64)
    return ((const gint64 *) data)[idx];
  if (DNN_TYPES_SMALL & DNN_TYPE_BIT (type))
    return ((const guint8 *) data)[idx];
  return (gint64) dnn_type_get (type, data, idx);
}

static void
fill_typed (OnnxWriter *self, Onnx__TensorProto *proto, DnnTensor *tensor)
{
  DnnType type = dnn_tensor_get_element_type (tensor);
  gconstpointer data = dnn_tensor_get_data (tensor);
  gsize n = dnn_tensor_get_size (tensor) / dnn_type_size (type);
  gpointer list = onnx_writer_alloc (self, n * 8);

  if (type == DNN_TYPE_FLOAT32) {
    proto->n_float_data = n;
    proto->float_data = memcpy (list, data, n * 4);
  } else if (type == DNN_TYPE_FLOAT64) {
    proto->n_double_data = n;
    proto->double_data = memcpy (list, data, n * 8);
  } else if (type == DNN_TYPE_INT64) {
    proto->n_int64_data = n;
    proto->int64_data = memcpy (list, data, n * 8);
  } else if (type == DNN_TYPE_UINT64 || type == DNN_TYPE_UINT32) {
    proto->n_uint64_data = n;
    proto->uint64_data = list;
    for (gsize i = 0; i < n; i++)
      proto->uint64_data[i] = (guint64) get_bits (type, data, i);
  } else {
    proto->n_int32_data = n;
    proto->int32_data = list;
    for (gsize i = 0; i < n; i++)
      proto->int32_data[i] = (gint32) get_bits (type, data, i);
  }
}

void
onnx_writer_initializer (
    OnnxWriter *self, const gchar *name, DnnTensor *tensor, OnnxWriterData data)
{
  gsize size = dnn_tensor_get_size (tensor);
  Onnx__TensorProto *proto = make_tensor (self, name,
      dnn_tensor_get_element_type (tensor), dnn_tensor_get_shape (tensor));

  if (data == ONNX_WRITER_TYPED) {
    fill_typed (self, proto, tensor);
    return;
  }
  proto->has_raw_data = TRUE;
  proto->raw_data.len = size;
  proto->raw_data.data = onnx_writer_alloc (self, size);
  memcpy (proto->raw_data.data, dnn_tensor_get_data (tensor), size);
}

void
onnx_writer_floats (
    OnnxWriter *self, const gchar *name, DnnShape shape, const gfloat *values)
{
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_FLOAT32, &shape, values, NULL, NULL);

  onnx_writer_initializer (self, name, tensor, ONNX_WRITER_RAW);
}

void
onnx_writer_ints (
    OnnxWriter *self, const gchar *name, guint n, const gint64 *values)
{
  DnnShape shape = dnn_shape (1, (gint) n);
  g_autoptr (DnnTensor) tensor = dnn_tensor_new_wrapped (
      DNN_TYPE_INT64, &shape, values, NULL, NULL);

  onnx_writer_initializer (self, name, tensor, ONNX_WRITER_RAW);
}

void
onnx_writer_random (
    OnnxWriter *self, const gchar *name, DnnShape shape, guint32 seed)
{
  g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gfloat *data = dnn_tensor_get_writable_data (tensor);

  for (gint64 i = 0; i < dnn_shape_n_elements (&shape); i++)
    data[i] = (gfloat) g_rand_double_range (random, -1, 1);
  onnx_writer_initializer (self, name, tensor, ONNX_WRITER_RAW);
}

static Onnx__StringStringEntryProto *
make_entry (OnnxWriter *self, const gchar *key, const gchar *value)
{
  Onnx__StringStringEntryProto *entry = onnx_writer_alloc (self, sizeof *entry);

  onnx__string_string_entry_proto__init (entry);
  entry->key = copy_text (self, key);
  entry->value = copy_text (self, value);
  return entry;
}

void
onnx_writer_external (OnnxWriter *self, const gchar *name, DnnType type,
    DnnShape shape, const gchar *location, const gchar *offset,
    const gchar *length)
{
  Onnx__TensorProto *proto = make_tensor (self, name, type, &shape);

  proto->has_data_location = TRUE;
  proto->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
  proto->external_data = onnx_writer_alloc (self, 3 * sizeof (gpointer));
  proto->external_data[proto->n_external_data++] = make_entry (
      self, "location", location);
  if (offset)
    proto->external_data[proto->n_external_data++] = make_entry (
        self, "offset", offset);
  if (length)
    proto->external_data[proto->n_external_data++] = make_entry (
        self, "length", length);
}

/* ---- nodes
 * ------------------------------------------------------------------------ */

static gchar **
copy_names (OnnxWriter *self, const gchar *text, gsize *n)
{
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  gchar **names;

  *n = *text ? g_strv_length (parts) : 0;
  names = onnx_writer_alloc (self, *n * sizeof (gpointer));
  for (gsize i = 0; i < *n; i++)
    names[i] = copy_text (self, strcmp (parts[i], "-") == 0 ? "" : parts[i]);
  return names;
}

static void
fill_list (OnnxWriter *self, Onnx__AttributeProto *attr, const gchar *kind,
    const gchar *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  gsize n = *text ? g_strv_length (parts) : 0;

  if (strcmp (kind, "is") == 0) {
    attr->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
    attr->n_ints = n;
    attr->ints = onnx_writer_alloc (self, n * sizeof (int64_t));
    for (gsize i = 0; i < n; i++)
      attr->ints[i] = g_ascii_strtoll (parts[i], NULL, 10);
    return;
  }
  g_assert_cmpstr (kind, ==, "fs");
  attr->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS;
  attr->n_floats = n;
  attr->floats = onnx_writer_alloc (self, n * sizeof (float));
  for (gsize i = 0; i < n; i++)
    attr->floats[i] = (gfloat) g_ascii_strtod (parts[i], NULL);
}

static Onnx__AttributeProto *
make_attr (OnnxWriter *self, const gchar *text)
{
  g_auto (GStrv) halves = g_strsplit (text, "=", 2);
  g_auto (GStrv) value = g_strsplit (halves[1], ":", 2);
  Onnx__AttributeProto *attr = onnx_writer_alloc (self, sizeof *attr);

  onnx__attribute_proto__init (attr);
  attr->name = copy_text (self, halves[0]);
  attr->has_type = TRUE;
  if (strcmp (value[0], "i") == 0) {
    attr->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    attr->has_i = TRUE;
    attr->i = g_ascii_strtoll (value[1], NULL, 10);
  } else if (strcmp (value[0], "f") == 0) {
    attr->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
    attr->has_f = TRUE;
    attr->f = (gfloat) g_ascii_strtod (value[1], NULL);
  } else if (strcmp (value[0], "s") == 0) {
    attr->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
    attr->has_s = TRUE;
    attr->s.len = strlen (value[1]);
    attr->s.data = (uint8_t *) copy_text (self, value[1]);
  } else if (strcmp (value[0], "r") == 0) {
    attr->has_type = FALSE;
    attr->ref_attr_name = copy_text (self, value[1]);
  } else {
    fill_list (self, attr, value[0], value[1]);
  }
  return attr;
}

void
onnx_writer_node (OnnxWriter *self, const gchar *op, const gchar *inputs,
    const gchar *outputs, const gchar *attrs)
{
  Onnx__NodeProto *node = onnx_writer_alloc (self, sizeof *node);
  g_auto (GStrv) parts = g_strsplit (attrs, " ", -1);

  g_assert_cmpuint (self->graph.n_node, <, MAX_PIECES);
  onnx__node_proto__init (node);
  self->nodes[self->graph.n_node++] = node;
  node->op_type = copy_text (self, op);
  node->input = copy_names (self, inputs, &node->n_input);
  node->output = copy_names (self, outputs, &node->n_output);
  node->name = copy_text (self, node->n_output > 0 ? node->output[0] : op);
  node->n_attribute = *attrs ? g_strv_length (parts) : 0;
  node->attribute = onnx_writer_alloc (
      self, node->n_attribute * sizeof (gpointer));
  for (gsize i = 0; i < node->n_attribute; i++)
    node->attribute[i] = make_attr (self, parts[i]);
}

/* ---- functions
 * -------------------------------------------------------------------------- */

void
onnx_writer_begin_function (OnnxWriter *self)
{
  self->first_node = self->graph.n_node;
}

static Onnx__OperatorSetIdProto **
make_opset (OnnxWriter *self, gint64 version)
{
  Onnx__OperatorSetIdProto **list = onnx_writer_alloc (self, sizeof *list);

  *list = onnx_writer_alloc (self, sizeof **list);
  onnx__operator_set_id_proto__init (*list);
  (*list)->has_version = TRUE;
  (*list)->version = version;
  return list;
}

/* Field attribute_proto, which editions of onnx.proto before 1.13 lack. */
static void
add_default (
    OnnxWriter *self, ProtobufCMessageUnknownField *field, const gchar *text)
{
  Onnx__AttributeProto *attr = make_attr (self, text);
  gsize size = onnx__attribute_proto__get_packed_size (attr);

  g_assert_cmpuint (size, <, 128); /* its length is one byte */
  field->tag = 11;
  field->wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
  field->len = size + 1;
  field->data = onnx_writer_alloc (self, size + 1);
  field->data[0] = (uint8_t) size;
  onnx__attribute_proto__pack (attr, field->data + 1);
}

void
onnx_writer_end_function (OnnxWriter *self, const gchar *domain,
    const gchar *name, const gchar *inputs, const gchar *outputs,
    const gchar *defaults, gint64 opset)
{
  Onnx__FunctionProto *function = onnx_writer_alloc (self, sizeof *function);
  g_auto (GStrv) parts = g_strsplit (defaults, " ", -1);
  gsize n = self->graph.n_node - self->first_node;

  g_assert_cmpuint (self->model.n_functions, <, MAX_FUNCTIONS);
  onnx__function_proto__init (function);
  self->functions[self->model.n_functions++] = function;
  function->domain = copy_text (self, domain);
  function->name = copy_text (self, name);
  function->input = copy_names (self, inputs, &function->n_input);
  function->output = copy_names (self, outputs, &function->n_output);
  function->n_node = n;
  function->node = onnx_writer_alloc (self, n * sizeof (gpointer));
  for (gsize i = 0; i < n; i++)
    function->node[i] = self->nodes[self->first_node + i];
  self->graph.n_node = self->first_node;
  function->n_opset_import = 1;
  function->opset_import = make_opset (
      self, opset ? opset : self->opset.version);
  function->base.n_unknown_fields = *defaults ? g_strv_length (parts) : 0;
  function->base.unknown_fields = onnx_writer_alloc (self,
      function->base.n_unknown_fields * sizeof *function->base.unknown_fields);
  for (guint i = 0; i < function->base.n_unknown_fields; i++)
    add_default (self, &function->base.unknown_fields[i], parts[i]);
}

void
onnx_writer_call (OnnxWriter *self, const gchar *domain, const gchar *name,
    const gchar *inputs, const gchar *outputs, const gchar *attrs)
{
  onnx_writer_node (self, name, inputs, outputs, attrs);
  onnx_writer_last_node (self)->domain = copy_text (self, domain);
}

Onnx__NodeProto *
onnx_writer_last_node (OnnxWriter *self)
{
  return self->nodes[self->graph.n_node - 1];
}

Onnx__ModelProto *
onnx_writer_get_model (OnnxWriter *self)
{
  return &self->model;
}

/* ---- files
 * ------------------------------------------------------------------------- */

GBytes *
onnx_writer_pack (OnnxWriter *self)
{
  gsize size = onnx__model_proto__get_packed_size (&self->model);
  guint8 *data = g_malloc (MAX (size, 1));

  onnx__model_proto__pack (&self->model, data);
  return g_bytes_new_take (data, size);
}

/* g_file_set_contents() waits for the disk, and so do file systems when a file
 * is overwritten. */
void
onnx_writer_write_file (const gchar *path, gconstpointer data, gsize size)
{
  FILE *file;

  g_remove (path);
  file = g_fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

gchar *
onnx_writer_save (OnnxWriter *self, const gchar *dir, const gchar *file_name)
{
  g_autoptr (GBytes) bytes = onnx_writer_pack (self);
  gchar *path = g_build_filename (dir, file_name, NULL);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  onnx_writer_write_file (path, data, size);
  return path;
}
