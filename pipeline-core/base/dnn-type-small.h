/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Numbers of 8 bits and fewer that C has no type for; each takes a byte. */
#pragma once

#include "pipeline-core/base/dnn-type.h"

G_BEGIN_DECLS

/* How what lies between two powers of two becomes one (float8e8m0). */
typedef enum
{
  DNN_ROUND_NEAREST,
  DNN_ROUND_UP,
  DNN_ROUND_DOWN,
} DnnRound;

gdouble dnn_small_get (DnnType type, guint8 bits);

/* Floating-point types round to nearest even. @saturates: what is larger, or
 * infinite, becomes the largest number, else infinity or NaN. @how: of
 * float8e8m0 only. Integers are cut towards 0 and saturate; NaN is 0. */
DNN_API guint8 dnn_small_set (
    DnnType type, gdouble value, gboolean saturates, DnnRound how);

/* The lowest bits of @value, with the sign that they have. */
DNN_API guint8 dnn_small_wrap (DnnType type, gint64 value);

/* How many of them a byte of an ONNX file holds, 1 for other types. */
DNN_API guint dnn_type_n_packed (DnnType type);

G_END_DECLS
