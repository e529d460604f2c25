/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Samples of the appsink → frames, for those who ask, block or wait; the error
 * that ends it all. */
#include "config.h"

#include "gst-plugin/gstdnnexecutor-private.h"

static void
free_frame (gpointer frame)
{
  g_ptr_array_unref (frame);
}

void
dnn_pipeline_executor_init_waiting (DnnPipelineExecutor *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->frames);
  g_queue_init (&self->tasks);
}

void
dnn_pipeline_executor_clear_waiting (DnnPipelineExecutor *self)
{
  g_queue_clear_full (&self->frames, free_frame);
  g_clear_error (&self->error);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

/* ---- tasks -------------------------------------------------------------- */

static gboolean
end_source (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* Nothing is left of it here. Its reference goes in the context of whoever
 * asked: it may be the last one on the executor, which can't be stopped from a
 * thread of its own pipeline. Takes @task. */
static void
release_task (GTask *task)
{
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, end_source, task, g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  g_source_unref (source);
}

/* It is in no list any more. */
static void
forget_cancellable (GTask *task)
{
  gulong *handler = g_task_get_task_data (task);

  if (handler)
    g_signal_handler_disconnect (g_task_get_cancellable (task), *handler);
}

/* ---- the error ---------------------------------------------------------- */

void
dnn_pipeline_executor_fail (DnnPipelineExecutor *self, GError *error)
{
  g_autoptr (GError) first = NULL;
  GTask *task;

  g_mutex_lock (&self->lock);
  if (!self->error)
    self->error = g_error_copy (error);
  first = g_error_copy (self->error);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_error_free (error);
  for (;;) {
    g_mutex_lock (&self->lock);
    task = g_queue_pop_head (&self->tasks);
    g_mutex_unlock (&self->lock);
    if (!task)
      return;
    forget_cancellable (task);
    g_task_return_error (task, g_error_copy (first));
    release_task (task);
  }
}

/* The lock is held. */
static gboolean
check_locked (DnnPipelineExecutor *self, GError **error)
{
  if (!self->error)
    return TRUE;
  if (error)
    *error = g_error_copy (self->error);
  return FALSE;
}

gboolean
dnn_pipeline_executor_check (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return check_locked (self, error);
}

/* ---- frames that come --------------------------------------------------- */

/* To the task that has waited longest; else it stays for those who ask. */
static void
add_frame (DnnPipelineExecutor *self, GPtrArray *frame)
{
  GTask *task;

  g_mutex_lock (&self->lock);
  task = g_queue_pop_head (&self->tasks);
  if (task) {
    self->n_in_flight--;
  } else {
    g_queue_push_tail (&self->frames, frame);
    g_cond_signal (&self->changed);
  }
  g_mutex_unlock (&self->lock);
  if (!task)
    return;
  forget_cancellable (task);
  g_task_return_pointer (task, frame, free_frame);
  release_task (task);
}

GstFlowReturn
dnn_pipeline_executor_take_sample (GstAppSink *sink, gpointer user_data)
{
  DnnPipelineExecutor *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GError *error = NULL;
  GPtrArray *frame;

  if (!sample)
    return GST_FLOW_FLUSHING;
  frame = gst_dnn_sample_to_tensors (
      sample, self->outputs, self->n_outputs, &error);
  if (!frame) {
    dnn_pipeline_executor_fail (self, error);
    return GST_FLOW_ERROR;
  }
  add_frame (self, frame);
  return GST_FLOW_OK;
}

/* ---- those who ask ------------------------------------------------------ */

/* (nullable): none is there. The lock is held. */
static GPtrArray *
pop_frame (DnnPipelineExecutor *self)
{
  GPtrArray *frame = g_queue_pop_head (&self->frames);

  if (frame)
    self->n_in_flight--;
  return frame;
}

/**
 * dnn_pipeline_executor_get_output:
 *
 * Never waits.
 *
 * Returns: (transfer container) (element-type DnnTensor): the outputs of the
 * frame that was run first among those nobody has got yet, in the order of the
 *   global outputs; without elements where it isn't ready. %NULL with the
 *   error that stopped the pipeline
 */
GPtrArray *
dnn_pipeline_executor_get_output (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *frame = NULL;

  if (!check_locked (self, error))
    return NULL;
  frame = pop_frame (self);
  return frame
      ? frame
      : g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_tensor_unref);
}

/* FALSE when the time is over. The lock is held. */
static gboolean
wait_for_change (DnnPipelineExecutor *self, gint timeout_ms, gint64 end)
{
  if (timeout_ms >= 0)
    return g_cond_wait_until (&self->changed, &self->lock, end);
  g_cond_wait (&self->changed, &self->lock);
  return TRUE;
}

/**
 * dnn_pipeline_executor_wait_output:
 * @timeout_ms: how long to wait at most; -1: as long as it takes
 *
 * Blocks until the next frame is ready.
 *
 * Returns: (transfer container) (element-type DnnTensor): its outputs; without
 *   elements when the time is over. %NULL with the error that stopped the
 *   pipeline, also while waiting
 */
GPtrArray *
dnn_pipeline_executor_wait_output (
    DnnPipelineExecutor *self, gint timeout_ms, GError **error)
{
  gint64 end = g_get_monotonic_time () +
      (gint64) MAX (timeout_ms, 0) * G_TIME_SPAN_MILLISECOND;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *frame = NULL;

  for (;;) {
    if (!check_locked (self, error))
      return NULL;
    frame = pop_frame (self);
    if (frame)
      return frame;
    if (!wait_for_change (self, timeout_ms, end) &&
        g_queue_is_empty (&self->frames) && !self->error)
      return g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_tensor_unref);
  }
}

