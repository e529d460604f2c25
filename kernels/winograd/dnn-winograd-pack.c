/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Weights of a 3×3 convolution → their layout, F(4×4) or F(2×2). Next:
 * dnn-winograd-weights.h. */
#include "config.h"

#include "kernels/winograd/dnn-winograd.h"

#include <string.h>

typedef struct
{
  DnnFormat parent; /* its shape is the weights' */
  gint m;
  const DnnWinogradLevel *level;
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
                 self->m, dims[1], dims[0], self->level->lanes)) *
      sizeof (gfloat);
}

static gboolean
compare (const DnnFormat *a, const DnnFormat *b)
{
  const WinogradFormat *x = (const WinogradFormat *) a;
  const WinogradFormat *y = (const WinogradFormat *) b;

  return x->m == y->m && x->level == y->level &&
      dnn_shape_equal (&a->shape, &b->shape);
}

static gchar *
print (const DnnFormat *format)
{
  const WinogradFormat *self = (const WinogradFormat *) format;
  g_autofree gchar *shape = dnn_shape_to_string (&format->shape);

  return g_strdup_printf ("float32 winograd %d×%d of %d in %d %s", self->m,
      self->m, self->level->lanes, self->level->block, shape);
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
  self->level = level;
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

void
dnn_winograd_pack (
    const DnnFormat *format, const gfloat *w, gdouble limit, gfloat *to)
{
  const WinogradFormat *self = (const WinogradFormat *) format;
  const gint64 *dims = format->shape.dims;
  gint m = self->m;

  /* not so also where it isn't a number */
  if (m == 4 && !(dnn_winograd_measure_error (w, dims[0], dims[1]) <= limit))
    m = 2;
  memset (to, 0, DNN_WINOGRAD_HEADER * sizeof (gfloat));
  to[0] = (gfloat) m;
  self->level->pack (m, w, dims[0], dims[1], to + DNN_WINOGRAD_HEADER);
}
