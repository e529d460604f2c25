/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An inferred call → the ways to run it. Next: dnn-plan-choose.c. */
#include "config.h"

#include "pipeline-core/op/dnn-call-private.h"

/* Plain C does what an offered kernel does at least so much slower; counting
 * its elements says nothing about a convolution's work. */
#define REF_FACTOR 20

DnnCandidate *
dnn_candidate_new (const DnnKernel *kernel, guint n_src, guint n_dst)
{
  DnnCandidate *self = g_new0 (DnnCandidate, 1);

  self->kernel = kernel;
  self->n_src = n_src;
  self->n_dst = n_dst;
  self->src = g_new0 (DnnFormat *, MAX (n_src, 1));
  self->dst = g_new0 (DnnFormat *, MAX (n_dst, 1));
  self->dst_share = g_new0 (DnnShare, MAX (n_dst, 1));
  self->src_share = g_new0 (DnnShare, MAX (n_src, 1));
  self->impl = kernel ? g_intern_string (kernel->name) : "view";
  return self;
}

static void
unref_formats (DnnFormat **formats, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&formats[i], dnn_format_unref);
  g_free (formats);
}

void
dnn_candidate_free (DnnCandidate *self)
{
  if (!self)
    return;
  unref_formats (self->src, self->n_src);
  unref_formats (self->dst, self->n_dst);
  for (guint i = 0; i < self->n_packs; i++)
    dnn_format_unref (self->packs[i].to);
  g_free (self->packs);
  g_free (self->dst_share);
  g_free (self->src_share);
  if (self->state_free)
    self->state_free (self->state);
  g_free (self);
}

guint
dnn_candidate_add_pack (DnnCandidate *self, guint input, const DnnFormat *to)
{
  guint idx = self->n_packs++;

  self->packs = g_renew (DnnPack, self->packs, self->n_packs);
  self->packs[idx] = (DnnPack){ input, dnn_format_ref (to) };
  return idx;
}

void
dnn_offers_add (DnnOffers *offers, DnnCandidate *candidate)
{
  g_ptr_array_add (offers->candidates, candidate);
}

DnnHints
dnn_offers_get_hints (const DnnOffers *offers, guint idx)
{
  DnnHints none = { NULL, 0 };

  return offers->hints && idx < offers->n_inputs ? offers->hints[idx] : none;
}

GPtrArray *
dnn_call_offer (const DnnCall *call)
{
  return dnn_call_offer_hinted (call, NULL);
}

GPtrArray *
dnn_call_offer_hinted (const DnnCall *call, const DnnHints *hints)
{
  DnnOffers offers = { NULL, hints, call->n_inputs };
  DnnCandidate *ref;
  gdouble dearest = 0;

  offers.candidates = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_candidate_free);
  if (call->op->offer)
    call->op->offer (call, &offers);
  for (guint i = 0; i < offers.candidates->len; i++) {
    const DnnCandidate *candidate = offers.candidates->pdata[i];
    g_assert (candidate->n_src == call->n_inputs);
    g_assert (candidate->n_dst == call->n_outputs);
    g_assert (candidate->n_post_ops <= call->n_post_ops);
    dearest = MAX (dearest, candidate->cost);
  }
  if (!call->op->ref)
    return offers.candidates;
  ref = dnn_candidate_new_ref (call);
  ref->cost = MAX (ref->cost, dearest * REF_FACTOR);
  g_ptr_array_add (offers.candidates, ref);
  return offers.candidates;
}
