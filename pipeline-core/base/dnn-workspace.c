/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Sizes → addresses, from one stack a worker. A stack that had to grow is made
 * one piece as soon as it is empty, so that the same sequence of requests fits
 * from then on. */
#define _GNU_SOURCE /* posix_memalign */
#include "config.h"

#include "pipeline-core/base/dnn-workspace.h"

#include <stdlib.h>

/* A piece of memory, filled from its start. */
typedef struct _Chunk Chunk;
struct _Chunk
{
  Chunk *below;
  gsize size, used;
};

/* In front of each block. */
typedef struct _Block Block;
struct _Block
{
  Block *below;
  Chunk *chunk;
  gsize start; /* of this header in its chunk */
  gboolean is_free;
};

G_STATIC_ASSERT (sizeof (Chunk) <= DNN_WORKSPACE_ALIGNMENT);
G_STATIC_ASSERT (sizeof (Block) <= DNN_WORKSPACE_ALIGNMENT);

/* Of one worker, on cache lines of its own. */
typedef struct __attribute__ ((aligned (DNN_WORKSPACE_ALIGNMENT)))
{
  Chunk *chunks; /* the newest first */
  Block *top;
  gsize size; /* of all chunks */
} Stack;

G_STATIC_ASSERT (sizeof (Stack) == DNN_WORKSPACE_ALIGNMENT);

struct _DnnWorkspace
{
  Stack *stacks;
  guint n_stacks;
  const gint *stop;
  gboolean is_rehearsal;
};

void
dnn_workspace_set_stop (DnnWorkspace *self, const gint *stop)
{
  self->stop = stop;
}

const gint *
dnn_workspace_get_stop (const DnnWorkspace *self)
{
  return self->stop;
}

gboolean
dnn_workspace_is_stopped (const DnnWorkspace *self)
{
  return self->stop && g_atomic_int_get (self->stop);
}

void
dnn_workspace_set_rehearsal (DnnWorkspace *self, gboolean is_rehearsal)
{
  self->is_rehearsal = is_rehearsal;
}

gboolean
dnn_workspace_is_rehearsal (const DnnWorkspace *self)
{
  return self->is_rehearsal;
}

DnnWorkspace *
dnn_workspace_new (guint n_workers)
{
  DnnWorkspace *self = g_new0 (DnnWorkspace, 1);

  self->n_stacks = MAX (n_workers, 1);
  self->stacks = g_aligned_alloc0 (
      self->n_stacks, sizeof (Stack), DNN_WORKSPACE_ALIGNMENT);
  return self;
}

static Chunk *
create_chunk (gsize size)
{
  gpointer memory = NULL;
  Chunk *chunk;

  if (posix_memalign (&memory, DNN_WORKSPACE_ALIGNMENT,
          DNN_WORKSPACE_ALIGNMENT + size) != 0)
    return NULL;
  chunk = memory;
  chunk->below = NULL;
  chunk->size = size;
  chunk->used = 0;
  return chunk;
}

static void
free_chunks (Stack *stack)
{
  while (stack->chunks) {
    Chunk *below = stack->chunks->below;
    free (stack->chunks);
    stack->chunks = below;
  }
}

void
dnn_workspace_free (DnnWorkspace *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->n_stacks; i++)
    free_chunks (&self->stacks[i]);
  g_aligned_free (self->stacks);
  g_free (self);
}

static gboolean
grow_stack (Stack *stack, gsize size)
{
  Chunk *chunk = create_chunk (size);

  if (!chunk)
    return FALSE;
  chunk->below = stack->chunks;
  stack->chunks = chunk;
  stack->size += size;
  return TRUE;
}

/* Nothing is taken: several pieces become one. Without memory for it all goes,
 * and the next request starts afresh. */
static void
merge_chunks (Stack *stack)
{
  gsize size = stack->size;

  if (!stack->chunks || !stack->chunks->below)
    return;
  free_chunks (stack);
  stack->size = 0;
  grow_stack (stack, size);
}

gpointer
dnn_workspace_push (DnnWorkspace *self, guint worker, guint64 size)
{
  Stack *stack = &self->stacks[worker];
  gsize needed;
  Chunk *chunk;
  Block *block;

  g_return_val_if_fail (worker < self->n_stacks, NULL);
  if (size > DNN_WORKSPACE_MAX_BYTES)
    return NULL;
  needed = (size + 2 * DNN_WORKSPACE_ALIGNMENT - 1) &
      ~((gsize) DNN_WORKSPACE_ALIGNMENT - 1);
  if ((!stack->chunks || stack->chunks->size - stack->chunks->used < needed) &&
      !grow_stack (stack, needed))
    return NULL;
  chunk = stack->chunks;
  block = (Block *) ((guint8 *) chunk + DNN_WORKSPACE_ALIGNMENT + chunk->used);
  block->below = stack->top;
  block->chunk = chunk;
  block->start = chunk->used;
  block->is_free = FALSE;
  chunk->used += needed;
  stack->top = block;
  return (guint8 *) block + DNN_WORKSPACE_ALIGNMENT;
}

/* Drops what is free on top. Chunks above that of the new top are empty. */
static void
shrink_stack (Stack *stack)
{
  while (stack->top && stack->top->is_free) {
    Block *block = stack->top;
    block->chunk->used = block->start;
    stack->top = block->below;
  }
  if (!stack->top)
    merge_chunks (stack);
}

gboolean
dnn_workspace_pop (DnnWorkspace *self, guint worker, gpointer block)
{
  Stack *stack = &self->stacks[worker];

  g_return_val_if_fail (worker < self->n_stacks, FALSE);
  for (Block *own = stack->top; own; own = own->below) {
    if ((guint8 *) own + DNN_WORKSPACE_ALIGNMENT != (guint8 *) block ||
        own->is_free)
      continue;
    own->is_free = TRUE;
    shrink_stack (stack);
    return TRUE;
  }
  return FALSE;
}

void
dnn_workspace_reset (DnnWorkspace *self)
{
  for (guint i = 0; i < self->n_stacks; i++) {
    Stack *stack = &self->stacks[i];
    for (Block *block = stack->top; block; block = block->below)
      block->is_free = TRUE;
    shrink_stack (stack);
  }
}

gsize
dnn_workspace_get_size (const DnnWorkspace *self)
{
  gsize size = 0;

  for (guint i = 0; i < self->n_stacks; i++)
    size += self->stacks[i].size;
  return size;
}
