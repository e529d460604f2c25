/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One level of instructions: weights → G g Gᵀ, in double, as
 * dnn-winograd-code.h reads them, which comes before. */
#pragma once

typedef gdouble Doubles __attribute__ ((vector_size (LANES * 8)));

/* The @n of up to LANES kernels that are @step apart, the others 0. */
CODE void
load_kernels (const gfloat *w, gint64 step, gint64 n, Doubles g[9])
{
  gfloat lanes[9][LANES] = { 0 };

  for (gint64 k = 0; k < n; k++)
    for (gint i = 0; i < 9; i++)
      lanes[i][k] = w[k * step + i];
  for (gint i = 0; i < 9; i++)
    g[i] = __builtin_convertvector(load (lanes[i]), Doubles);
}

/* All frequencies, @step apart: rows first, then columns. */
CODE void
transform_kernels (gdouble rows[6][3], const Doubles g[9], gint64 step,
    gfloat *to, const gint size)
{
  Doubles half[6][3];

  UNROLL
  for (gint y = 0; y < size; y++)
    UNROLL
  for (gint j = 0; j < 3; j++)
    half[y][j] = rows[y][0] * g[j] + rows[y][1] * g[3 + j] +
        rows[y][2] * g[6 + j];
  UNROLL
  for (gint y = 0; y < size; y++)
    UNROLL
  for (gint x = 0; x < size; x++) {
    Doubles one = half[y][0] * rows[x][0] + half[y][1] * rows[x][1] +
        half[y][2] * rows[x][2];
    store (to + (y * size + x) * step, __builtin_convertvector(one, V));
  }
}

/* @w: outputs × inputs × 3 × 3 → blocks of outputs, in each by frequency a row
 * of the block's outputs for each input. */
CODE void
transform_weights (
    const gfloat *w, gint64 n_dst, gint64 n_src, gfloat *to, const gint m)
{
  gint64 padded = dnn_winograd_round_up (n_dst, LANES);
  gdouble rows[6][3];

  dnn_winograd_make_rows (m, rows);
  for (gint64 first = 0; first < n_dst; first += BLOCK) {
    gint64 width = MIN (BLOCK, padded - first);
    gfloat *block = to + first * dnn_winograd_count_frequencies (m) * n_src;
    for (gint64 c = 0; c < n_src; c++)
      for (gint64 k = 0; k < width; k += LANES) {
        Doubles g[9];
        load_kernels (w + ((first + k) * n_src + c) * 9, n_src * 9,
            MIN (LANES, n_dst - first - k), g);
        transform_kernels (
            rows, g, n_src * width, block + c * width + k, m + 2);
      }
  }
}

RUN static void
pack_4 (const gfloat *w, gint64 n_dst, gint64 n_src, gfloat *to)
{
  transform_weights (w, n_dst, n_src, to, 4);
}

RUN static void
pack_2 (const gfloat *w, gint64 n_dst, gint64 n_src, gfloat *to)
{
  transform_weights (w, n_dst, n_src, to, 2);
}

static void
pack (gint m, const gfloat *w, gint64 n_dst, gint64 n_src, gfloat *to)
{
  if (m == 4)
    pack_4 (w, n_dst, n_src, to);
  else
    pack_2 (w, n_dst, n_src, to);
}
