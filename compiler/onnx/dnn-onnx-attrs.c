/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* AttributeProtos of a node → text attributes; those of Constant → a tensor.
 * Next: dnn-onnx-import.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-import.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* Field number of onnx.proto. */
#define NODE_ATTRIBUTE 5

static gboolean fail (DnnOnnxFile *file, const gchar *node, const gchar *attr,
    GError **error, DnnError code, const gchar *format, ...)
    G_GNUC_PRINTF (6, 7);

static gboolean
fail (DnnOnnxFile *file, const gchar *node, const gchar *attr, GError **error,
    DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "%s: node \"%s\": attribute \"%s\": %s",
      file->path, node, attr, text);
  return FALSE;
}

/* Files older than the field `type` say it by what is there. */
static Onnx__AttributeProto__AttributeType
get_type (const Onnx__AttributeProto *attr, const DnnWireSpan *tensor)
{
  if (attr->has_type &&
      attr->type != ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__UNDEFINED)
    return attr->type;
  if (attr->has_f)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
  if (attr->has_i)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
  if (attr->has_s)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
  if (attr->n_floats > 0)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS;
  if (attr->n_ints > 0)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
  if (attr->n_strings > 0)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS;
  if (tensor->data)
    return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
  return ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__UNDEFINED;
}

static gboolean
check_text (const ProtobufCBinaryData *bytes)
{
  return g_utf8_validate_len ((const gchar *) bytes->data, bytes->len, NULL);
}

static gboolean
set_string (DnnAttrs *attrs, const gchar *key, const ProtobufCBinaryData *bytes)
{
  g_autofree gchar *text = NULL;

  if (!check_text (bytes))
    return FALSE;
  text = g_strndup ((const gchar *) bytes->data, bytes->len);
  dnn_attrs_set (attrs, key, text ? text : "");
  return TRUE;
}

static gboolean
set_strings (DnnAttrs *attrs, const Onnx__AttributeProto *attr)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();
  g_autofree gchar *text = NULL;

  json_node_take_array (node, array);
  for (gsize i = 0; i < attr->n_strings; i++) {
    const ProtobufCBinaryData *bytes = &attr->strings[i];
    g_autofree gchar *item = NULL;
    if (!check_text (bytes))
      return FALSE;
    item = g_strndup ((const gchar *) bytes->data, bytes->len);
    json_array_add_string_element (array, item ? item : "");
  }
  text = json_to_string (node, FALSE);
  dnn_attrs_set (attrs, attr->name, text);
  return TRUE;
}

static const gchar *
describe_unsupported (Onnx__AttributeProto__AttributeType type)
{
  switch (type) {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH:
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPHS:
      return "lists of graphs are not supported";
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR:
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSORS:
      return "a tensor as attribute is supported for Constant only";
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSOR:
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSORS:
      return "sparse tensors are not supported";
    default:
      return "this type of attribute is not supported";
  }
}

/* One attribute into @attrs. */
static gboolean
set_attr (DnnOnnxFile *file, const gchar *node, DnnAttrs *attrs,
    const Onnx__AttributeProto *attr, const DnnWireSpan *tensor, GError **error)
{
  gboolean ok = TRUE;

  switch (get_type (attr, tensor)) {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT:
      dnn_attrs_set_float (attrs, attr->name, attr->f);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT:
      dnn_attrs_set_int (attrs, attr->name, attr->i);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS:
      dnn_attrs_set_floats (attrs, attr->name, attr->floats, attr->n_floats);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS:
      dnn_attrs_set_ints (
          attrs, attr->name, (const gint64 *) attr->ints, attr->n_ints);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING:
      ok = set_string (attrs, attr->name, &attr->s);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS:
      ok = set_strings (attrs, attr);
      break;
    default:
      return fail (file, node, attr->name, error, DNN_ERROR_UNSUPPORTED, "%s",
          describe_unsupported (get_type (attr, tensor)));
  }
  if (ok)
    return TRUE;
  return fail (file, node, attr->name, error, DNN_ERROR_FORMAT,
      "its text is not valid UTF-8");
}

