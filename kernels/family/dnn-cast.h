/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The same values in another type: Cast, CastLike. Such an operator is its
 * rows and an infer that sets the type of output 0. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* The type that ONNX gives this number (TensorProto.DataType). */
DnnType dnn_cast_type (gint64 number);

/* The type of attribute @key; UNSUPPORTED says which numbers there are. */
gboolean dnn_cast_read_type (
    const DnnCall *call, const gchar *key, DnnType *type, GError **error);

/* For the .doc of an attribute that is such a number. */
#define DNN_CAST_TYPE_DOC                                                   \
  "type, as the number that ONNX gives it: 1 float32, 2 uint8, 3 int8, "    \
  "4 uint16, 5 int16, 6 int32, 7 int64, 9 bool, 10 float16, 11 float64, "   \
  "12 uint32, 13 uint64, 16 bfloat16, 17 float8e4m3fn, 18 float8e4m3fnuz, " \
  "19 float8e5m2, 20 float8e5m2fnuz, 21 uint4, 22 int4, 23 float4e2m1, "    \
  "24 float8e8m0, 25 uint2, 26 int2"

/* Attributes of an operator of this family, beside what names the type. */
#define DNN_CAST_ATTRS                                                     \
  { .key = "saturate",                                                     \
    .kind = DNN_ATTR_INT,                                                  \
    .def = "1",                                                            \
    .max = 1,                                                              \
    .doc = "to 8-bit floats: what is too large becomes the largest; else " \
           "infinity or NaN" },                                            \
  {                                                                        \
    .key = "round_mode", .kind = DNN_ATTR_STRING, .def = "up",             \
    .choices = dnn_cast_round_modes, .doc = "to float8e8m0"                \
  }
extern const gchar *const dnn_cast_round_modes[]; /* up, down, nearest */

gboolean dnn_cast_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_cast_offer (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
