/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Lines: an operator's inner expression → loops over arrays of each kind of
 * number, once for each level of instructions. ref takes the line of the widest
 * kind, one element at a time; loops take that of the type, in blocks. Written
 *
 *   #define RELU(x) ((x) <= 0 ? (T) 0 : (x))
 *   DNN_REAL_1 (relu, RELU)
 *   DNN_INTEGER_1 (relu, RELU)
 *   static const DnnLines lines = {
 *     DNN_LINES_REAL (relu), DNN_LINES_INTEGER (relu),
 *   };
 *
 * In an expression T is the kind's type, U the same without sign (integers wrap
 * around when they are added as U), c0 … c3 are the call's parameters. Numbers
 * are written (T) 0.5, functions as in dnn-loop-math.h. Next: dnn-loop-map.c.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a loop computes with. Types that have no kind of their own are converted
 * in blocks: float16 and bfloat16 to F32, int8, int16, uint8, uint16 to I32,
 * uint32 to I64. U8, U16, U32 are also any type of that size where only bits
 * count; so is U64. */
typedef enum
{
  DNN_KIND_F32,
  DNN_KIND_F64,
  DNN_KIND_I32,
  DNN_KIND_I64,
  DNN_KIND_U64,
  DNN_KIND_U8,
  DNN_KIND_U16,
  DNN_KIND_U32,
  DNN_N_KINDS,
} DnnKind;

/* What a line reads beside its arrays: attributes and scalar inputs, as c0 … c3
 * of the kinds of real numbers or of integers. Meaning: the operator's. */
typedef struct
{
  gdouble real[4];
  gint64 integer[4];
} DnnLoopParams;

/* @n elements of one kind. @dst may be one of @src. */
typedef void (*DnnLineFunc) (gpointer dst, gconstpointer const *src, gsize n,
    const DnnLoopParams *params);

/* Instructions that oneDNN may use here decide (ONEDNN_MAX_CPU_ISA). */
typedef enum
{
  DNN_LEVEL_BASE,
#if defined(__x86_64__)
  DNN_LEVEL_AVX2,
  DNN_LEVEL_AVX512,
#endif
  DNN_N_LEVELS,
} DnnLevel;

DnnLevel dnn_loop_level (void);

typedef struct
{
  DnnLineFunc at[DNN_N_LEVELS];
} DnnLine;

typedef struct
{
  DnnLine of[DNN_N_KINDS];
} DnnLines;

/* ---- definitions ----------------------------------------------------------
 */

#if defined(__x86_64__)
#define DNN_TARGET_base
#define DNN_TARGET_avx2 __attribute__ ((target ("avx2,fma,f16c")))
#define DNN_TARGET_avx512 \
  __attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#define DNN_AT_LEVELS(M, ...) \
  M (base, __VA_ARGS__) M (avx2, __VA_ARGS__) M (avx512, __VA_ARGS__)
#define DNN_LINE_AT(name)                     \
  {                                           \
    {                                         \
      name##_base, name##_avx2, name##_avx512 \
    }                                         \
  }
#else
#define DNN_TARGET_base
#define DNN_AT_LEVELS(M, ...) M (base, __VA_ARGS__)
#define DNN_LINE_AT(name) \
  {                       \
    {                     \
      name##_base         \
    }                     \
  }
#endif

#define DNN_SIMD _Pragma ("omp simd")

/* The types and parameters that an expression sees. */
#define DNN_LINE_BEGIN(level, name, type, unsigned_type, params)               \
  DNN_TARGET_##level static void name##_##level (                              \
      gpointer dst, gconstpointer const *src, gsize n, const DnnLoopParams *p) \
  {                                                                            \
    typedef type T G_GNUC_UNUSED;                                              \
    typedef unsigned_type U G_GNUC_UNUSED;                                     \
    const T c0 G_GNUC_UNUSED = (T) p->params[0];                               \
    const T c1 G_GNUC_UNUSED = (T) p->params[1];                               \
    const T c2 G_GNUC_UNUSED = (T) p->params[2];                               \
    const T c3 G_GNUC_UNUSED = (T) p->params[3];

#define DNN_LINE_1(level, name, type, unsigned_type, result, params, EXPR) \
  DNN_LINE_BEGIN (level, name, type, unsigned_type, params)                \
  const T *a = src[0];                                                     \
  result *y = dst;                                                         \
  DNN_SIMD for (gsize i = 0; i < n; i++)                                   \
  {                                                                        \
    const T first = a[i];                                                  \
    y[i] = (result) (EXPR (first));                                        \
  }                                                                        \
  }

#define DNN_LINE_2(level, name, type, unsigned_type, result, params, EXPR) \
  DNN_LINE_BEGIN (level, name, type, unsigned_type, params)                \
  const T *a = src[0], *b = src[1];                                        \
  result *y = dst;                                                         \
  DNN_SIMD for (gsize i = 0; i < n; i++)                                   \
  {                                                                        \
    const T first = a[i];                                                  \
    const T second G_GNUC_UNUSED = b[i];                                   \
    y[i] = (result) (EXPR (first, second));                                \
  }                                                                        \
  }

