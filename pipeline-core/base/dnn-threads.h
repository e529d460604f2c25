/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Thread counts of the backend (OpenMP), set around work and restored after.
 * The core knows only the hook that kernels/ installs. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* Sets the calling thread's team size, returns the one before. */
typedef gint (*DnnThreadsHook) (gint threads);
DNN_API void dnn_threads_set_hook (DnnThreadsHook hook);

/* Calls @task once in each thread of a team of at most @threads, with its index
 * and the size of the team; returns when all have returned. */
typedef void (*DnnThreadsTask) (gint idx, gint n_team, gpointer data);
typedef void (*DnnThreadsParallelHook) (
    gint threads, DnnThreadsTask task, gpointer data);
DNN_API void dnn_threads_set_parallel_hook (DnnThreadsParallelHook hook);

/* Through the hook; without one, or with one thread, in the calling thread.
 * Allocates nothing once the team is there. */
void dnn_threads_run_parallel (
    gint threads, DnnThreadsTask task, gpointer data);

/* State of a thread before dnn_threads_enter(). On the stack. */
typedef struct
{
  gint threads;
  gboolean pinned;
  gboolean is_main; /* the process's main thread is pinned */
  gint team; /* threads that are pinned with it, itself among them */
  guint64 mask[16]; /* CPU mask, 1,024 CPUs */
} DnnThreadsState;

/* CPUs of the process's affinity mask (that of its main thread, now), at least
 * 1. */
DNN_API gint dnn_threads_get_n_cpus (void);

/* "0,1", "0-3", "" (everything the process may use): FALSE with VALUE when it
 * is no list or a CPU lies outside the process's mask; both are named. */
DNN_API gboolean dnn_threads_check_affinity (
    const gchar *cpu_affinity, GError **error);

/* How many CPUs such a list has, each counted once; 0 where it names none. */
DNN_API gint dnn_threads_count_affinity (const gchar *cpu_affinity);

/* The CPU at place @idx of such a list, in rising order; -1 where it has no
 * more.
 */
DNN_API gint dnn_threads_get_cpu (const gchar *cpu_affinity, guint idx);
/* One CPU to stay on, as such a list: the first that it names, of all that
 * the process may use the one the caller is on. (transfer full) */
gchar *dnn_threads_pick_cpu (const gchar *cpu_affinity);
/* Whether it is such a list, also of CPUs that this machine hasn't. */
DNN_API gboolean dnn_threads_is_affinity (const gchar *cpu_affinity);

/* Sets count and affinity (NULL or "": untouched) of the calling thread, the
 * affinity of its team as well; leave restores all of it. */
DNN_API void dnn_threads_enter (
    DnnThreadsState *state, gint threads, const gchar *cpu_affinity);
DNN_API void dnn_threads_leave (const DnnThreadsState *state);

G_END_DECLS
