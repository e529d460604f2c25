/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A frame, its caps, segment and map → meta on a buffer of tensors, and back.
 * Next: gstdnnmodule.c hands it on, decoders take the frame out. */
#include "config.h"

#include "gst-plugin/meta/gstdnnmeta-frame.h"

#include <math.h>

GType
gst_dnn_frame_meta_api_get_type (void)
{
  static gsize type = 0;
  /* No tags: it depends neither on size nor on memory nor on colours, so every
   * element that copies metadata copies it. */
  static const gchar *tags[] = { NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register ("GstDnnFrameMetaAPI", tags);
    g_once_init_leave (&type, registered);
  }
  return type;
}

static gboolean
init_meta (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstDnnFrameMeta *self = (GstDnnFrameMeta *) meta;

  self->frame = NULL;
  self->caps = NULL;
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->to_frame = gst_dnn_affine_identity ();
  self->to_model = gst_dnn_affine_identity ();
  self->model_w = self->model_h = 0;
  self->key = (GstDnnFrameKey){ 0, 0, 1 };
  self->age = 0;
  return TRUE;
}

static void
free_meta (GstMeta *meta, GstBuffer *buffer)
{
  GstDnnFrameMeta *self = (GstDnnFrameMeta *) meta;

  gst_clear_buffer (&self->frame);
  gst_clear_caps (&self->caps);
}

static gboolean
transform_meta (GstBuffer *dst, GstMeta *meta, GstBuffer *buffer, GQuark type,
    gpointer data)
{
  GstDnnFrameMeta *self = (GstDnnFrameMeta *) meta;
  GstDnnFrameMeta *copy;

  /* Onto its own frame it would be a cycle; a second one is never meant. */
  if (!GST_META_TRANSFORM_IS_COPY (type) || dst == self->frame ||
      gst_buffer_get_dnn_frame_meta (dst) != NULL)
    return FALSE;
  copy = gst_buffer_add_dnn_frame_meta (dst, self->frame, self->caps,
      &self->segment, &self->to_frame, &self->key);
  gst_dnn_frame_meta_set_model_size (copy, self->model_w, self->model_h);
  copy->age = self->age;
  return TRUE;
}

const GstMetaInfo *
gst_dnn_frame_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *registered = gst_meta_register (
        GST_DNN_FRAME_META_API_TYPE, "GstDnnFrameMeta",
        sizeof (GstDnnFrameMeta), init_meta, free_meta, transform_meta);
    g_once_init_leave (&info, registered);
  }
  return info;
}

GstDnnFrameMeta *
gst_buffer_add_dnn_frame_meta (GstBuffer *buffer, GstBuffer *frame,
    GstCaps *caps, const GstSegment *segment, const GstDnnAffine *to_frame,
    const GstDnnFrameKey *key)
{
  GstDnnAffine inverse = gst_dnn_affine_identity ();
  GstDnnFrameMeta *self;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);
  g_return_val_if_fail (buffer != frame, NULL);
  g_return_val_if_fail (key != NULL && key->serial != 0, NULL);
  g_return_val_if_fail (
      to_frame == NULL || gst_dnn_affine_invert (to_frame, &inverse), NULL);

  self = (GstDnnFrameMeta *) gst_buffer_add_meta (
      buffer, GST_DNN_FRAME_META_INFO, NULL);
  g_return_val_if_fail (self != NULL, NULL);
  if (frame != NULL)
    self->frame = gst_buffer_ref (frame);
  if (caps != NULL)
    self->caps = gst_caps_ref (caps);
  if (segment != NULL)
    self->segment = *segment;
  if (to_frame != NULL)
    self->to_frame = *to_frame;
  self->to_model = inverse;
  self->key = *key;
  return self;
}

void
gst_dnn_frame_meta_set_model_size (
    GstDnnFrameMeta *self, gint width, gint height)
{
  self->model_w = width;
  self->model_h = height;
}

GstDnnFrameMeta *
gst_buffer_get_dnn_frame_meta (GstBuffer *buffer)
{
  return (GstDnnFrameMeta *) gst_buffer_get_meta (
      buffer, GST_DNN_FRAME_META_API_TYPE);
}

void
gst_buffer_remove_dnn_frame_meta (GstBuffer *buffer)
{
  GstDnnFrameMeta *self = gst_buffer_get_dnn_frame_meta (buffer);

  if (self != NULL)
    gst_buffer_remove_meta (buffer, &self->meta);
}

GstDnnFrameKey
gst_dnn_frame_key_new (void)
{
  static GMutex lock;
  static guint64 last = 0;
  guint64 serial;

  g_mutex_lock (&lock);
  serial = ++last;
  g_mutex_unlock (&lock);
  return (GstDnnFrameKey){ serial, 0, 1 };
}

gint
gst_dnn_frame_key_compare (const GstDnnFrameKey *a, const GstDnnFrameKey *b)
{
  if (a->serial != b->serial)
    return a->serial < b->serial ? -1 : 1;
  if (a->region_idx != b->region_idx)
    return a->region_idx < b->region_idx ? -1 : 1;
  return 0;
}

GstDnnAffine
gst_dnn_affine_identity (void)
{
  return (GstDnnAffine){ { 1, 0, 0, 0, 1, 0 } };
}

gboolean
gst_dnn_affine_invert (const GstDnnAffine *self, GstDnnAffine *inverse)
{
  const gdouble *m = self->m;
  gdouble determinant = m[0] * m[4] - m[1] * m[3];
  gdouble *r = inverse->m;

  if (!isnormal (determinant))
    return FALSE;
  r[0] = m[4] / determinant;
  r[1] = -m[1] / determinant;
  r[2] = (m[1] * m[5] - m[4] * m[2]) / determinant;
  r[3] = -m[3] / determinant;
  r[4] = m[0] / determinant;
  r[5] = (m[3] * m[2] - m[0] * m[5]) / determinant;
  return TRUE;
}

void
gst_dnn_affine_map (const GstDnnAffine *self, gdouble *x, gdouble *y)
{
  const gdouble *m = self->m;
  gdouble mapped_x = m[0] * *x + m[1] * *y + m[2];
  gdouble mapped_y = m[3] * *x + m[4] * *y + m[5];

  *x = mapped_x;
  *y = mapped_y;
}
