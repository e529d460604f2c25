/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Instances: buffers as callers give them, shapes that change, threads and
 * affinity set and restored, no allocation while running. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "config.h"

#include "pipeline-core/plan/dnn-instance.h"

#include <sched.h>
#include <string.h>

#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/plan/dnn-plan-private.h"
#include "tests/core/count-allocations.h"
#include "tests/core/fake-ops.h"

/* ---- a module ----------------------------------------------------------- */

#define N_CHANNELS 16

/* Every kind of step: reorders, packed weights, scratch, post-ops, copies. */
static DnnModule *
make_module (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("m");
  DnnShape open = dnn_shape (3, (gint64) 1, (gint64) N_CHANNELS, (gint64) -1);
  g_autoptr (GError) error = NULL;
  DnnModule *module;
  DnnNode *node;

  dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &open);
  fake_param (graph, "w", N_CHANNELS);
  node = fake_node (graph, "Fake.Scale", "s", "x", "w");
  dnn_node_add_post_op (node, "Fake.Relu", dnn_attrs_new (), NULL);
  fake_node (graph, "Fake.Shift", "p", "s");
  fake_node (graph, "Fake.Add", "sum", "p", "x");
  fake_output (graph, "sum");
  fake_output (graph, "x");
  module = dnn_module_new (graph, &error);
  g_assert_no_error (error);
  return module;
}

static void
prepare (DnnInstance *instance, gint64 length)
{
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) N_CHANNELS, length);
  g_autoptr (GError) error = NULL;

  dnn_instance_prepare (instance, &shape, &error);
  g_assert_no_error (error);
}

static DnnInstance *
make_instance (DnnModule *module, gint64 length)
{
  g_autoptr (GError) error = NULL;
  DnnInstance *instance = dnn_instance_new (module, 1, NULL, NULL, &error);

  g_assert_no_error (error);
  prepare (instance, length);
  return instance;
}

static gfloat
expect_sum (gsize i, gsize length, gfloat x)
{
  gfloat w = 0.5f + (gfloat) (((i / length) * 7) % 5);

  return MAX (x * w, 0) + 1 + x;
}

/* One frame with buffers @shift bytes off alignment. */
static void
check_frame (DnnInstance *instance, gsize length, gsize shift)
{
  gsize n = N_CHANNELS * length, size = n * sizeof (gfloat);
  guint8 *memory[3], before[4096];
  gconstpointer src[1];
  gpointer dst[2];
  g_autoptr (GError) error = NULL;
  gfloat *x;

  g_assert_cmpuint (size, <=, sizeof before);
  for (guint i = 0; i < 3; i++) {
    memory[i] = dnn_alloc_aligned (size + 128);
    memset (memory[i], 0xa5, size + 128);
  }
  x = (gfloat *) (memory[0] + shift);
  for (gsize i = 0; i < n; i++)
    x[i] = (gfloat) i / 4 - 10;
  memcpy (before, x, size);
  src[0] = x;
  dst[0] = memory[1] + shift;
  dst[1] = memory[2] + shift;
  dnn_instance_run (instance, src, dst, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (x, size, before, size);
  g_assert_cmpmem (dst[1], size, before, size);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (
        ((gfloat *) dst[0])[i], ==, expect_sum (i, length, x[i]));
  for (guint i = 1; i < 3; i++)
    for (gsize j = 0; j < 64; j++)
      g_assert_cmphex (memory[i][shift + size + j], ==, 0xa5);
  for (guint i = 0; i < 3; i++)
    dnn_free_aligned (memory[i]);
}

static void
test_run (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);

  g_assert_true (dnn_instance_get_module (instance) == module);
  g_assert_cmpint (dnn_instance_get_threads (instance), ==, 1);
  g_assert_cmpint (dnn_instance_get_output_shape (instance, 0)->dims[2], ==, 8);
  check_frame (instance, 8, 0);
  check_frame (instance, 8, 0);
}

/* Used as it is where it lies as the kernels demand. What doesn't is copied,
 * through memory that is there from the second time on: here "x" and "sum",
 * but not the output that is a plain copy of "x". */
static void
test_misaligned (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);
  gsize size = dnn_instance_get_arena_size (instance);

  for (gsize shift = 0; shift < 64; shift += FAKE_ALIGNMENT)
    check_frame (instance, 8, shift);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==, size);
  for (gsize shift = 4; shift < 64; shift += 12)
    check_frame (instance, 8, shift);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==,
      size + 2 * N_CHANNELS * 8 * sizeof (gfloat));
  check_frame (instance, 8, 0);
}

