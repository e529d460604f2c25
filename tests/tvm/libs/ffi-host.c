/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A function as TVM 0.21 compiles it with its target for C: tvm-ffi under a
 * plain name, all that it calls imported; known by its library's pointer. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#define EXPORT __attribute__ ((visibility ("default")))

extern gpointer __tvm_ffi_library_ctx;
EXPORT gpointer __tvm_ffi_library_ctx;

EXPORT gint32 negate (
    gpointer self, const DnnTvmFfiAny *args, gint num_args, gpointer result);

gint32
negate (gpointer self, const DnnTvmFfiAny *args, gint num_args, gpointer result)
{
  const DLTensor *src = args[0].value.v_ptr, *dst = args[1].value.v_ptr;

  if (num_args != 2) {
    TVMFFIErrorSetRaisedFromCStr ("TypeError", "negate: two tensors expected");
    return -1;
  }
  for (gint64 i = 0; i < src->shape[0] * src->strides[0]; i++)
    ((gfloat *) dst->data)[i] = -((const gfloat *) src->data)[i];
  return 0;
}
