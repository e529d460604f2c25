/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GatherND: slices that are picked by index tuples. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "indices", .types = DNN_TYPES_INT64 },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "batch_dims",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .doc = "how many dimensions in front both have" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  gint64 batch = dnn_call_int (call, "batch_dims"), last;
  DnnShape shape = { .rank = 0 };

  if (!dnn_check_rank (call, 0, 1, DNN_MAX_RANK, error) ||
      !dnn_check_rank (call, 1, 1, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  if (batch < 0 || batch >= MIN (data->rank, indices->rank))
    return dnn_infer_error (call, error, DNN_ERROR_VALUE,
        "batch_dims is %" G_GINT64_FORMAT ", expected 0 to %d", batch,
        MIN (data->rank, indices->rank) - 1);
  last = indices->dims[indices->rank - 1];
  if (last < 0)
    return DNN_INFER_OK;
  if (last < 1 || last > data->rank - batch ||
      indices->rank - 1 + data->rank - batch - last > DNN_MAX_RANK)
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "indices have tuples of %" G_GINT64_FORMAT
        ", expected 1 to %" G_GINT64_FORMAT,
        last, data->rank - batch);
  for (gint i = 0; i < batch; i++)
    if (data->dims[i] >= 0 && indices->dims[i] >= 0 &&
        data->dims[i] != indices->dims[i])
      return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
          "dimension %d of data is %" G_GINT64_FORMAT
          ", that of indices %" G_GINT64_FORMAT,
          i, data->dims[i], indices->dims[i]);
  for (gint i = 0; i < indices->rank - 1; i++)
    shape.dims[shape.rank++] = indices->dims[i];
  for (gint i = (gint) (batch + last); i < data->rank; i++)
    shape.dims[shape.rank++] = data->dims[i];
  dnn_infer_set (call, 0, call->inputs[0].type, &shape);
  return DNN_INFER_OK;
}

/* Where in one batch's slices the tuple points to, -1 if outside. */
static gint64
find_slice (const DnnShape *data, gint batch, const gint64 *tuple, gint n)
{
  gint64 at = 0;

  for (gint i = 0; i < n; i++) {
    gint64 dim = data->dims[batch + i];
    gint64 idx = tuple[i] < 0 ? tuple[i] + dim : tuple[i];
    if (idx < 0 || idx >= dim)
      return -1;
    at = at * dim + idx;
  }
  return at;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  gint batch = (gint) dnn_call_int (call, "batch_dims");
  gint last = (gint) indices->dims[indices->rank - 1];
  gint64 n_batches = dnn_check_count (data, 0, batch);
  gint64 n = dnn_check_count (indices, batch, indices->rank - 1);
  gint64 n_slices = dnn_check_count (data, batch, batch + last);
  gsize size = (gsize) dnn_check_count (data, batch + last, data->rank) *
      dnn_type_size (call->inputs[0].type);

  for (gint64 i = 0; i < n_batches * n; i++) {
    gint64 at = find_slice (
        data, batch, (const gint64 *) src[1] + i * last, last);
    if (at < 0)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "tuple %" G_GINT64_FORMAT " of indices lies outside of data", i);
    memcpy ((guint8 *) dst[0] + (gsize) i * size,
        (const guint8 *) src[0] + (gsize) (i / n * n_slices + at) * size, size);
  }
  return TRUE;
}

const DnnOp dnn_op_GatherND = {
  .name = "GatherND",
  .doc =
      "Slices of data, picked by the tuples in the last dimension of indices",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
