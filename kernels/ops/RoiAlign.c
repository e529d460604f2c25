/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* RoiAlign: averages or largest samples of parts of regions. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const gchar *const modes[] = { "avg", "max", NULL };
static const gchar *const coordinates[] = { "half_pixel", "output_half_pixel",
  NULL };

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "N × C × H × W" },
  { .name = "rois",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "regions × (x1, y1, x2, y2)" },
  { .name = "batch_indices",
      .types = DNN_TYPES_INT64,
      .doc = "image of each region" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T1" },
};
static const DnnAttrRow attrs[] = {
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .def = "avg",
      .choices = modes,
      .doc = "" },
  { .key = "coordinate_transformation_mode",
      .kind = DNN_ATTR_STRING,
      .def = "half_pixel",
      .choices = coordinates,
      .doc = "" },
  { .key = "output_height",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = 65536,
      .doc = "parts of a region" },
  { .key = "output_width",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = 65536,
      .doc = "" },
  { .key = "sampling_ratio",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1024,
      .doc = "places of a part in each direction; 0: one an element" },
  { .key = "spatial_scale",
      .kind = DNN_ATTR_FLOAT,
      .def = "1",
      .doc = "factor on the corners" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape rois = { 2, { DNN_DIM_OPEN, 4 } }, images = { .rank = 1 };
  DnnShape shape = { .rank = 4 };

  if (!dnn_check_rank (call, 0, 4, 4, error) ||
      !dnn_check_shape (call, 1, &rois, error))
    return DNN_INFER_ERROR;
  images.dims[0] = call->inputs[1].shape.dims[0];
  if (!dnn_check_shape (call, 2, &images, error))
    return DNN_INFER_ERROR;
  shape.dims[0] = images.dims[0];
  shape.dims[1] = call->inputs[0].shape.dims[1];
  shape.dims[2] = dnn_call_int (call, "output_height");
  shape.dims[3] = dnn_call_int (call, "output_width");
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* A region along one dimension: parts of @part elements from @start on, each
 * read at @n places. */
typedef struct
{
  gdouble start, part;
  gint64 n, size;
} Span;

/* Between which two elements a place lies; FALSE: outside. */
static gboolean
find_pair (gdouble at, gint64 size, gint64 *low, gint64 *high, gdouble *share)
{
  if (!(at >= -1 && at <= (gdouble) size))
    return FALSE;
  at = MAX (at, 0);
  *low = MIN ((gint64) at, size - 1);
  *high = MIN (*low + 1, size - 1);
  *share = *low >= size - 1 ? 0 : at - (gdouble) *low;
  return TRUE;
}

/* One place: the four weighted neighbours summed, or the largest of them. */
static gdouble
read_place (DnnType type, gconstpointer src, gint64 base, const Span *spans,
    const gdouble *at, gboolean is_max)
{
  gint64 width = spans[1].size, y[2], x[2];
  gdouble sy, sx, a, b, c, d;

  if (!find_pair (at[0], spans[0].size, &y[0], &y[1], &sy) ||
      !find_pair (at[1], spans[1].size, &x[0], &x[1], &sx))
    return 0;
  a = dnn_load (type, src, base + y[0] * width + x[0]) * (1 - sy) * (1 - sx);
  b = dnn_load (type, src, base + y[0] * width + x[1]) * (1 - sy) * sx;
  c = dnn_load (type, src, base + y[1] * width + x[0]) * sy * (1 - sx);
  d = dnn_load (type, src, base + y[1] * width + x[1]) * sy * sx;
  return is_max ? fmax (fmax (a, b), fmax (c, d)) : a + b + c + d;
}

static gdouble
read_part (DnnType type, gconstpointer src, gint64 base, const Span *spans,
    const gint64 *part, gboolean is_max)
{
  gdouble sum = 0, most = -INFINITY;
  gint64 n = spans[0].n * spans[1].n;

  for (gint64 i = 0; i < n; i++) {
    const gint64 step[2] = { i / spans[1].n, i % spans[1].n };
    gdouble at[2], value;
    for (gint k = 0; k < 2; k++)
      at[k] = spans[k].start +
          spans[k].part *
              ((gdouble) part[k] +
                  ((gdouble) step[k] + 0.5) / (gdouble) spans[k].n);
    value = read_place (type, src, base, spans, at, is_max);
    sum += value;
    most = fmax (most, value);
  }
  if (n == 0)
    return 0;
  return is_max ? most : sum / (gdouble) n;
}

static Span
get_span (
    const DnnCall *call, gdouble from, gdouble to, gint64 n_parts, gint64 size)
{
  gboolean is_half =
      strcmp (dnn_call_attr (call, "coordinate_transformation_mode")->s,
          "half_pixel") == 0;
  gdouble scale = dnn_call_float (call, "spatial_scale");
  gint64 ratio = dnn_call_int (call, "sampling_ratio");
  gdouble length = (to - from) * scale;
  Span span = { from * scale - (is_half ? 0.5 : 0), .size = size };

  if (!is_half)
    length = MAX (length, 1);
  span.part = length / (gdouble) n_parts;
  /* no more places than a map could have elements */
  span.n = ratio > 0 ? ratio : (gint64) CLAMP (ceil (span.part), 0, 1 << 20);
  return span;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *y = &call->outputs[0].shape;
  DnnType type = call->inputs[0].type;
  gboolean is_max = strcmp (dnn_call_attr (call, "mode")->s, "max") == 0;
  gint64 plane = x->dims[2] * x->dims[3], idx = 0;

  for (gint64 r = 0; r < y->dims[0]; r++) {
    gint64 image = ((const gint64 *) src[2])[r];
    gdouble roi[4];
    Span spans[2];
    for (gint i = 0; i < 4; i++)
      roi[i] = dnn_load (type, src[1], r * 4 + i);
    if (image < 0 || image >= x->dims[0])
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "batch_indices[%" G_GINT64_FORMAT "] is %" G_GINT64_FORMAT
          ", expected 0 to %" G_GINT64_FORMAT,
          r, image, x->dims[0] - 1);
    if (!isfinite (roi[0] + roi[1] + roi[2] + roi[3]))
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "region %" G_GINT64_FORMAT " isn't finite", r);
    spans[0] = get_span (call, roi[1], roi[3], y->dims[2], x->dims[2]);
    spans[1] = get_span (call, roi[0], roi[2], y->dims[3], x->dims[3]);
    for (gint64 i = 0; i < y->dims[1] * y->dims[2] * y->dims[3]; i++, idx++) {
      const gint64 part[2] = { i / y->dims[3] % y->dims[2], i % y->dims[3] };
      gint64 c = i / (y->dims[2] * y->dims[3]);
      dnn_store (type, dst[0], idx,
          read_part (type, src[0], (image * x->dims[1] + c) * plane, spans,
              part, is_max));
    }
  }
  return TRUE;
}

const DnnOp dnn_op_RoiAlign = {
  .name = "RoiAlign",
  .doc = "Samples of parts of regions, averaged or the largest of them",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
