/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What operators do to the parts of a tensor: parts of the inputs → parts of
 * the output. Next: gstdnnevidence-graph.c. */
#pragma once

#include "gst-plugin/evidence/gstdnnevidence.h"

G_BEGIN_DECLS

/* One kind everywhere. */
void gst_dnn_parts_set (GstDnnParts *self, GstDnnMade made, GstDnnSeen seen);

/* The tensor has @shape and becomes @after, in the order of memory. */
void gst_dnn_parts_reshape (
    GstDnnParts *self, const DnnShape *shape, const DnnShape *after);

/* The entries @start to @start + @size along @axis are left. */
void gst_dnn_parts_cut (
    GstDnnParts *self, gint axis, gint64 start, gint64 size);

/* @next follows @self along @axis; @size, @next_size: of both along it. */
void gst_dnn_parts_join (GstDnnParts *self, const GstDnnParts *next, gint axis,
    gint64 size, gint64 next_size);

/* An activation, or another function of one tensor: @op in ONNX's spelling.
 * @most: upper bound of Clip, 0 where there is none. */
void gst_dnn_parts_apply (GstDnnParts *self, const gchar *op, gfloat most);

/* Add, Mul and their like; @shift, @other_shift: dimensions that the operand
 * lacks in front. */
void gst_dnn_parts_combine (GstDnnParts *self, const gchar *op, gint shift,
    const GstDnnParts *other, gint other_shift);

G_END_DECLS
