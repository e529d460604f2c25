/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Cells of a picture at the strides of a detector: a size in pixels and a
 * number of candidates → strides. Next: gstdnnhead-cells.c. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GST_DNN_MAX_STRIDES 6

/**
 * GstDnnCells:
 * @n_anchors: candidates in each cell
 * @n_strides: 0: not known
 * @strides: pixels from cell to cell, ascending, each twice the one before
 *
 * How candidates lie on the picture: stride by stride, row by row, the anchors
 * of a cell side by side.
 */
typedef struct
{
  gint n_anchors;
  gint n_strides;
  gint strides[GST_DNN_MAX_STRIDES];
} GstDnnCells;

/* Cells of a side of @size pixels. */
gint gst_dnn_cells_count_side (gint size, gint stride);

/* All cells of @width × @height. */
gint64 gst_dnn_cells_count (const GstDnnCells *self, gint width, gint height);

/* Some strides of 4 to 128, none longer than the picture, whose cells, with so
 * many anchors, are @n_candidates. %FALSE if there are none, or a side is not
 * known (0). */
gboolean gst_dnn_cells_find (GstDnnCells *self, gint width, gint height,
    gint n_anchors, gint64 n_candidates);

G_END_DECLS
