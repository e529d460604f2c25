/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory of ours or of another framework → DnnTensor → DLPack. */
#include "config.h"

#include "pipeline-core/base/dnn-tensor.h"

#include "pipeline-core/base/dnn-dlpack.h"

#include <string.h>
#include <sys/mman.h>

#include "pipeline-core/base/dnn-pages.h"
#include "pipeline-core/base/dnn-tensor-private.h"

struct _DnnTensor
{
  gatomicrefcount ref_count;
  DnnType type;
  DnnShape shape;
  gint64 strides[DNN_MAX_RANK]; /* in elements; DLPack 1.2 wants them */
  gsize size;
  gboolean read_only;
  gboolean in_file; /* so that pages can be given back */
  gboolean may_change; /* in a file of the user's */
  DLTensor dl;
  GDestroyNotify notify;
  gpointer user_data;
};

G_DEFINE_BOXED_TYPE (DnnTensor, dnn_tensor, dnn_tensor_ref, dnn_tensor_unref)

/* One block for every tensor without elements, so that data is never NULL. */
static guint8 empty_block[DNN_ALIGNMENT]
    __attribute__ ((aligned (DNN_ALIGNMENT)));

/* Of a block from this size on, what fills large pages lies in them where the
 * system has any: each is one fault, not 512, and one translation. */
#define LARGE_PAGE ((gsize) 2 << 20)

gpointer
dnn_try_alloc_aligned (gsize size)
{
  gsize rounded = (MAX (size, 1) + DNN_ALIGNMENT - 1) & ~(DNN_ALIGNMENT - 1);
  gsize n_large = rounded / LARGE_PAGE;
  gpointer memory = NULL;

  if (posix_memalign (
          &memory, n_large > 0 ? LARGE_PAGE : DNN_ALIGNMENT, rounded) != 0)
    return NULL;
#ifdef MADV_HUGEPAGE
  if (n_large > 0)
    madvise (memory, n_large * LARGE_PAGE, MADV_HUGEPAGE);
#endif
  return memory;
}

gpointer
dnn_alloc_aligned (gsize size)
{
  gpointer memory = dnn_try_alloc_aligned (size);

  if (!memory)
    g_error ("no memory for %" G_GSIZE_FORMAT " bytes", size);
  return memory;
}

void
dnn_free_aligned (gpointer memory)
{
  free (memory);
}

gpointer
dnn_alloc_or_fail (gsize size, GError **error)
{
  gpointer memory = dnn_try_alloc_aligned (size);

  if (!memory)
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "No memory for %" G_GSIZE_FORMAT " bytes", size);
  return memory;
}

gconstpointer
dnn_align_bytes (gconstpointer bytes, gsize size, gsize alignment,
    gpointer *copy, GError **error)
{
  if (GPOINTER_TO_SIZE (bytes) % alignment == 0)
    return bytes;
  *copy = dnn_alloc_or_fail (size, error);
  return *copy ? memcpy (*copy, bytes, size) : NULL;
}

static void
set_strides (DnnTensor *self)
{
  gint64 stride = 1;

  for (gint i = self->shape.rank - 1; i >= 0; i--) {
    self->strides[i] = stride;
    stride *= self->shape.dims[i];
  }
}

DnnTensor *
dnn_tensor_new_wrapped (DnnType type, const DnnShape *shape, gconstpointer data,
    GDestroyNotify notify, gpointer user_data)
{
  DnnTensor *self = g_new0 (DnnTensor, 1);
  gint64 n_elements = dnn_shape_n_elements (shape);

  g_assert (n_elements >= 0);
  g_atomic_ref_count_init (&self->ref_count);
  self->type = type;
  self->shape = *shape;
  self->size = (gsize) n_elements * dnn_type_size (type);
  self->dl.data = data ? (gpointer) data : empty_block;
  self->dl.device.device_type = kDLCPU;
  self->dl.ndim = shape->rank;
  self->dl.dtype = dnn_type_to_dl (type);
  self->dl.shape = self->shape.dims;
  self->dl.strides = self->strides;
  set_strides (self);
  self->notify = notify;
  self->user_data = user_data;
  return self;
}

DnnTensor *
dnn_tensor_new (DnnType type, const DnnShape *shape)
{
  gint64 n = dnn_shape_n_elements (shape);
  gpointer data;
  gsize size;

  g_return_val_if_fail (type > DNN_TYPE_INVALID && type < DNN_N_TYPES, NULL);
  g_return_val_if_fail (n >= 0, NULL);
  size = (gsize) n * dnn_type_size (type);
  data = dnn_alloc_aligned (size);
  memset (data, 0, size);
  return dnn_tensor_new_wrapped (type, shape, data, dnn_free_aligned, data);
}

gboolean
dnn_tensor_may_change (const DnnTensor *self)
{
  return self->may_change;
}

