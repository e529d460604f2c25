/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Functions as TVM 0.8 to 0.20 compiles them: pointers for what they call, the
 * assertions' text by TVMAPISetLastError(). */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#include <math.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define POINTER(function)                     \
  extern __typeof__ (&function) __##function; \
  EXPORT __typeof__ (&function) __##function

POINTER (TVMAPISetLastError);
POINTER (TVMBackendAllocWorkspace);
POINTER (TVMBackendFreeWorkspace);
POINTER (TVMBackendParallelLaunch);
POINTER (TVMBackendParallelBarrier);
POINTER (TVMBackendGetFuncFromEnv);
POINTER (TVMFuncCall);

extern gpointer __tvm_module_ctx;
EXPORT gpointer __tvm_module_ctx;

#define FUNCTION(name)                                                    \
  EXPORT gint32 name (DnnTvmValue *args, gint *type_codes, gint num_args, \
      DnnTvmValue *ret, gint *ret_code, gpointer resource)

FUNCTION (twice);
FUNCTION (describe);
FUNCTION (neighbours);
FUNCTION (many_tasks);
FUNCTION (fail_in_task);
FUNCTION (fail_silently);
FUNCTION (call_own);
FUNCTION (call_foreign);
FUNCTION (count_frames);
FUNCTION (divide);
FUNCTION (leak_workspace);
FUNCTION (huge_workspace);

static DLTensor *
get_tensor (const DnnTvmValue *args, gint idx)
{
  return args[idx].v_handle;
}

static gint64
count (const DLTensor *tensor)
{
  gint64 n = 1;

  for (gint i = 0; i < tensor->ndim; i++)
    n *= tensor->shape[i];
  return n;
}

/* ---- one thread --------------------------------------------------------- */

FUNCTION (twice)
{
  const DLTensor *src, *dst;

  if (num_args != 2 || type_codes[0] != DNN_TVM_TENSOR ||
      type_codes[1] != DNN_TVM_TENSOR) {
    __TVMAPISetLastError ("Assert fail: (num_args == 2), twice");
    return -1;
  }
  src = get_tensor (args, 0);
  dst = get_tensor (args, 1);
  for (gint64 i = 0; i < count (src); i++)
    ((gfloat *) dst->data)[i] = 2 * ((const gfloat *) src->data)[i];
  return 0;
}

/* What it is given → ndim, first dimension and stride, type code, bits, lanes,
 * device, misalignment of both tensors. */
FUNCTION (describe)
{
  const DLTensor *src = get_tensor (args, 0), *dst = get_tensor (args, 1);
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

FUNCTION (fail_silently)
{
  return 7;
}

/* State of its own: called with each frame, never beforehand. */
FUNCTION (count_frames)
{
  static gint n;

  for (gint64 i = 0; i < count (get_tensor (args, 0)); i++)
    ((gfloat *) get_tensor (args, 0)->data)[i] = (gfloat) n;
  n++;
  return 0;
}

/* 100 / x in integers, as TVM compiles it: nobody looks whether x is 0. */
FUNCTION (divide)
{
  const DLTensor *src = get_tensor (args, 0);
  gfloat *dst = get_tensor (args, 1)->data;

  for (gint64 i = 0; i < count (src); i++) {
    gint divisor = src->dtype.bits == 8 ? ((const guint8 *) src->data)[i]
                                        : ((const gint32 *) src->data)[i];
    dst[i] = (gfloat) (100 / divisor);
  }
  return 0;
}

FUNCTION (leak_workspace)
{
  return __TVMBackendAllocWorkspace (1, 0, 1000, 2, 32) ? 0 : -1;
}

FUNCTION (huge_workspace)
{
  return __TVMBackendAllocWorkspace (1, 0, ~G_GUINT64_CONSTANT (0), 2, 32) ? 0
                                                                           : -1;
}

/* ---- functions by name -------------------------------------------------- */

static gint
call_by_name (const gchar *name, DnnTvmValue *args, gint *type_codes,
    gint num_args, DnnTvmValue *ret, gint *ret_code)
{
  gpointer function;

  if (__TVMBackendGetFuncFromEnv (__tvm_module_ctx, name, &function) != 0)
    return -1;
  return __TVMFuncCall (function, args, type_codes, num_args, ret, ret_code);
}

FUNCTION (call_own)
{
  return call_by_name ("twice", args, type_codes, num_args, ret, ret_code);
}

FUNCTION (call_foreign)
{
  return call_by_name (
      "tvm.contrib.cblas.matmul", args, type_codes, num_args, ret, ret_code);
}

/* ---- several threads ---------------------------------------------------- */

typedef struct
{
  const DLTensor *src, *dst;
  gfloat *sums; /* one a task */
  gint n_tasks;
} Work;

/* Every task sums its part; behind the barrier all of them read all sums. Each
 * has a workspace of its own. */
static gint
sum_part (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  Work *self = data;
  gint64 n = count (self->src);
  gint64 start = n * task_id / env->num_task;
  gint64 end = n * (task_id + 1) / env->num_task;
  gfloat *part = __TVMBackendAllocWorkspace (
      1, 0, sizeof (gfloat) * (guint64) (end - start), 2, 32);
  gfloat sum = 0;

  if (!part)
    return -1;
  for (gint64 i = start; i < end; i++)
    part[i - start] = ((const gfloat *) self->src->data)[i];
  for (gint64 i = start; i < end; i++)
    sum += part[i - start];
  self->sums[task_id] = sum;
  if (task_id == 0)
    self->n_tasks = env->num_task;
  if (__TVMBackendParallelBarrier (task_id, env) != 0)
    return -1;
  sum = 0;
  for (gint i = 0; i < env->num_task; i++)
    sum += self->sums[i];
  for (gint64 i = start; i < end; i++)
    ((gfloat *) self->dst->data)[i] = sum;
  return __TVMBackendFreeWorkspace (1, 0, part);
}

FUNCTION (neighbours)
{
  Work work = { get_tensor (args, 0), get_tensor (args, 1), NULL, 0 };
  gint result;

  work.sums = __TVMBackendAllocWorkspace (1, 0, 4096, 2, 32);
  if (!work.sums)
    return -1;
  result = __TVMBackendParallelLaunch (sum_part, &work, 0);
  if (result == 0)
    ((gfloat *) work.dst->data)[0] = (gfloat) work.n_tasks;
  __TVMBackendFreeWorkspace (1, 0, work.sums);
  return result;
}

/* More tasks than threads: no barrier is possible. */
FUNCTION (many_tasks)
{
  Work work = { get_tensor (args, 0), get_tensor (args, 1), NULL, 0 };

  work.sums = __TVMBackendAllocWorkspace (1, 0, 4096, 2, 32);
  return work.sums ? __TVMBackendParallelLaunch (sum_part, &work, 6) : -1;
}

/* The last task fails, the others wait for it. */
static gint
fail_last (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  if (task_id != env->num_task - 1)
    return __TVMBackendParallelBarrier (task_id, env);
  __TVMAPISetLastError ("the last task has failed");
  return -1;
}

FUNCTION (fail_in_task)
{
  return __TVMBackendParallelLaunch (fail_last, NULL, 0);
}
