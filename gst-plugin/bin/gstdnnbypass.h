/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Around an element of somebody else in a pipeline: frames without memory go
 * past it, in order, frames that lose their key in it get it back, and a frame
 * that is dropped in it leaves as one without memory.
 *
 * A frame counts as dropped when a later one has left, or when an event that
 * was sent behind it has left and nothing has its buffer or metadata any more.
 * An element that answers later should keep one of these; where one doesn't,
 * that is noticed with its first answer, and events say nothing from then on.
 *
 * One buffer a frame leaves, by its key, its time, or in order; what comes
 * beyond is dropped. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstDnnBypass GstDnnBypass;

/* @element has the static pads sink and src. (transfer full) */
GstDnnBypass *gst_dnn_bypass_new (GstElement *element);
void gst_dnn_bypass_unref (GstDnnBypass *self);

/* Nothing is in the element any more. */
void gst_dnn_bypass_reset (GstDnnBypass *self);

G_END_DECLS
