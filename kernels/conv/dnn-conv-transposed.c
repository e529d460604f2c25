/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A transposed convolution → a convolution of its phases and what interleaves
 * them. Beside oneDNN's own: it computes bias and post-ops on the way, and has
 * no padding of few channels. Next: dnn-phases.c. */
#include "config.h"

#include "kernels/family/dnn-offer.h"
#include "kernels/conv/dnn-phases.h"
#include "kernels/conv/dnn-post-ops.h"

/* Elements, padding included, that the interleaving writes in a ns: whole
 * vectors, or fewer channels. */
#define RATE_VECTOR 2.0
#define RATE_FEW 1.0

/* Most channels that are written to planes, one by one. */
#define MAX_PLANES 8

typedef struct
{
  const DnnCall *call;
  const DnnConv *conv;
  DnnOffers *offers;
} Offer;

/* The convolution's weights as they are filled. */
static DnnMd *
make_weights_md (const DnnPhases *phases, dnnl_format_tag_t tag)
{
  const DnnSpatial *s = &phases->conv.spatial;
  gint64 dims[2 + DNN_MAX_SPATIAL] = { dnn_phases_get_channels (phases),
    phases->conv.src_channels };

  for (gint i = 0; i < s->n; i++)
    dims[2 + i] = phases->weights.taps[DNN_MAX_SPATIAL - s->n + i];
  return tag == dnnl_format_tag_any
      ? dnn_md_new_any (2 + s->n, dims, dnnl_f32)
      : dnn_md_new_plain (2 + s->n, dims, dnnl_f32);
}

static gdouble
estimate (const Offer *self, const DnnPhases *phases, const DnnPd *pd,
    const DnnFormat *dst)
{
  gint64 outputs = (dnn_phases_get_channels (phases) + 15) / 16 * 16;
  gdouble flops = 2.0 * self->conv->batch * self->conv->src_channels * outputs;
  gdouble elements = (gdouble) dnn_format_get_size (dst) / sizeof (gfloat);
  gdouble rate = MIN (phases->to.block, self->conv->dst_channels) >= 8
      ? RATE_VECTOR
      : RATE_FEW;

  for (gint i = 0; i < DNN_MAX_SPATIAL; i++)
    flops *= phases->weights.taps[i] * phases->size[i];
  return dnn_cost_of_flops (dnn_pd_get_impl (pd), flops,
             dnn_md_get_size (dnn_pd_get_md (pd, dnnl_query_src_md, 0)) +
                 dnn_md_get_size (dnn_pd_get_md (pd, dnnl_query_dst_md, 0))) +
      elements / rate;
}

static void
add_constants (const Offer *self, const DnnPhases *phases,
    DnnPrimitive *primitive, const DnnPd *pd)
{
  const DnnCall *call = self->call;
  gint64 n = dnn_phases_get_channels (phases);
  DnnRecipe weights = { dnn_phases_fill_weights, &phases->weights,
    sizeof phases->weights };
  DnnRecipe bias = weights;
  g_autoptr (DnnMd) from = make_weights_md (phases, dnnl_format_tag_undef);
  g_autoptr (DnnMd) bias_md = dnn_md_new_plain (1, &n, dnnl_f32);
  g_autoptr (DnnFormat) plain = dnn_offer_plain (&call->inputs[1]);

  dnn_primitive_add_made (primitive, DNNL_ARG_WEIGHTS, 1, from,
      dnn_pd_get_md (pd, dnnl_query_weights_md, 0), &weights, plain);
  if (dnn_call_has_input (call, 2)) {
    g_autoptr (DnnFormat) plain_bias = dnn_offer_plain (&call->inputs[2]);
    bias.fill = dnn_phases_fill_bias;
    dnn_primitive_add_made (
        primitive, DNNL_ARG_BIAS, 2, bias_md, bias_md, &bias, plain_bias);
  }
}

