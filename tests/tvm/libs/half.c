/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A function on float16 as LLVM before 15 compiles it: conversions imported by
 * name. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

__attribute__ ((visibility ("default"))) gint32 twice (DnnTvmValue *args,
    gint *type_codes, gint num_args, DnnTvmValue *ret, gint *ret_code,
    gpointer resource);
gfloat __gnu_h2f_ieee (guint16 half);
guint16 __gnu_f2h_ieee (gfloat value);

gint32
twice (DnnTvmValue *args, gint *type_codes, gint num_args, DnnTvmValue *ret,
    gint *ret_code, gpointer resource)
{
  const DLTensor *src = args[0].v_handle, *dst = args[1].v_handle;

  for (gint64 i = 0; i < src->shape[0]; i++)
    ((gfloat *) dst->data)[i] = __gnu_h2f_ieee (
        __gnu_f2h_ieee (2 * ((const gfloat *) src->data)[i]));
  return 0;
}
