/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* "__nop" and "__copy" of TVM's graph JSON: the output is the input's memory
 * under the shape that the file gives. */
#include "config.h"

#include "pipeline-core/op/dnn-op.h"

#include <string.h>

static const DnnArgRow inputs[] = {
  { "data", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T", "Any tensor" },
  { "unused", DNN_TYPES_ANY, DNN_ARG_OPTIONAL | DNN_ARG_VARIADIC, NULL,
      "What else the reshape that it stands for was given" },
};
static const DnnArgRow outputs[] = {
  { "reshaped", DNN_TYPES_ANY, DNN_ARG_REQUIRED, "T", "The same bytes" },
};
static const DnnAttrRow attrs[] = {
  { "shape", DNN_ATTR_INTS, NULL, TRUE, 0, 0, NULL, "Shape of the output" },
};

static DnnInferResult
infer_nop (DnnCall *call, GError **error)
{
  const DnnAttrValue *given = dnn_call_attr (call, "shape");
  const DnnShape *src = &call->inputs[0].shape;
  DnnShape dst = dnn_shape_of ((gint) given->n, given->ints);

  if (dnn_shape_is_known (&dst) && dnn_shape_is_known (src) &&
      dnn_shape_n_elements (&dst) != dnn_shape_n_elements (src)) {
    g_autofree gchar *from = dnn_shape_to_string (src);
    g_autofree gchar *to = dnn_shape_to_string (&dst);
    dnn_call_error (call, error, DNN_ERROR_SHAPE,
        "a view of %s can't be %s: other number of elements", from, to);
    return DNN_INFER_ERROR;
  }
  call->outputs[0].shape = dst;
  return DNN_INFER_OK;
}

static gboolean
copy_nop (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  const DnnCallArg *arg = &call->outputs[0];

  memcpy (dst[0], src[0],
      (gsize) dnn_shape_n_elements (&arg->shape) * dnn_type_size (arg->type));
  return TRUE;
}

static void
offer_nop (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0], *dst = &call->outputs[0];
  DnnCandidate *candidate = dnn_candidate_new (
      NULL, call->n_inputs, call->n_outputs);

  candidate->src[0] = dnn_format_new_plain (src->type, &src->shape);
  candidate->dst[0] = dnn_format_new_plain (dst->type, &dst->shape);
  candidate->dst_share[0].kind = DNN_SHARE_VIEW;
  dnn_offers_add (offers, candidate);
}

/* A copy is one from device to device; there is only one. */
static const DnnOp view_ops[] = {
  {
      .name = "__nop",
      .doc = "A view of its input under another shape",
      .inputs = inputs,
      .n_inputs = G_N_ELEMENTS (inputs),
      .outputs = outputs,
      .n_outputs = G_N_ELEMENTS (outputs),
      .attrs = attrs,
      .n_attrs = G_N_ELEMENTS (attrs),
      .infer = infer_nop,
      .ref = copy_nop,
      .offer = offer_nop,
  },
  {
      .name = "__copy",
      .doc = "The same tensor on another device",
      .inputs = inputs,
      .n_inputs = 1,
      .outputs = outputs,
      .n_outputs = G_N_ELEMENTS (outputs),
      .attrs = attrs,
      .n_attrs = G_N_ELEMENTS (attrs),
      .infer = infer_nop,
      .ref = copy_nop,
      .offer = offer_nop,
  },
};

const DnnOp *
dnn_op_lookup_view (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (view_ops); i++)
    if (strcmp (view_ops[i].name, name) == 0)
      return &view_ops[i];
  return NULL;
}
