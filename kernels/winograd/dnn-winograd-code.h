/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One level of instructions: a chunk of tiles → transformed, multiplied,
 * transformed back. The file that includes this says what a vector is: LANES,
 * V, FMA (a, b, c) = a · b + c, SPREAD (a), N_VECTORS of output channels and
 * N_TILES that stay in registers, CODE for functions, RUN for its entry. */
#pragma once

#include <string.h>

#include "kernels/winograd/dnn-winograd.h"

/* Loads and stores at any address. */
typedef V Unaligned __attribute__ ((aligned (4), may_alias));
typedef gint32 VI __attribute__ ((vector_size (LANES * 4)));

#define BLOCK (N_VECTORS * LANES)
#define UNROLL _Pragma ("GCC unroll 8")

CODE V
load (const gfloat *from)
{
  return *(const Unaligned *) from;
}

CODE void
store (gfloat *to, V x)
{
  *(Unaligned *) to = x;
}

/* The first @n lanes, the others 0. */
CODE V
load_some (const gfloat *from, gint64 n)
{
  V x = SPREAD (0);

  if (n >= LANES)
    return load (from);
  memcpy (&x, from, n * sizeof (gfloat));
  return x;
}

/* ---- input ---------------------------------------------------------------
 */

/* Bᵀ on six or four vectors. */
CODE void
transform_in (const V *d, V *to, const gint m)
{
  if (m == 4) {
    const gfloat a = DNN_WINOGRAD_A, b = DNN_WINOGRAD_B;
    V a2 = SPREAD (-a * a), b2 = SPREAD (-b * b);
    V sum = SPREAD (-(a * a + b * b)), product = SPREAD (a * a * b * b);
    V even_a = FMA (b2, d[2], d[4]), odd_a = SPREAD (a) * FMA (b2, d[1], d[3]);
    V even_b = FMA (a2, d[2], d[4]), odd_b = SPREAD (b) * FMA (a2, d[1], d[3]);
    to[0] = FMA (product, d[0], FMA (sum, d[2], d[4]));
    to[1] = even_a + odd_a;
    to[2] = even_a - odd_a;
    to[3] = even_b + odd_b;
    to[4] = even_b - odd_b;
    to[5] = FMA (product, d[1], FMA (sum, d[3], d[5]));
  } else {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[1] - d[3];
  }
}

/* Where a tile's input begins, and which part of it lies in the picture. */
typedef struct
{
  const gfloat *src;
  gint64 row, row_end, column, column_end; /* inside */
} Window;

CODE Window
find_window (const DnnWinogradJob *job, gint64 tile)
{
  const DnnWinograd *conv = job->conv;
  gint64 rest = tile / conv->n_tiles[1];
  gint64 x = tile % conv->n_tiles[1] * conv->m - conv->begin[1];
  gint64 y = rest % conv->n_tiles[0] * conv->m - conv->begin[0];
  gint64 image = rest / conv->n_tiles[0];

  return (Window){
    .src = job->src + image * conv->src.batch + y * conv->src.space[1] +
        x * conv->src.space[2],
    .row = MAX (-y, 0),
    .row_end = MIN (conv->src_size[0] - y, conv->m + 2),
    .column = MAX (-x, 0),
    .column_end = MIN (conv->src_size[1] - x, conv->m + 2),
  };
}

/* A row of pixels, @n channels of each. */
CODE void
load_row (const Window *window, gint64 y, const gfloat *src, gint64 step,
    gint64 n, V *d, const gint size)
{
  gboolean is_row = y >= window->row && y < window->row_end;

  if (is_row && window->column == 0 && window->column_end == size &&
      n >= LANES) {
    UNROLL
    for (gint x = 0; x < size; x++)
      d[x] = load (src + x * step);
    return;
  }
  UNROLL
  for (gint x = 0; x < size; x++)
    d[x] = is_row && x >= window->column && x < window->column_end
        ? load_some (src + x * step, n)
        : SPREAD (0);
}

