/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A subgraph at work inside a frame of its node: graph → DnnBody. */
#pragma once

#include "pipeline-core/plan/dnn-instance.h"

G_BEGIN_DECLS

typedef struct _DnnBody DnnBody;

/* What all instances of the node share: the subgraph as a module. */
DnnModule *dnn_body_make_module (DnnGraph *graph, GError **error);

/* For the frames of one instance of the node; nothing is planned yet. */
DnnBody *dnn_body_new (
    DnnModule *module, const DnnTarget *target, GError **error);
/* Its inputs come with a frame: few plans are kept, and none is warmed up. */
void dnn_body_set_late (DnnBody *self);
void dnn_body_free (DnnBody *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnBody, dnn_body_free)

/* Plans for these inputs, where it isn't planned for them already. */
gboolean dnn_body_prepare (
    DnnBody *self, const DnnCallArg *inputs, GError **error);
gboolean dnn_body_is_prepared (const DnnBody *self);
const DnnShape *dnn_body_get_output_shape (const DnnBody *self, guint idx);

gsize dnn_body_get_output_size (const DnnBody *self, guint idx);

/* Addresses, to be filled before each run. */
gconstpointer *dnn_body_get_inputs (DnnBody *self);
gpointer *dnn_body_get_outputs (DnnBody *self);
/* FAILED where the frame was stopped. */
gboolean dnn_body_run (DnnBody *self, DnnWorkspace *workspace, GError **error);
/* The same for outputs whose shapes are known only then: @output says where. */
gboolean dnn_body_run_to (DnnBody *self, DnnWorkspace *workspace,
    DnnOutputFunc output, gpointer user_data, GError **error);

/* A line a step of its plan, each with @indent in front; (transfer full) */
gchar *dnn_body_describe (DnnModule *module, const DnnCallArg *inputs,
    const DnnTarget *target, const gchar *name);

G_END_DECLS
