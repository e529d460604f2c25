/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes of a params file (mapped) → DnnParams whose arrays lie in those bytes;
 * a misaligned one is copied once. */
#include "config.h"

#include "pipeline-core/graph/dnn-params.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"
#include "pipeline-core/base/dnn-tensor-private.h"
#include "pipeline-core/graph/dnn-params-file.h"

typedef struct
{
  GBytes *bytes;
  const guint8 *data;
  gsize size, pos;
  const gchar *label;
  gboolean in_file; /* the bytes are mapped */
} Reader;

static gboolean G_GNUC_PRINTF (4, 5) fail (const Reader *reader, GError **error,
    DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "%s: byte %" G_GSIZE_FORMAT ": %s",
      reader->label, reader->pos, text);
  return FALSE;
}

static gboolean
need (const Reader *reader, guint64 n, const gchar *what, GError **error)
{
  if (n <= reader->size - reader->pos)
    return TRUE;
  return fail (reader, error, DNN_ERROR_FORMAT,
      "the file ends in %s: %" G_GUINT64_FORMAT
      " bytes are needed, %" G_GSIZE_FORMAT " are left",
      what, n, reader->size - reader->pos);
}

static guint64
take_u64 (Reader *reader)
{
  guint64 value;

  memcpy (&value, reader->data + reader->pos, sizeof value);
  reader->pos += sizeof value;
  return GUINT64_FROM_LE (value);
}

static guint32
take_u32 (Reader *reader)
{
  guint32 value;

  memcpy (&value, reader->data + reader->pos, sizeof value);
  reader->pos += sizeof value;
  return GUINT32_FROM_LE (value);
}

static gboolean
read_magic (Reader *reader, guint64 expected, const gchar *what, GError **error)
{
  guint64 magic;

  if (!need (reader, 16, what, error))
    return FALSE;
  memcpy (&magic, reader->data + reader->pos, sizeof magic);
  magic = GUINT64_FROM_LE (magic);
  if (magic != expected)
    return fail (reader, error, DNN_ERROR_FORMAT,
        "the magic number of %s is 0x%016" G_GINT64_MODIFIER
        "X; expected 0x%016" G_GINT64_MODIFIER "X",
        what, magic, expected);
  reader->pos += 16;
  return TRUE;
}

static gboolean
read_count (Reader *reader, guint64 *count, const gchar *what, GError **error)
{
  if (!need (reader, 8, what, error))
    return FALSE;
  *count = take_u64 (reader);
  if (*count <= DNN_PARAMS_MAX_ARRAYS)
    return TRUE;
  reader->pos -= 8;
  return fail (reader, error, DNN_ERROR_LIMIT,
      "%s is %" G_GUINT64_FORMAT "; at most %d are allowed", what, *count,
      DNN_PARAMS_MAX_ARRAYS);
}

static gboolean
read_name (Reader *reader, GPtrArray *names, GError **error)
{
  g_autofree gchar *name = NULL;
  guint64 length;

  if (!need (reader, 8, "a name", error))
    return FALSE;
  length = take_u64 (reader);
  if (length > DNN_PARAMS_MAX_NAME) {
    reader->pos -= 8;
    return fail (reader, error, DNN_ERROR_LIMIT,
        "name %u has %" G_GUINT64_FORMAT " bytes; at most %d are allowed",
        names->len, length, DNN_PARAMS_MAX_NAME);
  }
  if (!need (reader, length, "a name", error))
    return FALSE;
  name = g_strndup ((const gchar *) reader->data + reader->pos, length);
  if (strlen (name) != length || !g_utf8_validate (name, -1, NULL))
    return fail (reader, error, DNN_ERROR_FORMAT, "name %u is no UTF-8 text",
        names->len);
  reader->pos += length;
  g_ptr_array_add (names, g_steal_pointer (&name));
  return TRUE;
}

static gboolean
read_names (Reader *reader, GPtrArray *names, GError **error)
{
  guint64 count;

  if (!read_count (reader, &count, "the number of names", error))
    return FALSE;
  for (guint64 i = 0; i < count; i++) {
    if (!read_name (reader, names, error))
      return FALSE;
  }
  return TRUE;
}

/* shape[] and type of the array called @name, as far as its bytes. */
static gboolean
read_array_head (Reader *reader, const gchar *name, DnnType *type,
    DnnShape *shape, GError **error)
{
  DLDataType dl;
  gint32 device, rank;

  if (!read_magic (reader, DNN_PARAMS_ARRAY_MAGIC, "an array", error) ||
      !need (reader, DNN_PARAMS_ARRAY_HEAD - 16, "an array", error))
    return FALSE;
  device = (gint32) take_u32 (reader);
  take_u32 (reader);
  rank = (gint32) take_u32 (reader);
  dl.code = reader->data[reader->pos];
  dl.bits = reader->data[reader->pos + 1];
  dl.lanes = (guint16) (reader->data[reader->pos + 2] |
      reader->data[reader->pos + 3] << 8);
  reader->pos += 4;
  if (device != kDLCPU)
    return fail (reader, error, DNN_ERROR_UNSUPPORTED,
        "array \"%s\" is of device type %d; expected the CPU (%d)", name,
        device, (gint) kDLCPU);
  if (rank < 0 || rank > DNN_MAX_RANK)
    return fail (reader, error, DNN_ERROR_LIMIT,
        "array \"%s\" has %d dimensions; expected 0 to %d", name, rank,
        DNN_MAX_RANK);
  *type = dnn_type_from_dl (dl);
  if (*type == DNN_TYPE_INVALID)
    return fail (reader, error, DNN_ERROR_TYPE,
        "array \"%s\" has type code %u, %u bits, %u lanes, which is no "
        "supported element type",
        name, dl.code, dl.bits, dl.lanes);
  if (!need (reader, (guint64) rank * 8 + 8, "an array", error))
    return FALSE;
  shape->rank = rank;
  for (gint i = 0; i < rank; i++)
    shape->dims[i] = (gint64) take_u64 (reader);
  return TRUE;
}

