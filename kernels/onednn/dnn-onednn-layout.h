/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Where the elements of a feature map lie, for loops of our own: one layout
 * for plain, channels last and blocked channels. */
#pragma once

#include "kernels/onednn/dnn-onednn.h"

G_BEGIN_DECLS

/* Distances in elements. Channel c lies at c / block · outer + c % block, so
 * that a run of channels up to the next multiple of block is contiguous. */
typedef struct
{
  gint64 channels; /* without padding */
  gint64 block;
  gint64 batch, outer;
  gint64 space[3]; /* missing dimensions in front: 0 */
} DnnLayout;

/* FALSE for layouts that are none of these, and other types than float32. */
gboolean dnn_layout_read (const DnnMd *md, DnnLayout *self);

static inline gint64
dnn_layout_channel (const DnnLayout *self, gint64 channel)
{
  return channel / self->block * self->outer + channel % self->block;
}

G_END_DECLS
