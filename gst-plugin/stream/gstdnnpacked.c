/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memories from the 16th tensor on → one memory, and back. Next:
 * gstdnnbuffer.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnpacked.h"

#include <string.h>

#include "pipeline-core/base/dnn-tensor.h"

#define MAGIC 0xf00dc0deu
#define MAX_EXTRA (GST_DNN_MAX_TENSORS - GST_DNN_MAX_MEMORIES)
#define RANK 16
/* The first tensor in it. */
#define FIRST (GST_DNN_MAX_MEMORIES - 1)

/* What stands there of the tensors behind the 16th. */
typedef struct
{
  gpointer name; /* NULL */
  guint32 type;
  guint32 dimensions[RANK]; /* innermost first; 0 behind the last one */
} Tensor;

typedef struct
{
  guint32 magic, version, n_extra;
  guint64 first_size; /* bytes of the 16th */
  Tensor tensors[MAX_EXTRA];
} Header;

/* ---- in ----------------------------------------------------------------- */

static gboolean
describe (Tensor *tensor, const GstDnnTensorsInfo *info, guint idx,
    const guint8 *data, gsize size, GError **error)
{
  DnnShape shape = info->shapes[idx];
  DnnType type = info->types[idx];

  if (info->flexible && !gst_dnn_header_read (data, size, &type, &shape, error))
    return FALSE;
  *tensor = (Tensor){ .type = gst_dnn_header_get_type (type) };
  tensor->dimensions[0] = 1; /* a scalar */
  for (gint i = 0; i < shape.rank; i++)
    tensor->dimensions[i] = (guint32) shape.dims[shape.rank - 1 - i];
  return TRUE;
}

static gboolean
copy_memory (guint8 *dst, GstMemory *memory, guint idx, GError **error)
{
  GstMapInfo map;

  if (!gst_memory_map (memory, &map, GST_MAP_READ)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "Tensor %u can't be mapped for reading", idx);
    return FALSE;
  }
  memcpy (dst, map.data, map.size);
  gst_memory_unmap (memory, &map);
  return TRUE;
}

GstMemory *
gst_dnn_packed_new (GstMemory *const *memories, guint n,
    const GstDnnTensorsInfo *info, GError **error)
{
  gsize size = sizeof (Header), offset = sizeof (Header);
  GstMemory *packed;
  gboolean done = TRUE;
  Header *header;
  GstMapInfo map;

  for (guint i = 0; i < n; i++)
    size += memories[i]->size;
  packed = gst_allocator_alloc (NULL, size, NULL);
  if (packed == NULL || !gst_memory_map (packed, &map, GST_MAP_WRITE)) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "%u tensors of %" G_GSIZE_FORMAT " bytes can't be allocated", n, size);
    g_clear_pointer (&packed, gst_memory_unref);
    return NULL;
  }
  header = (Header *) (gpointer) map.data;
  memset (header, 0, sizeof (Header));
  header->magic = MAGIC;
  header->n_extra = n - 1;
  header->first_size = memories[0]->size;
  for (guint i = 0; done && i < n; i++) {
    done = copy_memory (map.data + offset, memories[i], FIRST + i, error) &&
        (i == 0 ||
            describe (&header->tensors[i - 1], info, FIRST + i,
                map.data + offset, memories[i]->size, error));
    offset += memories[i]->size;
  }
  gst_memory_unmap (packed, &map);
  if (!done)
    g_clear_pointer (&packed, gst_memory_unref);
  return packed;
}

/* ---- out ---------------------------------------------------------------- */

static gboolean
is_header (const GstMapInfo *map)
{
  const Header *header = (const Header *) (gconstpointer) map->data;

  return map->size >= sizeof (Header) && header->magic == MAGIC &&
      header->n_extra >= 1 && header->n_extra <= MAX_EXTRA;
}

guint
gst_dnn_packed_get_n (GstMemory *memory)
{
  guint n = 1;
  GstMapInfo map;

  if (!gst_memory_map (memory, &map, GST_MAP_READ))
    return n;
  if (is_header (&map))
    n += ((const Header *) (gconstpointer) map.data)->n_extra;
  gst_memory_unmap (memory, &map);
  return n;
}

/* Bytes of tensor @idx, which begins at @offset. */
static gboolean
get_size (const GstMapInfo *map, const GstDnnTensorsInfo *info, guint idx,
    gsize offset, gsize *size, GError **error)
{
  const Header *header = (const Header *) (gconstpointer) map->data;
  DnnShape shape;
  DnnType type;

  if (idx == FIRST) {
    *size = header->first_size;
  } else if (!info->flexible) {
    *size = gst_dnn_tensors_info_get_size (info, idx);
  } else {
    if (!gst_dnn_header_read (
            map->data + offset, map->size - offset, &type, &shape, error))
      return FALSE;
    *size = GST_DNN_HEADER_SIZE +
        (gsize) dnn_shape_n_elements (&shape) * dnn_type_size (type);
  }
  if (*size <= map->size - offset &&
      (info->flexible || *size == gst_dnn_tensors_info_get_size (info, idx)))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
      "Tensor %u: %" G_GSIZE_FORMAT
      " bytes don't fit the stream, or the %" G_GSIZE_FORMAT
      " bytes behind it in the last memory",
      idx, *size, map->size - offset);
  return FALSE;
}

/* Packed without gaps: what lies on no element's boundary is copied. */
static GstMemory *
take_part (GstMemory *memory, const guint8 *data, gsize offset, gsize size,
    GError **error)
{
  GstAllocationParams params;
  GstMemory *copy;

  if (GPOINTER_TO_SIZE (data + offset) % sizeof (guint64) == 0)
    return gst_memory_share (memory, (gssize) offset, (gssize) size);
  gst_allocation_params_init (&params);
  params.align = DNN_ALIGNMENT - 1;
  copy = gst_allocator_alloc (NULL, size, &params);
  if (copy != NULL) {
    GstMapInfo map;
    gst_memory_map (copy, &map, GST_MAP_WRITE);
    memcpy (map.data, data + offset, size);
    gst_memory_unmap (copy, &map);
    return copy;
  }
  g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
      "%" G_GSIZE_FORMAT " bytes can't be allocated", size);
  return NULL;
}

GstMemory *
gst_dnn_packed_get (
    GstMemory *memory, const GstDnnTensorsInfo *info, guint idx, GError **error)
{
  gsize offset = sizeof (Header), size = 0;
  GstMemory *part = NULL;
  gboolean is_there;
  GstMapInfo map;

  is_there = gst_dnn_packed_get_n (memory) > idx - FIRST &&
      gst_memory_map (memory, &map, GST_MAP_READ);
  if (!is_there) {
    g_set_error (error, DNN_ERROR, DNN_ERROR_DATA,
        "Tensor %u: the last memory of the buffer doesn't hold it", idx);
    return NULL;
  }
  for (guint i = FIRST; is_there && i <= idx; i++) {
    offset += size;
    is_there = get_size (&map, info, i, offset, &size, error);
  }
  if (is_there)
    part = take_part (memory, map.data, offset, size, error);
  gst_memory_unmap (memory, &map);
  return part;
}
