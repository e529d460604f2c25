/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What everybody gets when an executor ends: those who wait, every later call;
 * failures, stop, frames that are on their way. */
#include "config.h"

#include <string.h>

#include "tests/elements/executor/executor-sample.h"

static void
ask (DnnPipelineExecutor *executor, GCancellable *cancellable,
    SampleAnswers *answers)
{
  dnn_pipeline_executor_get_output_async (
      executor, cancellable, sample_answers_note, answers);
}

/* All the calls that can fail, as if nothing had happened. */
static void
call_all (DnnPipelineExecutor *executor, guint call, GError **error)
{
  g_autoptr (DnnTensor) tensor = sample_tensor (1);
  g_autoptr (DnnParams) params = sample_params ("w", 1);
  gsize n;

  switch (call) {
    case 0:
      g_assert_false (dnn_pipeline_executor_run (executor, error));
      break;
    case 1:
      g_assert_null (dnn_pipeline_executor_get_output (executor, error));
      break;
    case 2:
      g_assert_null (dnn_pipeline_executor_wait_output (executor, 0, error));
      break;
    case 3:
      g_assert_null (dnn_pipeline_executor_wait_output (executor, -1, error));
      break;
    case 4:
      g_assert_false (
          dnn_pipeline_executor_set_input (executor, "x", tensor, error));
      break;
    case 5:
      g_assert_false (
          dnn_pipeline_executor_set_input (executor, "none", tensor, error));
      break;
    case 6:
      g_assert_null (dnn_pipeline_executor_get_input (executor, "x", error));
      break;
    case 7:
      g_assert_false (
          dnn_pipeline_executor_set_params (executor, "none", params, error));
      break;
    case 8:
      g_assert_null (
          dnn_pipeline_executor_get_input_pipeline_map (executor, "x", error));
      break;
    default:
      g_assert_null (dnn_pipeline_executor_get_params_group_pipeline_map (
          executor, "none", &n, error));
  }
}

static void
check_same (const GError *error, const GError *first)
{
  g_assert_error (error, first->domain, first->code);
  g_assert_cmpstr (error->message, ==, first->message);
}

static void
check_dead (DnnPipelineExecutor *executor, const GError *first)
{
  SampleAnswers answers;

  for (guint call = 0; call < 10; call++) {
    g_autoptr (GError) error = NULL;
    call_all (executor, call, &error);
    check_same (error, first);
    call_all (executor, call, NULL);
  }
  sample_answers_init (&answers, 2);
  for (guint i = 0; i < 2; i++)
    ask (executor, NULL, &answers);
  sample_answers_wait (&answers);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (dnn_pipeline_executor_get_output_finish (
        executor, answers.answers->pdata[i], &error));
    check_same (error, first);
  }
  sample_answers_clear (&answers);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_inputs (executor), ==, 1);
}

static gpointer
wait_for_ever (gpointer executor)
{
  GError *error = NULL;

  g_assert_null (dnn_pipeline_executor_wait_output (executor, -1, &error));
  return error;
}

static gpointer
wait_long (gpointer executor)
{
  GError *error = NULL;

  g_assert_null (
      dnn_pipeline_executor_wait_output (executor, 3600 * 1000, &error));
  return error;
}

/* In a context of its own. */
static gpointer
wait_for_answer (gpointer executor)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  SampleAnswers answers;
  GError *error = NULL;

  g_main_context_push_thread_default (context);
  sample_answers_init (&answers, 1);
  ask (executor, NULL, &answers);
  sample_answers_wait (&answers);
  g_assert_null (dnn_pipeline_executor_get_output_finish (
      executor, answers.answers->pdata[0], &error));
  sample_answers_clear (&answers);
  g_main_context_pop_thread_default (context);
  return error;
}

static const GThreadFunc waiting[] = { wait_for_ever, wait_long,
  wait_for_answer, wait_for_ever, wait_for_answer };

typedef struct
{
  GThread *threads[G_N_ELEMENTS (waiting)];
} Waiting;

static void
start_waiting (Waiting *self, DnnPipelineExecutor *executor)
{
  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    self->threads[i] = g_thread_new ("waiting", waiting[i], executor);
}

