/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An element type ↔ its size, name, DLPack triple and values. */
#include "config.h"

#include "pipeline-core/base/dnn-type.h"

#include "pipeline-core/base/dnn-type-small.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const gchar *name;
  DLDataType dl;
} TypeRow;

/* Numbers that DLPack gives since 1.1 are no names in older headers. Its bool
 * came with 0.8; TVM's files say one-bit unsigned instead. */
#define DL_BOOL 6

static const TypeRow type_rows[DNN_N_TYPES] = {
  [DNN_TYPE_INVALID] = { "invalid", { kDLOpaqueHandle, 0, 0 } },
  [DNN_TYPE_FLOAT32] = { "float32", { kDLFloat, 32, 1 } },
  [DNN_TYPE_FLOAT64] = { "float64", { kDLFloat, 64, 1 } },
  [DNN_TYPE_FLOAT16] = { "float16", { kDLFloat, 16, 1 } },
  [DNN_TYPE_BFLOAT16] = { "bfloat16", { kDLBfloat, 16, 1 } },
  [DNN_TYPE_INT8] = { "int8", { kDLInt, 8, 1 } },
  [DNN_TYPE_INT16] = { "int16", { kDLInt, 16, 1 } },
  [DNN_TYPE_INT32] = { "int32", { kDLInt, 32, 1 } },
  [DNN_TYPE_INT64] = { "int64", { kDLInt, 64, 1 } },
  [DNN_TYPE_UINT8] = { "uint8", { kDLUInt, 8, 1 } },
  [DNN_TYPE_UINT16] = { "uint16", { kDLUInt, 16, 1 } },
  [DNN_TYPE_UINT32] = { "uint32", { kDLUInt, 32, 1 } },
  [DNN_TYPE_UINT64] = { "uint64", { kDLUInt, 64, 1 } },
  [DNN_TYPE_BOOL] = { "bool", { DL_BOOL, 8, 1 } },
  [DNN_TYPE_FLOAT8E4M3FN] = { "float8e4m3fn", { 10, 8, 1 } },
  [DNN_TYPE_FLOAT8E4M3FNUZ] = { "float8e4m3fnuz", { 11, 8, 1 } },
  [DNN_TYPE_FLOAT8E5M2] = { "float8e5m2", { 12, 8, 1 } },
  [DNN_TYPE_FLOAT8E5M2FNUZ] = { "float8e5m2fnuz", { 13, 8, 1 } },
  [DNN_TYPE_FLOAT8E8M0] = { "float8e8m0", { 14, 8, 1 } },
  [DNN_TYPE_FLOAT4E2M1] = { "float4e2m1", { 17, 4, 2 } },
  [DNN_TYPE_INT4] = { "int4", { kDLInt, 4, 2 } },
  [DNN_TYPE_UINT4] = { "uint4", { kDLUInt, 4, 2 } },
  [DNN_TYPE_INT2] = { "int2", { kDLInt, 2, 4 } },
  [DNN_TYPE_UINT2] = { "uint2", { kDLUInt, 2, 4 } },
};

gsize
dnn_type_size (DnnType type)
{
  g_return_val_if_fail (type > DNN_TYPE_INVALID && type < DNN_N_TYPES, 0);
  return (gsize) type_rows[type].dl.bits * type_rows[type].dl.lanes / 8;
}

const gchar *
dnn_type_name (DnnType type)
{
  return type_rows[type < DNN_N_TYPES ? type : DNN_TYPE_INVALID].name;
}

DnnType
dnn_type_from_name (const gchar *name)
{
  for (DnnType type = 1; type < DNN_N_TYPES; type++) {
    if (strcmp (type_rows[type].name, name) == 0)
      return type;
  }
  return DNN_TYPE_INVALID;
}

DLDataType
dnn_type_to_dl (DnnType type)
{
  return type_rows[type].dl;
}

DnnType
dnn_type_from_dl (DLDataType type)
{
  if (type.code == kDLUInt && type.bits == 1 && type.lanes == 1)
    return DNN_TYPE_BOOL;
  for (DnnType t = 1; t < DNN_N_TYPES; t++) {
    if (type_rows[t].dl.code == type.code &&
        type_rows[t].dl.bits == type.bits &&
        type_rows[t].dl.lanes == type.lanes)
      return t;
  }
  return DNN_TYPE_INVALID;
}

