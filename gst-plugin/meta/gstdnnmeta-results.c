/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GstDnnResult of decoders → metadata on the frame, which follows the picture
 * through scaling and cropping. Next: gstdnnoverlay.c, gstdnnjson.c. */
#include "config.h"

#include "gst-plugin/meta/gstdnnmeta-results.h"

#include <math.h>
#include <gst/video/video.h>

#include "gst-plugin/stream/gstdnncompat.h"

G_DEFINE_BOXED_TYPE (
    GstDnnResult, gst_dnn_result, gst_dnn_result_copy, gst_dnn_result_free)

static void
clear_result (gpointer data)
{
  GstDnnResult *result = data;

  gst_clear_structure (&result->extra);
}

static GstDnnResult
copy_value (const GstDnnResult *result)
{
  GstDnnResult copy = *result;

  if (copy.extra != NULL)
    copy.extra = gst_structure_copy (copy.extra);
  return copy;
}

GstDnnResult *
gst_dnn_result_copy (const GstDnnResult *self)
{
  GstDnnResult *copy = g_new (GstDnnResult, 1);

  *copy = copy_value (self);
  return copy;
}

void
gst_dnn_result_free (GstDnnResult *self)
{
  clear_result (self);
  g_free (self);
}

const gchar *
gst_dnn_result_get_label (const GstDnnResult *self)
{
  return g_quark_to_string (self->label);
}

const gchar *
gst_dnn_result_get_model (const GstDnnResult *self)
{
  return g_quark_to_string (self->model);
}

void
gst_dnn_result_set_label (GstDnnResult *self, const gchar *label)
{
  self->label = g_quark_from_string (label);
}

void
gst_dnn_result_set_model (GstDnnResult *self, const gchar *model)
{
  self->model = g_quark_from_string (model);
}

/* A number from 0 to 1 that a name always has: FNV-1a. */
static gdouble
hash_name (const gchar *name)
{
  guint32 hash = 0x811c9dc5u;

  for (; name != NULL && *name != '\0'; name++)
    hash = (hash ^ (guchar) *name) * 0x01000193u;
  return hash / 4294967296.0;
}

/* Colours far apart for neighbouring numbers: steps of the golden angle, paler
 * every few, since its multiples come close to one another again. Models start
 * at different places of the circle. */
guint32
gst_dnn_result_get_color (const GstDnnResult *self)
{
  gint id = MAX (self->label_id, 0);
  gdouble start = hash_name (gst_dnn_result_get_model (self));
  gdouble hue = fmod (id * 0.618034 + start, 1) * 6;
  gdouble least = 0.15 + 0.25 * (id / 8 % 3);
  guint32 color = 0;

  for (guint i = 0; i < 3; i++) {
    gdouble distance = fabs (fmod (hue + 6 - 2.0 * i, 6) - 3);

    color = color << 8 | (guint8) (CLAMP (distance - 1, least, 1) * 255);
  }
  return color;
}

