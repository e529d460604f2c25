/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Functions for expressions of dnn-loop.h: those of the C library for double,
 * for float ones without branches, which the compiler makes vectors of: within
 * 3 units in the last place of the true value, NaN and infinities exact. The
 * polynomials are those of S. Moshier's Cephes library. */
#pragma once

#include <glib.h>
#include <math.h>
#include <string.h>

G_BEGIN_DECLS

#define DNN_INLINE static inline __attribute__ ((always_inline))

DNN_INLINE gint32
dnn_float_bits (gfloat x)
{
  gint32 bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

DNN_INLINE gfloat
dnn_bits_float (gint32 bits)
{
  gfloat x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

/* -126 < n < 128; anything for other ones. */
DNN_INLINE gfloat
dnn_power_of_two (gint32 n)
{
  return dnn_bits_float ((gint32) (((guint32) n + 127) << 23));
}

/* To the nearest integer, half to even; |x| < 2^22. */
#define DNN_ROUND_MAGIC 12582912.0f

/* e^x · 2^@scale; the same as at @most above that. */
DNN_INLINE gfloat
dnn_exp_scaled (gfloat x, gfloat most, gint32 scale)
{
  gfloat c = x < -104.0f ? -104.0f : x;
  gfloat shifted, k, r, y;
  gint32 n, half;

  c = c > most ? most : c;
  shifted = c * 1.44269504088896341f + DNN_ROUND_MAGIC;
  k = shifted - DNN_ROUND_MAGIC;
  n = (gint32) ((guint32) dnn_float_bits (shifted) -
      (guint32) dnn_float_bits (DNN_ROUND_MAGIC) + (guint32) scale);
  r = c - k * 0.693359375f;
  r = r - k * -2.12194440e-4f;
  y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  /* 2^n in two steps: it may be denormal, or just above what there is */
  half = n >> 1;
  y *= dnn_power_of_two (half);
  return y * dnn_power_of_two (n - half);
}

DNN_INLINE gfloat
dnn_exp_float (gfloat x)
{
  return dnn_exp_scaled (x, 88.73f, 0);
}

DNN_INLINE gfloat
dnn_log_float (gfloat x)
{
  gboolean is_tiny = x < 1.17549435e-38f;
  gfloat scaled = is_tiny ? x * 8388608.0f : x;
  gint32 bits = dnn_float_bits (scaled);
  gint32 above = (gint32) ((guint32) bits - 0x3f3504f3u) >> 23; /* √½ */
  gfloat e = (gfloat) above - (is_tiny ? 23.0f : 0.0f);
  gfloat m = dnn_bits_float (
      (gint32) ((guint32) bits - ((guint32) above << 23)));
  gfloat r = m - 1.0f, z = r * r;
  gfloat y = 7.0376836292e-2f;

  y = y * r + -1.1514610310e-1f;
  y = y * r + 1.1676998740e-1f;
  y = y * r + -1.2420140846e-1f;
  y = y * r + 1.4249322787e-1f;
  y = y * r + -1.6668057665e-1f;
  y = y * r + 2.0000714765e-1f;
  y = y * r + -2.4999993993e-1f;
  y = y * r + 3.3333331174e-1f;
  y = y * r * z + e * -2.12194440e-4f - 0.5f * z;
  y = r + y + e * 0.693359375f;
  y = x > 0 ? y : (x == 0 ? -INFINITY : NAN);
  return x < INFINITY ? y : x; /* NaN is not below */
}

DNN_INLINE gfloat
dnn_tanh_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x, z = x * x;
  gfloat small = -5.70498872745e-3f, large;

  small = small * z + 2.06390887954e-2f;
  small = small * z + -5.37397155531e-2f;
  small = small * z + 1.33314422036e-1f;
  small = small * z + -3.33332819422e-1f;
  small = small * z * x + x;
  large = 1.0f - 2.0f / (dnn_exp_float (a + a) + 1.0f);
  large = x < 0 ? -large : large;
  return a < 0.625f ? small : large;
}

DNN_INLINE gfloat
dnn_erf_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x, z = x * x;
  gfloat q = 1.0f / (a > 1.0f ? a : 1.0f), w = q * q;
  gfloat near = 7.853861353153693e-5f, middle = 2.326819970068386e-2f;
  gfloat far = -1.047766399936249e+1f, large;

  near = near * z + -8.010193625184903e-4f;
  near = near * z + 5.188327685732524e-3f;
  near = near * z + -2.685381193529856e-2f;
  near = near * z + 1.128358514861418e-1f;
  near = near * z + -3.761262582423300e-1f;
  near = near * z + 1.128379165726710e+0f;
  middle = middle * w + -1.387039388740657e-1f;
  middle = middle * w + 3.687424674597105e-1f;
  middle = middle * w + -5.824733027278666e-1f;
  middle = middle * w + 6.210004621745983e-1f;
  middle = middle * w + -4.944515323274145e-1f;
  middle = middle * w + 3.404879937665872e-1f;
  middle = middle * w + -2.741127028184656e-1f;
  middle = middle * w + 5.638259427386472e-1f;
  far = far * w + 1.297719955372516e+1f;
  far = far * w + -7.495518717768503e+0f;
  far = far * w + 2.921019019210786e+0f;
  far = far * w + -1.015265279202700e+0f;
  far = far * w + 4.218463358204948e-1f;
  far = far * w + -2.820767439740514e-1f;
  far = far * w + 5.641895067754075e-1f;
  large = 1.0f - dnn_exp_float (-z) * q * (a < 2.0f ? middle : far);
  large = x < 0 ? -large : large;
  return a < 1.0f ? near * x : large;
}

#define DNN_OF_TYPE(x, of_float, of_double) \
  _Generic((x), gfloat : of_float, default : of_double)

#define DNN_EXP(x) DNN_OF_TYPE (x, dnn_exp_float, exp) (x)
#define DNN_LOG(x) DNN_OF_TYPE (x, dnn_log_float, log) (x)
#define DNN_TANH(x) DNN_OF_TYPE (x, dnn_tanh_float, tanh) (x)
#define DNN_ERF(x) DNN_OF_TYPE (x, dnn_erf_float, erf) (x)
#define DNN_SQRT(x) DNN_OF_TYPE (x, sqrtf, sqrt) (x)
#define DNN_FLOOR(x) DNN_OF_TYPE (x, floorf, floor) (x)
#define DNN_CEIL(x) DNN_OF_TYPE (x, ceilf, ceil) (x)
#define DNN_RINT(x) DNN_OF_TYPE (x, rintf, rint) (x)
#define DNN_TRUNC(x) DNN_OF_TYPE (x, truncf, trunc) (x)
#define DNN_FABS(x) DNN_OF_TYPE (x, fabsf, fabs) (x)

G_END_DECLS
