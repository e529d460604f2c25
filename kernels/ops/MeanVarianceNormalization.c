/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* MeanVarianceNormalization: elements over axes brought to mean 0 and
 * variance 1. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernels/family/dnn-check.h"
#include "kernels/family/dnn-number.h"

static const DnnArgRow inputs[] = {
  { .name = "X", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "Y", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axes",
      .kind = DNN_ATTR_INTS,
      .def = "[0,2,3]",
      .doc = "what is averaged over" },
};

static gboolean
get_axes (const DnnCall *call, guint *mask, GError **error)
{
  const DnnAttrValue *axes = dnn_call_attr (call, "axes");
  gint rank = call->inputs[0].shape.rank;

  *mask = 0;
  for (guint i = 0; i < axes->n; i++) {
    gint64 axis = axes->ints[i];
    if (axis < -rank || axis >= rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axes[%u] is %" G_GINT64_FORMAT ", expected %d to %d", i, axis, -rank,
          rank - 1);
    *mask |= 1u << (axis < 0 ? axis + rank : axis);
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape rest = call->inputs[0].shape;
  guint mask;

  if (!get_axes (call, &mask, error))
    return DNN_INFER_ERROR;
  dnn_infer_same (call);
  for (gint i = 0; i < rest.rank; i++)
    if (mask & 1u << i)
      rest.dims[i] = 1;
  if (dnn_shape_is_known (&rest) && dnn_shape_n_elements (&rest) > 0)
    call->ref_scratch = (gsize) dnn_shape_n_elements (&rest) * 2 *
        sizeof (gdouble);
  return DNN_INFER_OK;
}

/* To which result element @idx belongs. */
static gint64
find_group (const DnnShape *shape, guint mask, gint64 idx)
{
  gint64 at = 0, stride = 1;

  for (gint i = shape->rank - 1; i >= 0; i--) {
    if (!(mask & 1u << i)) {
      at += idx % shape->dims[i] * stride;
      stride *= shape->dims[i];
    }
    idx /= shape->dims[i];
  }
  return at;
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gint64 n = dnn_shape_n_elements (shape), n_groups;
  gdouble *sums = scratch, *squares;
  guint mask;

  if (!get_axes (call, &mask, error))
    return FALSE;
  n_groups = n;
  for (gint i = 0; i < shape->rank; i++)
    if (mask & 1u << i)
      n_groups /= shape->dims[i];
  squares = sums + n_groups;
  memset (sums, 0, (gsize) n_groups * 2 * sizeof (gdouble));
  for (gint64 i = 0; i < n; i++)
    sums[find_group (shape, mask, i)] += dnn_load (type, src[0], i);
  for (gint64 i = 0; i < n; i++) {
    gint64 group = find_group (shape, mask, i);
    gdouble x = dnn_load (type, src[0], i) -
        sums[group] * (gdouble) n_groups / (gdouble) n;
    squares[group] += x * x;
  }
  for (gint64 i = 0; i < n; i++) {
    gint64 group = find_group (shape, mask, i);
    gdouble share = (gdouble) n_groups / (gdouble) n;
    dnn_store (type, dst[0], i,
        (dnn_load (type, src[0], i) - sums[group] * share) /
            (sqrt (squares[group] * share) + 1e-9));
  }
  return TRUE;
}

const DnnOp dnn_op_MeanVarianceNormalization = {
  .name = "MeanVarianceNormalization",
  .doc = "(X - mean) / (standard deviation + 1e-9) over axes",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
};
