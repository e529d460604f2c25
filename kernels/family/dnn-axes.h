/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An input that lists axes → a set of dimensions: Squeeze, Unsqueeze,
 * reductions. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/**
 * dnn_axes_read:
 * @idx: position of the input, int64, one dimension; its value must be known
 * @rank: negative axes count from here
 * @axes: (out): bit i is set if axis i is listed
 *
 * Errors name the axis: VALUE outside [-rank, rank) or listed twice, SHAPE if
 * the input is no list.
 */
gboolean dnn_axes_read (
    const DnnCall *call, guint idx, gint rank, guint *axes, GError **error);

G_END_DECLS
