/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames → the threads of the lanes → frames in their order, with events
 * between them where they were. Next: gstdnnlane.c runs one. */
#include "config.h"

#include "gst-plugin/module/gstdnncrew.h"

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/stream/gstdnnbuffer.h"

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
  Worker *workers;
  guint n_workers;

  GMutex lock; /* guards the rest and all slots; not held while running */
  GCond changed; /* a place or a lane is free, or the last has left */
  GCond ready; /* the first of the line is done, or it ends */
  Slot *slots; /* a ring */
  guint n_slots, head, n;
  guint n_frames; /* of the line, that are run */
  GstDnnFrameKey key; /* of the newest frame that has one */
  gboolean has_key;
  gboolean is_pushing; /* one has been taken and not returned */
  gboolean is_flushing, is_ending;
  guint round;
  GstFlowReturn flow; /* what became of frames, until it is told */
  GstClockTime newest_end; /* of the frames that have left */
  GstClockTime time; /* smoothed */
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
  for (guint i = 0; i < self->n_workers; i++)
    if (self->workers[i].slot != NULL)
      return TRUE;
  return FALSE;
}

/* --- lanes --- */

static void
run_slot (Worker *worker, Slot *slot)
{
  g_autoptr (GstBuffer) src = slot->src;

  slot->src = NULL;
  slot->start = gst_util_get_timestamp ();
  slot->item.buffer = gst_dnn_runner_run (worker->crew->runner, worker->lane,
      src, slot->has_key ? &slot->key : NULL, &slot->item.error);
  slot->item.was_run = TRUE;
  slot->end = gst_util_get_timestamp ();
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  GstDnnCrew *self = worker->crew;

  g_mutex_lock (&self->lock);
  while (!self->is_ending) {
    Slot *slot = worker->slot;
    if (slot == NULL) {
      g_cond_wait (&worker->wake, &self->lock);
      continue;
    }
    g_mutex_unlock (&self->lock);
    run_slot (worker, slot);
    g_mutex_lock (&self->lock);
    slot->is_done = TRUE;
    worker->slot = NULL;
    if (slot == get_head (self))
      g_cond_signal (&self->ready);
    g_cond_broadcast (&self->changed);
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

/* A place in the line, and for a frame that is run a lane. */
static gboolean
has_place (GstDnnCrew *self, gboolean is_run)
{
  guint n_held = self->n_frames + (self->is_pushing ? 1 : 0);

  return self->n < self->n_slots &&
      (!is_run || (n_held < 2 * self->n_workers && find_free (self) != NULL));
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

/* Takes @buffer. */
static void
assign (GstDnnCrew *self, GstBuffer *buffer)
{
  Worker *worker = find_free (self);
  Slot *slot = append (self);

  slot->is_frame = slot->is_run = TRUE;
  self->n_frames++;
  slot->src = buffer;
  note_key (self, slot, buffer);
  worker->slot = slot;
  g_cond_signal (&worker->wake);
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

GstClockTime
gst_dnn_crew_get_time (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->time;
}

/* --- making --- */

static gboolean
start_worker (GstDnnCrew *self, guint lane, GError **error)
{
  Worker *worker = &self->workers[lane];

  worker->crew = self;
  worker->lane = lane;
  g_cond_init (&worker->wake);
  self->n_workers++;
  worker->thread = g_thread_try_new ("dnn-lane", work, worker, error);
  return worker->thread != NULL;
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
  self->workers = g_new0 (Worker, n);
  self->flow = GST_FLOW_OK;
  for (guint i = 0; i < n; i++) {
    if (!start_worker (self, i, error)) {
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
  while (is_busy (self))
    g_cond_wait (&self->changed, &self->lock);
  self->is_ending = TRUE;
  for (guint i = 0; i < self->n_workers; i++)
    g_cond_signal (&self->workers[i].wake);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_workers; i++) {
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
