/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Blocks of space and channels change places: DepthToSpace and SpaceToDepth are
 * one permutation of six dimensions, and its inverse. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean to_space;
} DnnBlocks;

/* For .choices of attribute mode. */
extern const gchar *const dnn_blocks_modes[];

DnnInferResult dnn_blocks_infer (DnnCall *call, GError **error);
gboolean dnn_blocks_ref (const DnnCall *call, gconstpointer const *src,
    gpointer const *dst, gpointer scratch, GError **error);
void dnn_blocks_offer (const DnnCall *call, DnnOffers *offers);

G_END_DECLS
