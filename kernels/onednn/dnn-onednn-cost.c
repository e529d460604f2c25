/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Implementation name and work → ns. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-cost.h"

#include <string.h>

/* GFLOP/s of arithmetic and the factor on memory-bound work, by what the
 * implementation's name contains; the first match counts. */
static const struct
{
  const gchar *word;
  gdouble gflops;
  gdouble slower; /* × the time of the best implementation */
} rates[] = {
  { "jit_uni_ncsp", 45, 3 }, /* oneDNN 3: reorders around another */
  { "_dw", 60, 1 },
  { "jit_1x1", 110, 1 },
  { "brgconv_1x1", 104, 1 },
  { "brg", 105, 1 },
  { "gemm", 45, 2 },
  { "ncsp_bnorm", 20, 6 },
  { "sse4", 35, 2 },
  { "jit", 108, 1 },
  { "simple", 20, 4 },
};

static guint
find_rate (const gchar *impl)
{
  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    if (strstr (impl, rates[i].word))
      return i;
  return G_N_ELEMENTS (rates) - 1;
}

/* A primitive can't be faster than memory. */
gdouble
dnn_cost_of_flops (const gchar *impl, gdouble flops, gdouble bytes)
{
  gdouble arithmetic = flops / rates[find_rate (impl)].gflops;

  return DNN_COST_CALL + MAX (arithmetic, bytes / 40);
}

gdouble
dnn_cost_of_bytes (const gchar *impl, gdouble bytes, gdouble rate)
{
  return DNN_COST_CALL + bytes / rate * rates[find_rate (impl)].slower;
}

gdouble
dnn_cost_of_ref (gdouble elements)
{
  return DNN_COST_CALL + elements * 4;
}
