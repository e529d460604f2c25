/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Pow: X to the power of Y. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/family/dnn-number.h"
#include "kernels/loops/dnn-loop-checked.h"
#include "kernels/loops/dnn-loop-power.h"

DNN_AT_LEVELS (
    DNN_CHECKED_2, pow_any_F32, dnn_pow_float, DNN_IS_ODD_POWER, powf)
DNN_AT_LEVELS (DNN_LINE_2, pow_any_F64, gdouble, gdouble, gdouble, real, pow)

/* The same exponent for a whole block: mostly 2, ½ or 3. */
#define SQUARE(x, y) ((x) * (x))
#define CUBE(x, y) ((x) * (x) * (x))
#define ROOT(x, y) DNN_SQRT (x)
#define SAME(x, y) (x)
DNN_REAL_2 (square, SQUARE)
DNN_REAL_2 (cube, CUBE)
DNN_REAL_2 (root, ROOT)
DNN_REAL_2 (same, SAME)

/* √x is not x^½ at -∞ and -0. */
#define POW_LINE(level, name, kind, type)                                     \
  DNN_TARGET_##level static void name##_##kind##_##level (gpointer dst,       \
      gconstpointer const *src, gsize n, const DnnLoopParams *params)         \
  {                                                                           \
    const type *x = src[0], *y = src[1];                                      \
    gboolean is_one = TRUE, has_root = TRUE;                                  \
    for (gsize i = 0; i < n && is_one; i++)                                   \
      is_one = y[i] == y[0];                                                  \
    for (gsize i = 0; i < n && is_one && y[0] == (type) 0.5 && has_root; i++) \
      has_root = x[i] > 0;                                                    \
    if (is_one && y[0] == 2)                                                  \
      square_##kind##_##level (dst, src, n, params);                          \
    else if (is_one && y[0] == 3)                                             \
      cube_##kind##_##level (dst, src, n, params);                            \
    else if (is_one && y[0] == 1)                                             \
      same_##kind##_##level (dst, src, n, params);                            \
    else if (is_one && y[0] == (type) 0.5 && has_root)                        \
      root_##kind##_##level (dst, src, n, params);                            \
    else                                                                      \
      pow_any_##kind##_##level (dst, src, n, params);                         \
  }
DNN_AT_LEVELS (POW_LINE, pow_line, F32, gfloat)
DNN_AT_LEVELS (POW_LINE, pow_line, F64, gdouble)

/* By squaring; wraps around. Below 0 only 1 and -1 have powers that are no
 * fractions. */
#define POW_INTEGER(x, y)                                                \
  ({                                                                     \
    U base = (U) (x), result = 1;                                        \
    T rest = (y);                                                        \
    if (IS_BELOW_ZERO (rest)) {                                          \
      result = (x) == 1 ? 1 : (x) != (T) -1 ? 0 : rest & 1 ? (U) -1 : 1; \
      rest = 0;                                                          \
    }                                                                    \
    for (; rest != 0; rest >>= 1) {                                      \
      result *= rest & 1 ? base : 1;                                     \
      base *= base;                                                      \
    }                                                                    \
    (T) result;                                                          \
  })
#define IS_BELOW_ZERO(x) ((x) < 0)
DNN_SIGNED_2 (pow_line, POW_INTEGER)
#undef IS_BELOW_ZERO
#define IS_BELOW_ZERO(x) FALSE
DNN_UNSIGNED_2 (pow_line, POW_INTEGER)
static const DnnLines lines = { DNN_LINES_REAL (pow_line),
  DNN_LINES_INTEGER (pow_line) };

/* A real exponent of an integer is computed in double. */
static DnnType
choose_type (const DnnCall *call)
{
  DnnType base = call->inputs[0].type;

  return dnn_type_is_float (base) || !dnn_type_is_float (call->inputs[1].type)
      ? base
      : DNN_TYPE_FLOAT64;
}

static const DnnMapOp map = {
  .lines = &lines,
  .n = 2,
  .choose_type = choose_type,
  .cost = 3,
};

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T1" },
};
static const DnnArgRow outputs[] = {
  { .name = "Z", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};

const DnnOp dnn_op_Pow = {
  .name = "Pow",
  .doc = "X to the power of Y, broadcast; the result has the type of X",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  DNN_MAP_OP,
  .family = &map,
};
