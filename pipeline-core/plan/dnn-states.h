/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* States of an instance: memory that is an input of a frame and takes an output
 * of it. Module, plan → DnnStates. */
#pragma once

#include "pipeline-core/plan/dnn-plan.h"

G_BEGIN_DECLS

typedef struct _DnnStates DnnStates;

/* NULL where @module has none. Borrows @module. */
DnnStates *dnn_states_new (DnnModule *module);
void dnn_states_free (DnnStates *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnStates, dnn_states_free)

/* Memory for the shapes of @plan; a state whose shape stays keeps its value,
 * another one has its first. SHAPE where the output is unlike it. */
gboolean dnn_states_prepare (
    DnnStates *self, const DnnPlan *plan, GError **error);
/* First values again. */
void dnn_states_reset (DnnStates *self);
/* TYPE and SHAPE; SHAPE where it isn't prepared. */
gboolean dnn_states_set (
    DnnStates *self, guint idx, DnnTensor *value, GError **error);
/* Addresses of the module's inputs → of the graph's, until the next call. */
gconstpointer const *dnn_states_add (
    DnnStates *self, gconstpointer const *inputs);
/* Takes the outputs of a frame. */
void dnn_states_keep (DnnStates *self, gpointer const *outputs);
gsize dnn_states_get_size (const DnnStates *self);

G_END_DECLS
