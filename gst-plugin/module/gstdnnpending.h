/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Params that were set while frames are on their way: they wait in front of
 * each module for the first frame that is to see them. Next: dnn-instance.c. */
#pragma once

#include "gst-plugin/meta/gstdnnmeta-frame.h"
#include "pipeline-core/plan/dnn-instance.h"

G_BEGIN_DECLS

/* Updates of one instance, oldest first. */
typedef struct
{
  GMutex lock;
  GQueue entries;
  gint n_entries; /* read atomically */
} GstDnnPending;

void gst_dnn_pending_init (GstDnnPending *self);
void gst_dnn_pending_clear (GstDnnPending *self);

/* Params of the newest update that waits. (transfer full) (nullable) */
DnnParams *gst_dnn_pending_get_params (GstDnnPending *self);

/* @update (transfer full) is for all frames after the one with serial @last.
 * Any thread. */
void gst_dnn_pending_add (GstDnnPending *self, guint64 last, DnnUpdate *update);

/* Takes all that the frame of @key is to see; @key (nullable): all. In the
 * streaming thread; errors as of dnn_instance_take_update(). */
gboolean gst_dnn_pending_apply (GstDnnPending *self, DnnInstance *instance,
    const GstDnnFrameKey *key, GError **error);

G_END_DECLS