/* The tensor at the reader's position: in place if it is aligned. */
static DnnTensor *
wrap_array (
    const Reader *reader, DnnType type, const DnnShape *shape, gsize size)
{
  const guint8 *data = reader->data + reader->pos;
  DnnTensor *tensor;

  if (((gsize) data & (DNN_ALIGNMENT - 1)) != 0) {
    tensor = dnn_tensor_new_in_file (type, shape);
    if (size > 0)
      memcpy (dnn_tensor_get_writable_data (tensor), data, size);
    return tensor;
  }
  tensor = dnn_tensor_new_wrapped (type, shape, data,
      (GDestroyNotify) g_bytes_unref, g_bytes_ref (reader->bytes));
  if (reader->in_file)
    dnn_tensor_set_in_file (tensor);
  return tensor;
}

static gboolean
read_array (
    Reader *reader, DnnParams *params, const gchar *name, GError **error)
{
  g_autoptr (DnnTensor) tensor = NULL;
  g_autofree gchar *text = NULL;
  DnnShape shape;
  DnnType type;
  gint64 n_elements;
  guint64 size;

  if (!read_array_head (reader, name, &type, &shape, error))
    return FALSE;
  text = dnn_shape_to_string (&shape);
  n_elements = dnn_shape_n_elements (&shape);
  if (n_elements < 0)
    return fail (reader, error, DNN_ERROR_LIMIT,
        "array \"%s\" has the impossible shape %s", name, text);
  size = take_u64 (reader);
  if (size != (guint64) n_elements * dnn_type_size (type)) {
    reader->pos -= 8;
    return fail (reader, error, DNN_ERROR_FORMAT,
        "array \"%s\" has %" G_GUINT64_FORMAT
        " bytes; expected %" G_GUINT64_FORMAT " for %s of %s",
        name, size, (guint64) n_elements * dnn_type_size (type), text,
        dnn_type_name (type));
  }
  if (!need (reader, size, name, error))
    return FALSE;
  if (!g_str_has_prefix (name, DNN_PARAMS_FILLER)) {
    tensor = wrap_array (reader, type, &shape, size);
    dnn_params_set (params, name, tensor);
  }
  reader->pos += size;
  return TRUE;
}

static gboolean
read_arrays (
    Reader *reader, DnnParams *params, GPtrArray *names, GError **error)
{
  guint64 count;

  if (!read_count (reader, &count, "the number of arrays", error))
    return FALSE;
  if (count != names->len) {
    reader->pos -= 8;
    return fail (reader, error, DNN_ERROR_FORMAT,
        "%" G_GUINT64_FORMAT " arrays follow %u names", count, names->len);
  }
  for (guint i = 0; i < names->len; i++) {
    if (dnn_params_lookup (params, names->pdata[i]))
      return fail (reader, error, DNN_ERROR_FORMAT,
          "two arrays are called \"%s\"", (gchar *) names->pdata[i]);
    if (!read_array (reader, params, names->pdata[i], error))
      return FALSE;
  }
  if (reader->pos != reader->size)
    return fail (reader, error, DNN_ERROR_FORMAT,
        "%" G_GSIZE_FORMAT " bytes follow the last array",
        reader->size - reader->pos);
  return TRUE;
}

static DnnParams *
read_params (
    GBytes *bytes, const gchar *label, gboolean in_file, GError **error)
{
  g_autoptr (DnnParams) params = dnn_params_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Reader reader = { .bytes = bytes, .label = label, .in_file = in_file };

  reader.data = g_bytes_get_data (bytes, &reader.size);
  if (!read_magic (&reader, DNN_PARAMS_LIST_MAGIC, "the params file", error) ||
      !read_names (&reader, names, error) ||
      !read_arrays (&reader, params, names, error))
    return NULL;
  return g_steal_pointer (&params);
}

DnnParams *
dnn_params_new_from_bytes (GBytes *bytes, const gchar *label, GError **error)
{
  return read_params (bytes, label, FALSE, error);
}

DnnParams *
dnn_params_new_from_file (const gchar *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = dnn_file_map (path, &cause);
  g_autoptr (GBytes) bytes = NULL;

  if (!file) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "%s: the params file cannot be opened: %s", path, cause->message);
    return NULL;
  }
  bytes = g_mapped_file_get_bytes (file);
  return read_params (bytes, path, TRUE, error);
}
