/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Lines whose quick expression is right for most numbers only: those that a
 * test names, such as angles far from 0, are computed once more, one by one, by
 * the C library. Written
 *
 *   DNN_REAL_CHECKED_1 (sin, dnn_sin_float, DNN_IS_FAR, sinf, sin)
 *   static const DnnLines lines = { DNN_LINES_REAL (sin) };
 */
#pragma once

#include "kernels/loops/dnn-loop.h"

#include <string.h>

G_BEGIN_DECLS

/* Operands are kept for so many elements: the result may lie where they do. */
#define DNN_CHECKED_BLOCK 128
#define DNN_SIMD_ANY _Pragma ("omp simd reduction (| : any)")

#define DNN_CHECKED_1(level, name, FAST, IS_ODD, EXACT)                        \
  DNN_TARGET_##level static void name##_##level (                              \
      gpointer dst, gconstpointer const *src, gsize n, const DnnLoopParams *p) \
  {                                                                            \
    gfloat x[DNN_CHECKED_BLOCK], *y = dst;                                     \
    for (gsize start = 0; start < n; start += DNN_CHECKED_BLOCK) {             \
      gsize m = MIN (n - start, DNN_CHECKED_BLOCK);                            \
      gint any = 0;                                                            \
      memcpy (x, (const gfloat *) src[0] + start, m * sizeof *x);              \
      DNN_SIMD_ANY for (gsize i = 0; i < m; i++)                               \
      {                                                                        \
        any |= IS_ODD (x[i]);                                                  \
        y[start + i] = FAST (x[i]);                                            \
      }                                                                        \
      for (gsize i = 0; i < m && any; i++)                                     \
        if (IS_ODD (x[i]))                                                     \
          y[start + i] = EXACT (x[i]);                                         \
    }                                                                          \
  }

#define DNN_CHECKED_2(level, name, FAST, IS_ODD, EXACT)                        \
  DNN_TARGET_##level static void name##_##level (                              \
      gpointer dst, gconstpointer const *src, gsize n, const DnnLoopParams *p) \
  {                                                                            \
    gfloat a[DNN_CHECKED_BLOCK], b[DNN_CHECKED_BLOCK], *y = dst;               \
    for (gsize start = 0; start < n; start += DNN_CHECKED_BLOCK) {             \
      gsize m = MIN (n - start, DNN_CHECKED_BLOCK);                            \
      gint any = 0;                                                            \
      memcpy (a, (const gfloat *) src[0] + start, m * sizeof *a);              \
      memcpy (b, (const gfloat *) src[1] + start, m * sizeof *b);              \
      DNN_SIMD_ANY for (gsize i = 0; i < m; i++)                               \
      {                                                                        \
        any |= IS_ODD (a[i], b[i]);                                            \
        y[start + i] = FAST (a[i], b[i]);                                      \
      }                                                                        \
      for (gsize i = 0; i < m && any; i++)                                     \
        if (IS_ODD (a[i], b[i]))                                               \
          y[start + i] = EXACT (a[i], b[i]);                                   \
    }                                                                          \
  }

/* float by the quick way, double by the C library. */
#define DNN_REAL_CHECKED_1(name, FAST, IS_ODD, EXACT, EXACT_DOUBLE) \
  DNN_AT_LEVELS (DNN_CHECKED_1, name##_F32, FAST, IS_ODD, EXACT)    \
  DNN_AT_LEVELS (                                                   \
      DNN_LINE_1, name##_F64, gdouble, gdouble, gdouble, real, EXACT_DOUBLE)

G_END_DECLS
