/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Groups of buffers → addresses: the caller's memory for module outputs, the
 * arena for the rest (largest first, each into the tightest gap among those
 * alive at the same time). Draft steps → the segment's. Next:
 * dnn-plan-prepare.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

#include <string.h>

/* A group in the arena. */
typedef struct
{
  guint root;
  gsize size, offset;
  guint first, last;
} Block;

static gsize
align_size (gsize size)
{
  return (size + DNN_PLAN_ALIGN - 1) / DNN_PLAN_ALIGN * DNN_PLAN_ALIGN;
}

/* Module outputs that a whole group ends in are written straight into the
 * caller's memory; others are copied at the end. */
static void
place_outputs (DnnDraft *self)
{
  GPtrArray *outputs = self->graph->outputs;

  for (guint i = 0; i < outputs->len; i++) {
    DnnBuffer *buffer = dnn_draft_buffer (self, self->output_buffers[i]);
    DnnBuffer *root = dnn_draft_buffer (self, buffer->root);
    const DnnInferredValue *known;
    g_autoptr (DnnFormat) plain = NULL;

    if (root->place.base == DNN_BASE_ARENA && buffer->root_offset == 0 &&
        root->size == buffer->size) {
      root->place = (DnnPlace){ .base = DNN_BASE_OUTPUT, .index = i };
      continue;
    }
    known = dnn_inference_get (self->inference, outputs->pdata[i]);
    plain = dnn_format_new_plain (known->type, &known->shape);
    dnn_draft_add_copy (self, self->output_buffers[i], i, plain);
  }
}

static GArray *
collect_blocks (DnnDraft *self)
{
  GArray *blocks = g_array_new (FALSE, FALSE, sizeof (Block));

  for (guint i = 0; i < self->buffers->len; i++) {
    const DnnBuffer *root = dnn_draft_buffer (self, i);
    Block block = { i, align_size (MAX (root->size, 1)), 0, root->first,
      root->last };
    if (root->root != i || root->place.base != DNN_BASE_ARENA)
      continue;
    for (guint j = root->next; j != DNN_NONE;
         j = dnn_draft_buffer (self, j)->next) {
      block.first = MIN (block.first, dnn_draft_buffer (self, j)->first);
      block.last = MAX (block.last, dnn_draft_buffer (self, j)->last);
    }
    g_array_append_val (blocks, block);
  }
  return blocks;
}

static gint
compare_size (gconstpointer a, gconstpointer b)
{
  const Block *block_a = a, *block_b = b;

  if (block_a->size != block_b->size)
    return block_a->size < block_b->size ? 1 : -1;
  return block_a->root < block_b->root ? -1 : 1;
}

static gint
compare_offset (gconstpointer a, gconstpointer b)
{
  const Block *block_a = *(const Block *const *) a;
  const Block *block_b = *(const Block *const *) b;

  return block_a->offset < block_b->offset ? -1
                                           : block_a->offset > block_b->offset;
}

/* The smallest gap that holds @block among @others, sorted by offset. */
static gsize
find_gap (const Block *block, const GPtrArray *others)
{
  gsize end = 0, best = G_MAXSIZE, best_size = G_MAXSIZE;

  for (guint i = 0; i < others->len; i++) {
    const Block *other = others->pdata[i];
    if (other->offset >= end + block->size && other->offset - end < best_size) {
      best = end;
      best_size = other->offset - end;
    }
    end = MAX (end, other->offset + other->size);
  }
  return best != G_MAXSIZE ? best : end;
}

static gsize
place_blocks (GArray *blocks)
{
  gsize size = 0;

  g_array_sort (blocks, compare_size);
  for (guint i = 0; i < blocks->len; i++) {
    Block *block = &g_array_index (blocks, Block, i);
    g_autoptr (GPtrArray) others = g_ptr_array_new ();
    for (guint j = 0; j < i; j++) {
      Block *other = &g_array_index (blocks, Block, j);
      if (other->first <= block->last && block->first <= other->last)
        g_ptr_array_add (others, other);
    }
    g_ptr_array_sort (others, compare_offset);
    block->offset = find_gap (block, others);
    size = MAX (size, block->offset + block->size);
  }
  return size;
}

static DnnPlace
find_place (DnnDraft *self, guint idx)
{
  DnnPlace place = { .base = DNN_BASE_NONE };
  const DnnBuffer *buffer;

  if (idx == DNN_NONE)
    return place;
  buffer = dnn_draft_buffer (self, idx);
  place = dnn_draft_buffer (self, buffer->root)->place;
  place.offset += buffer->root_offset;
  return place;
}

/* Steps that run go over to the segment; returns the largest scratch. */
static gsize
take_steps (DnnDraft *self, DnnSegment *segment)
{
  gsize scratch = 0;

  for (guint i = 0; i < self->steps->len; i++) {
    DnnDraftStep *draft = self->steps->pdata[i];
    DnnStep *step = draft->step;
    const DnnCandidate *candidate = step->candidate;

    for (guint j = 0; j < candidate->n_src; j++)
      step->src[j] = find_place (self, draft->src[j]);
    for (guint j = 0; j < candidate->n_dst; j++)
      step->dst[j] = find_place (self, draft->dst[j]);
    scratch = MAX (scratch, candidate->scratch);
    if (draft->is_dropped)
      continue;
    g_ptr_array_add (segment->steps, g_steal_pointer (&draft->step));
  }
  return scratch;
}

/* Numbers of blocks: constants first, then what kernels pack. Returns the
 * bytes of all. */
static gsize
number_packed (DnnDraft *self)
{
  guint n = self->constants->len;
  gsize size = 0;

  for (guint i = 0; i < self->constants->len; i++) {
    const DnnDraftConstant *constant = &g_array_index (
        self->constants, DnnDraftConstant, i);
    DnnBuffer *buffer = dnn_draft_buffer (self, constant->buffer);
    buffer->place.index = i;
    size += align_size (buffer->size);
  }
  for (guint i = 0; i < self->steps->len; i++) {
    DnnDraftStep *draft = self->steps->pdata[i];
    const DnnCandidate *candidate = draft->step->candidate;
    if (draft->is_dropped)
      continue;
    draft->step->packed = n;
    n += candidate->n_packs;
    for (guint j = 0; j < candidate->n_packs; j++)
      size += align_size (dnn_format_get_size (candidate->packs[j].to));
  }
  return size;
}

void
dnn_plan_place (DnnDraft *self, DnnSegment *segment)
{
  g_autoptr (GArray) blocks = NULL;

  place_outputs (self);
  blocks = collect_blocks (self);
  segment->scratch_offset = place_blocks (blocks);
  for (guint i = 0; i < blocks->len; i++) {
    const Block *block = &g_array_index (blocks, Block, i);
    dnn_draft_buffer (self, block->root)->place.offset = block->offset;
  }
  segment->packed_size = number_packed (self);
  segment->arena_size = segment->scratch_offset +
      align_size (take_steps (self, segment));
}
