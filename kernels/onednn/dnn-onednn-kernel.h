/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The kernel of every candidate that is one oneDNN primitive: a primitive
 * descriptor and which input or output of the call feeds which of its
 * arguments in; a candidate out. Constants are brought into the primitive's
 * own layout by pack; the scratchpad is the caller's. */
#pragma once

#include "kernels/onednn/dnn-onednn-packed.h"
#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

typedef struct _DnnPrimitive DnnPrimitive;

/* Takes @pd, which must have a user-mode scratchpad (dnn_attr_new). */
DnnPrimitive *dnn_primitive_new (DnnPd *pd);
void dnn_primitive_unref (DnnPrimitive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnPrimitive, dnn_primitive_unref)

/* Input @input feeds argument @arg, whose descriptor is @md; the plan brings
 * it into @format. @md may have other dimensions over the same bytes. */
void dnn_primitive_add_src (DnnPrimitive *self, gint arg, guint input,
    const DnnMd *md, const DnnFormat *format);
void dnn_primitive_add_dst (DnnPrimitive *self, gint arg, guint output,
    const DnnMd *md, const DnnFormat *format);

/* Constant input @input, whose plain bytes are @from, is packed into @to,
 * float32 ones multiplied by @factor. Where nothing changes, the plain bytes
 * are used as they are: then @plain is the format the plan keeps. */
void dnn_primitive_add_constant (DnnPrimitive *self, gint arg, guint input,
    const DnnMd *from, const DnnMd *to, gfloat factor, const DnnFormat *plain);

/* The same for bytes in layout @from that @recipe makes of the constant. */
void dnn_primitive_add_made (DnnPrimitive *self, gint arg, guint input,
    const DnnMd *from, const DnnMd *to, const DnnRecipe *recipe,
    const DnnFormat *plain);

/* The primitive writes @arg, in layout @md, into scratch instead of an output.
 * Once, and for @finish to read. */
void dnn_primitive_add_result (DnnPrimitive *self, gint arg, const DnnMd *md);

/* An input or output that only @finish reads or writes, in @format. */
void dnn_primitive_add_plan_src (
    DnnPrimitive *self, guint input, const DnnFormat *format);
void dnn_primitive_add_plan_dst (
    DnnPrimitive *self, guint output, const DnnFormat *format);

/* What runs behind the primitive, on the same addresses. @result: where that
 * of dnn_primitive_add_result() is, NULL without. */
typedef void (*DnnPrimitiveFinish) (
    gconstpointer data, const DnnBinding *binding, gconstpointer result);
void dnn_primitive_set_finish (DnnPrimitive *self, DnnPrimitiveFinish finish);

/* Behind the primitive's own name in the candidate's: "+interleave". */
void dnn_primitive_set_suffix (DnnPrimitive *self, const gchar *suffix);

/* What finish gets; freed by @destroy. */
void dnn_primitive_set_data (
    DnnPrimitive *self, gpointer data, GDestroyNotify destroy);

/* The primitive adds to what its output holds: input @input, in the output's
 * format, which may be its memory and is copied there otherwise. */
void dnn_primitive_set_residual (
    DnnPrimitive *self, guint input, const DnnFormat *format);

/* Output 0 may stand in the memory of input @input. */
void dnn_primitive_set_in_place (DnnPrimitive *self, guint input);

/* How many of the call's post-ops it does. */
void dnn_primitive_set_n_post_ops (DnnPrimitive *self, guint n_post_ops);

/* Takes @self. @n_src, @n_dst: the call's. @cost: see dnn-onednn-cost.h */
DnnCandidate *dnn_primitive_to_candidate (
    DnnPrimitive *self, guint n_src, guint n_dst, gdouble cost);

/* The candidate of a reorder, with one input and one output; NULL where there
 * is none. @src, @dst: (nullable): formats for the plan */
DnnCandidate *dnn_primitive_new_reorder (const DnnMd *from,
    const DnnFormat *src, const DnnMd *to, const DnnFormat *dst);

G_END_DECLS
