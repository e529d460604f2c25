/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* When frames come and what runs take → one thread for the next frame, or a
 * team. Next: gstdnncrew.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnhabit.h"

/* Frames in a row that came alone, before a team has the next. */
#define FIRST_WANTED 8
/* The same after teams that were no faster, each time four times as many. */
#define MOST_WANTED 8192
/* A team's hand-shakes cost more than they gain below. */
#define SHORTEST (1 * GST_MSECOND)
/* Frames of a team before it is judged. */
#define N_TRIED 4
/* A team's frame that takes so many times a lane's is one of a team whose CPUs
 * others have; two of them in a row are enough to judge it, and each of the
 * later tries costs as much, so the first comes late. Of short frames that says
 * nothing: a thread that wakes late takes as long. */
#define STUCK 3
#define N_STUCK 2
#define STUCK_WANTED 128
/* How much the last run counts in a smoothed time. */
#define SMOOTHING 4

void
gst_dnn_habit_init (GstDnnHabit *self, gboolean can_have_team)
{
  *self = (GstDnnHabit){ 0 };
  self->team = can_have_team ? GST_DNN_TEAM_NONE : GST_DNN_TEAM_NEVER;
  self->n_wanted = FIRST_WANTED;
}

void
gst_dnn_habit_init_single (GstDnnHabit *self, GstClockTime time)
{
  *self = (GstDnnHabit){ 0 };
  self->team = GST_DNN_TEAM_READY;
  self->is_single = TRUE;
  self->lane_time = time;
}

gboolean
gst_dnn_habit_choose (GstDnnHabit *self, gboolean is_alone)
{
  gboolean counts = is_alone && (self->is_single || !self->is_live);

  self->n_alone = counts ? self->n_alone + 1 : 0;
  return self->team == GST_DNN_TEAM_READY && self->n_alone > self->n_wanted;
}

static void
smooth (GstClockTime *smoothed, GstClockTime time)
{
  if (*smoothed == 0)
    *smoothed = time;
  else
    *smoothed = (*smoothed * (SMOOTHING - 1) + time) / SMOOTHING;
}

/* Beside neighbours that want the CPUs, a team waits for its slowest. */
static gboolean
judge_team (GstDnnHabit *self)
{
  gboolean is_stuck = self->n_stuck >= N_STUCK;

  if (self->lane_time == 0 ||
      (!is_stuck &&
          (self->n_team < N_TRIED ||
              self->team_time * 10 <= self->lane_time * 9)))
    return FALSE;
  self->n_team = 0;
  self->n_stuck = is_stuck ? N_STUCK - 1 : 0; /* the next one tells */
  self->n_alone = 0;
  self->team_time = 0;
  self->n_wanted = CLAMP (
      self->n_wanted * 4, is_stuck ? STUCK_WANTED : FIRST_WANTED, MOST_WANTED);
  return TRUE;
}

gboolean
gst_dnn_habit_learn (GstDnnHabit *self, const GstDnnRunTimes *times)
{
  if (times->is_team) {
    self->n_team++;
    if (self->lane_time >= SHORTEST && times->time > STUCK * self->lane_time) {
      self->n_stuck++;
    } else {
      self->n_stuck = 0;
      smooth (&self->team_time, times->time);
    }
    return judge_team (self);
  }
  smooth (&self->lane_time, times->time);
  /* A source that works meanwhile isn't one that waits. */
  if (!self->is_single && times->all_cpu > times->own_cpu + times->own_cpu / 4)
    self->n_alone = 0;
  return FALSE;
}

gboolean
gst_dnn_habit_wants_team (const GstDnnHabit *self)
{
  return self->team == GST_DNN_TEAM_NONE && self->n_alone >= self->n_wanted &&
      self->lane_time >= SHORTEST;
}
