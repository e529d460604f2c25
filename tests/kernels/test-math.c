/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Functions of the loops, one number at a time, beside those of the C library
 * in long double: how far off they are at most, and what they make of zeros,
 * infinities and NaN. */
#include "config.h"

#include <float.h>

#include "kernels/loops/dnn-loop-circle.h"
#include "kernels/loops/dnn-loop-hyperbola.h"
#include "kernels/loops/dnn-loop-power.h"

#define SEED 11
#define N_SAMPLES 100000

typedef gfloat (*Function) (gfloat x);
typedef long double (*Truth) (long double x);

/* Within @most units in the last place in [low, high]. */
typedef struct
{
  const gchar *name;
  Function function;
  Truth truth;
  gdouble low, high, most;
  gboolean is_exact_elsewhere; /* at ±0, ±∞, NaN */
} Row;

static const Row rows[] = {
  { "exp", dnn_exp_float, expl, -87, 88.7, 3, TRUE },
  { "log", dnn_log_float, logl, 1e-37, 1e38, 3, TRUE },
  { "tanh", dnn_tanh_float, tanhl, -10, 10, 3, TRUE },
  { "erf", dnn_erf_float, erfl, -4, 4, 3, TRUE },
  { "sin", dnn_sin_float, sinl, -1e6, 1e6, 4, FALSE },
  { "sin/near", dnn_sin_float, sinl, -7, 7, 4, FALSE },
  { "cos", dnn_cos_float, cosl, -1e6, 1e6, 4, FALSE },
  { "cos/near", dnn_cos_float, cosl, -7, 7, 4, FALSE },
  { "tan", dnn_tan_float, tanl, -1e6, 1e6, 4, FALSE },
  { "tan/near", dnn_tan_float, tanl, -7, 7, 4, FALSE },
  { "asin", dnn_asin_float, asinl, -1, 1, 4, TRUE },
  { "acos", dnn_acos_float, acosl, -1, 1, 4, TRUE },
  { "atan", dnn_atan_float, atanl, -100, 100, 4, TRUE },
  { "atan/near", dnn_atan_float, atanl, -3, 3, 4, TRUE },
  { "sinh", dnn_sinh_float, sinhl, -89, 89, 4, TRUE },
  { "sinh/near", dnn_sinh_float, sinhl, -2, 2, 4, TRUE },
  { "cosh", dnn_cosh_float, coshl, -89, 89, 4, TRUE },
  { "asinh", dnn_asinh_float, asinhl, -1e30, 1e30, 4, TRUE },
  { "asinh/near", dnn_asinh_float, asinhl, -2, 2, 4, TRUE },
  { "acosh", dnn_acosh_float, acoshl, 1, 1e30, 4, TRUE },
  { "acosh/near", dnn_acosh_float, acoshl, 1, 3, 4, TRUE },
  { "atanh", dnn_atanh_float, atanhl, -0.9999, 0.9999, 4, TRUE },
  { "log1p", dnn_log_1p_float, log1pl, 0, 1, 4, FALSE },
};

/* Units in the last place of float at @truth. */
static gdouble
get_ulps (gfloat found, long double truth)
{
  gint exponent;

  if ((gfloat) truth == found)
    return 0;
  frexpl (truth, &exponent);
  return (gdouble) (fabsl (found - truth) /
      ldexpl (1, MAX (exponent - FLT_MANT_DIG, -149)));
}

/* Half of them evenly, half by their logarithm. */
static gfloat
make_number (GRand *random, const Row *row)
{
  gdouble x = g_rand_double_range (random, row->low, row->high);
  gdouble smallest = MAX (row->low, 1e-30);

  if (g_rand_boolean (random) || row->low >= 1)
    return (gfloat) x;
  x = exp (g_rand_double_range (random, log (smallest), log (row->high)));
  return (gfloat) (row->low < 0 && g_rand_boolean (random) ? -x : x);
}

static void
check_elsewhere (const Row *row)
{
  static const gfloat numbers[] = { 0.0f, -0.0f, INFINITY, -INFINITY, NAN };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    gfloat found = row->function (numbers[i]);
    gfloat truth = (gfloat) row->truth (numbers[i]);
    if (isnan (truth))
      g_assert_true (isnan (found));
    else if (isinf (truth) || truth == 0)
      g_assert_cmpfloat (found, ==, truth);
    else
      g_assert_cmpfloat_with_epsilon (found, truth, 1e-6);
  }
}

static void
test_function (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  gdouble worst = 0;
  gfloat at = 0;

  for (guint i = 0; i < N_SAMPLES; i++) {
    gfloat x = make_number (random, row);
    gdouble ulps = get_ulps (row->function (x), row->truth (x));
    if (ulps > worst) {
      worst = ulps;
      at = x;
    }
  }
  g_test_message ("%.2f units at %.9g", worst, at);
  g_assert_cmpfloat (worst, <=, row->most);
  if (row->is_exact_elsewhere)
    check_elsewhere (row);
}

static void
test_exp_double (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);

  for (guint i = 0; i < N_SAMPLES; i++) {
    gdouble x = g_rand_double_range (random, -700, 700);
    long double truth = expl (x);
    g_assert_cmpfloat ((gdouble) (fabsl (dnn_exp_double (x) - truth) / truth),
        <=, 2 * DBL_EPSILON);
  }
  g_assert_cmpfloat (dnn_exp_double (0), ==, 1);
  g_assert_cmpfloat (dnn_exp_double (-INFINITY), ==, 0);
  g_assert_cmpfloat (dnn_exp_double (INFINITY), ==, (gdouble) INFINITY);
  g_assert_cmpfloat (dnn_exp_double (709.9), ==, (gdouble) INFINITY);
  g_assert_true (isnan (dnn_exp_double (NAN)));
}

static void
test_pow (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);

  for (guint i = 0; i < N_SAMPLES; i++) {
    gfloat x = (gfloat) exp (g_rand_double_range (random, -80, 80));
    gfloat y = (gfloat) g_rand_double_range (random, -20, 20);
    long double truth;
    if (g_rand_boolean (random))
      y = rintf (y);
    if (g_rand_boolean (random))
      x = -x;
    truth = powl (x, y);
    g_assert_false (DNN_IS_ODD_POWER (x, y));
    if (isnan (truth))
      g_assert_true (isnan (dnn_pow_float (x, y)));
    else if (fabsl (truth) > FLT_MAX)
      g_assert_cmpfloat (
          dnn_pow_float (x, y), ==, copysignf (INFINITY, (gfloat) truth));
    else
      g_assert_cmpfloat (get_ulps (dnn_pow_float (x, y), truth), <=, 1);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *name = g_strconcat ("/kernels/math/", rows[i].name, NULL);
    g_test_add_data_func (name, &rows[i], test_function);
  }
  g_test_add_func ("/kernels/math/exp-double", test_exp_double);
  g_test_add_func ("/kernels/math/pow", test_pow);
  return g_test_run ();
}
