/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What sinking of transposes shares: permutations, and how each operator looks
 * in another order of dimensions. */
#pragma once

#include "compiler/passes/dnn-pass.h"

G_BEGIN_DECLS

/* Dimension i of what is seen is dimension dims[i] of what there is. */
typedef struct
{
  gint rank;
  gint dims[DNN_MAX_RANK];
} DnnOrder;

gboolean dnn_order_equal (const DnnOrder *a, const DnnOrder *b);
gboolean dnn_order_is_identity (const DnnOrder *self);
/* @second of what is seen by @first. */
DnnOrder dnn_order_join (const DnnOrder *first, const DnnOrder *second);
/* Of a Transpose; FALSE where it isn't known. */
gboolean dnn_order_read (const DnnNode *node, DnnOrder *self);

/* How an operator takes part. */
typedef enum
{
  DNN_SINK_NEVER,
  DNN_SINK_ELEMENTS, /* all inputs are broadcast */
  DNN_SINK_FIRST, /* input 0 element by element; others are single numbers */
  DNN_SINK_CONCAT, /* all inputs, along an axis */
  DNN_SINK_AXIS, /* input 0, along an axis */
  DNN_SINK_REDUCE, /* input 0, over axes of an input */
  DNN_SINK_LISTS, /* input 0; the others say something of each dimension */
} DnnSink;

DnnSink dnn_sink_find (const DnnNode *node);

/* Whether @node can work on what is there instead of what is seen in @order,
 * which its inputs of that kind have; then the order of its results. */
gboolean dnn_sink_check (
    const DnnNode *node, DnnSink sink, const DnnOrder *order, DnnOrder *result);

/* Makes it so: attributes and lists. Tensors that are inputs are the caller's
 * business. */
void dnn_sink_apply (
    DnnGraph *graph, DnnNode *node, DnnSink sink, const DnnOrder *order);

G_END_DECLS
