/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A module at work on buffers: caps of the input → caps of the output, buffer
 * in → buffer out. No pads, no states. */
#pragma once

#include "gst-plugin/stream/gstdnnallocator.h"
#include "gst-plugin/stream/gstdnncaps.h"
#include "pipeline-core/plan/dnn-instance.h"

G_BEGIN_DECLS

typedef struct _GstDnnRunner GstDnnRunner;

/* How to run. */
typedef struct
{
  const gchar *shape; /* (nullable): "1,3,224,224" or "A=1,3;B=2" */
  gint threads; /* 0: all CPUs of the process */
  const gchar *precision; /* (nullable): "f32" */
  const gchar *cpu_affinity; /* (nullable) */
} GstDnnRunnerOptions;

/* Fails where a module doesn't fit on links (more than 16 tensors, empty
 * ones), options are wrong, or shapes contradict the module's. */
GstDnnRunner *gst_dnn_runner_new (
    DnnModule *module, const GstDnnRunnerOptions *options, GError **error);
void gst_dnn_runner_free (GstDnnRunner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnRunner, gst_dnn_runner_free)

/* What the module asks for: an open batch is 1, other open dimensions stay. */
const GstDnnTensorsInfo *gst_dnn_runner_get_input (const GstDnnRunner *self);

/* What leaves when @input comes; flexible if it is or if a shape stays open.
 * SHAPE or TYPE, with what the model takes and what the stream has. Any
 * thread. */
gboolean gst_dnn_runner_get_output (GstDnnRunner *self,
    const GstDnnTensorsInfo *input, GstDnnTensorsInfo *output, GError **error);

/* Makes primitives for @input (static, known shapes) and measures a run, in a
 * thread that has ended when this returns. Not while running. */
gboolean gst_dnn_runner_prepare (
    GstDnnRunner *self, const GstDnnTensorsInfo *input, GError **error);
/* Gives back all that prepare and run have taken. */
void gst_dnn_runner_unprepare (GstDnnRunner *self);

/* Streams as they were negotiated. */
void gst_dnn_runner_set_streams (GstDnnRunner *self,
    const GstDnnTensorsInfo *input, const GstDnnTensorsInfo *output);

/* One frame; flags, times and metadata are @src's. (transfer full) (nullable)
 */
GstBuffer *gst_dnn_runner_run (
    GstDnnRunner *self, GstBuffer *src, GError **error);

DnnInstance *gst_dnn_runner_get_instance (GstDnnRunner *self);

/* Params of the newest update that waits. (transfer full) (nullable). Any
 * thread. */
DnnParams *gst_dnn_runner_get_pending_params (GstDnnRunner *self);
/* @update (transfer full): for the frames after that with serial @last. Any
 * thread. */
void gst_dnn_runner_add_update (
    GstDnnRunner *self, guint64 last, DnnUpdate *update);
/* No frame is on its way: all updates are in force. Unprepared. */
void gst_dnn_runner_take_updates (GstDnnRunner *self);

/* What upstream should allocate with. */
GstDnnAllocator *gst_dnn_runner_get_allocator (GstDnnRunner *self);

/* Time of a run, smoothed over the last ones; 0 before prepare. Any thread. */
GstClockTime gst_dnn_runner_get_time (GstDnnRunner *self);

G_END_DECLS