/* ConstantOfShape's "value", a tensor of one element: two texts, exact. */
static gboolean
set_filler (DnnOnnxFile *file, const gchar *node, DnnAttrs *attrs,
    const DnnWireSpan *span, GError **error)
{
  g_autoptr (DnnTensor)
      tensor = dnn_onnx_read_tensor (file, *span, node, NULL, error);
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];
  gconstpointer data;
  DnnType type;

  if (!tensor)
    return FALSE;
  type = dnn_tensor_get_element_type (tensor);
  if (dnn_tensor_get_size (tensor) != dnn_type_size (type))
    return fail (file, node, "value", error, DNN_ERROR_SHAPE,
        "it has %" G_GSIZE_FORMAT " elements, expected one",
        dnn_tensor_get_size (tensor) / dnn_type_size (type));
  data = dnn_tensor_get_data (tensor);
  dnn_attrs_set (attrs, "dtype", dnn_type_name (type));
  if (type == DNN_TYPE_INT64 || type == DNN_TYPE_UINT64) {
    gint64 bits;
    memcpy (&bits, data, sizeof bits);
    dnn_attrs_set_int (attrs, "value", bits);
    return TRUE;
  }
  g_ascii_dtostr (text, sizeof text, dnn_type_get (type, data, 0));
  dnn_attrs_set (attrs, "value", text);
  return TRUE;
}

static gboolean
is_filler (const DnnNode *node, const Onnx__AttributeProto *attr,
    const DnnWireSpan *tensor)
{
  return g_str_equal (node->op, "ConstantOfShape") && tensor->data &&
      g_str_equal (attr->name, "value") &&
      get_type (attr, tensor) == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR;
}

/* An attribute with a name of its own and no reference to a function's. */
static gboolean
check_attr (DnnOnnxFile *file, const gchar *node,
    const Onnx__AttributeProto *attr, GError **error)
{
  if (!attr || !attr->name || !*attr->name)
    return fail (file, node, "", error, DNN_ERROR_FORMAT,
        "the attribute is damaged: it has no name");
  return TRUE;
}

static gboolean
is_reference (const Onnx__AttributeProto *attr)
{
  return attr && attr->ref_attr_name && *attr->ref_attr_name;
}

/* What *@attr refers to takes its place, under its name: NULL if the function
 * is called without. */
static gboolean
follow_reference (DnnOnnxFile *file, const gchar *node, const DnnOnnxCall *call,
    Onnx__AttributeProto **attr, DnnWireSpan *tensor, GError **error)
{
  Onnx__AttributeProto *own = *attr, *other = NULL;
  DnnWireSpan span;

  if (!call)
    return fail (file, node, own->name, error, DNN_ERROR_FORMAT,
        "it refers to \"%s\" of a function, but stands in none",
        own->ref_attr_name);
  if (dnn_onnx_call_find_attr (call, own->ref_attr_name, &span)) {
    other = dnn_onnx_unpack_attribute (span, tensor);
    if (!check_attr (file, node, other, error)) {
      if (other)
        onnx__attribute_proto__free_unpacked (other, NULL);
      return FALSE;
    }
    g_free (other->name);
    other->name = g_strdup (own->name);
  }
  onnx__attribute_proto__free_unpacked (own, NULL);
  *attr = other;
  return TRUE;
}

/* The attribute of that span, after references: *@attr NULL if it refers to one
 * that nobody gives. */
static gboolean
read_attr (DnnOnnxFile *file, const gchar *node, const DnnOnnxCall *call,
    DnnWireSpan span, Onnx__AttributeProto **attr, DnnWireSpan *tensor,
    GError **error)
{
  *attr = dnn_onnx_unpack_attribute (span, tensor);
  if (!check_attr (file, node, *attr, error))
    return FALSE;
  return !is_reference (*attr) ||
      follow_reference (file, node, call, attr, tensor, error);
}