gboolean
dnn_tensor_copy_bytes (const DnnTensor *self, gpointer dst, GError **error)
{
  if (!self->may_change) {
    memcpy (dst, self->dl.data, self->size);
    return TRUE;
  }
  if (dnn_pages_copy (dst, self->dl.data, self->size))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "The file that held %" G_GSIZE_FORMAT " bytes of a constant is shorter "
      "now",
      self->size);
  return FALSE;
}

DnnTensor *
dnn_tensor_settle (DnnTensor *self, GError **error)
{
  gpointer copy;

  if (!self->may_change &&
      GPOINTER_TO_SIZE (self->dl.data) % DNN_ALIGNMENT == 0)
    return dnn_tensor_ref (self);
  copy = dnn_alloc_or_fail (self->size, error);
  if (copy && dnn_tensor_copy_bytes (self, copy, error))
    return dnn_tensor_new_wrapped (
        self->type, &self->shape, copy, dnn_free_aligned, copy);
  dnn_free_aligned (copy);
  return NULL;
}

static void
free_pages (gpointer user_data)
{
  DnnTensor *self = user_data;

  dnn_pages_free (self->dl.data, self->size);
}

DnnTensor *
dnn_tensor_new_in_file (DnnType type, const DnnShape *shape)
{
  gsize size = (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type);
  gpointer data = size >= DNN_PAGES_MIN ? dnn_pages_alloc (size) : NULL;
  DnnTensor *self;

  if (!data)
    return dnn_tensor_new (type, shape);
  self = dnn_tensor_new_wrapped (type, shape, data, free_pages, NULL);
  self->user_data = self;
  self->in_file = TRUE;
  return self;
}

void
dnn_tensor_set_in_file (DnnTensor *self)
{
  self->in_file = self->may_change = TRUE;
}

void
dnn_tensor_release_pages (const DnnTensor *self)
{
  if (self->in_file && self->size >= DNN_PAGES_MIN)
    dnn_pages_release (self->dl.data, self->size);
}

DnnTensor *
dnn_tensor_ref (DnnTensor *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
dnn_tensor_unref (DnnTensor *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->notify)
    self->notify (self->user_data);
  g_free (self);
}

/* Row-major and packed: strides absent, or what packing gives. Dimensions of
 * one element may have any stride. */
static gboolean
is_packed (const DLTensor *dl)
{
  gint64 stride = 1;

  if (!dl->strides)
    return TRUE;
  for (gint i = dl->ndim - 1; i >= 0; i--) {
    if (dl->shape[i] == 0)
      return TRUE;
    if (dl->shape[i] != 1 && dl->strides[i] != stride)
      return FALSE;
    stride *= dl->shape[i];
  }
  return TRUE;
}

static gboolean
check_foreign (const DLTensor *dl, DnnShape *shape, GError **error)
{
  if (dl->device.device_type != kDLCPU) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "DLPack tensor is on device type %d; only the CPU (%d) is supported",
        (gint) dl->device.device_type, (gint) kDLCPU);
    return FALSE;
  }
  if (dl->ndim < 0 || dl->ndim > DNN_MAX_RANK) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "DLPack tensor has %d dimensions; at most %d are supported", dl->ndim,
        DNN_MAX_RANK);
    return FALSE;
  }
  if (dnn_type_from_dl (dl->dtype) == DNN_TYPE_INVALID) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_TYPE,
        "DLPack tensor has type code %u, %u bits, %u lanes, which is no "
        "supported element type",
        dl->dtype.code, dl->dtype.bits, dl->dtype.lanes);
    return FALSE;
  }
  if (dl->ndim > 0 && !dl->shape) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "DLPack tensor has %d dimensions, but no shape", dl->ndim);
    return FALSE;
  }
  *shape = dnn_shape_of (dl->ndim, dl->shape);
  if (dnn_shape_n_elements (shape) < 0) {
    g_autofree gchar *text = dnn_shape_to_string (shape);
    g_set_error (error, DNN_ERROR, DNN_ERROR_SHAPE,
        "DLPack tensor has the impossible shape %s", text);
    return FALSE;
  }
  if (!dl->data && dnn_shape_n_elements (shape) > 0) {
    g_set_error_literal (error, DNN_ERROR, DNN_ERROR_VALUE,
        "DLPack tensor has elements, but no memory");
    return FALSE;
  }
  return TRUE;
}

/* Address of the first element; NULL only where there is none. */
static gconstpointer
get_foreign_data (const DLTensor *dl)
{
  return dl->data ? (const guint8 *) dl->data + dl->byte_offset : NULL;
}

/* Dimensions from @axis on; returns where the next row goes. */
static guint8 *
copy_strided (
    const DLTensor *dl, gint axis, const guint8 *src, gsize size, guint8 *dst)
{
  gint64 step = dl->strides[axis] * (gint64) size;

  for (gint64 i = 0; i < dl->shape[axis]; i++, src += step) {
    if (axis + 1 < dl->ndim) {
      dst = copy_strided (dl, axis + 1, src, size, dst);
    } else {
      memcpy (dst, src, size);
      dst += size;
    }
  }
  return dst;
}

