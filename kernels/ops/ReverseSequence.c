/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ReverseSequence: the first elements of each sequence of a batch, turned
 * round. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-check.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_ANY,
      .type_var = "T",
      .doc = "time × batch × …, or batch × time × …" },
  { .name = "sequence_lens", .types = DNN_TYPES_INT64, .doc = "batch" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "time_axis", .kind = DNN_ATTR_INT, .def = "0", .doc = "" },
  { .key = "batch_axis", .kind = DNN_ATTR_INT, .def = "1", .doc = "" },
};

static gboolean
get_axes (const DnnCall *call, gint *time, gint *batch, GError **error)
{
  gint rank = call->inputs[0].shape.rank;

  if (!dnn_call_axis (call, "time_axis", rank, time, error) ||
      !dnn_call_axis (call, "batch_axis", rank, batch, error))
    return FALSE;
  if (*time + *batch != 1)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "time_axis is %d and batch_axis %d, expected 0 and 1 or 1 and 0", *time,
        *batch);
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape lengths = { .rank = 1 };
  gint time, batch;

  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error) ||
      !get_axes (call, &time, &batch, error))
    return DNN_INFER_ERROR;
  lengths.dims[0] = call->inputs[0].shape.dims[batch];
  if (!dnn_check_shape (call, 1, &lengths, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  gsize size = (gsize) dnn_check_count (shape, 2, shape->rank) *
      dnn_type_size (call->inputs[0].type);
  gint64 strides[2] = { shape->dims[1], 1 };
  gint time, batch;

  if (!get_axes (call, &time, &batch, error))
    return FALSE;
  for (gint64 i = 0; i < shape->dims[batch]; i++) {
    gint64 length = ((const gint64 *) src[1])[i];
    if (length < 0 || length > shape->dims[time])
      return dnn_call_error (call, error, DNN_ERROR_DATA,
          "sequence_lens[%" G_GINT64_FORMAT "] is %" G_GINT64_FORMAT
          ", expected 0 to %" G_GINT64_FORMAT,
          i, length, shape->dims[time]);
    for (gint64 t = 0; t < shape->dims[time]; t++) {
      gint64 from = t < length ? length - 1 - t : t;
      memcpy ((guint8 *) dst[0] +
              (gsize) (i * strides[batch] + t * strides[time]) * size,
          (const guint8 *) src[0] +
              (gsize) (i * strides[batch] + from * strides[time]) * size,
          size);
    }
  }
  return TRUE;
}

const DnnOp dnn_op_ReverseSequence = {
  .name = "ReverseSequence",
  .doc = "The first sequence_lens elements of each sequence in reverse order",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
