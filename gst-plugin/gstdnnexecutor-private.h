/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the files of DnnPipelineExecutor share: its fields, its state of
 * failure, what becomes of a sample. */
#pragma once

#include <gst/app/gstappsink.h>

#include "gst-plugin/gstdnnexecutor-tensors.h"
#include "gst-plugin/gstdnnexecutor.h"

G_BEGIN_DECLS

/* A global input. */
typedef struct
{
  gchar *name;
  DnnType type; /* DNN_TYPE_INVALID: an element's, anything */
  DnnShape shape;
  GstElement *source; /* appsrc, the pipeline's */
  DnnTensor *tensor; /* (nullable); the lock */
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
  GstElement *pipeline, *bin;

  GMutex running; /* one frame is sent at a time, inputs in the same order */
  GMutex lock; /* guards the rest; never held while calling others */
  GCond changed; /* a frame has come, or the error */
  GQueue frames; /* GPtrArray * of DnnTensor *: nobody got them yet */
  GQueue tasks; /* GTask * that wait */
  GError *error; /* (nullable): the first one; stays */
  guint n_in_flight, max_in_flight;
  guint64 n_frames;
};

/* Keeps the first error and wakes all who wait. Takes @error. Any thread. */
void dnn_pipeline_executor_fail (DnnPipelineExecutor *self, GError *error);
/* FALSE with the error that stopped the pipeline. */
gboolean dnn_pipeline_executor_check (
    DnnPipelineExecutor *self, GError **error);

/* Callback of appsink: sample → frame, for whoever waited first. */
GstFlowReturn dnn_pipeline_executor_take_sample (
    GstAppSink *sink, gpointer user_data);

void dnn_pipeline_executor_init_waiting (DnnPipelineExecutor *self);
void dnn_pipeline_executor_clear_waiting (DnnPipelineExecutor *self);

G_END_DECLS
