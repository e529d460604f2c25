/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors and their caps → metadata on the frame; from there, each as a
 * DnnTensor. */
#include "config.h"

#include "gst-plugin/meta/gstdnnmeta-tensors.h"

#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnncaps.h"

GType
gst_dnn_tensors_meta_api_get_type (void)
{
  static gsize type = 0;
  static const gchar *tags[] = { NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register (
        "GstDnnTensorsMetaAPI", tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static gboolean
init_meta (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstDnnTensorsMeta *self = (GstDnnTensorsMeta *) meta;

  self->tensors = NULL;
  self->caps = NULL;
  self->model = 0;
  return TRUE;
}

static void
free_meta (GstMeta *meta, GstBuffer *buffer)
{
  GstDnnTensorsMeta *self = (GstDnnTensorsMeta *) meta;

  gst_clear_buffer (&self->tensors);
  gst_clear_caps (&self->caps);
}

static gboolean
transform_meta (
    GstBuffer *dst, GstMeta *meta, GstBuffer *src, GQuark type, gpointer data)
{
  GstDnnTensorsMeta *self = (GstDnnTensorsMeta *) meta;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  gst_buffer_add_dnn_tensors_meta (
      dst, self->tensors, self->caps, g_quark_to_string (self->model));
  return TRUE;
}

const GstMetaInfo *
gst_dnn_tensors_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *registered = gst_meta_register (
        GST_DNN_TENSORS_META_API_TYPE, "GstDnnTensorsMeta",
        sizeof (GstDnnTensorsMeta), init_meta, free_meta, transform_meta);

    g_once_init_leave (&info, registered);
  }
  return info;
}

GstDnnTensorsMeta *
gst_buffer_add_dnn_tensors_meta (
    GstBuffer *buffer, GstBuffer *tensors, GstCaps *caps, const gchar *model)
{
  GstDnnTensorsMeta *self;

  g_return_val_if_fail (buffer != tensors, NULL);
  self = (GstDnnTensorsMeta *) gst_buffer_add_meta (
      buffer, GST_DNN_TENSORS_META_INFO, NULL);
  self->tensors = gst_buffer_ref (tensors);
  self->caps = gst_caps_ref (caps);
  self->model = g_quark_from_string (model);
  return self;
}

GstDnnTensorsMeta *
gst_buffer_get_dnn_tensors_meta (GstBuffer *buffer)
{
  return (GstDnnTensorsMeta *) gst_buffer_get_meta (
      buffer, GST_DNN_TENSORS_META_API_TYPE);
}

GstDnnTensorsMeta *
gst_buffer_find_dnn_tensors_meta (GstBuffer *buffer, const gchar *model)
{
  GQuark quark = g_quark_try_string (model);
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (
              buffer, &state, GST_DNN_TENSORS_META_API_TYPE)) != NULL)
    if (quark != 0 && ((GstDnnTensorsMeta *) meta)->model == quark)
      return (GstDnnTensorsMeta *) meta;
  return NULL;
}

const gchar *
gst_dnn_tensors_meta_get_model (const GstDnnTensorsMeta *self)
{
  return g_quark_to_string (self->model);
}

guint
gst_dnn_tensors_meta_get_n (const GstDnnTensorsMeta *self)
{
  GstDnnTensorsInfo info;

  if (!gst_dnn_tensors_info_from_caps (&info, self->caps, NULL))
    return 0;
  return gst_dnn_buffer_get_n_tensors (self->tensors, &info);
}

/* What a tensor holds of the buffer. */
typedef struct
{
  GstMemory *memory;
  GstMapInfo map;
} Mapped;

static void
unmap (gpointer data)
{
  Mapped *mapped = data;

  gst_memory_unmap (mapped->memory, &mapped->map);
  gst_memory_unref (mapped->memory);
  g_free (mapped);
}

static Mapped *
map_tensor (const GstDnnTensorsMeta *self, const GstDnnTensorsInfo *info,
    guint idx, GError **error)
{
  Mapped *mapped = g_new0 (Mapped, 1);

  mapped->memory = gst_dnn_buffer_get_tensor (self->tensors, info, idx, error);
  if (mapped->memory != NULL &&
      gst_memory_map (mapped->memory, &mapped->map, GST_MAP_READ))
    return mapped;
  if (mapped->memory != NULL) {
    gst_memory_unref (mapped->memory);
    g_set_error (error, DNN_ERROR, DNN_ERROR_FAILED,
        "Tensor %u can't be mapped for reading", idx);
  }
  g_free (mapped);
  return NULL;
}

DnnTensor *
gst_dnn_tensors_meta_get (
    const GstDnnTensorsMeta *self, guint idx, GError **error)
{
  GstDnnTensorsInfo info;
  const guint8 *data;
  Mapped *mapped;
  DnnShape shape;
  DnnType type;

  if (!gst_dnn_tensors_info_from_caps (&info, self->caps, error))
    return NULL;
  g_return_val_if_fail (
      idx < gst_dnn_buffer_get_n_tensors (self->tensors, &info), NULL);
  mapped = map_tensor (self, &info, idx, error);
  if (mapped == NULL)
    return NULL;
  data = mapped->map.data;
  if (!info.flexible)
    return dnn_tensor_new_wrapped (
        info.types[idx], &info.shapes[idx], data, unmap, mapped);
  if (!gst_dnn_header_read (data, mapped->map.size, &type, &shape, error)) {
    unmap (mapped);
    return NULL;
  }
  return dnn_tensor_new_wrapped (
      type, &shape, data + GST_DNN_HEADER_SIZE, unmap, mapped);
}