/* All have the same error. (transfer full) */
static GError *
end_waiting (Waiting *self)
{
  GError *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++) {
    g_autoptr (GError) error = g_thread_join (self->threads[i]);
    g_assert_nonnull (error);
    if (first)
      check_same (error, first);
    else
      first = g_steal_pointer (&error);
  }
  return first;
}

typedef struct
{
  const gchar *name;
  const gchar *stages[4];
  const gchar *text; /* in the error */
} Failure;

static const Failure failures[] = {
  { "told", { "samplenegate" }, "There is a value that can't be negated" },
  { "told-late", { "queue", "identity", "samplenegate" },
      "There is a value that can't be negated" },
  { "silent", { "samplesilent" },
      "element0 (samplesilent) stopped the stream (error) and didn't say why" },
  { "silent-late", { "identity", "samplesilent", "queue" },
      "element1 (samplesilent) stopped the stream (error) and didn't say why" },
  { "end", { "sampleend" }, "An element of the pipeline has ended the stream" },
  { "end-late", { "identity", "sampleend", "identity" },
      "An element of the pipeline has ended the stream" },
  { "eos-after", { "identity eos-after=1" },
      "An element of the pipeline has ended the stream" },
};

static void
test_failure (gconstpointer data)
{
  const Failure *row = data;
  g_autoptr (DnnPipelineConfig) config = sample_elements (row->stages);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GError) first = NULL;
  Waiting self;

  start_waiting (&self, executor);
  sample_run_first (executor, SAMPLE_BAD);
  first = end_waiting (&self);
  g_assert_nonnull (strstr (first->message, row->text));
  check_dead (executor, first);
  dnn_pipeline_executor_stop (executor);
  check_dead (executor, first);
}

/* Code and text of a module's error come through. */
static void
test_bad_data (void)
{
  g_autoptr (DnnGraph) graph = dnn_graph_new ("gather");
  DnnShape one = dnn_shape (1, (gint64) 1);
  g_autoptr (DnnTensor) table = sample_tensor (0);
  g_autoptr (DnnTensor) index = dnn_tensor_new (DNN_TYPE_INT64, &one);
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  g_autoptr (DnnModule) module = NULL;
  g_autoptr (GError) error = NULL;
  DnnNode *node = dnn_graph_add_node (graph, "g", "Gather");
  DnnPipelineModule *place;

  *(gint64 *) dnn_tensor_get_writable_data (index) = 77;
  dnn_node_add_input (node, dnn_graph_add_param (graph, "t", table));
  dnn_node_add_input (
      node, dnn_graph_add_input (graph, "x", DNN_TYPE_INT64, &one));
  dnn_graph_add_output (graph, "y", dnn_graph_add_result (graph, node, "y"));
  module = dnn_module_new (graph, NULL);
  place = dnn_pipeline_config_get_module (config, module);
  sample_connect (dnn_pipeline_config_get_input (config, "x"),
      dnn_pipeline_module_get_input (place, "x", NULL));
  sample_connect (dnn_pipeline_module_get_output (place, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  executor = sample_executor (config);
  sample_set (executor, index);
  g_assert_true (dnn_pipeline_executor_run (executor, NULL));
  g_assert_null (dnn_pipeline_executor_wait_output (executor, -1, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "77"));
  check_dead (executor, error);
}

/* ---- stop --------------------------------------------------------------- */

static void
check_stopped (DnnPipelineExecutor *executor)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (dnn_pipeline_executor_run (executor, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "The pipeline was stopped");
  check_dead (executor, error);
}

/* Frames stand in front of the gate, behind it, and as outputs. */
static void
test_stop_in_flight (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ "identity", "samplegate", "identity", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  sample_gate_shut ();
  for (guint i = 0; i < 20; i++)
    sample_run_first (executor, (gfloat) i);
  sample_gate_step ();
  sample_gate_wait_for (2);
  dnn_pipeline_executor_stop (executor);
  sample_gate_open ();
  check_stopped (executor);
  dnn_pipeline_executor_stop (executor);
  check_stopped (executor);
}

static void
test_stop_waiters (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GError) first = NULL;
  Waiting self;

  sample_gate_shut ();
  start_waiting (&self, executor);
  sample_run_first (executor, 1);
  sample_gate_wait_for (1);
  dnn_pipeline_executor_stop (executor);
  first = end_waiting (&self);
  sample_gate_open ();
  g_assert_cmpstr (first->message, ==, "The pipeline was stopped");
  check_stopped (executor);
}

/* Dropped with all that can be on its way; nobody called stop. */
static void
test_not_stopped (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ "identity", "samplegate", "identity", NULL });
  DnnPipelineExecutor *executor = sample_executor (config);
  gpointer alive = executor;

  g_object_add_weak_pointer (G_OBJECT (executor), &alive);
  sample_gate_shut ();
  for (guint i = 0; i < 20; i++)
    sample_run_first (executor, (gfloat) i);
  sample_gate_wait_for (1);
  g_object_unref (executor);
  g_assert_null (alive);
  sample_gate_open ();
}

