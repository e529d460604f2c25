/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bits of a small type ↔ the number that they are. */
#include "config.h"

#include "pipeline-core/base/dnn-type-small.h"

#include <math.h>

/* What the largest exponent is for. */
typedef enum
{
  STYLE_IEEE, /* infinity and NaN */
  STYLE_FN, /* NaN alone where all bits are set */
  STYLE_UZ, /* numbers; NaN is -0 */
  STYLE_NUMBERS, /* numbers; there is no NaN */
} Style;

/* 1 sign, @n_exponent and @n_fraction bits. */
typedef struct
{
  gint n_exponent, n_fraction, bias;
  Style style;
  gdouble largest;
} Format;

static const Format formats[DNN_N_TYPES] = {
  [DNN_TYPE_FLOAT8E4M3FN] = { 4, 3, 7, STYLE_FN, 448 },
  [DNN_TYPE_FLOAT8E4M3FNUZ] = { 4, 3, 8, STYLE_UZ, 240 },
  [DNN_TYPE_FLOAT8E5M2] = { 5, 2, 15, STYLE_IEEE, 57344 },
  [DNN_TYPE_FLOAT8E5M2FNUZ] = { 5, 2, 16, STYLE_UZ, 57344 },
  [DNN_TYPE_FLOAT4E2M1] = { 2, 1, 1, STYLE_NUMBERS, 6 },
};

/* Bits of an integer, and whether it has a sign. */
static const struct
{
  gint n_bits;
  gboolean is_signed;
} integers[DNN_N_TYPES] = {
  [DNN_TYPE_INT4] = { 4, TRUE },
  [DNN_TYPE_UINT4] = { 4, FALSE },
  [DNN_TYPE_INT2] = { 2, TRUE },
  [DNN_TYPE_UINT2] = { 2, FALSE },
};

static gdouble
get_float (const Format *format, guint8 bits)
{
  gint fraction = bits & ((1 << format->n_fraction) - 1);
  gint all = (1 << format->n_exponent) - 1;
  gint exponent = bits >> format->n_fraction & all;
  gint sign = bits >> (format->n_fraction + format->n_exponent) & 1;
  gdouble value;

  if (format->style == STYLE_UZ && bits == 0x80)
    return NAN;
  if (exponent == all && format->style == STYLE_IEEE)
    value = fraction ? NAN : INFINITY;
  else if (format->style == STYLE_FN && (bits & 0x7f) == 0x7f)
    value = NAN;
  else if (exponent == 0)
    value = ldexp (fraction, 1 - format->bias - format->n_fraction);
  else
    value = ldexp (fraction + (1 << format->n_fraction),
        exponent - format->bias - format->n_fraction);
  return sign ? -value : value;
}

/* Above the largest number, or NaN. */
static guint8
set_special (const Format *format, gdouble value, guint8 sign)
{
  switch (format->style) {
    case STYLE_IEEE:
      return sign | (isnan (value) ? 0x7e : 0x7c);
    case STYLE_FN:
      return sign | 0x7f;
    case STYLE_UZ:
      return 0x80;
    case STYLE_NUMBERS:
    default:
      return isnan (value) ? sign : sign | 0x7;
  }
}

static guint8
set_float (const Format *format, gdouble value, gboolean saturates)
{
  guint8 sign = signbit (value)
      ? (guint8) (1 << (format->n_exponent + format->n_fraction))
      : 0;
  gdouble size = fabs (value);
  gint exponent = 1 - format->bias;
  gint64 steps;

  if (isnan (value))
    return set_special (format, value, sign);
  if (size >= ldexp (1, exponent) && isfinite (size))
    exponent = ilogb (size);
  steps = isfinite (size)
      ? (gint64) nearbyint (ldexp (size, format->n_fraction - exponent))
      : 0;
  if (isinf (size) ||
      ldexp ((gdouble) steps, exponent - format->n_fraction) >
          format->largest) {
    if (!saturates)
      return set_special (format, value, sign);
    return set_float (format, copysign (format->largest, value), TRUE);
  }
  /* a carry runs on into the exponent; below the first there is none */
  steps += (gint64) (exponent + format->bias - 1) << format->n_fraction;
  if (steps == 0 && format->style == STYLE_UZ)
    return 0;
  return sign | (guint8) steps;
}

/* 2^(bits − 127) */
static guint8
set_power (gdouble value, gboolean saturates, DnnRound how)
{
  gdouble size = fabs (value), fraction;
  gint exponent;

  if (isnan (value) || (!saturates && (isinf (value) || size == 0)))
    return 0xff;
  if (isinf (value))
    return 0xfe;
  if (size == 0)
    return 0;
  fraction = frexp (size, &exponent) * 2; /* 1 ≤ fraction < 2 */
  exponent--;
  if ((how == DNN_ROUND_UP && fraction > 1) ||
      (how == DNN_ROUND_NEAREST && fraction >= 1.5))
    exponent++;
  if (!saturates && (exponent < -127 || exponent > 127))
    return 0xff;
  return (guint8) (CLAMP (exponent, -127, 127) + 127);
}

gdouble
dnn_small_get (DnnType type, guint8 bits)
{
  if (formats[type].n_exponent)
    return get_float (&formats[type], bits);
  if (type == DNN_TYPE_FLOAT8E8M0)
    return bits == 0xff ? NAN : ldexp (1, bits - 127);
  return integers[type].is_signed ? (gint8) bits : bits;
}

guint8
dnn_small_set (DnnType type, gdouble value, gboolean saturates, DnnRound how)
{
  gint n = integers[type].n_bits;
  gint lowest = integers[type].is_signed ? -(1 << (n - 1)) : 0;
  gint largest = lowest + (1 << n) - 1;

  if (formats[type].n_exponent)
    return set_float (&formats[type], value, saturates);
  if (type == DNN_TYPE_FLOAT8E8M0)
    return set_power (value, saturates, how);
  if (isnan (value))
    return 0;
  return (guint8) (gint8) (value <= lowest ? lowest
          : value >= largest               ? largest
                                           : (gint) value);
}

guint8
dnn_small_wrap (DnnType type, gint64 value)
{
  gint n = integers[type].n_bits;
  guint8 bits = (guint8) value & ((1 << n) - 1);

  if (integers[type].is_signed && bits >> (n - 1))
    bits = (guint8) (bits - (1 << n));
  return bits;
}

guint
dnn_type_n_packed (DnnType type)
{
  if (type == DNN_TYPE_FLOAT4E2M1)
    return 2;
  return integers[type].n_bits ? (guint) (8 / integers[type].n_bits) : 1;
}
