/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Winograd's convolution F(m×m, 3×3), m = 4 or 2 (A. Lavin, S. Gray 2015, "Fast
 * Algorithms for Convolutional Neural Networks"): the result in tiles of m×m,
 * each made of an input tile of (m+2)×(m+2) whose transform is multiplied with
 * that of the weights, frequency by frequency:
 *
 *   Y = Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A
 *
 * F(4×4) takes a quarter of the direct one's multiplications, F(2×2) 4/9; what
 * the transforms cost pays from some 16 channels up. Both run tile by tile in
 * chunks that stay in the second cache. Offered by
 * conv/dnn-conv-winograd.c, run by dnn-winograd-code.h at each level of
 * instructions. */
#pragma once

#include "kernels/onednn/dnn-onednn-layout.h"
#include "pipeline-core/base/dnn-format.h"

G_BEGIN_DECLS

/* Most frequencies, (4 + 2)². */
#define DNN_WINOGRAD_MAX_N 36

/* F(4×4) at the points 0, ±5/8, ±3/2, ∞: errors are a third of those at
 * 0, ±1, ±2, ∞; all products of them are exact in float. */
#define DNN_WINOGRAD_A 0.625f
#define DNN_WINOGRAD_B 1.5f

#define DNN_WINOGRAD_MAX_POST_OPS 8

/* What runs on each result; the residual is added where alg is NONE. */
typedef struct
{
  DnnAlg alg;
  gfloat alpha, beta;
} DnnWinogradPostOp;

/* A convolution. All that run needs but addresses. */
typedef struct
{
  gint m; /* 4 or 2 */
  gint64 batch, src_channels, dst_channels;
  gint64 src_size[2], dst_size[2], begin[2]; /* rows, columns */
  gint64 n_tiles[2];
  gint64 chunk; /* tiles that are worked on at once */
  DnnLayout src, dst; /* the residual lies as dst */
  DnnWinogradPostOp post_ops[DNN_WINOGRAD_MAX_POST_OPS];
  guint n_post_ops;
} DnnWinograd;

/* Addresses of one run. */
typedef struct
{
  const DnnWinograd *conv;
  const gfloat *src, *weights, *bias, *residual; /* the last two nullable */
  gfloat *dst;
} DnnWinogradJob;

/* One level of instructions. */
typedef struct
{
  const gchar *impl[2]; /* names of F(2×2), F(4×4) */
  gint lanes; /* channels in a vector */
  gint block; /* output channels whose weights lie together */
  gdouble gflops; /* of the products, beside the rates of dnn-onednn-cost.c */
  /* Tiles of all images from @tile to @tile_end, blocks of output channels
   * from @block to @block_end. @scratch: dnn_winograd_get_scratch(). */
  void (*run) (const DnnWinogradJob *job, gint64 tile, gint64 tile_end,
      gint64 block, gint64 block_end, gfloat *scratch);
  /* @w: outputs × inputs × 3 × 3; what lies beyond the last output is 0. */
  void (*pack) (
      gint m, const gfloat *w, gint64 n_dst, gint64 n_src, gfloat *to);
} DnnWinogradLevel;

extern const DnnWinogradLevel dnn_winograd_base;
#if defined(__x86_64__)
extern const DnnWinogradLevel dnn_winograd_avx2, dnn_winograd_avx512;
#endif

/* The level of what oneDNN may use here. */
const DnnWinogradLevel *dnn_winograd_get_level (void);

static inline gint64
dnn_winograd_count_frequencies (gint m)
{
  return (m + 2) * (m + 2);
}

static inline gint64
dnn_winograd_round_up (gint64 n, gint64 unit)
{
  return (n + unit - 1) / unit * unit;
}

/* Floats from one frequency to the next of transformed input or output, so far
 * apart that they don't all fall into the same lines of the first cache. */
static inline gint64
dnn_winograd_get_plane (gint64 chunk, gint64 channels)
{
  return chunk * channels + 16;
}

/* Floats that one thread needs. */
gint64 dnn_winograd_get_scratch (
    const DnnWinograd *conv, const DnnWinogradLevel *level);

/* ---- weights -------------------------------------------------------------
 * Blocks of output channels; in each, by frequency, a row of the block's
 * channels for each input channel. */

/* Floats in front of packed weights; the first one says m: what was asked for
 * or, where that would be too far off, 2. */
#define DNN_WINOGRAD_HEADER 16

/* Largest error of F(4×4) that is put up with, of the largest result. Random
 * weights have 2·10⁻⁶. */
#define DNN_WINOGRAD_LIMIT 1e-5

/* Floats, without the header. */
gint64 dnn_winograd_get_weights_size (
    gint m, gint64 src_channels, gint64 dst_channels, gint lanes);

/* The layout for the store of packed weights. (transfer full) */
DnnFormat *dnn_winograd_format_new (
    gint m, const DnnShape *weights, const DnnWinogradLevel *level);

/* @w: outputs × inputs × 3 × 3 → @to, at @format; F(4×4) only if its error is
 * at most @limit. */
void dnn_winograd_pack (
    const DnnFormat *format, const gfloat *w, gdouble limit, gfloat *to);

/* What F(4×4) with these weights makes of a tile of noise, beside the exact
 * result in double: largest difference ÷ largest result over some output
 * channels. */
gdouble dnn_winograd_measure_error (
    const gfloat *w, gint64 dst_channels, gint64 src_channels);

/* Row p of G: what the weights' polynomial is at point p, over the product of
 * p's distances from the other points. */
void dnn_winograd_make_rows (gint m, gdouble rows[6][3]);

G_END_DECLS
