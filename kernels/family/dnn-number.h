/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* One element of any type as double or as integer, and back: the innermost
 * step of every ref. Sums are taken in double, so that ref is the more exact
 * side of each comparison. */
#pragma once

#include "pipeline-core/base/dnn-type-small.h"

G_BEGIN_DECLS

static inline gboolean
dnn_type_is_float (DnnType type)
{
  return (DNN_TYPES_FLOAT & DNN_TYPE_BIT (type)) != 0;
}

static inline gboolean
dnn_type_is_unsigned (DnnType type)
{
  return type == DNN_TYPE_UINT8 || type == DNN_TYPE_UINT16 ||
      type == DNN_TYPE_UINT32 || type == DNN_TYPE_UINT64 ||
      type == DNN_TYPE_BOOL;
}

static inline gdouble
dnn_load (DnnType type, gconstpointer data, gsize idx)
{
  if (G_LIKELY (type == DNN_TYPE_FLOAT32))
    return ((const gfloat *) data)[idx];
  return dnn_type_get (type, data, idx);
}

static inline void
dnn_store (DnnType type, gpointer data, gsize idx, gdouble value)
{
  if (G_LIKELY (type == DNN_TYPE_FLOAT32))
    ((gfloat *) data)[idx] = (gfloat) value;
  else
    dnn_type_set (type, data, idx, value);
}

/* Integers and bool, exact; uint64 comes as the same bits. */
static inline gint64
dnn_load_int (DnnType type, gconstpointer data, gsize idx)
{
  switch (type) {
    case DNN_TYPE_INT8:
    case DNN_TYPE_INT4:
    case DNN_TYPE_INT2:
      return ((const gint8 *) data)[idx];
    case DNN_TYPE_INT16:
      return ((const gint16 *) data)[idx];
    case DNN_TYPE_INT32:
      return ((const gint32 *) data)[idx];
    case DNN_TYPE_UINT8:
    case DNN_TYPE_BOOL:
    case DNN_TYPE_UINT4:
    case DNN_TYPE_UINT2:
      return ((const guint8 *) data)[idx];
    case DNN_TYPE_UINT16:
      return ((const guint16 *) data)[idx];
    case DNN_TYPE_UINT32:
      return ((const guint32 *) data)[idx];
    default:
      return ((const gint64 *) data)[idx];
  }
}

/* Wraps around, as ONNX's integer arithmetic does. */
static inline void
dnn_store_int (DnnType type, gpointer data, gsize idx, gint64 value)
{
  switch (dnn_type_size (type)) {
    case 1:
      ((guint8 *) data)[idx] = DNN_TYPES_SMALL_INTEGER & DNN_TYPE_BIT (type)
          ? dnn_small_wrap (type, value)
          : (guint8) value;
      break;
    case 2:
      ((guint16 *) data)[idx] = (guint16) value;
      break;
    case 4:
      ((guint32 *) data)[idx] = (guint32) value;
      break;
    default:
      ((gint64 *) data)[idx] = value;
      break;
  }
}

G_END_DECLS
