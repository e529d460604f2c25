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
#define DNN_CAST_TYPE_DOC                                                 \
  "type, as the number that ONNX gives it: 1 float32, 2 uint8, 3 int8, "  \
  "4 uint16, 5 int16, 6 int32, 7 int64, 9 bool, 10 float16, 11 float64, " \
  "12 uint32, 13 uint64, 16 bfloat16"

gboolean dnn_cast_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_cast_offer (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
