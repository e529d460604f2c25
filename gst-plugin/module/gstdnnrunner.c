/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Module, options → lanes, each with a prepared instance. Next:
 * gstdnncrew.c. */
#include "config.h"

#include "gst-plugin/module/gstdnnrunner.h"

#include "pipeline-core/base/dnn-threads.h"

/* How much the last run counts in the smoothed time. */
#define SMOOTHING 8

struct _GstDnnRunner
{
  GstDnnStreams streams;
  GPtrArray *lanes; /* GstDnnLane; the team's last */
  guint n_lanes; /* without the team's */
  guint n_active; /* of those, that memory allows */
  gboolean is_limited; /* by memory: their number wasn't asked for */
  gboolean is_single; /* no more than one frame can come at a time */
  gboolean is_solo_team; /* of that kind, because it was asked for */
  GstDnnTensorsInfo prepared; /* static; no tensors: not prepared */

  gint is_stopped; /* atomic */
  GMutex lock;
  GstClockTime time; /* smoothed */
};

/* --- making --- */

static gboolean
add_lane (GstDnnRunner *self, const GstDnnRunnerOptions *options,
    const GstDnnWorkforce *workforce, guint idx, GError **error)
{
  g_autofree gchar *affinity = gst_dnn_workforce_get_affinity (workforce, idx);
  DnnInstance *instance;
  DnnTarget target;

  dnn_target_init (&target);
  if (options->target != NULL)
    target = *options->target;
  target.threads = workforce->threads;
  if (!dnn_target_set_precision (&target, options->precision, error))
    return FALSE;
  instance = dnn_instance_new_for_target (
      self->streams.module, &target, affinity, error);
  if (instance == NULL)
    return FALSE;
  dnn_instance_set_max_kept_bytes (
      instance, DNN_INSTANCE_MAX_KEPT_BYTES / (gsize) workforce->instances);
  g_ptr_array_add (self->lanes, gst_dnn_lane_new (&self->streams, instance));
  return TRUE;
}

/* One with a team, behind the others. */
static gboolean
add_team (
    GstDnnRunner *self, const GstDnnRunnerOptions *options, GError **error)
{
  GstDnnWorkforce workforce = options->workforce;

  if (!self->is_solo_team)
    workforce.threads = 0;
  workforce.instances = 1;
  gst_dnn_workforce_resolve (&workforce, self->streams.module);
  return add_lane (self, options, &workforce, 0, error);
}

static gboolean
add_lanes (
    GstDnnRunner *self, const GstDnnRunnerOptions *options, GError **error)
{
  GstDnnWorkforce workforce = options->workforce;
  DnnModule *module = self->streams.module;
  gboolean wants_team;

  if (!dnn_threads_check_affinity (workforce.cpu_affinity, error) ||
      !gst_dnn_workforce_check (&workforce, module, error))
    return FALSE;
  wants_team = gst_dnn_workforce_wants_team (&workforce, module);
  self->is_limited = workforce.instances == DNN_INSTANCES_AUTO;
  gst_dnn_workforce_resolve (&workforce, module);
  self->is_solo_team = gst_dnn_workforce_is_team (&workforce, module);
  self->is_single = self->is_solo_team ||
      (wants_team && workforce.max_in_flight == 1);
  if (self->is_solo_team)
    workforce.threads = 1;
  self->n_active = self->n_lanes = (guint) workforce.instances;
  for (guint i = 0; i < self->n_lanes; i++)
    if (!add_lane (self, options, &workforce, i, error))
      return FALSE;
  return !(wants_team || self->is_solo_team) || add_team (self, options, error);
}

