/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Circular functions of float without branches, beside those of
 * dnn-loop-math.h: within 4 units in the last place of the true value, NaN
 * exact. sin, cos and tan are right below DNN_CIRCLE_FAR only, infinities
 * there: see dnn-loop-checked.h. The polynomials are those of Cephes. */
#pragma once

#include "kernels/loops/dnn-loop-math.h"

G_BEGIN_DECLS

/* Up to here multiples of π/2 are exact in double. */
#define DNN_CIRCLE_FAR 1e6f
#define DNN_IS_FAR(x) (!(((x) < 0 ? -(x) : (x)) < DNN_CIRCLE_FAR))

/* x = *@quarters · π/2 + the result, which is in [-π/4, π/4]. */
DNN_INLINE gfloat
dnn_reduce_angle (gfloat x, gint32 *quarters)
{
  gdouble d = (gdouble) x;
  gdouble shifted = d * 0.63661977236758134308 + 6755399441055744.0;
  gdouble k = shifted - 6755399441055744.0;

  *quarters = (gint32) k;
  return (gfloat) ((d - k * 1.57079632673412561417) -
      k * 6.07710050650619224932e-11);
}

/* Of an angle in [-π/4, π/4], @quarters further. */
DNN_INLINE gfloat
dnn_sin_reduced (gfloat r, gint32 quarters)
{
  gfloat z = r * r;
  gfloat s = -1.9515295891e-4f, c = 2.443315711809948e-5f, y;

  s = s * z + 8.3321608736e-3f;
  s = s * z + -1.6666654611e-1f;
  s = s * z * r + r;
  c = c * z + -1.388731625493765e-3f;
  c = c * z + 4.166664568298827e-2f;
  c = c * z * z - 0.5f * z + 1.0f;
  y = quarters & 1 ? c : s;
  return quarters & 2 ? -y : y;
}

DNN_INLINE gfloat
dnn_sin_float (gfloat x)
{
  gint32 quarters;
  gfloat r = dnn_reduce_angle (x, &quarters);

  return dnn_sin_reduced (r, quarters);
}

DNN_INLINE gfloat
dnn_cos_float (gfloat x)
{
  gint32 quarters;
  gfloat r = dnn_reduce_angle (x, &quarters);

  return dnn_sin_reduced (r, quarters + 1);
}

DNN_INLINE gfloat
dnn_tan_float (gfloat x)
{
  gint32 quarters;
  gfloat r = dnn_reduce_angle (x, &quarters), z = r * r;
  gfloat y = 9.38540185543e-3f;

  y = y * z + 3.11992232697e-3f;
  y = y * z + 2.44301354525e-2f;
  y = y * z + 5.34112807005e-2f;
  y = y * z + 1.33387994085e-1f;
  y = y * z + 3.33331568548e-1f;
  y = y * z * r + r;
  return quarters & 1 ? -1.0f / y : y;
}

/* asin of @s where @z is its square, both at most ½. */
DNN_INLINE gfloat
dnn_asin_small (gfloat s, gfloat z)
{
  gfloat y = 4.2163199048e-2f;

  y = y * z + 2.4181311049e-2f;
  y = y * z + 4.5470025998e-2f;
  y = y * z + 7.4953002686e-2f;
  y = y * z + 1.6666752422e-1f;
  return y * z * s + s;
}

DNN_INLINE gfloat
dnn_asin_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x;
  gboolean is_large = a > 0.5f;
  gfloat z = is_large ? 0.5f * (1.0f - a) : a * a;
  gfloat y = dnn_asin_small (is_large ? sqrtf (z) : a, z);

  y = is_large ? 1.57079632679489661923f - (y + y) : y;
  return x < 0 ? -y : y;
}

DNN_INLINE gfloat
dnn_acos_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x;
  gboolean is_large = a > 0.5f;
  gfloat z = is_large ? 0.5f * (1.0f - a) : a * a;
  gfloat y = dnn_asin_small (is_large ? sqrtf (z) : x, z);
  gfloat twice = y + y;

  twice = x < 0 ? 3.14159265358979323846f - twice : twice;
  return is_large ? twice : 1.57079632679489661923f - y;
}

DNN_INLINE gfloat
dnn_atan_float (gfloat x)
{
  gfloat a = x < 0 ? -x : x;
  gboolean is_far = a > 2.414213562373095f, is_middle = a > 0.4142135623730950f;
  gfloat up = is_far ? -1.0f : is_middle ? a - 1.0f : a;
  gfloat down = is_far ? a : is_middle ? a + 1.0f : 1.0f;
  gfloat start = is_far ? 1.57079632679489661923f
      : is_middle       ? 0.78539816339744830962f
                        : 0.0f;
  gfloat t = up / down, z = t * t;
  gfloat y = 8.05374449538e-2f;

  y = y * z + -1.38776856032e-1f;
  y = y * z + 1.99777106478e-1f;
  y = y * z + -3.33329491539e-1f;
  y = y * z * t + t + start;
  return x < 0 ? -y : y;
}

#define DNN_ASIN(x) DNN_OF_TYPE (x, dnn_asin_float, asin) (x)
#define DNN_ACOS(x) DNN_OF_TYPE (x, dnn_acos_float, acos) (x)
#define DNN_ATAN(x) DNN_OF_TYPE (x, dnn_atan_float, atan) (x)

G_END_DECLS
