/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Type and kind → the function that converts an array. Next: dnn-loop-map.c. */
#include "config.h"

#include "kernels/loops/dnn-loop-convert.h"

#include "kernels/loops/dnn-loop-math.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* The kinds that numbers are converted to. */
#define N_NUMBER_KINDS (DNN_KIND_U64 + 1)

typedef struct
{
  DnnConvertFunc at[DNN_N_LEVELS];
} Convert;

#define DEFINE(level, name, from, to, EXPR)                        \
  DNN_TARGET_##level static void name##_##level (                  \
      gconstpointer src, gpointer dst, gsize n)                    \
  {                                                                \
    const from *x = src;                                           \
    to *y = dst;                                                   \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] = EXPR (to, x[i]); \
  }

#define CAST(to, x) ((to) (x))
#define IS_TRUE(to, x) ((x) != 0)
/* @lowest and @above are exact in any type of real numbers. */
#define SATURATE(to, x, lowest, above, largest) \
  ((x) != (x)              ? (to) 0             \
          : (x) < (lowest) ? (to) (lowest)      \
          : (x) >= (above) ? (to) (largest)     \
                           : (to) (x))
#define TO_INT8(to, x) SATURATE (to, x, -128, 128, 127)
#define TO_INT16(to, x) SATURATE (to, x, -32768, 32768, 32767)
#define TO_INT32(to, x) SATURATE (to, x, -0x1p31f, 0x1p31f, G_MAXINT32)
#define TO_INT64(to, x) SATURATE (to, x, -0x1p63f, 0x1p63f, G_MAXINT64)
#define TO_UINT8(to, x) SATURATE (to, x, 0, 256, 255)
#define TO_UINT16(to, x) SATURATE (to, x, 0, 65536, 65535)
#define TO_UINT32(to, x) SATURATE (to, x, 0, 0x1p32f, G_MAXUINT32)
#define TO_UINT64(to, x) SATURATE (to, x, 0, 0x1p64f, G_MAXUINT64)

/* ---- 16-bit floating-point numbers ----------------------------------------
 */

DNN_INLINE gfloat
widen_half (guint16 x)
{
  const gint32 all = 0x0f800000, bias = 112 << 23;
  gint32 bits = (x & 0x7fff) << 13, exponent = bits & all;
  gfloat tiny = dnn_bits_float (bits + bias + (1 << 23)) - 0x1p-14f;

  bits += exponent == all ? 2 * bias : bias;
  bits = exponent == 0 ? dnn_float_bits (tiny) : bits;
  return dnn_bits_float (
      (gint32) ((guint32) bits | (guint32) (x & 0x8000) << 16));
}

DNN_INLINE guint16
round_half (gfloat x)
{
  const guint32 magic = 126u << 23;
  guint32 bits = (guint32) dnn_float_bits (x), sign = bits & 0x80000000u;
  guint32 value = bits ^ sign, odd = value >> 13 & 1;
  guint32 tiny = (guint32) dnn_float_bits (
                     dnn_bits_float ((gint32) value) + 0.5f) -
      magic;
  guint32 normal = (value - (112u << 23) + 0xfff + odd) >> 13;
  guint32 result = value < 113u << 23 ? tiny : normal;

  result = value >= 143u << 23 ? 0x7c00 : result;
  result = value > 255u << 23 ? 0x7e00 : result;
  return (guint16) (result | sign >> 16);
}

DNN_INLINE gfloat
widen_bfloat (guint16 x)
{
  return dnn_bits_float ((gint32) ((guint32) x << 16));
}

DNN_INLINE guint16
round_bfloat (gfloat x)
{
  guint32 bits = (guint32) dnn_float_bits (x);
  guint32 rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;

  return (guint16) (x != x ? (bits >> 16 | 0x40) : rounded);
}

#define WIDEN_HALF(to, x) ((to) widen_half (x))
#define ROUND_HALF(to, x) ((to) round_half ((gfloat) (x)))
#define WIDEN_BFLOAT(to, x) ((to) widen_bfloat (x))
#define ROUND_BFLOAT(to, x) ((to) round_bfloat ((gfloat) (x)))

