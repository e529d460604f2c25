/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* TensorScatter: new entries put into a cache. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"

static const gchar *const modes[] = { "linear", "circular", NULL };

static const DnnArgRow inputs[] = {
  { .name = "past_cache",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "batch × … × entries × …" },
  { .name = "update", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "write_indices",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "batch; default 0" },
};
static const DnnArgRow outputs[] = {
  { .name = "present_cache", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-2",
      .doc = "that of the entries" },
  { .key = "mode",
      .kind = DNN_ATTR_STRING,
      .def = "linear",
      .choices = modes,
      .doc = "circular: behind the last entry comes the first" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *cache = &call->inputs[0].shape;
  DnnShape update = *cache, batch = { .rank = 1 };
  gint axis;

  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error) ||
      !dnn_call_axis (call, "axis", cache->rank, &axis, error))
    return DNN_INFER_ERROR;
  if (axis == 0)
    return dnn_infer_error (
        call, error, DNN_ERROR_VALUE, "axis is 0, which is the batch");
  update.dims[axis] = DNN_DIM_OPEN;
  batch.dims[0] = cache->dims[0];
  if (!dnn_check_shape (call, 1, &update, error) ||
      (dnn_call_has_input (call, 2) &&
          !dnn_check_shape (call, 2, &batch, error)))
    return DNN_INFER_ERROR;
  if (cache->dims[axis] >= 0 &&
      call->inputs[1].shape.dims[axis] > cache->dims[axis])
    return dnn_infer_error (call, error, DNN_ERROR_SHAPE,
        "update has %" G_GINT64_FORMAT " entries, the cache %" G_GINT64_FORMAT,
        call->inputs[1].shape.dims[axis], cache->dims[axis]);
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *cache = &call->inputs[0].shape;
  gsize element = dnn_type_size (call->inputs[0].type), row;
  gboolean is_circular = strcmp (dnn_call_attr (call, "mode")->s, "circular") ==
      0;
  gint64 n, n_new, outer;
  gint axis;

  if (!dnn_call_axis (call, "axis", cache->rank, &axis, error))
    return FALSE;
  n = cache->dims[axis];
  n_new = call->inputs[1].shape.dims[axis];
  outer = dnn_check_count (cache, 1, axis);
  row = (gsize) dnn_check_count (cache, axis + 1, cache->rank) * element;
  if (dst[0] != src[0])
    memcpy (dst[0], src[0], (gsize) dnn_shape_n_elements (cache) * element);
  for (gint64 i = 0; i < cache->dims[0] * outer; i++) {
    gint64 start = dnn_call_has_input (call, 2)
        ? ((const gint64 *) src[2])[i / outer]
        : 0;
    if (start < 0 || (!is_circular && start > n - n_new))
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "write_indices has %" G_GINT64_FORMAT ", where %" G_GINT64_FORMAT
          " entries don't fit %" G_GINT64_FORMAT,
          start, n_new, n);
    for (gint64 k = 0; k < n_new; k++)
      memcpy ((guint8 *) dst[0] + (gsize) (i * n + (start % n + k) % n) * row,
          (const guint8 *) src[1] + (gsize) (i * n_new + k) * row, row);
  }
  return TRUE;
}

const DnnOp dnn_op_TensorScatter = {
  .name = "TensorScatter",
  .doc = "A cache with an update written into it from an index on",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
