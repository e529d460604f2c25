/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Folds: what a reduction makes of each element and how two of them join →
 * loops over arrays. Real numbers are folded in double, integers in 64 bits.
 * Written
 *
 *   #define ADD(x, y) ((x) + (y))
 *   #define SQUARE(x) ((x) * (x))
 *   DNN_REAL_FOLD (square, SQUARE, ADD)
 *   static const DnnFolds folds = { DNN_FOLDS_REAL (square) };
 *
 * with T and U as in dnn-loop.h. Next: family/dnn-reduce.c. */
#pragma once

#include "kernels/loops/dnn-loop.h"

G_BEGIN_DECLS

/* fold: @n results, of each one the next element. run: one result of @n
 * elements. */
typedef void (*DnnFoldFunc) (gpointer result, gconstpointer src, gsize n);

typedef struct
{
  DnnFoldFunc at[DNN_N_LEVELS];
} DnnFoldLevels;

typedef struct
{
  DnnFoldLevels fold[DNN_KIND_U64 + 1], run[DNN_KIND_U64 + 1];
} DnnFolds;

#define DNN_FOLD_LANES 16

#define DNN_FOLD_1(level, name, type, unsigned_type, TERM, JOIN)            \
  DNN_TARGET_##level static void name##_fold_##level (                      \
      gpointer result, gconstpointer src, gsize n)                          \
  {                                                                         \
    typedef type T G_GNUC_UNUSED;                                           \
    typedef unsigned_type U G_GNUC_UNUSED;                                  \
    const type *x = src;                                                    \
    type *y = result;                                                       \
    DNN_SIMD for (gsize i = 0; i < n; i++) y[i] = JOIN (y[i], TERM (x[i])); \
  }                                                                         \
  DNN_TARGET_##level static void name##_run_##level (                       \
      gpointer result, gconstpointer src, gsize n)                          \
  {                                                                         \
    typedef type T G_GNUC_UNUSED;                                           \
    typedef unsigned_type U G_GNUC_UNUSED;                                  \
    const type *x = src;                                                    \
    type *y = result, lanes[DNN_FOLD_LANES];                                \
    gsize i = 0;                                                            \
    if (n >= DNN_FOLD_LANES) {                                              \
      for (; i < DNN_FOLD_LANES; i++)                                       \
        lanes[i] = TERM (x[i]);                                             \
      for (; i + DNN_FOLD_LANES <= n; i += DNN_FOLD_LANES)                  \
        DNN_SIMD for (gsize k = 0; k < DNN_FOLD_LANES; k++)                 \
            lanes[k] = JOIN (lanes[k], TERM (x[i + k]));                    \
      for (gsize w = DNN_FOLD_LANES / 2; w > 0; w /= 2)                     \
        for (gsize k = 0; k < w; k++)                                       \
          lanes[k] = JOIN (lanes[k], lanes[k + w]);                         \
      *y = JOIN (*y, lanes[0]);                                             \
    }                                                                       \
    for (; i < n; i++)                                                      \
      *y = JOIN (*y, TERM (x[i]));                                          \
  }

#define DNN_REAL_FOLD(name, TERM, JOIN) \
  DNN_AT_LEVELS (DNN_FOLD_1, name##_F64, gdouble, gdouble, TERM, JOIN)
#define DNN_SIGNED_FOLD(name, TERM, JOIN) \
  DNN_AT_LEVELS (DNN_FOLD_1, name##_I64, gint64, guint64, TERM, JOIN)
#define DNN_UNSIGNED_FOLD(name, TERM, JOIN) \
  DNN_AT_LEVELS (DNN_FOLD_1, name##_U64, guint64, guint64, TERM, JOIN)

/* Entries of DnnFolds. Integers without sign take those of signed ones where
 * they have none of their own. */
#define DNN_FOLDS_OF(name, kind)                                \
  .fold[DNN_KIND_##kind] = DNN_FOLDS_AT (name##_##kind##_fold), \
  .run[DNN_KIND_##kind] = DNN_FOLDS_AT (name##_##kind##_run)
#if defined(__x86_64__)
#define DNN_FOLDS_AT(name)                    \
  {                                           \
    {                                         \
      name##_base, name##_avx2, name##_avx512 \
    }                                         \
  }
#else
#define DNN_FOLDS_AT(name) \
  {                        \
    {                      \
      name##_base          \
    }                      \
  }
#endif
#define DNN_FOLDS_REAL(name) DNN_FOLDS_OF (name, F64)
#define DNN_FOLDS_SIGNED(name) DNN_FOLDS_OF (name, I64)
#define DNN_FOLDS_UNSIGNED(name) DNN_FOLDS_OF (name, U64)

G_END_DECLS
