/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* First value of a frame → waits, fails, or takes its time; what thread it was
 * in. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "config.h"

#include "tests/elements/module/gate.h"

#include <omp.h>
#include <sched.h>
#include <string.h>

#include "kernels/dnn-init.h"
#include "pipeline-core/op/dnn-op.h"

#define N_VALUES 4096

static GMutex lock;
static GCond changed;
static gboolean is_shut;
static gboolean is_open[N_VALUES];
static cpu_set_t cpus[N_VALUES];
static guint n_seen;
static GHashTable *threads;
static gint team;
static guint32 dawdling; /* 0: no frame does */
static gint64 lane_us, team_us;

static guint
get_value (gfloat first)
{
  return first >= 1 && first < N_VALUES ? (guint) first : 0;
}

static void
pass (guint value)
{
  g_mutex_lock (&lock);
  if (value > 0) {
    sched_getaffinity (0, sizeof cpus[value], &cpus[value]);
    g_hash_table_add (threads, g_thread_self ());
    n_seen++;
    g_cond_broadcast (&changed);
  }
  while (value > 0 && is_shut && !is_open[value])
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
}

/* Up to a millisecond or so of nothing. */
static void
dawdle (guint value)
{
  guint32 n = (dawdling ^ value * 2654435761u) % 200000;
  volatile guint32 sum = 0;

  for (guint32 i = 0; dawdling != 0 && i < n; i++)
    sum += i;
  (void) sum; /* gcc 16: += alone is no use */
}

static void
spin (void)
{
  gint64 end = g_get_monotonic_time () +
      (omp_get_max_threads () > 1 ? team_us : lane_us);

  while (lane_us > 0 && g_get_monotonic_time () < end)
    ;
}

static DnnInferResult
infer_gate (DnnCall *call, GError **error)
{
  call->outputs[0].shape = call->inputs[0].shape;
  return DNN_INFER_OK;
}

static gboolean
run_gate (const DnnCall *call, gconstpointer const *src, gpointer const *dst,
    gpointer scratch, GError **error)
{
  gint64 n = dnn_shape_n_elements (&call->outputs[0].shape);
  const gfloat *x = src[0];

  if (x[0] == GATE_BAD) {
    g_set_error_literal (
        error, DNN_ERROR, DNN_ERROR_DATA, "the frame is a bad one");
    return FALSE;
  }
  g_atomic_int_set (&team, omp_get_max_threads ());
  pass (get_value (x[0]));
  dawdle (get_value (x[0]));
  spin ();
  for (gint64 i = 0; i < n; i++)
    ((gfloat *) dst[0])[i] = x[i];
  return TRUE;
}

static const DnnArgRow one_input[] = {
  { "X", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Data" },
};
static const DnnArgRow one_output[] = {
  { "Y", DNN_TYPES_FLOAT32, DNN_ARG_REQUIRED, "T", "Result" },
};

static const DnnOp gate = {
  .name = "Test.Gate",
  .doc = "y = x, when the test lets it",
  .inputs = one_input,
  .n_inputs = 1,
  .outputs = one_output,
  .n_outputs = 1,
  .infer = infer_gate,
  .ref = run_gate,
};

void
gate_register (void)
{
  dnn_init ();
  dnn_op_register (&gate);
  threads = g_hash_table_new (NULL, NULL);
}

DnnModule *
gate_module (const gchar *text)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("gate");
  g_autoptr (GError) error = NULL;
  DnnNode *inner, *outer;
  DnnShape shape, scalar = dnn_shape (0);
  DnnTensor *two = dnn_tensor_new (DNN_TYPE_FLOAT32, &scalar);
  DnnModule *module;

  fail_unless (dnn_shape_parse (text, &shape));
  *(gfloat *) dnn_tensor_get_writable_data (two) = 2;
  inner = dnn_graph_add_node (graph, "inner", "Test.Gate");
  dnn_node_add_input (
      inner, dnn_graph_add_input (graph, "x", DNN_TYPE_FLOAT32, &shape));
  outer = dnn_graph_add_node (graph, "outer", "Mul");
  dnn_node_add_input (outer, dnn_graph_add_result (graph, inner, "passed"));
  dnn_node_add_input (outer, dnn_graph_add_param (graph, "w", two));
  dnn_tensor_unref (two);
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, outer, "y"));
  module = dnn_module_new (graph, &error);
  fail_unless (module != NULL, "%s", error != NULL ? error->message : "");
  return module;
}

void
gate_shut (void)
{
  g_mutex_lock (&lock);
  is_shut = TRUE;
  memset (is_open, 0, sizeof is_open);
  n_seen = 0;
  g_hash_table_remove_all (threads);
  g_mutex_unlock (&lock);
}

void
gate_open (guint value)
{
  g_mutex_lock (&lock);
  is_open[value] = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

void
gate_open_all (void)
{
  g_mutex_lock (&lock);
  is_shut = FALSE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
}

void
gate_wait_for (guint n)
{
  g_mutex_lock (&lock);
  while (n_seen < n)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
}

guint
gate_get_n_seen (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return n_seen;
}

void
gate_dawdle (guint32 seed)
{
  dawdling = seed;
}

static gchar *
print_cpus (const cpu_set_t *set)
{
  GString *text = g_string_new (NULL);

  for (gint cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET (cpu, set))
      g_string_append_printf (text, "%s%d", text->len > 0 ? "," : "", cpu);
  return g_string_free (text, FALSE);
}

void
gate_work (guint lane, guint team_of_any)
{
  lane_us = lane;
  team_us = team_of_any;
}

gchar *
gate_get_cpus (guint value)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return print_cpus (&cpus[value]);
}

gchar *
gate_get_own_cpus (void)
{
  cpu_set_t set;

  fail_unless (sched_getaffinity (0, sizeof set, &set) == 0);
  return print_cpus (&set);
}

guint
gate_get_n_threads (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return g_hash_table_size (threads);
}

gint
gate_get_team (void)
{
  return g_atomic_int_get (&team);
}
