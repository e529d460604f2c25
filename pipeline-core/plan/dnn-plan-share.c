/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Buffers → groups that share memory: views, results in the place of inputs
 * that nobody needs any more, inputs of concatenations in their slices. Next:
 * dnn-plan-memory.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

/* Puts the whole group of @idx, a root, at @offset of @parent. */
static void
join_group (DnnDraft *self, guint idx, guint parent, gsize offset)
{
  guint root = dnn_draft_buffer (self, parent)->root;

  offset += dnn_draft_buffer (self, parent)->root_offset;
  for (guint i = idx; i != DNN_NONE; i = dnn_draft_buffer (self, i)->next) {
    dnn_draft_buffer (self, i)->root = root;
    dnn_draft_buffer (self, i)->root_offset += offset;
  }
  dnn_draft_buffer (self, dnn_draft_buffer (self, root)->tail)->next = idx;
  dnn_draft_buffer (self, root)->tail = dnn_draft_buffer (self, idx)->tail;
}

static gboolean
is_arena (DnnDraft *self, guint idx)
{
  guint root = dnn_draft_buffer (self, idx)->root;

  return dnn_draft_buffer (self, root)->place.base == DNN_BASE_ARENA;
}

/* Bytes of @a and @b, of one group, meet. */
static gboolean
overlap (const DnnBuffer *a, const DnnBuffer *b)
{
  return a->root_offset < b->root_offset + b->size &&
      b->root_offset < a->root_offset + a->size;
}

/* Somebody other than @parent's reader at this step needs bytes of @parent,
 * now or later. */
static gboolean
is_needed (
    DnnDraft *self, const DnnDraftStep *step, guint step_idx, guint input)
{
  const DnnBuffer *parent = dnn_draft_buffer (self, step->src[input]);

  for (guint i = parent->root; i != DNN_NONE;
       i = dnn_draft_buffer (self, i)->next) {
    const DnnBuffer *member = dnn_draft_buffer (self, i);
    if (overlap (member, parent) &&
        (member->last > step_idx || member->first == step_idx))
      return TRUE;
  }
  for (guint i = 0; i < step->step->candidate->n_src; i++) {
    const DnnBuffer *other;
    if (i == input || step->src[i] == DNN_NONE)
      continue;
    other = dnn_draft_buffer (self, step->src[i]);
    if (other->root == parent->root && overlap (other, parent))
      return TRUE;
  }
  return FALSE;
}

static gboolean
can_take_over (DnnDraft *self, const DnnDraftStep *step, guint step_idx,
    guint dst, guint input)
{
  const DnnBuffer *parent = dnn_draft_buffer (self, step->src[input]);
  const DnnBuffer *result = dnn_draft_buffer (self, dst);

  if (!is_arena (self, step->src[input]) || result->size > parent->size ||
      is_needed (self, step, step_idx, input))
    return FALSE;
  /* what leaves the module is better written straight into its memory */
  return result->last != self->steps->len ||
      (parent->root_offset == 0 &&
          dnn_draft_buffer (self, parent->root)->size == result->size);
}

static void
share_results (DnnDraft *self, DnnDraftStep *step, guint step_idx)
{
  const DnnCandidate *candidate = step->step->candidate;

  for (guint i = 0; i < candidate->n_dst; i++) {
    const DnnShare *share = &candidate->dst_share[i];
    if (step->dst[i] == DNN_NONE || share->kind == DNN_SHARE_NONE ||
        step->src[share->of] == DNN_NONE)
      continue;
    if (share->kind == DNN_SHARE_VIEW)
      join_group (self, step->dst[i], step->src[share->of], share->offset);
    else if (can_take_over (self, step, step_idx, step->dst[i], share->of))
      join_group (self, step->dst[i], step->src[share->of], 0);
  }
}

/* Bytes of another input's slice begin or end inside this one's: formats with
 * a padded tail. */
static gboolean
meets_other_slice (const DnnCandidate *candidate, guint input)
{
  const DnnShare *slice = &candidate->src_share[input];
  gsize end = slice->offset + dnn_format_get_size (candidate->src[input]);

  for (guint i = 0; i < candidate->n_src; i++) {
    const DnnShare *other = &candidate->src_share[i];
    if (i != input && candidate->src[i] && other->of == slice->of &&
        other->offset < end &&
        slice->offset < other->offset + dnn_format_get_size (candidate->src[i]))
      return TRUE;
  }
  return FALSE;
}

/* The input's memory can be the slice itself: it is a whole group of its own
 * in the arena, of the slice's size, and doesn't leave the module by itself. */
static gboolean
can_be_slice (DnnDraft *self, const DnnDraftStep *step, guint input)
{
  const DnnBuffer *src = dnn_draft_buffer (self, step->src[input]);
  const DnnShare *slice = &step->step->candidate->src_share[input];
  const DnnBuffer *dst = dnn_draft_buffer (self, step->dst[slice->of]);
  gsize offset = slice->offset;

  if (!is_arena (self, step->src[input]) || src->root == dst->root ||
      src->root_offset != 0 || offset % DNN_PLAN_ALIGN != 0 ||
      offset + src->size > dst->size ||
      dnn_draft_buffer (self, src->root)->size != src->size ||
      meets_other_slice (step->step->candidate, input))
    return FALSE;
  for (guint i = src->root; i != DNN_NONE; i = dnn_draft_buffer (self, i)->next)
    if (dnn_draft_buffer (self, i)->last == self->steps->len)
      return FALSE;
  return TRUE;
}

/* Where all that the step reads lies in its slice, there is nothing to do. */
static void
share_inputs (DnnDraft *self, DnnDraftStep *step)
{
  const DnnCandidate *candidate = step->step->candidate;
  guint n_read = 0, n_joined = 0;

  for (guint i = 0; i < candidate->n_src; i++) {
    const DnnShare *share = &candidate->src_share[i];
    if (step->src[i] == DNN_NONE)
      continue;
    n_read++;
    if (share->kind == DNN_SHARE_NONE || step->dst[share->of] == DNN_NONE ||
        !can_be_slice (self, step, i))
      continue;
    join_group (self, dnn_draft_buffer (self, step->src[i])->root,
        step->dst[share->of], share->offset);
    n_joined++;
  }
  step->is_dropped = n_read > 0 && n_joined == n_read &&
      candidate->n_post_ops == 0;
}

void
dnn_plan_share (DnnDraft *self)
{
  for (guint i = 0; i < self->steps->len; i++) {
    DnnDraftStep *step = self->steps->pdata[i];
    const DnnCandidate *candidate = step->step->candidate;

    share_results (self, step, i);
    if (candidate->kernel)
      share_inputs (self, step);
    else
      step->is_dropped = TRUE;
  }
}
