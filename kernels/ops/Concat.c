/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Concat: tensors joined along one axis. Where an input is one run of bytes in
 * the result, its producer may write it there and nothing is copied. */
#include "config.h"

#include <string.h>

#include "kernels/family/dnn-offer.h"

static const DnnArgRow inputs[] = {
  { .name = "inputs",
      .types = DNN_TYPES_ANY,
      .flags = DNN_ARG_VARIADIC,
      .type_var = "T" },
};
static const DnnArgRow outputs[] = {
  { .name = "concat_result", .types = DNN_TYPES_ANY, .type_var = "T" },
};
static const DnnAttrRow attrs[] = {
  { .key = "axis",
      .kind = DNN_ATTR_INT,
      .required = TRUE,
      .doc = "which dimension; negative: from the end" },
};

/* Joins the shape of input @idx to @shape. */
static gboolean
join (
    const DnnCall *call, guint idx, gint axis, DnnShape *shape, GError **error)
{
  const DnnShape *next = &call->inputs[idx].shape;
  gboolean fits = next->rank == shape->rank;

  for (gint i = 0; fits && i < shape->rank; i++) {
    gint64 *dim = &shape->dims[i];
    gboolean is_open = *dim == DNN_DIM_OPEN || next->dims[i] == DNN_DIM_OPEN;
    if (i == axis)
      *dim = is_open ? DNN_DIM_OPEN : *dim + next->dims[i];
    else if (is_open)
      *dim = MAX (*dim, next->dims[i]);
    else
      fits = *dim == next->dims[i];
  }
  if (!fits) {
    g_autofree gchar *first = dnn_shape_to_string (&call->inputs[0].shape);
    g_autofree gchar *other = dnn_shape_to_string (next);
    return dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "input 0 is of shape %s and input %u of shape %s; they may differ in "
        "dimension %d only",
        first, idx, other, axis);
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  DnnShape shape = call->inputs[0].shape;
  gint axis;

  if (!dnn_call_axis (call, "axis", shape.rank, &axis, error))
    return DNN_INFER_ERROR;
  for (guint i = 1; i < call->n_formal; i++)
    if (!join (call, i, axis, &shape, error))
      return DNN_INFER_ERROR;
  call->outputs[0].type = call->inputs[0].type;
  call->outputs[0].shape = shape;
  return DNN_INFER_OK;
}

/* The result as runs; each input gives one chunk to each of them. */
typedef struct
{
  guint n;
  gsize n_outer, run; /* bytes of one run of the result */
  gsize chunks[]; /* bytes, by input */
} Join;

/* How inputs lie in a result of format @dst; NULL if one of them would begin
 * or end inside a block. */
static Join *
make_join (const DnnCall *call, gint axis, const DnnFormat *dst)
{
  guint n = call->n_formal;
  g_autofree Join *self = g_malloc0 (sizeof (Join) + n * sizeof (gsize));
  gsize unit;
  gint64 block;

  if (!dnn_onednn_format_cut (dst, axis, &self->n_outer, &unit, &block))
    return NULL;
  self->n = n;
  for (guint i = 0; i < n; i++) {
    gint64 dim = call->inputs[i].shape.dims[axis];
    if (dim % block != 0 && i + 1 < n)
      return NULL;
    self->chunks[i] = (dim + block - 1) / block * unit;
    self->run += self->chunks[i];
  }
  return g_steal_pointer (&self);
}

/* Chunks that stand where they belong already are left alone. */
static void
copy_chunks (const Join *self, gconstpointer const *src, guint8 *dst)
{
  for (guint i = 0; i < self->n; i++) {
    gsize chunk = self->chunks[i];
    const guint8 *from = src[i];
    for (gsize j = 0; chunk > 0 && from != dst && j < self->n_outer; j++)
      memcpy (dst + j * self->run, from + j * chunk, chunk);
    dst += chunk;
  }
}

static gboolean
ref (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnShape *shape = &call->outputs[0].shape;
  gsize element = dnn_type_size (call->outputs[0].type);
  gsize n_outer = 1, inner = element;
  guint8 *to = dst[0];
  gint axis;

  if (!dnn_call_axis (call, "axis", shape->rank, &axis, error))
    return FALSE;
  for (gint i = 0; i < axis; i++)
    n_outer *= shape->dims[i];
  for (gint i = axis + 1; i < shape->rank; i++)
    inner *= shape->dims[i];
  for (gsize i = 0; i < n_outer; i++) {
    for (guint j = 0; j < call->n_formal; j++) {
      gsize chunk = call->inputs[j].shape.dims[axis] * inner;
      if (chunk > 0)
        memcpy (to, (const guint8 *) src[j] + i * chunk, chunk);
      to += chunk;
    }
  }
  return TRUE;
}

static gpointer
prepare (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return candidate->state; /* outlives what is prepared */
}

static gboolean
run (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  copy_chunks (prepared, (gconstpointer const *) binding->src, binding->dst[0]);
  return TRUE;
}

static const DnnKernel kernel = {
  .name = "concat",
  .prepare = prepare,
  .run = run,
};

/* Bytes move at memory speed unless the pieces are short. */
static gdouble
estimate (const Join *join)
{
  gdouble bytes = (gdouble) join->run * join->n_outer;

  if (join->n_outer == 1)
    return DNN_COST_CALL + bytes / 80; /* most are in their place */
  return DNN_COST_CALL + 2 * bytes / 100 + 3.0 * join->n * join->n_outer;
}

static void
offer_format (
    const DnnCall *call, DnnOffers *offers, gint axis, const DnnFormat *dst)
{
  g_autofree Join *join = make_join (call, axis, dst);
  g_autoptr (DnnCandidate) self = NULL;
  gsize offset = 0;

  if (!join)
    return;
  self = dnn_candidate_new (&kernel, call->n_inputs, call->n_outputs);
  self->dst[0] = dnn_format_ref (dst);
  for (guint i = 0; i < call->n_formal; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    self->src[i] = dnn_onednn_format_like (dst, arg->type, &arg->shape);
    if (!self->src[i])
      return;
    if (join->n_outer == 1)
      self->src_share[i] = (DnnShare){ DNN_SHARE_MAY, 0, offset };
    offset += join->chunks[i];
  }
  self->impl = g_intern_static_string ("copy");
  self->cost = estimate (join);
  self->state = g_steal_pointer (&join);
  self->state_free = g_free;
  dnn_offers_add (offers, g_steal_pointer (&self));
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *out = &call->outputs[0];
  g_autoptr (GPtrArray) formats = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_format_unref);
  gint axis;

  if (!dnn_call_axis (call, "axis", out->shape.rank, &axis, NULL))
    return;
  dnn_offer_add_format (formats, dnn_offer_plain (out));
  for (guint i = 0; i < call->n_formal; i++) {
    DnnHints hints = dnn_offers_get_hints (offers, i);
    for (guint j = 0; j < hints.n; j++)
      if (hints.formats[j]->type == out->type)
        dnn_offer_add_format (formats,
            dnn_onednn_format_like (hints.formats[j], out->type, &out->shape));
  }
  for (guint i = 0; i < formats->len; i++)
    offer_format (call, offers, axis, formats->pdata[i]);
}

const DnnOp dnn_op_Concat = {
  .name = "Concat",
  .doc = "Tensors joined along one axis",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = ref,
  .offer = offer,
};
