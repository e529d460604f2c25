/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What a reduction does with each element → infer, ref, offer. Means over all
 * of the space are average pooling, which is 200 times faster in oneDNN than
 * its reduction of channels-last or blocked tensors. Next: ops/ReduceMean.c.
 */
#include "config.h"

#include "kernels/family/dnn-reduce.h"

#include "kernels/family/dnn-number.h"
#include "kernels/family/dnn-offer.h"

#define REDUCED_TYPES                                                   \
  (DNN_TYPES_FLOAT | DNN_TYPES_INDEX | DNN_TYPE_BIT (DNN_TYPE_UINT32) | \
      DNN_TYPE_BIT (DNN_TYPE_UINT64) | DNN_TYPE_BIT (DNN_TYPE_INT8) |   \
      DNN_TYPE_BIT (DNN_TYPE_UINT8))

const DnnArgRow dnn_reduce_inputs[2] = {
  { .name = "data", .types = REDUCED_TYPES, .type_var = "T" },
  { .name = "axes",
      .types = DNN_TYPES_INT64,
      .flags = DNN_ARG_OPTIONAL,
      .doc = "negative ones count from the back; absent or empty: all" },
};
const DnnArgRow dnn_reduce_outputs[1] = {
  { .name = "reduced", .types = REDUCED_TYPES, .type_var = "T" },
};
const DnnAttrRow dnn_reduce_attrs[2] = {
  { .key = "keepdims",
      .kind = DNN_ATTR_INT,
      .def = "1",
      .max = 1,
      .doc = "1: reduced dimensions stay, with size 1" },
  { .key = "noop_with_empty_axes",
      .kind = DNN_ATTR_INT,
      .def = "0",
      .max = 1,
      .doc = "1: without axes nothing is reduced" },
};

gboolean
dnn_reduce_get_axes (
    const DnnCall *call, const gint64 *axes, guint *mask, GError **error)
{
  gint rank = call->inputs[0].shape.rank;
  gint64 n = axes ? dnn_shape_n_elements (&call->inputs[1].shape) : 0;

  *mask = 0;
  if (n <= 0 && dnn_call_int (call, "noop_with_empty_axes") == 0)
    *mask = (1u << rank) - 1;
  for (gint64 i = 0; i < n; i++) {
    if (axes[i] < -rank || axes[i] >= rank)
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "axes[%d] is %" G_GINT64_FORMAT ", expected %d to %d", (gint) i,
          axes[i], -rank, rank - 1);
    *mask |= 1u << (axes[i] < 0 ? axes[i] + rank : axes[i]);
  }
  return TRUE;
}

