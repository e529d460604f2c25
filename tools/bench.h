/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Measurements of `gst-dnn bench`. Times are medians in ms; what is compared
 * is measured in turn, round by round, because machines drift. */
#pragma once

#include "pipeline-core/config/dnn-serial.h"
#include "tools/target-args.h"

G_BEGIN_DECLS

/* What the command line asked for. */
typedef struct
{
  const gchar *path; /* model, as given */
  const gchar *const *cuts, *const *shapes;
  gint threads; /* of the one-thread figures; 0: 1 */
  gint frames; /* a round */
  gint rounds;
  const gchar *instances; /* (nullable): of each stage as an element; 1 */
  const DnnTargetArgs *target_args;
  DnnTarget target;
} BenchOptions;

typedef struct
{
  gdouble plan_ms; /* all modules, one after the other */
  gdouble frame_ms; /* one frame through all modules in one thread */
  gdouble steps_ms; /* sum of the steps' own times */
  gdouble primitives_ms; /* sum that oneDNN's verbose mode prints */
  gdouble peak_mb; /* peak memory of a process that runs the model */
  gdouble weights_mb, packed_mb, arena_mb;
  guint n_plans; /* that need packed_mb, of the process's store, */
  gdouble store_mb; /* which has so many of them, */
  gdouble elements_store_mb; /* and so many with the elements' instances; 0:
                                there are none */
  gdouble serial_fps, pipeline_fps; /* 0: one stage */
  guint n_stages;
  gdouble *stage_ms; /* by stage */
} BenchResult;

/* Random frames for a prepared pipeline. */
typedef struct
{
  DnnSerial *serial;
  DnnTensor **inputs, **outputs;
  gconstpointer *src;
  guint n_inputs, n_outputs;
  gdouble plan_ms; /* until it was prepared */
} BenchFrames;

DnnSerial *bench_load (
    const BenchOptions *options, DnnPipelineConfig **config, GError **error);
gboolean bench_frames_init (BenchFrames *self, DnnSerial *serial,
    const BenchOptions *options, GError **error);
void bench_frames_clear (BenchFrames *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BenchFrames, bench_frames_clear)
/* @ns: (nullable): by stage */
gboolean bench_frames_run (BenchFrames *self, guint64 *ns, GError **error);
/* Through the only module; @ns: by step. */
gboolean bench_frames_run_steps (
    BenchFrames *self, DnnInstance *instance, guint64 *ns, GError **error);

gdouble bench_median (GArray *values); /* of gdouble; sorts them */

/* Both run in a process of their own: gst-dnn bench --child MODE. */
gint bench_child_main (const BenchOptions *options, const gchar *mode);
gboolean bench_child_primitives (
    const BenchOptions *options, gdouble *ms, GError **error);
gboolean bench_child_memory (
    const BenchOptions *options, gdouble *mb, GError **error);

/* Frames per second of the stages as elements. */
gboolean bench_pipeline_fps (DnnPipelineConfig *config, const gchar *path,
    BenchFrames *frames, const BenchOptions *options, gdouble *fps,
    gdouble *store_mb, GError **error);

G_END_DECLS
