/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A transposed convolution with strides as one convolution without: outputs
 * whose places differ by a multiple of the stride see the same weights, so
 * each of the stride's phases is a set of output channels of its own, and
 * what comes out is interleaved. Along one dimension, with
 * t = o + begin, output o belongs to phase t mod stride and stands at
 * q = t / stride there:
 *
 *   y[o] = Σ_j x[q - j] · w[phase + stride · j]
 */
#pragma once

#include "kernels/conv/dnn-conv.h"
#include "kernels/onednn/dnn-onednn-layout.h"

G_BEGIN_DECLS

/* What weights and bias of the convolution hang on. */
typedef struct
{
  gint64 src_channels, dst_channels; /* of the transposed one */
  gint64 kernel[DNN_MAX_SPATIAL], stride[DNN_MAX_SPATIAL];
  gint64 taps[DNN_MAX_SPATIAL]; /* the convolution's kernel */
  gint64 n_phases; /* of all dimensions */
  gint64 step; /* channels from phase to phase */
} DnnPhaseWeights;

typedef struct
{
  DnnConv conv; /* the transposed one */
  DnnPhaseWeights weights;
  gint64 first[DNN_MAX_SPATIAL]; /* q of its first output */
  gint64 size[DNN_MAX_SPATIAL]; /* its outputs */
  gint threads;
  DnnLayout from, to;
} DnnPhases;

/* FALSE where it isn't that simple: dilation, groups, phases without weights,
 * inputs that nobody sees. weights.step, from and to are the
 * caller's. */
gboolean dnn_phases_init (DnnPhases *self, const DnnConv *conv);

/* The window of the convolution, which has stride 1. */
void dnn_phases_get_window (const DnnPhases *self, DnnWindow *window);

/* How many channels it has. */
gint64 dnn_phases_get_channels (const DnnPhases *self);

/* The convolution's weights, outputs × inputs × taps, from W, and its bias from
 * B: how a recipe fills them. @data: DnnPhaseWeights. */
void dnn_phases_fill_weights (gconstpointer data, const gfloat *w, gfloat *to);
void dnn_phases_fill_bias (gconstpointer data, const gfloat *b, gfloat *to);

/* What the convolution made → output 0 of the transposed one. */
void dnn_phases_interleave (
    gconstpointer data, const DnnBinding *binding, gconstpointer result);

G_END_DECLS
