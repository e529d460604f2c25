/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Resampling of one axis as a table: which source samples, with what weights,
 * make each destination sample. Next: gstdnnpixels.h. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DNN_FILTER_BILINEAR, /* two neighbours, also when shrinking */
  GST_DNN_FILTER_ANTIALIAS, /* triangle as wide as the shrink factor */
  GST_DNN_FILTER_AREA, /* mean of the covered area when shrinking */
  GST_DNN_FILTER_NEAREST,
} GstDnnFilter;

/**
 * GstDnnTaps:
 * @n_dst: destination samples
 * @n_taps: source samples of each; those it does not need have weight 0
 * @idx: n_dst × n_taps indices, all within first … last
 * @weight: n_dst × n_taps; they add up to 1 for each destination sample
 * @first: least index
 * @last: greatest index
 */
typedef struct
{
  gint n_dst;
  gint n_taps;
  gint *idx;
  gfloat *weight;
  gint first, last;
} GstDnnTaps;

/**
 * gst_dnn_taps_init:
 * @origin: where the first destination sample begins, in source samples;
 *   source sample i covers i … i + 1
 * @step: source samples that one destination sample covers
 * @lo: least index that may be read
 * @hi: greatest; beyond them the edge sample repeats
 */
void gst_dnn_taps_init (GstDnnTaps *self, GstDnnFilter filter, gint n_dst,
    gdouble origin, gdouble step, gint lo, gint hi);

/* Multiplies and shifts the indices: from samples to bytes of a row. */
void gst_dnn_taps_to_offsets (GstDnnTaps *self, gint stride, gint offset);
void gst_dnn_taps_clear (GstDnnTaps *self);

G_END_DECLS