/* Takes @pd. */
static void
add_candidate (const Offer *self, const DnnPhases *phases, DnnPd *pd,
    const DnnFusion *fusion, const DnnFormat *src, const DnnFormat *dst)
{
  const DnnCall *call = self->call;
  gdouble cost = estimate (self, phases, pd, dst);
  DnnPrimitive *primitive = dnn_primitive_new (pd);

  dnn_primitive_set_data (
      primitive, g_memdup2 (phases, sizeof *phases), g_free);
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0,
      dnn_pd_get_md (pd, dnnl_query_src_md, 0), src);
  add_constants (self, phases, primitive, pd);
  dnn_primitive_add_result (
      primitive, DNNL_ARG_DST, dnn_pd_get_md (pd, dnnl_query_dst_md, 0));
  dnn_primitive_add_plan_dst (primitive, 0, dst);
  dnn_fusion_apply (fusion, call, primitive, dst);
  dnn_primitive_set_suffix (primitive, "+interleave");
  dnn_primitive_set_finish (primitive, dnn_phases_interleave);
  dnn_offers_add (self->offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

static DnnPd *
make_pd (const Offer *self, const DnnPhases *phases, const DnnFormat *src,
    const DnnFormat *result, const DnnFusion *fusion)
{
  g_autoptr (DnnAttr) attr = dnn_fusion_make_attr (fusion);
  g_autoptr (DnnMd) src_md = dnn_onednn_format_to_md (src);
  g_autoptr (DnnMd) dst_md = dnn_onednn_format_to_md (result);
  g_autoptr (DnnMd) weights = make_weights_md (phases, dnnl_format_tag_any);
  gint64 n = dnn_phases_get_channels (phases);
  g_autoptr (DnnMd) bias = dnn_call_has_input (self->call, 2)
      ? dnn_md_new_plain (1, &n, dnnl_f32)
      : NULL;
  g_autoptr (DnnPd) pd = NULL;
  DnnWindow window;

  dnn_phases_get_window (phases, &window);
  if (attr)
    pd = dnn_pd_new_convolution (
        DNN_CONV_DIRECT, src_md, weights, bias, dst_md, &window, attr);
  return pd && !dnn_pd_is_ref (pd) ? g_steal_pointer (&pd) : NULL;
}

/* As many post-ops as go without another tensor, whose elements would have to
 * stand where the convolution's do. */
static void
offer_pair (const Offer *self, DnnPhases *phases, const DnnFormat *src,
    const DnnFormat *result, const DnnFormat *dst)
{
  guint n = 0;

  while (n < self->call->n_post_ops && self->call->post_ops[n].input < 0)
    n++;
  for (gint i = n; i >= 0; i--) {
    g_auto (DnnFusion) fusion = { 0 };
    DnnPd *pd;
    if (!dnn_fusion_init (&fusion, self->call, i, DNN_FUSION_SUM, NULL))
      continue;
    pd = make_pd (self, phases, src, result, &fusion);
    if (!pd)
      continue;
    if (dnn_layout_read (
            dnn_pd_get_md (pd, dnnl_query_dst_md, 0), &phases->from))
      add_candidate (self, phases, pd, &fusion, src, dst);
    else
      dnn_pd_free (pd);
    return;
  }
}

/* The convolution in the layout of @src, its result in that of @dst. */
static void
offer_formats (const Offer *self, const DnnFormat *src, const DnnFormat *dst)
{
  const DnnSpatial *s = &self->conv->spatial;
  g_autoptr (DnnMd) md = dnn_onednn_format_to_md (dst);
  g_autoptr (DnnFormat) result = NULL;
  DnnShape shape = self->call->outputs[0].shape;
  DnnPhases phases;

  if (!md || !dnn_phases_init (&phases, self->conv) ||
      !dnn_layout_read (md, &phases.to))
    return;
  /* a phase begins where a block does */
  if (phases.to.block > 1 && !dnn_format_is_plain (dst) &&
      phases.to.block != self->conv->dst_channels)
    phases.weights.step = (phases.weights.step + phases.to.block - 1) /
        phases.to.block * phases.to.block;
  phases.threads = self->call->target.threads;
  shape.dims[1] = dnn_phases_get_channels (&phases);
  for (gint i = 0; i < s->n; i++)
    shape.dims[2 + i] = phases.size[DNN_MAX_SPATIAL - s->n + i];
  result = dnn_onednn_format_like (src, DNN_TYPE_FLOAT32, &shape);
  if (result)
    offer_pair (self, &phases, src, result, dst);
}

void
dnn_conv_offer_transposed (
    const DnnCall *call, const DnnConv *conv, DnnOffers *offers)
{
  const DnnShape *shape = &call->inputs[0].shape;
  const DnnShape *to = &call->outputs[0].shape;
  Offer self = { call, conv, offers };
  g_autoptr (GPtrArray) formats = NULL;

  if (!call->inputs[1].is_constant ||
      (dnn_call_has_input (call, 2) && !call->inputs[2].is_constant))
    return;
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (DNN_TYPE_FLOAT32, shape));
  for (guint i = 0; i < formats->len; i++) {
    const DnnFormat *src = formats->pdata[i];
    g_autoptr (DnnFormat) like = NULL;
    if (dnn_format_is_plain (src))
      continue;
    like = dnn_onednn_format_like (src, DNN_TYPE_FLOAT32, to);
    if (like)
      offer_formats (&self, src, like);
    if (conv->dst_channels <= MAX_PLANES &&
        !(like && dnn_format_is_plain (like))) {
      g_autoptr (DnnFormat) plain = dnn_offer_plain (&call->outputs[0]);
      offer_formats (&self, src, plain);
    }
  }
}
