/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Weights of a 3×3 convolution → G g Gᵀ, as dnn-winograd-code.h reads it. */
#include "config.h"

#include "kernels/winograd/dnn-winograd.h"

#include <string.h>

typedef struct
{
  DnnFormat parent; /* its shape is the weights' */
  gint m, lanes, block;
} WinogradFormat;

gint64
dnn_winograd_get_weights_size (
    gint m, gint64 src_channels, gint64 dst_channels, gint lanes)
{
  return dnn_winograd_count_frequencies (m) * src_channels *
      dnn_winograd_round_up (dst_channels, lanes);
}

static gsize
get_size (const DnnFormat *format)
{
  const WinogradFormat *self = (const WinogradFormat *) format;
  const gint64 *dims = format->shape.dims;

  return (gsize) (DNN_WINOGRAD_HEADER +
             dnn_winograd_get_weights_size (
                 self->m, dims[1], dims[0], self->lanes)) *
      sizeof (gfloat);
}

static gboolean
compare (const DnnFormat *a, const DnnFormat *b)
{
  const WinogradFormat *x = (const WinogradFormat *) a;
  const WinogradFormat *y = (const WinogradFormat *) b;

  return x->m == y->m && x->lanes == y->lanes && x->block == y->block &&
      dnn_shape_equal (&a->shape, &b->shape);
}

static gchar *
print (const DnnFormat *format)
{
  const WinogradFormat *self = (const WinogradFormat *) format;
  g_autofree gchar *shape = dnn_shape_to_string (&format->shape);

  return g_strdup_printf ("float32 winograd %d×%d of %d in %d %s", self->m,
      self->m, self->lanes, self->block, shape);
}

static void
release (DnnFormat *self)
{
  g_free (self);
}

static const DnnFormatClass winograd_class = {
  .name = "winograd",
  .size = get_size,
  .equal = compare,
  .to_string = print,
  .free = release,
};

DnnFormat *
dnn_winograd_format_new (
    gint m, const DnnShape *weights, const DnnWinogradLevel *level)
{
  WinogradFormat *self = g_new0 (WinogradFormat, 1);

  self->parent.klass = &winograd_class;
  g_atomic_ref_count_init (&self->parent.ref_count);
  self->parent.type = DNN_TYPE_FLOAT32;
  self->parent.shape = *weights;
  self->m = m;
  self->lanes = level->lanes;
  self->block = level->block;
  return &self->parent;
}

void
dnn_winograd_make_rows (gint m, gdouble rows[6][3])
{
  static const gdouble few[4][3] = {
    { 1, 0, 0 },
    { 0.5, 0.5, 0.5 },
    { 0.5, -0.5, 0.5 },
    { 0, 0, 1 },
  };
  const gdouble a = DNN_WINOGRAD_A, b = DNN_WINOGRAD_B;
  const gdouble points[5] = { 0, a, -a, b, -b };

  for (gint i = 0; i < 4 && m == 2; i++)
    for (gint j = 0; j < 3; j++)
      rows[i][j] = few[i][j];
  if (m == 2)
    return;
  for (gint i = 0; i < 5; i++) {
    gdouble product = 1;
    for (gint j = 0; j < 5; j++)
      if (j != i)
        product *= points[i] - points[j];
    rows[i][0] = 1 / product;
    rows[i][1] = points[i] / product;
    rows[i][2] = points[i] * points[i] / product;
  }
  rows[5][0] = rows[5][1] = 0;
  rows[5][2] = 1;
}

/* One kernel → all its frequencies, @step apart: rows first, then columns. */
static void
transform (
    gdouble rows[6][3], gint size, const gfloat *g, gint64 step, gfloat *to)
{
  gdouble half[6][3];

  for (gint y = 0; y < size; y++)
    for (gint j = 0; j < 3; j++)
      half[y][j] = rows[y][0] * g[j] + rows[y][1] * g[3 + j] +
          rows[y][2] * g[6 + j];
  for (gint y = 0; y < size; y++)
    for (gint x = 0; x < size; x++)
      to[(y * size + x) * step] = (gfloat) (half[y][0] * rows[x][0] +
          half[y][1] * rows[x][1] + half[y][2] * rows[x][2]);
}

/* What lies beyond the last output channel is 0 already. */
static void
fill (const WinogradFormat *self, gint m, const gfloat *w, gfloat *to)
{
  gint64 n_dst = self->parent.shape.dims[0], n_src = self->parent.shape.dims[1];
  gint64 padded = dnn_winograd_round_up (n_dst, self->lanes);
  gint64 n = dnn_winograd_count_frequencies (m);
  gdouble rows[6][3];

  dnn_winograd_make_rows (m, rows);
  for (gint64 first = 0; first < n_dst; first += self->block) {
    gint64 width = MIN (self->block, padded - first);
    gfloat *block = to + first * n * n_src;
    for (gint64 c = 0; c < n_src; c++)
      for (gint64 k = 0; k < MIN (width, n_dst - first); k++)
        transform (rows, m + 2, w + ((first + k) * n_src + c) * 9,
            n_src * width, block + c * width + k);
  }
}

void
dnn_winograd_pack (
    const DnnFormat *format, const gfloat *w, gdouble limit, gfloat *to)
{
  const WinogradFormat *self = (const WinogradFormat *) format;
  const gint64 *dims = format->shape.dims;
  gint m = self->m;

  memset (to, 0, get_size (format));
  /* not so also where it isn't a number */
  if (m == 4 && !(dnn_winograd_measure_error (w, dims[0], dims[1]) <= limit))
    m = 2;
  to[0] = (gfloat) m;
  fill (self, m, w, to + DNN_WINOGRAD_HEADER);
}
