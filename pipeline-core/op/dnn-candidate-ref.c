/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* An operator's ref → a candidate like any other: plain formats, in place
 * where the operator says so. Slow, but always there. */
#include "config.h"

#include "pipeline-core/op/dnn-call-private.h"

/* ns per element that goes in or out; what the plain loops take at least, so
 * that any real kernel is preferred. */
#define REF_COST 20.0

/* What prepare returns is the call itself: ref needs nothing else. */
static gpointer
prepare_ref (const DnnCall *call, const DnnCandidate *candidate, GError **error)
{
  return (gpointer) call;
}

static gboolean
run_ref (gpointer prepared, gpointer bound, const DnnBinding *binding,
    GError **error)
{
  const DnnCall *call = prepared;

  return dnn_call_run_ref (call, (gconstpointer const *) binding->src,
      (gpointer const *) binding->dst, binding->scratch, error);
}

static const DnnKernel ref_kernel = {
  .name = "ref",
  .prepare = prepare_ref,
  .run = run_ref,
};

/* Same size, so that the output fits where the input is. */
static gboolean
may_run_in_place (const DnnCall *call)
{
  const DnnCallArg *src = &call->inputs[0], *dst = &call->outputs[0];

  return call->op->ref_in_place && call->n_formal > 0 && src->present &&
      call->n_outputs == 1 && src->type == dst->type &&
      dnn_shape_equal (&src->shape, &dst->shape);
}

DnnCandidate *
dnn_candidate_new_ref (const DnnCall *call)
{
  DnnCandidate *self = dnn_candidate_new (
      &ref_kernel, call->n_inputs, call->n_outputs);
  gdouble n = 1;

  for (guint i = 0; i < call->n_formal; i++) {
    const DnnCallArg *arg = &call->inputs[i];
    if (!arg->present)
      continue;
    self->src[i] = dnn_format_new_plain (arg->type, &arg->shape);
    n += (gdouble) dnn_shape_n_elements (&arg->shape);
  }
  for (guint i = 0; i < call->n_outputs; i++) {
    const DnnCallArg *arg = &call->outputs[i];
    if (!arg->present)
      continue;
    self->dst[i] = dnn_format_new_plain (arg->type, &arg->shape);
    n += (gdouble) dnn_shape_n_elements (&arg->shape);
  }
  if (may_run_in_place (call))
    self->dst_share[0].kind = DNN_SHARE_MAY;
  self->scratch = call->ref_scratch;
  self->cost = n * REF_COST;
  self->is_reference = TRUE;
  return self;
}