GType
gst_dnn_results_meta_api_get_type (void)
{
  static GType type;
  /* Tags that every converter and scaler knows how to handle; with any other
   * videoconvert would drop the meta, without them videoscale would copy the
   * boxes unchanged. */
  static const gchar *tags[] = { GST_META_TAG_VIDEO_STR,
    GST_META_TAG_VIDEO_SIZE_STR, GST_META_TAG_VIDEO_ORIENTATION_STR, NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register (
        "GstDnnResultsMetaAPI", tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static gboolean
init_meta (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstDnnResultsMeta *self = (GstDnnResultsMeta *) meta;

  self->results = g_array_new (FALSE, FALSE, sizeof (GstDnnResult));
  g_array_set_clear_func (self->results, clear_result);
  self->age = 0;
  return TRUE;
}

static void
free_meta (GstMeta *meta, GstBuffer *buffer)
{
  GstDnnResultsMeta *self = (GstDnnResultsMeta *) meta;

  g_array_unref (self->results);
}

/* The box around the mapped corners, cut to the output frame. %FALSE if
 * nothing of it is left. */
static gboolean
map_box (GstDnnResult *result, const gdouble map[3][3], gdouble frame_w,
    gdouble frame_h)
{
  gdouble x0 = G_MAXDOUBLE, y0 = G_MAXDOUBLE, x1 = -G_MAXDOUBLE,
          y1 = -G_MAXDOUBLE;

  for (guint corner = 0; corner < 4; corner++) {
    gdouble x = result->x + (corner & 1 ? result->w : 0);
    gdouble y = result->y + (corner & 2 ? result->h : 0);
    gdouble scale = map[2][0] * x + map[2][1] * y + map[2][2];
    gdouble mapped_x = (map[0][0] * x + map[0][1] * y + map[0][2]) / scale;
    gdouble mapped_y = (map[1][0] * x + map[1][1] * y + map[1][2]) / scale;

    x0 = MIN (x0, mapped_x);
    y0 = MIN (y0, mapped_y);
    x1 = MAX (x1, mapped_x);
    y1 = MAX (y1, mapped_y);
  }
  result->x = CLAMP (x0, 0, frame_w);
  result->y = CLAMP (y0, 0, frame_h);
  result->w = CLAMP (x1, 0, frame_w) - result->x;
  result->h = CLAMP (y1, 0, frame_h) - result->y;
  return result->w > 0 && result->h > 0;
}

static void
copy_mapped (GstDnnResultsMeta *dst, const GstDnnResultsMeta *src,
    const gdouble map[3][3], const GstVideoInfo *out_info)
{
  dst->age = MAX (dst->age, src->age);
  for (guint i = 0; i < src->results->len; i++) {
    GstDnnResult result = g_array_index (src->results, GstDnnResult, i);

    if (map_box (&result, map, GST_VIDEO_INFO_WIDTH (out_info),
            GST_VIDEO_INFO_HEIGHT (out_info)))
      gst_dnn_results_meta_add (dst, &result);
  }
}

/* The part of the output that the input fills: all of it, unless the aspect
 * ratios differ. Then videoscale adds borders unless told not to; the meta is
 * not told which, so the default is assumed. */
static void
find_scaled_area (const GstVideoInfo *in, const GstVideoInfo *out,
    gdouble *area_w, gdouble *area_h)
{
  guint64 in_w = (guint64) in->width * in->par_n * out->par_d;
  guint64 in_h = (guint64) in->height * in->par_d * out->par_n;
  gint w = out->width, h = out->height;

  if (in_w > 0 && in_h > 0) {
    guint64 fit_h = gst_util_uint64_scale (w, in_h, in_w);

    if (fit_h <= (guint64) h)
      h = fit_h;
    else
      w = gst_util_uint64_scale (h, in_w, in_h);
  }
  *area_w = w;
  *area_h = h;
}

static void
transform_scale (GstDnnResultsMeta *dst, const GstDnnResultsMeta *src,
    const GstVideoMetaTransform *transform)
{
  const GstVideoInfo *in = transform->in_info, *out = transform->out_info;
  gdouble area_w, area_h;
  gdouble map[3][3] = { { 0 } };

  find_scaled_area (in, out, &area_w, &area_h);
  map[0][0] = area_w / in->width;
  map[0][2] = floor ((out->width - area_w) / 2);
  map[1][1] = area_h / in->height;
  map[1][2] = floor ((out->height - area_h) / 2);
  map[2][2] = 1;
  copy_mapped (dst, src, map, out);
}

#if GST_DNN_HAVE_META_MATRIX
/* videoflip's matrices map numbers of pixels (319 - x), not places between them
 * (320 - x): the picture would lie one pixel before its rectangle. */
static void
place_picture (gdouble map[3][3], const GstVideoRectangle *in,
    const GstVideoRectangle *out)
{
  const gint size[] = { out->w, out->h };

  if (map[2][0] != 0 || map[2][1] != 0 || map[2][2] != 1)
    return;
  for (guint row = 0; row < 2; row++) {
    gdouble x = map[row][0] * in->w, y = map[row][1] * in->h;
    gdouble start = map[row][2] + MIN (x, 0) + MIN (y, 0);
    gdouble end = map[row][2] + MAX (x, 0) + MAX (y, 0);
    if (ABS (start + 1) < 1e-3 && ABS (end + 1 - size[row]) < 1e-3)
      map[row][2] += 1;
  }
}

/* The matrix maps the input rectangle's own coordinates to those of the output
 * rectangle. */
static void
transform_matrix (GstDnnResultsMeta *dst, const GstDnnResultsMeta *src,
    const GstVideoMetaTransformMatrix *transform)
{
  const GstVideoRectangle *in = &transform->in_rectangle;
  const GstVideoRectangle *out = &transform->out_rectangle;
  gdouble map[3][3];

  for (guint row = 0; row < 3; row++)
    for (guint col = 0; col < 3; col++)
      map[row][col] = transform->matrix[row][col];
  place_picture (map, in, out);
  for (guint row = 0; row < 3; row++)
    map[row][2] -= in->x * map[row][0] + in->y * map[row][1];
  for (guint col = 0; col < 3; col++) {
    map[0][col] += out->x * map[2][col];
    map[1][col] += out->y * map[2][col];
  }
  copy_mapped (dst, src, map, transform->out_info);
}
#endif

static gboolean
transform_meta (GstBuffer *dst_buffer, GstMeta *meta, GstBuffer *src_buffer,
    GQuark type, gpointer data)
{
  GstDnnResultsMeta *src = (GstDnnResultsMeta *) meta;

  if (GST_META_TRANSFORM_IS_COPY (type)) {
    GstDnnResultsMeta *dst = gst_buffer_add_dnn_results_meta (dst_buffer);

    dst->age = MAX (dst->age, src->age);
    for (guint i = 0; i < src->results->len; i++)
      gst_dnn_results_meta_add (
          dst, &g_array_index (src->results, GstDnnResult, i));
    return TRUE;
  }
#if GST_DNN_HAVE_META_MATRIX
  if (GST_VIDEO_META_TRANSFORM_IS_MATRIX (type)) {
    transform_matrix (gst_buffer_add_dnn_results_meta (dst_buffer), src, data);
    return TRUE;
  }
#endif
  if (GST_VIDEO_META_TRANSFORM_IS_SCALE (type)) {
    transform_scale (gst_buffer_add_dnn_results_meta (dst_buffer), src, data);
    return TRUE;
  }
  return FALSE;
}

const GstMetaInfo *
gst_dnn_results_meta_get_info (void)
{
  static const GstMetaInfo *info;

  if (g_once_init_enter ((GstMetaInfo **) &info)) {
    const GstMetaInfo *registered = gst_meta_register (
        GST_DNN_RESULTS_META_API_TYPE, "GstDnnResultsMeta",
        sizeof (GstDnnResultsMeta), init_meta, free_meta, transform_meta);

    g_once_init_leave ((GstMetaInfo **) &info, (GstMetaInfo *) registered);
  }
  return info;
}

GstDnnResultsMeta *
gst_buffer_add_dnn_results_meta (GstBuffer *buffer)
{
  GstDnnResultsMeta *meta = gst_buffer_get_dnn_results_meta (buffer);

  if (meta == NULL)
    meta = (GstDnnResultsMeta *) gst_buffer_add_meta (
        buffer, GST_DNN_RESULTS_META_INFO, NULL);
  return meta;
}

GstDnnResultsMeta *
gst_buffer_get_dnn_results_meta (GstBuffer *buffer)
{
  return (GstDnnResultsMeta *) gst_buffer_get_meta (
      buffer, GST_DNN_RESULTS_META_API_TYPE);
}

void
gst_dnn_results_meta_add (GstDnnResultsMeta *self, const GstDnnResult *result)
{
  GstDnnResult copy = copy_value (result);

  g_array_append_val (self->results, copy);
}

guint
gst_dnn_results_meta_get_n (const GstDnnResultsMeta *self)
{
  return self->results->len;
}

const GstDnnResult *
gst_dnn_results_meta_get (const GstDnnResultsMeta *self, guint idx)
{
  g_return_val_if_fail (idx < self->results->len, NULL);
  return &g_array_index (self->results, GstDnnResult, idx);
}
