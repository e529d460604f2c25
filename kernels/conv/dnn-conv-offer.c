/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A convolution's geometry → oneDNN primitives in several layouts. Which
 * layout is fast depends on the instructions and the channels: the one that
 * oneDNN chooses, channels last, planes for a first layer, and those that
 * come for free. Next: ops/Conv.c. */
#include "config.h"

#include "kernels/conv/dnn-conv.h"

#include "kernels/conv/dnn-bias.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/conv/dnn-post-ops.h"
#include "kernels/onednn/dnn-onednn-impl.h"

/* Adding in the memory of the result, where the other tensor stands already,
 * touches less memory than reading that from elsewhere. */
#define BINARY_FACTOR 1.03

/* One call while it offers. */
typedef struct
{
  const DnnCall *call;
  const DnnConv *conv;
  DnnOffers *offers;
  DnnWindow window;
  DnnConvAlg alg;
  DnnMd *weights, *weights_any, *bias; /* bias NULL: none */
  GPtrArray *seen; /* DnnFormat pairs offered so far: src, dst, src, … */
} Offer;

static void
clear_offer (Offer *self)
{
  dnn_md_free (self->weights);
  dnn_md_free (self->weights_any);
  dnn_md_free (self->bias);
  g_ptr_array_unref (self->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Offer, clear_offer)

/* Bias and post-ops don't belong into the primitive. */
static gboolean
is_bare (const Offer *self)
{
  return self->conv->transposed && !dnn_onednn_fuses_transposed ();
}

/* W as oneDNN sees it: [groups,] outputs, inputs, kernel; ONNX has outputs
 * behind inputs when transposed. */
static void
make_weights (Offer *self)
{
  const DnnConv *conv = self->conv;
  const DnnShape *w = &self->call->inputs[1].shape;
  gint64 dims[DNN_MAX_RANK + 1], strides[DNN_MAX_RANK + 1];
  gint64 size = 1, of_inputs, of_outputs;
  gint64 inputs = conv->src_channels / conv->groups;
  gint64 outputs = conv->dst_channels / conv->groups;
  gint n_front = conv->groups > 1 ? 3 : 2, rank = w->rank + n_front - 2;

  for (gint i = w->rank - 1; i >= 2; i--) {
    dims[i + n_front - 2] = w->dims[i];
    strides[i + n_front - 2] = size;
    size *= w->dims[i];
  }
  of_inputs = conv->transposed ? outputs * size : size;
  of_outputs = conv->transposed ? size : inputs * size;
  dims[0] = conv->groups;
  strides[0] = inputs * outputs * size;
  dims[n_front - 2] = outputs;
  strides[n_front - 2] = of_outputs;
  dims[n_front - 1] = inputs;
  strides[n_front - 1] = of_inputs;
  self->weights = dnn_md_new_strides (rank, dims, dnnl_f32, strides);
  self->weights_any = dnn_md_new_any (rank, dims, dnnl_f32);
  if (dnn_call_has_input (self->call, 2) && !is_bare (self))
    self->bias = dnn_md_new_plain (1, &conv->dst_channels, dnnl_f32);
}

/* Multiplications and additions; output channels are done in vectors, so that
 * one costs as much as 16, but for gemm, whose rows are pixels: so those. */
static gdouble
count_flops (const Offer *self, gboolean is_gemm)
{
  const DnnConv *conv = self->conv;
  const DnnSpatial *s = &conv->spatial;
  gint64 outputs = conv->dst_channels / conv->groups;
  gint64 inputs = conv->src_channels / conv->groups;
  gdouble flops = 2.0 * conv->batch * conv->groups * inputs;
  gint64 pixels = 1;

  if (conv->groups == 1 && !is_gemm)
    outputs = (outputs + 15) / 16 * 16;
  else if (conv->groups > 1 && inputs > 1)
    outputs = (outputs + 7) / 8 * 8;
  for (gint i = 0; i < DNN_MAX_SPATIAL; i++) {
    flops *= s->kernel[i];
    pixels *= conv->transposed ? s->src[i] : s->dst[i];
  }
  if (is_gemm)
    pixels = (pixels + 15) / 16 * 16;
  return flops * outputs * pixels;
}

/* Of the direct one's time. Measured: 0.3 to 0.6 from 16 channels up, 0.85
 * where weights are most of the memory. Counted as a gain only where it is
 * sure; elsewhere it takes measuring to be chosen. */
static gdouble
get_winograd_factor (const Offer *self)
{
  const DnnConv *conv = self->conv;
  const gint64 *dst = conv->spatial.dst;

  return MIN (conv->src_channels, conv->dst_channels) >= 64 &&
          dst[1] * dst[2] >= 14 * 14
      ? 0.7
      : 1.02;
}

/* ns an element that gemm's post-ops take, which run one by one behind it. */
#define GEMM_POST_OP 12.0
#define GEMM_OPERAND 40.0

static gdouble
count_gemm_post_ops (const Offer *self, const DnnFusion *fusion)
{
  gdouble elements = dnn_shape_n_elements (&self->call->outputs[0].shape);
  guint n = fusion->n;

  /* a lone Relu is in its own code */
  if (n == 1 && self->call->post_ops[0].input < 0 &&
      g_str_equal (self->call->post_ops[0].op->name, "Relu"))
    n = 0;
  return elements * (n * GEMM_POST_OP + fusion->n_operands * GEMM_OPERAND);
}

static gdouble
estimate (const Offer *self, const DnnPd *pd, const DnnFusion *fusion)
{
  const DnnCall *call = self->call;
  const gchar *impl = dnn_pd_get_impl (pd);
  gboolean is_gemm = dnn_impl_is (impl, DNN_IMPL_IS_GEMM);
  gdouble dst = dnn_md_get_size (dnn_pd_get_md (pd, dnnl_query_dst_md, 0));
  gdouble bytes = dnn_offer_bytes (&call->inputs[0].shape) +
      dnn_offer_bytes (&call->inputs[1].shape) + dst;
  gdouble flops = count_flops (self, is_gemm);
  gdouble cost;

  /* one small product a group */
  if (self->conv->groups > 1 && is_gemm)
    flops *= 10;
  cost = dnn_cost_of_flops (impl, flops, bytes);
  if (is_gemm)
    cost += count_gemm_post_ops (self, fusion);
  if (self->alg == DNN_CONV_WINOGRAD)
    cost *= get_winograd_factor (self);
  /* what is added up in memory, then the bias in a walk of its own */
  if (is_bare (self))
    cost += dst * (dnn_call_has_input (call, 2) ? 3 : 1) / 20;
  return cost;
}

static gboolean
is_new (Offer *self, const DnnFormat *src, const DnnFormat *dst)
{
  for (guint i = 0; i < self->seen->len; i += 2)
    if (dnn_format_equal (self->seen->pdata[i], src) &&
        dnn_format_equal (self->seen->pdata[i + 1], dst))
      return FALSE;
  g_ptr_array_add (self->seen, dnn_format_ref (src));
  g_ptr_array_add (self->seen, dnn_format_ref (dst));
  return TRUE;
}

static DnnPd *
make_pd (const Offer *self, const DnnMd *src, const DnnMd *dst,
    const DnnFusion *fusion)
{
  g_autoptr (DnnAttr) attr = dnn_fusion_make_attr (fusion);
  const DnnMd *weights = self->call->inputs[1].is_constant ? self->weights_any
                                                           : self->weights;
  g_autoptr (DnnPd) pd = NULL;

  if (!attr)
    return NULL;
  pd = dnn_pd_new_convolution (
      self->alg, src, weights, self->bias, dst, &self->window, attr);
  return pd && !dnn_pd_is_ref (pd) ? g_steal_pointer (&pd) : NULL;
}

static void
add_weights (const Offer *self, DnnPrimitive *primitive, const DnnMd *weights)
{
  const DnnCall *call = self->call;
  g_autoptr (DnnFormat) plain = dnn_offer_plain (&call->inputs[1]);

  if (call->inputs[1].is_constant)
    dnn_primitive_add_constant (
        primitive, DNNL_ARG_WEIGHTS, 1, self->weights, weights, 1, plain);
  else
    dnn_primitive_add_src (primitive, DNNL_ARG_WEIGHTS, 1, weights, plain);
  if (self->bias) {
    g_autoptr (DnnFormat) bias = dnn_offer_plain (&call->inputs[2]);
    dnn_primitive_add_src (primitive, DNNL_ARG_BIAS, 2, self->bias, bias);
  }
}

/* Takes @pd. */
static void
add_candidate (Offer *self, DnnPd *pd, const DnnFusion *fusion,
    const DnnFormat *src, const DnnFormat *dst)
{
  const DnnCall *call = self->call;
  gdouble cost = estimate (self, pd, fusion) *
      (fusion->n_operands > 0 ? BINARY_FACTOR : 1);
  DnnPrimitive *primitive = dnn_primitive_new (pd);

  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0,
      dnn_pd_get_md (pd, dnnl_query_src_md, 0), src);
  add_weights (self, primitive, dnn_pd_get_md (pd, dnnl_query_weights_md, 0));
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0,
      dnn_pd_get_md (pd, dnnl_query_dst_md, 0), dst);
  if (dnn_call_has_input (call, 2) && is_bare (self) &&
      !dnn_bias_follow (
          primitive, call, 2, dnn_pd_get_md (pd, dnnl_query_dst_md, 0))) {
    dnn_primitive_unref (primitive);
    return;
  }
  dnn_fusion_apply (fusion, call, primitive, dst);
  dnn_offers_add (self->offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

/* With a tensor added: the same primitive reads it from where it is, which
 * needs the layout of the result, known from @like. gemm code reads it wrongly
 * in some layouts. */
static void
offer_binary (Offer *self, const DnnPd *like, guint n, const DnnFormat *src,
    const DnnFormat *dst)
{
  const DnnMd *dst_md = dnn_pd_get_md (like, dnnl_query_dst_md, 0);
  g_auto (DnnFusion) fusion = { 0 };
  g_autoptr (DnnPd) pd = NULL;

  if (!dnn_fusion_init (&fusion, self->call, n, DNN_FUSION_BINARY, dst_md))
    return;
  pd = make_pd (
      self, dnn_pd_get_md (like, dnnl_query_src_md, 0), dst_md, &fusion);
  if (pd && !dnn_impl_is (dnn_pd_get_impl (pd), DNN_IMPL_IS_GEMM))
    add_candidate (self, g_steal_pointer (&pd), &fusion, src, dst);
}

/* oneDNN's depthwise code for SSE4.1 adds what a sum has to add straight from
 * memory, which faults off 16 bytes: pixels of odd channel counts, channels
 * last. */
static gboolean
faults_on_sum (const Offer *self, const DnnPd *pd, guint n)
{
  return dnn_fusion_has_residual (self->call, n) &&
      self->conv->dst_channels % 4 != 0 &&
      dnn_impl_is (dnn_pd_get_impl (pd), DNN_IMPL_IS_DEPTHWISE_SSE41);
}

/* The first @n post-ops in one layout; FALSE if oneDNN has nothing good. */
static gboolean
offer_prefix (Offer *self, const DnnMd *src_md, const DnnMd *dst_md, guint n)
{
  const DnnCall *call = self->call;
  g_auto (DnnFusion) fusion = { 0 };
  g_autoptr (DnnPd) pd = NULL;
  g_autoptr (DnnFormat) src = NULL;
  g_autoptr (DnnFormat) dst = NULL;

  if (!dnn_fusion_init (&fusion, call, n, DNN_FUSION_SUM, NULL))
    return FALSE;
  pd = make_pd (self, src_md, dst_md, &fusion);
  if (!pd || faults_on_sum (self, pd, n))
    return FALSE;
  src = dnn_onednn_format_new (
      dnn_pd_get_md (pd, dnnl_query_src_md, 0), &call->inputs[0].shape);
  dst = dnn_onednn_format_new (
      dnn_pd_get_md (pd, dnnl_query_dst_md, 0), &call->outputs[0].shape);
  if (!src || !dst)
    return FALSE;
  if (!is_new (self, src, dst))
    return TRUE;
  if (dnn_fusion_has_residual (call, n))
    offer_binary (self, pd, n, src, dst);
  add_candidate (self, g_steal_pointer (&pd), &fusion, src, dst);
  return TRUE;
}

/* As many post-ops as go. @src, @dst (nullable): any layout. */
static void
offer_layout (Offer *self, const DnnFormat *src, const DnnFormat *dst)
{
  const DnnShape *from = &self->call->inputs[0].shape;
  const DnnShape *to = &self->call->outputs[0].shape;
  g_autoptr (DnnMd) src_md = src
      ? dnn_onednn_format_to_md (src)
      : dnn_md_new_any (from->rank, from->dims, dnnl_f32);
  g_autoptr (DnnMd) dst_md = dst
      ? dnn_onednn_format_to_md (dst)
      : dnn_md_new_any (to->rank, to->dims, dnnl_f32);

  for (gint n = is_bare (self) ? 0 : self->call->n_post_ops; n >= 0; n--)
    if (offer_prefix (self, src_md, dst_md, n))
      return;
}

static void
offer_both (Offer *self, const DnnFormat *src)
{
  g_autoptr (DnnFormat) dst = dnn_onednn_format_like (
      src, DNN_TYPE_FLOAT32, &self->call->outputs[0].shape);

  if (dst)
    offer_layout (self, src, dst);
}

/* Beside the direct one in the same layout, with fewer post-ops. */
static void
offer_winograd (Offer *self)
{
  const DnnSpatial *s = &self->conv->spatial;

  if (!dnn_target_may_use_winograd (&self->call->target) ||
      self->conv->transposed || self->conv->groups > 1 || s->n != 2 ||
      !self->call->inputs[1].is_constant)
    return;
  for (gint i = DNN_MAX_SPATIAL - s->n; i < DNN_MAX_SPATIAL; i++)
    if (s->kernel[i] != 3 || s->stride[i] != 1 || s->dilation[i] != 1)
      return;
  self->alg = DNN_CONV_WINOGRAD;
  g_ptr_array_set_size (self->seen, 0);
  offer_layout (self, NULL, NULL);
}

void
dnn_conv_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnShape *shape = &call->inputs[0].shape;
  g_autoptr (GPtrArray) formats = NULL;
  DnnConv conv;
  g_auto (Offer) self = { .call = call, .conv = &conv, .offers = offers };

  self.seen = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_format_unref);
  if (!dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32))
    return;
  dnn_conv_read (call, &conv);
  dnn_spatial_to_window (&conv.spatial, &self.window);
  self.alg = conv.transposed ? DNN_CONV_TRANSPOSED : DNN_CONV_DIRECT;
  make_weights (&self);
  offer_layout (&self, NULL, NULL);
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (DNN_TYPE_FLOAT32, shape));
  for (guint i = 0; i < formats->len; i++) {
    offer_both (&self, formats->pdata[i]);
    /* below AVX-512, oneDNN 2.6 has only ref for channels last to any; ref is
     * refused, so that asking costs nothing */
    offer_layout (&self, formats->pdata[i], NULL);
  }
  offer_winograd (&self);
  /* its phases meet elements with weights that are 0 */
  if (conv.transposed && call->target.fast_math)
    dnn_conv_offer_transposed (call, &conv, offers);
  else
    dnn_conv_offer_winograd (call, &conv, offers);
}
