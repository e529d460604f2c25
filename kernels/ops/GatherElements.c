/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* GatherElements: elements picked along one axis, each by an index of its own.
 */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

static const DnnArgRow inputs[] = {
  { .name = "data", .types = DNN_TYPES_ANY, .type_var = "T" },
  { .name = "indices",
      .types = DNN_TYPES_INDEX,
      .doc = "negative: from the end of the axis" },
};
static const DnnArgRow outputs[] = {
  { .name = "output",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "of the shape of indices" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis", .kind = DNN_ATTR_INT, .def = "0", .doc = "which one" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  gboolean fits = data->rank == indices->rank;
  gint axis;

  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = *indices;
  if (!dnn_call_axis (call, "axis", data->rank, &axis, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; fits && i < data->rank; i++)
    fits = i == axis || data->dims[i] < 0 || indices->dims[i] <= data->dims[i];
  if (!fits) {
    g_autofree gchar *from = dnn_shape_to_string (data);
    g_autofree gchar *by = dnn_shape_to_string (indices);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "indices are %s, data %s; they must not exceed it but on axis %d", by,
        from, axis);
    return DNN_INFER_ERROR;
  }
  return DNN_INFER_OK;
}

static gint64
get_index (const DnnCall *call, gconstpointer indices, gint64 i)
{
  return call->inputs[1].type == DNN_TYPE_INT32 ? ((const gint32 *) indices)[i]
                                                : ((const gint64 *) indices)[i];
}

/* Elements of data before that of position @position, the axis left out. */
static gint64
find_base (const DnnShape *data, const gint64 *position, gint axis)
{
  gint64 base = 0;

  for (gint i = 0; i < data->rank; i++)
    base = base * data->dims[i] + (i == axis ? 0 : position[i]);
  return base;
}

static void
advance (const DnnShape *shape, gint64 *position)
{
  for (gint i = shape->rank; i-- > 0;) {
    if (++position[i] < shape->dims[i])
      return;
    position[i] = 0;
  }
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *data = &call->inputs[0].shape;
  const DnnShape *indices = &call->inputs[1].shape;
  gsize element = dnn_type_size (call->inputs[0].type);
  gint64 n = dnn_shape_n_elements (indices), step = 1;
  gint64 position[DNN_MAX_RANK] = { 0 };
  gint axis;

  dnn_call_axis (call, "axis", data->rank, &axis, NULL);
  for (gint i = axis + 1; i < data->rank; i++)
    step *= data->dims[i];
  for (gint64 i = 0; i < n; i++) {
    gint64 idx = get_index (call, src[1], i), dim = data->dims[axis];
    if (idx < -dim || idx >= dim)
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "indices[%" G_GINT64_FORMAT "] is %" G_GINT64_FORMAT
          "; the axis has %" G_GINT64_FORMAT " elements",
          i, idx, dim);
    idx = find_base (data, position, axis) + (idx < 0 ? idx + dim : idx) * step;
    memcpy ((guint8 *) dst[0] + i * element,
        (const guint8 *) src[0] + idx * element, element);
    advance (indices, position);
  }
  return TRUE;
}

const DnnOp dnn_op_GatherElements = {
  .name = "GatherElements",
  .doc = "Elements picked along an axis, each by its own index",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
};
