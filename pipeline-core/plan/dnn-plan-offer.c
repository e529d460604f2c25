/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The draft's nodes → options: each candidate, with candidates for the post-ops
 * that it leaves. Next: dnn-plan-choose.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

/* Formats of one value that may take part in the choice. */
#define MAX_FORMATS 64

/* Cost of one reorder, 0 between equal formats, G_MAXDOUBLE if there is none
 * (through plain neither). */
static gdouble
measure_reorder (const DnnFormat *from, const DnnFormat *to)
{
  g_autoptr (DnnCandidate) candidate = NULL;

  if (dnn_format_equal (from, to))
    return 0;
  candidate = dnn_format_reorder (from, to);
  return candidate ? candidate->cost : G_MAXDOUBLE;
}

static gdouble
add_costs (gdouble a, gdouble b)
{
  return a == G_MAXDOUBLE || b == G_MAXDOUBLE ? G_MAXDOUBLE : a + b;
}

/* The cheapest way to run post-op @call on a tensor in format @have, with the
 * reorder before it and the one that would lead back. @hints: of its inputs
 * but the first. */
static DnnCandidate *
offer_post_op (
    const DnnCall *call, DnnFormat *have, DnnHints *hints, gdouble *cost)
{
  DnnFormat *const haves[] = { have };
  g_autoptr (GPtrArray) candidates = NULL;
  guint best = 0;

  hints[0] = (DnnHints){ haves, 1 };
  candidates = dnn_call_offer_hinted (call, hints);
  *cost = G_MAXDOUBLE;
  for (guint i = 0; i < candidates->len; i++) {
    const DnnCandidate *candidate = candidates->pdata[i];
    gdouble there, back;
    if (!candidate->src[0] || !candidate->dst[0] || !candidate->kernel)
      continue;
    there = measure_reorder (have, candidate->src[0]);
    back = measure_reorder (candidate->dst[0], have);
    there = add_costs (there, candidate->cost);
    if (add_costs (there, back) < *cost) {
      *cost = add_costs (there, back);
      best = i;
    }
  }
  return *cost == G_MAXDOUBLE ? NULL
                              : g_ptr_array_steal_index_fast (candidates, best);
}

/* Candidates for the post-ops behind those that @option's first one takes. */
static gboolean
offer_rest (DnnOption *option, const DnnCall *call, const DnnHints *hints)
{
  DnnFormat *have = option->first->dst[0];

  for (guint i = option->first->n_post_ops; i < call->n_post_ops; i++) {
    const DnnCallPostOp *post_op = &call->post_ops[i];
    g_autofree DnnHints *inner = g_new0 (DnnHints, post_op->call->n_inputs);
    DnnCandidate *candidate;
    gdouble cost;
    if (!have)
      return FALSE;
    if (post_op->input >= 0) {
      post_op->call->inputs[post_op->operand_slot] =
          call->inputs[post_op->input];
      inner[post_op->operand_slot] = hints[post_op->input];
    }
    candidate = offer_post_op (post_op->call, have, inner, &cost);
    if (!candidate)
      return FALSE;
    g_ptr_array_add (option->rest, candidate);
    option->cost += cost;
    have = candidate->dst[0];
  }
  return TRUE;
}

/* The format that @option wants of input @idx; NULL: doesn't read it. */
static const DnnFormat *
find_src_format (const DnnOption *option, const DnnCall *call, guint idx)
{
  if (option->first->src[idx])
    return option->first->src[idx];
  for (guint i = 0; i < option->rest->len; i++) {
    const DnnCallPostOp *post_op =
        &call->post_ops[option->first->n_post_ops + i];
    const DnnCandidate *candidate = option->rest->pdata[i];
    if (post_op->input == (gint) idx)
      return candidate->src[post_op->operand_slot];
  }
  return NULL;
}

static const DnnFormat *
find_dst_format (const DnnOption *option, guint idx)
{
  const DnnCandidate *last = option->first;

  if (idx == 0 && option->rest->len > 0)
    last = option->rest->pdata[option->rest->len - 1];
  return last->dst[idx];
}

/* Views must stay inside their input and aligned; without a kernel there must
 * be nothing but views. */
