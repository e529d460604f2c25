/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* State of a runner, for gstdnnrunner.c and gstdnnrunner-run.c. */
#pragma once

#include "gst-plugin/module/gstdnnpending.h"
#include "gst-plugin/module/gstdnnrunner.h"

G_BEGIN_DECLS

struct _GstDnnRunner
{
  DnnModule *module;
  DnnInstance *instance;
  GstDnnPending pending;
  GstDnnAllocator *allocator;
  guint n_inputs, n_outputs;
  DnnShape accepted[GST_DNN_MAX_TENSORS]; /* the module's and the option's */
  GstDnnTensorsInfo offered; /* the same, open batch 1, as on a link */

  /* streaming thread */
  GstDnnTensorsInfo prepared; /* static; no tensors: not prepared */
  GstDnnTensorsInfo input, output; /* as negotiated */
  gpointer input_copies[GST_DNN_MAX_TENSORS]; /* of types that don't travel */
  gpointer output_copies[GST_DNN_MAX_TENSORS];

  GMutex lock;
  GstClockTime time; /* smoothed */
};

/* A run on zeros, and its time. In a thread of its own. */
void gst_dnn_runner_measure (GstDnnRunner *self);

/* Adds the time of a run. Any thread. */
void gst_dnn_runner_add_time (GstDnnRunner *self, GstClockTime time);

G_END_DECLS