/* ---- those who are called ----------------------------------------------- */

/* A task that is not in the list has its answer already, or gets it soon. */
static void
cancel_task (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  DnnPipelineExecutor *self = g_task_get_source_object (task);
  gboolean waits;

  g_mutex_lock (&self->lock);
  waits = g_queue_remove (&self->tasks, task);
  g_mutex_unlock (&self->lock);
  if (!waits)
    return;
  forget_cancellable (task);
  g_task_return_error_if_cancelled (task);
  release_task (task);
}

static void
watch_cancellable (GTask *task, GCancellable *cancellable)
{
  gulong *handler = g_new (gulong, 1);

  g_task_set_task_data (task, handler, g_free);
  *handler = g_signal_connect_data (cancellable, "cancelled",
      G_CALLBACK (cancel_task), g_object_ref (task),
      (GClosureNotify) (GCallback) g_object_unref, 0);
}

/* The answer at once, or TRUE: the task is in the list. */
static gboolean
enqueue_task (DnnPipelineExecutor *self, GTask *task)
{
  GError *error = NULL;
  GPtrArray *frame = NULL;

  g_mutex_lock (&self->lock);
  if (check_locked (self, &error)) {
    frame = pop_frame (self);
    if (!frame)
      g_queue_push_tail (&self->tasks, g_object_ref (task));
  }
  g_mutex_unlock (&self->lock);
  if (!error && !frame)
    return TRUE;
  forget_cancellable (task);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, frame, free_frame);
  return FALSE;
}

/**
 * dnn_pipeline_executor_get_output_async:
 * @cancellable: (nullable): ends the waiting; the frame stays for others
 * @callback: (scope async): called in the thread-default main context of now,
 *   when the next frame is ready
 * @user_data: for @callback
 *
 * Asks for the next frame. Those who ask get frames in the order in which they
 * asked.
 */
void
dnn_pipeline_executor_get_output_async (DnnPipelineExecutor *self,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, dnn_pipeline_executor_get_output_async);
  if (cancellable)
    watch_cancellable (task, cancellable);
  if (enqueue_task (self, task) && g_cancellable_is_cancelled (cancellable))
    cancel_task (cancellable, task);
}

/**
 * dnn_pipeline_executor_get_output_finish:
 *
 * Returns: (transfer container) (element-type DnnTensor): the frame's outputs;
 * %NULL with the error that stopped the pipeline, or G_IO_ERROR_CANCELLED
 */
GPtrArray *
dnn_pipeline_executor_get_output_finish (
    DnnPipelineExecutor *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
