/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Graphs of the fake backend → plans: which memory, same results as ref alone,
 * shared among those who ask for the same. */
#include "config.h"

#include "pipeline-core/plan/dnn-instance.h"
#include "pipeline-core/plan/dnn-plan-private.h"
#include "tests/core/fake-ops.h"
#include "tests/core/rounds.h"

#include <string.h>

#define SEED 20240607

static DnnModule *
make_module (DnnGraph *graph)
{
  g_autoptr (GError) error = NULL;
  DnnModule *module = dnn_module_new (graph, &error);

  g_assert_no_error (error);
  return module;
}

static DnnPlan *
make_plan (DnnModule *module, gint threads)
{
  DnnGraph *graph = dnn_module_get_graph (module);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, graph->inputs->len + 1);
  DnnPlanOptions options = { threads, "f32" };
  g_autoptr (GError) error = NULL;
  DnnPlan *plan;

  for (guint i = 0; i < graph->inputs->len; i++)
    shapes[i] = ((DnnValue *) graph->inputs->pdata[i])->shape;
  plan = dnn_plan_get (module, shapes, &options, &error);
  g_assert_no_error (error);
  return plan;
}

static guint
count_steps (DnnPlan *plan, const gchar *op)
{
  guint n = 0;

  for (guint i = 0; i < dnn_plan_get_n_steps (plan); i++)
    n += strcmp (dnn_plan_get_step (plan, i)->op, op) == 0;
  return n;
}

/* The first step of that operator. */
static const DnnStep *
find_step (DnnPlan *plan, const gchar *op)
{
  const DnnSegment *segment = plan->segments->pdata[0];

  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    if (strcmp (step->info.op, op) == 0)
      return step;
  }
  return NULL;
}

static void
assert_same_place (const DnnPlace *a, const DnnPlace *b, gsize offset)
{
  g_assert_cmpint (a->base, ==, b->base);
  g_assert_cmpuint (a->index, ==, b->index);
  g_assert_cmpuint (a->offset, ==, b->offset + offset);
}

/* Runs it twice on random inputs and compares with ref alone, bit by bit, also
 * behind the ends of outputs. */
static void
check_results (DnnModule *module, guint32 seed)
{
  DnnGraph *graph = dnn_module_get_graph (module);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnInstance)
      instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  g_autofree DnnShape *shapes = g_new0 (DnnShape, graph->inputs->len + 1);
  g_autofree gconstpointer *src = g_new0 (
      gconstpointer, graph->inputs->len + 1);
  g_autofree gpointer *dst = g_new0 (gpointer, graph->outputs->len + 1);

  for (guint i = 0; i < graph->inputs->len; i++)
    shapes[i] = ((DnnValue *) graph->inputs->pdata[i])->shape;
  dnn_instance_prepare (instance, shapes, &error);
  g_assert_no_error (error);
  for (guint frame = 0; frame < 2; frame++) {
    g_autoptr (GPtrArray) inputs = fake_random_inputs (graph, random);
    g_autoptr (GPtrArray) expected = fake_evaluate (graph, inputs);
    for (guint i = 0; i < inputs->len; i++)
      src[i] = dnn_tensor_get_data (inputs->pdata[i]);
    for (guint i = 0; i < expected->len; i++) {
      gsize size = dnn_tensor_get_size (expected->pdata[i]);
      dst[i] = dnn_alloc_aligned (size + 64);
      memset (dst[i], 0xa5, size + 64);
    }
    dnn_instance_run (instance, src, dst, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < expected->len; i++) {
      gsize size = dnn_tensor_get_size (expected->pdata[i]);
      g_assert_cmpmem (
          dst[i], size, dnn_tensor_get_data (expected->pdata[i]), size);
      for (gsize j = size; j < size + 64; j++)
        g_assert_cmphex (((guint8 *) dst[i])[j], ==, 0xa5);
      dnn_free_aligned (dst[i]);
    }
  }
}

/* ---- steps -------------------------------------------------------------- */

