/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A feature map read between its elements: what GridSample does at one place.
 */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Most spatial dimensions. */
#define DNN_SAMPLE_MAX 3

extern const gchar *const dnn_sample_modes[], *const dnn_sample_paddings[];

typedef enum
{
  DNN_SAMPLE_LINEAR,
  DNN_SAMPLE_NEAREST,
  DNN_SAMPLE_CUBIC,
} DnnSampleMode;

typedef enum
{
  DNN_SAMPLE_ZEROS,
  DNN_SAMPLE_BORDER,
  DNN_SAMPLE_REFLECTION,
} DnnSamplePadding;

/* A call, read, and the place that is read now: along each dimension the
 * elements (-1: 0 is read) and their shares. */
typedef struct
{
  DnnType type;
  DnnSampleMode mode;
  DnnSamplePadding padding;
  gboolean align;
  gint n;
  gint64 dims[DNN_SAMPLE_MAX];
  gint n_taps; /* 1, 2 or 4 */
  gint64 idx[DNN_SAMPLE_MAX][4];
  gdouble share[DNN_SAMPLE_MAX][4];
} DnnSample;

/* From input 0 and the attributes of GridSample. */
void dnn_sample_read (const DnnCall *call, DnnSample *self);
/* @at: by dimension, outermost first, from -1 to 1. */
void dnn_sample_place (DnnSample *self, const gdouble *at);
/* The plane from @base on, read there. */
void dnn_sample_store (const DnnSample *self, gconstpointer src, gint64 base,
    gpointer dst, gint64 idx);

G_END_DECLS
