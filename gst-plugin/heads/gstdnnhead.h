/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads: how a family of detectors writes boxes into its output tensors.
 * Tensors → candidate boxes in model pixels. Adding one: its file, one row in
 * gstdnnhead.c. Next: gstdnnnms.h, gstdnndetect.c. */
#pragma once

#include "gst-plugin/pixels/gstdnnpixels.h"
#include "gst-plugin/stream/gstdnncaps.h"

G_BEGIN_DECLS

typedef enum
{
  GST_DNN_HEAD_AUTO,
  GST_DNN_HEAD_YOLOV8,
  GST_DNN_HEAD_YOLOV5,
  GST_DNN_HEAD_YOLOV10,
  GST_DNN_HEAD_SSD,
  GST_DNN_HEAD_ULTRAFACE,
  GST_DNN_HEAD_FASTESTDET,
} GstDnnHeadId;

/* What is still to be done to scores before they are probabilities. */
typedef enum
{
  GST_DNN_ACTIVATION_AUTO, /* what the head's values show */
  GST_DNN_ACTIVATION_NONE,
  GST_DNN_ACTIVATION_SIGMOID,
  GST_DNN_ACTIVATION_SOFTMAX,
} GstDnnActivation;

/* Order of the four numbers of a box. */
typedef enum
{
  GST_DNN_BOX_AUTO, /* what the head's models do */
  GST_DNN_BOX_XYXY, /* left, top, right, bottom */
  GST_DNN_BOX_YXYX, /* top, left, bottom, right */
  GST_DNN_BOX_CXCYWH, /* centre, width, height */
} GstDnnBoxOrder;

/* One box, in pixels of the model's input. */
typedef struct
{
  gfloat x0, y0, x1, y1;
  gfloat score;
  gint label_id;
} GstDnnBox;

/* Most tensors that a head uses. */
#define GST_DNN_HEAD_ROLES 4

/**
 * GstDnnHeadSetup:
 * @tensor: index of the tensor with each role, -1 for an absent one; the
 *   roles are the head's own
 * @n_boxes: candidates in one item of the batch
 * @n_values: numbers of each candidate
 * @n_classes: classes that have scores; 0 where there are ids instead
 * @n_batch: items in the batch
 * @transposed: candidates lie innermost
 * @grid_w: cells in a row, for heads with a grid
 * @activation: as resolved by the element
 * @box_order: as resolved by the head
 * @model_w: width of the model's input, pixels
 * @model_h: height
 * @score_threshold: boxes below are not made
 *
 * What a head has found in the shapes, and what it is to do.
 */
typedef struct
{
  gint tensor[GST_DNN_HEAD_ROLES];
  gint n_boxes, n_values, n_classes, n_batch;
  gboolean transposed;
  gint grid_w;
  GstDnnActivation activation;
  GstDnnBoxOrder box_order;
  gint model_w, model_h;
  gfloat score_threshold;
} GstDnnHeadSetup;

/* What the models of a head usually expect; a property or a model's own
 * information comes first. */
typedef struct
{
  GstDnnColor color;
  GstDnnResize resize;
  gdouble mean, scale;
} GstDnnHeadInput;

/**
 * GstDnnHead:
 * @shapes_text: what @match looks for, for messages
 * @match: whether the tensors can be this head's; fills @setup. @n_labels is 0
 *   where labels are not known; @automatic: the user has not named the head,
 *   so only what is likely counts. Shapes are known in all dimensions
 * @decode: appends the boxes of one item of the batch to @boxes. @tensors:
 *   float32, in the order of the stream
 */
typedef struct
{
  GstDnnHeadId id;
  const gchar *name;
  const gchar *doc;
  const gchar *shapes_text;
  gdouble score_threshold, iou_threshold;
  GstDnnHeadInput input;
  const gchar *const *labels; /* NULL: only the user knows */
  gboolean (*match) (const GstDnnTensorsInfo *info, guint n_labels,
      gboolean automatic, GstDnnHeadSetup *setup);
  void (*decode) (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
      gint batch_idx, GArray *boxes);
} GstDnnHead;

extern const GstDnnHead gst_dnn_head_yolov8;
extern const GstDnnHead gst_dnn_head_yolov5;
extern const GstDnnHead gst_dnn_head_yolov10;
extern const GstDnnHead gst_dnn_head_ssd;
extern const GstDnnHead gst_dnn_head_ultraface;
extern const GstDnnHead gst_dnn_head_fastestdet;

/* The head of that id; %NULL for auto. */
const GstDnnHead *gst_dnn_head_get (GstDnnHeadId id);

/**
 * gst_dnn_head_choose:
 * @id: the user's choice, or auto
 * @setup: (out): what the head found
 *
 * Returns: the head; %NULL with %DNN_ERROR_SHAPE, naming what was found and
 *   what was expected
 */
const GstDnnHead *gst_dnn_head_choose (GstDnnHeadId id,
    const GstDnnTensorsInfo *info, guint n_labels, GstDnnHeadSetup *setup,
    GError **error);

/* For heads. */

/* @shape with exactly @rank dimensions after dropping or adding outermost 1s;
 * %FALSE if that can't be. */
gboolean gst_dnn_head_get_dims (const DnnShape *shape, gint rank, gint64 *dims);
gfloat gst_dnn_sigmoid (gfloat x);

/* Index of the greatest of @n values, @step apart. */
gint gst_dnn_argmax (const gfloat *values, gint n, gsize step);

/* Corners of a box given in @order; @scale_x, @scale_y: to pixels. */
void gst_dnn_box_set (GstDnnBox *box, GstDnnBoxOrder order,
    const gfloat values[4], gfloat scale_x, gfloat scale_y);

G_END_DECLS
