/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The parts below a library's functions: workspaces that become steady, teams
 * that are smaller than asked for, errors across threads. */
#include "config.h"

#include "pipeline-core/library/dnn-tvm-runtime.h"

#include <math.h>
#include <string.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-threads.h"
#include "pipeline-core/base/dnn-type.h"

/* ---- workspaces --------------------------------------------------------- */

static void
test_alignment (void)
{
  g_autoptr (DnnWorkspace) self = dnn_workspace_new (1);

  for (guint64 size = 0; size < 300; size += 7) {
    guint8 *block = dnn_workspace_push (self, 0, size);
    g_assert_nonnull (block);
    g_assert_cmpuint (
        GPOINTER_TO_SIZE (block) % DNN_WORKSPACE_ALIGNMENT, ==, 0);
    memset (block, 0xff, size);
  }
  dnn_workspace_reset (self);
}

/* Blocks live at the same time don't overlap, in whichever order they are
 * given back. */
static void
test_any_order (void)
{
  g_autoptr (DnnWorkspace) self = dnn_workspace_new (1);
  g_autoptr (GRand) random = g_rand_new_with_seed (20240607);
  guint8 *blocks[16] = { NULL };
  gsize sizes[16];

  for (guint step = 0; step < 5000; step++) {
    guint i = g_rand_int_range (random, 0, 16);
    if (!blocks[i]) {
      sizes[i] = g_rand_int_range (random, 0, 2000);
      blocks[i] = dnn_workspace_push (self, 0, sizes[i]);
      memset (blocks[i], (gint) i, sizes[i]);
      continue;
    }
    for (gsize j = 0; j < sizes[i]; j++)
      g_assert_cmpuint (blocks[i][j], ==, i);
    g_assert_true (dnn_workspace_pop (self, 0, blocks[i]));
    blocks[i] = NULL;
  }
}

static void
take_some (DnnWorkspace *self, guint worker)
{
  gpointer a = dnn_workspace_push (self, worker, 1000);
  gpointer b = dnn_workspace_push (self, worker, 50000);
  gpointer c;

  g_assert_true (dnn_workspace_pop (self, worker, a));
  c = dnn_workspace_push (self, worker, 30000);
  g_assert_true (dnn_workspace_pop (self, worker, b));
  g_assert_true (dnn_workspace_pop (self, worker, c));
}

/* After the first time it is one piece that all fits into: same addresses. */
static void
test_steady (void)
{
  g_autoptr (DnnWorkspace) self = dnn_workspace_new (2);
  gpointer address;
  gsize size;

  g_assert_cmpuint (dnn_workspace_get_size (self), ==, 0);
  take_some (self, 1);
  size = dnn_workspace_get_size (self);
  g_assert_cmpuint (size, >=, 81000);
  address = dnn_workspace_push (self, 1, 1);
  g_assert_true (dnn_workspace_pop (self, 1, address));
  for (guint i = 0; i < 100; i++) {
    take_some (self, 1);
    g_assert_cmpuint (dnn_workspace_get_size (self), ==, size);
  }
  g_assert_true (dnn_workspace_push (self, 1, 1) == address);
}

static void
test_wrong_block (void)
{
  g_autoptr (DnnWorkspace) self = dnn_workspace_new (2);
  gint other;
  gpointer block = dnn_workspace_push (self, 0, 10);

  g_assert_false (dnn_workspace_pop (self, 0, &other));
  g_assert_false (dnn_workspace_pop (self, 0, NULL));
  g_assert_false (dnn_workspace_pop (self, 1, block));
  g_assert_true (dnn_workspace_pop (self, 0, block));
  g_assert_false (dnn_workspace_pop (self, 0, block));
  g_assert_null (dnn_workspace_push (self, 0, DNN_WORKSPACE_MAX_BYTES + 1));
}

/* ---- launches ----------------------------------------------------------- */

typedef struct
{
  gint calls[8];
  gint num_task;
  gboolean fails;
} Tasks;

static gint
count_task (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  Tasks *self = data;

  g_assert_cmpint (task_id, <, 8);
  g_atomic_int_inc (&self->calls[task_id]);
  g_atomic_int_set (&self->num_task, env->num_task);
  if (self->fails && task_id == 0)
    dnn_tvm_set_error ("task %d", task_id);
  return self->fails && task_id == 0 ? 5 : 0;
}

typedef struct
{
  const gchar *name;
  gint threads, num_task, expected;
} LaunchCase;

static const LaunchCase launch_cases[] = {
  { "alone", 1, 0, 1 },
  { "as-many-as-threads", 2, 0, 2 },
  { "fewer", 4, 3, 3 },
  { "more", 2, 7, 7 },
  { "more-alone", 1, 5, 5 },
};

