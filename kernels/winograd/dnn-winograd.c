/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What oneDNN may use here → the level of Winograd's code; sizes. Next:
 * dnn-winograd-code.h. */
#include "config.h"

#include "kernels/winograd/dnn-winograd.h"

const DnnWinogradLevel *
dnn_winograd_get_level (void)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("fma") &&
      dnn_onednn_may_use (dnnl_cpu_isa_avx512_core))
    return &dnn_winograd_avx512;
  if (__builtin_cpu_supports ("fma") && dnn_onednn_may_use (dnnl_cpu_isa_avx2))
    return &dnn_winograd_avx2;
#endif
  return &dnn_winograd_base;
}

gint64
dnn_winograd_get_scratch (
    const DnnWinograd *conv, const DnnWinogradLevel *level)
{
  gint64 channels = dnn_winograd_round_up (conv->src_channels, level->lanes);

  return dnn_winograd_count_frequencies (conv->m) *
      (dnn_winograd_get_plane (conv->chunk, channels) +
          dnn_winograd_get_plane (conv->chunk, level->block));
}
