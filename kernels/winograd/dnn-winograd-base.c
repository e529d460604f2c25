/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Any CPU: vectors of 4 as the compiler sees fit. Next: dnn-winograd-code.h. */
#include "config.h"

#include <glib.h>

#define CODE static inline __attribute__ ((always_inline))
#define RUN

typedef gfloat V __attribute__ ((vector_size (16)));
#define LANES 4
#define N_VECTORS 2
#define N_TILES 6
#define FMA(a, b, c) ((a) * (b) + (c))
#define SPREAD(a)      \
  (V)                  \
  {                    \
    (a), (a), (a), (a) \
  }

#include "kernels/winograd/dnn-winograd-code.h"

#include "kernels/winograd/dnn-winograd-weights.h"

const DnnWinogradLevel dnn_winograd_base = {
  .impl = { "winograd_2x2:base", "winograd_4x4:base" },
  .lanes = LANES,
  .block = BLOCK,
  .gflops = 25,
  .run = run,
  .pack = pack,
};
