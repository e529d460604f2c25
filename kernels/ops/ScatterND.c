/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ScatterND: a tensor in which slices, named by index tuples, are replaced or
 * joined with updates. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-scatter.h"

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "indices",
      .types = DNN_TYPES_INT64,
      .doc = "tuples in the last dimension; negative: from the end" },
  { .name = "updates", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "reduction",
      .kind = DNN_ATTR_STRING,
      .def = "none",
      .choices = dnn_scatter_reductions,
      .doc = "what becomes of what is there" },
};

/* What updates must be. */
static gboolean
get_update_shape (
    const DnnShape *data, const DnnShape *indices, DnnShape *shape)
{
  gint64 last = indices->dims[indices->rank - 1];

  shape->rank = 0;
  if (last < 1 || last > data->rank ||
      indices->rank - 1 + data->rank - last > DNN_MAX_RANK)
    return FALSE;
  for (gint i = 0; i < indices->rank - 1; i++)
    shape->dims[shape->rank++] = indices->dims[i];
  for (gint i = (gint) last; i < data->rank; i++)
    shape->dims[shape->rank++] = data->dims[i];
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  DnnShape shape;

  dnn_infer_same (call);
  if (!dnn_check_rank (call, 0, 1, DNN_MAX_RANK, error) ||
      !dnn_check_rank (call, 1, 1, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  if (indices->dims[indices->rank - 1] < 0)
    return DNN_INFER_OK;
  if (!get_update_shape (data, indices, &shape))
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "indices have tuples of %" G_GINT64_FORMAT ", expected 1 to %d",
        indices->dims[indices->rank - 1], data->rank);
  return dnn_check_shape (call, 2, &shape, error) ? DNN_INFER_OK
                                                  : DNN_INFER_ERROR;
}

/* Which slice of @data the tuple names, -1 if none. */
static gint64
find_slice (const DnnShape *data, const gint64 *tuple, gint n)
{
  gint64 at = 0;

  for (gint i = 0; i < n; i++) {
    gint64 idx = tuple[i] < 0 ? tuple[i] + data->dims[i] : tuple[i];
    if (idx < 0 || idx >= data->dims[i])
      return -1;
    at = at * data->dims[i] + idx;
  }
  return at;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  DnnType type = call->inputs[0].type;
  DnnScatter how = dnn_scatter_read (call, "reduction");
  gint last = (gint) indices->dims[indices->rank - 1];
  gint64 n = dnn_check_count (indices, 0, indices->rank - 1);
  gint64 size = dnn_check_count (data, last, data->rank);

  memcpy (dst[0], src[0],
      (gsize) dnn_shape_n_elements (data) * dnn_type_size (type));
  for (gint64 i = 0; i < n; i++) {
    gint64 at = find_slice (data, (const gint64 *) src[1] + i * last, last);
    if (at < 0)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "tuple %" G_GINT64_FORMAT " of indices lies outside of data", i);
    for (gint64 j = 0; j < size; j++)
      dnn_scatter_one (how, type, dst[0], at * size + j, src[2], i * size + j);
  }
  return TRUE;
}

const DnnOp dnn_op_ScatterND = {
  .name = "ScatterND",
  .doc = "Slices that index tuples name are replaced, or joined with updates",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
};
