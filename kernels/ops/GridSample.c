/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GridSample: a feature map read at the places of a grid. */
#include "config.h"

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/spatial/dnn-sample.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_NUMBER,
      .type_var = "T1",
      .doc = "N × C × …" },
  { .name = "grid",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T2",
      .doc = "N × places × dimensions, from -1 to 1" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_NUMBER, .type_var = "T1" },
};
static const DnnAttrRow attrs[] = {
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .def = "linear",
      .choices = dnn_sample_modes,
      .doc = "linear, nearest or cubic" },
  { .key = "padding_mode",
      .kind = DNN_ATTR_STRING,
      .def = "zeros",
      .choices = dnn_sample_paddings,
      .doc = "what is read outside" },
  { .key = "align_corners",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: -1 and 1 are the centres of the outermost elements" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *grid = &call->inputs[1].shape;
  DnnShape shape = *x;
  gint n = x->rank - 2;

  if (!dnn_check_rank (call, 0, 3, 2 + DNN_SAMPLE_MAX, error) ||
      !dnn_check_rank (call, 1, x->rank, x->rank, error))
    return DNN_INFER_ERROR;
  if (grid->dims[n + 1] >= 0 && grid->dims[n + 1] != n)
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "the last dimension of grid is %" G_GINT64_FORMAT ", expected %d",
        grid->dims[n + 1], n);
  if (x->dims[0] >= 0 && grid->dims[0] >= 0 && x->dims[0] != grid->dims[0])
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "grid is for %" G_GINT64_FORMAT " images, X has %" G_GINT64_FORMAT,
        grid->dims[0], x->dims[0]);
  for (gint i = 0; i < n; i++)
    if (x->dims[2 + i] == 0)
      return dnn_infer_error (
          call, error, DNN_ERROR_SHAPE, "X has no place to be read");
  for (gint i = 0; i < n; i++)
    shape.dims[2 + i] = grid->dims[1 + i];
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *x = &call->inputs[0].shape, *y = &call->outputs[0].shape;
  gint n = x->rank - 2;
  gint64 n_src = dnn_check_count (x, 2, x->rank);
  gint64 n_dst = dnn_check_count (y, 2, y->rank);
  DnnSample sample;

  dnn_sample_read (call, &sample);
  for (gint64 i = 0; i < x->dims[0] * n_dst; i++) {
    gdouble at[DNN_SAMPLE_MAX];
    gint64 image = i / n_dst, place = i % n_dst;
    /* a grid names the innermost dimension first */
    for (gint k = 0; k < n; k++)
      at[k] = dnn_load (call->inputs[1].type, src[1], i * n + n - 1 - k);
    dnn_sample_place (&sample, at);
    for (gint64 c = 0; c < x->dims[1]; c++)
      dnn_sample_store (&sample, src[0], (image * x->dims[1] + c) * n_src,
          dst[0], (image * x->dims[1] + c) * n_dst + place);
  }
  return TRUE;
}

const DnnOp dnn_op_GridSample = {
  .name = "GridSample",
  .doc = "X read at the places that grid says, interpolated",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
