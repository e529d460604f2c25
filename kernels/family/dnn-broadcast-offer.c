/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A call with two tensors → oneDNN's binary primitive. It wants its first
 * source whole; where the other one is smaller and order doesn't matter, they
 * change places. Next: ops/Add.c. */
#include "config.h"

#include "kernels/family/dnn-broadcast.h"
#include "kernels/family/dnn-offer.h"

#include <string.h>

dnnl_alg_kind_t
dnn_broadcast_get_alg (const DnnCall *call, guint operand_slot)
{
  const DnnBroadcast *self = call->op->family;

  if (call->op->offer != dnn_broadcast_offer)
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

/* Constants are packed into what isn't plain. */
static void
add_operand (const DnnCall *call, DnnPrimitive *primitive, guint input,
    gint arg, const DnnMd *md, const DnnFormat *format)
{
  const DnnCallArg *from = &call->inputs[input];
  g_autoptr (DnnFormat) plain = dnn_offer_plain (from);

  if (from->is_constant && !dnn_format_is_plain (format)) {
    g_autoptr (DnnMd)
        from_md = dnn_broadcast_md (&from->shape, &call->outputs[0].shape);
    dnn_primitive_add_constant (primitive, arg, input, from_md, md, 1, plain);
  } else {
    dnn_primitive_add_src (primitive, arg, input, md, format);
  }
}

/* Blocks of channels that stand half empty. In place there, oneDNN 2.6 leaves
 * elements as they were when the second source is one number. */
static gboolean
is_padded (const DnnMd *md, const DnnFormat *format)
{
  return dnn_md_get_size (md) > dnn_offer_bytes (&format->shape);
}

/* Takes the descriptors in @self; @operand: the second source's format. */
static gboolean
offer_operands (const DnnCall *call, DnnOffers *offers, const Operands *self,
    const DnnFormat *format, const DnnFormat *operand)
{
  const DnnBroadcast *broadcast = call->op->family;
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  g_autoptr (DnnPd) pd = dnn_pd_new_binary (
      broadcast->alg, self->src0, self->src1, self->dst, attr);
  DnnPrimitive *primitive;
  gdouble cost;

  if (!pd || dnn_pd_is_ref (pd))
    return FALSE;
  cost = dnn_cost_of_bytes (dnn_pd_get_impl (pd),
      2.0 * dnn_md_get_size (self->dst) + dnn_md_get_size (self->src1), 90);
  primitive = dnn_primitive_new (g_steal_pointer (&pd));
  add_operand (
      call, primitive, self->first, DNNL_ARG_SRC_0, self->src0, format);
  add_operand (
      call, primitive, self->second, DNNL_ARG_SRC_1, self->src1, operand);
  dnn_primitive_add_dst (primitive, DNNL_ARG_DST, 0, self->dst, format);
  if (!call->inputs[self->first].is_constant && !is_padded (self->dst, format))
    dnn_primitive_set_in_place (primitive, self->first);
  dnn_offers_add (offers,
      dnn_primitive_to_candidate (
          primitive, call->n_inputs, call->n_outputs, cost));
  return TRUE;
}

static void
offer_plain (const DnnCall *call, DnnOffers *offers, Operands *self)
{
  g_autoptr (DnnFormat) format = dnn_offer_plain (&call->outputs[0]);
  g_autoptr (DnnFormat) operand = dnn_offer_plain (&call->inputs[self->second]);

  set_plain (call, self);
  offer_operands (call, offers, self, format, operand);
}

/* One value a channel. oneDNN 2.6 takes other patterns in blocked layouts as
 * well, and then computes something else. */
static gboolean
is_by_channel (const DnnShape *operand)
{
  for (gint i = 2; i < operand->rank; i++)
    if (operand->dims[i] != 1)
      return FALSE;
  return TRUE;
}

/* The second source in the result's layout; a smaller one is taken plain if
 * the primitive can (no reorder for it), else in the same kind of layout. */
static void
offer_layout (const DnnCall *call, DnnOffers *offers, Operands *self,
    const DnnFormat *format)
{
  const DnnCallArg *arg = &call->inputs[self->second];
  g_autoptr (DnnFormat) plain = dnn_offer_plain (arg);
  g_autoptr (DnnFormat) operand = NULL;
  DnnShape padded = format->shape;

  self->src0 = dnn_onednn_format_to_md (format);
  self->dst = dnn_md_copy (self->src0);
  self->src1 = dnn_broadcast_md (&arg->shape, &format->shape);
  if (!dnn_shape_equal (&arg->shape, &format->shape) &&
      offer_operands (call, offers, self, format, plain))
    return;
  if (arg->shape.rank != padded.rank && !arg->is_constant)
    return;
  for (gint i = 0; i < padded.rank; i++) {
    gint j = i - (padded.rank - arg->shape.rank);
    padded.dims[i] = j < 0 ? 1 : arg->shape.dims[j];
  }
  if (!dnn_shape_equal (&padded, &format->shape) && !is_by_channel (&padded))
    return;
  operand = dnn_onednn_format_like (format, DNN_TYPE_FLOAT32, &padded);
  if (!operand)
    return;
  dnn_md_free (self->src1);
  self->src1 = dnn_onednn_format_to_md (operand);
  offer_operands (call, offers, self, format,
      dnn_format_is_plain (operand) ? plain : operand);
}

void
dnn_broadcast_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnBroadcast *broadcast = call->op->family;
  g_autoptr (GPtrArray) formats = NULL;

  dnn_map_op_offer (call, offers);
  if (broadcast->alg == dnnl_alg_kind_undef ||
      !dnn_offer_is_float32 (call, DNN_TYPE_FLOAT32))
    return;
  formats = dnn_offer_formats (
      offers, 2, DNN_TYPE_FLOAT32, &call->outputs[0].shape);
  for (guint i = 0; i < formats->len; i++) {
    g_auto (Operands) operands = { 0 };
    if (!choose_first (call, &operands))
      return;
    if (dnn_format_is_plain (formats->pdata[i]))
      offer_plain (call, offers, &operands);
    else
      offer_layout (call, offers, &operands, formats->pdata[i]);
  }
}
