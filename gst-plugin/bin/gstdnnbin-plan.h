/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What dnnbin has to build: a pipeline configuration → sources, and for each
 * consumer the branches that feed it. Numbers and names only, no elements.
 * Next: gstdnnbin-build.c. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* Tensors of one source, one after the other. */
typedef struct
{
  guint source;
  GArray *picks; /* guint, indices of tensors */
  guint depth; /* of its queue, buffers */
} GstDnnBranch;

/* A global input or a stage: where tensors come from. */
typedef struct
{
  gchar *name; /* "in0", "in1", …, or the stage's mod_idx: "0" */
  const DnnStage *stage; /* NULL for a global input */
  guint n_tensors; /* 0: unknown (an element) */
  guint level; /* longest way from an input, in stages */
  guint n_uses; /* branches that begin here */
  GPtrArray *branches; /* GstDnnBranch: what feeds it; empty for an input */
  /* of its module, as dnnmodule takes them */
  gint threads; /* of one instance; 0: all CPUs that it may use */
  gint instances; /* or DNN_INSTANCES_AUTO */
} GstDnnNode;

/* The whole. */
typedef struct
{
  DnnPipelineConfig *config;
  guint max_in_flight; /* 0: any number */
  guint n_inputs;
  GPtrArray *nodes; /* GstDnnNode: global inputs, then stages in order */
  GPtrArray *output; /* GstDnnBranch: what leaves */
} GstDnnBinPlan;

/* Of stages that don't say theirs. */
typedef struct
{
  gint threads; /* of one instance; 0: all CPUs that it may use */
  gint instances; /* or DNN_INSTANCES_AUTO */
  guint max_in_flight; /* frames that are let in; 0: any number */
} GstDnnBinDefaults;

/* Fails where a link would carry more than 16 tensors, or a stage asks for
 * what can't be. */
GstDnnBinPlan *gst_dnn_bin_plan_new (DnnPipelineConfig *config,
    const GstDnnBinDefaults *defaults, GError **error);
void gst_dnn_bin_plan_free (GstDnnBinPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstDnnBinPlan, gst_dnn_bin_plan_free)

/* All outputs of its source, in order: no join and no choice is needed. */
gboolean gst_dnn_bin_plan_is_direct (
    const GstDnnBinPlan *self, const GPtrArray *branches);

G_END_DECLS
