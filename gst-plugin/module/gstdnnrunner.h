/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A module at work on buffers: its instances, each in a lane, made ready for
 * the same stream and given the same params. No pads, no states. */
#pragma once

#include "gst-plugin/module/gstdnninstances.h"
#include "gst-plugin/module/gstdnnlane.h"

G_BEGIN_DECLS

typedef struct _GstDnnRunner GstDnnRunner;

/* How to run. */
typedef struct
{
  const gchar *shape; /* (nullable): "1,3,224,224" or "A=1,3;B=2" */
  const gchar *precision; /* (nullable): "f32" */
  GstDnnWorkforce workforce;
  const DnnTarget *target; /* (nullable): all else */
} GstDnnRunnerOptions;

/* Fails where a module doesn't fit on links (more than 16 tensors, empty
 * ones), options are wrong, or shapes contradict the module's. */
GstDnnRunner *gst_dnn_runner_new (
    DnnModule *module, const GstDnnRunnerOptions *options, GError **error);
void gst_dnn_runner_free (GstDnnRunner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnRunner, gst_dnn_runner_free)

const GstDnnStreams *gst_dnn_runner_get_streams (const GstDnnRunner *self);

/* Makes primitives for @input (static, known shapes) in each lane, and
 * measures a run, in threads that have ended when this returns. Not while
 * running. */
gboolean gst_dnn_runner_prepare (
    GstDnnRunner *self, const GstDnnTensorsInfo *input, GError **error);
/* Gives back all that prepare and run have taken. */
void gst_dnn_runner_unprepare (GstDnnRunner *self);

/* Streams as they were negotiated; not while running. */
void gst_dnn_runner_set_streams (GstDnnRunner *self,
    const GstDnnTensorsInfo *input, const GstDnnTensorsInfo *output);

/* Lanes that were asked for; of those, how many memory allows. */
guint gst_dnn_runner_get_n_lanes (const GstDnnRunner *self);
guint gst_dnn_runner_get_n_active (const GstDnnRunner *self);

/* One more lane, with a team of all CPUs, for frames that come one at a time:
 * where the number of instances is ours to choose. */
gboolean gst_dnn_runner_can_have_team (const GstDnnRunner *self);
/* No more than one frame can come at a time: the team is ready with the
 * others. */
gboolean gst_dnn_runner_is_single (const GstDnnRunner *self);
/* The only instance has a team: it is ready with the lane of one thread in
 * front of it, in which a frame runs while the team is no faster. */
gboolean gst_dnn_runner_is_solo_team (const GstDnnRunner *self);
/* Makes it ready for the stream that the others are ready for, in the thread
 * that will run it; others may run meanwhile. FALSE: it can't be. */
gboolean gst_dnn_runner_prepare_team (GstDnnRunner *self);
/* Whether it is. */
gboolean gst_dnn_runner_has_team (const GstDnnRunner *self);

/* One frame in a lane, which has no other; the team's is behind the others. See
 * gst_dnn_lane_run(). */
GstBuffer *gst_dnn_runner_run (GstDnnRunner *self, guint lane, GstBuffer *src,
    const GstDnnFrameKey *key, GError **error);

/* The params of that frame for a lane that has none: they don't pile up in
 * front of one that is seldom needed. */
void gst_dnn_runner_catch_up (
    GstDnnRunner *self, guint lane, const GstDnnFrameKey *key);

/* Params for all lanes: asked here, made by gst_dnn_updates_make() while frames
 * go on, added here. */
typedef struct _GstDnnUpdates GstDnnUpdates;
GstDnnUpdates *gst_dnn_runner_ask_updates (GstDnnRunner *self);
/* All or none. */
gboolean gst_dnn_updates_make (
    GstDnnUpdates *updates, DnnParams *params, GError **error);
void gst_dnn_updates_free (GstDnnUpdates *updates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnUpdates, gst_dnn_updates_free)
/* @updates (transfer full): for the frames after that with serial @last. Any
 * thread; nothing where they are another runner's. */
void gst_dnn_runner_add_updates (
    GstDnnRunner *self, guint64 last, GstDnnUpdates *updates);
/* No frame is on its way: all updates are in force. Unprepared. */
void gst_dnn_runner_take_updates (GstDnnRunner *self);

/* Frames that run, and those to come, are given up where they take long: until
 * it is set to FALSE. Any thread. */
void gst_dnn_runner_set_stopped (GstDnnRunner *self, gboolean is_stopped);
gboolean gst_dnn_runner_is_stopped (GstDnnRunner *self);

/* States begin again. In the thread that runs. */
void gst_dnn_runner_reset_states (GstDnnRunner *self);

/* Time of a run, smoothed over the last ones; 0 before prepare. Any thread. */
GstClockTime gst_dnn_runner_get_time (GstDnnRunner *self);

G_END_DECLS
