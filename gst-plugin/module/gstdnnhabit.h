/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* How frames come: several at once, for which each instance has one thread, or
 * each only when the last has left, for which a team of all CPUs is faster.
 * Numbers only, no threads. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DNN_TEAM_NEVER, /* it can't be or isn't wanted */
  GST_DNN_TEAM_NONE, /* not yet */
  GST_DNN_TEAM_MAKING,
  GST_DNN_TEAM_READY,
} GstDnnTeam;

typedef struct
{
  GstDnnTeam team;
  gboolean is_single; /* no two frames can be here: the team is there at once */
  gboolean is_live; /* frames come by the clock, however soon they leave */
  guint n_alone; /* frames in a row that came when no other was here */
  guint n_wanted; /* of those, before a team has the next */
  guint n_team; /* frames that a team had since it was chosen */
  guint n_stuck; /* of those, in a row, that took many times as long */
  GstClockTime lane_time, team_time; /* of a run, smoothed */
} GstDnnHabit;

/* What a run took, in ns: by the clock, of its thread, of the whole process. */
typedef struct
{
  gboolean is_team;
  GstClockTime time, own_cpu, all_cpu;
} GstDnnRunTimes;

void gst_dnn_habit_init (GstDnnHabit *self, gboolean can_have_team);

/* The team is there, and has all frames; @time: of a run of one thread. */
void gst_dnn_habit_init_single (GstDnnHabit *self, GstClockTime time);

/* A frame has come; @is_alone: no other is here. TRUE: it is for the team. */
gboolean gst_dnn_habit_choose (GstDnnHabit *self, gboolean is_alone);

/* It was run. TRUE: the team was no faster and has no frames for a while. */
gboolean gst_dnn_habit_learn (GstDnnHabit *self, const GstDnnRunTimes *times);

/* A team should be made now. */
gboolean gst_dnn_habit_wants_team (const GstDnnHabit *self);

G_END_DECLS