/* Every task once. */
static void
test_launch (gconstpointer data)
{
  const LaunchCase *row = data;
  g_autoptr (DnnWorkspace) workspace = dnn_workspace_new (row->threads);
  DnnTvmFrame frame;
  Tasks tasks = { 0 };

  dnn_tvm_enter (&frame, workspace, 0, row->threads);
  g_assert_cmpint (
      TVMBackendParallelLaunch (count_task, &tasks, row->num_task), ==, 0);
  dnn_tvm_leave (&frame);
  g_assert_cmpint (tasks.num_task, ==, row->expected);
  for (gint i = 0; i < 8; i++)
    g_assert_cmpint (tasks.calls[i], ==, i < row->expected);
}

static gint
launch_inside (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  const DnnTvmFrame *frame = dnn_tvm_get_current ();
  gpointer block = TVMBackendAllocWorkspace (1, 0, 100, 0, 0);
  gint result;

  g_assert_cmpint (frame->worker, ==, task_id);
  g_assert_nonnull (block);
  result = TVMBackendParallelLaunch (count_task, data, 0);
  return result ? result : TVMBackendFreeWorkspace (1, 0, block);
}

/* From inside a task: one task, in that thread. */
static void
test_nested (void)
{
  g_autoptr (DnnWorkspace) workspace = dnn_workspace_new (2);
  DnnTvmFrame frame;
  Tasks tasks = { 0 };

  dnn_tvm_enter (&frame, workspace, 0, 2);
  g_assert_cmpint (TVMBackendParallelLaunch (launch_inside, &tasks, 0), ==, 0);
  g_assert_true (dnn_tvm_get_current () == &frame);
  dnn_tvm_leave (&frame);
  g_assert_cmpint (tasks.calls[0], ==, 2);
  g_assert_cmpint (tasks.num_task, ==, 1);
  g_assert_null (dnn_tvm_get_current ());
}

static void
test_failure (void)
{
  g_autoptr (DnnWorkspace) workspace = dnn_workspace_new (2);
  DnnTvmFrame frame;
  Tasks tasks = { .fails = TRUE };

  dnn_tvm_enter (&frame, workspace, 0, 2);
  g_assert_cmpint (TVMBackendParallelLaunch (count_task, &tasks, 0), ==, 5);
  g_assert_cmpstr (TVMGetLastError (), ==, "task 0");
  g_assert_cmpint (TVMBackendParallelLaunch (count_task, &tasks, -1), ==, -1);
  g_assert_cmpstr (
      TVMGetLastError (), ==, "TVMBackendParallelLaunch: -1 tasks");
  dnn_tvm_leave (&frame);
}

static gint
wait_twice (gint task_id, DnnTvmParallelEnv *env, gpointer data)
{
  gint *n_before = data;

  for (gint round = 1; round <= 200; round++) {
    g_atomic_int_inc (n_before);
    if (TVMBackendParallelBarrier (task_id, env) != 0)
      return -1;
    if (g_atomic_int_get (n_before) != round * env->num_task)
      return -2;
    if (TVMBackendParallelBarrier (task_id, env) != 0)
      return -1;
  }
  return 0;
}

/* Behind the barrier everybody has come, and nobody has gone on. */
static void
test_barrier (gconstpointer data)
{
  gint threads = GPOINTER_TO_INT (data);
  g_autoptr (DnnWorkspace) workspace = dnn_workspace_new (threads);
  DnnTvmFrame frame;
  gint n_before = 0;

  dnn_tvm_enter (&frame, workspace, 0, threads);
  g_assert_cmpint (TVMBackendParallelLaunch (wait_twice, &n_before, 0), ==, 0);
  dnn_tvm_leave (&frame);
  g_assert_cmpint (n_before, ==, 200 * threads);
}

/* Without a backend's team, tasks run one after the other. */
static void
run_in_this_thread (gint threads, DnnThreadsTask task, gpointer data)
{
  task (0, 1, data);
}

static void
test_small_team (void)
{
  g_autoptr (DnnWorkspace) workspace = dnn_workspace_new (4);
  DnnTvmFrame frame;
  Tasks tasks = { 0 };
  gint n_before = 0;

  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed ();
    return;
  }
  dnn_threads_set_parallel_hook (run_in_this_thread);
  dnn_tvm_enter (&frame, workspace, 0, 4);
  g_assert_cmpint (TVMBackendParallelLaunch (count_task, &tasks, 0), ==, 0);
  g_assert_cmpint (tasks.num_task, ==, 1);
  g_assert_cmpint (TVMBackendParallelLaunch (count_task, &tasks, 4), ==, 0);
  g_assert_cmpint (tasks.num_task, ==, 4);
  g_assert_cmpint (TVMBackendParallelLaunch (wait_twice, &n_before, 0), ==, 0);
  g_assert_cmpint (TVMBackendParallelLaunch (wait_twice, &n_before, 4), ==, -1);
  dnn_tvm_leave (&frame);
}

/* ---- other functions ---------------------------------------------------- */

static void
test_outside (void)
{
  gint other;

  g_assert_null (TVMBackendAllocWorkspace (1, 0, 16, 0, 0));
  g_assert_nonnull (
      strstr (TVMGetLastError (), "a thread of the library's own"));
  g_assert_cmpint (TVMBackendFreeWorkspace (1, 0, &other), ==, -1);
  g_assert_nonnull (
      strstr (TVMGetLastError (), "no workspace at that address"));
}

