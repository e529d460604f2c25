/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A video frame → one tensor. For each row of the tensor: the rows of each
 * plane that make it are blended byte by byte (contiguous, whatever the format
 * is), each component is picked from that at its columns, and colour, mean and
 * scale are one multiply-add a component. All positions and weights are tables
 * made once. Next: gstdnnpreprocess.c. */
#include "config.h"

#include "gst-plugin/pixels/gstdnnpixels.h"

#include <math.h>
#include <string.h>

#include "gst-plugin/pixels/gstdnnpixels-color.h"
#include "pipeline-core/base/dnn-tensor.h"

#define MAX_COMPONENTS 3

/* One plane of the frame: its rows, and the bytes of them that are needed. */
typedef struct
{
  GstDnnTaps rows;
  gint byte_start, n_bytes;
  gfloat *blended;
} Plane;

struct _GstDnnPixels
{
  GstDnnPixelsOptions options;
  GstDnnGeometry geometry;
  GstDnnColorMatrix color;
  guint n_planes, n_components;
  guint plane_of[MAX_COMPONENTS];
  Plane planes[MAX_COMPONENTS];
  GstDnnTaps columns[MAX_COMPONENTS]; /* offsets into the blended row */
  gfloat *picked[MAX_COMPONENTS]; /* geometry.dst_w each */
  gfloat *channel; /* one channel of one row, 0 … 255 */
  gfloat fill[3]; /* channels of the border, after mean and scale */
};

guint
gst_dnn_color_get_n_channels (GstDnnColor color)
{
  return color == GST_DNN_COLOR_GRAY ? 1 : 3;
}

/* Begin and step of one axis in samples of a component that is subsampled by
 * 1 << @sub. Cosited samples lie on the first luma sample of their group,
 * others in its middle. */
static void
map_axis (gdouble *origin, gdouble *step, guint sub, gboolean cosited)
{
  gdouble group = 1 << sub;

  if (sub == 0)
    return;
  *origin = cosited ? (*origin - 0.5) / group + 0.5 : *origin / group;
  *step /= group;
}

static void
init_rows (GstDnnPixels *self, const GstVideoInfo *info, guint component)
{
  const GstDnnGeometry *g = &self->geometry;
  guint sub = GST_VIDEO_FORMAT_INFO_H_SUB (info->finfo, component);
  gdouble origin = g->src_y, step = g->src_h / g->dst_h;
  gint lo = (gint) floor (g->src_y + 1e-6) >> sub;
  gint hi = ((gint) ceil (g->src_y + g->src_h - 1e-6) - 1) >> sub;

  map_axis (&origin, &step, sub,
      (info->chroma_site & GST_VIDEO_CHROMA_SITE_V_COSITED) != 0);
  gst_dnn_taps_init (&self->planes[self->plane_of[component]].rows,
      self->options.filter, g->dst_h, origin, step, lo, hi);
}

static void
init_columns (GstDnnPixels *self, const GstVideoInfo *info, guint component)
{
  const GstDnnGeometry *g = &self->geometry;
  const GstVideoFormatInfo *finfo = info->finfo;
  guint sub = GST_VIDEO_FORMAT_INFO_W_SUB (finfo, component);
  GstDnnTaps *taps = &self->columns[component];
  Plane *plane = &self->planes[self->plane_of[component]];
  gdouble origin = g->src_x, step = g->src_w / g->dst_w;
  gint lo = (gint) floor (g->src_x + 1e-6) >> sub;
  gint hi = ((gint) ceil (g->src_x + g->src_w - 1e-6) - 1) >> sub;
  gint stride = GST_VIDEO_FORMAT_INFO_PSTRIDE (finfo, component);
  gint offset = GST_VIDEO_FORMAT_INFO_POFFSET (finfo, component);
  gint end;

  map_axis (&origin, &step, sub,
      (info->chroma_site & GST_VIDEO_CHROMA_SITE_H_COSITED) != 0);
  gst_dnn_taps_init (
      taps, self->options.filter, g->dst_w, origin, step, lo, hi);
  gst_dnn_taps_to_offsets (taps, stride, offset);
  end = MAX (
      plane->byte_start + plane->n_bytes, taps->last * stride + offset + 1);
  if (plane->n_bytes == 0)
    plane->byte_start = G_MAXINT;
  plane->byte_start = MIN (plane->byte_start, taps->first * stride + offset);
  plane->n_bytes = end - plane->byte_start;
}

