/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A TensorProto in a mapped file → DnnTensor whose bytes stay there, or are
 * converted from a typed list. Next: dnn-onnx-import.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-read.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/base/dnn-pages.h"
#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/base/dnn-type-small.h"

/* Misaligned tensors up to this size are copied, so that those which planning
 * reads as numbers are aligned; larger ones of floating-point numbers are only
 * packed or written. */
#define MAX_COPY 65536

/* Field numbers of onnx.proto. */
enum
{
  TENSOR_FLOAT_DATA = 4,
  TENSOR_INT32_DATA = 5,
  TENSOR_STRING_DATA = 6,
  TENSOR_INT64_DATA = 7,
  TENSOR_RAW_DATA = 9,
  TENSOR_DOUBLE_DATA = 10,
  TENSOR_UINT64_DATA = 11,
};

/* One row a data type of ONNX. */
typedef struct
{
  gint data_type;
  DnnType type;
  const gchar *name;
  guint field; /* its typed list */
} TypeRow;

static const TypeRow type_rows[] = {
  { 1, DNN_TYPE_FLOAT32, "float32", TENSOR_FLOAT_DATA },
  { 2, DNN_TYPE_UINT8, "uint8", TENSOR_INT32_DATA },
  { 3, DNN_TYPE_INT8, "int8", TENSOR_INT32_DATA },
  { 4, DNN_TYPE_UINT16, "uint16", TENSOR_INT32_DATA },
  { 5, DNN_TYPE_INT16, "int16", TENSOR_INT32_DATA },
  { 6, DNN_TYPE_INT32, "int32", TENSOR_INT32_DATA },
  { 7, DNN_TYPE_INT64, "int64", TENSOR_INT64_DATA },
  { 8, DNN_TYPE_INVALID, "string", TENSOR_STRING_DATA },
  { 9, DNN_TYPE_BOOL, "bool", TENSOR_INT32_DATA },
  { 10, DNN_TYPE_FLOAT16, "float16", TENSOR_INT32_DATA },
  { 11, DNN_TYPE_FLOAT64, "float64", TENSOR_DOUBLE_DATA },
  { 12, DNN_TYPE_UINT32, "uint32", TENSOR_UINT64_DATA },
  { 13, DNN_TYPE_UINT64, "uint64", TENSOR_UINT64_DATA },
  { 14, DNN_TYPE_INVALID, "complex64", TENSOR_FLOAT_DATA },
  { 15, DNN_TYPE_INVALID, "complex128", TENSOR_DOUBLE_DATA },
  { 16, DNN_TYPE_BFLOAT16, "bfloat16", TENSOR_INT32_DATA },
  { 17, DNN_TYPE_FLOAT8E4M3FN, "float8e4m3fn", TENSOR_INT32_DATA },
  { 18, DNN_TYPE_FLOAT8E4M3FNUZ, "float8e4m3fnuz", TENSOR_INT32_DATA },
  { 19, DNN_TYPE_FLOAT8E5M2, "float8e5m2", TENSOR_INT32_DATA },
  { 20, DNN_TYPE_FLOAT8E5M2FNUZ, "float8e5m2fnuz", TENSOR_INT32_DATA },
  { 21, DNN_TYPE_UINT4, "uint4", TENSOR_INT32_DATA },
  { 22, DNN_TYPE_INT4, "int4", TENSOR_INT32_DATA },
  { 23, DNN_TYPE_FLOAT4E2M1, "float4e2m1", TENSOR_INT32_DATA },
  { 24, DNN_TYPE_FLOAT8E8M0, "float8e8m0", TENSOR_INT32_DATA },
  { 25, DNN_TYPE_UINT2, "uint2", TENSOR_INT32_DATA },
  { 26, DNN_TYPE_INT2, "int2", TENSOR_INT32_DATA },
};

static const TypeRow *
find_type (gint data_type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_rows); i++)
    if (type_rows[i].data_type == data_type)
      return &type_rows[i];
  return NULL;
}

