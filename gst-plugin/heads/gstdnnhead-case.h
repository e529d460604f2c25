/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What heads share: shapes, names and evidence → roles, units, activations; and
 * the arithmetic of boxes. Next: gstdnnhead-*.c. */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"

G_BEGIN_DECLS

/* --- What was found. */

/* Notes that nobody has said what @property says. */
void gst_dnn_case_guess (GstDnnHeadCase *self, const gchar *property);

/* Why not this head; returns GST_DNN_FIT_NO. */
GstDnnFit gst_dnn_case_doubt (GstDnnHeadCase *self, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

/* For heads whose models write boxes in one way only: GST_DNN_FIT_NO where the
 * user asks for another. */
GstDnnFit gst_dnn_case_check_fixed (GstDnnHeadCase *self);

/* @shape with exactly @rank dimensions after dropping or adding outermost 1s;
 * %FALSE if that can't be. */
gboolean gst_dnn_head_get_dims (const DnnShape *shape, gint rank, gint64 *dims);

/* What is known of tensor @idx; %NULL without evidence. */
const GstDnnOutput *gst_dnn_case_get (const GstDnnHeadCase *self, gint idx);

/* The parts of tensor @idx where it is seen in @rank dimensions, and their
 * axis there; %NULL where they are not known or parted by the batch. */
const GstDnnParts *gst_dnn_case_get_parts (
    const GstDnnHeadCase *self, gint idx, gint rank, gint *axis);

/* The only part of a tensor that is of one kind; %NULL without evidence. */
const GstDnnPart *gst_dnn_case_get_kind (const GstDnnHeadCase *self, gint idx);

/* The tensor that the user says has that role, -1 for none. */
gint gst_dnn_case_get_role (const GstDnnHeadCase *self, const gchar *role);

/* Whether the model's name of tensor @idx has one of the @n words in it. */
gboolean gst_dnn_case_is_named (
    const GstDnnHeadCase *self, gint idx, const gchar *const *words, guint n);

gboolean gst_dnn_part_is_probability (const GstDnnPart *part);

/* Units by how large the numbers get; auto where that doesn't say. */
GstDnnBoxUnits gst_dnn_part_get_units (const GstDnnPart *part);

/**
 * gst_dnn_case_get_activation:
 * @part: (nullable): of the scores
 * @raw: what numbers right from the network still need
 *
 * Returns: what is to be done to the scores: what the user says, else by the
 *   graph; auto where neither says
 */
GstDnnActivation gst_dnn_case_get_activation (
    const GstDnnHeadCase *self, const GstDnnPart *part, GstDnnActivation raw);

/* --- What is made of numbers. */

gfloat gst_dnn_sigmoid (gfloat x);

/* Index of the greatest of @n values, @step apart. */
gint gst_dnn_argmax (const gfloat *values, gint n, gsize step);

/* Corners of a box given in @order; @scale_x, @scale_y: to pixels. */
void gst_dnn_box_set (GstDnnBox *box, GstDnnBoxOrder order,
    const gfloat values[4], gfloat scale_x, gfloat scale_y);

/* Pixels per unit of the setup's boxes. */
void gst_dnn_head_get_scale (
    const GstDnnHeadSetup *setup, gfloat *scale_x, gfloat *scale_y);

/* For prepare: the strides at which the setup's candidates, @n_anchors a cell,
 * are those of the model's input. */
gboolean gst_dnn_head_find_cells (
    GstDnnHeadSetup *setup, gint n_anchors, GError **error);

G_END_DECLS
