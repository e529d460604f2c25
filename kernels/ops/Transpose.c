/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Transpose: dimensions in another order. */
#include "config.h"

#include "kernels/family/dnn-copy.h"
#include "kernels/onednn/dnn-onednn-format.h"

static const DnnArgRow inputs[] = {
  { "data", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T", "any tensor" },
};

static const DnnArgRow outputs[] = {
  { "transposed", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T",
      "dimension i is dimension perm[i] of data" },
};

static const DnnAttrRow attrs[] = {
  { "perm", DNN_ATTR_INTS, NULL, FALSE, 0, 0, NULL,
      "order of the dimensions; default: reversed" },
};

/* @perm of the call for @rank dimensions. */
static gboolean
get_perm (const DnnCall *call, gint rank, gint *perm, GError **error)
{
  const DnnAttrValue *value = dnn_call_attr (call, "perm");
  guint seen = 0;

  if (!value->present) {
    for (gint i = 0; i < rank; i++)
      perm[i] = rank - 1 - i;
    return TRUE;
  }
  if ((gint) value->n != rank)
    return dnn_call_error (call, error, DNN_ERROR_VALUE,
        "attribute perm has %u entries; the input has %d dimensions", value->n,
        rank);
  for (gint i = 0; i < rank; i++) {
    gint64 dim = value->ints[i];
    if (dim < 0 || dim >= rank || (seen & 1u << dim))
      return dnn_call_error (call, error, DNN_ERROR_VALUE,
          "attribute perm is no permutation of 0 to %d: entry %d is "
          "%" G_GINT64_FORMAT,
          rank - 1, i, dim);
    seen |= 1u << dim;
    perm[i] = (gint) dim;
  }
  return TRUE;
}

static DnnInferResult
infer (DnnCall *call, GError **error)
{
  const DnnCallArg *src = &call->inputs[0];
  DnnCallArg *dst = &call->outputs[0];
  gint perm[DNN_MAX_RANK];

  dst->type = src->type;
  dst->shape.rank = src->shape.rank;
  if (src->shape.rank < 0)
    return DNN_INFER_OK;
  if (!get_perm (call, src->shape.rank, perm, error))
    return DNN_INFER_ERROR;
  for (gint i = 0; i < src->shape.rank; i++)
    dst->shape.dims[i] = src->shape.dims[perm[i]];
  return DNN_INFER_OK;
}

static DnnCopy
make_copy (const DnnCall *call)
{
  const DnnShape *shape = &call->inputs[0].shape;
  DnnCopy copy = { .element = dnn_type_size (call->inputs[0].type),
    .rank = shape->rank };
  gint64 strides[DNN_MAX_RANK];
  gint perm[DNN_MAX_RANK];

  get_perm (call, shape->rank, perm, NULL);
  dnn_copy_get_strides (shape, strides);
  dnn_copy_get_strides (&call->outputs[0].shape, copy.dst_strides);
  for (gint i = 0; i < shape->rank; i++) {
    copy.dims[i] = shape->dims[perm[i]];
    copy.src_strides[i] = strides[perm[i]];
  }
  return copy;
}

static gboolean
compute (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  DnnCopy copy = make_copy (call);

  dnn_copy_simplify (&copy);
  dnn_copy_run (&copy, src[0], dst[0]);
  return TRUE;
}

/* Dimensions of more than one element keep their order: the bytes stay. */
static gboolean
keeps_order (const DnnShape *shape, const gint *perm)
{
  gint last = -1;

  for (gint i = 0; i < shape->rank; i++) {
    if (shape->dims[perm[i]] == 1)
      continue;
    if (perm[i] < last)
      return FALSE;
    last = perm[i];
  }
  return TRUE;
}

static void
offer_view (const DnnCall *call, DnnOffers *offers, DnnFormat *src)
{
  const DnnCallArg *out = &call->outputs[0];
  DnnFormat *dst = dnn_format_new_plain (out->type, &out->shape);
  gsize offset = 0;

  dnn_offers_add (offers, dnn_view_candidate (call, src, &dst, &offset));
}

static void
offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0];
  gint perm[DNN_MAX_RANK];
  DnnCopy copy = make_copy (call);

  get_perm (call, src->shape.rank, perm, NULL);
  dnn_offers_add (offers, dnn_copy_candidate (call, &copy, 1, NULL));
  if (keeps_order (&src->shape, perm)) {
    g_autoptr (DnnFormat) plain = dnn_format_new_plain (src->type, &src->shape);
    offer_view (call, offers, plain);
  } else if (src->shape.rank > 0) {
    /* stored in the order that the output wants: NHWC before a Transpose to
     * it */
    g_autoptr (DnnFormat)
        stored = dnn_onednn_format_permuted (src->type, &src->shape, perm);
    if (stored)
      offer_view (call, offers, stored);
  }
}

const DnnOp dnn_op_Transpose = {
  .name = "Transpose",
  .doc = "Dimensions in another order",
  .inputs = DNN_ROWS (inputs),
  .outputs = DNN_ROWS (outputs),
  .attrs = DNN_ROWS (attrs),
  .infer = infer,
  .ref = compute,
  .offer = offer,
};