DnnType
dnn_onnx_type_to_dnn (gint data_type)
{
  const TypeRow *row = find_type (data_type);

  return row ? row->type : DNN_TYPE_INVALID;
}

gint
dnn_onnx_type_from_dnn (DnnType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_rows); i++)
    if (type_rows[i].type == type)
      return type_rows[i].data_type;
  return 0;
}

const gchar *
dnn_onnx_type_name (gint data_type)
{
  const TypeRow *row = find_type (data_type);

  return row ? row->name : "undefined";
}

/* What one tensor is read from. */
typedef struct
{
  DnnOnnxFile *file;
  Onnx__TensorProto *header;
  const TypeRow *row;
  const gchar *name; /* for messages */
  gsize offset; /* of the TensorProto in the file */
  DnnWireSpan span;
  DnnShape shape;
  gsize n_elements;
} Source;

static gpointer fail (const Source *src, GError **error, DnnError code,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gpointer
fail (
    const Source *src, GError **error, DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code,
      "%s: byte %" G_GSIZE_FORMAT ": tensor \"%s\": %s", src->file->path,
      src->offset, src->name, text);
  return NULL;
}

/* A tensor's part of a map: gives its pages back to the kernel with the last
 * reference, so that weights which were folded into others cost nothing. */
typedef struct
{
  GMappedFile *map;
  gconstpointer data;
  gsize size;
} Held;

static void
release_held (gpointer user_data)
{
  Held *held = user_data;

  dnn_pages_release (held->data, held->size);
  g_mapped_file_unref (held->map);
  g_free (held);
}

/* Weights are packed from wherever they lie; what may be read as numbers stands
 * on an address of its type. */
static gboolean
is_to_be_copied (const Source *src, gconstpointer data, gsize size)
{
  gboolean is_float = (DNN_TYPES_FLOAT & DNN_TYPE_BIT (src->row->type)) != 0;

  if (size <= MAX_COPY)
    return (guintptr) data % DNN_ALIGNMENT != 0;
  return !is_float && (guintptr) data % dnn_type_size (src->row->type) != 0;
}

/* Bytes in the file. */
static gsize
get_stored (const Source *src)
{
  guint n = dnn_type_n_packed (src->row->type);

  return (src->n_elements * dnn_type_size (src->row->type) + n - 1) / n;
}

/* Several elements a byte, the first in the lowest bits → a byte each. */
static DnnTensor *
unpack (const Source *src, const guint8 *data)
{
  DnnType type = src->row->type;
  DnnTensor *tensor = dnn_tensor_new (type, &src->shape);
  guint8 *dst = dnn_tensor_get_writable_data (tensor);
  guint n = dnn_type_n_packed (type), n_bits = 8 / n;

  for (gsize i = 0; i < src->n_elements; i++) {
    guint8 bits = data[i / n] >> (i % n * n_bits) & ((1 << n_bits) - 1);
    dst[i] = type == DNN_TYPE_FLOAT4E2M1 ? bits : dnn_small_wrap (type, bits);
  }
  return tensor;
}

static DnnTensor *
wrap_mapped (
    const Source *src, GMappedFile *map, gconstpointer data, gsize size)
{
  DnnTensor *tensor;
  Held *held;

  if (dnn_type_n_packed (src->row->type) > 1)
    return unpack (src, data);
  if (is_to_be_copied (src, data, size)) {
    DnnTensor *copy = dnn_tensor_new (src->row->type, &src->shape);
    memcpy (dnn_tensor_get_writable_data (copy), data, size);
    return copy;
  }
  held = g_new (Held, 1);
  held->map = g_mapped_file_ref (map);
  held->data = data;
  held->size = size;
  tensor = dnn_tensor_new_wrapped (
      src->row->type, &src->shape, data, release_held, held);
  dnn_tensor_set_in_file (tensor);
  return tensor;
}

