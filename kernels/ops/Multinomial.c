/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Multinomial: classes drawn by their unnormalised logarithms of probabilities.
 */
#include "config.h"

#include <math.h>

#include "kernels/family/dnn-cast.h"
#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-random.h"

static const DnnArgRow inputs[] = {
  { .name = "input",
      .types = DNN_TYPES_FLOAT,
      .type_var = "T1",
      .doc = "batch × classes" },
};
static const DnnArgRow outputs[] = {
  { .name = "output", .types = DNN_TYPES_INDEX },
};
static const DnnAttrRow attrs[] = {
  { .key = "dtype",
      .kind = DNN_ATTR_INT,
      .def = "6",
      .doc = "6 int32, 7 int64" },
  { .key = "sample_size",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .min = 1,
      .max = G_MAXINT32,
      .doc = "" },
  { .key = "seed",
      .kind = DNN_ATTR_FLOAT,
      .doc = "other numbers; each frame draws the same ones" },
};

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;
  DnnType type;

  if (!dnn_check_rank (call, 0, 2, 2, error) ||
      !dnn_cast_read_type (call, "dtype", &type, error))
    return DNN_INFER_ERROR;
  if (shape.dims[1] == 0)
    return dnn_infer_error (
        call, error, DNN_ERROR_SHAPE, "there are no classes to draw from");
  shape.dims[1] = dnn_call_int (call, "sample_size");
  dnn_infer_set (call, 0, type, &shape);
  return DNN_INFER_OK;
}

static gint64
draw (DnnType type, gconstpointer src, gint64 base, gint64 n, gdouble at)
{
  gdouble most = -INFINITY, all = 0, sum = 0;

  for (gint64 i = 0; i < n; i++)
    most = fmax (most, dnn_load (type, src, base + i));
  for (gint64 i = 0; i < n; i++)
    all += exp (dnn_load (type, src, base + i) - most);
  for (gint64 i = 0; i < n - 1; i++) {
    sum += exp (dnn_load (type, src, base + i) - most);
    if (at * all < sum)
      return i;
  }
  return n - 1;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *y = &call->outputs[0].shape;
  gint64 n = call->inputs[0].shape.dims[1];
  guint64 seed = dnn_random_seed (call);

  for (gint64 i = 0; i < dnn_shape_n_elements (y); i++)
    dnn_store_int (call->outputs[0].type, dst[0], i,
        draw (call->inputs[0].type, src[0], i / y->dims[1] * n, n,
            dnn_random_uniform (seed, (guint64) i)));
  return TRUE;
}

const DnnOp dnn_op_Multinomial = {
  .name = "Multinomial",
  .doc =
      "sample_size classes of each row, drawn by their logarithms of probabilities",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
