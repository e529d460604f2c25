/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A line and the tensors it works on, of any types and broadcast → the result,
 * in blocks that stay in the first cache, on the team of the call. */
#pragma once

#include "kernels/loops/dnn-loop-convert.h"
#include "pipeline-core/base/dnn-shape.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

#define DNN_MAP_MAX_INPUTS 3

/* Elements of a block. */
#define DNN_LOOP_BLOCK 512

typedef struct _DnnMap DnnMap;

/* One tensor: what it holds, and what the line takes it as. */
typedef struct
{
  DnnType type;
  DnnKind kind;
  DnnShape shape; /* broadcast to the result's */
} DnnMapArg;

/**
 * dnn_map_new:
 * @call: whose team it runs on; outlives it
 * @line: of the kinds of @src and @dst
 * @n: of @src, at most %DNN_MAP_MAX_INPUTS
 * @params: copied
 *
 * Returns: (transfer full): shared by all instances
 */
DnnMap *dnn_map_new (const DnnCall *call, const DnnLine *line,
    const DnnMapArg *src, guint n, const DnnMapArg *dst,
    const DnnLoopParams *params);
void dnn_map_free (DnnMap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnMap, dnn_map_free)

/* @dst may be one of @src that has the result's type and shape. Allocates
 * nothing. @params: (nullable): in place of those of dnn_map_new(). */
void dnn_map_run (const DnnMap *self, gconstpointer const *src, gpointer dst,
    const DnnLoopParams *params);

G_END_DECLS
