/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a module's threads may use, seen from inside: masks of CPUs as
 * numbers. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-abi.h"

#include <sched.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define FUNCTION(name)                                                    \
  EXPORT gint32 name (DnnTvmValue *args, gint *type_codes, gint num_args, \
      DnnTvmValue *ret, gint *ret_code, gpointer resource)

extern __typeof__ (&TVMBackendParallelLaunch) __TVMBackendParallelLaunch;
EXPORT __typeof__ (&TVMBackendParallelLaunch) __TVMBackendParallelLaunch;
extern __typeof__ (&TVMBackendParallelBarrier) __TVMBackendParallelBarrier;
EXPORT __typeof__ (&TVMBackendParallelBarrier) __TVMBackendParallelBarrier;
extern __typeof__ (&TVMAPISetLastError) __TVMAPISetLastError;
EXPORT __typeof__ (&TVMAPISetLastError) __TVMAPISetLastError;

FUNCTION (masks);
FUNCTION (refuse_one);
FUNCTION (refuse);

/* The lowest 24 CPUs: a float holds that many bits. */
static gint
get_mask (void)
{
  gint bits = 0;
  cpu_set_t mask;

  if (sched_getaffinity (0, sizeof mask, &mask) != 0)
    return -1;
  for (gint cpu = 0; cpu < 24; cpu++)
    if (CPU_ISSET (cpu, &mask))
      bits |= 1 << cpu;
  return bits;
}

typedef struct
{
  gint any; /* bits that stand in some thread's mask */
  gint num_task;
} Team;

static gint
look (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  Team *self = data;

  g_atomic_int_or (&self->any, get_mask ());
  if (task_id == 0)
    self->num_task = env->num_task;
  return __TVMBackendParallelBarrier (task_id, env);
}

/* → the calling thread's mask, the masks of its team together, size of the
 * team, what came + 1. */
FUNCTION (masks)
{
  const gfloat *src = ((const DLTensor *) args[0].v_handle)->data;
  gfloat *dst = ((const DLTensor *) args[1].v_handle)->data;
  gfloat first = src[3];
  Team team = { 0, 0 };

  if (__TVMBackendParallelLaunch (look, &team, 0) != 0)
    return -1;
  dst[0] = (gfloat) get_mask ();
  dst[1] = (gfloat) team.any;
  dst[2] = (gfloat) team.num_task;
  dst[3] = first + 1;
  return 0;
}

FUNCTION (refuse_one)
{
  const gfloat *src = ((const DLTensor *) args[0].v_handle)->data;

  return src[0] == 1
      ? refuse (args, type_codes, num_args, ret, ret_code, resource)
      : 0;
}

FUNCTION (refuse)
{
  __TVMAPISetLastError ("refused");
  return -1;
}
