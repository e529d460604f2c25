/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Built-in operators and the OpenMP hooks → the core, once per process. */
#include "config.h"

#include "kernels/dnn-init.h"

#include <omp.h>

#include "kernels/dnn-operator-list.h"
#include "kernels/onednn/dnn-onednn.h"
#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/control/dnn-control.h"
#include "pipeline-core/tune/dnn-tune-machine.h"

/* The calling thread's team size; returns the one before. */
static gint
set_threads (gint threads)
{
  gint before = omp_get_max_threads ();

  if (threads > 0 && threads != before)
    omp_set_num_threads (threads);
  return before;
}

static void
run_parallel (gint threads, DnnThreadsTask task, gpointer data)
{
#pragma omp parallel num_threads(threads)
  task (omp_get_thread_num (), omp_get_num_threads (), data);
}

void
dnn_init (void)
{
  static gsize once;

  if (!g_once_init_enter (&once))
    return;
  dnn_threads_set_hook (set_threads);
  dnn_threads_set_parallel_hook (run_parallel);
  dnn_tune_set_backend (dnn_onednn_describe ());
  dnn_op_set_trim (dnn_onednn_trim);
  for (guint i = 0; dnn_operator_list[i]; i++)
    dnn_op_register (dnn_operator_list[i]);
  dnn_control_register ();
  g_once_init_leave (&once, 1);
}
