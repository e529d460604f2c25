/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Weights of a 3×3 convolution → how far off F(4×4) is with them. One tile, in
 * float as it will run and in double as it should be; written as matrices, so
 * that it doesn't hang on what it judges. Next: dnn-winograd-pack.c. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/winograd/dnn-winograd.h"

#define N 6 /* rows and columns of an input tile */
#define M 4

/* Output channels that are tried, spread over all. */
#define MAX_TRIED 12

typedef struct
{
  gfloat b[N][N], a[M][N]; /* Bᵀ, Aᵀ */
  gdouble g[N][3];
} Matrices;

/* Coefficients of the product of x - p over all finite points but @without. */
static void
multiply_out (const gdouble *points, gint without, gfloat *to)
{
  gdouble product[N] = { 1 };

  for (gint i = 0; i < N - 1; i++) {
    if (i == without)
      continue;
    for (gint j = N - 1; j >= 0; j--)
      product[j] = (j > 0 ? product[j - 1] : 0) - points[i] * product[j];
  }
  for (gint j = 0; j < N; j++)
    to[j] = (gfloat) product[j];
}

static void
make_matrices (Matrices *self)
{
  const gdouble a = DNN_WINOGRAD_A, b = DNN_WINOGRAD_B;
  const gdouble points[N - 1] = { 0, a, -a, b, -b };

  dnn_winograd_make_rows (M, self->g);
  for (gint i = 0; i < N; i++) {
    multiply_out (points, i, self->b[i]);
    for (gint j = 0; j < M; j++)
      self->a[j][i] = i < N - 1 ? (gfloat) pow (points[i], j) : j == M - 1;
  }
}

/* @left · x · @leftᵀ */
static void
transform (const gfloat *left, gint n, const gfloat *x, gfloat *to)
{
  gfloat half[N * N] = { 0 };

  memset (to, 0, n * n * sizeof (gfloat));
  for (gint i = 0; i < n; i++)
    for (gint j = 0; j < N; j++)
      for (gint k = 0; k < N; k++)
        half[i * N + j] += left[i * N + k] * x[k * N + j];
  for (gint i = 0; i < n; i++)
    for (gint j = 0; j < n; j++)
      for (gint k = 0; k < N; k++)
        to[i * n + j] += half[i * N + k] * left[j * N + k];
}

/* Between -1 and 1, always the same. */
static void
make_noise (gfloat *to, gint64 n)
{
  guint32 state = 1;

  for (gint64 i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    to[i] = (gfloat) (state >> 8) / (1 << 23) - 1;
  }
}

static void
add_products (
    const Matrices *matrices, const gfloat *g, const gfloat *v, gfloat *sum)
{
  gdouble half[N][3] = { 0 };

  for (gint y = 0; y < N; y++)
    for (gint i = 0; i < 3; i++)
      for (gint j = 0; j < 3; j++)
        half[y][j] += matrices->g[y][i] * g[i * 3 + j];
  for (gint y = 0; y < N; y++)
    for (gint x = 0; x < N; x++) {
      gdouble u = 0;
      for (gint j = 0; j < 3; j++)
        u += half[y][j] * matrices->g[x][j];
      sum[y * N + x] += (gfloat) u * v[y * N + x];
    }
}

static void
add_exactly (const gfloat *g, const gfloat *d, gdouble *sum)
{
  for (gint y = 0; y < M; y++)
    for (gint x = 0; x < M; x++)
      for (gint i = 0; i < 3; i++)
        for (gint j = 0; j < 3; j++)
          sum[y * M + x] += (gdouble) g[i * 3 + j] * d[(y + i) * N + x + j];
}

/* One output channel: @w: its kernels. */
static gdouble
compare (const Matrices *matrices, const gfloat *w, const gfloat *noise,
    const gfloat *transformed, gint64 n_src)
{
  gfloat products[N * N] = { 0 }, found[M * M];
  gdouble exact[M * M] = { 0 }, error = 0, largest = 0;

  for (gint64 c = 0; c < n_src; c++) {
    add_products (matrices, w + c * 9, transformed + c * N * N, products);
    add_exactly (w + c * 9, noise + c * N * N, exact);
  }
  transform (matrices->a[0], M, products, found);
  for (gint i = 0; i < M * M; i++) {
    error = fmax (error, fabs (found[i] - exact[i]));
    largest = fmax (largest, fabs (exact[i]));
  }
  if (!isfinite (found[0]))
    return NAN;
  return largest > 0 ? error / largest : 0;
}

gdouble
dnn_winograd_measure_error (
    const gfloat *w, gint64 dst_channels, gint64 src_channels)
{
  g_autofree gfloat *noise = g_new (gfloat, src_channels * N * N);
  g_autofree gfloat *transformed = g_new (gfloat, src_channels * N * N);
  gint64 n_tried = MIN (dst_channels, MAX_TRIED);
  gdouble worst = 0;
  Matrices matrices;

  make_matrices (&matrices);
  make_noise (noise, src_channels * N * N);
  for (gint64 c = 0; c < src_channels; c++)
    transform (matrices.b[0], N, noise + c * N * N, transformed + c * N * N);
  for (gint64 i = 0; i < n_tried; i++) {
    gint64 k = dst_channels * i / n_tried;
    gdouble error = compare (
        &matrices, w + k * src_channels * 9, noise, transformed, src_channels);
    if (isnan (error))
      return error;
    worst = fmax (worst, error);
  }
  return worst;
}