DEFINE (base, load_FLOAT16_F32, guint16, gfloat, WIDEN_HALF)
DEFINE (base, store_F32_FLOAT16, gfloat, guint16, ROUND_HALF)
DNN_AT_LEVELS (DEFINE, load_BFLOAT16_F32, guint16, gfloat, WIDEN_BFLOAT)
DNN_AT_LEVELS (DEFINE, load_BFLOAT16_F64, guint16, gdouble, WIDEN_BFLOAT)
DNN_AT_LEVELS (DEFINE, store_F32_BFLOAT16, gfloat, guint16, ROUND_BFLOAT)

#if defined(__x86_64__)
DNN_TARGET_avx2 static void
load_FLOAT16_F32_avx2 (gconstpointer src, gpointer dst, gsize n)
{
  const guint16 *x = src;
  gfloat *y = dst;
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps (
        y + i, _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) (x + i))));
  load_FLOAT16_F32_base (x + i, y + i, n - i);
}

DNN_TARGET_avx2 static void
store_F32_FLOAT16_avx2 (gconstpointer src, gpointer dst, gsize n)
{
  const gfloat *x = src;
  guint16 *y = dst;
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128 ((__m128i *) (y + i),
        _mm256_cvtps_ph (_mm256_loadu_ps (x + i), _MM_FROUND_TO_NEAREST_INT));
  store_F32_FLOAT16_base (x + i, y + i, n - i);
}
#define load_FLOAT16_F32_avx512 load_FLOAT16_F32_avx2
#define store_F32_FLOAT16_avx512 store_F32_FLOAT16_avx2
#endif

/* By way of float, in blocks. */
#define BLOCK 256
#define DEFINE_WIDE(level)                                                     \
  DNN_TARGET_##level static void load_FLOAT16_F64_##level (                    \
      gconstpointer src, gpointer dst, gsize n)                                \
  {                                                                            \
    gdouble *y = dst;                                                          \
    gfloat wide[BLOCK];                                                        \
    for (gsize start = 0; start < n; start += BLOCK) {                         \
      gsize m = MIN (n - start, BLOCK);                                        \
      load_FLOAT16_F32_##level ((const guint16 *) src + start, wide, m);       \
      DNN_SIMD for (gsize i = 0; i < m; i++) y[start + i] = (gdouble) wide[i]; \
    }                                                                          \
  }
DEFINE_WIDE (base)
#if defined(__x86_64__)
DEFINE_WIDE (avx2)
DEFINE_WIDE (avx512)
#endif

/* Towards zero, and odd where that isn't exact: what is rounded once more, to
 * half the digits or less, is as if it were rounded once. */
DNN_INLINE gfloat
round_to_odd (gdouble x)
{
  gfloat near = (gfloat) x;
  gdouble wide = (gdouble) near;
  gint32 bits = dnn_float_bits (near);

  bits -= (wide < 0 ? -wide : wide) > (x < 0 ? -x : x);
  bits |= wide != x;
  return dnn_bits_float (bits);
}

#define DEFINE_NARROW(level, kind, c_type, type)                    \
  DNN_TARGET_##level static void store_##kind##_##type##_##level (  \
      gconstpointer src, gpointer dst, gsize n)                     \
  {                                                                 \
    const c_type *x = src;                                          \
    gfloat odd[BLOCK];                                              \
    for (gsize start = 0; start < n; start += BLOCK) {              \
      gsize m = MIN (n - start, BLOCK);                             \
      DNN_SIMD for (gsize i = 0; i < m; i++)                        \
          odd[i] = round_to_odd ((gdouble) x[start + i]);           \
      store_F32_##type##_##level (odd, (guint16 *) dst + start, m); \
    }                                                               \
  }
#define DEFINE_NARROW_KINDS(type)                   \
  DNN_AT_LEVELS (DEFINE_NARROW, F64, gdouble, type) \
  DNN_AT_LEVELS (DEFINE_NARROW, I32, gint32, type)  \
  DNN_AT_LEVELS (DEFINE_NARROW, I64, gint64, type)  \
  DNN_AT_LEVELS (DEFINE_NARROW, U64, guint64, type)
