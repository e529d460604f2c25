/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Samples of the appsink → answers, for those who ask, block or wait; the error
 * that ends it all. */
#include "config.h"

#include "gst-plugin/executor/gstdnnexecutor-private.h"
#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "gst-plugin/stream/gstdnnbuffer.h"

/* Somebody who asked for a frame that wasn't there. */
typedef struct
{
  GTask *task; /* NULL: a thread that blocks */
  GCond answered; /* the thread's */
  GPtrArray *frame; /* (nullable): the answer */
} Waiter;

static void
free_frame (gpointer frame)
{
  g_ptr_array_unref (frame);
}

static GPtrArray *
make_empty_frame (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) dnn_tensor_unref);
}

void
dnn_pipeline_executor_init_waiting (DnnPipelineExecutor *self)
{
  g_mutex_init (&self->lock);
  self->sent = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_queue_init (&self->frames);
  g_queue_init (&self->waiters);
}

void
dnn_pipeline_executor_clear_waiting (DnnPipelineExecutor *self)
{
  g_queue_clear_full (&self->frames, free_frame);
  g_array_unref (self->sent);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
}

guint
dnn_pipeline_executor_count_in_flight (DnnPipelineExecutor *self)
{
  return self->sent->len + g_queue_get_length (&self->frames);
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

/* It waits no more. */
static void
forget_cancellable (GTask *task)
{
  gulong *handler = g_task_get_task_data (task);

  if (handler)
    g_signal_handler_disconnect (g_task_get_cancellable (task), *handler);
}

/* A task's answer, or @error (transfer none) where it has none. Takes
 * @waiter. */
static void
return_task (Waiter *waiter, const GError *error)
{
  forget_cancellable (waiter->task);
  if (waiter->frame)
    g_task_return_pointer (waiter->task, waiter->frame, free_frame);
  else
    g_task_return_error (waiter->task, g_error_copy (error));
  release_task (waiter->task);
  g_free (waiter);
}

/* Wakes the thread, or keeps the task in @tasks for when the lock is free. The
 * lock is held. */
static void
answer_waiter (Waiter *waiter, GPtrArray *frame, GQueue *tasks)
{
  waiter->frame = frame;
  if (waiter->task)
    g_queue_push_tail (tasks, waiter);
  else
    g_cond_signal (&waiter->answered);
}

static void
return_tasks (GQueue *tasks, const GError *error)
{
  Waiter *waiter;

  while ((waiter = g_queue_pop_head (tasks)))
    return_task (waiter, error);
}

/* ---- the error ---------------------------------------------------------- */

/* Nobody will get what is on its way. */
void
dnn_pipeline_executor_fail (DnnPipelineExecutor *self, GError *error)
{
  g_autoptr (GError) first = NULL;
  GQueue tasks = G_QUEUE_INIT, lost;
  Waiter *waiter;

  g_mutex_lock (&self->lock);
  if (!self->error)
    self->error = g_error_copy (error);
  first = g_error_copy (self->error);
  while ((waiter = g_queue_pop_head (&self->waiters)))
    answer_waiter (waiter, NULL, &tasks);
  lost = self->frames;
  g_queue_init (&self->frames);
  g_array_set_size (self->sent, 0);
  g_mutex_unlock (&self->lock);
  g_error_free (error);
  return_tasks (&tasks, first);
  g_queue_clear_full (&lost, free_frame);
}

gboolean
dnn_pipeline_executor_check_locked (DnnPipelineExecutor *self, GError **error)
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

  return dnn_pipeline_executor_check_locked (self, error);
}

void
dnn_pipeline_executor_take_eos (GstAppSink *sink, gpointer user_data)
{
  dnn_pipeline_executor_fail (user_data,
      g_error_new_literal (DNN_ERROR, DNN_ERROR_FAILED,
          "An element of the pipeline has ended the stream"));
}

/* ---- frames that come --------------------------------------------------- */

/* To whoever has waited longest; else it stays for those who ask. The lock is
 * held. */
static void
add_answer (DnnPipelineExecutor *self, GPtrArray *frame, GQueue *tasks)
{
  Waiter *waiter = g_queue_pop_head (&self->waiters);

  if (waiter)
    answer_waiter (waiter, frame, tasks);
  else
    g_queue_push_tail (&self->frames, frame);
}

