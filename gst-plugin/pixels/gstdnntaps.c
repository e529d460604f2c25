/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Filter, step and bounds of one axis → table of indices and weights.
 * Next: gstdnnpixels.c. */
#include "config.h"

#include "gst-plugin/pixels/gstdnntaps.h"

#include <math.h>

/* How far a filter reaches to either side of a sample's centre. */
static gdouble
get_support (GstDnnFilter filter, gdouble step)
{
  switch (filter) {
    case GST_DNN_FILTER_ANTIALIAS:
      return MAX (step, 1);
    case GST_DNN_FILTER_AREA:
      return step > 1 ? step / 2 : 1;
    case GST_DNN_FILTER_BILINEAR:
      return 1;
    case GST_DNN_FILTER_NEAREST:
    default:
      return 0;
  }
}

/* Weight of the source sample that covers @i … @i + 1. */
static gdouble
weigh (
    GstDnnFilter filter, gdouble support, gdouble step, gdouble centre, gint i)
{
  if (filter == GST_DNN_FILTER_AREA && step > 1)
    return MAX (MIN (centre + support, i + 1) - MAX (centre - support, i), 0);
  return MAX (1 - fabs (i + 0.5 - centre) / support, 0);
}

static void
fill_nearest (GstDnnTaps *self, gdouble origin, gdouble step, gint lo, gint hi)
{
  for (gint i = 0; i < self->n_dst; i++) {
    self->idx[i] = CLAMP ((gint) floor (origin + (i + 0.5) * step), lo, hi);
    self->weight[i] = 1;
  }
}

/* Where taps lie, the same for all of a line. */
typedef struct
{
  GstDnnFilter filter;
  gint reach; /* source samples that the filter can touch */
  gdouble step;
  gint lo, hi;
} Line;

/* The taps of one destination sample. Those outside lo … hi count for the
 * sample at the edge; with the antialias filter, as image libraries have it,
 * they do not count at all. */
static void
fill_one (GstDnnTaps *self, gint dst, const Line *line, gdouble centre)
{
  gint lo = line->lo, hi = line->hi;
  gdouble support = get_support (line->filter, line->step);
  gboolean is_area = line->filter == GST_DNN_FILTER_AREA && line->step > 1;
  gint first = (gint) floor (centre - support + (is_area ? 0 : 0.5));
  gint start = CLAMP (first, lo, MAX (hi - self->n_taps + 1, lo));
  gint *idx = self->idx + (gsize) dst * self->n_taps;
  gfloat *weight = self->weight + (gsize) dst * self->n_taps;
  gdouble sum = 0;

  for (gint t = 0; t < self->n_taps; t++) {
    idx[t] = start + t;
    weight[t] = 0;
  }
  for (gint i = first; i < first + line->reach; i++) {
    gdouble w = weigh (line->filter, support, line->step, centre, i);

    if (line->filter == GST_DNN_FILTER_ANTIALIAS && (i < lo || i > hi))
      continue;
    weight[CLAMP (i, lo, hi) - start] += w;
    sum += w;
  }
  for (gint t = 0; t < self->n_taps; t++)
    weight[t] /= sum;
}

void
gst_dnn_taps_init (GstDnnTaps *self, GstDnnFilter filter, gint n_dst,
    gdouble origin, gdouble step, gint lo, gint hi)
{
  gint reach = (gint) ceil (2 * get_support (filter, step));

  if (filter == GST_DNN_FILTER_AREA && step > 1)
    reach++;
  self->n_dst = n_dst;
  self->n_taps = MAX (MIN (reach, hi - lo + 1), 1);
  self->idx = g_new (gint, (gsize) n_dst * self->n_taps);
  self->weight = g_new (gfloat, (gsize) n_dst * self->n_taps);
  if (filter == GST_DNN_FILTER_NEAREST) {
    fill_nearest (self, origin, step, lo, hi);
  } else {
    Line line = { filter, reach, step, lo, hi };

    for (gint i = 0; i < n_dst; i++)
      fill_one (self, i, &line, origin + (i + 0.5) * step);
  }
  self->first = G_MAXINT;
  self->last = 0;
  for (gint i = 0; i < n_dst * self->n_taps; i++) {
    self->first = MIN (self->first, self->idx[i]);
    self->last = MAX (self->last, self->idx[i]);
  }
}

void
gst_dnn_taps_to_offsets (GstDnnTaps *self, gint stride, gint offset)
{
  for (gint i = 0; i < self->n_dst * self->n_taps; i++)
    self->idx[i] = self->idx[i] * stride + offset;
}

void
gst_dnn_taps_clear (GstDnnTaps *self)
{
  g_clear_pointer (&self->idx, g_free);
  g_clear_pointer (&self->weight, g_free);
}
