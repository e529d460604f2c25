/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* NumPy's .npy format (numpy.lib.format, versions 1.0 to 3.0): a magic, a
 * header that is a Python dictionary, the bytes. */
#include "config.h"

#include "tools/npy.h"

#include <string.h>

#include "pipeline-core/base/dnn-file.h"

#define NPY_MAGIC "\x93NUMPY"
#define NPY_MAGIC_SIZE 6
#define NPY_MAX_HEADER 65536

typedef struct
{
  DnnType type;
  const gchar *descr;
} DescrRow;

static const DescrRow descr_rows[] = {
  { DNN_TYPE_FLOAT32, "<f4" },
  { DNN_TYPE_FLOAT64, "<f8" },
  { DNN_TYPE_FLOAT16, "<f2" },
  { DNN_TYPE_INT8, "|i1" },
  { DNN_TYPE_INT16, "<i2" },
  { DNN_TYPE_INT32, "<i4" },
  { DNN_TYPE_INT64, "<i8" },
  { DNN_TYPE_UINT8, "|u1" },
  { DNN_TYPE_UINT16, "<u2" },
  { DNN_TYPE_UINT32, "<u4" },
  { DNN_TYPE_UINT64, "<u8" },
  { DNN_TYPE_BOOL, "|b1" },
};

static gboolean G_GNUC_PRINTF (3, 4)
    fail (const gchar *path, GError **error, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, DNN_ERROR_FORMAT, "%s: %s", path, text);
  return FALSE;
}

/* The text behind 'KEY': in the header, or NULL. */
static const gchar *
find_entry (const gchar *header, const gchar *key)
{
  g_autofree gchar *quoted = g_strdup_printf ("'%s':", key);
  const gchar *found = strstr (header, quoted);

  if (!found)
    return NULL;
  found += strlen (quoted);
  return found + strspn (found, " ");
}

static gboolean
parse_type (
    const gchar *path, const gchar *header, DnnType *type, GError **error)
{
  const gchar *text = find_entry (header, "descr");
  g_autofree gchar *descr = NULL;

  if (!text || *text != '\'' || !strchr (text + 1, '\''))
    return fail (path, error, "the NumPy header has no plain 'descr'");
  descr = g_strndup (text + 1, strchr (text + 1, '\'') - text - 1);
  for (guint i = 0; i < G_N_ELEMENTS (descr_rows); i++) {
    if (descr[0] && strchr ("<|=", descr[0]) &&
        strcmp (descr + 1, descr_rows[i].descr + 1) == 0) {
      *type = descr_rows[i].type;
      return TRUE;
    }
  }
  return fail (path, error,
      "the element type '%s' is not supported (little-endian numbers and "
      "bool are)",
      descr);
}

static gboolean
parse_dims (
    const gchar *path, const gchar *header, DnnShape *shape, GError **error)
{
  const gchar *text = find_entry (header, "shape");

  shape->rank = 0;
  if (!text || *text++ != '(')
    return fail (path, error, "the NumPy header has no 'shape'");
  while (*(text += strspn (text, " ,")) != ')') {
    gchar *end = NULL;
    guint64 dim = g_ascii_strtoull (text, &end, 10);
    if (end == text)
      return fail (path, error, "the NumPy header's shape is malformed");
    if (shape->rank == DNN_MAX_RANK || dim > (guint64) DNN_MAX_TENSOR_BYTES)
      return fail (path, error,
          "the array has more than %d dimensions or an impossible one",
          DNN_MAX_RANK);
    shape->dims[shape->rank++] = (gint64) dim;
    text = end;
  }
  if (dnn_shape_n_elements (shape) < 0)
    return fail (path, error,
        "the array is larger than %" G_GINT64_FORMAT " elements",
        DNN_MAX_TENSOR_BYTES);
  return TRUE;
}

static gboolean
parse_header (const gchar *path, const gchar *header, DnnType *type,
    DnnShape *shape, GError **error)
{
  const gchar *order = find_entry (header, "fortran_order");

  if (!parse_type (path, header, type, error) ||
      !parse_dims (path, header, shape, error))
    return FALSE;
  if (!order || !g_str_has_prefix (order, "False"))
    return fail (path, error,
        "the array is column-major; save it with numpy.ascontiguousarray");
  return TRUE;
}

/* Where the header begins and how long it is. */
static gboolean
find_header (const gchar *path, const guint8 *data, gsize size,
    gsize *header_pos, gsize *header_size, GError **error)
{
  if (size < 10 || memcmp (data, NPY_MAGIC, NPY_MAGIC_SIZE) != 0)
    return fail (path, error, "no NumPy file (.npy)");
  if (data[6] < 1 || data[6] > 3)
    return fail (path, error,
        "version %u of the NumPy format; 1 to 3 are supported", data[6]);
  *header_pos = data[6] == 1 ? 10 : 12;
  *header_size = data[8] | (gsize) data[9] << 8;
  if (data[6] > 1 && size >= 12)
    *header_size |= (gsize) data[10] << 16 | (gsize) data[11] << 24;
  if (*header_size > NPY_MAX_HEADER || *header_pos + *header_size > size)
    return fail (path, error, "the NumPy header is cut off");
  return TRUE;
}

