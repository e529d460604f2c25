/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The name of an implementation → kind and flags. Next: dnn-onednn-cost.c. */
#include "config.h"

#include "kernels/onednn/dnn-onednn-impl.h"

#include <string.h>

/* By what the name contains; the first match counts. */
static const struct
{
  const gchar *word;
  DnnImplKind kind;
} kinds[] = {
  { "jit_uni_ncsp", DNN_IMPL_NCSP },
  { "_dw", DNN_IMPL_DEPTHWISE },
  { "jit_1x1", DNN_IMPL_JIT_1X1 },
  { "brgconv_1x1", DNN_IMPL_BRGEMM_1X1 },
  { "brg", DNN_IMPL_BRGEMM },
  { "gemm", DNN_IMPL_GEMM },
  { "ncsp_bnorm", DNN_IMPL_NCSP_NORM },
  { "sse4", DNN_IMPL_SSE41 },
  { "jit", DNN_IMPL_JIT },
  { "simple", DNN_IMPL_SIMPLE },
};

/* Each that the name contains. "ref:" also stands inside another:
 * "jit_uni_ncsp:conv+ref:any", "bnorm_ref:any". */
static const struct
{
  const gchar *word;
  DnnImplFlags flag;
} flags[] = {
  { "ref:", DNN_IMPL_IS_REFERENCE },
  { "gemm", DNN_IMPL_IS_GEMM },
  { "jit_dw:sse41", DNN_IMPL_IS_DEPTHWISE_SSE41 },
};

DnnImplKind
dnn_impl_get_kind (const gchar *impl)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strstr (impl, kinds[i].word))
      return kinds[i].kind;
  return DNN_IMPL_SIMPLE;
}

gboolean
dnn_impl_is (const gchar *impl, DnnImplFlags flag)
{
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if (flags[i].flag == flag && strstr (impl, flags[i].word))
      return TRUE;
  return FALSE;
}