/* One vector of channels of one tile, into each frequency's plane. */
CODE void
transform_tile (const DnnWinograd *conv, const Window *window,
    const gfloat *src, gint64 n, gfloat *to, gint64 plane, const gint m)
{
  const gint size = m + 2;
  V rows[36], columns[6], done[6];

  UNROLL
  for (gint y = 0; y < size; y++) {
    load_row (window, y, src + y * conv->src.space[1], conv->src.space[2], n,
        columns, size);
    transform_in (columns, rows + y * size, m);
  }
  UNROLL
  for (gint x = 0; x < size; x++) {
    UNROLL
    for (gint y = 0; y < size; y++)
      columns[y] = rows[y * size + x];
    transform_in (columns, done, m);
    UNROLL
    for (gint y = 0; y < size; y++)
      store (to + (y * size + x) * plane, done[y]);
  }
}

/* @n_tiles from @tile on: frequencies × tiles × channels. */
CODE void
transform_inputs (const DnnWinogradJob *job, gint64 tile, gint64 n_tiles,
    gfloat *to, const gint m)
{
  const DnnWinograd *conv = job->conv;
  gint64 channels = dnn_winograd_round_up (conv->src_channels, LANES);
  gint64 plane = dnn_winograd_get_plane (conv->chunk, channels);

  for (gint64 i = 0; i < n_tiles; i++) {
    Window window = find_window (job, tile + i);
    for (gint64 c = 0; c < conv->src_channels; c += LANES)
      transform_tile (conv, &window,
          window.src + dnn_layout_channel (&conv->src, c),
          conv->src.block == conv->src_channels ? conv->src_channels - c
                                                : LANES,
          to + i * channels + c, plane, m);
  }
}

/* ---- products ------------------------------------------------------------
 */

/* @n_tiles rows of @v times @n_vectors columns of @u. */
CODE void
multiply (const gfloat *v, gint64 v_step, const gfloat *u, gint64 n, gfloat *to,
    const gint n_tiles, const gint n_vectors)
{
  V sum[N_TILES][N_VECTORS];

  UNROLL
  for (gint t = 0; t < n_tiles; t++)
    UNROLL
  for (gint k = 0; k < n_vectors; k++)
    sum[t][k] = SPREAD (0);
  for (gint64 c = 0; c < n; c++) {
    V weights[N_VECTORS];
    UNROLL
    for (gint k = 0; k < n_vectors; k++)
      weights[k] = load (u + (c * n_vectors + k) * LANES);
    UNROLL
    for (gint t = 0; t < n_tiles; t++) {
      V x = SPREAD (v[t * v_step + c]);
      UNROLL
      for (gint k = 0; k < n_vectors; k++)
        sum[t][k] = FMA (x, weights[k], sum[t][k]);
    }
  }
  UNROLL
  for (gint t = 0; t < n_tiles; t++)
    UNROLL
  for (gint k = 0; k < n_vectors; k++)
    store (to + t * BLOCK + k * LANES, sum[t][k]);
}

CODE void
multiply_tiles (const gfloat *v, gint64 v_step, const gfloat *u, gint64 n,
    gfloat *to, gint64 n_tiles, const gint n_vectors)
{
  while (n_tiles >= N_TILES) {
    multiply (v, v_step, u, n, to, N_TILES, n_vectors);
    v += N_TILES * v_step;
    to += N_TILES * BLOCK;
    n_tiles -= N_TILES;
  }
  if (n_tiles & 4) {
    multiply (v, v_step, u, n, to, 4, n_vectors);
    v += 4 * v_step;
    to += 4 * BLOCK;
  }
  if (n_tiles & 2) {
    multiply (v, v_step, u, n, to, 2, n_vectors);
    v += 2 * v_step;
    to += 2 * BLOCK;
  }
  if (n_tiles & 1)
    multiply (v, v_step, u, n, to, 1, n_vectors);
}

