/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames → the threads of the lanes → frames in their order, with events
 * between them where they were. Next: gstdnnlane.c runs one. */
#include "config.h"

#include "gst-plugin/module/gstdnncrew.h"

#include <time.h>

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/module/gstdnnhabit.h"
#include "gst-plugin/stream/gstdnnbuffer.h"
#include "gst-plugin/stream/gstdnndebug.h"

#define GST_CAT_DEFAULT gst_dnn_debug

/* Events that may wait behind frames. */
#define EXTRA_SLOTS 16
/* How much the last frame counts in the smoothed time. */
#define SMOOTHING 8

/* A place in the line. */
typedef struct
{
  GstBuffer *src; /* what a lane has */
  GstDnnFrameKey key;
  gboolean has_key;
  GstDnnCrewItem item;
  gboolean is_frame; /* no event */
  gboolean is_run; /* in a lane: no gap either */
  gboolean is_done, is_dropped;
  GstClockTime start, end; /* of a run */
  GstDnnRunTimes times;
} Slot;

typedef struct
{
  GstDnnCrew *crew;
  guint lane;
  GThread *thread;
  GCond wake;
  Slot *slot; /* what it works on; NULL: it is free */
} Worker;

struct _GstDnnCrew
{
  GstDnnRunner *runner;
  Worker *workers; /* one a lane, and the team's */
  guint n_workers; /* without the team's */

  GMutex lock; /* guards the rest and all slots; not held while running */
  GCond changed; /* a place or a lane is free, or the last has left */
  GCond ready; /* the first of the line is done, or it ends */
  Slot *slots; /* a ring */
  guint n_slots, head, n;
  guint n_frames; /* of the line, that are run */
  Slot *waiting; /* (nullable): for the first lane that is free */
  GstDnnFrameKey key; /* of the newest frame that has one */
  gboolean has_key;
  gboolean is_pushing; /* one has been taken and not returned */
  gboolean is_flushing, is_ending;
  guint round;
  GstFlowReturn flow; /* what became of frames, until it is told */
  GstClockTime newest_end; /* of the frames that have left */
  GstClockTime time; /* smoothed */
  GstDnnHabit habit;
};

/* --- the line; the lock is held --- */

static Slot *
get_head (GstDnnCrew *self)
{
  return self->n > 0 ? &self->slots[self->head] : NULL;
}

static Slot *
append (GstDnnCrew *self)
{
  Slot *slot = &self->slots[(self->head + self->n) % self->n_slots];

  self->n++;
  memset (slot, 0, sizeof *slot);
  return slot;
}

static void
remove_head (GstDnnCrew *self)
{
  self->n_frames -= get_head (self)->is_run;
  self->head = (self->head + 1) % self->n_slots;
  self->n--;
  g_cond_broadcast (&self->changed);
}

static void
clear_item (GstDnnCrewItem *item)
{
  gst_clear_buffer (&item->buffer);
  gst_clear_event (&item->event);
  g_clear_error (&item->error);
}

static gboolean
is_busy (GstDnnCrew *self)
{
  for (guint i = 0; i <= self->n_workers; i++)
    if (self->workers[i].slot != NULL)
      return TRUE;
  return FALSE;
}

/* --- lanes --- */

static GstClockTime
get_cpu_time (clockid_t clock)
{
  struct timespec time;

  return clock_gettime (clock, &time) == 0 ? GST_TIMESPEC_TO_TIME (time) : 0;
}

static void
run_slot (Worker *worker, Slot *slot)
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
  Worker *worker = &self->workers[self->n_workers];

  if (worker->thread == NULL)
    worker->thread = g_thread_try_new ("dnn-team", work_in_team, worker, NULL);
  else
    g_cond_signal (&worker->wake);
  self->habit.team = worker->thread != NULL ? GST_DNN_TEAM_MAKING
                                            : GST_DNN_TEAM_NEVER;
}