static void
test_step_text (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;
  const DnnPlanStep *step;

  fake_input (graph, "x", 16, 64);
  fake_param (graph, "w", 16);
  fake_node (graph, "Fake.Scale", "s0", "x", "w");
  fake_output (graph, "s0");
  module = make_module (graph);
  plan = make_plan (module, 1);
  g_assert_cmpuint (dnn_plan_get_n_steps (plan), ==, 3);
  step = dnn_plan_get_step (plan, 0);
  g_assert_cmpstr (step->op, ==, "reorder");
  g_assert_cmpstr (step->node_name, ==, "");
  g_assert_cmpstr (step->text, ==, "float32 plain 1×16×64 → float32 reversed");
  step = dnn_plan_get_step (plan, 1);
  g_assert_cmpstr (step->op, ==, "Fake.Scale");
  g_assert_cmpstr (step->node_name, ==, "s0");
  g_assert_cmpstr (step->impl, ==, "fake:scale");
  g_assert_cmpfloat (step->cost, ==, 1024);
  g_assert_cmpuint (dnn_plan_get_packed_size (plan), ==, 64);
}

/* ---- memory ------------------------------------------------------------- */

static void
test_in_place (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Shift", "p", "x");
  fake_node (graph, "Fake.Relu", "r0", "p");
  fake_node (graph, "Fake.Relu", "r1", "r0");
  fake_output (graph, "r1");
  module = make_module (graph);
  plan = make_plan (module, 1);
  /* the whole chain stands in the caller's memory: the arena is scratch */
  g_assert_cmpint (
      find_step (plan, "Fake.Shift")->dst[0].base, ==, DNN_BASE_OUTPUT);
  g_assert_cmpuint (dnn_plan_get_arena_size (plan), ==, 4 * 16 * 4);
  check_results (module, SEED);
}

/* Not in place: of a module input, and of what is needed later. */
static void
test_not_in_place (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;
  const DnnStep *step;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Relu", "r0", "x");
  fake_node (graph, "Fake.Relu", "r1", "r0");
  fake_node (graph, "Fake.Add", "sum", "r0", "r1");
  fake_node (graph, "Fake.Add", "twice", "sum", "sum");
  fake_output (graph, "twice");
  module = make_module (graph);
  plan = make_plan (module, 1);
  step = find_step (plan, "Fake.Relu");
  g_assert_cmpint (step->src[0].base, ==, DNN_BASE_INPUT);
  g_assert_cmpint (step->dst[0].base, !=, DNN_BASE_INPUT);
  /* twice the same input: kernels need not expect that it changes under them */
  step = ((DnnSegment *) plan->segments->pdata[0])->steps->pdata[3];
  g_assert_cmpstr (step->info.node_name, ==, "twice");
  g_assert_cmpint (step->src[0].base, ==, DNN_BASE_ARENA);
  g_assert_cmpint (step->dst[0].base, ==, DNN_BASE_OUTPUT);
  check_results (module, SEED);
}

static void
test_views (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;

  fake_input (graph, "x", 4, 16);
  fake_ints (graph, "shape", 2, (gint64) 8, (gint64) 8);
  fake_node (graph, "Fake.Shift", "p", "x");
  fake_node (graph, "Fake.Reshape", "v", "p", "shape");
  fake_output (graph, "v");
  module = make_module (graph);
  plan = make_plan (module, 1);
  /* nothing runs for it: Shift writes into the caller's memory */
  g_assert_cmpuint (dnn_plan_get_n_steps (plan), ==, 1);
  g_assert_cmpint (
      find_step (plan, "Fake.Shift")->dst[0].base, ==, DNN_BASE_OUTPUT);
  check_results (module, SEED);
}

static void
test_split_views (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;
  DnnNode *split;
  const DnnStep *shift, *sum;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Shift", "p", "x");
  split = fake_node (graph, "Fake.Split", "half0", "p");
  dnn_graph_add_result (graph, split, "half1");
  fake_node (graph, "Fake.Add", "sum", "half0", "half1");
  fake_output (graph, "sum");
  module = make_module (graph);
  plan = make_plan (module, 1);
  g_assert_cmpuint (dnn_plan_get_n_steps (plan), ==, 2);
  shift = find_step (plan, "Fake.Shift");
  sum = find_step (plan, "Fake.Add");
  assert_same_place (&sum->src[0], &shift->dst[0], 0);
  assert_same_place (&sum->src[1], &shift->dst[0], 2 * 16 * 4);
  check_results (module, SEED);
}

/* Views that would not be aligned are not taken. */
static void
test_unaligned_view (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;
  DnnNode *split;

  fake_input (graph, "x", 4, 5);
  fake_node (graph, "Fake.Shift", "p", "x");
  split = fake_node (graph, "Fake.Split", "half0", "p");
  dnn_graph_add_result (graph, split, "half1");
  fake_node (graph, "Fake.Add", "sum", "half0", "half1");
  fake_output (graph, "sum");
  module = make_module (graph);
  plan = make_plan (module, 1);
  g_assert_cmpstr (find_step (plan, "Fake.Split")->info.impl, ==, "ref");
  check_results (module, SEED);
}

