/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Heads: how a family of detectors writes boxes into its output tensors.
 * Tensors → candidate boxes in model pixels. What a number means is decided
 * once, from settings, the graph (gstdnnevidence.h) and shapes, never from the
 * numbers of a frame. Adding one: its file, one row in gstdnnhead.c. Next:
 * gstdnnhead-case.h, gstdnnnms.h, gstdnndetect.c. */
#pragma once

#include "gst-plugin/heads/gstdnncells.h"
#include "gst-plugin/evidence/gstdnnevidence.h"
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
  GST_DNN_HEAD_YOLOX,
  GST_DNN_HEAD_NANODET,
  GST_DNN_HEAD_YUNET,
} GstDnnHeadId;

/* What is still to be done to scores before they are probabilities. */
typedef enum
{
  GST_DNN_ACTIVATION_AUTO, /* what the graph says */
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

/* What the four numbers of a box are. */
typedef enum
{
  GST_DNN_BOX_UNITS_AUTO, /* what the graph says, else what the models do */
  GST_DNN_BOX_UNITS_PIXELS, /* of the model's input */
  GST_DNN_BOX_UNITS_NORMALISED, /* the picture is 1 wide and 1 high */
  GST_DNN_BOX_UNITS_PRIORS, /* offsets from what the head's models begin with */
} GstDnnBoxUnits;

/* Along which dimension (but for the batch) the numbers of a candidate lie. */
typedef enum
{
  GST_DNN_BOX_AXIS_AUTO,
  GST_DNN_BOX_AXIS_FIRST, /* 1×V×N */
  GST_DNN_BOX_AXIS_LAST, /* 1×N×V */
} GstDnnBoxAxis;

/**
 * GstDnnHeadSettings:
 * @tensors: (nullable): "boxes=1,scores=0": which tensor is what, by number or
 *   name
 *
 * What the user has said.
 */
typedef struct
{
  GstDnnHeadId id;
  GstDnnActivation activation;
  GstDnnBoxOrder box_order;
  GstDnnBoxUnits box_units;
  GstDnnBoxAxis box_axis;
  const gchar *tensors;
} GstDnnHeadSettings;

/* One box, in pixels of the model's input. */
typedef struct
{
  gfloat x0, y0, x1, y1;
  gfloat score;
  gint label_id;
} GstDnnBox;

/* Most tensors that a head uses. */
#define GST_DNN_HEAD_ROLES 16

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
 * @cells: where candidates lie, for heads that need it; prepare finds it
 * @activation: what is still to be done to scores
 * @box_order: as resolved by the head
 * @box_units: likewise
 * @model_w: width of the model's input, pixels
 * @model_h: height
 * @score_threshold: boxes below are not made
 *
 * What a head has found out, and what it is to do.
 */
typedef struct
{
  gint tensor[GST_DNN_HEAD_ROLES];
  gint n_boxes, n_values, n_classes, n_batch;
  gboolean transposed;
  gint grid_w;
  GstDnnCells cells;
  GstDnnActivation activation;
  GstDnnBoxOrder box_order;
  GstDnnBoxUnits box_units;
  gint model_w, model_h;
  gfloat score_threshold;
} GstDnnHeadSetup;

/* What the models of a head usually expect; a property or a model's own
 * information comes first. */
typedef struct
{
  GstDnnColor color;
  GstDnnResize resize;
  gdouble mean[3], scale[3]; /* in the order of the tensor's channels */
} GstDnnHeadInput;

/* How well tensors fit a head. */
typedef enum
{
  GST_DNN_FIT_NO,
  GST_DNN_FIT_IF_ASKED, /* nothing in the graph speaks for it or against it */
  GST_DNN_FIT_YES, /* there is evidence for it */
} GstDnnFit;

/**
 * GstDnnHeadCase:
 * @info: shapes are known in all dimensions
 * @evidence: (nullable): one entry for each tensor of @info
 * @n_labels: classes that have names; 0: not known
 * @guesses: names of properties, with commas between: what nothing has said
 * @doubts: why the head can't be the right one
 *
 * What a head is asked.
 */
typedef struct
{
  const GstDnnTensorsInfo *info;
  const GstDnnEvidence *evidence;
  const GstDnnHeadSettings *settings;
  guint n_labels;
  GString *guesses, *doubts;
} GstDnnHeadCase;

/**
 * GstDnnHead:
 * @shapes_text: what @match looks for, for messages
 * @evidence_text: what has to speak for it where nobody has named it
 * @match: whether the tensors can be this head's; fills @setup
 * @prepare: (nullable): the size of the model's input is known, or another
 *   than before
 * @decode: appends the boxes of one item of the batch to @boxes. @tensors:
 *   float32, in the order of the stream
 */
typedef struct
{
  GstDnnHeadId id;
  const gchar *name;
  const gchar *doc;
  const gchar *shapes_text;
  const gchar *evidence_text;
  gdouble score_threshold, iou_threshold;
  GstDnnHeadInput input;
  const gchar *const *labels; /* NULL: only the user knows */
  GstDnnFit (*match) (GstDnnHeadCase *question, GstDnnHeadSetup *setup);
  gboolean (*prepare) (GstDnnHeadSetup *setup, GError **error);
  void (*decode) (const GstDnnHeadSetup *setup, const gfloat *const *tensors,
      gint batch_idx, GArray *boxes);
} GstDnnHead;

extern const GstDnnHead gst_dnn_head_yolov8;
extern const GstDnnHead gst_dnn_head_yolov5;
extern const GstDnnHead gst_dnn_head_yolov10;
extern const GstDnnHead gst_dnn_head_yolox;
extern const GstDnnHead gst_dnn_head_ssd;
extern const GstDnnHead gst_dnn_head_ultraface;
extern const GstDnnHead gst_dnn_head_fastestdet;
extern const GstDnnHead gst_dnn_head_nanodet;
extern const GstDnnHead gst_dnn_head_yunet;

/* What models expect, in the structure of a question, and out of it again:
 * %FALSE where it is not there. */
void gst_dnn_query_set_input (
    GstStructure *structure, const GstDnnHeadInput *input);
gboolean gst_dnn_query_get_input (
    const GstStructure *structure, GstDnnHeadInput *input);

/* Whether evidence is of these tensors: an element between may have made
 * others. */
gboolean gst_dnn_evidence_is_of (
    const GstDnnEvidence *self, const GstDnnTensorsInfo *info);

/* The tensors that it is of; %FALSE where types or shapes are not all known. */
gboolean gst_dnn_evidence_get_info (
    const GstDnnEvidence *self, GstDnnTensorsInfo *info);

/* The head of that id; %NULL for auto. */
const GstDnnHead *gst_dnn_head_get (GstDnnHeadId id);

/**
 * gst_dnn_head_choose:
 * @evidence: (nullable): left aside where it is of other tensors than @info's
 * @setup: (out): what the head found
 * @guesses: (out) (optional): names of properties that should be set, since
 *   nothing has said what they say; "" for none
 *
 * Returns: the head; %NULL with %DNN_ERROR_SHAPE or %DNN_ERROR_VALUE, naming
 *   what was found and what was looked for
 */
const GstDnnHead *gst_dnn_head_choose (const GstDnnHeadSettings *settings,
    const GstDnnTensorsInfo *info, const GstDnnEvidence *evidence,
    guint n_labels, GstDnnHeadSetup *setup, gchar **guesses, GError **error);

/* The model's input has this size: %FALSE with %DNN_ERROR_SHAPE where the
 * candidates are not those of it. */
gboolean gst_dnn_head_set_size (const GstDnnHead *self, GstDnnHeadSetup *setup,
    gint width, gint height, GError **error);

G_END_DECLS
