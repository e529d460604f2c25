/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An element-wise call → oneDNN's primitive beside the loop. Next:
 * ops/Relu.c. */
#include "config.h"

#include "kernels/family/dnn-eltwise.h"

#include "kernels/family/dnn-offer.h"

gboolean
dnn_eltwise_get_alg (
    const DnnCall *call, DnnAlg *alg, gfloat *alpha, gfloat *beta)
{
  const DnnEltwise *self = call->op->family;
  DnnLoopParams params;

  if (call->op->offer != dnn_eltwise_offer ||
      !dnn_map_op_read_known (call, &params))
    return FALSE;
  *alg = self->choose_alg ? self->choose_alg (call) : self->alg;
  if (*alg == DNN_ALG_NONE)
    return FALSE;
  *alpha = *beta = 0;
  if (self->coefficients)
    self->coefficients (&params, alpha, beta);
  return TRUE;
}

gboolean
dnn_eltwise_is_exact (const DnnCall *call)
{
  const DnnEltwise *self = call->op->family;

  return call->op->offer != dnn_eltwise_offer ||
      (self->is_exact && !self->is_inexact_behind);
}

/* GB/s of the jit code: those without transcendental functions keep up with
 * memory. */
static gdouble
get_rate (DnnAlg alg)
{
  switch (alg) {
    case DNN_ALG_RELU:
    case DNN_ALG_CLIP:
    case DNN_ALG_LINEAR:
    case DNN_ALG_ABS:
    case DNN_ALG_SQUARE:
    case DNN_ALG_ROUND:
      return 90;
    case DNN_ALG_HARDSWISH:
    case DNN_ALG_HARDSIGMOID:
    case DNN_ALG_SQRT:
      return 60;
    case DNN_ALG_LOG:
      return 8;
    default:
      return 18;
  }
}

static DnnMd *
make_md (const DnnFormat *format)
{
  gint64 n = dnn_shape_n_elements (&format->shape);

  if (dnn_format_is_plain (format))
    return dnn_md_new_plain (1, &n, dnn_onednn_type (format->type));
  return dnn_onednn_format_to_md (format);
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  g_autoptr (DnnMd) md = make_md (format);
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = NULL;
  DnnPrimitive *primitive;
  DnnAlg alg;
  gfloat alpha, beta;
  gdouble cost;

  if (!dnn_eltwise_get_alg (call, &alg, &alpha, &beta))
    return;
  pd = dnn_pd_new_eltwise (alg, alpha, beta, md, attr);
  if (!pd || dnn_pd_is_ref (pd))
    return;
  cost = dnn_cost_of_bytes (
      dnn_pd_get_impl (pd), 2.0 * dnn_md_get_size (md), get_rate (alg));
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, md, format);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, md, format);
  dnn_primitive_set_in_place (primitive, 0);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

void
dnn_eltwise_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnEltwise *self = call->op->family;
  g_autoptr (GPtrArray) formats = NULL;

  dnn_map_op_offer (call, offers);
  if (!self->is_exact || !dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32))
    return;
  formats = dnn_offer_formats (
      offers, 1, DNN_TYPE_FLOAT32, &call->inputs[0].shape);
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, formats->pdata[i]);
}