static void
test_concat_slices (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Shift", "p0", "x");
  fake_node (graph, "Fake.Shift", "p1", "p0");
  fake_node (graph, "Fake.Relu", "r1", "p1");
  fake_node (graph, "Fake.Concat", "c", "p0", "r1");
  fake_node (graph, "Fake.Shift", "q", "p0");
  fake_node (graph, "Fake.Concat", "d", "c", "q");
  fake_output (graph, "d");
  module = make_module (graph);
  plan = make_plan (module, 1);
  /* both concatenations, one inside the other, cost nothing */
  g_assert_null (find_step (plan, "Fake.Concat"));
  g_assert_cmpuint (dnn_plan_get_n_steps (plan), ==, 4);
  g_assert_cmpint (
      find_step (plan, "Fake.Shift")->dst[0].base, ==, DNN_BASE_OUTPUT);
  check_results (module, SEED);
}

/* An input of the module, one that is an output too, and one twice are copied
 * into their slices. */
static void
test_concat_copies (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;

  fake_input (graph, "x", 4, 16);
  fake_node (graph, "Fake.Shift", "p0", "x");
  fake_node (graph, "Fake.Shift", "p1", "x");
  fake_node (graph, "Fake.Concat", "c", "x", "p0", "p1", "p1");
  fake_output (graph, "c");
  fake_output (graph, "p0");
  module = make_module (graph);
  plan = make_plan (module, 1);
  g_assert_cmpuint (count_steps (plan, "Fake.Concat"), ==, 1);
  g_assert_cmpuint (count_steps (plan, "copy"), ==, 0);
  check_results (module, SEED);
}

/* Outputs that are inputs, params, constants, views of each other, repeated. */
static void
test_odd_outputs (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;

  fake_input (graph, "x", 4, 16);
  fake_param (graph, "w", 4);
  fake_ints (graph, "shape", 1, (gint64) 64);
  fake_node (graph, "Fake.Shift", "p", "x");
  fake_node (graph, "Fake.Reshape", "v", "p", "shape");
  fake_node (graph, "Fake.Shift", "k", "w");
  fake_output (graph, "x");
  fake_output (graph, "w");
  fake_output (graph, "k");
  fake_output (graph, "p");
  fake_output (graph, "v");
  fake_output (graph, "p");
  module = make_module (graph);
  plan = make_plan (module, 1);
  g_assert_cmpuint (count_steps (plan, "copy"), ==, 5);
  g_assert_cmpuint (count_steps (plan, "Fake.Shift"), ==, 1);
  check_results (module, SEED);
}

/* Post-ops that no kernel takes become steps in place, in any format. */
static void
test_post_ops (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("g");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnPlan) plan = NULL;
  DnnAttrs *attrs = dnn_attrs_new ();
  DnnNode *node;

  dnn_attrs_set (attrs, "B", "-2.5");
  fake_input (graph, "x", 4, 16);
  fake_input (graph, "y", 4, 16);
  fake_param (graph, "w", 4);
  node = fake_node (graph, "Fake.Scale", "s", "x", "w");
  dnn_node_add_post_op (node, "Fake.Add", attrs, NULL);
  dnn_node_add_post_op (node, "Fake.Relu", dnn_attrs_new (), NULL);
  dnn_node_add_post_op (
      node, "Fake.Add", dnn_attrs_new (), dnn_graph_find_value (graph, "y"));
  fake_node (graph, "Fake.Scale", "t", "s", "w");
  fake_output (graph, "t");
  module = make_module (graph);
  plan = make_plan (module, 1);
  g_assert_cmpuint (count_steps (plan, "Fake.Add"), ==, 2);
  g_assert_cmpuint (count_steps (plan, "Fake.Relu"), ==, 1);
  g_assert_cmpuint (count_steps (plan, "reorder"), ==, 3);
  assert_same_place (&find_step (plan, "Fake.Relu")->dst[0],
      &find_step (plan, "Fake.Scale")->dst[0], 0);
  check_results (module, SEED);
}

/* ---- random graphs ------------------------------------------------------ */

/* The sources of a step lie elsewhere than destination @dst, which ends at
 * @end, or share its place where they may. */
