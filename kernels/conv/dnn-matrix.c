/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A product of matrices → oneDNN's matmul, constant B packed. Next:
 * ops/Gemm.c, ops/MatMul.c. */
#include "config.h"

#include "kernels/conv/dnn-matrix.h"

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"
#include "kernels/conv/dnn-post-ops.h"

gdouble
dnn_matrix_dot (
    DnnType type, const DnnMatrixLine *a, const DnnMatrixLine *b, gint64 n)
{
  gdouble sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += dnn_load (type, a->data, a->idx + i * a->step) *
        dnn_load (type, b->data, b->idx + i * b->step);
  return sum;
}

gint64
dnn_matrix_dot_int (
    DnnType type, const DnnMatrixLine *a, const DnnMatrixLine *b, gint64 n)
{
  guint64 sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += (guint64) dnn_load_int (type, a->data, a->idx + i * a->step) *
        (guint64) dnn_load_int (type, b->data, b->idx + i * b->step);
  return (gint64) sum;
}

/* ---- offer ------------------------------------------------------------------
 */

typedef struct
{
  const DnnCall *call;
  const DnnMatrix *matrix;
  DnnMd *a, *b, *addend, *y; /* plain; addend NULL: none */
} Offer;

static void
clear_offer (Offer *self)
{
  g_clear_pointer (&self->a, dnn_md_free);
  g_clear_pointer (&self->b, dnn_md_free);
  g_clear_pointer (&self->addend, dnn_md_free);
  g_clear_pointer (&self->y, dnn_md_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Offer, clear_offer)

/* The addend is one row of a constant or free vector: oneDNN's bias. */
static gboolean
is_bias (const DnnMatrix *matrix)
{
  for (gint i = 0; i < matrix->rank - 1; i++)
    if (matrix->addend_dims[i] != 1)
      return FALSE;
  return matrix->addend_dims[matrix->rank - 1] == matrix->y[matrix->rank - 1];
}

static gdouble
estimate (const Offer *self, const DnnPd *pd)
{
  const DnnMatrix *matrix = self->matrix;
  gdouble flops = 2.0 * matrix->a[matrix->rank - 1];
  gdouble bytes = dnn_md_get_size (self->a) + dnn_md_get_size (self->b) +
      dnn_md_get_size (self->y);

  for (gint i = 0; i < matrix->rank; i++)
    flops *= matrix->y[i];
  return dnn_cost_of_flops (dnn_pd_get_impl (pd), flops, bytes);
}

/* The addend where it isn't a bias, then the post-ops. */
static gboolean
make_fusion (const Offer *self, guint n, DnnFusion *fusion)
{
  const DnnMatrix *matrix = self->matrix;

  dnn_fusion_begin (fusion);
  if (self->addend && !is_bias (matrix) &&
      !dnn_fusion_add_input (
          fusion, self->call, matrix->addend, self->addend)) {
    dnn_fusion_clear (fusion);
    return FALSE;
  }
  return dnn_fusion_extend (fusion, self->call, n, DNN_FUSION_MATRIX, self->y);
}

static void
add_b (const Offer *self, DnnPrimitive *primitive, const DnnMd *b)
{
  g_autoptr (DnnFormat) plain = dnn_offer_plain (&self->call->inputs[1]);

  if (self->call->inputs[1].is_constant)
    dnn_primitive_add_constant (primitive, DNNL_ARG_WEIGHTS, 1, self->b, b,
        self->matrix->b_factor, plain);
  else
    dnn_primitive_add_src (primitive, DNNL_ARG_WEIGHTS, 1, b, plain);
}

static void
add_bias (const Offer *self, DnnPrimitive *primitive)
{
  guint input = self->matrix->addend;
  g_autoptr (DnnFormat) plain = dnn_offer_plain (&self->call->inputs[input]);

  dnn_primitive_add_constant (primitive, DNNL_ARG_BIAS, input, self->addend,
      self->addend, self->matrix->addend_factor, plain);
}

/* The first @n post-ops, B in layout @b. */
static gboolean
offer_prefix (const Offer *self, const DnnMd *b, guint n, DnnOffers *offers)
{
  const DnnCall *call = self->call;
  g_auto (DnnFusion) fusion = { 0 };
  g_autoptr (DnnAttr) attr = NULL;
  g_autoptr (DnnPd) pd = NULL;
  g_autoptr (DnnFormat) src = dnn_offer_plain (&call->inputs[0]);
  g_autoptr (DnnFormat) dst = dnn_offer_plain (&call->outputs[0]);
  const DnnMd *bias = self->addend && is_bias (self->matrix) ? self->addend
                                                             : NULL;
  DnnPrimitive *primitive;
  gdouble cost;

  if (!make_fusion (self, n, &fusion))
    return FALSE;
  attr = dnn_fusion_make_attr (&fusion);
  pd = attr ? dnn_pd_new_matmul (self->a, b, bias, self->y, attr) : NULL;
  if (!pd || dnn_pd_is_ref (pd))
    return FALSE;
  cost = estimate (self, pd);
  primitive = dnn_primitive_new (pd);
  dnn_primitive_add_src (primitive, DNNL_ARG_SRC, 0, self->a, src);
  add_b (self, primitive, dnn_pd_get_md (pd, dnnl_query_weights_md, 0));
  if (bias)
    add_bias (self, primitive);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, self->y, dst);
  dnn_fusion_apply (&fusion, call, primitive, dst);
  g_steal_pointer (&pd);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
  return TRUE;
}

static gboolean
offer_b (const Offer *self, const DnnMd *b, DnnOffers *offers)
{
  for (gint n = self->call->n_post_ops; n >= 0; n--)
    if (offer_prefix (self, b, n, offers))
      return TRUE;
  return FALSE;
}

void
dnn_matrix_offer (
    const DnnCall *call, const DnnMatrix *matrix, DnnOffers *offers)
{
  g_auto (Offer) self = { .call = call, .matrix = matrix };
  const DnnMatrix *m = matrix;
  g_autoptr (DnnMd) any = dnn_md_new_any (m->rank, m->b, dnnl_f32);
  gboolean is_constant = call->inputs[1].is_constant;

  if (m->b_factor != 1 && !is_constant)
    return;
  if (m->addend >= 0 && m->addend_factor != 1 &&
      !(call->inputs[m->addend].is_constant && is_bias (m)))
    return;
  self.a = dnn_md_new_strides (m->rank, m->a, dnnl_f32, m->a_strides);
  self.b = dnn_md_new_strides (m->rank, m->b, dnnl_f32, m->b_strides);
  self.y = dnn_md_new_plain (m->rank, m->y, dnnl_f32);
  if (m->addend >= 0)
    self.addend = dnn_md_new_plain (m->rank, m->addend_dims, dnnl_f32);
  if (!self.a || !self.b || !self.y)
    return;
  if (!is_constant || !offer_b (&self, any, offers))
    offer_b (&self, self.b, offers);
}