/* Shapes that come back find their plan bound as before. */
static void
test_shapes (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);
  DnnPlan *first = dnn_instance_get_plan (instance);
  gsize size = dnn_instance_get_arena_size (instance);

  prepare (instance, 12);
  g_assert_true (dnn_instance_get_plan (instance) != first);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), >, size);
  check_frame (instance, 12, 0);
  size = dnn_instance_get_arena_size (instance);
  prepare (instance, 8);
  g_assert_true (dnn_instance_get_plan (instance) == first);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==, size);
  check_frame (instance, 8, 0);
  dnn_instance_unprepare (instance);
  g_assert_null (dnn_instance_get_plan (instance));
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==, 0);
  prepare (instance, 8);
  check_frame (instance, 8, 0);
}

/* A failed prepare leaves what was there. */
static void
test_failed_prepare (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 5, (gint64) 8);
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_instance_prepare (instance, &shape, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_assert_nonnull (
      strstr (error->message, "input \"x\" is 1×5×8, expected 1×16×?"));
  check_frame (instance, 8, 0);
}

static void
test_shared_plan (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) a = make_instance (module, 8);
  g_autoptr (DnnInstance) b = make_instance (module, 8);

  g_assert_true (dnn_instance_get_plan (a) == dnn_instance_get_plan (b));
  g_assert_cmpuint (dnn_plan_get_packed_size (dnn_instance_get_plan (a)), >, 0);
  check_frame (a, 8, 0);
  check_frame (b, 8, 0);
}

static void
test_no_allocation (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);
  gsize size = N_CHANNELS * 8 * sizeof (gfloat);
  gpointer memory[3];
  gconstpointer src[1];
  gint before, after;

  if (!count_allocations_or_skip ())
    return;
  for (guint i = 0; i < 3; i++) {
    memory[i] = dnn_alloc_aligned (size + 64);
    memset (memory[i], 0, size + 64);
  }
  src[0] = memory[0];
  before = count_allocations ();
  for (guint i = 0; i < 10; i++)
    dnn_instance_run (instance, src, &memory[1], NULL);
  after = count_allocations ();
  g_assert_cmpint (after, ==, before);

  /* misaligned ones: from the second frame on */
  src[0] = (guint8 *) memory[0] + 4;
  dnn_instance_run (instance, src, &memory[1], NULL);
  before = count_allocations ();
  dnn_instance_run (instance, src, &memory[1], NULL);
  after = count_allocations ();
  g_assert_cmpint (after, ==, before);
  for (guint i = 0; i < 3; i++)
    dnn_free_aligned (memory[i]);
}

static void
test_timed (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);
  guint n = dnn_plan_get_n_steps (dnn_instance_get_plan (instance));
  g_autofree guint64 *ns = g_new (guint64, n);
  gsize size = N_CHANNELS * 8 * sizeof (gfloat);
  gpointer memory[3];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    memory[i] = dnn_alloc_aligned (size);
  memset (memory[0], 0, size);
  memset (ns, 0xff, n * sizeof *ns);
  g_assert_true (dnn_instance_run_timed (
      instance, (gconstpointer const *) memory, &memory[1], ns, &error));
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (ns[i], <, G_MAXUINT64);
  for (guint i = 0; i < 3; i++)
    dnn_free_aligned (memory[i]);
}

/* A wrong value fails that frame, with the node's name; the next one runs. */
static void
test_data_error (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("m");
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 1, (gint64) 2);
  gfloat *memory = dnn_alloc_aligned (256);
  gconstpointer src[] = { memory };
  gpointer dst[] = { memory + 16 };

  fake_input (graph, "x", 1, 2);
  fake_node (graph, "Fake.Checked", "chk", "x");
  fake_output (graph, "chk");
  module = dnn_module_new (graph, &error);
  instance = dnn_instance_new (module, 1, NULL, NULL, &error);
  g_assert_true (dnn_instance_prepare (instance, &shape, &error));
  memory[0] = 1;
  memory[1] = -1;
  g_assert_false (dnn_instance_run (instance, src, dst, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_DATA);
  g_assert_cmpstr (
      error->message, ==, "node \"chk\" (Fake.Checked): element 1 is below 0");
  memory[1] = 2;
  g_clear_error (&error);
  g_assert_true (dnn_instance_run (instance, src, dst, &error));
  g_assert_cmpfloat (memory[17], ==, 2);
  dnn_free_aligned (memory);
}

/* The backend fails at any moment: its own words, with the node's name before
 * them; nothing stays behind. */
