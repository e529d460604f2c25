/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MelWeightMatrix: frequencies of a spectrum → mel bands. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "num_mel_bins", .types = DNN_TYPES_INDEX, .type_var = "T1" },
  { .name = "dft_length", .types = DNN_TYPES_INDEX, .type_var = "T1" },
  { .name = "sample_rate", .types = DNN_TYPES_INDEX, .type_var = "T1" },
  { .name = "lower_edge_hertz", .types = DNN_TYPES_FLOAT, .type_var = "T2" },
  { .name = "upper_edge_hertz", .types = DNN_TYPES_FLOAT, .type_var = "T2" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_NUMBER, .doc = "frequencies × bands" },
};
static const DnnAttrRow attrs[] = {
  { .key = "output_datatype",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .doc = DNN_CAST_TYPE_DOC },
};

/* Largest number of bands and frequencies: a number in a file is no bomb. */
#define MAX_BINS (1 << 20)

static gboolean
read_int (const DnnCall *call, guint idx, gint64 least, gint64 most,
    gint64 *value, GError **error)
{
  *value = dnn_check_get_int (call, idx, call->inputs[idx].value);
  if (*value >= least && *value <= most)
    return TRUE;
  return dnn_call_error (call, error, DNN_ERROR_VALUE,
      "%s is %" G_GINT64_FORMAT ", expected %" G_GINT64_FORMAT
      " to %" G_GINT64_FORMAT,
      call->op->inputs[idx].name, *value, least, most);
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = { .rank = 2, .dims = { DNN_DIM_OPEN, DNN_DIM_OPEN } };
  gint64 n_bands, length, rate;
  DnnType type;

  for (guint i = 0; i < 5; i++)
    if (!dnn_check_scalar (call, i, error))
      return DNN_INFER_ERROR;
  if (!dnn_cast_read_type (call, "output_datatype", &type, error))
    return DNN_INFER_ERROR;
  dnn_infer_set (call, 0, type, &shape);
  for (guint i = 0; i < 3; i++)
    if (!call->inputs[i].value)
      return dnn_infer_needs (call, i);
  if (!read_int (call, 0, 1, MAX_BINS, &n_bands, error) ||
      !read_int (call, 1, 1, MAX_BINS, &length, error) ||
      !read_int (call, 2, 1, G_MAXINT32, &rate, error))
    return DNN_INFER_ERROR;
  shape.dims[0] = length / 2 + 1;
  shape.dims[1] = n_bands;
  dnn_infer_set (call, 0, type, &shape);
  return DNN_INFER_OK;
}

static gdouble
get_mel (gdouble hertz)
{
  return 2595 * log10 (1 + hertz / 700);
}

/* The frequency bin where step @i of the scale stands. */
static gint64
find_bin (gdouble low, gdouble step, gint64 i, gdouble length, gdouble rate)
{
  gdouble hertz = 700 * (pow (10, (low + (gdouble) i * step) / 2595) - 1);

  return (gint64) floor ((length + 1) * hertz / rate);
}

static void
store (
    const DnnCallArg *out, gpointer dst, gint64 bin, gint64 band, gdouble value)
{
  if (bin >= 0 && bin < out->shape.dims[0])
    dnn_store (out->type, dst, bin * out->shape.dims[1] + band, value);
}

/* A band rises from @low to @center and falls to @high. */
static void
fill_band (const DnnCallArg *out, gpointer dst, gint64 band, gint64 low,
    gint64 center, gint64 high)
{
  if (low == center)
    store (out, dst, center, band, 1);
  for (gint64 i = MAX (low, 0); low != center && i <= center; i++)
    store (out, dst, i, band, (gdouble) (i - low) / (gdouble) (center - low));
  for (gint64 i = MAX (center, 0); i < MIN (high, out->shape.dims[0]); i++)
    store (out, dst, i, band, (gdouble) (high - i) / (gdouble) (high - center));
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnCallArg *out = &call->outputs[0];
  gint64 n_bands = out->shape.dims[1];
  gdouble length = (gdouble) dnn_check_get_int (call, 1, src[1]);
  gdouble rate = (gdouble) dnn_check_get_int (call, 2, src[2]);
  gdouble low = get_mel (dnn_load (call->inputs[3].type, src[3], 0));
  gdouble high = get_mel (dnn_load (call->inputs[4].type, src[4], 0));
  gdouble step = (high - low) / (gdouble) (n_bands + 2);

  memset (dst[0], 0,
      (gsize) dnn_shape_n_elements (&out->shape) * dnn_type_size (out->type));
  if (!(low >= 0 && high >= low && high < 1e5))
    return dnn_call_error (call, error, DNN_ERROR_DATA,
        "the edges are %g and %g Hz, expected 0 or more, rising",
        dnn_load (call->inputs[3].type, src[3], 0),
        dnn_load (call->inputs[4].type, src[4], 0));
  for (gint64 i = 0; i < n_bands; i++) {
    gint64 bins[3];
    for (gint k = 0; k < 3; k++)
      bins[k] = MIN (
          find_bin (low, step, i + k, length, rate), (gint64) G_MAXINT32);
    fill_band (out, dst[0], i, bins[0], bins[1], bins[2]);
  }
  return TRUE;
}

const DnnOp dnn_op_MelWeightMatrix = {
  .name = "MelWeightMatrix",
  .doc = "What turns a spectrum into mel bands, a triangle each",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
