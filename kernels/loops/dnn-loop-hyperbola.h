/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Hyperbolic functions of float without branches, beside those of
 * dnn-loop-math.h: within 4 units in the last place of the true value, NaN and
 * infinities exact. The polynomials are those of Cephes. */
#pragma once

#include "kernels/loops/dnn-loop-math.h"

G_BEGIN_DECLS

#define DNN_LN_2 0.69314718055994530942f

/* e^a / 2, which is finite where e^a isn't yet. */
DNN_INLINE gfloat
dnn_half_exp_float (gfloat a)
{
  return dnn_exp_scaled (a, 89.43f, -1);
}

DNN_INLINE gfloat
dnn_sinh_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x, z = x * x, half = dnn_half_exp_float (a);
  gfloat small = 2.03721912945e-4f, large = half - 0.25f / half;

  small = small * z + 8.33028376239e-3f;
  small = small * z + 1.66667160211e-1f;
  small = small * z * x + x;
  large = x < 0 ? -large : large;
  return a > 1.0f ? large : small; /* NaN is not above */
}

DNN_INLINE gfloat
dnn_cosh_float (gfloat x)
{
  gfloat half = dnn_half_exp_float (x < 0 ? -x : x);

  return half + 0.25f / half;
}

DNN_INLINE gfloat
dnn_asinh_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x, z = x * x;
  gboolean is_huge = a > 1e4f;
  gfloat large = dnn_log_float (
      is_huge ? a : a + sqrtf ((is_huge ? 0.0f : z) + 1.0f));
  gfloat small = 2.0122003309e-2f;

  small = small * z + -4.2699340972e-2f;
  small = small * z + 7.4847586088e-2f;
  small = small * z + -1.6666288134e-1f;
  small = small * z * x + x;
  large = is_huge ? large + DNN_LN_2 : large;
  large = x < 0 ? -large : large;
  return a > 0.5f ? large : small;
}

DNN_INLINE gfloat
dnn_acosh_float (gfloat x)
{
  gfloat z = x - 1.0f;
  gboolean is_huge = x > 1e4f;
  gfloat root = sqrtf (z * (is_huge ? 1.0f : x + 1.0f));
  gfloat large = dnn_log_float (is_huge ? x : x + root);
  gfloat small = 1.7596881071e-3f;

  small = small * z + -7.5272886713e-3f;
  small = small * z + 2.6454905019e-2f;
  small = small * z + -1.1784741703e-1f;
  small = small * z + 1.4142135263e0f;
  small = small * sqrtf (z); /* NaN below 1 */
  large = is_huge ? large + DNN_LN_2 : large;
  return z > 0.5f ? large : small;
}

DNN_INLINE gfloat
dnn_atanh_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x, z = x * x;
  gfloat large = 0.5f * dnn_log_float ((1.0f + a) / (1.0f - a));
  gfloat small = 1.81740078349e-1f;

  small = small * z + 8.24370301058e-2f;
  small = small * z + 1.46691431730e-1f;
  small = small * z + 1.99782164500e-1f;
  small = small * z + 3.33337300303e-1f;
  small = small * z * x + x;
  large = x < 0 ? -large : large;
  return a > 0.5f ? large : small;
}

/* log (1 + u) for u in [0, 1], by the series of 2 artanh (u / (2 + u)). */
DNN_INLINE gfloat
dnn_log_1p_float (gfloat u)
{
  gfloat s = u / (2.0f + u), z = s * s;
  gfloat y = 1.0f / 15.0f;

  y = y * z + 1.0f / 13.0f;
  y = y * z + 1.0f / 11.0f;
  y = y * z + 1.0f / 9.0f;
  y = y * z + 1.0f / 7.0f;
  y = y * z + 1.0f / 5.0f;
  y = y * z + 1.0f / 3.0f;
  s += s;
  return y * z * s + s;
}

#define DNN_SINH(x) DNN_OF_TYPE (x, dnn_sinh_float, sinh) (x)
#define DNN_COSH(x) DNN_OF_TYPE (x, dnn_cosh_float, cosh) (x)
#define DNN_ASINH(x) DNN_OF_TYPE (x, dnn_asinh_float, asinh) (x)
#define DNN_ACOSH(x) DNN_OF_TYPE (x, dnn_acosh_float, acosh) (x)
#define DNN_ATANH(x) DNN_OF_TYPE (x, dnn_atanh_float, atanh) (x)
#define DNN_LOG_1P(x) DNN_OF_TYPE (x, dnn_log_1p_float, log1p) (x)

G_END_DECLS
