/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A SparseTensorProto → a dense tensor: zeros, and the values at their indices.
 * Next: dnn-onnx-import.c. */
#include "config.h"

#include "compiler/onnx/dnn-onnx-read.h"

#include <string.h>

#include "pipeline-core/base/dnn-tensor-private.h"

/* The most that a few bytes of a file may become. */
#define MAX_BYTES (256 << 20)

/* Field numbers of onnx.proto. */
enum
{
  SPARSE_VALUES = 1,
  SPARSE_INDICES = 2,
};

/* One at work. */
typedef struct
{
  DnnOnnxFile *file;
  const gchar *name; /* for messages */
  DnnTensor *values;
  DnnTensor *indices;
  DnnShape shape;
} Sparse;

static gboolean fail (const Sparse *self, GError **error, DnnError code,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (
    const Sparse *self, GError **error, DnnError code, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, DNN_ERROR, code, "%s: sparse tensor \"%s\": %s",
      self->file->path, self->name, text);
  return FALSE;
}

/* One of the two tensors. */
static DnnTensor *
read_part (Sparse *self, DnnWireSpan span, guint number, const gchar *what,
    gchar **name, GError **error)
{
  g_autoptr (GArray) spans = dnn_onnx_list_spans (span, number);

  if (spans->len > 0)
    return dnn_onnx_read_tensor (self->file,
        g_array_index (spans, DnnWireSpan, spans->len - 1), self->name, name,
        error);
  fail (self, error, DNN_ERROR_FORMAT, "it has no %s", what);
  return NULL;
}

static gboolean
read_shape (Sparse *self, const Onnx__SparseTensorProto *header, GError **error)
{
  gsize size = dnn_type_size (dnn_tensor_get_element_type (self->values));
  g_autofree gchar *text = NULL;
  gint64 n;

  if (header->n_dims > DNN_MAX_RANK)
    return fail (self, error, DNN_ERROR_LIMIT,
        "%" G_GSIZE_FORMAT " dimensions; at most %d are supported",
        header->n_dims, DNN_MAX_RANK);
  for (gsize i = 0; i < header->n_dims; i++)
    if (header->dims[i] < 0)
      return fail (self, error, DNN_ERROR_FORMAT,
          "dimension %" G_GSIZE_FORMAT " is %" G_GINT64_FORMAT, i,
          (gint64) header->dims[i]);
  self->shape = dnn_shape_of (header->n_dims, (const gint64 *) header->dims);
  n = dnn_shape_n_elements (&self->shape);
  if (n >= 0 && (guint64) n <= MAX_BYTES / size)
    return TRUE;
  text = dnn_shape_to_string (&self->shape);
  return fail (self, error, DNN_ERROR_LIMIT,
      "shape %s takes more than %d bytes, the most a sparse one may become",
      text, MAX_BYTES);
}

/* Indices are places in memory, or rows of one index a dimension. */
static gboolean
check_indices (const Sparse *self, gint64 n, gint width, GError **error)
{
  const DnnShape *shape = dnn_tensor_get_shape (self->indices);
  g_autofree gchar *text = dnn_shape_to_string (shape);

  if (dnn_tensor_get_element_type (self->indices) == DNN_TYPE_INT64 &&
      shape->rank > 0 && shape->dims[0] == n &&
      (shape->rank == 1 || (shape->rank == 2 && shape->dims[1] == width)))
    return TRUE;
  return fail (self, error, DNN_ERROR_FORMAT,
      "its indices are %s of %s, expected int64 of %" G_GINT64_FORMAT
      " or %" G_GINT64_FORMAT "×%d",
      dnn_type_name (dnn_tensor_get_element_type (self->indices)), text, n, n,
      width);
}

/* Where value @idx goes; -1 outside. */
static gint64
find_place (const Sparse *self, const gint64 *indices, gint64 idx)
{
  const DnnShape *shape = dnn_tensor_get_shape (self->indices);
  gint64 place = 0;

  if (shape->rank == 1)
    return indices[idx] < dnn_shape_n_elements (&self->shape) ? indices[idx]
                                                              : -1;
  for (gint i = 0; i < self->shape.rank; i++) {
    gint64 index = indices[idx * self->shape.rank + i];
    if (index < 0 || index >= self->shape.dims[i])
      return -1;
    place = place * self->shape.dims[i] + index;
  }
  return place;
}

static DnnTensor *
fill (const Sparse *self, GError **error)
{
  DnnType type = dnn_tensor_get_element_type (self->values);
  gsize size = dnn_type_size (type);
  gint64 n = dnn_shape_n_elements (dnn_tensor_get_shape (self->values));
  g_autoptr (DnnTensor) result = NULL;
  const gint64 *indices;
  const guint8 *src;
  guint8 *dst;

  if (!check_indices (self, n, self->shape.rank, error))
    return NULL;
  result = dnn_tensor_new_in_file (type, &self->shape);
  indices = dnn_tensor_get_data (self->indices);
  src = dnn_tensor_get_data (self->values);
  dst = dnn_tensor_get_writable_data (result);
  memset (dst, 0, dnn_tensor_get_size (result));
  for (gint64 i = 0; i < n; i++) {
    gint64 place = find_place (self, indices, i);
    if (place < 0) {
      fail (self, error, DNN_ERROR_FORMAT,
          "index %" G_GINT64_FORMAT " lies outside of its shape", i);
      return NULL;
    }
    memcpy (dst + place * size, src + i * size, size);
  }
  return g_steal_pointer (&result);
}

DnnTensor *
dnn_onnx_read_sparse (DnnOnnxFile *file, DnnWireSpan span, const gchar *place,
    gchar **name, GError **error)
{
  static const guint skip[] = { SPARSE_VALUES, SPARSE_INDICES };
  Sparse self = { file, .name = place };
  g_autoptr (DnnTensor) values = NULL;
  g_autoptr (DnnTensor) indices = NULL;
  Onnx__SparseTensorProto *header = (Onnx__SparseTensorProto *)
      dnn_wire_unpack (span, &onnx__sparse_tensor_proto__descriptor, skip,
          G_N_ELEMENTS (skip));
  gboolean ok = FALSE;

  if (!header) {
    fail (&self, error, DNN_ERROR_FORMAT, "its header is damaged");
    return NULL;
  }
  values = read_part (&self, span, SPARSE_VALUES, "values", name, error);
  if (values)
    indices = read_part (&self, span, SPARSE_INDICES, "indices", NULL, error);
  self.values = values;
  self.indices = indices;
  ok = indices && read_shape (&self, header, error);
  onnx__sparse_tensor_proto__free_unpacked (header, NULL);
  return ok ? fill (&self, error) : NULL;
}