/* Few bytes may be many elements: those of a stride of 0 are the same. */
static DnnTensor *
copy_foreign (const DLTensor *dl, const DnnShape *shape, GError **error)
{
  DnnType type = dnn_type_from_dl (dl->dtype);
  gsize size = (gsize) dnn_shape_n_elements (shape) * dnn_type_size (type);
  gpointer data;

  if (posix_memalign (&data, DNN_ALIGNMENT, size) != 0) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
        "DLPack tensor has strides, and there is no memory for a copy of "
        "%" G_GSIZE_FORMAT " bytes",
        size);
    return NULL;
  }
  copy_strided (dl, 0, get_foreign_data (dl), dnn_type_size (type), data);
  return dnn_tensor_new_wrapped (type, shape, data, dnn_free_aligned, data);
}

static void
release_foreign (gpointer managed)
{
  DLManagedTensor *foreign = managed;

  if (foreign->deleter)
    foreign->deleter (foreign);
}

DnnTensor *
dnn_tensor_new_from_dlpack (DLManagedTensor *managed, GError **error)
{
  const DLTensor *dl = &managed->dl_tensor;
  DnnTensor *self = NULL;
  DnnShape shape;

  if (check_foreign (dl, &shape, error)) {
    if (is_packed (dl))
      return dnn_tensor_new_wrapped (dnn_type_from_dl (dl->dtype), &shape,
          get_foreign_data (dl), release_foreign, managed);
    self = copy_foreign (dl, &shape, error);
  }
  release_foreign (managed);
  return self;
}

static void
release_foreign_versioned (gpointer managed)
{
  struct DLManagedTensorVersioned *foreign = managed;

  if (foreign->deleter)
    foreign->deleter (foreign);
}

DnnTensor *
dnn_tensor_new_from_dlpack_versioned (
    struct DLManagedTensorVersioned *managed, GError **error)
{
  const DLTensor *dl = &managed->dl_tensor;
  DnnTensor *self = NULL;
  DnnShape shape;

  /* Nothing behind `deleter` may be trusted in another major version. */
  if (managed->version.major != DLPACK_MAJOR_VERSION) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED,
        "DLPack version %u.%u; version %u is supported", managed->version.major,
        managed->version.minor, DLPACK_MAJOR_VERSION);
  } else if (check_foreign (dl, &shape, error)) {
    if (is_packed (dl)) {
      self = dnn_tensor_new_wrapped (dnn_type_from_dl (dl->dtype), &shape,
          get_foreign_data (dl), release_foreign_versioned, managed);
      self->read_only = (managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY) != 0;
      return self;
    }
    self = copy_foreign (dl, &shape, error);
  }
  release_foreign_versioned (managed);
  return self;
}

static void
delete_exported (DLManagedTensor *managed)
{
  dnn_tensor_unref (managed->manager_ctx);
  g_free (managed);
}

DLManagedTensor *
dnn_tensor_to_dlpack (DnnTensor *self)
{
  DLManagedTensor *managed = g_new0 (DLManagedTensor, 1);

  managed->dl_tensor = self->dl;
  managed->manager_ctx = dnn_tensor_ref (self);
  managed->deleter = delete_exported;
  return managed;
}

static void
delete_exported_versioned (struct DLManagedTensorVersioned *managed)
{
  dnn_tensor_unref (managed->manager_ctx);
  g_free (managed);
}

struct DLManagedTensorVersioned *
dnn_tensor_to_dlpack_versioned (DnnTensor *self)
{
  struct DLManagedTensorVersioned *managed = g_new0 (
      struct DLManagedTensorVersioned, 1);

  managed->version.major = DLPACK_MAJOR_VERSION;
  managed->version.minor = DLPACK_MINOR_VERSION;
  managed->flags = self->read_only ? DLPACK_FLAG_BITMASK_READ_ONLY : 0;
  managed->dl_tensor = self->dl;
  managed->manager_ctx = dnn_tensor_ref (self);
  managed->deleter = delete_exported_versioned;
  return managed;
}

const DLTensor *
dnn_tensor_get_dl (const DnnTensor *self)
{
  return &self->dl;
}

DnnType
dnn_tensor_get_element_type (const DnnTensor *self)
{
  return self->type;
}

const DnnShape *
dnn_tensor_get_shape (const DnnTensor *self)
{
  return &self->shape;
}

gsize
dnn_tensor_get_size (const DnnTensor *self)
{
  return self->size;
}

gconstpointer
dnn_tensor_get_data (const DnnTensor *self)
{
  return self->dl.data;
}

gpointer
dnn_tensor_get_writable_data (DnnTensor *self)
{
  g_return_val_if_fail (!self->read_only, NULL);
  return self->dl.data;
}

gboolean
dnn_tensor_equal (const DnnTensor *a, const DnnTensor *b)
{
  return a->type == b->type && dnn_shape_equal (&a->shape, &b->shape) &&
      (a->size == 0 || memcmp (a->dl.data, b->dl.data, a->size) == 0);
}
