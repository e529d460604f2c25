/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Candidate boxes → the surest of each object. Next: gstdnndetect.c. */
#include "config.h"

#include "gst-plugin/heads/gstdnnnms.h"

#include <math.h>

gfloat
gst_dnn_box_iou (const GstDnnBox *a, const GstDnnBox *b)
{
  gfloat w = MIN (a->x1, b->x1) - MAX (a->x0, b->x0);
  gfloat h = MIN (a->y1, b->y1) - MAX (a->y0, b->y0);
  gfloat both, all;

  if (!(w > 0 && h > 0))
    return 0;
  both = w * h;
  all = (a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) -
      both;
  return all > 0 ? both / all : 0;
}

/* Surest first; g_array_sort() is stable. */
static gint
compare_scores (gconstpointer a, gconstpointer b)
{
  gfloat score_a = ((const GstDnnBox *) a)->score;
  gfloat score_b = ((const GstDnnBox *) b)->score;

  return (score_a < score_b) - (score_a > score_b);
}

static gboolean
is_box (const GstDnnBox *box)
{
  return isfinite (box->x0) && isfinite (box->y0) && box->x1 > box->x0 &&
      box->y1 > box->y0 && isfinite (box->x1) && isfinite (box->y1);
}

void
gst_dnn_nms (GArray *boxes, gfloat iou_threshold, guint max)
{
  GstDnnBox *all = (GstDnnBox *) (gpointer) boxes->data;
  guint n_kept = 0;

  g_array_sort (boxes, compare_scores);
  for (guint i = 0; i < boxes->len && n_kept < max; i++) {
    gboolean keep = is_box (&all[i]);

    for (guint k = 0; keep && k < n_kept; k++)
      keep = all[k].label_id != all[i].label_id || iou_threshold >= 1 ||
          gst_dnn_box_iou (&all[k], &all[i]) <= iou_threshold;
    if (keep)
      all[n_kept++] = all[i];
  }
  g_array_set_size (boxes, n_kept);
}
