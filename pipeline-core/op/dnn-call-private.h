/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What the files dnn-call*.c share. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

G_BEGIN_DECLS

/* A scalar that a post-op has for one of its inputs; its type is known only
 * when the result it works on is. */
typedef struct
{
  guint slot;
  gdouble number;
  guint64 bytes;
} DnnCallScalar;

/* What dnn_call_new() makes. */
typedef struct
{
  DnnCall call;
  gchar *node_name;
  DnnCallScalar *scalars;
  guint n_scalars;
} DnnCallFull;

/* One offer: what is there, what comes. */
struct _DnnOffers
{
  GPtrArray *candidates;
  const DnnHints *hints; /* (nullable): by input */
  guint n_inputs;
};

/* @attrs, save scalars of post-ops, into call->attrs. dnn-call-attrs.c */
gboolean dnn_call_parse_attrs (DnnCall *call, const DnnAttrs *attrs,
    gboolean with_scalars, GError **error);
void dnn_call_clear_attrs (DnnCall *call);
/* Row of the input of that name, -1 if there is none. */
gint dnn_op_find_input (const DnnOp *op, const gchar *name);

/* Types and shapes of the post-ops' calls. dnn-call-postop.c */
gboolean dnn_call_infer_post_ops (DnnCall *call, GError **error);

/* The row of formal input or output @idx (the last one repeats when it is
 * variadic), NULL behind the last. */
const DnnArgRow *dnn_arg_row (const DnnArgRow *rows, guint n_rows, guint idx);

/* The candidate that runs ref. dnn-candidate-ref.c */
DnnCandidate *dnn_candidate_new_ref (const DnnCall *call);

G_END_DECLS
