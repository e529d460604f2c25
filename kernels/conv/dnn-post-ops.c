/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Post-ops of a call → an attribute and further arguments. Next: dnn-conv.c,
 * dnn-gemm.c. */
#include "config.h"

#include "kernels/conv/dnn-post-ops.h"

#include "kernels/family/dnn-broadcast.h"
#include "kernels/family/dnn-eltwise.h"
#include "kernels/family/dnn-offer.h"

void
dnn_fusion_clear (DnnFusion *self)
{
  for (guint i = 0; i < self->n_operands; i++) {
    dnn_md_free (self->operands[i].md);
    dnn_format_unref (self->operands[i].format);
  }
  g_clear_pointer (&self->post_ops, dnn_post_ops_free);
  *self = (DnnFusion){ .residual = -1 };
}

/* x + 2, x · 2, …: one linear function. */
static gboolean
read_scalar (const DnnCallPostOp *post_op, gfloat *alpha, gfloat *beta)
{
  const DnnCallArg *arg = &post_op->call->inputs[1];
  gdouble value;

  if (post_op->call->n_inputs < 2 || !arg->present || !arg->value)
    return FALSE;
  value = dnn_type_get (arg->type, arg->value, 0);
  *alpha = 1;
  *beta = 0;
  switch (dnn_broadcast_get_alg (post_op->call, 1)) {
    case dnnl_binary_add:
      *beta = (gfloat) value;
      return TRUE;
    case dnnl_binary_sub:
      *beta = (gfloat) -value;
      return TRUE;
    case dnnl_binary_mul:
      *alpha = (gfloat) value;
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
dnn_fusion_read_function (
    const DnnCallPostOp *post_op, DnnAlg *alg, gfloat *alpha, gfloat *beta)
{
  if (post_op->input >= 0)
    return FALSE;
  if (dnn_eltwise_get_alg (post_op->call, alg, alpha, beta))
    return TRUE;
  *alg = DNN_ALG_LINEAR;
  return read_scalar (post_op, alpha, beta);
}

gboolean
dnn_fusion_is_residual (const DnnCall *call, const DnnCallPostOp *post_op)
{
  const DnnCallArg *arg;

  if (post_op->input < 0)
    return FALSE;
  arg = &call->inputs[post_op->input];
  return arg->type == DNN_TYPE_FLOAT32 &&
      dnn_shape_equal (&arg->shape, &call->outputs[0].shape) &&
      dnn_broadcast_get_alg (post_op->call, post_op->operand_slot) ==
      dnnl_binary_add;
}

/* One value a column of a matrix (the last dimension), or one at all: its
 * descriptor beside @dst's dimensions. */
static DnnMd *
make_columns (const DnnShape *operand, const DnnMd *dst)
{
  gint64 n = dnn_shape_n_elements (operand);
  gint64 dims[DNN_MAX_RANK];
  DnnMdLayout layout;

  if (!dst || !dnn_md_get_layout (dst, &layout) ||
      (n != 1 &&
          (n != layout.dims[layout.rank - 1] ||
              n != operand->dims[operand->rank - 1])))
    return NULL;
  for (gint i = 0; i < layout.rank; i++)
    dims[i] = 1;
  dims[layout.rank - 1] = n;
  return dnn_md_new_plain (layout.rank, dims, dnnl_f32);
}

/* One value a channel, or one at all. */
static gboolean
is_by_channel (const DnnShape *operand, const DnnShape *dst)
{
  for (gint i = 0; i < operand->rank; i++) {
    gint dim = i + dst->rank - operand->rank;
    if (operand->dims[i] != 1 && dim != 1)
      return FALSE;
  }
  return TRUE;
}

static void
add_operand (DnnFusion *self, guint input, DnnMd *md, DnnFormat *format)
{
  gint idx = dnn_post_ops_get_length (self->post_ops) - 1;
  DnnPostOpOperand *operand = &self->operands[self->n_operands++];

  operand->input = input;
  operand->arg = DNNL_ARG_ATTR_MULTIPLE_POST_OP (idx) | DNNL_ARG_SRC_1;
  operand->md = md;
  operand->format = format;
}

static gboolean
add_tensor (DnnFusion *self, const DnnCall *call, const DnnCallPostOp *post_op,
    DnnFusionMode mode, const DnnMd *dst)
{
  const DnnCallArg *arg = &call->inputs[post_op->input];
  const DnnShape *shape = &call->outputs[0].shape;
  dnnl_alg_kind_t alg = dnn_broadcast_get_alg (
      post_op->call, post_op->operand_slot);
  gboolean is_whole = dnn_shape_equal (&arg->shape, shape);
  g_autoptr (DnnMd) md = NULL;
  g_autoptr (DnnFormat) format = NULL;

  if (alg == dnnl_alg_kind_undef || arg->type != DNN_TYPE_FLOAT32 ||
      self->n_operands == DNN_MAX_POST_OP_OPERANDS)
    return FALSE;
  if (is_whole && mode == DNN_FUSION_SUM && alg == dnnl_binary_add &&
      self->residual < 0) {
    self->residual = post_op->input;
    return dnn_post_ops_add_sum (self->post_ops);
  }
  if (is_whole) {
    md = dst ? dnn_md_copy (dst) : NULL;
    format = md ? dnn_onednn_format_new (md, shape) : NULL;
  } else if (mode == DNN_FUSION_MATRIX) {
    md = make_columns (&arg->shape, dst);
    format = dnn_offer_plain (arg);
  } else if (is_by_channel (&arg->shape, shape)) {
    md = dnn_broadcast_md (&arg->shape, shape);
    format = dnn_offer_plain (arg);
  }
  if (!md || !format || !dnn_post_ops_add_binary (self->post_ops, alg, md))
    return FALSE;
  add_operand (
      self, post_op->input, g_steal_pointer (&md), g_steal_pointer (&format));
  return TRUE;
}

static gboolean
add_post_op (DnnFusion *self, const DnnCall *call, const DnnCallPostOp *post_op,
    DnnFusionMode mode, const DnnMd *dst)
{
  DnnAlg alg;
  gfloat alpha, beta;

  if (post_op->input >= 0)
    return add_tensor (self, call, post_op, mode, dst);
  if (!call->target.fast_math && !dnn_eltwise_is_exact (post_op->call))
    return FALSE;
  return dnn_fusion_read_function (post_op, &alg, &alpha, &beta) &&
      dnn_post_ops_add_eltwise (self->post_ops, alg, alpha, beta);
}

void
dnn_fusion_begin (DnnFusion *self)
{
  *self = (DnnFusion){ .residual = -1 };
  self->post_ops = dnn_post_ops_new ();
}

gboolean
dnn_fusion_add_input (
    DnnFusion *self, const DnnCall *call, guint input, const DnnMd *md)
{
  if (!dnn_post_ops_add_binary (self->post_ops, dnnl_binary_add, md))
    return FALSE;
  add_operand (
      self, input, dnn_md_copy (md), dnn_offer_plain (&call->inputs[input]));
  return TRUE;
}

gboolean
dnn_fusion_extend (DnnFusion *self, const DnnCall *call, guint n,
    DnnFusionMode mode, const DnnMd *dst)
{
  for (guint i = 0; i < n; i++) {
    if (!add_post_op (self, call, &call->post_ops[i], mode, dst)) {
      dnn_fusion_clear (self);
      return FALSE;
    }
  }
  self->n = n;
  return TRUE;
}

gboolean
dnn_fusion_init (DnnFusion *self, const DnnCall *call, guint n,
    DnnFusionMode mode, const DnnMd *dst)
{
  dnn_fusion_begin (self);
  return dnn_fusion_extend (self, call, n, mode, dst);
}

DnnAttr *
dnn_fusion_make_attr (const DnnFusion *self)
{
  g_autoptr (DnnAttr) attr = dnn_attr_new ();

  if (!attr || !dnn_attr_set_post_ops (attr, self->post_ops))
    return NULL;
  return g_steal_pointer (&attr);
}

void
dnn_fusion_apply (const DnnFusion *self, const DnnCall *call,
    DnnPrimitive *primitive, const DnnFormat *dst)
{
  for (guint i = 0; i < self->n_operands; i++) {
    const DnnPostOpOperand *operand = &self->operands[i];
    dnn_primitive_add_src (
        primitive, operand->arg, operand->input, operand->md, operand->format);
  }
  if (self->residual >= 0)
    dnn_primitive_set_residual (primitive, self->residual, dst);
  dnn_primitive_set_n_post_ops (primitive, self->n);
}

gboolean
dnn_fusion_has_residual (const DnnCall *call, guint n)
{
  for (guint i = 0; i < n; i++)
    if (call->post_ops[i].input >= 0 &&
        dnn_shape_equal (&call->inputs[call->post_ops[i].input].shape,
            &call->outputs[0].shape))
      return TRUE;
  return FALSE;
}
