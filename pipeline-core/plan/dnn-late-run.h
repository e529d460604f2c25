/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What follows the head of a graph, in one instance: values of a frame in,
 * outputs into the memory that their caller gives, step by step. Results lie in
 * slots that only grow. */
#pragma once

#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/plan/dnn-late.h"
#include "pipeline-core/plan/dnn-plan-private.h"

G_BEGIN_DECLS

typedef struct _DnnLateRun DnnLateRun;

/* A tensor of this frame. */
typedef struct
{
  DnnType type;
  DnnShape shape;
  gpointer data;
} DnnLateValue;

/* How one step runs; @state is what create made. A further kind of step (one
 * that runs graphs within graphs) is a further row of these. */
typedef struct
{
  gpointer (*create) (DnnLateRun *run, const DnnLateStep *step, GError **error);
  /* Streaming thread. Reads dnn_late_run_get(), writes where
   * dnn_late_run_provide() says. */
  gboolean (*run) (
      gpointer state, DnnLateRun *run, const DnnLateStep *step, GError **error);
  void (*free) (gpointer state);
} DnnLateKind;

/* An operator, interpreted: infer, count, ref. dnn-late-node.c */
extern const DnnLateKind dnn_late_node_kind;
/* One that runs graphs, its kernel. dnn-late-control.c */
extern const DnnLateKind dnn_late_control_kind;
/* All the rest, a module planned by shape. dnn-late-rest.c */
extern const DnnLateKind dnn_late_rest_kind;

/* @plan and @workspace outlive it. */
DnnLateRun *dnn_late_run_new (
    const DnnPlan *plan, DnnWorkspace *workspace, GError **error);
void dnn_late_run_free (DnnLateRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DnnLateRun, dnn_late_run_free)

/* Where output @idx of the head is to be written; NULL: it is an output of the
 * module. */
gpointer dnn_late_run_get_memory (const DnnLateRun *self, guint idx);
/* Behind the head. @ready: (array): addresses of the module's outputs that are
 * there; @ns (nullable): by step. */
gboolean dnn_late_run_frame (DnnLateRun *self, DnnOutputFunc output,
    gpointer user_data, guint64 *ns, GError **error);

/* For steps. */
const DnnPlan *dnn_late_run_get_plan (const DnnLateRun *self);
DnnWorkspace *dnn_late_run_get_workspace (const DnnLateRun *self);
DnnLateValue *dnn_late_run_get (DnnLateRun *self, guint value);
/* Value @value has this shape now: its memory, for as long as some step reads
 * it. NULL with LIMIT, or what the caller of the module says who refuses. */
gpointer dnn_late_run_provide (DnnLateRun *self, guint value, DnnType type,
    const DnnShape *shape, GError **error);
/* So many bytes, until the next step asks. */
gpointer dnn_late_run_get_scratch (
    DnnLateRun *self, gsize size, GError **error);
/* Before the first frame: that @value will want so many bytes at most. */
void dnn_late_run_reserve (DnnLateRun *self, guint value, gsize size);

/* Bytes held. */
gsize dnn_late_run_get_size (const DnnLateRun *self);

G_END_DECLS