/* One block of output channels, all frequencies: frequencies × tiles × block.
 * @n_vectors: of the block. */
CODE void
multiply_block (const DnnWinograd *conv, const gfloat *v, const gfloat *u,
    gint64 n_tiles, gint n_vectors, gfloat *to)
{
  gint64 channels = dnn_winograd_round_up (conv->src_channels, LANES);
  gint64 v_plane = dnn_winograd_get_plane (conv->chunk, channels);
  gint64 to_plane = dnn_winograd_get_plane (conv->chunk, BLOCK);
  gint64 n = dnn_winograd_count_frequencies (conv->m);

  for (gint64 i = 0; i < n; i++) {
    const gfloat *from = v + i * v_plane;
    const gfloat *weights = u + i * conv->src_channels * n_vectors * LANES;
    gfloat *at = to + i * to_plane;
    if (n_vectors == N_VECTORS)
      multiply_tiles (
          from, channels, weights, conv->src_channels, at, n_tiles, N_VECTORS);
    else if (N_VECTORS > 3 && n_vectors == 3)
      multiply_tiles (
          from, channels, weights, conv->src_channels, at, n_tiles, 3);
    else if (N_VECTORS > 2 && n_vectors == 2)
      multiply_tiles (
          from, channels, weights, conv->src_channels, at, n_tiles, 2);
    else
      multiply_tiles (
          from, channels, weights, conv->src_channels, at, n_tiles, 1);
  }
}

/* ---- output --------------------------------------------------------------
 */

/* Aᵀ on six or four vectors. */
CODE void
transform_out (const V *d, V *to, const gint m)
{
  if (m == 4) {
    const gfloat a = DNN_WINOGRAD_A, b = DNN_WINOGRAD_B;
    V sum_a = d[1] + d[2], sum_b = d[3] + d[4];
    V less_a = d[1] - d[2], less_b = d[3] - d[4];
    to[0] = d[0] + sum_a + sum_b;
    to[1] = FMA (SPREAD (a), less_a, SPREAD (b) * less_b);
    to[2] = FMA (SPREAD (a * a), sum_a, SPREAD (b * b) * sum_b);
    to[3] = FMA (
        SPREAD (a * a * a), less_a, FMA (SPREAD (b * b * b), less_b, d[5]));
  } else {
    to[0] = d[0] + d[1] + d[2];
    to[1] = d[1] - d[2] - d[3];
  }
}

CODE V
choose (VI condition, V yes, V no)
{
  return (V) (((VI) yes & condition) | ((VI) no & ~condition));
}

CODE V
clip (V x, gfloat low, gfloat high)
{
  x = choose (x > SPREAD (low), x, SPREAD (low));
  return choose (x < SPREAD (high), x, SPREAD (high));
}

/* eˣ, within 2 units in the last place between ±87 (Cephes). */
CODE V
exponential (V x)
{
  const V magic = SPREAD (12582912.0f); /* adding it rounds */
  V n, r, y;

  x = clip (x, -87.0f, 87.0f);
  n = FMA (x, SPREAD (1.44269504088896341f), magic) - magic;
  r = FMA (n, SPREAD (-0.693359375f), x);
  r = FMA (n, SPREAD (2.12194440e-4f), r);
  y = FMA (SPREAD (1.9875691500e-4f), r, SPREAD (1.3981999507e-3f));
  y = FMA (y, r, SPREAD (8.3334519073e-3f));
  y = FMA (y, r, SPREAD (4.1665795894e-2f));
  y = FMA (y, r, SPREAD (1.6666665459e-1f));
  y = FMA (y, r, SPREAD (5.0000001201e-1f));
  y = FMA (y * r, r, r + SPREAD (1.0f));
  return (V) ((VI) y + ((VI) (n + magic) << 23));
}

CODE V
logistic (V x)
{
  return SPREAD (1.0f) / (SPREAD (1.0f) + exponential (-x));
}

