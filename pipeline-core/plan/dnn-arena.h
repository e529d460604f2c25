/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The memory that frames of one instance are computed in: one block for all its
 * plans, as large as the largest of them needs. Next: dnn-bound-plan.h. */
#pragma once

#include "pipeline-core/base/dnn-workspace.h"

G_BEGIN_DECLS

/* One thread at a time, that which prepares or that which runs. */
typedef struct
{
  guint8 *memory; /* NULL until something is reserved */
  gsize size;
  DnnWorkspace *workspace;
} DnnArena;

void dnn_arena_init (DnnArena *self, guint n_workers);
void dnn_arena_clear (DnnArena *self);

/* At least @size bytes, with a new address if there were less; LIMIT where
 * there is no memory: what was there remains, then. */
gboolean dnn_arena_reserve (DnnArena *self, gsize size, GError **error);
/* Gives memory back where less than half of it is used by @size bytes. */
void dnn_arena_shrink (DnnArena *self, gsize size);

/* Bytes held, the workspace's too. */
gsize dnn_arena_get_size (const DnnArena *self);

G_END_DECLS
