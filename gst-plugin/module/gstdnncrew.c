/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames → the threads of the lanes → frames in their order, with events
 * between them where they were. Next: gstdnncrew-work.c. */
#include "config.h"

#include "gst-plugin/module/gstdnncrew.h"

#include "gst-plugin/module/gstdnncrew-private.h"
#include "gst-plugin/stream/gstdnnbuffer.h"

/* Events that may wait behind frames. */
#define EXTRA_SLOTS 16
/* How much the last frame counts in the smoothed time. */
#define SMOOTHING 8

/* --- the line; the lock is held --- */

static GstDnnSlot *
get_head (GstDnnCrew *self)
{
  return self->n > 0 ? &self->slots[self->head] : NULL;
}

static GstDnnSlot *
append (GstDnnCrew *self)
{
  GstDnnSlot *slot = &self->slots[(self->head + self->n) % self->n_slots];

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

/* (nullable): all are at work. The lock is held. */
static GstDnnWorker *
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
note_key (GstDnnCrew *self, GstDnnSlot *slot, GstBuffer *buffer)
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
    const GstDnnWorker *worker = &self->workers[i];
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
  GstDnnWorker *worker = is_team ? &self->workers[self->n_workers]
                                 : find_free (self);
  GstDnnSlot *slot = append (self);

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
  GstDnnSlot *slot = append (self);

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

gboolean
gst_dnn_crew_drain (GstDnnCrew *self, GstFlowReturn *flow)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  while (!self->is_flushing && (self->n > 0 || self->is_pushing))
    g_cond_wait (&self->changed, &self->lock);
  *flow = self->flow;
  return !self->is_flushing;
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
  GstDnnSlot *slot;

  while (
      (slot = get_head (self)) != NULL && slot->is_done && slot->is_dropped) {
    clear_item (&slot->item);
    remove_head (self);
  }
}

/* It can leave when the ones before it can. */
static void
note_time (GstDnnCrew *self, const GstDnnSlot *slot)
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
  GstDnnSlot *slot;

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
      GstDnnSlot *slot = &self->slots[(self->head + i) % self->n_slots];
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

  while (gst_dnn_crew_is_busy (self))
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

void
gst_dnn_crew_end_change (GstDnnCrew *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (gst_dnn_runner_is_single (self->runner) ||
      !gst_dnn_runner_has_team (self->runner))
    gst_dnn_crew_init_habit (self);
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

GstDnnCrew *
gst_dnn_crew_new (GstDnnRunner *runner, GError **error)
{
  GstDnnCrew *self = g_new0 (GstDnnCrew, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_cond_init (&self->ready);
  self->runner = runner;
  self->n_workers = gst_dnn_runner_get_n_lanes (runner);
  self->n_slots = 2 * self->n_workers + EXTRA_SLOTS;
  self->slots = g_new0 (GstDnnSlot, self->n_slots);
  self->flow = GST_FLOW_OK;
  if (gst_dnn_crew_start_workers (self, error))
    return self;
  gst_dnn_crew_free (self);
  return NULL;
}

void
gst_dnn_crew_free (GstDnnCrew *self)
{
  gst_dnn_crew_stop_workers (self);
  clear_line (self);
  g_free (self->slots);
  g_cond_clear (&self->changed);
  g_cond_clear (&self->ready);
  g_mutex_clear (&self->lock);
  g_free (self);
}