static gboolean
check_views (const DnnCandidate *candidate)
{
  for (guint i = 0; i < candidate->n_dst; i++) {
    const DnnShare *share = &candidate->dst_share[i];
    const DnnFormat *dst = candidate->dst[i];
    if (!dst)
      continue;
    if (!candidate->kernel && share->kind != DNN_SHARE_VIEW)
      return FALSE;
    if (share->kind == DNN_SHARE_NONE)
      continue;
    if (share->of >= candidate->n_src || !candidate->src[share->of])
      return FALSE;
    if (share->kind == DNN_SHARE_VIEW &&
        (share->offset % DNN_PLAN_ALIGN != 0 ||
            share->offset + dnn_format_get_size (dst) >
                dnn_format_get_size (candidate->src[share->of])))
      return FALSE;
  }
  return TRUE;
}

/* A format index for everything that the option reads and writes. */
static gboolean
set_formats (DnnDraft *self, const DnnDraftNode *node, DnnOption *option)
{
  for (guint i = 0; i < node->call->n_inputs; i++) {
    const DnnFormat *format = find_src_format (option, node->call, i);
    option->src[i] = DNN_NONE;
    if (node->src[i] == DNN_NONE || !format)
      continue;
    option->src[i] = dnn_draft_add_format (self, node->src[i], format);
    if (option->src[i] >= MAX_FORMATS)
      return FALSE;
  }
  for (guint i = 0; i < node->call->n_outputs; i++) {
    const DnnFormat *format = find_dst_format (option, i);
    option->dst[i] = DNN_NONE;
    if (node->dst[i] == DNN_NONE)
      continue;
    if (!format)
      return FALSE;
    option->dst[i] = dnn_draft_add_format (self, node->dst[i], format);
    if (option->dst[i] >= MAX_FORMATS)
      return FALSE;
  }
  return TRUE;
}

DnnHints *
dnn_draft_make_hints (const DnnDraft *self, const DnnDraftNode *node)
{
  DnnHints *hints = g_new0 (DnnHints, MAX (node->call->n_inputs, 1));

  for (guint i = 0; i < node->call->n_inputs; i++) {
    const DnnDraftValue *value;
    if (node->src[i] == DNN_NONE)
      continue;
    value = &self->values[node->src[i]];
    hints[i].formats = (DnnFormat *const *) value->formats->pdata;
    hints[i].n = MIN (value->n_produced, DNN_PLAN_MAX_HINTS);
  }
  return hints;
}

static void
add_option (DnnDraft *self, DnnDraftNode *node, DnnCandidate *candidate)
{
  g_autofree DnnHints *hints = dnn_draft_make_hints (self, node);
  DnnOption *option = g_new0 (DnnOption, 1);

  option->first = candidate;
  option->rest = g_ptr_array_new_with_free_func (
      (GDestroyNotify) dnn_candidate_free);
  option->src = g_new0 (guint, MAX (node->call->n_inputs, 1));
  option->dst = g_new0 (guint, MAX (node->call->n_outputs, 1));
  option->cost = candidate->cost;
  if (check_views (candidate) && offer_rest (option, node->call, hints) &&
      set_formats (self, node, option)) {
    option->estimate = option->cost;
    g_ptr_array_add (node->options, option);
  } else {
    dnn_option_free (option);
  }
}

void
dnn_plan_offer (DnnDraft *self)
{
  for (guint i = 0; i < self->nodes->len; i++) {
    DnnDraftNode *node = self->nodes->pdata[i];
    g_autofree DnnHints *hints = dnn_draft_make_hints (self, node);
    g_autoptr (GPtrArray)
        candidates = dnn_call_offer_hinted (node->call, hints);

    g_ptr_array_set_free_func (candidates, NULL);
    for (guint j = 0; j < candidates->len; j++)
      add_option (self, node, candidates->pdata[j]);
    g_assert (node->options->len > 0);
    for (guint j = 0; j < node->call->n_outputs; j++)
      if (node->dst[j] != DNN_NONE)
        self->values[node->dst[j]].n_produced =
            self->values[node->dst[j]].formats->len;
  }
}
