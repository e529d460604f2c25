/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A tensor → where it lies, and where the answer lies: shows that nothing was
 * copied on the way. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

/* The symbol is "__tvm_ffi_" and the graph's func_name. */
DNN_API gint __tvm_ffi_report_address (gpointer self, const DnnTvmFfiAny *args,
    gint32 num_args, DnnTvmFfiAny *result);

gint
__tvm_ffi_report_address (gpointer self, const DnnTvmFfiAny *args,
    gint32 num_args, DnnTvmFfiAny *result)
{
  const DLTensor *src = args[0].value.v_ptr;
  const DLTensor *dst = args[1].value.v_ptr;
  gint64 *numbers = dst->data;

  numbers[0] = (gint64) (gsize) src->data + (gint64) src->byte_offset;
  numbers[1] = (gint64) (gsize) dst->data + (gint64) dst->byte_offset;
  numbers[2] = (gint64) ((const gfloat *) src->data)[0];
  return 0;
}
