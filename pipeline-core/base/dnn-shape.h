/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Shapes: a value type of fixed size, so that planning code copies it freely.
 */
#pragma once

#include <glib-object.h>

#include "pipeline-core/base/dnn-export.h"

G_BEGIN_DECLS

/* Highest rank anywhere in the product: oneDNN's own limit. */
#define DNN_MAX_RANK 12

/* An open dimension: known only when caps or frames say so. */
#define DNN_DIM_OPEN (-1)

/* Most bytes that one tensor may have: products are checked against it. */
#define DNN_MAX_TENSOR_BYTES (G_GINT64_CONSTANT (1) << 40)

/**
 * DnnShape:
 * @rank: number of dimensions, 0 for a scalar, -1 where even the rank is
 *   unknown
 * @dims: outermost first; DNN_DIM_OPEN for an open one
 */
typedef struct
{
  gint rank;
  gint64 dims[DNN_MAX_RANK];
} DnnShape;

#define DNN_TYPE_SHAPE (dnn_shape_get_type ())
DNN_API GType dnn_shape_get_type (void);

/* dnn_shape (4, 1, 3, 224, 224) */
DNN_API DnnShape dnn_shape (gint rank, ...);
/**
 * dnn_shape_of: (skip)
 * @rank: at most %DNN_MAX_RANK
 * @dims: outermost first
 *
 * Returns: the shape
 */
DNN_API DnnShape dnn_shape_of (gint rank, const gint64 *dims);
DNN_API gboolean dnn_shape_equal (const DnnShape *a, const DnnShape *b);

/* Known in all dimensions. */
DNN_API gboolean dnn_shape_is_known (const DnnShape *shape);

/* No known dimension of @a contradicts one of @b. */
DNN_API gboolean dnn_shape_compatible (const DnnShape *a, const DnnShape *b);

/* Number of elements, 1 for a scalar, -1 if open or above the limits; so is an
 * empty shape whose other dimensions are: its strides could not be counted. */
DNN_API gint64 dnn_shape_n_elements (const DnnShape *shape);

/* The same where open dimensions, and those that are 0, count as 1: what is
 * above the limits for this is so whatever frames bring, and what is not has
 * products of dimensions that don't overflow. */
DNN_API gint64 dnn_shape_n_least (const DnnShape *shape);

/* "1×3×224×224", "?" for an open dimension, "scalar", "unknown rank". */
DNN_API gchar *dnn_shape_to_string (const DnnShape *shape);

/**
 * dnn_shape_parse:
 * @text: "1,3,224,224" (also "1x3x…"); "-1" and "?" are open
 * @shape: (out caller-allocates): what it says
 *
 * Returns: %FALSE if it is no shape
 */
DNN_API gboolean dnn_shape_parse (const gchar *text, DnnShape *shape);

G_END_DECLS
