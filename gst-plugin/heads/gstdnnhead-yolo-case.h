/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What heads of the YOLO family share: tensor of candidates, evidence → which
 * axis is which, what the numbers of a candidate mean. Next: gstdnnhead-yolo.c,
 * gstdnnhead-yolov10.c. */
#pragma once

#include "gst-plugin/heads/gstdnnhead-case.h"

G_BEGIN_DECLS

/* Numbers of a box. */
#define GST_DNN_YOLO_N_BOX 4

/* What the graph says of the numbers of a candidate. */
typedef struct
{
  gboolean known;
  GstDnnMade made; /* the box */
  gfloat extent;
  GstDnnPart scores; /* the first of them */
  gint n_scores; /* -1: something else than scores follows the box */
  gint objectness; /* 1: it has one of its own; 0: it has none; -1: not said */
} GstDnnYoloCase;

/* Pictures as they were trained with. */
#define GST_DNN_YOLO_INPUT                              \
  {                                                     \
    GST_DNN_COLOR_RGB, GST_DNN_RESIZE_LETTERBOX, { 0 }, \
    {                                                   \
      1.0 / 255, 1.0 / 255, 1.0 / 255                   \
    }                                                   \
  }

/* FALSE: it is no tensor of candidates with @n_fixed numbers before the scores
 * of at least one class. @is_usual: the head's exporter has candidates
 * innermost. */
gboolean gst_dnn_yolo_match_shape (GstDnnHeadCase *question, gint n_fixed,
    gboolean is_usual, GstDnnHeadSetup *setup, GstDnnYoloCase *candidate);

/* What the exporters write, unless the graph or the user says otherwise. */
void gst_dnn_yolo_set_meaning (const GstDnnHeadCase *question,
    const GstDnnYoloCase *candidate, GstDnnHeadSetup *setup);

/* Whether its candidates can be those of any head with scores behind boxes. */
GstDnnFit gst_dnn_yolo_check (
    GstDnnHeadCase *question, const GstDnnYoloCase *candidate);

/* Whether an objectness stands before the scores: 1, 0; -1: nothing says. */
gint gst_dnn_yolo_find_objectness (const GstDnnHeadCase *question,
    const GstDnnHeadSetup *setup, const GstDnnYoloCase *candidate);

G_END_DECLS
