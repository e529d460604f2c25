/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Functions as today's TVM compiles them: prefixed names, the runtime's
 * functions imported, a pointer for some. Links libm, whose functions are not
 * its own. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#include <math.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define FUNCTION(name)                                                   \
  EXPORT gint __tvm_ffi_##name (gpointer self, const DnnTvmFfiAny *args, \
      gint32 num_args, DnnTvmFfiAny *result)

extern __typeof__ (&TVMFFIEnvModLookupFromImports)
    __TVMFFIEnvModLookupFromImports;
EXPORT __typeof__ (&TVMFFIEnvModLookupFromImports)
    __TVMFFIEnvModLookupFromImports;
extern gpointer __tvm_ffi__library_ctx;
EXPORT gpointer __tvm_ffi__library_ctx;

FUNCTION (tangent);
FUNCTION (describe);
FUNCTION (call_own);
FUNCTION (fail_in_parts);

FUNCTION (tangent)
{
  const DLTensor *src = args[0].value.v_ptr, *dst = args[1].value.v_ptr;

  if (num_args != 2 || args[0].type_index != DNN_TVM_FFI_TENSOR) {
    TVMFFIErrorSetRaisedFromCStr ("TypeError", "tangent: two tensors expected");
    return -1;
  }
  for (gint64 i = 0; i < src->shape[0] * src->strides[0]; i++)
    ((gfloat *) dst->data)[i] = tanhf (((const gfloat *) src->data)[i]);
  return 0;
}

FUNCTION (describe)
{
  const DLTensor *src = args[0].value.v_ptr, *dst = args[1].value.v_ptr;
  gfloat *out = dst->data;

  out[0] = (gfloat) src->ndim;
  out[1] = (gfloat) src->shape[0];
  out[2] = (gfloat) src->strides[0];
  out[3] = src->dtype.code;
  out[4] = src->dtype.bits;
  out[5] = src->dtype.lanes;
  out[6] = (gfloat) src->device.device_type;
  out[7] = (gfloat) ((guintptr) src->data % 64 + (guintptr) dst->data % 64);
  return 0;
}

static gint
find_tangent (gpointer *result)
{
  return __TVMFFIEnvModLookupFromImports (
      __tvm_ffi__library_ctx, "tangent", result);
}

FUNCTION (call_own)
{
  static gpointer function;

  if (TVMFFIHandleInitOnce (&function, find_tangent) != 0)
    return -1;
  return TVMFFIFunctionCall (function, args, num_args, result);
}

FUNCTION (fail_in_parts)
{
  const gchar *parts[] = { "Expected ", "float64", " on argument #0" };

  TVMFFIErrorSetRaisedFromCStrParts ("TypeError", parts, 3);
  return -1;
}
