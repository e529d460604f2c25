/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* This machine, and what oneDNN may use of it → the level of our own loops. */
#include "config.h"

#include "kernels/loops/dnn-loop.h"

#include "kernels/onednn/dnn-onednn.h"

static DnnLevel
find_level (void)
{
#if defined(__x86_64__)
  if (!__builtin_cpu_supports ("fma"))
    return DNN_LEVEL_BASE;
  if (dnn_onednn_may_use (dnnl_cpu_isa_avx512_core))
    return DNN_LEVEL_AVX512;
  if (dnn_onednn_may_use (dnnl_cpu_isa_avx2))
    return DNN_LEVEL_AVX2;
#endif
  return DNN_LEVEL_BASE;
}

DnnLevel
dnn_loop_level (void)
{
  static DnnLevel level;
  static gsize once;

  if (g_once_init_enter (&once)) {
    level = find_level ();
    g_once_init_leave (&once, 1);
  }
  return level;
}
