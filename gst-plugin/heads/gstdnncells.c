/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Size of a picture, number of candidates → strides. Next: gstdnnhead-cells.c.
 */
#include "config.h"

#include "gst-plugin/heads/gstdnncells.h"

#define FIRST_STRIDE 4

gint
gst_dnn_cells_count_side (gint size, gint stride)
{
  return (size + stride - 1) / stride;
}

gint64
gst_dnn_cells_count (const GstDnnCells *self, gint width, gint height)
{
  gint64 n = 0;

  for (gint i = 0; i < self->n_strides; i++)
    n += (gint64) gst_dnn_cells_count_side (width, self->strides[i]) *
        gst_dnn_cells_count_side (height, self->strides[i]);
  return n;
}

gboolean
gst_dnn_cells_find (GstDnnCells *self, gint width, gint height, gint n_anchors,
    gint64 n_candidates)
{
  if (width <= 0 || height <= 0)
    return FALSE;
  for (gint first = 0; first < GST_DNN_MAX_STRIDES; first++) {
    *self = (GstDnnCells){ .n_anchors = n_anchors };
    for (gint i = first;
         i < GST_DNN_MAX_STRIDES && FIRST_STRIDE << i <= MAX (width, height);
         i++) {
      self->strides[self->n_strides++] = FIRST_STRIDE << i;
      if (gst_dnn_cells_count (self, width, height) * n_anchors == n_candidates)
        return TRUE;
    }
  }
  *self = (GstDnnCells){ 0 };
  return FALSE;
}