/* Frames before @serial that have not come were dropped on their way: frames
 * keep their order. What was not sent, or has come already, is let go. */
void
dnn_pipeline_executor_add_frame (
    DnnPipelineExecutor *self, guint64 serial, GPtrArray *frame)
{
  GQueue tasks = G_QUEUE_INIT;
  guint n = 0;

  g_mutex_lock (&self->lock);
  for (; n < self->sent->len && g_array_index (self->sent, guint64, n) < serial;
       n++)
    add_answer (self, make_empty_frame (), &tasks);
  if (n < self->sent->len && g_array_index (self->sent, guint64, n) == serial) {
    add_answer (self, g_steal_pointer (&frame), &tasks);
    n++;
  }
  if (n > 0)
    g_array_remove_range (self->sent, 0, n);
  g_mutex_unlock (&self->lock);
  return_tasks (&tasks, NULL);
  if (frame)
    g_ptr_array_unref (frame);
}

GstFlowReturn
dnn_pipeline_executor_take_sample (GstAppSink *sink, gpointer user_data)
{
  DnnPipelineExecutor *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstDnnFrameMeta *meta;
  GError *error = NULL;
  GstBuffer *buffer;
  GPtrArray *frame;

  if (!sample)
    return GST_FLOW_FLUSHING;
  buffer = gst_sample_get_buffer (sample);
  meta = gst_buffer_get_dnn_frame_meta (buffer);
  if (!meta)
    return GST_FLOW_OK;
  frame = gst_dnn_buffer_is_gap (buffer)
      ? make_empty_frame ()
      : gst_dnn_sample_to_tensors (
            sample, self->outputs, self->n_outputs, &error);
  if (!frame) {
    dnn_pipeline_executor_fail (self, error);
    return GST_FLOW_ERROR;
  }
  dnn_pipeline_executor_add_frame (self, meta->key.serial, frame);
  return GST_FLOW_OK;
}

/* ---- those who ask ------------------------------------------------------ */

/**
 * dnn_pipeline_executor_get_output:
 *
 * Never waits.
 *
 * Returns: (transfer container) (element-type DnnTensor): the outputs of the
 * frame that was run first among those nobody has got yet, in the order of the
 *   global outputs; without elements where it isn't ready, or was dropped by an
 *   element of the pipeline. %NULL with the error that stopped the pipeline
 */
GPtrArray *
dnn_pipeline_executor_get_output (DnnPipelineExecutor *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *frame;

  if (!dnn_pipeline_executor_check_locked (self, error))
    return NULL;
  frame = g_queue_pop_head (&self->frames);
  return frame ? frame : make_empty_frame ();
}

/* FALSE when the time is over. The lock is held. */
static gboolean
wait_for_answer (
    DnnPipelineExecutor *self, Waiter *waiter, gint timeout_ms, gint64 end)
{
  if (timeout_ms >= 0)
    return g_cond_wait_until (&waiter->answered, &self->lock, end);
  g_cond_wait (&waiter->answered, &self->lock);
  return TRUE;
}

/* (nullable): none came in time, or an error. The lock is held. */
static GPtrArray *
wait_in_line (DnnPipelineExecutor *self, gint timeout_ms, gint64 end)
{
  Waiter waiter = { NULL };

  g_cond_init (&waiter.answered);
  g_queue_push_tail (&self->waiters, &waiter);
  while (!waiter.frame && !self->error &&
      wait_for_answer (self, &waiter, timeout_ms, end))
    ;
  g_queue_remove (&self->waiters, &waiter);
  g_cond_clear (&waiter.answered);
  return waiter.frame;
}

/**
 * dnn_pipeline_executor_wait_answer:
 * @timeout_ms: how long to wait at most; -1: as long as it takes
 * @is_answer: (out) (optional): %FALSE: the time was over
 *
 * dnn_pipeline_executor_wait_output() that tells a frame that was dropped from
 * one that isn't there.
 *
 * Returns: (transfer container) (element-type DnnTensor): the frame's outputs;
 *   without elements when the time is over, or the frame was dropped by an
 *   element of the pipeline. %NULL with the error that stopped the pipeline,
 *   also while waiting
 */