/* The lock is held. */
static void
learn (GstDnnCrew *self, const Slot *slot)
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
finish_slot (Worker *worker)
{
  GstDnnCrew *self = worker->crew;
  Slot *slot = worker->slot;

  g_mutex_unlock (&self->lock);
  run_slot (worker, slot);
  g_mutex_lock (&self->lock);
  slot->is_done = TRUE;
  worker->slot = NULL;
  if (worker->lane < gst_dnn_runner_get_n_active (self->runner))
    worker->slot = g_steal_pointer (&self->waiting);
  learn (self, slot);
  if (slot == get_head (self))
    g_cond_signal (&self->ready);
  g_cond_broadcast (&self->changed);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
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
make_team (Worker *worker)
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
  Worker *worker = data;
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

/* (nullable): all are at work. The lock is held. */
static Worker *
find_free (GstDnnCrew *self)
{
  guint n_active = gst_dnn_runner_get_n_active (self->runner);

  for (guint i = 0; i < MIN (n_active, self->n_workers); i++)
    if (self->workers[i].slot == NULL)
      return &self->workers[i];
  return NULL;
}

/* --- what comes --- */

/* A lane, or the place in front of them: so none idles until the next frame is
 * brought. Of a camera's frames none waits here: it would grow old. */
static gboolean
has_lane (GstDnnCrew *self)
{
  return find_free (self) != NULL ||
      (self->waiting == NULL && !self->habit.is_live);
}

/* A place in the line, and for a frame that is run a lane. */
static gboolean
has_place (GstDnnCrew *self, gboolean is_run)
{
  guint n_held = self->n_frames + (self->is_pushing ? 1 : 0);

  return self->n < self->n_slots &&
      (!is_run || (n_held < 2 * self->n_workers && has_lane (self)));
}

static void
note_key (GstDnnCrew *self, Slot *slot, GstBuffer *buffer)
{
  GstDnnFrameMeta *meta = gst_buffer_get_dnn_frame_meta (buffer);

  if (meta != NULL) {
    self->key = meta->key;
    self->has_key = TRUE;
  }
  slot->key = self->key;
  slot->has_key = self->has_key;
}

/* Lanes without a frame take the params of the newest one, too. */
static void
catch_up (GstDnnCrew *self)
{
  for (guint i = 0; self->has_key && i <= self->n_workers; i++) {
    const Worker *worker = &self->workers[i];
    gboolean is_there = i < self->n_workers ||
        (gst_dnn_runner_can_have_team (self->runner) &&
            self->habit.team != GST_DNN_TEAM_MAKING);
    if (worker->slot == NULL && is_there)
      gst_dnn_runner_catch_up (self->runner, i, &self->key);
  }
}

/* Takes @buffer. */
static void
assign (GstDnnCrew *self, GstBuffer *buffer)
{
  gboolean is_team = gst_dnn_habit_choose (&self->habit, self->n_frames == 0);
  Worker *worker = is_team ? &self->workers[self->n_workers] : find_free (self);
  Slot *slot = append (self);

  slot->times.is_team = is_team;
  slot->is_frame = slot->is_run = TRUE;
  self->n_frames++;
  slot->src = buffer;
  note_key (self, slot, buffer);
  if (worker != NULL) {
    worker->slot = slot;
    g_cond_signal (&worker->wake);
  } else {
    self->waiting = slot;
  }
  catch_up (self);
}

static void
add_done (GstDnnCrew *self, const GstDnnCrewItem *item)
{
  Slot *slot = append (self);

  slot->item = *item;
  slot->is_frame = item->buffer != NULL;
  slot->is_done = TRUE;
  g_cond_signal (&self->ready);
}

GstFlowReturn
gst_dnn_crew_add_buffer (GstDnnCrew *self, GstBuffer *buffer)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean is_gap = gst_dnn_buffer_is_gap (buffer);
  GstFlowReturn flow;

  while (!self->is_flushing && self->flow == GST_FLOW_OK &&
      !has_place (self, !is_gap))
    g_cond_wait (&self->changed, &self->lock);
  if (self->is_flushing || self->flow != GST_FLOW_OK) {
    flow = self->is_flushing ? GST_FLOW_FLUSHING : self->flow;
    self->flow = GST_FLOW_OK;
    gst_buffer_unref (buffer);
    return flow;
  }
  if (is_gap)
    add_done (self, &(GstDnnCrewItem){ .buffer = buffer });
  else
    assign (self, buffer);
  return GST_FLOW_OK;
}

gboolean
gst_dnn_crew_add_event (GstDnnCrew *self, GstEvent *event)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (!self->is_flushing && !has_place (self, FALSE))
    g_cond_wait (&self->changed, &self->lock);
  if (self->is_flushing) {
    gst_event_unref (event);
    return FALSE;
  }
  add_done (self, &(GstDnnCrewItem){ .event = event });
  return TRUE;
}

GstFlowReturn
gst_dnn_crew_drain (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (!self->is_flushing && (self->n > 0 || self->is_pushing))
    g_cond_wait (&self->changed, &self->lock);
  return self->is_flushing ? GST_FLOW_FLUSHING : self->flow;
}

void
gst_dnn_crew_forget_flow (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->flow = GST_FLOW_OK;
}

/* --- what leaves --- */

/* Those that nobody wants any more go when they are first in the line. */
static void
drop_first (GstDnnCrew *self)
{
  Slot *slot;

  while (
      (slot = get_head (self)) != NULL && slot->is_done && slot->is_dropped) {
    clear_item (&slot->item);
    remove_head (self);
  }
}

