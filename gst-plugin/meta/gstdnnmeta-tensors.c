/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors and their caps → metadata on the frame. */
#include "config.h"

#include "gst-plugin/meta/gstdnnmeta-tensors.h"

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
