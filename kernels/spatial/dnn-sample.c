/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A place between -1 and 1 → elements and shares → what is read there. */
#include "config.h"

#include "kernels/spatial/dnn-sample.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-number.h"

#define CUBIC (-0.75)

const gchar *const dnn_sample_modes[] = { "linear", "nearest", "cubic", NULL };
const gchar *const dnn_sample_paddings[] = { "zeros", "border", "reflection",
  NULL };

static guint
find_word (const gchar *const *words, const gchar *word)
{
  for (guint i = 0; words[i]; i++)
    if (strcmp (words[i], word) == 0)
      return i;
  g_return_val_if_reached (0);
}

void
dnn_sample_read (const DnnCall *call, DnnSample *self)
{
  const DnnShape *x = &call->inputs[0].shape;
  const gchar *mode = dnn_call_attr (call, "mode")->s;
  const gchar *padding = dnn_call_attr (call, "padding_mode")->s;

  *self = (DnnSample){ .type = call->inputs[0].type,
    .n = x->rank - 2,
    .align = dnn_call_int (call, "align_corners") != 0 };
  self->mode = (DnnSampleMode) find_word (dnn_sample_modes, mode);
  self->padding = (DnnSamplePadding) find_word (dnn_sample_paddings, padding);
  self->n_taps = self->mode == DNN_SAMPLE_NEAREST ? 1
      : self->mode == DNN_SAMPLE_LINEAR           ? 2
                                                  : 4;
  for (gint i = 0; i < self->n; i++)
    self->dims[i] = x->dims[2 + i];
}

/* Back and forth between the borders. */
static gdouble
reflect (gdouble x, gdouble low, gdouble high)
{
  gdouble range = high - low, steps, rest;

  if (range <= 0)
    return low;
  if (x >= low && x <= high)
    return x;
  rest = x < low ? low - x : x - high;
  steps = floor (rest / range);
  rest -= steps * range;
  if ((fmod (steps, 2) == 0) == (x < low))
    return low + rest;
  return high - rest;
}

static gdouble
pad (const DnnSample *self, gint dim, gdouble x)
{
  gdouble n = (gdouble) self->dims[dim];
  gdouble low = self->align ? 0 : -0.5, high = self->align ? n - 1 : n - 0.5;

  if (x >= low && x <= high)
    return x;
  if (self->padding == DNN_SAMPLE_BORDER)
    return CLAMP (x, 0, n - 1);
  if (self->padding == DNN_SAMPLE_REFLECTION)
    return reflect (x, low, high);
  return x;
}

/* The element that stands for @x, which may lie outside. */
static gint64
find_element (const DnnSample *self, gint dim, gdouble x)
{
  gdouble n = (gdouble) self->dims[dim];

  if (self->padding == DNN_SAMPLE_REFLECTION)
    x = trunc (pad (self, dim, x));
  else if (self->padding == DNN_SAMPLE_BORDER)
    x = CLAMP (x, 0, n - 1);
  return x >= 0 && x < n ? (gint64) x : -1;
}

static void
fill_shares (DnnSampleMode mode, gdouble t, gdouble *share)
{
  gdouble a = CUBIC, u = 1 - t, s = t + 1, r = 2 - t;

  if (mode == DNN_SAMPLE_NEAREST) {
    share[0] = 1;
  } else if (mode == DNN_SAMPLE_LINEAR) {
    share[0] = u;
    share[1] = t;
  } else {
    share[0] = ((a * s - 5 * a) * s + 8 * a) * s - 4 * a;
    share[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    share[2] = ((a + 2) * u - (a + 3)) * u * u + 1;
    share[3] = ((a * r - 5 * a) * r + 8 * a) * r - 4 * a;
  }
}

void
dnn_sample_place (DnnSample *self, const gdouble *at)
{
  for (gint i = 0; i < self->n; i++) {
    gdouble n = (gdouble) self->dims[i];
    gdouble x = self->align ? (at[i] + 1) / 2 * (n - 1)
                            : ((at[i] + 1) * n - 1) / 2;
    gdouble first;
    /* NaN and what is far away is outside, or at a border */
    x = isnan (x) ? -1e9 : CLAMP (x, -1e9, 1e9);
    if (self->mode == DNN_SAMPLE_NEAREST)
      x = rint (x);
    x = pad (self, i, x);
    first = self->mode == DNN_SAMPLE_NEAREST ? trunc (x) : floor (x);
    fill_shares (self->mode, x - first, self->share[i]);
    if (self->mode == DNN_SAMPLE_CUBIC)
      first -= 1;
    for (gint k = 0; k < self->n_taps; k++)
      self->idx[i][k] = find_element (self, i, first + k);
  }
}

/* From dimension @dim on; @at: the row so far. */
static gdouble
read_from (
    const DnnSample *self, gconstpointer src, gint64 base, gint dim, gint64 at)
{
  gdouble sum = 0;

  if (dim == self->n)
    return dnn_load (self->type, src, base + at);
  for (gint k = 0; k < self->n_taps; k++) {
    gint64 idx = self->idx[dim][k];
    if (idx >= 0)
      sum += self->share[dim][k] *
          read_from (self, src, base, dim + 1, at * self->dims[dim] + idx);
  }
  return sum;
}

void
dnn_sample_store (const DnnSample *self, gconstpointer src, gint64 base,
    gpointer dst, gint64 idx)
{
  dnn_store (self->type, dst, idx, read_from (self, src, base, 0, 0));
}
