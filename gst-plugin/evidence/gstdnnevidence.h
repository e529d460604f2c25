/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a model's graph says of the numbers in its outputs: a graph → for each
 * output its name, what was done to its parts, and how large they get. A
 * decoder asks upstream for it; see gstdnnquery.h. Made by
 * gstdnnevidence-graph.c. Next: gstdnnhead.h. */
#pragma once

#include <gst/gst.h>

#include "pipeline-core/base/dnn-shape.h"
#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

/* Where the numbers come from, seen from the end of the graph. */
typedef enum
{
  GST_DNN_MADE_UNKNOWN,
  GST_DNN_MADE_RAW, /* a layer of the network, and nothing done to it but bias
                       and activation */
  GST_DNN_MADE_COMPUTED, /* by arithmetic behind the last layer */
  GST_DNN_MADE_CONSTANT,
  GST_DNN_MADE_INDEX, /* a position: ArgMax, TopK */
} GstDnnMade;

/* The last activation, if nothing was done to the numbers since. */
typedef enum
{
  GST_DNN_SEEN_NONE,
  GST_DNN_SEEN_SIGMOID, /* probabilities, each by itself */
  GST_DNN_SEEN_SOFTMAX, /* probabilities that sum to 1 */
  GST_DNN_SEEN_LOG_SOFTMAX,
} GstDnnSeen;

/**
 * GstDnnPart:
 * @size: of it along the axis
 * @extent: about how large the numbers get; 0 where the graph does not say
 * @n: elements, of constants only
 * @is_table: a constant with more than one dimension that is not 1
 *
 * Neighbours of one kind along an axis of a tensor.
 */
typedef struct
{
  gint64 size;
  GstDnnMade made;
  GstDnnSeen seen;
  gfloat extent;
  gint64 n;
  gboolean is_table;
} GstDnnPart;

#define GST_DNN_MAX_PARTS 16

/* A tensor made of parts; @axis -1: of one kind, that of the only part. */
typedef struct
{
  gint axis;
  guint n_parts;
  GstDnnPart parts[GST_DNN_MAX_PARTS];
} GstDnnParts;

/**
 * GstDnnOutput:
 * @name: the model's name of it
 * @chosen: the surest candidates were picked inside: TopK, NonMaxSuppression
 *
 * What the graph says of one output.
 */
typedef struct
{
  gchar *name;
  DnnType type;
  DnnShape shape;
  GstDnnParts parts;
  gboolean chosen;
} GstDnnOutput;

/**
 * GstDnnEvidence:
 * @outputs: (element-type GstDnnOutput): in the order of the stream
 * @model_w: width of the picture that the model takes; 0: not known
 * @model_h: height
 * @modelinfo: (nullable): text of the .modelinfo file beside the model
 * @names: (nullable): what the file says its classes are, as it spells it
 *
 * Does not change once it is made; counted.
 */
typedef struct
{
  gatomicrefcount ref_count;
  GPtrArray *outputs;
  gint model_w, model_h;
  gchar *modelinfo;
  gchar *names;
} GstDnnEvidence;

#define GST_TYPE_DNN_EVIDENCE (gst_dnn_evidence_get_type ())
GType gst_dnn_evidence_get_type (void);

/* Without outputs; gst_dnn_evidence_add() while nobody else has it. */
GstDnnEvidence *gst_dnn_evidence_new (void);
GstDnnEvidence *gst_dnn_evidence_ref (GstDnnEvidence *self);
void gst_dnn_evidence_unref (GstDnnEvidence *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnEvidence, gst_dnn_evidence_unref)

/* Appends a copy of @output. */
void gst_dnn_evidence_add (GstDnnEvidence *self, const GstDnnOutput *output);

/* Size of the picture, model information and names of classes, where @self has
 * none of its own. */
void gst_dnn_evidence_take_model (
    GstDnnEvidence *self, const GstDnnEvidence *other);

/* Output @idx; %NULL where there is none. @self may be %NULL. */
const GstDnnOutput *gst_dnn_evidence_get (
    const GstDnnEvidence *self, guint idx);

/* (transfer full): "scores 1×9×2: softmax; boxes 1×9×4: from the network" */
gchar *gst_dnn_evidence_to_string (const GstDnnEvidence *self);

/* Asks upstream of sink pad @pad: what the module there knows of what it sends.
 * (transfer full) (nullable) */
GstDnnEvidence *gst_dnn_evidence_ask (GstPad *pad);
/* What it will send when a picture of that size comes. */
GstDnnEvidence *gst_dnn_evidence_ask_for_size (
    GstPad *pad, gint width, gint height);

/* For the query function of a module's source pad, see gstdnnquery.h. */
void gst_dnn_evidence_answer (GstQuery *query, GstDnnEvidence *self);

G_END_DECLS