static gboolean
check_size (const Source *src, guint64 found, GError **error)
{
  gsize expected = get_stored (src);
  g_autofree gchar *shape = NULL;

  if (found == expected)
    return TRUE;
  shape = dnn_shape_to_string (&src->shape);
  fail (src, error, DNN_ERROR_FORMAT,
      "%" G_GUINT64_FORMAT
      " bytes of data; %s of shape %s takes %" G_GSIZE_FORMAT,
      found, src->row->name, shape, expected);
  return FALSE;
}

/* ---- external data --------------------------------------------------------
 */

/* The location must not lead out of the model's folder, by ".." or links. */
static gboolean
check_location (const Source *src, const gchar *location, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (location, "/", -1);

  if (*location && !g_path_is_absolute (location) &&
      !g_strv_contains ((const gchar *const *) parts, ".."))
    return TRUE;
  fail (src, error, DNN_ERROR_VALUE,
      "external data location \"%s\" is no path inside the model's folder",
      location);
  return FALSE;
}

static GMappedFile *
map_external (const Source *src, const gchar *location, GError **error)
{
  GMappedFile *map = g_hash_table_lookup (src->file->external, location);
  g_autoptr (GError) local = NULL;
  g_autofree gchar *path = NULL;
  DnnFileStamp *stamp;

  if (map)
    return map;
  if (!check_location (src, location, error))
    return NULL;
  path = g_build_filename (src->file->dir, location, NULL);
  if (g_file_test (path, G_FILE_TEST_EXISTS) &&
      !dnn_file_is_beside (path, src->file->path))
    return fail (src, error, DNN_ERROR_VALUE,
        "external data location \"%s\" leads out of the model's folder",
        location);
  stamp = dnn_file_stamp_new (path, &local);
  map = stamp ? dnn_file_map (path, &local) : NULL;
  if (stamp)
    g_ptr_array_add (src->file->stamps, stamp);
  if (!map)
    return fail (src, error, DNN_ERROR_NOT_FOUND, "external data \"%s\": %s",
        location, local->message);
  g_hash_table_insert (src->file->external, g_strdup (location), map);
  return map;
}

static const gchar *
find_external_key (const Source *src, const gchar *key)
{
  for (gsize i = 0; i < src->header->n_external_data; i++)
    if (g_strcmp0 (src->header->external_data[i]->key, key) == 0)
      return src->header->external_data[i]->value;
  return NULL;
}

static gboolean
read_external_number (
    const Source *src, const gchar *key, guint64 *value, GError **error)
{
  const gchar *text = find_external_key (src, key);

  if (!text ||
      g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, value, NULL))
    return TRUE;
  fail (src, error, DNN_ERROR_VALUE,
      "external data: %s is \"%s\", which is no number of bytes", key, text);
  return FALSE;
}

static DnnTensor *
read_external (const Source *src, GError **error)
{
  const gchar *location = find_external_key (src, "location");
  guint64 offset = 0, length;
  GMappedFile *map;
  gsize size;

  if (!location)
    return fail (src, error, DNN_ERROR_FORMAT, "external data has no location");
  map = map_external (src, location, error);
  if (!map || !read_external_number (src, "offset", &offset, error))
    return NULL;
  size = g_mapped_file_get_length (map);
  length = get_stored (src);
  if (!read_external_number (src, "length", &length, error) ||
      !check_size (src, length, error))
    return NULL;
  if (offset > size || length > size - offset)
    return fail (src, error, DNN_ERROR_FORMAT,
        "external data: bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
        " of \"%s\", which has %" G_GSIZE_FORMAT,
        offset, offset + length, location, size);
  return wrap_mapped (
      src, map, g_mapped_file_get_contents (map) + offset, length);
}

/* ---- data inside the model -------------------------------------------------
 */