static void
check_apart (const DnnStep *step, guint dst, gsize end)
{
  gsize start = step->dst[dst].offset;

  for (guint i = 0; i < step->candidate->n_src; i++) {
    const DnnPlace *src = &step->src[i];
    if (src->base != DNN_BASE_ARENA ||
        step->candidate->src_share[i].kind != DNN_SHARE_NONE)
      continue;
    g_assert_true (src->offset >= end ||
        src->offset + dnn_format_get_size (step->candidate->src[i]) <= start ||
        (src->offset == start &&
            step->candidate->dst_share[dst].kind == DNN_SHARE_MAY));
  }
}

/* What lies in the arena at one time doesn't overlap: between two steps, bytes
 * that the later one reads are those the earlier one wrote last. Every write
 * marks its bytes; a reader must find the mark of the buffer's last writer. */
static void
check_places (DnnPlan *plan)
{
  const DnnSegment *segment = plan->segments->pdata[0];

  for (guint i = 0; i < segment->steps->len; i++) {
    const DnnStep *step = segment->steps->pdata[i];
    for (guint j = 0; j < step->candidate->n_dst; j++) {
      gsize size, end;
      if (step->dst[j].base != DNN_BASE_ARENA)
        continue;
      size = dnn_format_get_size (step->candidate->dst[j]);
      end = step->dst[j].offset + size;
      g_assert_cmpuint (step->dst[j].offset % 64, ==, 0);
      g_assert_cmpuint (end, <=, segment->scratch_offset);
      check_apart (step, j, end);
    }
    g_assert_cmpuint (segment->scratch_offset + step->candidate->scratch, <=,
        segment->arena_size);
  }
}

static void
test_random (void)
{
  for (guint32 i = 0; i < get_rounds (300); i++) {
    guint32 seed = SEED + i;
    g_autoptr (GRand) random = g_rand_new_with_seed (seed);
    g_autoptr (DnnGraph) graph = fake_random_graph (random, 40);
    g_autoptr (DnnModule) module = make_module (graph);
    g_autoptr (DnnPlan) plan = make_plan (module, 1);
    g_test_message ("seed %u: %u nodes, %u steps", seed, graph->nodes->len,
        dnn_plan_get_n_steps (plan));
    check_places (plan);
    check_results (module, seed);
  }
}

/* ---- sharing and errors ------------------------------------------------- */

static DnnModule *
make_small_module (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("small");
  DnnShape open = dnn_shape (3, (gint64) 1, (gint64) 16, (gint64) -1);

  dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &open);
  fake_param (graph, "w", 16);
  fake_node (graph, "Fake.Scale", "s", "x", "w");
  fake_output (graph, "s");
  return make_module (graph);
}

static DnnPlan *
get_plan (DnnModule *module, gint64 length, gint threads)
{
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 16, length);
  DnnPlanOptions options = { threads, "f32" };
  g_autoptr (GError) error = NULL;
  DnnPlan *plan = dnn_plan_get (module, &shape, &options, &error);

  g_assert_no_error (error);
  return plan;
}

static void
test_shared (void)
{
  g_autoptr (DnnModule) module = make_small_module ();
  g_autoptr (DnnPlan) plan = get_plan (module, 8, 1);
  g_autoptr (DnnPlan) same = get_plan (module, 8, 1);
  g_autoptr (DnnPlan) longer = get_plan (module, 9, 1);
  g_autoptr (DnnPlan) threaded = get_plan (module, 8, 2);

  g_assert_true (plan == same);
  g_assert_true (plan != longer);
  g_assert_true (plan != threaded);
  g_assert_cmpint (dnn_plan_get_output_shape (longer, 0)->dims[2], ==, 9);
}

/* The module doesn't keep what no instance holds. */
static void
test_weak (void)
{
  g_autoptr (DnnModule) module = make_small_module ();
  gpointer weak = module;

  g_object_add_weak_pointer (G_OBJECT (module), &weak);
  dnn_plan_unref (get_plan (module, 8, 1));
  {
    g_autoptr (DnnPlan) again = get_plan (module, 8, 1);
    g_clear_object (&module);
    g_assert_nonnull (weak); /* the plan holds the module */
  }
  g_assert_null (weak);
}

/* The target is part of the key. */
static void
test_targets (void)
{
  g_autoptr (DnnModule) module = make_small_module ();
  g_autoptr (DnnPlan) plan = get_plan (module, 8, 1);
  g_autoptr (DnnPlan) same = NULL;
  g_autoptr (DnnPlan) exact = NULL;
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 16, (gint64) 8);
  DnnTarget target;

  dnn_target_init (&target);
  same = dnn_plan_get_for_target (module, &shape, &target, NULL, NULL);
  g_assert_true (same == plan);
  target.fast_math = FALSE;
  exact = dnn_plan_get_for_target (module, &shape, &target, NULL, NULL);
  g_assert_nonnull (exact);
  g_assert_true (exact != plan);
}