/* It can leave when the ones before it can. */
static void
note_time (GstDnnCrew *self, const Slot *slot)
{
  GstClockTime time;

  if (slot->end == 0)
    return;
  self->newest_end = MAX (self->newest_end, slot->end);
  time = self->newest_end - slot->start;
  if (self->time == 0)
    self->time = time;
  else
    self->time = (self->time * (SMOOTHING - 1) + time) / SMOOTHING;
}

gboolean
gst_dnn_crew_take (GstDnnCrew *self, GstDnnCrewItem *item)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Slot *slot;

  for (;;) {
    if (self->is_flushing)
      return FALSE;
    drop_first (self);
    slot = get_head (self);
    if (slot != NULL && slot->is_done)
      break;
    g_cond_wait (&self->ready, &self->lock);
  }
  note_time (self, slot);
  *item = slot->item;
  item->round = self->round;
  self->is_pushing = TRUE;
  remove_head (self);
  return TRUE;
}

void
gst_dnn_crew_return (
    GstDnnCrew *self, const GstDnnCrewItem *item, GstFlowReturn flow)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->is_pushing = FALSE;
  if (flow != GST_FLOW_OK && item->round == self->round) {
    self->flow = flow;
    for (guint i = 0; i < self->n; i++) {
      Slot *slot = &self->slots[(self->head + i) % self->n_slots];
      slot->is_dropped |= slot->is_frame;
    }
  }
  g_cond_broadcast (&self->changed);
}

/* --- flushing --- */

void
gst_dnn_crew_begin_flush (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->is_flushing = TRUE;
  self->round++;
  if (self->waiting != NULL) {
    gst_clear_buffer (&self->waiting->src);
    self->waiting->is_done = TRUE;
    self->waiting = NULL;
  }
  g_cond_broadcast (&self->changed);
  g_cond_broadcast (&self->ready);
}

/* The lanes are free. The lock is held. */
static void
clear_line (GstDnnCrew *self)
{
  while (self->n > 0) {
    clear_item (&get_head (self)->item);
    remove_head (self);
  }
}

void
gst_dnn_crew_end_flush (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (is_busy (self))
    g_cond_wait (&self->changed, &self->lock);
  clear_line (self);
  self->is_flushing = FALSE;
  self->flow = GST_FLOW_OK;
}

/* --- other streams --- */

void
gst_dnn_crew_begin_change (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (self->habit.team == GST_DNN_TEAM_MAKING)
    g_cond_wait (&self->changed, &self->lock);
}

static void
init_habit (GstDnnCrew *self)
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

void
gst_dnn_crew_end_change (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (gst_dnn_runner_is_single (self->runner) ||
      !gst_dnn_runner_has_team (self->runner))
    init_habit (self);
}

void
gst_dnn_crew_set_live (GstDnnCrew *self, gboolean is_live)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->habit.is_live = is_live;
}

GstClockTime
gst_dnn_crew_get_time (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->time;
}

/* --- making --- */

static void
init_worker (GstDnnCrew *self, guint lane)
{
  Worker *worker = &self->workers[lane];

  worker->crew = self;
  worker->lane = lane;
  g_cond_init (&worker->wake);
}

GstDnnCrew *
gst_dnn_crew_new (GstDnnRunner *runner, GError **error)
{
  guint n = gst_dnn_runner_get_n_lanes (runner);
  GstDnnCrew *self = g_new0 (GstDnnCrew, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_cond_init (&self->ready);
  self->runner = runner;
  self->n_slots = 2 * n + EXTRA_SLOTS;
  self->slots = g_new0 (Slot, self->n_slots);
  self->workers = g_new0 (Worker, n + 1);
  self->n_workers = n;
  self->flow = GST_FLOW_OK;
  init_habit (self);
  for (guint i = 0; i <= n; i++)
    init_worker (self, i);
  for (guint i = 0; i < (self->habit.is_single ? n + 1 : n); i++) {
    Worker *worker = &self->workers[i];
    worker->thread = i < n
        ? g_thread_try_new ("dnn-lane", work, worker, error)
        : g_thread_try_new ("dnn-team", work_in_team, worker, error);
    if (worker->thread == NULL) {
      gst_dnn_crew_free (self);
      return NULL;
    }
  }
  return self;
}

void
gst_dnn_crew_free (GstDnnCrew *self)
{
  g_mutex_lock (&self->lock);
  while (is_busy (self) || self->habit.team == GST_DNN_TEAM_MAKING)
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
  clear_line (self);
  g_free (self->workers);
  g_free (self->slots);
  g_cond_clear (&self->changed);
  g_cond_clear (&self->ready);
  g_mutex_clear (&self->lock);
  g_free (self);
}
