/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A call that only renames a shape → a view. Next: ops/Reshape.c. */
#include "config.h"

#include "kernels/family/dnn-view.h"

#include "kernels/family/dnn-offer.h"

#include <string.h>

gboolean
dnn_view_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error)
{
  const DnnCallArg *arg = &call->outputs[0];
  gsize size = (gsize) dnn_shape_n_elements (&arg->shape) *
      dnn_type_size (arg->type);

  if (size > 0 && dst[0] != src[0])
    memcpy (dst[0], src[0], size);
  return TRUE;
}

static void
offer_view (const DnnCall *call, DnnOffers *offers, const DnnFormat *src)
{
  DnnCandidate *candidate = dnn_candidate_new (
      NULL, call->n_inputs, call->n_outputs);

  candidate->src[0] = dnn_format_ref (src);
  candidate->dst[0] = dnn_format_is_plain (src)
      ? dnn_offer_plain (&call->outputs[0])
      : dnn_format_ref (src);
  candidate->dst_share[0].kind = DNN_SHARE_VIEW;
  dnn_offers_add (offers, candidate);
}

void
dnn_view_offer (const DnnCall *call, DnnOffers *offers)
{
  const DnnCallArg *src = &call->inputs[0];
  gboolean same = dnn_shape_equal (&src->shape, &call->outputs[0].shape);
  g_autoptr (GPtrArray) formats = dnn_offer_formats (
      offers, same ? 1 : 0, src->type, &src->shape);

  for (guint i = 0; i < formats->len; i++)
    offer_view (call, offers, formats->pdata[i]);
}
