/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* AVX-512: vectors of 16, six tiles by four of them in registers. Next:
 * dnn-winograd-code.h. */
#include "config.h"

#include <glib.h>

#if defined(__x86_64__)

#include <immintrin.h>

#define INSTRUCTIONS target ("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#define CODE static inline __attribute__ ((always_inline, INSTRUCTIONS))
#define RUN __attribute__ ((INSTRUCTIONS))

typedef __m512 V;
#define LANES 16
#define N_VECTORS 4
#define N_TILES 6
#define FMA(a, b, c) _mm512_fmadd_ps (a, b, c)
#define SPREAD(a) _mm512_set1_ps (a)

#include "kernels/winograd/dnn-winograd-code.h"

#include "kernels/winograd/dnn-winograd-weights.h"

const DnnWinogradLevel dnn_winograd_avx512 = {
  .impl = { "winograd_2x2:avx512", "winograd_4x4:avx512" },
  .lanes = LANES,
  .block = BLOCK,
  .gflops = 95,
  .run = run,
  .pack = pack,
};

#endif