/* One array: NAME_KIND for the kinds of real numbers, of integers, of bits. */
#define DNN_REAL_1(name, EXPR)                                               \
  DNN_AT_LEVELS (DNN_LINE_1, name##_F32, gfloat, gfloat, gfloat, real, EXPR) \
  DNN_AT_LEVELS (DNN_LINE_1, name##_F64, gdouble, gdouble, gdouble, real, EXPR)
#define DNN_SIGNED_1(name, EXPR)                                      \
  DNN_AT_LEVELS (                                                     \
      DNN_LINE_1, name##_I32, gint32, guint32, gint32, integer, EXPR) \
  DNN_AT_LEVELS (DNN_LINE_1, name##_I64, gint64, guint64, gint64, integer, EXPR)
#define DNN_UNSIGNED_1(name, EXPR) \
  DNN_AT_LEVELS (                  \
      DNN_LINE_1, name##_U64, guint64, guint64, guint64, integer, EXPR)
#define DNN_INTEGER_1(name, EXPR) \
  DNN_SIGNED_1 (name, EXPR) DNN_UNSIGNED_1 (name, EXPR)
#define DNN_BITS_1(name, EXPR)                                                 \
  DNN_AT_LEVELS (DNN_LINE_1, name##_U8, guint8, guint8, guint8, integer, EXPR) \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_1, name##_U16, guint16, guint16, guint16, integer, EXPR)        \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_1, name##_U32, guint32, guint32, guint32, integer, EXPR)        \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_1, name##_U64, guint64, guint64, guint64, integer, EXPR)
/* Real numbers → true or false. */
#define DNN_REAL_TEST_1(name, EXPR)                                          \
  DNN_AT_LEVELS (DNN_LINE_1, name##_F32, gfloat, gfloat, guint8, real, EXPR) \
  DNN_AT_LEVELS (DNN_LINE_1, name##_F64, gdouble, gdouble, guint8, real, EXPR)

/* Two arrays. */
#define DNN_REAL_2(name, EXPR)                                               \
  DNN_AT_LEVELS (DNN_LINE_2, name##_F32, gfloat, gfloat, gfloat, real, EXPR) \
  DNN_AT_LEVELS (DNN_LINE_2, name##_F64, gdouble, gdouble, gdouble, real, EXPR)
#define DNN_SIGNED_2(name, EXPR)                                      \
  DNN_AT_LEVELS (                                                     \
      DNN_LINE_2, name##_I32, gint32, guint32, gint32, integer, EXPR) \
  DNN_AT_LEVELS (DNN_LINE_2, name##_I64, gint64, guint64, gint64, integer, EXPR)
#define DNN_UNSIGNED_2(name, EXPR) \
  DNN_AT_LEVELS (                  \
      DNN_LINE_2, name##_U64, guint64, guint64, guint64, integer, EXPR)
#define DNN_INTEGER_2(name, EXPR) \
  DNN_SIGNED_2 (name, EXPR) DNN_UNSIGNED_2 (name, EXPR)
#define DNN_BITS_2(name, EXPR)                                                 \
  DNN_AT_LEVELS (DNN_LINE_2, name##_U8, guint8, guint8, guint8, integer, EXPR) \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_2, name##_U16, guint16, guint16, guint16, integer, EXPR)        \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_2, name##_U32, guint32, guint32, guint32, integer, EXPR)        \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_2, name##_U64, guint64, guint64, guint64, integer, EXPR)
/* Any two numbers → true or false. */
#define DNN_TEST_2(name, EXPR)                                                 \
  DNN_AT_LEVELS (DNN_LINE_2, name##_F32, gfloat, gfloat, guint8, real, EXPR)   \
  DNN_AT_LEVELS (DNN_LINE_2, name##_F64, gdouble, gdouble, guint8, real, EXPR) \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_2, name##_I32, gint32, guint32, guint8, integer, EXPR)          \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_2, name##_I64, gint64, guint64, guint8, integer, EXPR)          \
  DNN_AT_LEVELS (                                                              \
      DNN_LINE_2, name##_U64, guint64, guint64, guint8, integer, EXPR)

/* Entries of DnnLines.of. */
#define DNN_LINES_OF(name, kind) \
  .of[DNN_KIND_##kind] = DNN_LINE_AT (name##_##kind)
#define DNN_LINES_REAL(name) DNN_LINES_OF (name, F32), DNN_LINES_OF (name, F64)
#define DNN_LINES_SIGNED(name) \
  DNN_LINES_OF (name, I32), DNN_LINES_OF (name, I64)
#define DNN_LINES_INTEGER(name) \
  DNN_LINES_SIGNED (name), DNN_LINES_OF (name, U64)
#define DNN_LINES_BITS(name)                                                   \
  DNN_LINES_OF (name, U8), DNN_LINES_OF (name, U16), DNN_LINES_OF (name, U32), \
      DNN_LINES_OF (name, U64)

G_END_DECLS
