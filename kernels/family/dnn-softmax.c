/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* exp (x) / Σ exp (x) along one axis → infer, ref, offer. Along an axis whose
 * elements lie apart oneDNN 2.6 is 50 times slower: a layout with the axis
 * innermost is offered as well. Next: ops/Softmax.c. */
#include "config.h"

#include "kernels/family/dnn-softmax.h"

#include <math.h>

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"

/* ns that a line takes beside its bytes: short lines are mostly that. */
#define LINE_COST 35.0

const DnnArgRow dnn_softmax_inputs[1] = {
  { .name = "input", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
const DnnArgRow dnn_softmax_outputs[1] = {
  { .name = "output", .types = DNN_TYPES_FLOAT, .type_var = "T" },
};
const DnnAttrRow dnn_softmax_attrs[1] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .def = "-1",
      .doc = "which dimension; negative: from the end" },
};

DnnInferResult
dnn_softmax_infer (DnnCall *call, GError **error)
{
  gint axis;

  if (!dnn_call_axis (call, "axis", call->inputs[0].shape.rank, &axis, error))
    return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

/* @shape as outer × axis × inner. */
static void
fold (const DnnShape *shape, gint axis, gint64 dims[3])
{
  dims[0] = dims[2] = 1;
  dims[1] = shape->dims[axis];
  for (gint i = 0; i < axis; i++)
    dims[0] *= shape->dims[i];
  for (gint i = axis + 1; i < shape->rank; i++)
    dims[2] *= shape->dims[i];
}

/* One line of @n elements, @stride apart, from @base on. The largest element
 * is subtracted, so that exp can't overflow. */
static void
compute_line (gboolean is_log, DnnType type, gconstpointer src, gpointer dst,
    gint64 base, gint64 n, gint64 stride)
{
  gdouble largest = -INFINITY, sum = 0;

  for (gint64 i = 0; i < n; i++)
    largest = fmax (largest, dnn_load (type, src, base + i * stride));
  if (!isfinite (largest))
    largest = 0;
  for (gint64 i = 0; i < n; i++)
    sum += exp (dnn_load (type, src, base + i * stride) - largest);
  for (gint64 i = 0; i < n; i++) {
    gdouble x = dnn_load (type, src, base + i * stride) - largest;
    dnn_store (
        type, dst, base + i * stride, is_log ? x - log (sum) : exp (x) / sum);
  }
}

gboolean
dnn_softmax_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnSoftmax *self = call->op->family;
  const DnnShape *shape = &call->inputs[0].shape;
  gint64 dims[3];
  gint axis;

  if (!dnn_call_axis (call, "axis", shape->rank, &axis, error))
    return FALSE;
  fold (shape, axis, dims);
  for (gint64 i = 0; i < dims[0]; i++)
    for (gint64 j = 0; j < dims[2]; j++)
      compute_line (self->is_log, call->inputs[0].type, src[0], dst[0],
          i * dims[1] * dims[2] + j, dims[1], dims[2]);
  return TRUE;
}

static void
offer_md (const DnnCall *call, DnnOffers *offers, const DnnMd *md, gint axis,
    const DnnFormat *format, gdouble rate, gint shape_axis)
{
  const DnnSoftmax *self = call->op->family;
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = dnn_pd_new_softmax (self->is_log, md, md, axis, attr);
  DnnPrimitive *primitive;
  gdouble cost;

  if (!pd || dnn_pd_is_ref (pd))
    return;
  cost = dnn_cost_of_bytes (
             dnn_pd_get_impl (pd), 2.0 * dnn_md_get_size (md), rate) +
      LINE_COST * dnn_shape_n_elements (&format->shape) /
          format->shape.dims[shape_axis];
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, md, format);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, md, format);
  dnn_primitive_set_in_place (primitive, 0);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

/* The axis innermost, the others as they are. */
static DnnFormat *
make_axis_last (const DnnShape *shape, gint axis)
{
  gint order[DNN_MAX_RANK];
  gint n = 0;

  for (gint i = 0; i < shape->rank; i++)
    if (i != axis)
      order[n++] = i;
  order[n] = axis;
  return dnn_onednn_format_permuted (DNN_TYPE_FLOAT32, shape, order);
}

void
dnn_softmax_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnShape *shape = &call->inputs[0].shape;
  g_autoptr (GPtrArray) formats = NULL;
  g_autoptr (DnnMd) folded = NULL;
  gint64 dims[3];
  gint axis;

  if (!dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32) ||
      !dnn_call_axis (call, "axis", shape->rank, &axis, NULL))
    return;
  fold (shape, axis, dims);
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  folded = dnn_md_new_plain (dims[2] == 1 ? 2 : 3, dims, dnnl_f32);
  offer_md (
      call, offers, folded, 1, formats->pdata[0], dims[2] == 1 ? 14 : 3, axis);
  dnn_offer_add_format (formats, make_axis_last (shape, axis));
  for (guint i = 1; i < formats->len; i++) {
    g_autoptr (DnnMd) md = dnn_onednn_format_to_md (formats->pdata[i]);
    offer_md (call, offers, md, axis, formats->pdata[i], 9, axis);
  }
}
