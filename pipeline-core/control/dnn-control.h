/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Operators that run graphs: If, Loop, Scan. Registered like those of
 * kernels/ops; each run of a body is a run of an instance of its own. */
#pragma once

#include "pipeline-core/control/dnn-body.h"

G_BEGIN_DECLS

/* By dnn_init(). */
void dnn_control_register (void);

extern const DnnOp dnn_op_if, dnn_op_loop, dnn_op_scan;

/* ---- what they share ----------------------------------------------------- */

/* GRAPH where @call has none of that name, or it has other numbers of inputs
 * and outputs. */
DnnGraph *dnn_control_get_graph (const DnnCall *call, const gchar *name,
    guint n_inputs, guint n_outputs, GError **error);
guint dnn_control_get_n_captures (const DnnCall *call);
/* Puts what the node captures behind the @n own arguments of a subgraph. */
void dnn_control_add_captures (const DnnCall *call, DnnCallArg *args, guint n);
/* The node's place in front of an error from within. */
gboolean dnn_control_fail (
    const DnnCall *call, const gchar *name, GError **error);
/* Types and shapes of a subgraph's outputs, into @outputs; @is_true (nullable):
 * whether output 0 is a constant that is true, or input 1. */
gboolean dnn_control_infer (const DnnCall *call, const gchar *name,
    const DnnCallArg *args, guint n_args, DnnCallArg *outputs, guint n_outputs,
    gboolean *is_true, GError **error);

/* The plan of @body gives this shape. */
gboolean dnn_control_check_output (const DnnCall *call, DnnBody *body,
    guint idx, const DnnShape *expected, GError **error);
DnnShape dnn_control_remove_axis (const DnnShape *shape, gint axis);

/* One way: plain in, plain out. */
void dnn_control_offer (
    const DnnCall *call, DnnOffers *offers, const DnnKernel *kernel);

G_END_DECLS
