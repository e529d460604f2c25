/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What becomes of frames in an executor: one answer each, in order, also where
 * a stage drops, delays or doubles them, and who gets it. */
#include "config.h"

#include <sys/resource.h>

#include "tests/elements/executor/executor-sample.h"

#define NEGATED(x) (-(gfloat) (x))

/* ---- frames that are dropped -------------------------------------------- */

static void
check_dropped (DnnPipelineExecutor *executor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      frame = dnn_pipeline_executor_wait_output (executor, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (frame->len, ==, 0);
}

/* Alone in the pipeline, with no later frame to tell. */
static void
test_dropped (gconstpointer text)
{
  g_autoptr (DnnPipelineConfig) config = sample_element (text);
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  g_object_set (executor, "max-in-flight", 1, NULL);
  for (guint i = 0; i < 3; i++) {
    sample_run_first (executor, SAMPLE_DROPPED);
    check_dropped (executor);
    g_assert_cmpuint (
        dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
  }
}

static void
test_dropped_in_between (void)
{
  static const gfloat frames[] = { 1, SAMPLE_DROPPED, SAMPLE_DROPPED, 4,
    SAMPLE_DROPPED, 6 };
  g_autoptr (DnnPipelineConfig)
      config = sample_elements ((const gchar *const[]){
          "samplestrip", "sampledrop", "samplenegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    sample_run_first (executor, frames[i]);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    if (frames[i] == SAMPLE_DROPPED)
      check_dropped (executor);
    else
      sample_check_first (executor, NEGATED (frames[i]));
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
}

/* x → drop → a, x → b of one module: the whole frame is dropped. */
static void
test_dropped_in_branch (void)
{
  g_autoptr (DnnPipelineConfig) config = dnn_pipeline_config_new ();
  g_autoptr (DnnModule) module = sample_module (1, 100, "a", "b");
  g_autoptr (DnnPipelineExecutor) executor = NULL;
  DnnPipelineInterface *x = dnn_pipeline_config_get_input (config, "x");
  DnnPipelineModule *join = dnn_pipeline_config_get_module (config, module);
  DnnPipelineModule *drop = dnn_pipeline_config_append_element (
      config, "sampledrop");

  sample_connect (x, dnn_pipeline_module_get_input (drop, "0", NULL));
  sample_connect (dnn_pipeline_module_get_output (drop, 0, NULL),
      dnn_pipeline_module_get_input (join, "a", NULL));
  sample_connect (x, dnn_pipeline_module_get_input (join, "b", NULL));
  sample_connect (dnn_pipeline_module_get_output (join, 0, NULL),
      dnn_pipeline_config_get_output (config, 0));
  executor = sample_executor (config);
  g_object_set (executor, "max-in-flight", 1, NULL);
  for (guint i = 0; i < 3; i++) {
    sample_run_first (executor, SAMPLE_DROPPED);
    check_dropped (executor);
    sample_run_first (executor, (gfloat) i);
    sample_check_first (executor, (gfloat) (2 * i + 100));
  }
}

/* Held by the element until the next one comes: late, but not dropped. */
static void
test_delayed (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ "sampledelay", "samplenegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  for (guint i = 0; i < 10; i++)
    sample_run_first (executor, (gfloat) i);
  for (guint i = 0; i < 9; i++)
    sample_check_first (executor, NEGATED (i));
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 1);
}

/* Of a frame that is late, nothing is left in the element: the first one counts
 * as dropped, until it comes. The others have their own answers. */
static void
test_late (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ "samplelate", "samplenegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  for (guint i = 0; i < 10; i++)
    sample_run_first (executor, (gfloat) i);
  check_dropped (executor);
  for (guint i = 1; i < 9; i++)
    sample_check_first (executor, NEGATED (i));
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 1);
}

/* One answer a frame. */
static void
test_doubled (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ "sampletwice", "samplenegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  for (guint i = 0; i < 10; i++)
    sample_run_first (executor, (gfloat) i);
  for (guint i = 0; i < 10; i++)
    sample_check_first (executor, NEGATED (i));
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
}

/* Elements that don't know metadata or write their own, and some with a thread
 * of their own. */
static void
test_foreign (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ "samplestrip", "queue", "sampledrop",
          "queue leaky=no", "samplerename", "samplenegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  g_object_set (executor, "max-in-flight", 300, NULL);
  for (guint i = 0; i < 300; i++)
    sample_run_first (executor, i % 3 ? (gfloat) i : SAMPLE_DROPPED);
  for (guint i = 0; i < 300; i++)
    if (i % 3)
      sample_check_first (executor, NEGATED (i));
    else
      check_dropped (executor);
}

/* A queue that overflows: each frame has its answer, the same or none. */
static void
test_leaky (gconstpointer text)
{
  g_autoptr (DnnPipelineConfig) config = sample_elements (
      (const gchar *const[]){ text, "samplegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  guint n_dropped = 0;

  g_object_set (executor, "max-in-flight", 50, NULL);
  sample_gate_shut ();
  for (guint i = 0; i < 50; i++)
    sample_run_first (executor, (gfloat) i);
  sample_gate_wait_for (1);
  sample_gate_open ();
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GPtrArray)
        frame = dnn_pipeline_executor_wait_output (executor, -1, NULL);
    if (frame->len > 0)
      g_assert_cmpfloat (sample_get_first (frame), ==, (gfloat) i);
    else
      n_dropped++;
  }
  g_test_message ("%u dropped", n_dropped);
  g_assert_cmpuint (n_dropped, <, 50);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
}

/* ---- those who wait ----------------------------------------------------- */

static void
ask (DnnPipelineExecutor *executor, GCancellable *cancellable,
    SampleAnswers *answers)
{
  dnn_pipeline_executor_get_output_async (
      executor, cancellable, sample_answers_note, answers);
}

static void
check_answer (DnnPipelineExecutor *executor, SampleAnswers *answers, guint idx,
    gfloat first)
{
  g_autoptr (GPtrArray) frame = sample_answers_finish (answers, executor, idx);

  g_assert_cmpfloat (sample_get_first (frame), ==, first);
}

/* A thread that asks three times, in a context of its own. */
typedef struct
{
  DnnPipelineExecutor *executor;
  gfloat first; /* of the answers, which are three in a row */
  GMutex lock;
  GCond changed;
  gboolean has_asked;
} Asker;

static gpointer
ask_in_context (gpointer data)
{
  Asker *asker = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  SampleAnswers answers;

  g_main_context_push_thread_default (context);
  sample_answers_init (&answers, 3);
  for (guint i = 0; i < 3; i++)
    ask (asker->executor, NULL, &answers);
  g_mutex_lock (&asker->lock);
  asker->has_asked = TRUE;
  g_cond_signal (&asker->changed);
  g_mutex_unlock (&asker->lock);
  sample_answers_wait (&answers);
  for (guint i = 0; i < 3; i++)
    check_answer (asker->executor, &answers, i, asker->first + NEGATED (i));
  sample_answers_clear (&answers);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* Threads ask one after the other, and get frames in that order. */
static void
test_contexts (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplenegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  Asker askers[4] = { 0 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (askers); i++) {
    Asker *asker = &askers[i];
    asker->executor = executor;
    asker->first = NEGATED (3 * i);
    g_mutex_lock (&asker->lock);
    threads[i] = g_thread_new ("asker", ask_in_context, asker);
    while (!asker->has_asked)
      g_cond_wait (&asker->changed, &asker->lock);
    g_mutex_unlock (&asker->lock);
  }
  for (guint i = 0; i < 3 * G_N_ELEMENTS (askers); i++)
    sample_run_first (executor, (gfloat) i);
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    g_thread_join (threads[i]);
}

/* One that blocks stands behind a task that asked before. */
static gpointer
block (gpointer executor)
{
  return dnn_pipeline_executor_wait_output (executor, -1, NULL);
}

static void
test_one_line (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplenegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GPtrArray) frame = NULL, empty = NULL;
  SampleAnswers answers;
  GThread *thread;

  sample_answers_init (&answers, 1);
  ask (executor, NULL, &answers);
  thread = g_thread_new ("blocked", block, executor);
  sample_run_first (executor, 1);
  sample_run_first (executor, 2);
  frame = g_thread_join (thread);
  g_assert_cmpfloat (sample_get_first (frame), ==, -2);
  sample_answers_wait (&answers);
  check_answer (executor, &answers, 0, -1);
  empty = dnn_pipeline_executor_get_output (executor, NULL);
  g_assert_cmpuint (empty->len, ==, 0);
  sample_answers_clear (&answers);
}

/* Those whose time is over leave the line. */
static void
test_timeout (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);

  sample_gate_shut ();
  sample_run_first (executor, 5);
  for (gint timeout = 0; timeout < 3; timeout++) {
    g_autoptr (GPtrArray)
        frame = dnn_pipeline_executor_wait_output (executor, timeout, NULL);
    g_assert_cmpuint (frame->len, ==, 0);
  }
  sample_gate_open ();
  sample_check_first (executor, 5);
}

/* A frame is there, but who asks has cancelled already: it stays. */
static void
test_cancelled_before (void)
{
  g_autoptr (DnnPipelineConfig)
      config = sample_elements ((const gchar *const[]){ "samplegate", NULL });
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  SampleAnswers answers;

  sample_run_first (executor, 1);
  sample_run_first (executor, 2);
  sample_check_first (executor, 1);
  g_cancellable_cancel (cancellable);
  sample_answers_init (&answers, 1);
  ask (executor, cancellable, &answers);
  sample_answers_wait (&answers);
  g_assert_null (dnn_pipeline_executor_get_output_finish (
      executor, answers.answers->pdata[0], &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  sample_answers_clear (&answers);
  sample_check_first (executor, 2);
}

/* Tasks are cancelled by another thread while frames come: no frame is lost,
 * none comes twice, and each task has one answer. */
typedef struct
{
  GCancellable *cancellables[200];
} Cancelling;

static gpointer
cancel_many (gpointer data)
{
  Cancelling *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (self->cancellables); i += 2) {
    g_cancellable_cancel (self->cancellables[i]);
    g_thread_yield ();
  }
  return NULL;
}

static void
test_cancel_race (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_element ("samplegate");
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  const guint n = G_N_ELEMENTS (((Cancelling *) NULL)->cancellables);
  Cancelling self;
  SampleAnswers answers;
  gfloat next = 0;
  GThread *thread;

  g_object_set (executor, "max-in-flight", n, NULL);
  sample_answers_init (&answers, n);
  for (guint i = 0; i < n; i++) {
    self.cancellables[i] = g_cancellable_new ();
    ask (executor, self.cancellables[i], &answers);
  }
  thread = g_thread_new ("cancel", cancel_many, &self);
  for (guint i = 0; i < n; i++)
    sample_run_first (executor, (gfloat) i);
  sample_answers_wait (&answers);
  g_thread_join (thread);
  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) frame = dnn_pipeline_executor_get_output_finish (
        executor, answers.answers->pdata[i], &error);
    if (frame)
      g_assert_cmpfloat (sample_get_first (frame), ==, next++);
    else
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
  g_assert_cmpfloat (next, >=, n / 2);
  while (next < n)
    sample_check_first (executor, next++);
  g_assert_cmpuint (dnn_pipeline_executor_get_num_in_flight (executor), ==, 0);
  sample_answers_clear (&answers);
  for (guint i = 0; i < n; i++)
    g_object_unref (self.cancellables[i]);
}

/* Whoever waits sleeps. */
static gint64
get_cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (gint64) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
      G_USEC_PER_SEC +
      usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void
test_sleeps (void)
{
  g_autoptr (DnnPipelineConfig) config = sample_config ();
  g_autoptr (DnnPipelineExecutor) executor = sample_executor (config);
  const gfloat none[3] = { 0 };
  g_autoptr (GPtrArray) empty = NULL;
  SampleAnswers answers;
  gint64 time;

  sample_run (executor, 1, 2);
  sample_check_output (executor, 1, 2, none);
  sample_answers_init (&answers, 1);
  ask (executor, NULL, &answers);
  time = get_cpu_time ();
  empty = dnn_pipeline_executor_wait_output (executor, 400, NULL);
  time = get_cpu_time () - time;
  g_assert_cmpint (time, <, 100 * 1000);
  sample_run (executor, 3, 4);
  sample_answers_wait (&answers);
  sample_answers_clear (&answers);
}

gint
main (gint argc, gchar **argv)
{
  static const struct
  {
    const gchar *name;
    GTestFunc run;
  } tests[] = { { "dropped/in-between", test_dropped_in_between },
    { "dropped/in-a-branch", test_dropped_in_branch },
    { "delayed", test_delayed }, { "late", test_late },
    { "doubled", test_doubled }, { "foreign", test_foreign },
    { "contexts", test_contexts }, { "one-line", test_one_line },
    { "timeout", test_timeout }, { "cancelled-before", test_cancelled_before },
    { "cancel-race", test_cancel_race }, { "sleeps", test_sleeps } };

  g_test_init (&argc, &argv, NULL);
  sample_init ();
  g_test_add_data_func (
      "/elements/executor-frames/dropped/element", "sampledrop", test_dropped);
  g_test_add_data_func ("/elements/executor-frames/dropped/by-leak-of-oldest",
      "queue leaky=downstream max-size-buffers=2", test_leaky);
  g_test_add_data_func ("/elements/executor-frames/dropped/by-leak-of-newest",
      "queue leaky=upstream max-size-buffers=2", test_leaky);
  g_test_add_data_func ("/elements/executor-frames/dropped/identity",
      "identity drop-probability=1", test_dropped);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree gchar *path = g_strconcat (
        "/elements/executor-frames/", tests[i].name, NULL);
    g_test_add_func (path, tests[i].run);
  }
  return g_test_run ();
}