/* Cephes: a polynomial near 0, where 1 - 2 / (e²ˣ + 1) would cancel. */
CODE V
hyperbolic_tangent (V x)
{
  V a = choose (x > SPREAD (0), x, -x), z = x * x;
  V near = FMA (SPREAD (-5.70498872745e-3f), z, SPREAD (2.06390887954e-2f));
  V far = FMA (SPREAD (2.0f), logistic (x + x), SPREAD (-1.0f));

  near = FMA (near, z, SPREAD (-5.37397155531e-2f));
  near = FMA (near, z, SPREAD (1.33314422036e-1f));
  near = FMA (near, z, SPREAD (-3.33332819422e-1f));
  near = FMA (near * z, x, x);
  return choose (a < SPREAD (0.625f), near, far);
}

CODE V
apply (const DnnWinogradPostOp *post_op, V x)
{
  V alpha = SPREAD (post_op->alpha), beta = SPREAD (post_op->beta);

  switch (post_op->alg) {
    case DNN_ALG_RELU:
      return choose (x > SPREAD (0), x, x * alpha);
    case DNN_ALG_CLIP:
      return clip (x, post_op->alpha, post_op->beta);
    case DNN_ALG_LINEAR:
      return FMA (alpha, x, beta);
    case DNN_ALG_LOGISTIC:
      return logistic (x);
    case DNN_ALG_SWISH:
      return x * logistic (alpha * x);
    case DNN_ALG_TANH:
      return hyperbolic_tangent (x);
    case DNN_ALG_HARDSIGMOID:
      return clip (FMA (alpha, x, beta), 0, 1);
    case DNN_ALG_HARDSWISH:
    default:
      return x * clip (FMA (x, SPREAD (1.0f / 6), SPREAD (0.5f)), 0, 1);
  }
}

/* A tile's results of one vector of channels, and where they go. */
typedef struct
{
  V y[16];
  gint64 channel, n; /* real ones of the vector */
  gint64 at[16]; /* in dst; -1: outside */
} Tile;

CODE void
finish_tile (const DnnWinogradJob *job, Tile *tile, const gint m)
{
  const DnnWinograd *conv = job->conv;
  V bias = job->bias ? load_some (job->bias + tile->channel, tile->n)
                     : SPREAD (0);

  UNROLL
  for (gint i = 0; i < m * m; i++)
    tile->y[i] += bias;
  for (guint p = 0; p < conv->n_post_ops; p++) {
    const DnnWinogradPostOp *post_op = &conv->post_ops[p];
    for (gint i = 0; i < m * m; i++) {
      if (post_op->alg != DNN_ALG_NONE)
        tile->y[i] = apply (post_op, tile->y[i]);
      else if (tile->at[i] >= 0)
        tile->y[i] += load_some (job->residual + tile->at[i], tile->n);
    }
  }
}

/* Padding of a block is 0, whatever post-ops make of it; that of channels last
 * is somebody else's. */
CODE void
store_tile (const DnnWinogradJob *job, const Tile *tile, const gint m)
{
  const DnnWinograd *conv = job->conv;
  gboolean is_padded = conv->dst.block != conv->dst_channels;

  for (gint i = 0; i < m * m; i++) {
    if (tile->at[i] < 0)
      continue;
    if (tile->n >= LANES) {
      store (job->dst + tile->at[i], tile->y[i]);
      continue;
    }
    memcpy (job->dst + tile->at[i], &tile->y[i], tile->n * sizeof (gfloat));
    if (is_padded)
      memset (job->dst + tile->at[i] + tile->n, 0,
          (LANES - tile->n) * sizeof (gfloat));
  }
}

