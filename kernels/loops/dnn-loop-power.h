/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Exponentials that need double, without branches: e^x of double within 2 units
 * in the last place, NaN and infinities exact; x^y of float within 1 unit, for
 * operands that DNN_IS_ODD_POWER() doesn't name. */
#pragma once

#include "kernels/loops/dnn-loop-math.h"

G_BEGIN_DECLS

#define DNN_ROUND_MAGIC_DOUBLE 6755399441055744.0

/* Of an integer: -1023 < n < 1024. */
DNN_INLINE gdouble
dnn_power_of_two_double (gdouble n)
{
  gdouble shifted = n + (DNN_ROUND_MAGIC_DOUBLE + 1023.0), power;
  guint64 bits;

  memcpy (&bits, &shifted, sizeof bits);
  bits <<= 52;
  memcpy (&power, &bits, sizeof power);
  return power;
}

DNN_INLINE gdouble
dnn_exp_double (gdouble x)
{
  gdouble c = x < -746.0 ? -746.0 : x, k, half, r, y;

  c = c > 710.0 ? 710.0 : c;
  k = (c * 1.44269504088896340736 + DNN_ROUND_MAGIC_DOUBLE) -
      DNN_ROUND_MAGIC_DOUBLE;
  r = c - k * 6.93147180369123816490e-1;
  r = r - k * 1.90821492927058770002e-10;
  /* Taylor's: |r| is at most ln 2 / 2 */
  y = 1.0 / 6227020800.0;
  y = y * r + 1.0 / 479001600.0;
  y = y * r + 1.0 / 39916800.0;
  y = y * r + 1.0 / 3628800.0;
  y = y * r + 1.0 / 362880.0;
  y = y * r + 1.0 / 40320.0;
  y = y * r + 1.0 / 5040.0;
  y = y * r + 1.0 / 720.0;
  y = y * r + 1.0 / 120.0;
  y = y * r + 1.0 / 24.0;
  y = y * r + 1.0 / 6.0;
  y = y * r + 0.5;
  y = y * r * r + r + 1.0;
  /* 2^k in two steps, as in dnn_exp_scaled() */
  half = (k * 0.5 + DNN_ROUND_MAGIC_DOUBLE) - DNN_ROUND_MAGIC_DOUBLE;
  y *= dnn_power_of_two_double (half);
  return y * dnn_power_of_two_double (k - half);
}

/* Of 0, denormals, infinities, NaN, or to a power of 2^22 and more. */
#define DNN_IS_ODD_POWER(x, y)                     \
  (!(((x) < 0 ? -(x) : (x)) >= 1.17549435e-38f) || \
      !(((x) < 0 ? -(x) : (x)) < INFINITY) ||      \
      !(((y) < 0 ? -(y) : (y)) < 4194304.0f))

/* log of a positive normal number, to 12 digits: 2 artanh ((m - 1) / (m + 1))
 * of its mantissa. */
DNN_INLINE gdouble
dnn_log_wide (gfloat x)
{
  gint32 bits = dnn_float_bits (x);
  gint32 above = (gint32) ((guint32) bits - 0x3f3504f3u) >> 23; /* √½ */
  gdouble m = (gdouble) dnn_bits_float (
      (gint32) ((guint32) bits - ((guint32) above << 23)));
  gdouble t = (m - 1.0) / (m + 1.0), z = t * t;
  gdouble y = 1.0 / 13.0;

  y = y * z + 1.0 / 11.0;
  y = y * z + 1.0 / 9.0;
  y = y * z + 1.0 / 7.0;
  y = y * z + 1.0 / 5.0;
  y = y * z + 1.0 / 3.0;
  y = y * z + 1.0;
  return 2.0 * t * y + (gdouble) above * 6.93147180559945309417e-1;
}

/* e^c to 9 digits, as float. */
DNN_INLINE gfloat
dnn_exp_wide (gdouble c)
{
  gdouble k, r, y;
  gint32 n, half;
  gfloat rounded;

  c = c < -104.0 ? -104.0 : c;
  c = c > 89.0 ? 89.0 : c;
  k = (c * 1.44269504088896340736 + DNN_ROUND_MAGIC_DOUBLE) -
      DNN_ROUND_MAGIC_DOUBLE;
  n = (gint32) k;
  r = c - k * 6.93147180559945309417e-1;
  y = 1.0 / 40320.0;
  y = y * r + 1.0 / 5040.0;
  y = y * r + 1.0 / 720.0;
  y = y * r + 1.0 / 120.0;
  y = y * r + 1.0 / 24.0;
  y = y * r + 1.0 / 6.0;
  y = y * r + 0.5;
  y = y * r * r + r + 1.0;
  half = n >> 1;
  rounded = (gfloat) y * dnn_power_of_two (half);
  return rounded * dnn_power_of_two (n - half);
}

DNN_INLINE gfloat
dnn_pow_float (gfloat x, gfloat y)
{
  gfloat p = dnn_exp_wide ((gdouble) y * dnn_log_wide (x < 0 ? -x : x));
  gfloat whole = (y + DNN_ROUND_MAGIC) - DNN_ROUND_MAGIC;
  gfloat other = (gint32) y & 1 ? -p : p;

  other = whole == y ? other : NAN;
  return x < 0 ? other : p;
}

G_END_DECLS
