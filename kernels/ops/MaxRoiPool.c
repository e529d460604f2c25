/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MaxRoiPool: the largest elements of parts of regions. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × H × W" },
  { .name = "rois",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "regions × (image, x1, y1, x2, y2)" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "pooled_shape",
      .kind = DNN_ATTR_INTS,
      .required = TRUE,
      .min = 1,
      .max = 65536,
      .doc = "height and width" },
  { .key = "spatial_scale",
      .kind = DNN_ATTR_FLOAT,
      .def = "1",
      .doc = "factor on the corners" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnAttrValue *pooled = dnn_call_attr (call, "pooled_shape");
  const DnnShape rois = { 2, { DNN_DIM_OPEN, 5 } };
  DnnShape shape = { .rank = 4 };

  if (!dnn_check_rank (call, 0, 4, 4, error) ||
      !dnn_check_shape (call, 1, &rois, error))
    return DNN_INFER_ERROR;
  if (pooled->n != 2)
    return dnn_infer_error (call, error, DNN_ERROR_VALUE,
        "attribute pooled_shape has %u numbers, expected 2", pooled->n);
  shape.dims[0] = call->inputs[1].shape.dims[0];
  shape.dims[1] = call->inputs[0].shape.dims[1];
  shape.dims[2] = pooled->ints[0];
  shape.dims[3] = pooled->ints[1];
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* One region along one dimension. */
typedef struct
{
  gint64 start;
  gdouble part;
  gint64 n;
} Span;

static Span
get_span (gdouble from, gdouble to, gint64 n_parts, gint64 n)
{
  gdouble limit = 1e9;
  gdouble start = CLAMP (round (from), -limit, limit);
  gdouble end = CLAMP (round (to), -limit, limit);

  return (
      Span){ (gint64) start, MAX (end - start + 1, 1) / (gdouble) n_parts, n };
}

static void
get_part (const Span *self, gint64 i, gint64 *from, gint64 *to)
{
  *from = self->start + (gint64) floor ((gdouble) i * self->part);
  *to = self->start + (gint64) ceil ((gdouble) (i + 1) * self->part);
  *from = CLAMP (*from, 0, self->n);
  *to = CLAMP (*to, 0, self->n);
}

static gdouble
find_largest (DnnType type, gconstpointer src, gint64 base, const Span *spans,
    gint64 row, gint64 column)
{
  gdouble most = -INFINITY;
  gint64 y0, y1, x0, x1;

  get_part (&spans[0], row, &y0, &y1);
  get_part (&spans[1], column, &x0, &x1);
  if (y1 <= y0 || x1 <= x0)
    return 0;
  for (gint64 y = y0; y < y1; y++)
    for (gint64 x = x0; x < x1; x++) {
      gdouble value = dnn_load (type, src, base + y * spans[1].n + x);
      if (value > most || value != value)
        most = value;
    }
  return most;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *y = &call->outputs[0].shape;
  DnnType type = call->inputs[0].type;
  gdouble scale = dnn_call_float (call, "spatial_scale");
  gint64 plane = x->dims[2] * x->dims[3], idx = 0;

  for (gint64 r = 0; r < y->dims[0]; r++) {
    gdouble roi[5];
    Span spans[2];
    for (gint i = 0; i < 5; i++)
      roi[i] = dnn_load (type, src[1], r * 5 + i) * (i ? scale : 1);
    if (!(roi[0] >= 0 && roi[0] < (gdouble) x->dims[0]) ||
        !isfinite (roi[1] + roi[2] + roi[3] + roi[4]))
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "region %" G_GINT64_FORMAT
          " is of image %g, expected 0 to %" G_GINT64_FORMAT
          " and finite corners",
          r, roi[0], x->dims[0] - 1);
    spans[0] = get_span (roi[2], roi[4], y->dims[2], x->dims[2]);
    spans[1] = get_span (roi[1], roi[3], y->dims[3], x->dims[3]);
    for (gint64 i = 0; i < y->dims[1] * y->dims[2] * y->dims[3]; i++, idx++) {
      gint64 c = i / (y->dims[2] * y->dims[3]);
      dnn_store (type, dst[0], idx,
          find_largest (type, src[0],
              ((gint64) roi[0] * x->dims[1] + c) * plane, spans,
              i / y->dims[3] % y->dims[2], i % y->dims[3]));
    }
  }
  return TRUE;
}

const DnnOp dnn_op_MaxRoiPool = {
  .name = "MaxRoiPool",
  .doc = "The largest element of each part of each region",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