/* Before anything is allocated for a shape that only the header claims. */
static gboolean
check_size (const gchar *path, gsize found, DnnType type, const DnnShape *shape,
    GError **error)
{
  gsize expected = (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type);
  g_autofree gchar *text = NULL;

  if (found == expected)
    return TRUE;
  text = dnn_shape_to_string (shape);
  return fail (path, error,
      "%" G_GSIZE_FORMAT " bytes of data; expected %" G_GSIZE_FORMAT
      " for %s of %s",
      found, expected, text, dnn_type_name (type));
}

DnnTensor *
dnn_npy_read (const gchar *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = dnn_file_map (path, &cause);
  g_autoptr (DnnTensor) tensor = NULL;
  g_autofree gchar *header = NULL;
  gsize size, pos = 0, length = 0;
  const guint8 *data;
  DnnShape shape;
  DnnType type = DNN_TYPE_INVALID;

  if (!file) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_NOT_FOUND,
        "%s: cannot be opened: %s", path, cause->message);
    return NULL;
  }
  data = (const guint8 *) g_mapped_file_get_contents (file);
  size = g_mapped_file_get_length (file);
  if (!find_header (path, data, size, &pos, &length, error))
    return NULL;
  header = g_strndup ((const gchar *) data + pos, length);
  if (!parse_header (path, header, &type, &shape, error))
    return NULL;
  if (!check_size (path, size - pos - length, type, &shape, error))
    return NULL;
  tensor = dnn_tensor_new (type, &shape);
  memcpy (dnn_tensor_get_writable_data (tensor), data + pos + length,
      dnn_tensor_get_size (tensor));
  return g_steal_pointer (&tensor);
}

static const gchar *
find_descr (DnnType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (descr_rows); i++) {
    if (descr_rows[i].type == type)
      return descr_rows[i].descr;
  }
  return NULL;
}

/* What NumPy has in place of a type. */
static DnnType
get_wide (DnnType type)
{
  switch (type) {
    case DNN_TYPE_INT4:
    case DNN_TYPE_INT2:
      return DNN_TYPE_INT8;
    case DNN_TYPE_UINT4:
    case DNN_TYPE_UINT2:
      return DNN_TYPE_UINT8;
    default:
      return find_descr (type) ? type : DNN_TYPE_FLOAT32;
  }
}

static DnnTensor *
convert (DnnTensor *tensor, DnnType to)
{
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  DnnType from = dnn_tensor_get_element_type (tensor);
  DnnTensor *other = dnn_tensor_new (to, shape);
  gpointer dst = dnn_tensor_get_writable_data (other);
  gconstpointer src = dnn_tensor_get_data (tensor);

  for (gint64 i = 0; i < dnn_shape_n_elements (shape); i++)
    dnn_type_set (to, dst, i, dnn_type_get (from, src, i));
  return other;
}

DnnTensor *
dnn_npy_narrow (DnnTensor *tensor, DnnType to)
{
  DnnType from = dnn_tensor_get_element_type (tensor);

  if (from == to)
    return dnn_tensor_ref (tensor);
  if (to == DNN_TYPE_BFLOAT16 && from == DNN_TYPE_UINT16)
    return dnn_tensor_new_wrapped (to, dnn_tensor_get_shape (tensor),
        dnn_tensor_get_data (tensor), (GDestroyNotify) dnn_tensor_unref,
        dnn_tensor_ref (tensor));
  return get_wide (to) == from ? convert (tensor, to) : NULL;
}

/* Magic, version 1.0, header padded with blanks to 64 bytes. */
static GString *
make_header (DnnTensor *tensor)
{
  const DnnShape *shape = dnn_tensor_get_shape (tensor);
  GString *text = g_string_new (NULL);
  gsize length;

  g_string_append_printf (text,
      "{'descr': '%s', 'fortran_order': False, 'shape': (",
      find_descr (dnn_tensor_get_element_type (tensor)));
  for (gint i = 0; i < shape->rank; i++)
    g_string_append_printf (text, "%" G_GINT64_FORMAT "%s", shape->dims[i],
        shape->rank == 1          ? ","
            : i + 1 < shape->rank ? ", "
                                  : "");
  g_string_append (text, "), }");
  while ((10 + text->len + 1) % 64 != 0)
    g_string_append_c (text, ' ');
  g_string_append_c (text, '\n');
  length = text->len;
  g_string_prepend_len (
      text, (gchar[]){ length & 0xff, (length >> 8) & 0xff }, 2);
  g_string_prepend_len (text, NPY_MAGIC "\x01\x00", 8);
  return text;
}

gboolean
dnn_npy_write (const gchar *path, DnnTensor *tensor, GError **error)
{
  DnnType type = dnn_tensor_get_element_type (tensor);
  g_autoptr (DnnTensor) wide = find_descr (type)
      ? dnn_tensor_ref (tensor)
      : convert (tensor, get_wide (type));
  g_autoptr (GString) bytes = make_header (wide);
  g_autoptr (GError) cause = NULL;

  g_string_append_len (
      bytes, dnn_tensor_get_data (wide), dnn_tensor_get_size (wide));
  if (dnn_file_write (path, bytes->str, bytes->len, &cause))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED, "%s: cannot be written: %s",
      path, cause->message);
  return FALSE;
}