static gfloat
widen_bfloat16 (guint16 half)
{
  guint32 bits = (guint32) half << 16;
  gfloat value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* IEEE 754: 1 sign, 5 exponent, 10 fraction bits. */
static gdouble
widen_float16 (guint16 half)
{
  gint exponent = (half >> 10) & 31;
  gdouble fraction = half & 1023;
  gdouble value;

  if (exponent == 31)
    value = fraction ? NAN : INFINITY;
  else if (exponent == 0)
    value = ldexp (fraction, -24);
  else
    value = ldexp (fraction + 1024, exponent - 25);
  return half & 0x8000 ? -value : value;
}

/* Rounds to nearest even; carries run from fraction into exponent and on to
 * infinity by themselves. */
static guint16
narrow_bfloat16 (gfloat value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  if (isnan (value))
    return (guint16) (bits >> 16) | 0x40;
  return (guint16) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static guint16
narrow_float16 (gdouble value)
{
  guint16 sign = signbit (value) ? 0x8000 : 0;
  gdouble size = fabs (value);
  gint exponent;

  if (isnan (value))
    return sign | 0x7e00;
  if (size >= 65520)
    return sign | 0x7c00;
  if (size < ldexp (1, -14))
    return sign | (guint16) nearbyint (ldexp (size, 24));
  frexp (size, &exponent);
  /* size = m·2^(exponent-11), 1024 <= m < 2048 */
  return sign |
      (guint16) (nearbyint (ldexp (size, 11 - exponent)) - 1024 +
          ((exponent + 14) << 10));
}

/* Files align nothing, and planning reads constants where they lie. */
#define UNALIGNED(type) \
  typedef type Unaligned_##type __attribute__ ((aligned (1), may_alias));
UNALIGNED (gfloat)
UNALIGNED (gdouble)
UNALIGNED (guint16)
UNALIGNED (gint16)
UNALIGNED (gint32)
UNALIGNED (gint64)
UNALIGNED (guint32)
UNALIGNED (guint64)
#undef UNALIGNED

gdouble
dnn_type_get (DnnType type, gconstpointer data, gsize idx)
{
  switch (type) {
    case DNN_TYPE_FLOAT32:
      return ((const Unaligned_gfloat *) data)[idx];
    case DNN_TYPE_FLOAT64:
      return ((const Unaligned_gdouble *) data)[idx];
    case DNN_TYPE_FLOAT16:
      return widen_float16 (((const Unaligned_guint16 *) data)[idx]);
    case DNN_TYPE_BFLOAT16:
      return widen_bfloat16 (((const Unaligned_guint16 *) data)[idx]);
    case DNN_TYPE_INT8:
      return ((const gint8 *) data)[idx];
    case DNN_TYPE_INT16:
      return ((const Unaligned_gint16 *) data)[idx];
    case DNN_TYPE_INT32:
      return ((const Unaligned_gint32 *) data)[idx];
    case DNN_TYPE_INT64:
      return (gdouble) ((const Unaligned_gint64 *) data)[idx];
    case DNN_TYPE_BOOL:
      return ((const guint8 *) data)[idx] != 0;
    case DNN_TYPE_UINT8:
      return ((const guint8 *) data)[idx];
    case DNN_TYPE_UINT16:
      return ((const Unaligned_guint16 *) data)[idx];
    case DNN_TYPE_UINT32:
      return ((const Unaligned_guint32 *) data)[idx];
    case DNN_TYPE_UINT64:
      return (gdouble) ((const Unaligned_guint64 *) data)[idx];
    default:
      return dnn_small_get (type, ((const guint8 *) data)[idx]);
  }
}

/* NaN becomes 0; what lies outside becomes the nearest end. Limits of 64-bit
 * types aren't doubles: comparing with >= keeps the cast defined. */
#define SATURATE(ctype, lo, hi)            \
  (isnan (value)                    ? 0    \
          : value <= (gdouble) (lo) ? (lo) \
          : value >= (gdouble) (hi) ? (hi) \
                                    : (ctype) value)

static void
set_integer (DnnType type, gpointer data, gsize idx, gdouble value)
{
  switch (type) {
    case DNN_TYPE_INT8:
      ((gint8 *) data)[idx] = SATURATE (gint8, G_MININT8, G_MAXINT8);
      break;
    case DNN_TYPE_INT16:
      ((gint16 *) data)[idx] = SATURATE (gint16, G_MININT16, G_MAXINT16);
      break;
    case DNN_TYPE_INT32:
      ((gint32 *) data)[idx] = SATURATE (gint32, G_MININT32, G_MAXINT32);
      break;
    case DNN_TYPE_INT64:
      ((gint64 *) data)[idx] = SATURATE (gint64, G_MININT64, G_MAXINT64);
      break;
    case DNN_TYPE_UINT8:
      ((guint8 *) data)[idx] = SATURATE (guint8, 0, G_MAXUINT8);
      break;
    case DNN_TYPE_UINT16:
      ((guint16 *) data)[idx] = SATURATE (guint16, 0, G_MAXUINT16);
      break;
    case DNN_TYPE_UINT32:
      ((guint32 *) data)[idx] = SATURATE (guint32, 0, G_MAXUINT32);
      break;
    case DNN_TYPE_UINT64:
      ((guint64 *) data)[idx] = SATURATE (guint64, 0, G_MAXUINT64);
      break;
    default:
      ((guint8 *) data)[idx] = dnn_small_set (
          type, value, TRUE, DNN_ROUND_NEAREST);
      break;
  }
}

void
dnn_type_set (DnnType type, gpointer data, gsize idx, gdouble value)
{
  switch (type) {
    case DNN_TYPE_FLOAT32:
      ((gfloat *) data)[idx] = (gfloat) value;
      break;
    case DNN_TYPE_FLOAT64:
      ((gdouble *) data)[idx] = value;
      break;
    case DNN_TYPE_FLOAT16:
      ((guint16 *) data)[idx] = narrow_float16 (value);
      break;
    case DNN_TYPE_BFLOAT16:
      ((guint16 *) data)[idx] = narrow_bfloat16 ((gfloat) value);
      break;
    case DNN_TYPE_BOOL:
      ((guint8 *) data)[idx] = value != 0;
      break;
    default:
      set_integer (type, data, idx, value);
  }
}