static void
init_fill (GstDnnPixels *self)
{
  const GstDnnPixelsOptions *o = &self->options;
  gfloat rgb[3] = { o->fill[0], o->fill[1], o->fill[2] };

  if (o->color == GST_DNN_COLOR_BGR) {
    rgb[0] = o->fill[2];
    rgb[2] = o->fill[0];
  } else if (o->color == GST_DNN_COLOR_GRAY) {
    rgb[0] = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
  }
  for (guint c = 0; c < self->color.n_channels; c++)
    self->fill[c] = (rgb[c] - o->mean[c]) * o->scale[c];
}

GstDnnPixels *
gst_dnn_pixels_new (
    const GstVideoInfo *info, const GstDnnPixelsOptions *options)
{
  GstDnnPixels *self = g_new0 (GstDnnPixels, 1);

  self->options = *options;
  gst_dnn_geometry_init (&self->geometry, info, options->width, options->height,
      options->resize, options->center_crop);
  gst_dnn_color_matrix_init (&self->color, info, options->color);
  self->n_components = MIN (GST_VIDEO_INFO_N_COMPONENTS (info), MAX_COMPONENTS);
  if (options->color == GST_DNN_COLOR_GRAY && GST_VIDEO_INFO_IS_YUV (info))
    self->n_components = 1;
  for (guint c = 0; c < self->n_components; c++) {
    Plane *plane;

    self->plane_of[c] = GST_VIDEO_FORMAT_INFO_PLANE (info->finfo, c);
    plane = &self->planes[self->plane_of[c]];
    self->n_planes = MAX (self->n_planes, self->plane_of[c] + 1);
    if (plane->rows.idx == NULL)
      init_rows (self, info, c);
    init_columns (self, info, c);
    self->picked[c] = dnn_alloc_aligned (
        self->geometry.dst_w * sizeof (gfloat));
  }
  for (guint c = 0; c < self->n_components; c++)
    gst_dnn_taps_to_offsets (
        &self->columns[c], 1, -self->planes[self->plane_of[c]].byte_start);
  for (guint p = 0; p < self->n_planes; p++)
    self->planes[p].blended = dnn_alloc_aligned (
        self->planes[p].n_bytes * sizeof (gfloat));
  self->channel = dnn_alloc_aligned (self->geometry.dst_w * sizeof (gfloat));
  init_fill (self);
  return self;
}

void
gst_dnn_pixels_free (GstDnnPixels *self)
{
  for (guint i = 0; i < MAX_COMPONENTS; i++) {
    gst_dnn_taps_clear (&self->planes[i].rows);
    gst_dnn_taps_clear (&self->columns[i]);
    g_clear_pointer (&self->planes[i].blended, dnn_free_aligned);
    g_clear_pointer (&self->picked[i], dnn_free_aligned);
  }
  g_clear_pointer (&self->channel, dnn_free_aligned);
  g_free (self);
}

const GstDnnGeometry *
gst_dnn_pixels_get_geometry (const GstDnnPixels *self)
{
  return &self->geometry;
}

gsize
gst_dnn_pixels_get_size (const GstDnnPixels *self)
{
  return (gsize) self->options.width * self->options.height *
      self->color.n_channels * dnn_type_size (self->options.type);
}

/* The loops below are what the compiler vectorises. */

static void
blend_one (gfloat *restrict dst, const guint8 *restrict a, gint n)
{
  for (gint i = 0; i < n; i++)
    dst[i] = a[i];
}

static void
blend_two (gfloat *restrict dst, const guint8 *restrict a,
    const guint8 *restrict b, gfloat weight_a, gfloat weight_b, gint n)
{
  for (gint i = 0; i < n; i++)
    dst[i] = weight_a * a[i] + weight_b * b[i];
}

