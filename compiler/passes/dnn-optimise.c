/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A graph → all passes, in their order. Next: dnn-compile.c. */
#include "config.h"

#include "compiler/passes/dnn-pass.h"

/* More rounds than any real model takes. */
#define MAX_ROUNDS 12

typedef struct
{
  const gchar *name;
  gboolean (*run) (DnnGraph *graph, GError **error);
} PassRow;

/* Folding first, since it makes constants that the others look for. */
static const PassRow rounds[] = {
  { "fold", dnn_pass_fold },
  { "control", dnn_pass_control },
  { "einsum", dnn_pass_einsum },
  { "identity", dnn_pass_identity },
  { "cast", dnn_pass_cast },
  { "common", dnn_pass_common },
  { "transpose", dnn_pass_transpose },
  { "batchnorm", dnn_pass_batchnorm },
  { "before", dnn_pass_before },
  { "pad", dnn_pass_pad },
  { "pattern", dnn_pass_pattern },
  { "norm", dnn_pass_norm },
};

/* Those of them, the first, that fold. */
#define N_FOLDING 2

/* Once, since the others don't know what fusion leaves. */
static const PassRow last[] = {
  { "fuse", dnn_pass_fuse },
  { "outputs", dnn_pass_outputs },
};

typedef struct
{
  DnnGraph *graph;
  DnnPassWatch watch; /* (nullable) */
  gpointer user_data;
  guint64 fingerprint; /* of the graph as it is */
  gboolean changed; /* in this round */
} Run;

static guint64
mix (guint64 hash, guint64 number)
{
  return (hash ^ number) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) ^ hash >> 29;
}

/* Another number for a graph that a pass has changed. */
static guint64
take_fingerprint (const DnnGraph *graph)
{
  guint64 hash = graph->nodes->len;

  for (guint n = 0; n < graph->nodes->len; n++) {
    const DnnNode *node = graph->nodes->pdata[n];
    hash = mix (hash, g_str_hash (node->op) + node->post_ops->len);
    hash = mix (hash, dnn_attrs_get_n (node->attrs));
    for (guint i = 0; i < node->inputs->len; i++)
      hash = mix (hash, GPOINTER_TO_SIZE (node->inputs->pdata[i]));
    for (guint i = 0; i < node->outputs->len; i++)
      hash = mix (hash, GPOINTER_TO_SIZE (node->outputs->pdata[i]));
  }
  for (guint i = 0; i < graph->outputs->len; i++)
    hash = mix (hash, GPOINTER_TO_SIZE (graph->outputs->pdata[i]));
  return hash;
}

static gboolean
run_pass (Run *self, const PassRow *pass, GError **error)
{
  guint64 before = self->fingerprint;

  if (!pass->run (self->graph, error))
    return FALSE;
  self->fingerprint = take_fingerprint (self->graph);
  if (self->fingerprint == before)
    return TRUE;
  self->changed = TRUE;
  return !self->watch ||
      self->watch (self->graph, pass->name, self->user_data, error);
}

/* The first @n rows, until nothing changes. */
static gboolean
run_rounds (Run *self, guint n, GError **error)
{
  for (guint round = 0; round < MAX_ROUNDS && self->changed; round++) {
    self->changed = FALSE;
    for (guint i = 0; i < n; i++)
      if (!run_pass (self, &rounds[i], error))
        return FALSE;
  }
  return TRUE;
}

gboolean
dnn_pass_fold_all (DnnGraph *graph, GError **error)
{
  Run self = { graph, NULL, NULL, take_fingerprint (graph), TRUE };

  return run_rounds (&self, N_FOLDING, error);
}

static gboolean
optimise_subgraphs (DnnGraph *graph, GError **error)
{
  for (guint i = 0; i < graph->nodes->len; i++) {
    const DnnNode *node = graph->nodes->pdata[i];
    for (guint j = 0; node->subgraphs && j < node->subgraphs->len; j++) {
      const DnnSubgraph *subgraph = node->subgraphs->pdata[j];
      if (!dnn_optimise_graph (subgraph->graph, error))
        return FALSE;
    }
  }
  return TRUE;
}

gboolean
dnn_optimise_graph_watched (
    DnnGraph *graph, DnnPassWatch watch, gpointer user_data, GError **error)
{
  Run self = { graph, watch, user_data, take_fingerprint (graph), TRUE };

  if ((watch && !watch (graph, "import", user_data, error)) ||
      !run_rounds (&self, G_N_ELEMENTS (rounds), error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (last); i++)
    if (!run_pass (&self, &last[i], error))
      return FALSE;
  if (!optimise_subgraphs (graph, error))
    return FALSE;
  dnn_graph_part_params (graph);
  return TRUE;
}

gboolean
dnn_optimise_graph (DnnGraph *graph, GError **error)
{
  return dnn_optimise_graph_watched (graph, NULL, NULL, error);
}