GstDnnRunner *
gst_dnn_runner_new (
    DnnModule *module, const GstDnnRunnerOptions *options, GError **error)
{
  g_autoptr (GstDnnRunner) self = g_new0 (GstDnnRunner, 1);

  g_mutex_init (&self->lock);
  self->lanes = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_dnn_lane_free);
  if (!gst_dnn_streams_init (&self->streams, module, options->shape, error) ||
      !add_lanes (self, options, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gst_dnn_runner_free (GstDnnRunner *self)
{
  g_ptr_array_unref (self->lanes);
  gst_dnn_streams_clear (&self->streams);
  g_mutex_clear (&self->lock);
  g_free (self);
}

const GstDnnStreams *
gst_dnn_runner_get_streams (const GstDnnRunner *self)
{
  return &self->streams;
}

guint
gst_dnn_runner_get_n_lanes (const GstDnnRunner *self)
{
  return self->n_lanes;
}

guint
gst_dnn_runner_get_n_active (const GstDnnRunner *self)
{
  return self->n_active;
}

/* --- preparing --- */

static gpointer
measure_in_thread (gpointer data)
{
  gst_dnn_lane_measure (data);
  return NULL;
}

static void
add_time (GstDnnRunner *self, GstClockTime time)
{
  g_mutex_lock (&self->lock);
  if (self->time == 0)
    self->time = time;
  else
    self->time = (self->time * (SMOOTHING - 1) + time) / SMOOTHING;
  g_mutex_unlock (&self->lock);
}

/* All at once, as they will run. OpenMP's teams end with the threads. */
static gboolean
measure (GstDnnRunner *self, GError **error)
{
  g_autofree GThread **threads = g_new0 (GThread *, self->n_active);
  GstClockTime longest = 0;
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < self->n_active; i++) {
    threads[i] = g_thread_try_new (
        "dnn-measure", measure_in_thread, self->lanes->pdata[i], error);
    ok = threads[i] != NULL;
  }
  for (guint i = 0; i < self->n_active && threads[i] != NULL; i++) {
    const GstDnnLane *lane = self->lanes->pdata[i];
    g_thread_join (threads[i]);
    longest = MAX (longest, lane->last_time);
  }
  if (longest > 0)
    add_time (self, longest);
  return ok;
}

/* The first lane tells how large an arena is. */
static void
limit_lanes (GstDnnRunner *self)
{
  const GstDnnLane *first = self->lanes->pdata[0];
  guint most = gst_dnn_instances_count_arenas (
      dnn_instance_get_arena_size (first->instance));

  self->n_active = self->is_limited ? MIN (self->n_lanes, most) : self->n_lanes;
}

/* Memory of as many outputs as may be here at once, so that none is taken from
 * the system later, when by chance all of them are. */
static void
reserve_outputs (GstDnnRunner *self)
{
  guint n = 2 * self->n_active * self->streams.n_outputs;
  g_autofree GstMemory **memories = g_new0 (GstMemory *, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    memories[i] = gst_dnn_allocator_get (self->streams.allocator,
        gst_dnn_lane_get_output_size (
            self->lanes->pdata[0], i % self->streams.n_outputs));
  for (guint i = 0; i < n; i++)
    if (memories[i] != NULL)
      gst_memory_unref (memories[i]);
}

gboolean
gst_dnn_runner_prepare (
    GstDnnRunner *self, const GstDnnTensorsInfo *input, GError **error)
{
  if (self->prepared.n_tensors > 0 &&
      gst_dnn_tensors_info_equal (&self->prepared, input))
    return TRUE;
  gst_dnn_tensors_info_init (&self->prepared);
  if (gst_dnn_runner_can_have_team (self))
    gst_dnn_lane_unprepare (self->lanes->pdata[self->n_lanes]);
  self->n_active = self->n_lanes;
  for (guint i = 0; i < self->n_active; i++) {
    if (!gst_dnn_lane_prepare (self->lanes->pdata[i], input, error))
      return FALSE;
    if (i == 0)
      limit_lanes (self);
  }
  if (self->n_active > 1)
    reserve_outputs (self);
  if (!measure (self, error) ||
      (self->is_single &&
          !gst_dnn_lane_prepare (
              self->lanes->pdata[self->n_lanes], input, error)))
    return FALSE;
  self->prepared = *input;
  return TRUE;
}

void
gst_dnn_runner_unprepare (GstDnnRunner *self)
{
  for (guint i = 0; i < self->lanes->len; i++)
    gst_dnn_lane_unprepare (self->lanes->pdata[i]);
  gst_dnn_tensors_info_init (&self->prepared);
  gst_dnn_allocator_trim (self->streams.allocator);
  g_mutex_lock (&self->lock);
  self->time = 0;
  g_mutex_unlock (&self->lock);
}

void
gst_dnn_runner_set_streams (GstDnnRunner *self, const GstDnnTensorsInfo *input,
    const GstDnnTensorsInfo *output)
{
  self->streams.input = *input;
  self->streams.output = *output;
}

/* --- the team --- */

gboolean
gst_dnn_runner_can_have_team (const GstDnnRunner *self)
{
  return self->lanes->len > self->n_lanes;
}

gboolean
gst_dnn_runner_is_single (const GstDnnRunner *self)
{
  return self->is_single;
}

gboolean
gst_dnn_runner_is_solo_team (const GstDnnRunner *self)
{
  return self->is_solo_team;
}

gboolean
gst_dnn_runner_prepare_team (GstDnnRunner *self)
{
  GstDnnLane *lane = self->lanes->pdata[self->n_lanes];

  /* Shapes that come with the frames would be planned for twice. */
  if (self->prepared.n_tensors == 0 || self->streams.input.flexible ||
      !gst_dnn_lane_prepare (lane, &self->prepared, NULL))
    return FALSE;
  gst_dnn_lane_measure (lane);
  return TRUE;
}

gboolean
gst_dnn_runner_has_team (const GstDnnRunner *self)
{
  const GstDnnLane *lane;

  if (!gst_dnn_runner_can_have_team (self))
    return FALSE;
  lane = self->lanes->pdata[self->n_lanes];
  return lane->prepared.n_tensors > 0;
}

/* --- params --- */

/* What one lane is to take. */
typedef struct
{
  DnnInstance *instance;
  DnnParams *after; /* (nullable) */
  DnnUpdate *update; /* (nullable): not made yet */
} Change;

struct _GstDnnUpdates
{
  guint n;
  Change changes[];
};

GstDnnUpdates *
gst_dnn_runner_ask_updates (GstDnnRunner *self)
{
  guint n = self->lanes->len;
  GstDnnUpdates *updates = g_malloc0 (sizeof *updates + n * sizeof (Change));

  updates->n = n;
  for (guint i = 0; i < n; i++) {
    GstDnnLane *lane = self->lanes->pdata[i];
    updates->changes[i].instance = g_object_ref (lane->instance);
    updates->changes[i].after = gst_dnn_pending_get_params (&lane->pending);
  }
  return updates;
}

gboolean
gst_dnn_updates_make (GstDnnUpdates *updates, DnnParams *params, GError **error)
{
  for (guint i = 0; i < updates->n; i++) {
    Change *change = &updates->changes[i];
    change->update = dnn_instance_make_update (
        change->instance, change->after, params, error);
    if (change->update == NULL)
      return FALSE;
  }
  return TRUE;
}

void
gst_dnn_updates_free (GstDnnUpdates *updates)
{
  for (guint i = 0; i < updates->n; i++) {
    g_object_unref (updates->changes[i].instance);
    g_clear_pointer (&updates->changes[i].after, dnn_params_unref);
    dnn_update_free (updates->changes[i].update);
  }
  g_free (updates);
}

void
gst_dnn_runner_add_updates (
    GstDnnRunner *self, guint64 last, GstDnnUpdates *updates)
{
  g_autoptr (GstDnnUpdates) taken = updates;

  for (guint i = 0; i < MIN (updates->n, self->lanes->len); i++) {
    GstDnnLane *lane = self->lanes->pdata[i];
    Change *change = &updates->changes[i];
    if (change->instance == lane->instance)
      gst_dnn_pending_add (
          &lane->pending, last, g_steal_pointer (&change->update));
  }
}

/* The lane that runs the frame says what is wrong with them. */
void
gst_dnn_runner_catch_up (
    GstDnnRunner *self, guint lane, const GstDnnFrameKey *key)
{
  GstDnnLane *idle = self->lanes->pdata[lane];

  gst_dnn_pending_apply (&idle->pending, idle->instance, key, NULL);
}

/* Nothing is bound, so nothing can fail. */
void
gst_dnn_runner_take_updates (GstDnnRunner *self)
{
  for (guint i = 0; i < self->lanes->len; i++) {
    GstDnnLane *lane = self->lanes->pdata[i];
    gst_dnn_pending_apply (&lane->pending, lane->instance, NULL, NULL);
  }
}

/* --- running --- */

GstBuffer *
gst_dnn_runner_run (GstDnnRunner *self, guint lane, GstBuffer *src,
    const GstDnnFrameKey *key, GError **error)
{
  GstDnnLane *chosen = self->lanes->pdata[lane];
  GstBuffer *dst = gst_dnn_lane_run (chosen, src, key, error);

  if (dst != NULL)
    add_time (self, chosen->last_time);
  return dst;
}

void
gst_dnn_runner_set_stopped (GstDnnRunner *self, gboolean is_stopped)
{
  g_atomic_int_set (&self->is_stopped, is_stopped);
  for (guint i = 0; i < self->lanes->len; i++) {
    const GstDnnLane *lane = self->lanes->pdata[i];
    dnn_instance_set_stopped (lane->instance, is_stopped);
  }
}

gboolean
gst_dnn_runner_is_stopped (GstDnnRunner *self)
{
  return g_atomic_int_get (&self->is_stopped);
}

void
gst_dnn_runner_reset_states (GstDnnRunner *self)
{
  for (guint i = 0; i < self->lanes->len; i++) {
    const GstDnnLane *lane = self->lanes->pdata[i];
    dnn_instance_reset_states (lane->instance);
  }
}

GstClockTime
gst_dnn_runner_get_time (GstDnnRunner *self)
{
  GstClockTime time;

  g_mutex_lock (&self->lock);
  time = self->time;
  g_mutex_unlock (&self->lock);
  return time;
}