static void
test_device (void)
{
  g_autoptr (DnnWorkspace) workspace = dnn_workspace_new (1);
  DnnTvmFrame frame;

  dnn_tvm_enter (&frame, workspace, 0, 1);
  g_assert_null (TVMBackendAllocWorkspace (2, 0, 16, 0, 0));
  g_assert_cmpstr (TVMGetLastError (), ==,
      "a workspace on device type 2 is asked for, there is only the CPU (1)");
  dnn_tvm_leave (&frame);
}

/* Never beyond the buffer, whatever the parts' lengths. */
static void
test_long_error (void)
{
  g_autofree gchar *text = g_strnfill (1500, 'x');
  const gchar *parts[] = { text, NULL, text, text };

  TVMFFIErrorSetRaisedFromCStrParts ("ValueError", parts, 4);
  g_assert_true (g_str_has_prefix (TVMGetLastError (), "ValueError: xxx"));
  g_assert_cmpuint (strlen (TVMGetLastError ()), >, 1600);
  g_assert_cmpuint (strlen (TVMGetLastError ()), <, 2048);
  TVMAPISetLastError (NULL);
  g_assert_cmpstr (TVMGetLastError (), ==, "");
}

static gint
init_counted (gpointer data)
{
  return ++*(gint *) data == 1 ? 3 : -1;
}

static gpointer made;

static gint
make_handle (gpointer *result)
{
  *result = made;
  return 0;
}

static void
test_once (void)
{
  gpointer handle = NULL, other = NULL;
  gint n = 0;

  g_assert_cmpint (TVMBackendRunOnce (&handle, init_counted, &n, 0), ==, 3);
  g_assert_cmpint (TVMBackendRunOnce (&handle, init_counted, &n, 0), ==, 0);
  g_assert_cmpint (n, ==, 1);
  g_assert_cmpint (TVMFFIHandleInitOnce (&other, make_handle), ==, -1);
  made = &n;
  g_assert_cmpint (TVMFFIHandleInitOnce (&other, make_handle), ==, 0);
  g_assert_true (other == &n);
}

#ifdef __x86_64__

/* Every float16 there and back, and numbers around each of them. */
static void
test_half (void)
{
  for (guint i = 0; i <= G_MAXUINT16; i++) {
    guint16 half = (guint16) i, back;
    gfloat value = __gnu_h2f_ieee (half);
    gdouble expected = dnn_type_get (DNN_TYPE_FLOAT16, &half, 0);

    if (isnan (expected)) {
      g_assert_true (isnan (value));
      g_assert_true (__gnu_f2h_ieee (value) == (0x7e00 | (half & 0x8000)));
      continue;
    }
    g_assert_cmpfloat (value, ==, expected);
    g_assert_cmphex (__gnu_f2h_ieee (value), ==, half);
    for (gint step = 1; step <= 8; step++) {
      gfloat near = value + ldexpf (value, -14) * (gfloat) step;
      dnn_type_set (DNN_TYPE_FLOAT16, &back, 0, near);
      g_assert_cmphex (__gnu_f2h_ieee (near), ==, back);
    }
  }
  g_assert_cmphex (__gnu_f2h_ieee (1e30f), ==, 0x7c00);
  g_assert_cmphex (__gnu_f2h_ieee (-65520), ==, 0xfc00);
  g_assert_cmphex (__gnu_f2h_ieee (65519), ==, 0x7bff);
  g_assert_cmphex (__gnu_f2h_ieee (-1e-30f), ==, 0x8000);
}

#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dnn_init ();
  g_test_add_func ("/tvm/workspace/alignment", test_alignment);
  g_test_add_func ("/tvm/workspace/any-order", test_any_order);
  g_test_add_func ("/tvm/workspace/steady", test_steady);
  g_test_add_func ("/tvm/workspace/wrong-block", test_wrong_block);
  for (guint i = 0; i < G_N_ELEMENTS (launch_cases); i++) {
    g_autofree gchar *path = g_strconcat (
        "/tvm/launch/", launch_cases[i].name, NULL);
    g_test_add_data_func (path, &launch_cases[i], test_launch);
  }
  g_test_add_func ("/tvm/launch/nested", test_nested);
  g_test_add_func ("/tvm/launch/failure", test_failure);
  g_test_add_data_func (
      "/tvm/launch/barrier-alone", GINT_TO_POINTER (1), test_barrier);
  g_test_add_data_func (
      "/tvm/launch/barrier-of-three", GINT_TO_POINTER (3), test_barrier);
  g_test_add_func ("/tvm/launch/small-team", test_small_team);
  g_test_add_func ("/tvm/runtime/outside", test_outside);
  g_test_add_func ("/tvm/runtime/device", test_device);
  g_test_add_func ("/tvm/runtime/long-error", test_long_error);
  g_test_add_func ("/tvm/runtime/once", test_once);
#ifdef __x86_64__
  g_test_add_func ("/tvm/runtime/half", test_half);
#endif
  return g_test_run ();
}
