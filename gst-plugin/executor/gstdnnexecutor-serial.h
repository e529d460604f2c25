/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What no stream can carry (modules without inputs, tensors without elements):
 * tensors → a thread that runs the modules one after the other → tensors. */
#pragma once

#include "gst-plugin/executor/gstdnnexecutor.h"

G_BEGIN_DECLS

typedef struct _GstDnnExecutorSerial GstDnnExecutorSerial;

/* Caps can't say what some module of @config reads or writes, and no stage
 * needs a stream. */
gboolean gst_dnn_executor_serial_is_needed (DnnPipelineConfig *config);

/* @executor (not held) gets the answers, in the thread. */
GstDnnExecutorSerial *gst_dnn_executor_serial_new (
    DnnPipelineExecutor *executor, DnnPipelineConfig *config, GError **error);
/* Frames that wait are lost. Any thread but its own. */
void gst_dnn_executor_serial_free (GstDnnExecutorSerial *self);

/* Ends the thread; what is pushed later is lost. */
void gst_dnn_executor_serial_stop (GstDnnExecutorSerial *self);

/* @serial: of the frame. @inputs: DnnTensor *, by global input; taken. */
void gst_dnn_executor_serial_run (
    GstDnnExecutorSerial *self, guint64 serial, GPtrArray *inputs);
/* For frames to come; waits for those on their way. */
gboolean gst_dnn_executor_serial_set_params (GstDnnExecutorSerial *self,
    const gchar *group, DnnParams *params, GError **error);

G_END_DECLS