/* Everybody at work, then stopped by two threads. */
typedef struct
{
  DnnPipelineExecutor *executor;
  gint n_run; /* atomic */
} Working;

static gpointer
run_until_stopped (gpointer data)
{
  Working *self = data;
  g_autoptr (GError) error = NULL;

  for (;;) {
    if (dnn_pipeline_executor_run (self->executor, &error))
      g_atomic_int_inc (&self->n_run);
    else if (!g_error_matches (error, DNN_ERROR, DNN_ERROR_BUSY))
      return g_steal_pointer (&error);
    g_clear_error (&error);
    g_thread_yield ();
  }
}

static gpointer
get_until_stopped (gpointer data)
{
  Working *self = data;
  GError *error = NULL;
  GPtrArray *frame;

  while (
      (frame = dnn_pipeline_executor_wait_output (self->executor, -1, &error)))
    g_ptr_array_unref (frame);
  return error;
}

static gpointer
set_until_stopped (gpointer data)
{
  Working *self = data;
  GError *error = NULL;

  for (guint i = 0;; i++) {
    g_autoptr (DnnParams) params = sample_params ("w", (gfloat) i);
    if (!dnn_pipeline_executor_set_params (
            self->executor, "param_0", params, &error))
      return error;
  }
}

static gpointer
stop_now (gpointer data)
{
  Working *self = data;

  dnn_pipeline_executor_stop (self->executor);
  return NULL;
}

static void
test_stop_at_work (void)
{
  static const GThreadFunc work[] = { run_until_stopped, run_until_stopped,
    get_until_stopped, get_until_stopped, set_until_stopped };
  GThread *threads[G_N_ELEMENTS (work)];

  for (guint round = 0; round < 10; round++) {
    g_autoptr (DnnPipelineConfig) config = sample_config ();
    g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
    Working self = { executor, 0 };
    GThread *stopper;

    sample_run (executor, 1, 2);
    for (guint i = 0; i < G_N_ELEMENTS (work); i++)
      threads[i] = g_thread_new ("work", work[i], &self);
    while (g_atomic_int_get (&self.n_run) < (gint) (20 * round))
      g_thread_yield ();
    stopper = g_thread_new ("stop", stop_now, &self);
    dnn_pipeline_executor_stop (executor);
    g_thread_join (stopper);
    for (guint i = 0; i < G_N_ELEMENTS (work); i++) {
      g_autoptr (GError) error = g_thread_join (threads[i]);
      g_assert_error (error, DNN_ERROR, DNN_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, "The pipeline was stopped");
    }
  }
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    GTestFunc run;
  } tests[] = { { "failure/bad-data", test_bad_data },
    { "stop/in-flight", test_stop_in_flight },
    { "stop/waiters", test_stop_waiters },
    { "stop/not-stopped", test_not_stopped },
    { "stop/at-work", test_stop_at_work } };

  g_test_init (&argc, &argv, NULL);
  sample_init ();
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/executor-end/failure/", failures[i].name, NULL);
    g_test_add_data_func (path, &failures[i], test_failure);
  }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/executor-end/", tests[i].name, NULL);
    g_test_add_func (path, tests[i].run);
  }
  return g_test_run ();
}
