/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A custom operator as function of tvm-ffi: numbers → the same, bent so that
 * none is beyond ±CAP. */
#include "pipeline-core/library/dnn-tvm-abi.h"

#include <math.h>

#define CAP 2.0f

/* The symbol is "__tvm_ffi_" and the graph's func_name. */
DNN_API gint __tvm_ffi_softcap (gpointer self, const DnnTvmFfiAny *args,
    gint32 num_args, DnnTvmFfiAny *result);

gint
__tvm_ffi_softcap (gpointer self, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result)
{
  const DLTensor *src, *dst;
  gint64 n = 1;

  if (num_args != 2) {
    TVMFFIErrorSetRaisedFromCStr (
        "TypeError", "one input and one output are expected");
    return -1;
  }
  src = args[0].value.v_ptr;
  dst = args[1].value.v_ptr;
  if (src->dtype.code != kDLFloat || src->dtype.bits != 32) {
    TVMFFIErrorSetRaisedFromCStr ("TypeError", "float32 is expected");
    return -1;
  }
  for (gint i = 0; i < src->ndim; i++)
    n *= src->shape[i];
  for (gint64 i = 0; i < n; i++)
    ((gfloat *) dst->data)[i] = CAP * tanhf (((gfloat *) src->data)[i] / CAP);
  return 0;
}
