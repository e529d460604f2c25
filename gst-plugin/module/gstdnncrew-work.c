/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A frame of the line → done, in the thread of its lane or of the team. Next:
 * gstdnnlane.c runs it. */
#include "config.h"

#include "gst-plugin/module/gstdnncrew.h"

#include <time.h>

#include "gst-plugin/module/gstdnncrew-private.h"
#include "gst-plugin/stream/gstdnndebug.h"

#define GST_CAT_DEFAULT gst_dnn_debug

static GstClockTime
get_cpu_time (clockid_t clock)
{
  struct timespec time;

  return clock_gettime (clock, &time) == 0 ? GST_TIMESPEC_TO_TIME (time) : 0;
}

static void
run_slot (GstDnnWorker *worker, GstDnnSlot *slot)
{
  g_autoptr (GstBuffer) src = slot->src;

  slot->src = NULL;
  slot->times.own_cpu = get_cpu_time (CLOCK_THREAD_CPUTIME_ID);
  slot->times.all_cpu = get_cpu_time (CLOCK_PROCESS_CPUTIME_ID);
  slot->start = gst_util_get_timestamp ();
  slot->item.buffer = gst_dnn_runner_run (worker->crew->runner, worker->lane,
      src, slot->has_key ? &slot->key : NULL, &slot->item.error);
  slot->item.was_run = TRUE;
  slot->end = gst_util_get_timestamp ();
  slot->times.time = slot->end - slot->start;
  slot->times.own_cpu = get_cpu_time (CLOCK_THREAD_CPUTIME_ID) -
      slot->times.own_cpu;
  slot->times.all_cpu = get_cpu_time (CLOCK_PROCESS_CPUTIME_ID) -
      slot->times.all_cpu;
}

static gpointer work_in_team (gpointer data);

/* By the thread of a lane, never the one that frames come in. The lock is
 * held. */
static void
start_team (GstDnnCrew *self)
{
  GstDnnWorker *worker = &self->workers[self->n_workers];

  if (worker->thread == NULL)
    worker->thread = g_thread_try_new ("dnn-team", work_in_team, worker, NULL);
  else
    g_cond_signal (&worker->wake);
  self->habit.team = worker->thread != NULL ? GST_DNN_TEAM_MAKING
                                            : GST_DNN_TEAM_NEVER;
}

/* The lock is held. */
static void
learn (GstDnnCrew *self, const GstDnnSlot *slot)
{
  if (gst_dnn_habit_learn (&self->habit, &slot->times))
    GST_INFO ("%s: a team of all CPUs is no faster than one thread now, which "
              "goes on",
        dnn_module_get_label (
            gst_dnn_runner_get_streams (self->runner)->module));
  if (gst_dnn_habit_wants_team (&self->habit))
    start_team (self);
}

/* The lock is held, but not while it runs. */
static void
finish_slot (GstDnnWorker *worker)
{
  GstDnnCrew *self = worker->crew;
  GstDnnSlot *slot = worker->slot;

  g_mutex_unlock (&self->lock);
  run_slot (worker, slot);
  g_mutex_lock (&self->lock);
  slot->is_done = TRUE;
  worker->slot = NULL;
  if (worker->lane < gst_dnn_runner_get_n_active (self->runner))
    worker->slot = g_steal_pointer (&self->waiting);
  learn (self, slot);
  if (self->n > 0 && slot == &self->slots[self->head])
    g_cond_signal (&self->ready);
  g_cond_broadcast (&self->changed);
}

static gpointer
work (gpointer data)
{
  GstDnnWorker *worker = data;
  GstDnnCrew *self = worker->crew;

  g_mutex_lock (&self->lock);
  while (!self->is_ending) {
    if (worker->slot != NULL)
      finish_slot (worker);
    else
      g_cond_wait (&worker->wake, &self->lock);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* Its plan and its threads; all that have frames go on meanwhile. The lock is
 * held, but not while it is made. */
static void
make_team (GstDnnWorker *worker)
{
  GstDnnCrew *self = worker->crew;
  gboolean is_made;

  g_mutex_unlock (&self->lock);
  is_made = gst_dnn_runner_prepare_team (self->runner);
  g_mutex_lock (&self->lock);
  self->habit.team = is_made ? GST_DNN_TEAM_READY : GST_DNN_TEAM_NEVER;
  g_cond_broadcast (&self->changed);
}

/* A worker that makes what it works with first, in this thread, whose team
 * OpenMP's threads are. */
static gpointer
work_in_team (gpointer data)
{
  GstDnnWorker *worker = data;
  GstDnnCrew *self = worker->crew;

  g_mutex_lock (&self->lock);
  while (!self->is_ending) {
    if (self->habit.team == GST_DNN_TEAM_MAKING)
      make_team (worker);
    else if (worker->slot != NULL)
      finish_slot (worker);
    else
      g_cond_wait (&worker->wake, &self->lock);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/* --- their life --- */

gboolean
gst_dnn_crew_is_busy (GstDnnCrew *self)
{
  for (guint i = 0; i <= self->n_workers; i++)
    if (self->workers[i].slot != NULL)
      return TRUE;
  return FALSE;
}

void
gst_dnn_crew_init_habit (GstDnnCrew *self)
{
  gboolean is_live = self->habit.is_live;

  if (gst_dnn_runner_is_single (self->runner))
    gst_dnn_habit_init_single (
        &self->habit, gst_dnn_runner_get_time (self->runner));
  else
    gst_dnn_habit_init (
        &self->habit, gst_dnn_runner_can_have_team (self->runner));
  self->habit.is_live = is_live;
}

gboolean
gst_dnn_crew_start_workers (GstDnnCrew *self, GError **error)
{
  guint n = self->n_workers;

  gst_dnn_crew_init_habit (self);
  self->workers = g_new0 (GstDnnWorker, n + 1);
  for (guint i = 0; i <= n; i++) {
    self->workers[i].crew = self;
    self->workers[i].lane = i;
    g_cond_init (&self->workers[i].wake);
  }
  for (guint i = 0; i < (self->habit.is_single ? n + 1 : n); i++) {
    GstDnnWorker *worker = &self->workers[i];
    worker->thread = i < n
        ? g_thread_try_new ("dnn-lane", work, worker, error)
        : g_thread_try_new ("dnn-team", work_in_team, worker, error);
    if (worker->thread == NULL)
      return FALSE;
  }
  return TRUE;
}

void
gst_dnn_crew_stop_workers (GstDnnCrew *self)
{
  g_mutex_lock (&self->lock);
  while (gst_dnn_crew_is_busy (self) || self->habit.team == GST_DNN_TEAM_MAKING)
    g_cond_wait (&self->changed, &self->lock);
  self->is_ending = TRUE;
  for (guint i = 0; i <= self->n_workers; i++)
    g_cond_signal (&self->workers[i].wake);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i <= self->n_workers; i++) {
    if (self->workers[i].thread != NULL)
      g_thread_join (self->workers[i].thread);
    g_cond_clear (&self->workers[i].wake);
  }
  g_clear_pointer (&self->workers, g_free);
}
