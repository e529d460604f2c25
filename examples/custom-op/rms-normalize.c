/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A custom operator as packed function: rows of a matrix → rows whose root mean
 * square is 1, on the module's threads. */
#include "pipeline-core/library/dnn-tvm-abi.h"

#include <math.h>

#define EPSILON 1e-6f

/* The symbol is the graph's func_name. */
DNN_API gint32 rms_normalize (DnnTvmValue *args, gint *type_codes,
    gint num_args, DnnTvmValue *ret, gint *ret_code, gpointer resource);

typedef struct
{
  const gfloat *src;
  gfloat *dst;
  gint64 n_rows, n_columns;
} Work;

static void
normalize_row (const gfloat *src, gfloat *dst, gint64 n)
{
  gfloat sum = 0, factor;

  for (gint64 i = 0; i < n; i++)
    sum += src[i] * src[i];
  factor = 1 / sqrtf (sum / (gfloat) n + EPSILON);
  for (gint64 i = 0; i < n; i++)
    dst[i] = src[i] * factor;
}

/* Each task has its share of the rows. */
static gint
normalize_rows (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  const Work *work = data;
  gint64 first = work->n_rows * task_id / env->num_task;
  gint64 end = work->n_rows * (task_id + 1) / env->num_task;

  for (gint64 row = first; row < end; row++)
    normalize_row (work->src + row * work->n_columns,
        work->dst + row * work->n_columns, work->n_columns);
  return 0;
}

static gboolean
is_matrix (const DLTensor *tensor)
{
  return tensor->ndim == 2 && tensor->dtype.code == kDLFloat &&
      tensor->dtype.bits == 32;
}

/* Inputs first, then outputs. Shapes and types are those the graph says, so an
 * operator for one graph needs no check; one for others has them to itself. */
gint32
rms_normalize (DnnTvmValue *args, gint *type_codes, gint num_args,
    DnnTvmValue *ret, gint *ret_code, gpointer resource)
{
  const DLTensor *src, *dst;
  Work work;

  if (num_args != 2) {
    TVMAPISetLastError ("one input and one output are expected");
    return -1;
  }
  src = args[0].v_handle;
  dst = args[1].v_handle;
  if (!is_matrix (src) || !is_matrix (dst)) {
    TVMAPISetLastError ("matrices of float32 are expected");
    return -1;
  }
  work = (Work){ src->data, dst->data, src->shape[0], src->shape[1] };
  return TVMBackendParallelLaunch (normalize_rows, &work, 0);
}