/* The bytes of a list that stands in one piece and needs no conversion. */
static gboolean
find_plain (const Source *src, DnnWireSpan *bytes)
{
  gboolean is_float = src->row->field == TENSOR_FLOAT_DATA ||
      src->row->field == TENSOR_DOUBLE_DATA;
  g_autoptr (GArray) raw = dnn_onnx_list_spans (src->span, TENSOR_RAW_DATA);
  g_autoptr (GArray) list = NULL;

  if (raw->len > 0) {
    *bytes = g_array_index (raw, DnnWireSpan, raw->len - 1);
    return TRUE;
  }
  list = dnn_onnx_list_spans (src->span, src->row->field);
  if (!is_float || list->len != 1)
    return FALSE;
  *bytes = g_array_index (list, DnnWireSpan, 0);
  return bytes->size == src->n_elements * dnn_type_size (src->row->type);
}

static void
store_number (DnnType type, gpointer data, gsize idx, guint64 number)
{
  switch (dnn_type_size (type)) {
    case 1:
      ((guint8 *) data)[idx] = type == DNN_TYPE_BOOL ? number != 0
                                                     : (guint8) number;
      break;
    case 2:
      ((guint16 *) data)[idx] = (guint16) number;
      break;
    case 4:
      ((guint32 *) data)[idx] = (guint32) number;
      break;
    default:
      ((guint64 *) data)[idx] = number;
      break;
  }
}

/* One number of a packed list, by the width of its wire type. */
static guint64
read_packed (const Source *src, const guint8 **pos, const guint8 *end)
{
  guint64 number = 0;
  gsize width = src->row->field == TENSOR_FLOAT_DATA ? 4
      : src->row->field == TENSOR_DOUBLE_DATA        ? 8
                                                     : 0;

  if (width == 0) {
    dnn_wire_read_varint (pos, end, &number);
    return number;
  }
  for (gsize i = 0; i < width; i++)
    number |= (guint64) (*pos)[i] << (8 * i);
  *pos += width;
  return number;
}

/* Lists may be packed, not packed, or both by turns. Returns how many numbers
 * there are; writes those that fit. */
static gsize
convert_list (const Source *src, gpointer dst)
{
  DnnWireReader reader;
  DnnWireField field;
  gsize n = 0;

  dnn_wire_reader_init (&reader, src->span);
  while (dnn_wire_reader_next (&reader, &field)) {
    const guint8 *pos, *end;
    if (field.number != src->row->field)
      continue;
    if (field.wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
      if (n++ < src->n_elements)
        store_number (src->row->type, dst, n - 1, field.value);
      continue;
    }
    pos = field.bytes.data;
    end = pos + field.bytes.size;
    while (pos < end) {
      guint64 number = read_packed (src, &pos, end);
      if (n++ < src->n_elements)
        store_number (src->row->type, dst, n - 1, number);
    }
  }
  return n;
}

/* A list of n numbers takes at least n bytes, so nothing large is allocated
 * for a shape that has no data behind it. */
static DnnTensor *
read_list (const Source *src, GError **error)
{
  g_autofree gchar *shape = dnn_shape_to_string (&src->shape);
  g_autoptr (DnnTensor) tensor = NULL;
  gsize n = 0;

  if (src->n_elements <= src->span.size) {
    tensor = dnn_tensor_new (src->row->type, &src->shape);
    n = convert_list (src, dnn_tensor_get_writable_data (tensor));
  }
  if (tensor && n == src->n_elements)
    return g_steal_pointer (&tensor);
  if (!tensor)
    return fail (src, error, DNN_ERROR_FORMAT,
        "%s of shape %s has no data of that size", src->row->name, shape);
  return fail (src, error, DNN_ERROR_FORMAT,
      "%" G_GSIZE_FORMAT " numbers; %s of shape %s takes %" G_GSIZE_FORMAT, n,
      src->row->name, shape, src->n_elements);
}

