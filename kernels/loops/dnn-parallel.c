/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A range → one contiguous part a thread. */
#include "config.h"

#include "kernels/loops/dnn-parallel.h"

#include "pipeline-core/base/dnn-threads.h"

typedef struct
{
  gint64 n, grain;
  DnnParallelFunc function;
  gpointer data;
} Work;

static void
run_part (gint idx, gint n_team, gpointer data)
{
  const Work *work = data;
  gint64 n_grains = (work->n + work->grain - 1) / work->grain;
  gint64 from = n_grains * idx / n_team * work->grain;
  gint64 to = MIN (n_grains * (idx + 1) / n_team * work->grain, work->n);

  if (from < to)
    work->function (from, to, work->data);
}

void
dnn_parallel_for (const DnnCall *call, gint64 n, gint64 grain,
    DnnParallelFunc function, gpointer data)
{
  Work work = { n, MAX (grain, 1), function, data };
  gint64 threads = MIN (
      (n + work.grain - 1) / work.grain, call->target.threads);

  if (n <= 0)
    return;
  if (threads < 2)
    function (0, n, data);
  else
    dnn_threads_run_parallel ((gint) threads, run_part, &work);
}
