/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* LRN: each element divided by what its neighbours in other channels sum to. */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T",
      .doc = "N × C × …" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "size",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .min = 1,
      .max = G_MAXINT32,
      .doc = "how many channels are summed" },
  { .key = "alpha",
      .kind = DNN_ATTR_FLOAT,
      .def = "0.0001",
      .doc = "factor of the mean square" },
  { .key = "beta", .kind = DNN_ATTR_FLOAT, .def = "0.75", .doc = "exponent" },
  { .key = "bias", .kind = DNN_ATTR_FLOAT, .def = "1", .doc = "added" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  if (!dnn_check_rank (call, 0, 2, DNN_MAX_RANK, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  return DNN_INFER_OK;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 channels = shape->dims[1], size = dnn_call_int (call, "size");
  gint64 plane = dnn_check_count (shape, 2, shape->rank);
  gdouble alpha = dnn_call_float (call, "alpha") / (gdouble) size;
  gdouble beta = dnn_call_float (call, "beta");
  gdouble bias = dnn_call_float (call, "bias");

  for (gint64 i = 0; i < dnn_shape_n_elements (shape); i++) {
    gint64 channel = i / plane % channels;
    gint64 from = MAX (channel - (size - 1) / 2, 0);
    gint64 to = MIN (channel + size / 2, channels - 1);
    gdouble sum = 0;
    for (gint64 k = from; k <= to; k++) {
      gdouble x = dnn_load (type, src[0], i + (k - channel) * plane);
      sum += x * x;
    }
    dnn_store (type, dst[0], i,
        dnn_load (type, src[0], i) / pow (bias + alpha * sum, beta));
  }
  return TRUE;
}

const DnnOp dnn_op_LRN = {
  .name = "LRN",
  .doc = "x / (bias + alpha / size · sum of squares of size channels)^beta",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
