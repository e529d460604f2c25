/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors → every byte of them read, of the last one written: a library of a
 * module, of either interface, that shows when memory and shapes differ. */
#include "config.h"

#include <string.h>

#include "pipeline-core/library/dnn-tvm-abi.h"

#define EXPORT __attribute__ ((visibility ("default")))

EXPORT gint32 f (DnnTvmValue *args, gint *type_codes, gint num_args,
    DnnTvmValue *ret, gint *ret_code, gpointer resource);
EXPORT gint __tvm_ffi_g (gpointer self, const DnnTvmFfiAny *args,
    gint32 num_args, DnnTvmFfiAny *result);

static gsize
measure (const DLTensor *tensor)
{
  gsize size = (tensor->dtype.bits + 7) / 8;

  for (gint i = 0; i < tensor->ndim; i++)
    size *= tensor->shape[i];
  return size;
}

static guint8
touch (const DLTensor *tensor, gboolean is_last, guint8 sum)
{
  guint8 *data = (guint8 *) tensor->data + tensor->byte_offset;
  gsize size = measure (tensor);

  for (gsize i = 0; i < size; i++)
    sum += data[i];
  if (is_last && size > 0)
    memset (data, tensor->dtype.code == kDLFloat ? 0 : sum & 1, size);
  return sum;
}

gint32
f (DnnTvmValue *args, gint *type_codes, gint num_args, DnnTvmValue *ret,
    gint *ret_code, gpointer resource)
{
  guint8 sum = 0;

  for (gint i = 0; i < num_args; i++)
    sum = touch (args[i].v_handle, i + 1 == num_args, sum);
  return 0;
}

gint
__tvm_ffi_g (gpointer self, const DnnTvmFfiAny *args, gint32 num_args,
    DnnTvmFfiAny *result)
{
  guint8 sum = 0;

  for (gint i = 0; i < num_args; i++)
    sum = touch (args[i].value.v_ptr, i + 1 == num_args, sum);
  return 0;
}