DEFINE_NARROW_KINDS (FLOAT16)
DEFINE_NARROW_KINDS (BFLOAT16)

/* ---- the rest --------------------------------------------------------------
 */

#define INTEGERS(M) \
  M (INT8, gint8)   \
  M (INT16, gint16) \
  M (INT32, gint32) \
  M (INT64, gint64) \
  M (UINT8, guint8) \
  M (UINT16, guint16) M (UINT32, guint32) M (UINT64, guint64)

#define LOAD(type, c_type, kind, kind_type) \
  DNN_AT_LEVELS (DEFINE, load_##type##_##kind, c_type, kind_type, CAST)
#define STORE(type, c_type, kind, kind_type, EXPR) \
  DNN_AT_LEVELS (DEFINE, store_##kind##_##type, kind_type, c_type, EXPR)

/* clang-format off */
#define LOAD_INTEGER(type, c_type) \
  LOAD (type, c_type, F32, gfloat) LOAD (type, c_type, F64, gdouble) \
  LOAD (type, c_type, I32, gint32) LOAD (type, c_type, I64, gint64) \
  LOAD (type, c_type, U64, guint64)
#define STORE_INTEGER(type, c_type) \
  STORE (type, c_type, F32, gfloat, TO_##type) \
  STORE (type, c_type, F64, gdouble, TO_##type) \
  STORE (type, c_type, I32, gint32, CAST) \
  STORE (type, c_type, I64, gint64, CAST) \
  STORE (type, c_type, U64, guint64, CAST)
#define STORE_ANY(type, c_type, EXPR) \
  STORE (type, c_type, F32, gfloat, EXPR) \
  STORE (type, c_type, F64, gdouble, EXPR) \
  STORE (type, c_type, I32, gint32, EXPR) \
  STORE (type, c_type, I64, gint64, EXPR) \
  STORE (type, c_type, U64, guint64, EXPR)

INTEGERS (LOAD_INTEGER)
INTEGERS (STORE_INTEGER)
LOAD (FLOAT32, gfloat, F32, gfloat)
LOAD (FLOAT32, gfloat, F64, gdouble)
LOAD (FLOAT64, gdouble, F32, gfloat)
LOAD (FLOAT64, gdouble, F64, gdouble)
STORE_ANY (FLOAT32, gfloat, CAST)
STORE_ANY (FLOAT64, gdouble, CAST)
STORE_ANY (BOOL, guint8, IS_TRUE)

#define ROW_LOAD(type, kind) \
  [DNN_TYPE_##type][DNN_KIND_##kind] = DNN_LINE_AT (load_##type##_##kind)
#define ROW_LOADS(type, c_type) \
  ROW_LOAD (type, F32), ROW_LOAD (type, F64), ROW_LOAD (type, I32), \
  ROW_LOAD (type, I64), ROW_LOAD (type, U64),
#define ROW_BOOL(kind) \
  [DNN_TYPE_BOOL][DNN_KIND_##kind] = DNN_LINE_AT (load_UINT8_##kind)
#define ROW_STORE(type, kind) \
  [DNN_TYPE_##type][DNN_KIND_##kind] = DNN_LINE_AT (store_##kind##_##type)
#define ROW_STORES(type, c_type) \
  ROW_STORE (type, F32), ROW_STORE (type, F64), ROW_STORE (type, I32), \
  ROW_STORE (type, I64), ROW_STORE (type, U64),
static const Convert loads[DNN_N_TYPES][N_NUMBER_KINDS] = {
  INTEGERS (ROW_LOADS)
  ROW_BOOL (F32), ROW_BOOL (F64), ROW_BOOL (I32), ROW_BOOL (I64),
  ROW_BOOL (U64),
  ROW_LOAD (FLOAT32, F32), ROW_LOAD (FLOAT32, F64),
  ROW_LOAD (FLOAT64, F32), ROW_LOAD (FLOAT64, F64),
  ROW_LOAD (FLOAT16, F32), ROW_LOAD (FLOAT16, F64),
  ROW_LOAD (BFLOAT16, F32), ROW_LOAD (BFLOAT16, F64),
};

static const Convert stores[DNN_N_TYPES][N_NUMBER_KINDS] = {
  INTEGERS (ROW_STORES)
  ROW_STORES (FLOAT32, ) ROW_STORES (FLOAT64, ) ROW_STORES (BOOL, )
  ROW_STORES (FLOAT16, ) ROW_STORES (BFLOAT16, )
};
/* clang-format on */

/* The most fitting first. */
static const guint8 kinds[DNN_N_TYPES][4] = {
  [DNN_TYPE_FLOAT32] = { DNN_KIND_F32, DNN_KIND_U32, DNN_N_KINDS },
  [DNN_TYPE_FLOAT64] = { DNN_KIND_F64, DNN_KIND_U64, DNN_N_KINDS },
  [DNN_TYPE_FLOAT16] = { DNN_KIND_F32, DNN_KIND_U16, DNN_N_KINDS },
  [DNN_TYPE_BFLOAT16] = { DNN_KIND_F32, DNN_KIND_U16, DNN_N_KINDS },
  [DNN_TYPE_INT8] = { DNN_KIND_I32, DNN_KIND_I64, DNN_KIND_U8, DNN_N_KINDS },
  [DNN_TYPE_INT16] = { DNN_KIND_I32, DNN_KIND_I64, DNN_KIND_U16, DNN_N_KINDS },
  [DNN_TYPE_INT32] = { DNN_KIND_I32, DNN_KIND_I64, DNN_KIND_U32, DNN_N_KINDS },
  [DNN_TYPE_INT64] = { DNN_KIND_I64, DNN_KIND_U64, DNN_N_KINDS },
  [DNN_TYPE_UINT8] = { DNN_KIND_U8, DNN_KIND_I32, DNN_KIND_I64, DNN_N_KINDS },
  [DNN_TYPE_UINT16] = { DNN_KIND_U16, DNN_KIND_I32, DNN_KIND_I64, DNN_N_KINDS },
  [DNN_TYPE_UINT32] = { DNN_KIND_U32, DNN_KIND_I64, DNN_N_KINDS },
  [DNN_TYPE_UINT64] = { DNN_KIND_U64, DNN_KIND_I64, DNN_N_KINDS },
  [DNN_TYPE_BOOL] = { DNN_KIND_U8, DNN_KIND_I32, DNN_N_KINDS },
};

gsize
dnn_kind_size (DnnKind kind)
{
  switch (kind) {
    case DNN_KIND_U8:
      return 1;
    case DNN_KIND_U16:
      return 2;
    case DNN_KIND_F32:
    case DNN_KIND_I32:
    case DNN_KIND_U32:
      return 4;
    default:
      return 8;
  }
}

gboolean
dnn_loop_is_direct (DnnType type, DnnKind kind)
{
  switch (kind) {
    case DNN_KIND_F32:
      return type == DNN_TYPE_FLOAT32;
    case DNN_KIND_F64:
      return type == DNN_TYPE_FLOAT64;
    case DNN_KIND_I32:
      return type == DNN_TYPE_INT32;
    case DNN_KIND_I64:
      return type == DNN_TYPE_INT64 || type == DNN_TYPE_UINT64;
    default:
      return dnn_type_size (type) == dnn_kind_size (kind);
  }
}

DnnKind
dnn_loop_choose_kind (const DnnLines *lines, DnnType type)
{
  const guint8 *kind = kinds[type];

  while (*kind != DNN_N_KINDS && !lines->of[*kind].at[DNN_LEVEL_BASE])
    kind++;
  return *kind;
}

DnnConvertFunc
dnn_loop_load (DnnType from, DnnKind to)
{
  return to < N_NUMBER_KINDS ? loads[from][to].at[dnn_loop_level ()] : NULL;
}

DnnConvertFunc
dnn_loop_store (DnnKind from, DnnType to)
{
  return from < N_NUMBER_KINDS ? stores[to][from].at[dnn_loop_level ()] : NULL;
}
