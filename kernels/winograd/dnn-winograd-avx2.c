/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* AVX2: vectors of 8, six tiles by two of them in registers. Next:
 * dnn-winograd-code.h. */
#include "config.h"

#include <glib.h>

#if defined(__x86_64__)

#include <immintrin.h>

#define INSTRUCTIONS target ("avx2,fma")
#define CODE static inline __attribute__ ((always_inline, INSTRUCTIONS))
#define RUN __attribute__ ((INSTRUCTIONS))

typedef __m256 V;
#define LANES 8
#define N_VECTORS 2
#define N_TILES 6
#define FMA(a, b, c) _mm256_fmadd_ps (a, b, c)
#define SPREAD(a) _mm256_set1_ps (a)

#include "kernels/winograd/dnn-winograd-code.h"

#include "kernels/winograd/dnn-winograd-weights.h"

const DnnWinogradLevel dnn_winograd_avx2 = {
  .impl = { "winograd_2x2:avx2", "winograd_4x4:avx2" },
  .lanes = LANES,
  .block = BLOCK,
  .gflops = 90,
  .run = run,
  .pack = pack,
};

#endif
