/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Mod: what a division leaves. */
#include "config.h"

#include "kernels/family/dnn-map.h"

#include "kernels/loops/dnn-loop-checked.h"
#include "kernels/loops/dnn-loop-math.h"

/* fmod 0: the sign of y; what is left of a division by 0 is 0. */
#define IS_OTHER_SIGN(r, y) ((r) != 0 && ((r) < 0) != ((y) < 0))
#define FLOORED(r, y) (IS_OTHER_SIGN (r, y) ? (T) ((U) (r) + (U) (y)) : (r))
#define REST(x, y) ((y) == 0 || (y) == -1 ? (T) 0 : (T) ((x) % (y)))
/* A quotient of 32 bits is exact in double, and there are vectors for it. */
#define REST_I32(x, y)   \
  ((y) == 0 || (y) == -1 \
          ? (T) 0        \
          : (T) ((U) (x) - (U) (T) ((gdouble) (x) / (gdouble) (y)) * (U) (y)))
#define MOD_I32(x, y) FLOORED (REST_I32 (x, y), y)
#define MOD_I64(x, y) FLOORED (REST (x, y), y)
#define MOD_U64(x, y) ((y) == 0 ? 0 : (x) % (y))
/* What is left of float is exact in double where the quotient is below 2^29;
 * one that was rounded up to a whole number is one too large then. */
#define IS_ODD_REST(x, y)                                \
  (!(fabsf (x) < INFINITY) || !(fabsf (y) < INFINITY) || \
      !(fabsf (x) < fabsf (y) * 536870912.0f))
DNN_INLINE gfloat
get_rest (gfloat x, gfloat y)
{
  gdouble a = (gdouble) fabsf (x), b = (gdouble) fabsf (y);
  gdouble rest = a - (gdouble) (gint32) (a / b) * b;

  rest = rest < 0 ? rest + b : rest;
  return copysignf ((gfloat) rest, x);
}
#define SIGNED_0(x, y) DNN_OF_TYPE (x, copysignf, copysign) (x, y)
#define MOD_OF_REST(rest, y)                    \
  (IS_OTHER_SIGN (rest, y) ? (rest) + (y)       \
          : (rest) == 0    ? SIGNED_0 (rest, y) \
                           : (rest))
#define MOD_F64(x, y)           \
  ({                            \
    gdouble left = fmod (x, y); \
    MOD_OF_REST (left, y);      \
  })
DNN_INLINE gfloat
get_mod (gfloat x, gfloat y)
{
  gfloat rest = get_rest (x, y);

  return MOD_OF_REST (rest, y);
}
static gfloat
get_odd_mod (gfloat x, gfloat y)
{
  gfloat rest = fmodf (x, y);

  return MOD_OF_REST (rest, y);
}
DNN_AT_LEVELS (DNN_CHECKED_2, mod_F32, get_mod, IS_ODD_REST, get_odd_mod)
DNN_AT_LEVELS (DNN_LINE_2, mod_F64, gdouble, gdouble, gdouble, real, MOD_F64)
DNN_AT_LEVELS (DNN_LINE_2, mod_I32, gint32, guint32, gint32, integer, MOD_I32)
DNN_AT_LEVELS (DNN_LINE_2, mod_I64, gint64, guint64, gint64, integer, MOD_I64)
DNN_UNSIGNED_2 (mod, MOD_U64)
static const DnnLines lines = { DNN_LINES_REAL (mod), DNN_LINES_INTEGER (mod) };

/* fmod 1: the sign of x. */
DNN_AT_LEVELS (DNN_CHECKED_2, rest_F32, get_rest, IS_ODD_REST, fmodf)
DNN_AT_LEVELS (DNN_LINE_2, rest_F64, gdouble, gdouble, gdouble, real, fmod)
DNN_AT_LEVELS (DNN_LINE_2, rest_I32, gint32, guint32, gint32, integer, REST_I32)
DNN_AT_LEVELS (DNN_LINE_2, rest_I64, gint64, guint64, gint64, integer, REST)
static const DnnLines lines_fmod = { DNN_LINES_REAL (rest),
  DNN_LINES_SIGNED (rest), DNN_LINES_OF (mod, U64) };

static const DnnLines *
choose_lines (const DnnCall *call)
{
  return dnn_call_int (call, "fmod") != 0 ? &lines_fmod : &lines;
}

static const DnnMapOp map = { .choose_lines = choose_lines, .n = 2, .cost = 2 };

static const DnnArgRow inputs[] = {
  { .name = "A", .types = DNN_TYPES_NUMBER, .type_var = "T" },
  { .name = "B", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "C", .types = DNN_TYPES_NUMBER, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "fmod",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: the result has the sign of A, as C has it; 0: that of B" },
};

const DnnOp dnn_op_Mod = {
  .name = "Mod",
  .doc = "What A / B leaves, broadcast; of integers by 0: 0",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  DNN_MAP_OP,
  .family = &map,
};
