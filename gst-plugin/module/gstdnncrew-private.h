/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of a crew, for gstdnncrew.c and gstdnncrew-work.c. */
#pragma once

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/module/gstdnncrew.h"
#include "gst-plugin/module/gstdnnhabit.h"

G_BEGIN_DECLS

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
} GstDnnSlot;

typedef struct
{
  GstDnnCrew *crew;
  guint lane;
  GThread *thread;
  GCond wake;
  GstDnnSlot *slot; /* what it works on; NULL: it is free */
} GstDnnWorker;

struct _GstDnnCrew
{
  GstDnnRunner *runner;
  GstDnnWorker *workers; /* one a lane, and the team's */
  guint n_workers; /* without the team's */

  GMutex lock; /* guards the rest and all slots; not held while running */
  GCond changed; /* a place or a lane is free, or the last has left */
  GCond ready; /* the first of the line is done, or it ends */
  GstDnnSlot *slots; /* a ring */
  guint n_slots, head, n;
  guint n_frames; /* of the line, that are run */
  GstDnnSlot *waiting; /* (nullable): for the first lane that is free */
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

/* A thread for each lane; the team's where it is wanted at once. */
gboolean gst_dnn_crew_start_workers (GstDnnCrew *self, GError **error);
/* When they have done what they have. */
void gst_dnn_crew_stop_workers (GstDnnCrew *self);

/* Some lane has a frame. The lock is held. */
gboolean gst_dnn_crew_is_busy (GstDnnCrew *self);

/* What is known of how frames come begins anew. The lock is held. */
void gst_dnn_crew_init_habit (GstDnnCrew *self);

G_END_DECLS
