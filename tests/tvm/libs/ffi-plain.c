/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A function as TVM 0.21 compiles it: tvm-ffi under a plain name, known by the
 * pointer that its assertions need. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#define EXPORT __attribute__ ((visibility ("default")))

extern __typeof__ (&TVMFFIErrorSetRaisedFromCStr)
    __TVMFFIErrorSetRaisedFromCStr;
EXPORT __typeof__ (&TVMFFIErrorSetRaisedFromCStr)
    __TVMFFIErrorSetRaisedFromCStr;

EXPORT gint negate (gpointer self, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result);
EXPORT gint describe (gpointer self, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result);

EXPORT gint
negate (gpointer self, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result)
{
  const DLTensor *src = args[0].value.v_ptr, *dst = args[1].value.v_ptr;

  if (((const gfloat *) src->data)[0] > 1000) {
    __TVMFFIErrorSetRaisedFromCStr ("ValueError", "negate: above 1000");
    return -1;
  }
  for (gint64 i = 0; i < src->shape[0] * src->strides[0]; i++)
    ((gfloat *) dst->data)[i] = -((const gfloat *) src->data)[i];
  return 0;
}

EXPORT gint
describe (gpointer self, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result)
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
