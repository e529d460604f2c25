/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Bytes that plans need → the one block of their instance. Next:
 * dnn-bound-plan.c. */
#include "config.h"

#include "pipeline-core/plan/dnn-arena.h"

#include "pipeline-core/base/dnn-tensor.h"

void
dnn_arena_init (DnnArena *self, guint n_workers)
{
  *self = (DnnArena){ NULL, 0, dnn_workspace_new (n_workers) };
}

void
dnn_arena_clear (DnnArena *self)
{
  dnn_free_aligned (self->memory);
  dnn_workspace_free (self->workspace);
  *self = (DnnArena){ NULL, 0, NULL };
}

/* Free first: two of them need not fit. */
static gboolean
replace (DnnArena *self, gsize size)
{
  gsize before = self->size;

  dnn_free_aligned (self->memory);
  self->memory = dnn_try_alloc_aligned (size);
  self->size = self->memory ? size : 0;
  if (self->memory)
    return TRUE;
  if (before > 0) {
    self->memory = dnn_alloc_aligned (before);
    self->size = before;
  }
  return FALSE;
}

gboolean
dnn_arena_reserve (DnnArena *self, gsize size, GError **error)
{
  if (self->memory && self->size >= size)
    return TRUE;
  if (replace (self, MAX (size, DNN_ALIGNMENT)))
    return TRUE;
  g_set_error (error, DNN_ERROR, DNN_ERROR_LIMIT,
      "No memory for tensors of %" G_GSIZE_FORMAT " bytes", size);
  return FALSE;
}

void
dnn_arena_shrink (DnnArena *self, gsize size)
{
  if (self->size / 2 > MAX (size, DNN_ALIGNMENT))
    replace (self, MAX (size, DNN_ALIGNMENT));
}

gsize
dnn_arena_get_size (const DnnArena *self)
{
  return self->size + dnn_workspace_get_size (self->workspace);
}
