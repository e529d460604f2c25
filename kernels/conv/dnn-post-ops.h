/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Post-ops of a call → oneDNN's, which run on each result before it is
 * written. Only what is certain to be right is translated: a second tensor is
 * taken in the result's own layout, or as one value a channel. */
#pragma once

#include "kernels/onednn/dnn-onednn-kernel.h"

G_BEGIN_DECLS

/* A second tensor that the primitive reads. */
typedef struct
{
  guint input;
  gint arg; /* DNNL_ARG_ATTR_MULTIPLE_POST_OP (…) | DNNL_ARG_SRC_1 */
  DnnMd *md;
  DnnFormat *format;
} DnnPostOpOperand;

#define DNN_MAX_POST_OP_OPERANDS 8

typedef struct
{
  guint n; /* of the call's post-ops */
  DnnPostOps *post_ops;
  gint residual; /* the input that the primitive adds its result to, or -1 */
  DnnPostOpOperand operands[DNN_MAX_POST_OP_OPERANDS];
  guint n_operands;
} DnnFusion;

/* What to do with an Add of a tensor of the result's shape. */
typedef enum
{
  DNN_FUSION_SUM, /* in the memory of the result */
  DNN_FUSION_BINARY, /* read from where it is: needs the result's layout */
  DNN_FUSION_MATRIX, /* the same for a plain result whose descriptor has other
                        dimensions: one value a column is taken, too */
} DnnFusionMode;

/* Adds formal input @input, in descriptor @md, before all post-ops. Between
 * dnn_fusion_begin() and dnn_fusion_extend(). */
gboolean dnn_fusion_add_input (
    DnnFusion *self, const DnnCall *call, guint input, const DnnMd *md);
void dnn_fusion_begin (DnnFusion *self);
gboolean dnn_fusion_extend (DnnFusion *self, const DnnCall *call, guint n,
    DnnFusionMode mode, const DnnMd *dst);

/* Begins and translates the first @n post-ops. @dst: the result's layout, %NULL
 * while unknown. %FALSE: one of them can't be, @self is empty then. */
gboolean dnn_fusion_init (DnnFusion *self, const DnnCall *call, guint n,
    DnnFusionMode mode, const DnnMd *dst);
void dnn_fusion_clear (DnnFusion *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DnnFusion, dnn_fusion_clear)

/* An attribute with them. (transfer full) (nullable) */
DnnAttr *dnn_fusion_make_attr (const DnnFusion *self);

/* Tells the primitive about operands, residual (in @dst, the result's format)
 * and the number of post-ops done. */
void dnn_fusion_apply (const DnnFusion *self, const DnnCall *call,
    DnnPrimitive *primitive, const DnnFormat *dst);

/* A post-op without another tensor as one function: its own, or that of adding
 * or multiplying a number. FALSE where it is none of oneDNN's. */
gboolean dnn_fusion_read_function (
    const DnnCallPostOp *post_op, DnnAlg *alg, gfloat *alpha, gfloat *beta);

/* It adds a float32 tensor of the result's shape. */
gboolean dnn_fusion_is_residual (
    const DnnCall *call, const DnnCallPostOp *post_op);

/* Is there a tensor of the result's shape among the first @n? */
gboolean dnn_fusion_has_residual (const DnnCall *call, guint n);

G_END_DECLS