static void
test_backend_error (void)
{
  static const gchar *const moments[] = { "prepare", "pack", "bind", "run" };
  DnnShape shape = dnn_shape (3, (gint64) 1, (gint64) 4, (gint64) 16);

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++) {
    g_autoptr (DnnGraph) graph = dnn_graph_new ("m");
    g_autoptr (DnnModule) module = NULL;
    g_autoptr (DnnInstance) instance = NULL;
    g_autoptr (GError) error = NULL;
    DnnNode *node;

    fake_input (graph, "x", 4, 16);
    fake_node (graph, "Fake.Broken", "whole", "x");
    fake_param (graph, "w", 4);
    node = fake_node (graph, "Fake.Broken", "brk", "whole", "w");
    dnn_attrs_set (node->attrs, "at", moments[i]);
    fake_output (graph, "brk");
    module = dnn_module_new (graph, &error);
    instance = dnn_instance_new (module, 1, NULL, NULL, &error);
    g_assert_false (dnn_instance_prepare (instance, &shape, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
    g_assert_cmpstr (error->message, ==,
        "m: node \"brk\" (Fake.Broken, fake:broken): the backend is broken");
    g_assert_null (dnn_instance_get_plan (instance));
    g_assert_cmpint (g_atomic_int_get (&fake_n_states), ==, 0);
  }
}

/* One arena, as large as the largest of the kept plans needs. */
static void
test_arena (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);
  gsize first = dnn_instance_get_arena_size (instance), second;

  prepare (instance, 64);
  second = dnn_instance_get_arena_size (instance);
  g_assert_cmpuint (
      second, ==, dnn_plan_get_arena_size (dnn_instance_get_plan (instance)));
  g_assert_cmpuint (second, >, first);
  check_frame (instance, 64, 0);
  prepare (instance, 8);
  g_assert_cmpuint (dnn_instance_get_n_plans (instance), ==, 2);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==, second);
  check_frame (instance, 8, 0);
  prepare (instance, 64);
  check_frame (instance, 64, 0);
  dnn_instance_set_max_kept_bytes (instance, 0);
  prepare (instance, 8);
  prepare (instance, 9);
  g_assert_cmpuint (dnn_instance_get_n_plans (instance), ==, 1);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), <, second / 2);
  check_frame (instance, 9, 0);
  dnn_instance_unprepare (instance);
  g_assert_cmpuint (dnn_instance_get_arena_size (instance), ==, 0);
}

/* Earlier plans go, the oldest first; the current one never. */
static void
test_kept_plans (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = make_instance (module, 8);

  prepare (instance, 12);
  prepare (instance, 8);
  g_assert_cmpuint (dnn_instance_get_n_plans (instance), ==, 2);
  dnn_instance_set_max_kept_bytes (instance, 0);
  prepare (instance, 7);
  g_assert_cmpuint (dnn_instance_get_n_plans (instance), ==, 1);
  check_frame (instance, 7, 0);
  prepare (instance, 12);
  g_assert_cmpuint (dnn_instance_get_n_plans (instance), ==, 1);
  check_frame (instance, 12, 0);
}

static gpointer
run_many (gpointer instance)
{
  for (guint i = 0; i < 200; i++)
    check_frame (instance, 8, 0);
  return NULL;
}

/* Instances of one plan run at the same time. */
static void
test_parallel (void)
{
  g_autoptr (DnnModule) module = make_module ();
  DnnInstance *instances[4];
  GThread *threads[4];

  for (guint i = 0; i < 4; i++) {
    instances[i] = make_instance (module, 8);
    threads[i] = g_thread_new ("run", run_many, instances[i]);
  }
  for (guint i = 0; i < 4; i++) {
    g_thread_join (threads[i]);
    g_object_unref (instances[i]);
  }
}

/* ---- threads ------------------------------------------------------------ */

static GPrivate team; /* of each thread, as OpenMP has it */
static gint n_calls;

static gint
set_team (gint threads)
{
  gint before = GPOINTER_TO_INT (g_private_get (&team));

  g_atomic_int_inc (&n_calls);
  g_private_set (&team, GINT_TO_POINTER (threads));
  return before;
}

