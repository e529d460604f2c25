/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where each output element of a Resize comes from: attributes, scales or
 * sizes in; for each axis a table of source indices and weights out. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* One axis. */
typedef struct
{
  gint64 n_src, n_dst;
  gdouble scale; /* dst / src, as given */
  gdouble width; /* scale · src: n_dst before it is rounded */
  gdouble roi_start, roi_end; /* of tf_crop_and_resize */
  gint n_taps; /* source elements an output element sees */
  gboolean is_identity;
} DnnResizeAxis;

typedef enum
{
  DNN_RESIZE_NEAREST,
  DNN_RESIZE_LINEAR,
  DNN_RESIZE_CUBIC,
} DnnResizeMode;

typedef struct
{
  gint rank;
  DnnResizeMode mode;
  gboolean crops; /* tf_crop_and_resize */
  DnnResizeAxis axes[DNN_MAX_RANK];
} DnnResize;

/* A source element and its share. idx -1: the output element lies outside the
 * source and is extrapolated. */
typedef struct
{
  gint64 idx;
  gdouble weight;
} DnnResizeTap;

/**
 * dnn_resize_read:
 * @values: bytes of the call's inputs by position: of roi, scales, sizes
 *   (where present) they must be there
 *
 * Open dimensions stay open in n_dst.
 */
gboolean dnn_resize_read (const DnnCall *call, gconstpointer const *values,
    DnnResize *self, GError **error);

/* The table of one axis: n_dst rows of n_taps. */
void dnn_resize_fill (
    const DnnCall *call, const DnnResizeAxis *axis, DnnResizeTap *taps);

/* Along one axis after the other; plain. dnn-resize-loop.c */
void dnn_resize_offer_loop (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