static void
blend_more (
    gfloat *restrict dst, const guint8 *restrict a, gfloat weight, gint n)
{
  for (gint i = 0; i < n; i++)
    dst[i] += weight * a[i];
}

static void
blend_rows (Plane *plane, const guint8 *data, gint stride, gint y)
{
  const gint *idx = plane->rows.idx + y * plane->rows.n_taps;
  const gfloat *weight = plane->rows.weight + y * plane->rows.n_taps;
  const guint8 *row = data + plane->byte_start;
  gint n = plane->rows.n_taps, t = 0;

  while (n > 1 && weight[n - 1] == 0)
    n--;
  while (t < n - 1 && weight[t] == 0)
    t++;
  if (n - t == 1) {
    blend_one (plane->blended, row + (gssize) idx[t] * stride, plane->n_bytes);
    return;
  }
  blend_two (plane->blended, row + (gssize) idx[t] * stride,
      row + (gssize) idx[t + 1] * stride, weight[t], weight[t + 1],
      plane->n_bytes);
  for (t += 2; t < n; t++)
    blend_more (plane->blended, row + (gssize) idx[t] * stride, weight[t],
        plane->n_bytes);
}

static void
pick_columns (
    gfloat *restrict dst, const GstDnnTaps *taps, const gfloat *restrict src)
{
  const gint *idx = taps->idx;
  const gfloat *weight = taps->weight;

  if (taps->n_taps == 1) {
    for (gint x = 0; x < taps->n_dst; x++)
      dst[x] = src[idx[x]];
  } else if (taps->n_taps == 2) {
    for (gint x = 0; x < taps->n_dst; x++)
      dst[x] = weight[2 * x] * src[idx[2 * x]] +
          weight[2 * x + 1] * src[idx[2 * x + 1]];
  } else {
    for (gint x = 0; x < taps->n_dst; x++) {
      gfloat sum = 0;

      for (gint t = 0; t < taps->n_taps; t++)
        sum += *weight++ * src[*idx++];
      dst[x] = sum;
    }
  }
}

/* One channel of the tensor from the components, 0 … 255. */
static const gfloat *
mix_channel (GstDnnPixels *self, guint channel)
{
  const gfloat *m = self->color.matrix[channel];
  gint n = self->geometry.dst_w;
  gfloat *restrict dst = self->channel;
  const gfloat *restrict a = self->picked[0];

  if (self->n_components == 3) {
    const gfloat *restrict b = self->picked[1];
    const gfloat *restrict c = self->picked[2];

    for (gint x = 0; x < n; x++)
      dst[x] = m[0] * a[x] + m[1] * b[x] + m[2] * c[x] + m[3];
  } else {
    for (gint x = 0; x < n; x++)
      dst[x] = m[0] * a[x] + m[3];
  }
  if (self->color.clamps) {
    for (gint x = 0; x < n; x++) {
      gfloat v = dst[x] < 0 ? 0 : dst[x];

      dst[x] = v > 255 ? 255 : v;
    }
  }
  return dst;
}

/* The channel itself where a component is one: RGB → RGB. */
static const gfloat *
get_channel (GstDnnPixels *self, guint channel)
{
  const gfloat *m = self->color.matrix[channel];

  if (self->color.clamps || m[3] != 0)
    return mix_channel (self, channel);
  for (guint c = 0; c < self->n_components; c++) {
    gboolean is_only = m[c] == 1;

    for (guint other = 0; other < self->n_components; other++)
      is_only = is_only && (other == c || m[other] == 0);
    if (is_only)
      return self->picked[c];
  }
  return mix_channel (self, channel);
}

static inline guint8
round_uint8 (gfloat v)
{
  v = v < 0 ? 0 : v;
  v = v > 255 ? 255 : v;
  return (guint8) (gint) (v + 0.5f);
}

static inline gint8
round_int8 (gfloat v)
{
  v = v < -128 ? -128 : v;
  v = v > 127 ? 127 : v;
  return (gint8) ((gint) (v + 128.5f) - 128);
}