static gpointer
get_plan_in_thread (gpointer module)
{
  return get_plan (module, 8, 1);
}

static void
test_threads (void)
{
  g_autoptr (DnnModule) module = make_small_module ();
  GThread *threads[8];
  DnnPlan *plans[8];

  for (guint i = 0; i < 8; i++)
    threads[i] = g_thread_new ("get", get_plan_in_thread, module);
  for (guint i = 0; i < 8; i++)
    plans[i] = g_thread_join (threads[i]);
  for (guint i = 0; i < 8; i++) {
    g_assert_true (plans[i] == plans[0]);
  }
  for (guint i = 0; i < 8; i++)
    dnn_plan_unref (plans[i]);
}

static void
assert_plan_error (DnnModule *module, DnnShape shape, const gchar *precision,
    gint code, const gchar *text)
{
  DnnPlanOptions options = { 1, precision };
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_plan_get (module, &shape, &options, &error));
  g_assert_error (error, DNN_ERROR, code);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_errors (void)
{
  g_autoptr (DnnModule) module = make_small_module ();
  g_autoptr (DnnGraph) graph = dnn_graph_new ("data");
  g_autoptr (DnnModule) data = NULL;

  assert_plan_error (module, dnn_shape (3, (gint64) 1, (gint64) 16, (gint64) 4),
      "bf16", DNN_ERROR_UNSUPPORTED,
      "precision \"bf16\" is not supported (valid: \"f32\")");
  assert_plan_error (module, dnn_shape (3, (gint64) 1, (gint64) 17, (gint64) 4),
      "f32", DNN_ERROR_SHAPE, "input \"x\" is 1×17×4, expected 1×16×?");
  assert_plan_error (module,
      dnn_shape (3, (gint64) 1, (gint64) 16, (gint64) -1), "f32",
      DNN_ERROR_NEEDS_SHAPE,
      "input \"x\" is 1×16×?: its open dimensions must be given");

  fake_input (graph, "x", 16, 4);
  fake_node (graph, "Fake.NonZero", "nz", "x");
  fake_output (graph, "nz");
  data = make_module (graph);
  assert_plan_error (data, dnn_shape (3, (gint64) 1, (gint64) 16, (gint64) 4),
      "f32", DNN_ERROR_UNSUPPORTED,
      "node \"nz\" (Fake.NonZero): the shape of its output depends on the "
      "data");
}

/* No abort, whatever a file or caps ask for. */
static void
test_too_big (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("big");
  g_autoptr (DnnModule) module = NULL;
  gint64 side = 1 << 18;

  fake_input (graph, "x", side, side);
  fake_node (graph, "Fake.Relu", "r", "x");
  fake_output (graph, "r");
  module = make_module (graph);
  assert_plan_error (module, dnn_shape (3, (gint64) 1, side, side), "f32",
      DNN_ERROR_LIMIT,
      "big: 549755813888 bytes are needed for inputs, outputs, tensors and "
      "weights: more than there is");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  g_test_add_func ("/core/plan/step-text", test_step_text);
  g_test_add_func ("/core/plan-memory/in-place", test_in_place);
  g_test_add_func ("/core/plan-memory/not-in-place", test_not_in_place);
  g_test_add_func ("/core/plan-memory/views", test_views);
  g_test_add_func ("/core/plan-memory/split-views", test_split_views);
  g_test_add_func ("/core/plan-memory/unaligned-view", test_unaligned_view);
  g_test_add_func ("/core/plan-memory/concat-slices", test_concat_slices);
  g_test_add_func ("/core/plan-memory/concat-copies", test_concat_copies);
  g_test_add_func ("/core/plan-memory/odd-outputs", test_odd_outputs);
  g_test_add_func ("/core/plan/post-ops", test_post_ops);
  g_test_add_func ("/core/plan/random-graphs", test_random);
  g_test_add_func ("/core/plan/shared", test_shared);
  g_test_add_func ("/core/plan/weak", test_weak);
  g_test_add_func ("/core/plan/targets", test_targets);
  g_test_add_func ("/core/plan/threads", test_threads);
  g_test_add_func ("/core/plan/errors", test_errors);
  g_test_add_func ("/core/plan/too-big", test_too_big);
  return g_test_run ();
}
