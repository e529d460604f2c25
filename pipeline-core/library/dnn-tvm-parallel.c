/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A library's launch → tasks on the module's threads; barriers between them. A
 * task that fails ends the barrier of the others. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-runtime.h"

#include "pipeline-core/base/dnn-threads.h"

#define MAX_ERROR 2048

/* On the stack of the launching thread. */
typedef struct
{
  DnnTvmParallelLambda lambda;
  gpointer data;
  gint num_task; /* 0: one a thread */
  DnnWorkspace *workspace;
  guint first_worker; /* of the launching thread */

  GMutex lock;
  GCond released;
  gint n_team; /* threads at work */
  gint n_waiting, n_finished; /* of them */
  guint round; /* of the barrier */
  gint result;
  gchar error[MAX_ERROR]; /* of the first that failed */
} Launch;

/* With the lock held: lets those go that wait, if nobody else can come. */
static void
release_if_complete (Launch *self)
{
  if (self->n_waiting == 0 || self->n_waiting + self->n_finished < self->n_team)
    return;
  self->n_waiting = 0;
  self->round++;
  g_cond_broadcast (&self->released);
}

static void
finish_thread (Launch *self, gint result)
{
  g_mutex_lock (&self->lock);
  self->n_finished++;
  if (result != 0 && self->result == 0) {
    self->result = result;
    g_strlcpy (self->error, dnn_tvm_get_error (), sizeof self->error);
    g_cond_broadcast (&self->released);
  }
  release_if_complete (self);
  g_mutex_unlock (&self->lock);
}

/* One thread of the team: its tasks are idx, idx + n_team, … */
static void
run_thread (gint idx, gint n_team, gpointer data)
{
  Launch *self = data;
  DnnTvmParallelEnv env = { self,
    self->num_task > 0 ? self->num_task : n_team };
  DnnTvmFrame frame;
  gint result = 0;

  g_mutex_lock (&self->lock);
  self->n_team = n_team;
  g_mutex_unlock (&self->lock);
  dnn_tvm_enter (&frame, self->workspace, self->first_worker + (guint) idx, 1);
  for (gint task = idx; task < env.num_task && result == 0; task += n_team)
    result = self->lambda (task, &env, self->data);
  finish_thread (self, result);
  dnn_tvm_leave (&frame);
}

gint
dnn_tvm_launch (DnnTvmParallelLambda lambda, gpointer data, gint num_task)
{
  const DnnTvmFrame *frame = dnn_tvm_get_current ();
  Launch self = { .lambda = lambda, .data = data, .num_task = num_task };
  gint threads = frame ? frame->threads : 1;

  if (num_task < 0) {
    dnn_tvm_set_error ("TVMBackendParallelLaunch: %d tasks", num_task);
    return -1;
  }
  self.workspace = frame ? frame->workspace : NULL;
  self.first_worker = frame ? frame->worker : 0;
  g_mutex_init (&self.lock);
  g_cond_init (&self.released);
  dnn_threads_run_parallel (
      num_task > 0 ? MIN (num_task, threads) : threads, run_thread, &self);
  g_cond_clear (&self.released);
  g_mutex_clear (&self.lock);
  if (self.result != 0)
    dnn_tvm_set_error ("%s", self.error);
  return self.result;
}

gint
dnn_tvm_barrier (gint task_id, DnnTvmParallelEnv *env)
{
  Launch *self = env->sync_handle;
  guint round;
  gint result;

  g_mutex_lock (&self->lock);
  if (env->num_task > self->n_team) {
    dnn_tvm_set_error ("TVMBackendParallelBarrier: %d tasks run on %d threads, "
                       "task %d can't wait for all; launch with 0 tasks",
        env->num_task, self->n_team, task_id);
    g_mutex_unlock (&self->lock);
    return -1;
  }
  round = self->round;
  self->n_waiting++;
  release_if_complete (self);
  while (self->round == round && self->result == 0)
    g_cond_wait (&self->released, &self->lock);
  result = self->result;
  g_mutex_unlock (&self->lock);
  return result == 0 ? 0 : -1;
}