/* dnn-onnx-subgraph.c's. */
static gboolean
is_graph (const Onnx__AttributeProto *attr, DnnWireSpan span)
{
  DnnWireSpan graph;

  return (!attr->has_type ||
             attr->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH) &&
      dnn_onnx_find_graph (span, &graph);
}

gboolean
dnn_onnx_import_attrs (DnnOnnxFile *file, DnnWireSpan span, DnnNode *node,
    const DnnOnnxCall *call, GError **error)
{
  g_autoptr (GArray) spans = dnn_onnx_list_spans (span, NODE_ATTRIBUTE);
  const gchar *place = node->name;
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < spans->len; i++) {
    DnnWireSpan tensor;
    Onnx__AttributeProto *attr;
    ok = read_attr (file, place, call, g_array_index (spans, DnnWireSpan, i),
        &attr, &tensor, error);
    if (ok && attr && dnn_attrs_get (node->attrs, attr->name))
      ok = fail (file, place, attr->name, error, DNN_ERROR_FORMAT,
          "it is given twice");
    if (ok && attr && !is_graph (attr, g_array_index (spans, DnnWireSpan, i)))
      ok = is_filler (node, attr, &tensor)
          ? set_filler (file, place, node->attrs, &tensor, error)
          : set_attr (file, place, node->attrs, attr, &tensor, error);
    if (attr)
      onnx__attribute_proto__free_unpacked (attr, NULL);
  }
  return ok;
}

/* ---- Constant --------------------------------------------------------------
 */

static DnnTensor *
make_constant (DnnType type, const DnnShape *shape, gconstpointer src)
{
  DnnTensor *tensor = dnn_tensor_new (type, shape);

  if (dnn_tensor_get_size (tensor) > 0)
    memcpy (dnn_tensor_get_writable_data (tensor), src,
        dnn_tensor_get_size (tensor));
  return tensor;
}

/* value, sparse_value, value_float, value_floats, value_int, value_ints. */
static DnnTensor *
read_constant (DnnOnnxFile *file, const gchar *node,
    const Onnx__AttributeProto *attr, const DnnWireSpan *tensor, GError **error)
{
  DnnShape scalar = dnn_shape (0);
  DnnShape list = dnn_shape (1, (gint) MAX (attr->n_floats, attr->n_ints));

  switch (get_type (attr, tensor)) {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR:
      if (tensor->data)
        return dnn_onnx_read_tensor (file, *tensor, node, NULL, error);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSOR:
      if (tensor->data)
        return dnn_onnx_read_sparse (file, *tensor, node, NULL, error);
      break;
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT:
      return make_constant (DNN_TYPE_FLOAT32, &scalar, &attr->f);
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT:
      return make_constant (DNN_TYPE_INT64, &scalar, &attr->i);
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS:
      return make_constant (DNN_TYPE_FLOAT32, &list, attr->floats);
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS:
      return make_constant (DNN_TYPE_INT64, &list, attr->ints);
    default:
      break;
  }
  fail (file, node, attr->name, error, DNN_ERROR_UNSUPPORTED,
      "strings are not supported");
  return NULL;
}

DnnTensor *
dnn_onnx_import_constant (DnnOnnxFile *file, DnnWireSpan span,
    const gchar *node_name, const DnnOnnxCall *call, GError **error)
{
  g_autoptr (GArray) spans = dnn_onnx_list_spans (span, NODE_ATTRIBUTE);
  DnnTensor *result = NULL;
  Onnx__AttributeProto *attr;
  DnnWireSpan tensor;

  if (spans->len != 1) {
    fail (file, node_name, "value", error, DNN_ERROR_FORMAT,
        "Constant has %u attributes, expected one", spans->len);
    return NULL;
  }
  if (read_attr (file, node_name, call, g_array_index (spans, DnnWireSpan, 0),
          &attr, &tensor, error)) {
    if (attr)
      result = read_constant (file, node_name, attr, &tensor, error);
    else
      fail (file, node_name, "value", error, DNN_ERROR_FORMAT,
          "it refers to an attribute that the function is called without");
  }
  if (attr)
    onnx__attribute_proto__free_unpacked (attr, NULL);
  return result;
}
