/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* float16 ↔ float32 for code that LLVM compiled for a CPU without F16C: before
 * LLVM 15 it calls functions of these names, and TVM before 0.11 leaves it to
 * its runtime to have them. What is younger brings its own. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-runtime.h"

#ifdef __x86_64__

#define SIGN 0x80000000u
#define EXPONENT(power) ((guint32) (127 + (power)) << 23)

typedef union
{
  guint32 bits;
  gfloat value;
} Single;

/* Exponents of both differ by 112. What is denormal in 16 bits is read as
 * 2^-14 + x, and 2^-14 taken away. */
gfloat
__gnu_h2f_ieee (guint16 half)
{
  Single result = { (guint32) (half & 0x7fff) << 13 };
  guint32 exponent = result.bits & (31u << 23);

  result.bits += 112u << 23;
  if (exponent == 31u << 23) {
    result.bits += 112u << 23;
  } else if (exponent == 0) {
    result.bits += 1u << 23;
    result.value -= 0x1p-14f;
  }
  result.bits |= (guint32) (half & 0x8000) << 16;
  return result.value;
}

/* Rounds to nearest even. Adding 1/2 to what becomes denormal leaves its bits,
 * rounded, at the end of the mantissa: 2^-24 is 1/2's last bit. */
guint16
__gnu_f2h_ieee (gfloat value)
{
  Single single = { .value = value };
  guint16 sign = (guint16) ((single.bits & SIGN) >> 16);
  guint32 result;

  single.bits &= ~SIGN;
  if (single.bits >= EXPONENT (16)) {
    result = single.bits > EXPONENT (128) ? 0x7e00 : 0x7c00;
  } else if (single.bits < EXPONENT (-14)) {
    single.value += 0.5f;
    result = single.bits - EXPONENT (-1);
  } else {
    result = (single.bits - (112u << 23) + 0xfff + ((single.bits >> 13) & 1)) >>
        13;
  }
  return (guint16) (sign | result);
}

#endif
