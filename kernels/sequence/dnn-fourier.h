/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The discrete Fourier transform of one line of complex numbers, in double,
 * O(n log n) for every n. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gdouble re, im;
} DnnComplex;

/* A transform of n numbers and its tables, all in memory of the caller's. */
typedef struct
{
  DnnComplex *x; /* n numbers: what comes, and what is left there */
  gint64 n, m; /* m: the power of two that is transformed */
  gboolean inverse;
  DnnComplex *turns; /* m / 2 */
  DnnComplex *chirp, *chirps, *work; /* n, m, m; where n is no power of two */
} DnnFourier;

/* Bytes that a transform of @n numbers needs. */
gsize dnn_fourier_scratch (gint64 n);
/* Fills the tables. @inverse: with the other sign, and not divided by n. */
void dnn_fourier_init (
    DnnFourier *self, gint64 n, gboolean inverse, gpointer scratch);
/* In place. */
void dnn_fourier_run (DnnFourier *self);

G_END_DECLS