GPtrArray *
dnn_pipeline_executor_wait_answer (DnnPipelineExecutor *self, gint timeout_ms,
    gboolean *is_answer, GError **error)
{
  gint64 end = g_get_monotonic_time () +
      (gint64) MAX (timeout_ms, 0) * G_TIME_SPAN_MILLISECOND;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GPtrArray *frame = NULL;

  if (dnn_pipeline_executor_check_locked (self, NULL))
    frame = g_queue_pop_head (&self->frames);
  if (!frame && !self->error && timeout_ms != 0)
    frame = wait_in_line (self, timeout_ms, end);
  if (is_answer)
    *is_answer = frame != NULL;
  if (frame)
    return frame;
  return dnn_pipeline_executor_check_locked (self, error) ? make_empty_frame ()
                                                          : NULL;
}

/**
 * dnn_pipeline_executor_wait_output:
 * @timeout_ms: how long to wait at most; -1: as long as it takes
 *
 * Blocks until the next frame is ready. All who wait, here or with
 * dnn_pipeline_executor_get_output_async(), get frames in the order in which
 * they asked.
 *
 * Returns: (transfer container) (element-type DnnTensor): its outputs; without
 *   elements when the time is over, or the frame was dropped by an element of
 *   the pipeline. %NULL with the error that stopped the pipeline, also while
 *   waiting
 */
GPtrArray *
dnn_pipeline_executor_wait_output (
    DnnPipelineExecutor *self, gint timeout_ms, GError **error)
{
  return dnn_pipeline_executor_wait_answer (self, timeout_ms, NULL, error);
}

/* ---- those who are called ----------------------------------------------- */

/* Takes it out of the line; NULL: it has its answer already, or gets it soon.
 * The lock is held. */
static Waiter *
remove_task (DnnPipelineExecutor *self, GTask *task)
{
  for (GList *link = self->waiters.head; link; link = link->next) {
    Waiter *waiter = link->data;
    if (waiter->task == task) {
      g_queue_delete_link (&self->waiters, link);
      return waiter;
    }
  }
  return NULL;
}

static void
cancel_task (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  DnnPipelineExecutor *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  Waiter *waiter;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  g_mutex_lock (&self->lock);
  waiter = remove_task (self, task);
  g_mutex_unlock (&self->lock);
  if (waiter)
    return_task (waiter, error);
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

/* (nullable): no answer yet, it stands in line. Otherwise @waiter has one, or
 * there is an error. Takes @waiter. */
static Waiter *
enqueue_task (DnnPipelineExecutor *self, Waiter *waiter, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!dnn_pipeline_executor_check_locked (self, error))
    return waiter;
  waiter->frame = g_queue_pop_head (&self->frames);
  if (waiter->frame)
    return waiter;
  g_queue_push_tail (&self->waiters, waiter);
  return NULL;
}

/**
 * dnn_pipeline_executor_get_output_async:
 * @cancellable: (nullable): ends the waiting; the frame stays for others
 * @callback: (scope async): called in the thread-default main context of now,
 *   when the next frame is ready
 * @user_data: for @callback
 *
 * Asks for the next frame. Those who ask get frames in the order in which they
 * asked. The executor lives until it has answered.
 */
void
dnn_pipeline_executor_get_output_async (DnnPipelineExecutor *self,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  Waiter *waiter;

  g_task_set_source_tag (task, dnn_pipeline_executor_get_output_async);
  /* A frame that was given to it isn't lost by a cancellation that comes
   * before the callback. */
  g_task_set_check_cancellable (task, FALSE);
  if (g_cancellable_set_error_if_cancelled (cancellable, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  if (cancellable)
    watch_cancellable (task, cancellable);
  waiter = g_new0 (Waiter, 1);
  waiter->task = g_object_ref (task);
  waiter = enqueue_task (self, waiter, &error);
  if (waiter)
    return_task (waiter, error);
  else if (g_cancellable_is_cancelled (cancellable))
    cancel_task (cancellable, task);
}

/**
 * dnn_pipeline_executor_get_output_finish:
 *
 * Returns: (transfer container) (element-type DnnTensor): the frame's outputs;
 *   without elements where it was dropped by an element of the pipeline. %NULL
 *   with the error that stopped the pipeline, or G_IO_ERROR_CANCELLED
 */
GPtrArray *
dnn_pipeline_executor_get_output_finish (
    DnnPipelineExecutor *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
