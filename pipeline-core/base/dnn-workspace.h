/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Memory of one instance for code that says only while it runs how much it
 * needs: sizes in, aligned addresses out. Grows in the first frame and is
 * steady then. */
#pragma once

#include "pipeline-core/base/dnn-error.h"

G_BEGIN_DECLS

/* What TVM promises to its code (kTempAllocaAlignment). */
#define DNN_WORKSPACE_ALIGNMENT 128

/* Most bytes of one block. */
#define DNN_WORKSPACE_MAX_BYTES (G_GUINT64_CONSTANT (1) << 38)

typedef struct _DnnWorkspace DnnWorkspace;

/* A stack of blocks for each of @n_workers threads; no memory yet. */
DnnWorkspace *dnn_workspace_new (guint n_workers);
void dnn_workspace_free (DnnWorkspace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnWorkspace, dnn_workspace_free)

/* A block, NULL if there is no memory. Different workers may call at the same
 * time, one worker may not. */
gpointer dnn_workspace_push (DnnWorkspace *self, guint worker, guint64 size);
/* Gives @block back, in any order; its bytes are used again once all that was
 * taken after it is back. FALSE if this worker has no such block. */
gboolean dnn_workspace_pop (DnnWorkspace *self, guint worker, gpointer block);
/* Gives back all that code which failed has left. No worker may be at work. */
void dnn_workspace_reset (DnnWorkspace *self);

/* ---- what the instance says to code that may run for long ---------------- */

/* @stop (nullable): is not 0 while frames are to be given up; read atomically.
 * Another one's, where it runs inside of that. */
void dnn_workspace_set_stop (DnnWorkspace *self, const gint *stop);
const gint *dnn_workspace_get_stop (const DnnWorkspace *self);
gboolean dnn_workspace_is_stopped (const DnnWorkspace *self);
/* The frame is one that nobody looks at: loops go round once. */
void dnn_workspace_set_rehearsal (DnnWorkspace *self, gboolean is_rehearsal);
gboolean dnn_workspace_is_rehearsal (const DnnWorkspace *self);

/* Bytes held. */
gsize dnn_workspace_get_size (const DnnWorkspace *self);

G_END_DECLS