static void
test_threads (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  dnn_threads_set_hook (set_team);
  g_private_set (&team, GINT_TO_POINTER (7));
  instance = dnn_instance_new (module, 3, "f32", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (dnn_instance_get_threads (instance), ==, 3);
  prepare (instance, 8);
  /* planning and warm-up had threads of their own */
  g_assert_cmpint (g_atomic_int_get (&n_calls), ==, 4);
  g_assert_cmpint (GPOINTER_TO_INT (g_private_get (&team)), ==, 7);
  check_frame (instance, 8, 0);
  g_assert_cmpint (g_atomic_int_get (&n_calls), ==, 6);
  g_assert_cmpint (GPOINTER_TO_INT (g_private_get (&team)), ==, 7);
  dnn_threads_set_hook (NULL);
}

static void
test_default_threads (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (DnnInstance)
      instance = dnn_instance_new (module, 0, NULL, "", NULL);

  g_assert_cmpint (
      dnn_instance_get_threads (instance), ==, dnn_threads_get_n_cpus ());
}

static void
test_enter_leave (void)
{
  DnnThreadsState state;
  cpu_set_t before, inside, after;
  gchar cpu[16];
  gint first = 0;

  g_assert_cmpint (sched_getaffinity (0, sizeof before, &before), ==, 0);
  while (!CPU_ISSET (first, &before))
    first++;
  g_snprintf (cpu, sizeof cpu, "%d", first);
  dnn_threads_set_hook (set_team);
  g_private_set (&team, GINT_TO_POINTER (5));
  dnn_threads_enter (&state, 2, cpu);
  g_assert_cmpint (GPOINTER_TO_INT (g_private_get (&team)), ==, 2);
  sched_getaffinity (0, sizeof inside, &inside);
  g_assert_cmpint (CPU_COUNT (&inside), ==, 1);
  g_assert_true (CPU_ISSET (first, &inside));
  dnn_threads_leave (&state);
  g_assert_cmpint (GPOINTER_TO_INT (g_private_get (&team)), ==, 5);
  sched_getaffinity (0, sizeof after, &after);
  g_assert_true (CPU_EQUAL (&before, &after));
  dnn_threads_set_hook (NULL);
}

static void
test_affinity (void)
{
  static const struct
  {
    const gchar *text;
    const gchar *message;
  } bad[] = {
    { "a", "cpu_affinity \"a\" is no list of CPUs (\"0,1\" or \"0-3\")" },
    { "0,", "cpu_affinity \"0,\" is no list" },
    { "0 1", "is no list" },
    { "3-1", "is no list" },
    { "-1", "is no list" },
    { "1-", "is no list" },
    { "1023", "CPU 1023 is none that this process may use (" },
    { "5000", "CPU" },
    { "99999999999999999999", "CPU" },
    { "0-99999", "CPU" },
  };
  g_autoptr (DnnModule) module = make_module ();

  g_assert_true (dnn_threads_check_affinity (NULL, NULL));
  g_assert_true (dnn_threads_check_affinity ("", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (dnn_instance_new (module, 1, NULL, bad[i].text, &error));
    g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, bad[i].message));
  }
}

static void
test_settings (void)
{
  g_autoptr (DnnModule) module = make_module ();
  g_autoptr (GError) error = NULL;

  g_assert_null (dnn_instance_new (module, 1, "int8", NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==,
      "precision \"int8\" is not supported (valid: \"f32\")");
  g_clear_error (&error);
  g_assert_null (dnn_instance_new (module, -1, NULL, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_assert_cmpstr (
      error->message, ==, "threads is -1, expected 0 (all CPUs) to 1024");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_ops_register ();
  g_test_add_func ("/core/instance/run", test_run);
  g_test_add_func ("/core/instance/misaligned", test_misaligned);
  g_test_add_func ("/core/instance/shapes", test_shapes);
  g_test_add_func ("/core/instance/failed-prepare", test_failed_prepare);
  g_test_add_func ("/core/instance/shared-plan", test_shared_plan);
  g_test_add_func ("/core/instance/no-allocation", test_no_allocation);
  g_test_add_func ("/core/instance/timed", test_timed);
  g_test_add_func ("/core/instance/data-error", test_data_error);
  g_test_add_func ("/core/instance/backend-error", test_backend_error);
  g_test_add_func ("/core/instance/arena", test_arena);
  g_test_add_func ("/core/instance/kept-plans", test_kept_plans);
  g_test_add_func ("/core/instance/parallel", test_parallel);
  g_test_add_func ("/core/instance/threads", test_threads);
  g_test_add_func ("/core/instance/default-threads", test_default_threads);
  g_test_add_func ("/core/instance/settings", test_settings);
  g_test_add_func ("/core/threads/enter-leave", test_enter_leave);
  g_test_add_func ("/core/threads/affinity", test_affinity);
  return g_test_run ();
}
