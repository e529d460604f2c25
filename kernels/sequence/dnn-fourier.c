/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A line of complex numbers → its spectrum. Powers of two by Cooley and Tukey's
 * algorithm; any other n as a convolution with a chirp (Bluestein's), which is
 * three transforms of a power of two. */
#include "config.h"

#include "kernels/sequence/dnn-fourier.h"

#include <math.h>
#include <string.h>

static gboolean
is_power_of_two (gint64 n)
{
  return (n & (n - 1)) == 0;
}

static gint64
get_padded (gint64 n)
{
  gint64 m = 1;

  while (m < (is_power_of_two (n) ? n : 2 * n - 1))
    m *= 2;
  return m;
}

gsize
dnn_fourier_scratch (gint64 n)
{
  gsize m = (gsize) get_padded (n), count = (gsize) n + m / 2 + 1;

  if (!is_power_of_two (n))
    count += (gsize) n + 2 * m;
  return count * sizeof (DnnComplex);
}

static DnnComplex
turn_by (gdouble angle)
{
  return (DnnComplex){ cos (angle), sin (angle) };
}

static DnnComplex
multiply (DnnComplex a, DnnComplex b)
{
  return (DnnComplex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

/* ---- a power of two ---- */

static void
reverse_bits (DnnComplex *x, gint64 n)
{
  for (gint64 i = 1, j = 0; i < n; i++) {
    gint64 bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      DnnComplex swapped = x[i];
      x[i] = x[j];
      x[j] = swapped;
    }
  }
}

/* @sign: 1 as the tables turn, -1 the other way. */
static void
transform (const DnnFourier *self, DnnComplex *x, gdouble sign)
{
  gint64 m = self->m;

  reverse_bits (x, m);
  for (gint64 length = 2; length <= m; length *= 2) {
    gint64 half = length / 2, step = m / length;
    for (gint64 i = 0; i < m; i += length)
      for (gint64 k = 0; k < half; k++) {
        DnnComplex w = self->turns[k * step];
        DnnComplex a = x[i + k], b;
        w.im *= sign;
        b = multiply (x[i + k + half], w);
        x[i + k] = (DnnComplex){ a.re + b.re, a.im + b.im };
        x[i + k + half] = (DnnComplex){ a.re - b.re, a.im - b.im };
      }
  }
}

/* ---- any number ---- */

/* e^(∓iπk²/n); k² modulo 2n, so that the angle stays exact. */
static void
fill_chirp (DnnFourier *self)
{
  gint64 n = self->n;
  gdouble sign = self->inverse ? 1 : -1;

  memset (self->chirps, 0, (gsize) self->m * sizeof *self->chirps);
  for (gint64 k = 0; k < n; k++) {
    gdouble angle = sign * G_PI * (gdouble) (k * k % (2 * n)) / (gdouble) n;
    DnnComplex turn = turn_by (angle);
    self->chirp[k] = turn;
    turn.im = -turn.im;
    self->chirps[k] = turn;
    if (k > 0)
      self->chirps[self->m - k] = turn;
  }
  transform (self, self->chirps, 1);
}

static void
convolve (DnnFourier *self)
{
  gdouble factor = 1 / (gdouble) self->m;

  memset (self->work, 0, (gsize) self->m * sizeof *self->work);
  for (gint64 i = 0; i < self->n; i++)
    self->work[i] = multiply (self->x[i], self->chirp[i]);
  transform (self, self->work, 1);
  for (gint64 i = 0; i < self->m; i++)
    self->work[i] = multiply (self->work[i], self->chirps[i]);
  transform (self, self->work, -1);
  for (gint64 i = 0; i < self->n; i++) {
    DnnComplex y = multiply (self->work[i], self->chirp[i]);
    self->x[i] = (DnnComplex){ y.re * factor, y.im * factor };
  }
}

void
dnn_fourier_init (
    DnnFourier *self, gint64 n, gboolean inverse, gpointer scratch)
{
  gboolean is_plain = is_power_of_two (n);
  gdouble sign = inverse && is_plain ? 1 : -1;

  *self = (DnnFourier){
    .x = scratch, .n = n, .m = get_padded (n), .inverse = inverse
  };
  self->turns = self->x + n;
  for (gint64 i = 0; i < self->m / 2; i++)
    self->turns[i] = turn_by (
        sign * 2 * G_PI * (gdouble) i / (gdouble) self->m);
  if (is_plain)
    return;
  self->chirp = self->turns + self->m / 2 + 1;
  self->chirps = self->chirp + n;
  self->work = self->chirps + self->m;
  fill_chirp (self);
}

void
dnn_fourier_run (DnnFourier *self)
{
  if (self->work)
    convolve (self);
  else
    transform (self, self->x, 1);
}
