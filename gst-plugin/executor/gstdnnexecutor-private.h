/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the files of DnnPipelineExecutor share: its fields, its state of
 * failure, what becomes of a sample. */
#pragma once

#include <gst/app/gstappsink.h>

#include "gst-plugin/executor/gstdnnexecutor-serial.h"
#include "gst-plugin/executor/gstdnnexecutor-tensors.h"
#include "gst-plugin/executor/gstdnnexecutor.h"

G_BEGIN_DECLS

/* A global input. */
typedef struct
{
  gchar *name;
  DnnType type; /* DNN_TYPE_INVALID: an element's, anything */
  DnnShape shape;
  GstElement *source; /* appsrc, the pipeline's */
  gboolean is_late; /* it feeds no module that runs first */
  DnnTensor *tensor; /* (nullable): of the next frame, unless some wait; the
                        lock */
  GQueue waiting; /* DnnTensor *: of the next frames, one each; the lock */
} Input;

struct _DnnPipelineExecutor
{
  GObject parent;

  /* made once */
  DnnPipelineConfig *config;
  Input *inputs;
  guint n_inputs;
  GstDnnOutput *outputs;
  guint n_outputs;
  GstElement *pipeline, *bin; /* NULL: serial */
  GstDnnExecutorSerial *serial; /* NULL: a pipeline */

  GMutex running; /* one frame is sent at a time, inputs in the same order */
  GMutex lock; /* guards the rest; never held while calling others */
  GArray *sent; /* serials of frames that are in the pipeline, oldest first */
  guint64 newest; /* serial of the frame run last; 0: none was */
  GQueue frames; /* GPtrArray * of DnnTensor *: answers nobody got yet */
  GQueue waiters; /* Waiter *, in the order they asked; none while there are
                     frames */
  GError *error; /* (nullable): the first one; stays */
  guint max_in_flight;
  guint64 n_frames;
};

/* Keeps the first error and wakes all who wait. Takes @error. Any thread. */
void dnn_pipeline_executor_fail (DnnPipelineExecutor *self, GError *error);
/* FALSE with the error that stopped the pipeline. */
gboolean dnn_pipeline_executor_check (
    DnnPipelineExecutor *self, GError **error);
/* The same, with the lock held. */
gboolean dnn_pipeline_executor_check_locked (
    DnnPipelineExecutor *self, GError **error);

/* Frames that were run and not got yet. The lock is held. */
guint dnn_pipeline_executor_count_in_flight (DnnPipelineExecutor *self);

/* gstdnnexecutor-pipeline.c: appsrc … appsink, and its first state. */
gboolean dnn_pipeline_executor_build (
    DnnPipelineExecutor *self, GError **error);
gboolean dnn_pipeline_executor_start (
    DnnPipelineExecutor *self, GError **error);
/* Of a frame's tensors, by global input. (transfer full) */
GPtrArray *dnn_pipeline_executor_make_samples (GPtrArray *tensors,
    guint64 number, const GstDnnFrameKey *key, GError **error);
gboolean dnn_pipeline_executor_push_samples (
    DnnPipelineExecutor *self, GPtrArray *samples, GError **error);

/* The answer to frame @serial, which is taken. Any thread. */
void dnn_pipeline_executor_add_frame (
    DnnPipelineExecutor *self, guint64 serial, GPtrArray *frame);

/* Callbacks of appsink: sample → answer, for whoever asked first; the end of
 * the stream, which nobody here asks for. */
GstFlowReturn dnn_pipeline_executor_take_sample (
    GstAppSink *sink, gpointer user_data);
void dnn_pipeline_executor_take_eos (GstAppSink *sink, gpointer user_data);

void dnn_pipeline_executor_init_waiting (DnnPipelineExecutor *self);
void dnn_pipeline_executor_clear_waiting (DnnPipelineExecutor *self);

G_END_DECLS