/* A list whose numbers are bytes of several elements. */
static DnnTensor *
read_packed_list (const Source *src, GError **error)
{
  static const TypeRow bytes_row = { 2, DNN_TYPE_UINT8, "bytes",
    TENSOR_INT32_DATA };
  Source bytes = *src;
  g_autoptr (DnnTensor) packed = NULL;

  bytes.row = &bytes_row;
  bytes.n_elements = get_stored (src);
  bytes.shape = dnn_shape (1, (gint) MIN (bytes.n_elements, G_MAXINT32));
  packed = read_list (&bytes, error);
  return packed ? unpack (src, dnn_tensor_get_data (packed)) : NULL;
}

static DnnTensor *
read_data (const Source *src, GError **error)
{
  DnnWireSpan bytes;

  if (src->header->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
    return read_external (src, error);
  if (!find_plain (src, &bytes))
    return dnn_type_n_packed (src->row->type) > 1
        ? read_packed_list (src, error)
        : read_list (src, error);
  if (!check_size (src, bytes.size, error))
    return NULL;
  return wrap_mapped (src, src->file->map, bytes.data, bytes.size);
}

static gboolean
read_shape (Source *src, GError **error)
{
  gint64 n;
  const Onnx__TensorProto *header = src->header;

  if (header->n_dims > DNN_MAX_RANK) {
    fail (src, error, DNN_ERROR_LIMIT,
        "%" G_GSIZE_FORMAT " dimensions; at most %d are supported",
        header->n_dims, DNN_MAX_RANK);
    return FALSE;
  }
  for (gsize i = 0; i < header->n_dims; i++)
    if (header->dims[i] < 0) {
      fail (src, error, DNN_ERROR_FORMAT,
          "dimension %" G_GSIZE_FORMAT " is %" G_GINT64_FORMAT, i,
          (gint64) header->dims[i]);
      return FALSE;
    }
  src->shape = dnn_shape_of (header->n_dims, (const gint64 *) header->dims);
  n = dnn_shape_n_elements (&src->shape);
  if (n < 0 || n > DNN_MAX_TENSOR_BYTES / 8) {
    g_autofree gchar *text = dnn_shape_to_string (&src->shape);
    fail (src, error, DNN_ERROR_LIMIT, "shape %s is too large", text);
    return FALSE;
  }
  src->n_elements = n;
  return TRUE;
}

static DnnTensor *
read_tensor (Source *src, GError **error)
{
  src->row = find_type (src->header->data_type);
  if (!src->row || src->row->type == DNN_TYPE_INVALID)
    return fail (src, error, DNN_ERROR_UNSUPPORTED,
        "data type %d (%s) is not supported", src->header->data_type,
        dnn_onnx_type_name (src->header->data_type));
  if (src->header->segment)
    return fail (
        src, error, DNN_ERROR_UNSUPPORTED, "segments are not supported");
  if (!read_shape (src, error))
    return NULL;
  return read_data (src, error);
}

DnnTensor *
dnn_onnx_read_tensor (DnnOnnxFile *file, DnnWireSpan span, const gchar *place,
    gchar **name, GError **error)
{
  static const guint skip[] = { TENSOR_FLOAT_DATA, TENSOR_INT32_DATA,
    TENSOR_STRING_DATA, TENSOR_INT64_DATA, TENSOR_RAW_DATA, TENSOR_DOUBLE_DATA,
    TENSOR_UINT64_DATA };
  Source src = { file, .span = span };
  DnnTensor *tensor;

  src.offset = span.data - dnn_onnx_file_get_span (file).data;
  src.header = (Onnx__TensorProto *) dnn_wire_unpack (
      span, &onnx__tensor_proto__descriptor, skip, G_N_ELEMENTS (skip));
  if (!src.header) {
    src.name = place;
    return fail (&src, error, DNN_ERROR_FORMAT, "its header is damaged");
  }
  src.name = src.header->name && *src.header->name ? src.header->name : place;
  tensor = read_tensor (&src, error);
  if (name)
    *name = g_strdup (src.header->name ? src.header->name : "");
  onnx__tensor_proto__free_unpacked (src.header, NULL);
  return tensor;
}
