/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Frames and params in the order they came → one thread → answers. Next:
 * gstdnnexecutor-wait.c. */
#include "config.h"

#include "gst-plugin/executor/gstdnnexecutor-serial.h"

#include "gst-plugin/executor/gstdnnexecutor-private.h"
#include "pipeline-core/config/dnn-serial.h"

struct _GstDnnExecutorSerial
{
  DnnPipelineExecutor *executor; /* not held */
  GMutex lock; /* guards pool */
  GThreadPool *pool; /* of one thread; NULL: stopped */

  /* the thread's */
  DnnSerial *serial;
  DnnShape *shapes; /* prepared; by global input */
  gboolean is_prepared;
  gint is_stopped; /* atomic: what waits is not run any more */
};

/* A caller that waits. */
typedef struct
{
  GMutex lock;
  GCond done;
  gboolean is_done;
  GError *error;
} Reply;

/* A frame, or params for those behind it. */
typedef struct
{
  guint64 serial;
  GPtrArray *inputs; /* NULL: params */
  const gchar *group;
  DnnParams *params;
  Reply *reply; /* the caller's */
} Job;

/* ---- what needs it ------------------------------------------------------ */

static gboolean
is_empty (const DnnShape *shape)
{
  for (gint i = 0; i < shape->rank; i++)
    if (shape->dims[i] == 0)
      return TRUE;
  return FALSE;
}

static gboolean
fits_stream (DnnModule *module)
{
  guint n = dnn_module_get_n_inputs (module);

  for (guint i = 0; i < n; i++)
    if (is_empty (dnn_module_get_input_shape (module, i)))
      return FALSE;
  for (guint i = 0; i < dnn_module_get_n_outputs (module); i++)
    if (is_empty (dnn_module_get_output_shape (module, i)))
      return FALSE;
  return n > 0;
}

gboolean
gst_dnn_executor_serial_is_needed (DnnPipelineConfig *config)
{
  const GPtrArray *stages = dnn_pipeline_config_get_stages (config);
  gboolean is_needed = FALSE;

  for (guint i = 0; i < stages->len; i++) {
    const DnnStage *stage = stages->pdata[i];
    if (!stage->module)
      return FALSE;
    is_needed |= !fits_stream (stage->module);
  }
  return is_needed;
}

/* ---- frames ------------------------------------------------------------- */

/* As often as shapes change. */
static gboolean
prepare (GstDnnExecutorSerial *self, GPtrArray *inputs, GError **error)
{
  gboolean is_same = self->is_prepared;

  for (guint i = 0; i < inputs->len; i++) {
    const DnnShape *shape = dnn_tensor_get_shape (inputs->pdata[i]);
    is_same = is_same && dnn_shape_equal (&self->shapes[i], shape);
    self->shapes[i] = *shape;
  }
  if (!is_same)
    self->is_prepared = dnn_serial_prepare (self->serial, self->shapes, error);
  return self->is_prepared;
}

/* Outputs of one frame, as they come. */
typedef struct
{
  DnnSerial *serial;
  GPtrArray *outputs; /* NULL: not asked for yet */
} Giving;

static gpointer
give_output (
    guint idx, const DnnShape *shape, gpointer user_data, GError **error)
{
  const Giving *giving = user_data;
  DnnTensor *tensor = dnn_tensor_new (
      dnn_serial_get_output_type (giving->serial, idx), shape);

  giving->outputs->pdata[idx] = tensor;
  return dnn_tensor_get_writable_data (tensor);
}

static void
unref_output (gpointer tensor)
{
  if (tensor)
    dnn_tensor_unref (tensor);
}

/* (transfer full) */
static GPtrArray *
run_frame (GstDnnExecutorSerial *self, GPtrArray *inputs, GError **error)
{
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (unref_output);
  g_autofree gconstpointer *src = g_new0 (gconstpointer, inputs->len + 1);
  Giving giving = { self->serial, outputs };

  if (!prepare (self, inputs, error))
    return NULL;
  for (guint i = 0; i < inputs->len; i++)
    src[i] = dnn_tensor_get_data (inputs->pdata[i]);
  g_ptr_array_set_size (
      outputs, (gint) dnn_serial_get_n_outputs (self->serial));
  if (!dnn_serial_run_to (self->serial, src, give_output, &giving, NULL, error))
    return NULL;
  return g_steal_pointer (&outputs);
}

static void
answer_frame (GstDnnExecutorSerial *self, const Job *job)
{
  GError *error = NULL;
  GPtrArray *frame = run_frame (self, job->inputs, &error);

  if (frame)
    dnn_pipeline_executor_add_frame (self->executor, job->serial, frame);
  else
    dnn_pipeline_executor_fail (self->executor, error);
}