CODE void
locate_tile (const DnnWinograd *conv, gint64 idx, Tile *tile, const gint m)
{
  gint64 rest = idx / conv->n_tiles[1];
  gint64 x = idx % conv->n_tiles[1] * m, y = rest % conv->n_tiles[0] * m;
  gint64 base = rest / conv->n_tiles[0] * conv->dst.batch +
      y * conv->dst.space[1] + x * conv->dst.space[2] +
      dnn_layout_channel (&conv->dst, tile->channel);

  for (gint i = 0; i < m * m; i++) {
    gboolean inside = y + i / m < conv->dst_size[0] &&
        x + i % m < conv->dst_size[1];
    tile->at[i] = inside
        ? base + i / m * conv->dst.space[1] + i % m * conv->dst.space[2]
        : -1;
  }
}

CODE void
transform_back (const gfloat *from, gint64 plane, V *y, const gint m)
{
  const gint size = m + 2;
  V rows[24], columns[6], done[4];

  UNROLL
  for (gint x = 0; x < size; x++) {
    UNROLL
    for (gint i = 0; i < size; i++)
      columns[i] = load (from + (i * size + x) * plane);
    transform_out (columns, done, m);
    UNROLL
    for (gint i = 0; i < m; i++)
      rows[i * size + x] = done[i];
  }
  UNROLL
  for (gint i = 0; i < m; i++)
    transform_out (rows + i * size, y + i * m, m);
}

/* The results of one block of output channels. */
CODE void
transform_outputs (const DnnWinogradJob *job, const gfloat *from, gint64 first,
    gint64 n_tiles, gint64 channel, gint n_vectors, const gint m)
{
  const DnnWinograd *conv = job->conv;
  gint64 plane = dnn_winograd_get_plane (conv->chunk, BLOCK);

  for (gint64 i = 0; i < n_tiles; i++)
    for (gint k = 0; k < n_vectors; k++) {
      Tile tile;
      tile.channel = channel + k * LANES;
      tile.n = MIN (conv->dst_channels - tile.channel, LANES);
      locate_tile (conv, first + i, &tile, m);
      transform_back (from + i * BLOCK + k * LANES, plane, tile.y, m);
      finish_tile (job, &tile, m);
      store_tile (job, &tile, m);
    }
}

/* ---- all -----------------------------------------------------------------
 */

CODE void
run_chunks (const DnnWinogradJob *job, gint64 tile, gint64 tile_end,
    gint64 block, gint64 block_end, gfloat *scratch, const gint m)
{
  const DnnWinograd *conv = job->conv;
  gint64 channels = dnn_winograd_round_up (conv->src_channels, LANES);
  gint64 n = dnn_winograd_count_frequencies (m);
  gfloat *products = scratch +
      n * dnn_winograd_get_plane (conv->chunk, channels);

  for (; tile < tile_end; tile += conv->chunk) {
    gint64 n_tiles = MIN (conv->chunk, tile_end - tile);
    transform_inputs (job, tile, n_tiles, scratch, m);
    for (gint64 b = block; b < block_end; b++) {
      gint64 first = b * BLOCK;
      gint n_vectors = (gint) MIN (
          N_VECTORS, (conv->dst_channels - first + LANES - 1) / LANES);
      multiply_block (conv, scratch,
          job->weights + first * n * conv->src_channels, n_tiles, n_vectors,
          products);
      transform_outputs (job, products, tile, n_tiles, first, n_vectors, m);
    }
  }
}

RUN static void
run_4 (const DnnWinogradJob *job, gint64 tile, gint64 tile_end, gint64 block,
    gint64 block_end, gfloat *scratch)
{
  run_chunks (job, tile, tile_end, block, block_end, scratch, 4);
}

RUN static void
run_2 (const DnnWinogradJob *job, gint64 tile, gint64 tile_end, gint64 block,
    gint64 block_end, gfloat *scratch)
{
  run_chunks (job, tile, tile_end, block, block_end, scratch, 2);
}

static void
run (const DnnWinogradJob *job, gint64 tile, gint64 tile_end, gint64 block,
    gint64 block_end, gfloat *scratch)
{
  if (job->conv->m == 4)
    run_4 (job, tile, tile_end, block, block_end, scratch);
  else
    run_2 (job, tile, tile_end, block, block_end, scratch);
}
