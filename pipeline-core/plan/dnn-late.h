/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What of a graph waits for the data of each frame, because its shapes depend
 * on them: the graph's head, which is planned, and what follows it. Immutable,
 * part of a plan. Next: dnn-late-run.h runs it. */
#pragma once

#include "pipeline-core/infer/dnn-infer.h"
#include "pipeline-core/plan/dnn-plan.h"

G_BEGIN_DECLS

/* Most bytes that are reserved for one result by the most it can have; what can
 * have more gets memory when it is known. */
#define DNN_LATE_MAX_RESERVED ((gsize) 64 << 20)
/* Plans by shape of what follows, for each instance. */
#define DNN_LATE_MAX_PLANS 8

/* One entry of what runs behind the head: a node that is interpreted, or all
 * the rest, which is a module. */
typedef struct
{
  guint node; /* index in the graph; G_MAXUINT: the rest */
  guint *src, *dst; /* indices of values, G_MAXUINT absent */
  guint n_src, n_dst;
} DnnLateStep;

typedef struct
{
  DnnInference *inference; /* of the whole graph; owned */
  DnnGraph *head; /* owned: its outputs are the module's that can be had, then
                     those values that what follows needs */
  guint *head_values; /* by output of the head: index of the value */
  guint n_head;
  guint n_ready; /* how many of them are outputs of the module */
  gint *ready; /* by output of the module: output of the head, -1 none */
  GPtrArray *steps; /* DnnLateStep *, owned */
  DnnModule *rest; /* (nullable): what follows and is planned by shape */
  GPtrArray *infos; /* DnnPlanStep *, owned; beside @steps */
} DnnLate;

/* NULL without @error where nothing is late. @inference: of DNN_INFER_LATE;
 * taken where the result isn't NULL. */
DnnLate *dnn_late_new (DnnInference *inference, GError **error);
void dnn_late_free (DnnLate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnLate, dnn_late_free)

/* Asks for output @idx; NULL with what the caller says, or that it says
 * nothing. */
gpointer dnn_output_ask (DnnModule *module, guint idx, const DnnShape *shape,
    DnnOutputFunc output, gpointer user_data, GError **error);

/* A part of an inferred graph as a graph: @nodes (by index: 1 taken), which
 * gives @outputs (DnnValue *) under @names. What is constant becomes a param.
 * Its inputs are the graph's; with @inputs (nullable) what the nodes need,
 * which is added there. dnn-late-extract.c */
DnnGraph *dnn_inference_extract (const DnnInference *self, const guint8 *nodes,
    const GPtrArray *outputs, const GPtrArray *names, GPtrArray *inputs);

G_END_DECLS
