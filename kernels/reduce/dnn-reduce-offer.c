/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A reduction → candidates: the loop, oneDNN's reduction, and for means over
 * all of the space a loop in the layouts of convolutions. Next:
 * ops/ReduceMean.c. */
#include "config.h"

#include "kernels/reduce/dnn-reduce.h"

#include "kernels/family/dnn-offer.h"
#include "kernels/reduce/dnn-mean-loop.h"

/* Takes @pd. @src as the plan has it; the result must be plain unless its
 * dimensions are kept. */
static void
add_candidate (const DnnCall *call, DnnOffers *offers, DnnPd *pd_taken,
    const DnnMd *src_md, const DnnFormat *src, const DnnMd *dst_md)
{
  g_autoptr (DnnPd) pd = pd_taken;
  g_autoptr (DnnFormat) dst = NULL;
  const DnnShape *shape = &call->outputs[0].shape;
  DnnPrimitive *primitive;
  DnnMdLayout layout;
  gdouble cost;

  if (!pd || dnn_pd_is_ref (pd) || !dnn_md_get_layout (dst_md, &layout))
    return;
  if (dnn_format_is_plain (src) || layout.rank != shape->rank) {
    DnnShape own = dnn_shape_of (layout.rank, layout.dims);
    g_autoptr (DnnFormat) check = dnn_onednn_format_new (dst_md, &own);
    if (!check || !dnn_format_is_plain (check))
      return;
    dst = dnn_offer_plain (&call->outputs[0]);
  } else {
    dst = dnn_onednn_format_new (dst_md, shape);
  }
  if (!dst)
    return;
  cost = dnn_cost_of_bytes (dnn_pd_get_impl (pd), dnn_md_get_size (src_md), 70);
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, src_md, src);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, dst_md, dst);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

/* oneDNN adds one by one in float: the last digits of long sums are lost. */
#define MAX_SUM 1024

static gboolean
is_long_sum (const DnnCall *call, guint mask)
{
  const DnnReduce *reduce = call->op->family;
  gint64 n = 1;

  for (gint i = 0; i < call->inputs[0].shape.rank; i++)
    if (mask >> i & 1)
      n *= call->inputs[0].shape.dims[i];
  return n > MAX_SUM && reduce->alg != dnnl_reduction_max &&
      reduce->alg != dnnl_reduction_min;
}

/* Neighbouring axes of one kind are one dimension. */
static void
offer_reduction (const DnnCall *call, DnnOffers *offers, guint mask)
{
  const DnnReduce *reduce = call->op->family;
  const DnnShape *shape = &call->inputs[0].shape;
  g_autoptr (DnnFormat) src = dnn_offer_plain (&call->inputs[0]);
  gint64 from[DNN_MAX_RANK] = { 1 }, to[DNN_MAX_RANK] = { 1 };
  g_autoptr (DnnMd) src_md = NULL;
  g_autoptr (DnnMd) dst_md = NULL;
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  gint rank = 0;

  for (gint i = 0; i < shape->rank; i++) {
    guint is_reduced = mask >> i & 1;
    gboolean joins = rank > 0 && is_reduced == (mask >> (i - 1) & 1);
    if (!joins)
      from[rank] = to[rank] = 1, rank++;
    from[rank - 1] *= shape->dims[i];
    to[rank - 1] *= is_reduced ? 1 : shape->dims[i];
  }
  src_md = dnn_md_new_plain (MAX (rank, 1), from, dnnl_f32);
  dst_md = dnn_md_new_plain (MAX (rank, 1), to, dnnl_f32);
  add_candidate (call, offers,
      dnn_pd_new_reduction (reduce->alg, src_md, dst_md, attr), src_md, src,
      dst_md);
}

void
dnn_reduce_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnReduce *reduce = call->op->family;
  const DnnShape *shape = &call->inputs[0].shape;
  const gint64 *axes = call->n_formal > 1 ? call->inputs[1].value : NULL;
  guint spatial = ((1u << shape->rank) - 1) & ~3u;
  g_autoptr (GPtrArray) formats = NULL;
  guint mask;

  if ((!axes && call->n_formal > 1 && call->inputs[1].present &&
          dnn_shape_n_elements (&call->inputs[1].shape) != 0) ||
      !dnn_reduce_get_axes (call, axes, &mask, NULL))
    return;
  dnn_reduce_offer_loop (call, offers, mask);
  if (reduce->alg == dnnl_alg_kind_undef ||
      !dnn_offer_is_float32 (call, DNN_TYPE_INT64) ||
      call->inputs[0].type != DNN_TYPE_FLOAT32 || mask == 0)
    return;
  if (!is_long_sum (call, mask))
    offer_reduction (call, offers, mask);
  if (reduce->alg != dnnl_reduction_mean || mask != spatial ||
      shape->rank < 3 || shape->rank > 5)
    return;
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (DNN_TYPE_FLOAT32, shape));
  for (guint i = 0; i < formats->len; i++)
    if (!dnn_format_is_plain (formats->pdata[i]))
      dnn_mean_offer_loop (call, offers, formats->pdata[i]);
}