DnnInferResult
dnn_reduce_infer (DnnCall *call, GError **error)
{
  const DnnShape *src = &call->inputs[0].shape;
  gboolean keep = dnn_call_int (call, "keepdims") != 0;
  const gint64 *axes = NULL;
  DnnShape dst = { 0 };
  guint mask;

  if (dnn_call_has_input (call, 1)) {
    axes = call->inputs[1].value;
    if (!axes && dnn_shape_n_elements (&call->inputs[1].shape) != 0) {
      call->needs_value = 1;
      return DNN_INFER_NEEDS_VALUE;
    }
  }
  if (!dnn_reduce_get_axes (call, axes, &mask, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; i < src->rank; i++) {
    if (!(mask >> i & 1))
      dst.dims[dst.rank++] = src->dims[i];
    else if (keep)
      dst.dims[dst.rank++] = 1;
  }
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = dst;
  return DNN_INFER_OK;
}

/* ---- ref --------------------------------------------------------------------
 */

/* The dimensions of one kind (kept, or reduced) as an odometer over src. */
typedef struct
{
  gint rank;
  gint64 dims[DNN_MAX_RANK], strides[DNN_MAX_RANK], at[DNN_MAX_RANK];
  gint64 n, offset;
} Walk;

static void
start_walk (Walk *self, const DnnShape *shape, guint mask)
{
  gint64 stride = 1;

  *self = (Walk){ .n = 1 };
  for (gint i = shape->rank - 1; i >= 0; i--) {
    if (mask >> i & 1) {
      self->dims[self->rank] = shape->dims[i];
      self->strides[self->rank++] = stride;
      self->n *= shape->dims[i];
    }
    stride *= shape->dims[i];
  }
}

/* The innermost dimension stands first; comes round at the end. */
static void
step_walk (Walk *self)
{
  for (gint i = 0; i < self->rank; i++) {
    self->offset += self->strides[i];
    if (++self->at[i] < self->dims[i])
      return;
    self->offset -= self->strides[i] * self->dims[i];
    self->at[i] = 0;
  }
}

static void
reduce_real (const DnnReduce *reduce, DnnType type, gconstpointer src,
    gint64 base, Walk *inner, gpointer dst, gint64 idx)
{
  gdouble sum = reduce->start;

  for (gint64 i = 0; i < inner->n; i++, step_walk (inner))
    sum = reduce->step (sum, dnn_load (type, src, base + inner->offset));
  dnn_store (
      type, dst, idx, reduce->finish ? reduce->finish (sum, inner->n) : sum);
}

static void
reduce_integer (const DnnReduce *reduce, DnnType type, gconstpointer src,
    gint64 base, Walk *inner, gpointer dst, gint64 idx)
{
  gint64 sum = reduce->start_integer;

  for (gint64 i = 0; i < inner->n; i++, step_walk (inner))
    sum = reduce->step_integer (
        sum, dnn_load_int (type, src, base + inner->offset));
  dnn_store_int (type, dst, idx,
      reduce->finish_integer ? reduce->finish_integer (sum, inner->n) : sum);
}

gboolean
dnn_reduce_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnReduce *reduce = call->op->family;
  const DnnShape *shape = &call->inputs[0].shape;
  DnnType type = call->inputs[0].type;
  gboolean exact = reduce->step_integer && !dnn_type_is_float (type);
  Walk outer, inner;
  guint mask;

  if (!dnn_reduce_get_axes (
          call, call->n_formal > 1 ? src[1] : NULL, &mask, error))
    return FALSE;
  start_walk (&outer, shape, ~mask);
  start_walk (&inner, shape, mask);
  for (gint64 i = 0; i < outer.n; i++, step_walk (&outer)) {
    if (exact)
      reduce_integer (reduce, type, src[0], outer.offset, &inner, dst[0], i);
    else
      reduce_real (reduce, type, src[0], outer.offset, &inner, dst[0], i);
  }
  return TRUE;
}

/* ---- offer ------------------------------------------------------------------
 */

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

/* Average over all spatial dimensions of @src, in its own layout. */
static void
offer_pooling (const DnnCall *call, DnnOffers *offers, const DnnFormat *src)
{
  const DnnShape *shape = &src->shape;
  DnnWindow window = { .n = shape->rank - 2 };
  DnnShape kept = *shape;
  g_autoptr (DnnMd) src_md = dnn_onednn_format_to_md (src);
  g_autoptr (DnnMd) dst_md = NULL;
  g_autoptr (DnnAttr) attr = dnn_attr_new ();
  DnnPd *pd;

  for (gint i = 0; i < window.n; i++) {
    window.kernel[i] = window.strides[i] = shape->dims[i + 2];
    window.dilations[i] = 1;
    kept.dims[i + 2] = 1;
  }
  dst_md = dnn_md_new_any (kept.rank, kept.dims, dnnl_f32);
  pd = dnn_pd_new_pooling (
      dnnl_pooling_avg_exclude_padding, src_md, dst_md, &window, attr);
  add_candidate (call, offers, pd, src_md, src,
      pd ? dnn_pd_get_md (pd, dnnl_query_dst_md, 0) : dst_md);
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

  if (reduce->alg == dnnl_alg_kind_undef ||
      !dnn_offer_is_float32 (call, DNN_TYPE_INT64) ||
      call->inputs[0].type != DNN_TYPE_FLOAT32 ||
      !dnn_reduce_get_axes (call, axes, &mask, NULL) || mask == 0)
    return;
  offer_reduction (call, offers, mask);
  if (reduce->alg != dnnl_reduction_mean || mask != spatial ||
      shape->rank < 3 || shape->rank > 5)
    return;
  formats = dnn_offer_formats (offers, 1, DNN_TYPE_FLOAT32, shape);
  dnn_offer_add_format (
      formats, dnn_onednn_format_channels_last (DNN_TYPE_FLOAT32, shape));
  for (guint i = 0; i < formats->len; i++)
    offer_pooling (call, offers, formats->pdata[i]);
}
