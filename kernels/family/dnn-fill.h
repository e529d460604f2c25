/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What operators share whose output is one pattern again and again:
 * ConstantOfShape, Expand, Tile. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* Input @idx is a list of at most DNN_MAX_RANK numbers, perhaps of open length.
 * SHAPE. */
gboolean dnn_fill_check_list (const DnnCall *call, guint idx, GError **error);

/* The first @size bytes of @data, @n times in all. */
void dnn_fill_repeat (gpointer data, gsize size, gsize n);

/* Output 0 is input 0 repeated along each dimension; @shape is the input's,
 * brought to the output's rank: a dimension of the output is a multiple of its.
 */
void dnn_fill_tile (const DnnCall *call, const DnnShape *shape,
    gconstpointer src, gpointer dst);

G_END_DECLS
