/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs of the fake backend → formats: how many reorders, and whether there is
 * a cheaper choice. */
#include "config.h"

#include "pipeline-core/plan/dnn-plan-private.h"

#include <string.h>

#include "tests/core/fake-ops.h"

#define SEED 20240607

static guint
count_steps (DnnPlan *plan, const gchar *op)
{
  guint n = 0;

  for (guint i = 0; i < dnn_plan_get_n_steps (plan); i++)
    n += strcmp (dnn_plan_get_step (plan, i)->op, op) == 0;
  return n;
}

typedef struct
{
  const gchar *name;
  void (*build) (DnnGraph *graph);
  guint n_reorders, n_steps;
} ChooseCase;

/* Fast in reversed only: element-wise ones between follow. */
static void
build_chain (DnnGraph *graph)
{
  fake_node (graph, "Fake.Relu", "r0", "x");
  fake_node (graph, "Fake.Scale", "s0", "r0", "w");
  fake_node (graph, "Fake.Relu", "r1", "s0");
  fake_node (graph, "Fake.Relu", "r2", "r1");
  fake_node (graph, "Fake.Scale", "s1", "r2", "w");
  fake_node (graph, "Fake.Relu", "r3", "s1");
  fake_output (graph, "r3");
}

static void
build_plain_between (DnnGraph *graph)
{
  fake_node (graph, "Fake.Scale", "s0", "x", "w");
  fake_node (graph, "Fake.Shift", "p", "s0");
  fake_node (graph, "Fake.Relu", "r", "p");
  fake_node (graph, "Fake.Scale", "s1", "r", "w");
  fake_output (graph, "s1");
}

static void
build_residual (DnnGraph *graph)
{
  const gchar *from = "x";

  for (guint i = 0; i < 4; i++) {
    g_autofree gchar *a = g_strdup_printf ("a%u", i);
    g_autofree gchar *b = g_strdup_printf ("b%u", i);
    g_autofree gchar *c = g_strdup_printf ("c%u", i);
    g_autofree gchar *d = g_strdup_printf ("d%u", i);
    fake_node (graph, "Fake.Scale", a, from, "w");
    fake_node (graph, "Fake.Relu", b, a);
    fake_node (graph, "Fake.Scale", c, b, "w");
    from = dnn_graph_find_value (
        graph, ((DnnNode *) fake_node (graph, "Fake.Add", d, c, from))->name)
               ->name;
  }
  fake_output (graph, from);
}

/* The value between is wanted in both formats by two readers each. */
static void
build_shared_reorder (DnnGraph *graph)
{
  fake_node (graph, "Fake.Shift", "p", "x");
  fake_node (graph, "Fake.Scale", "s0", "p", "w");
  fake_node (graph, "Fake.Scale", "s1", "p", "w");
  fake_node (graph, "Fake.Shift", "p1", "p");
  fake_node (graph, "Fake.Add", "sum", "s0", "s1");
  fake_output (graph, "sum");
  fake_output (graph, "p1");
}

static void
build_concat (DnnGraph *graph)
{
  fake_param (graph, "w2", 32);
  fake_node (graph, "Fake.Scale", "s0", "x", "w");
  fake_node (graph, "Fake.Scale", "s1", "s0", "w");
  fake_node (graph, "Fake.Concat", "c", "s0", "s1");
  fake_node (graph, "Fake.Scale", "s2", "c", "w2");
  fake_output (graph, "s2");
}

static const ChooseCase choose_cases[] = {
  { "chain", build_chain, 2, 8 },
  { "plain-between", build_plain_between, 4, 8 },
  { "residual", build_residual, 2, 18 },
  { "shared-reorder", build_shared_reorder, 2, 7 },
  { "concat", build_concat, 2, 6 },
};

static void
test_choose (gconstpointer data)
{
  const ChooseCase *row = data;
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  DnnPlanOptions options = { 1, "f32" };
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  DnnShape shape;

  shape = fake_input (graph, "x", 16, 64)->shape;
  fake_param (graph, "w", 16);
  row->build (graph);
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  plan = dnn_plan_get (module, &shape, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_steps (plan, "reorder"), ==, row->n_reorders);
  g_assert_cmpuint (dnn_plan_get_n_steps (plan), ==, row->n_steps);
}

/* The cheapest of all combinations of options. */
static gdouble
search_all (DnnDraft *draft, guint node_idx)
{
  gdouble best = G_MAXDOUBLE;
  DnnDraftNode *node;

  if (node_idx == draft->nodes->len)
    return dnn_draft_cost (draft);
  node = draft->nodes->pdata[node_idx];
  for (guint i = 0; i < node->options->len; i++) {
    node->chosen = i;
    best = MIN (best, search_all (draft, node_idx + 1));
  }
  return best;
}

/* Small graphs: never more than a tenth above the best there is, and nearly
 * always the best. */
static void
test_optimal (void)
{
  guint n_best = 0;

  for (guint32 i = 0; i < 200; i++) {
    guint32 seed = SEED + 1000 + i;
    g_autoptr (GRand) random = g_rand_new_with_seed (seed);
    g_autoptr (DnnGraph) graph = fake_random_graph (random, 11);
    g_autoptr (DnnInference) inference = dnn_infer_graph (
        graph, NULL, NULL, DNN_INFER_KNOWN | DNN_INFER_FOLD_ALL, NULL);
    g_autoptr (DnnDraft) draft = dnn_draft_new (inference);
    gdouble found, best;

    dnn_plan_offer (draft);
    dnn_plan_choose (draft);
    found = dnn_draft_cost (draft);
    best = search_all (draft, 0);
    g_test_message ("seed %u: %u nodes, %.0f, best %.0f", seed,
        draft->nodes->len, found, best);
    g_assert_cmpfloat (found, <=, best * 1.1);
    n_best += found <= best * 1.000001;
  }
  g_test_message ("%u of 200 are the best", n_best);
  g_assert_cmpuint (n_best, >=, 190);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  for (guint i = 0; i < G_N_ELEMENTS (choose_cases); i++) {
    g_autofree gchar *path = g_strconcat (
        "/core/plan-choose/", choose_cases[i].name, NULL);
    g_test_add_data_func (path, &choose_cases[i], test_choose);
  }
  g_test_add_func ("/core/plan-choose/optimal", test_optimal);
  return g_test_run ();
}
