/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Implementation name and work → ns. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-cost.h"

#include "kernels/onednn/dnn-onednn-impl.h"

/* GFLOP/s of arithmetic and the factor on memory-bound work. */
static const struct
{
  gdouble gflops;
  gdouble slower; /* × the time of the best implementation */
} rates[DNN_N_IMPLS] = {
  [DNN_IMPL_JIT] = { 108, 1 },
  [DNN_IMPL_JIT_1X1] = { 110, 1 },
  [DNN_IMPL_DEPTHWISE] = { 60, 1 },
  [DNN_IMPL_BRGEMM] = { 105, 1 },
  [DNN_IMPL_BRGEMM_1X1] = { 104, 1 },
  [DNN_IMPL_GEMM] = { 45, 2 },
  [DNN_IMPL_SSE41] = { 35, 2 },
  [DNN_IMPL_SIMPLE] = { 20, 4 },
  [DNN_IMPL_NCSP] = { 45, 3 },
  [DNN_IMPL_NCSP_NORM] = { 20, 6 },
};

/* A primitive can't be faster than memory. */
gdouble
dnn_cost_of_flops (const gchar *impl, gdouble flops, gdouble bytes)
{
  gdouble arithmetic = flops / rates[dnn_impl_get_kind (impl)].gflops;

  return DNN_COST_CALL + MAX (arithmetic, bytes / 40);
}

gdouble
dnn_cost_of_bytes (const gchar *impl, gdouble bytes, gdouble rate)
{
  return DNN_COST_CALL + bytes / rate * rates[dnn_impl_get_kind (impl)].slower;
}

gdouble
dnn_cost_of_ref (gdouble elements)
{
  return DNN_COST_CALL + elements * 4;
}
