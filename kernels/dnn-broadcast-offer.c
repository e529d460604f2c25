/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A call with two tensors → oneDNN's binary primitive. It wants its first
 * source whole; where the other one is smaller and order doesn't matter, they
 * change places. Next: ops/Add.c. */
#include "config.h"

#include "kernels/dnn-broadcast.h"
#include "kernels/dnn-offer.h"

#include <string.h>

dnnl_alg_kind_t
dnn_broadcast_get_alg (const DnnCall *call, guint operand_slot)
{
  const DnnBroadcast *self = call->op->family;

  if (call->op->infer != dnn_broadcast_infer)
    return dnnl_alg_kind_undef;
  return operand_slot == 1 || self->commutes ? self->alg : dnnl_alg_kind_undef;
}

DnnMd *
dnn_broadcast_md (const DnnShape *from, const DnnShape *to)
{
  gint64 dims[DNN_MAX_RANK];

  for (gint i = 0; i < to->rank; i++) {
    gint j = i - (to->rank - from->rank);
    dims[i] = j < 0 ? 1 : from->dims[j];
  }
  return dnn_md_new_plain (to->rank, dims, dnnl_f32);
}

/* Both operands and the result as oneDNN sees them. */
typedef struct
{
  guint first, second; /* inputs; the first is whole */
  DnnMd *src0, *src1, *dst;
} Operands;

static void
clear_operands (Operands *self)
{
  g_clear_pointer (&self->src0, dnn_md_free);
  g_clear_pointer (&self->src1, dnn_md_free);
  g_clear_pointer (&self->dst, dnn_md_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Operands, clear_operands)

/* Which input is whole? FALSE if none can be the first source. */
static gboolean
choose_first (const DnnCall *call, Operands *self)
{
  const DnnBroadcast *broadcast = call->op->family;
  const DnnShape *dst = &call->outputs[0].shape;

  self->first = dnn_shape_equal (&call->inputs[0].shape, dst) ? 0 : 1;
  self->second = 1 - self->first;
  return dnn_shape_equal (&call->inputs[self->first].shape, dst) &&
      (self->first == 0 || broadcast->commutes);
}

/* Neighbouring dimensions that are both whole or both broadcast are one; jit
 * code knows few patterns, and only of low rank. */
static void
set_plain (const DnnCall *call, Operands *self)
{
  const DnnShape *whole = &call->outputs[0].shape;
  gint64 strides[DNN_MAX_RANK];
  gint64 dims[DNN_MAX_RANK + 1] = { 1 }, operand[DNN_MAX_RANK + 1] = { 1 };
  gint rank = 0;
  gboolean was_whole = FALSE;

  dnn_broadcast_strides (&call->inputs[self->second].shape, whole, strides);
  for (gint i = 0; i < whole->rank; i++) {
    gboolean is_whole = strides[i] != 0;
    if (whole->dims[i] == 1)
      continue;
    if (rank == 0 || is_whole != was_whole) {
      dims[rank] = operand[rank] = 1;
      rank++;
    }
    dims[rank - 1] *= whole->dims[i];
    operand[rank - 1] *= is_whole ? whole->dims[i] : 1;
    was_whole = is_whole;
  }
  rank = MAX (rank, 1);
  if (rank == 2 && operand[1] == 1) { /* one value a row: as channels */
    memmove (dims + 1, dims, 2 * sizeof (gint64));
    memmove (operand + 1, operand, 2 * sizeof (gint64));
    dims[0] = operand[0] = 1;
    rank = 3;
  }
  self->src0 = dnn_md_new_plain (rank, dims, dnnl_f32);
  self->src1 = dnn_md_new_plain (rank, operand, dnnl_f32);
  self->dst = dnn_md_copy (self->src0);
}

static void
add_operand (const DnnCall *call, DnnPrimitive *primitive, guint input,
    gint arg, const DnnMd *md, const DnnFormat *format)
{
  g_autoptr (DnnFormat) plain = dnn_offer_plain (&call->inputs[input]);

  if (call->inputs[input].is_constant && !dnn_format_is_plain (format)) {
    g_autoptr (DnnMd) from = dnn_onednn_format_to_md (plain);
    dnn_primitive_add_constant (primitive, arg, input, from, md, 1, plain);
  } else {
    dnn_primitive_add_src (primitive, arg, input, md, format);
  }
}

static void
offer_format (const DnnCall *call, DnnOffers *offers, const DnnFormat *format)
{
  const DnnBroadcast *broadcast = call->op->family;
  g_auto (Operands) self = { 0 };
  g_autoptr (DnnFormat) operand = NULL;
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = NULL;
  DnnPrimitive *primitive;
  gdouble cost;
  gboolean both_whole;

  if (!choose_first (call, &self))
    return;
  both_whole = dnn_shape_equal (
      &call->inputs[self.second].shape, &call->outputs[0].shape);
  if (both_whole)
    operand = dnn_format_ref (format);
  else
    operand = dnn_offer_plain (&call->inputs[self.second]);
  if (dnn_format_is_plain (format)) {
    set_plain (call, &self);
  } else {
    self.src0 = dnn_onednn_format_to_md (format);
    self.dst = dnn_md_copy (self.src0);
    self.src1 = both_whole ? dnn_md_copy (self.src0)
                           : dnn_broadcast_md (&operand->shape, &format->shape);
  }
  pd = dnn_pd_new_binary (broadcast->alg, self.src0, self.src1, self.dst, attr);
  if (!pd || dnn_pd_is_ref (pd))
    return;
  cost = dnn_cost_of_bytes (dnn_pd_get_impl (pd),
      2.0 * dnn_md_get_size (self.dst) + dnn_md_get_size (self.src1), 90);
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  add_operand (call, primitive, self.first, DNNL_ARG_SRC_0, self.src0, format);
  add_operand (
      call, primitive, self.second, DNNL_ARG_SRC_1, self.src1, operand);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, self.dst, format);
  if (!call->inputs[self.first].is_constant)
    dnn_primitive_set_in_place (primitive, self.first);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
}

void
dnn_broadcast_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnBroadcast *broadcast = call->op->family;
  g_autoptr (GPtrArray) formats = NULL;

  if (broadcast->alg == dnnl_alg_kind_undef ||
      !dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32))
    return;
  formats = dnn_offer_formats (
      call, 2, DNN_TYPE_FLOAT32, &call->outputs[0].shape);
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, formats->pdata[i]);
}