/* dst[x · step] = (src[x] - mean) · scale. */
static void
store_row (gpointer dst, DnnType type, gint step, const gfloat *restrict src,
    gfloat mean, gfloat scale, gint n)
{
  if (type == DNN_TYPE_FLOAT32) {
    gfloat *restrict out = dst;

    if (step == 1) {
      for (gint x = 0; x < n; x++)
        out[x] = (src[x] - mean) * scale;
    } else {
      for (gint x = 0; x < n; x++)
        out[x * step] = (src[x] - mean) * scale;
    }
  } else if (type == DNN_TYPE_UINT8) {
    guint8 *restrict out = dst;

    for (gint x = 0; x < n; x++)
      out[x * step] = round_uint8 ((src[x] - mean) * scale);
  } else {
    gint8 *restrict out = dst;

    for (gint x = 0; x < n; x++)
      out[x * step] = round_int8 ((src[x] - mean) * scale);
  }
}

static void
fill_row (gpointer dst, DnnType type, gint step, gfloat value, gint n)
{
  if (type == DNN_TYPE_FLOAT32) {
    gfloat *out = dst;

    for (gint x = 0; x < n; x++)
      out[x * step] = value;
  } else {
    guint8 *out = dst;
    guint8 byte = type == DNN_TYPE_UINT8 ? round_uint8 (value)
                                         : (guint8) round_int8 (value);

    for (gint x = 0; x < n; x++)
      out[x * step] = byte;
  }
}

/* Address of a channel's first value in row @y, and the step to the next. */
static guint8 *
get_row (
    const GstDnnPixels *self, gpointer dst, guint channel, gint y, gint *step)
{
  const GstDnnPixelsOptions *o = &self->options;
  gsize size = dnn_type_size (o->type);
  gsize row = (gsize) o->width * y;

  if (o->layout == GST_DNN_LAYOUT_NHWC) {
    *step = self->color.n_channels;
    return (guint8 *) dst + (row * *step + channel) * size;
  }
  *step = 1;
  return (guint8 *) dst + ((gsize) o->width * o->height * channel + row) * size;
}

static void
fill_borders (GstDnnPixels *self, gpointer dst, gint y, gboolean whole)
{
  const GstDnnGeometry *g = &self->geometry;
  gint left = whole ? self->options.width : g->dst_x;
  gint right = whole ? 0 : self->options.width - g->dst_x - g->dst_w;
  gsize size = dnn_type_size (self->options.type);

  for (guint c = 0; c < self->color.n_channels; c++) {
    gint step;
    guint8 *row = get_row (self, dst, c, y, &step);

    fill_row (row, self->options.type, step, self->fill[c], left);
    row += (gsize) (self->options.width - right) * step * size;
    fill_row (row, self->options.type, step, self->fill[c], right);
  }
}

static void
run_row (GstDnnPixels *self, const GstVideoFrame *frame, gpointer dst, gint y)
{
  const GstDnnGeometry *g = &self->geometry;
  const GstDnnPixelsOptions *o = &self->options;

  for (guint p = 0; p < self->n_planes; p++)
    blend_rows (&self->planes[p], GST_VIDEO_FRAME_PLANE_DATA (frame, p),
        GST_VIDEO_FRAME_PLANE_STRIDE (frame, p), y);
  for (guint c = 0; c < self->n_components; c++)
    pick_columns (self->picked[c], &self->columns[c],
        self->planes[self->plane_of[c]].blended);
  for (guint c = 0; c < self->color.n_channels; c++) {
    gint step;
    guint8 *row = get_row (self, dst, c, g->dst_y + y, &step);

    row += (gsize) g->dst_x * step * dnn_type_size (o->type);
    store_row (row, o->type, step, get_channel (self, c), o->mean[c],
        o->scale[c], g->dst_w);
  }
}

void
gst_dnn_pixels_run (
    GstDnnPixels *self, const GstVideoFrame *frame, gpointer dst)
{
  const GstDnnGeometry *g = &self->geometry;

  for (gint y = 0; y < self->options.height; y++) {
    gboolean outside = y < g->dst_y || y >= g->dst_y + g->dst_h;

    fill_borders (self, dst, y, outside);
    if (!outside)
      run_row (self, frame, dst, y - g->dst_y);
  }
}