/* ---- the thread --------------------------------------------------------- */

/* Takes @error. */
static void
send_reply (Reply *reply, GError *error)
{
  g_mutex_lock (&reply->lock);
  reply->is_done = TRUE;
  reply->error = error;
  g_cond_signal (&reply->done);
  g_mutex_unlock (&reply->lock);
}

/* Also of those that were never run. */
static void
free_job (gpointer data)
{
  Job *job = data;

  if (job->reply)
    send_reply (job->reply,
        g_error_new_literal (
            DNN_ERROR, DNN_ERROR_FAILED, "The pipeline was stopped"));
  g_clear_pointer (&job->inputs, g_ptr_array_unref);
  g_free (job);
}

static void
run_job (gpointer data, gpointer user_data)
{
  GstDnnExecutorSerial *self = user_data;
  Job *job = data;

  if (g_atomic_int_get (&self->is_stopped)) {
    /* freed below */
  } else if (job->inputs) {
    answer_frame (self, job);
  } else {
    GError *error = NULL;
    dnn_serial_set_params (self->serial, job->group, job->params, &error);
    send_reply (g_steal_pointer (&job->reply), error);
  }
  free_job (job);
}

static void
push (GstDnnExecutorSerial *self, Job *job)
{
  g_mutex_lock (&self->lock);
  if (self->pool)
    g_thread_pool_push (self->pool, g_steal_pointer (&job), NULL);
  g_mutex_unlock (&self->lock);
  if (job)
    free_job (job);
}

void
gst_dnn_executor_serial_run (
    GstDnnExecutorSerial *self, guint64 serial, GPtrArray *inputs)
{
  Job *job = g_new0 (Job, 1);

  job->serial = serial;
  job->inputs = inputs;
  push (self, job);
}

gboolean
gst_dnn_executor_serial_set_params (GstDnnExecutorSerial *self,
    const gchar *group, DnnParams *params, GError **error)
{
  Reply reply = { 0 };
  Job *job = g_new0 (Job, 1);

  g_mutex_init (&reply.lock);
  g_cond_init (&reply.done);
  job->group = group;
  job->params = params;
  job->reply = &reply;
  push (self, job);
  g_mutex_lock (&reply.lock);
  while (!reply.is_done)
    g_cond_wait (&reply.done, &reply.lock);
  g_mutex_unlock (&reply.lock);
  g_mutex_clear (&reply.lock);
  g_cond_clear (&reply.done);
  if (!reply.error)
    return TRUE;
  g_propagate_error (error, reply.error);
  return FALSE;
}

/* ---- life --------------------------------------------------------------- */

/* What can't be planned is said before the first frame. */
static gboolean
prepare_known (GstDnnExecutorSerial *self, GError **error)
{
  guint n = dnn_serial_get_n_inputs (self->serial);

  self->shapes = g_new0 (DnnShape, n + 1);
  for (guint i = 0; i < n; i++) {
    self->shapes[i] = dnn_serial_get_input_shape (self->serial, i);
    if (!dnn_shape_is_known (&self->shapes[i]))
      return TRUE;
  }
  self->is_prepared = dnn_serial_prepare (self->serial, self->shapes, error);
  return self->is_prepared;
}

GstDnnExecutorSerial *
gst_dnn_executor_serial_new (
    DnnPipelineExecutor *executor, DnnPipelineConfig *config, GError **error)
{
  GstDnnExecutorSerial *self = g_new0 (GstDnnExecutorSerial, 1);

  g_mutex_init (&self->lock);
  self->executor = executor;
  self->serial = dnn_serial_new (config, 1, error);
  if (self->serial && prepare_known (self, error))
    self->pool = g_thread_pool_new_full (
        run_job, self, free_job, 1, TRUE, error);
  if (self->pool)
    return self;
  gst_dnn_executor_serial_free (self);
  return NULL;
}

void
gst_dnn_executor_serial_stop (GstDnnExecutorSerial *self)
{
  GThreadPool *pool;

  g_mutex_lock (&self->lock);
  pool = g_steal_pointer (&self->pool);
  g_mutex_unlock (&self->lock);
  /* GLib loses a job that it has just taken when a pool is freed at once. */
  g_atomic_int_set (&self->is_stopped, TRUE);
  if (self->serial)
    dnn_serial_set_stopped (self->serial, TRUE);
  if (pool)
    g_thread_pool_free (pool, FALSE, TRUE);
}

void
gst_dnn_executor_serial_free (GstDnnExecutorSerial *self)
{
  gst_dnn_executor_serial_stop (self);
  g_clear_pointer (&self->serial, dnn_serial_free);
  g_free (self->shapes);
  g_mutex_clear (&self->lock);
  g_free (self);
}
