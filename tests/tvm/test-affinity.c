/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* CPUs of a module's threads: while it runs they are those of cpu_affinity, in
 * each thread of its team; else everything is as it was, in the application's
 * threads and in those that GStreamer uses again. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "config.h"

#include <gst/gst.h>
#include <omp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "gst-plugin/executor/gstdnnexecutor.h"
#include "kernels/dnn-init.h"
#include "pipeline-core/base/dnn-threads.h"
#include "tests/test-folder.h"
#include "tests/tvm/one-node.h"

#define N_BUFFERS 8

/* The first two CPUs of the process; equal where there is but one. */
static gint cpus[2];
static cpu_set_t at_start;

static gint
get_bits (const cpu_set_t *mask)
{
  gint bits = 0;

  for (gint cpu = 0; cpu < 24; cpu++)
    bits |= CPU_ISSET (cpu, mask) ? 1 << cpu : 0;
  return bits;
}

static void
find_cpus (void)
{
  gint n = 0;

  g_assert_cmpint (sched_getaffinity (0, sizeof at_start, &at_start), ==, 0);
  for (gint cpu = 0; cpu < 24 && n < 2; cpu++)
    if (CPU_ISSET (cpu, &at_start))
      cpus[n++] = cpu;
  if (n == 1)
    cpus[1] = cpus[0];
}

/* "@" → the first CPU, "%" → the second. (transfer full) */
static gchar *
fill_in (const gchar *text)
{
  GString *out = g_string_new (NULL);

  for (; *text; text++) {
    if (*text == '@' || *text == '%')
      g_string_append_printf (out, "%d", cpus[*text == '%']);
    else
      g_string_append_c (out, *text);
  }
  return g_string_free (out, FALSE);
}

static gint
get_expected (const gchar *affinity)
{
  if (!affinity)
    return get_bits (&at_start);
  return (strchr (affinity, '@') ? 1 << cpus[0] : 0) |
      (strchr (affinity, '%') ? 1 << cpus[1] : 0);
}

/* Every thread of the process, those of teams and pools among them. */
static void
assert_nobody_is_pinned (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (tasks))) {
    cpu_set_t mask;
    if (sched_getaffinity (atoi (name), sizeof mask, &mask) == 0)
      g_assert_true (CPU_EQUAL (&mask, &at_start));
  }
}

/* ---- in a thread of the application ------------------------------------- */

static DnnModule *
load (const gchar *function)
{
  OneNode node = { function, "float32", "4", "4", FALSE };
  g_autofree gchar *library = one_node_library ("masks.so");
  g_autoptr (GError) error = NULL;
  DnnModule *module = one_node_load (&node, library, &error);

  g_assert_no_error (error);
  return module;
}

static void
check_seen (const gfloat *seen, const gchar *affinity, gint threads)
{
  g_assert_cmpint ((gint) seen[0], ==, get_expected (affinity));
  g_assert_cmpint ((gint) seen[1], ==, get_expected (affinity));
  g_assert_cmpint ((gint) seen[2], ==, threads);
}

static void
run_pinned (DnnModule *module, const gchar *affinity, gint threads)
{
  g_autofree gchar *list = affinity ? fill_in (affinity) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DnnInstance)
      instance = dnn_instance_new (module, threads, NULL, list, &error);
  gfloat src[16] __attribute__ ((aligned (64))) = { 0 };
  gfloat dst[16] __attribute__ ((aligned (64))) = { 0 };
  DnnShape shape = dnn_shape (1, 4);

  g_assert_no_error (error);
  g_assert_true (dnn_instance_prepare (instance, &shape, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++) {
    const gpointer inputs[] = { src };
    gpointer outputs[] = { dst };
    g_assert_true (dnn_instance_run (
        instance, (gconstpointer const *) inputs, outputs, &error));
    check_seen (dst, affinity, dnn_instance_get_threads (instance));
    assert_nobody_is_pinned ();
  }
}

static gpointer
run_one_after_another (gpointer data)
{
  g_autoptr (DnnModule) module = load ("masks");
  gint threads = omp_get_max_threads ();

  run_pinned (module, NULL, 2);
  run_pinned (module, "@", 2);
  run_pinned (module, "%", 3);
  run_pinned (module, "@,%", 2);
  run_pinned (module, NULL, 3);
  run_pinned (module, "@", 1);
  /* As many as it may use. */
  run_pinned (module, "@", 0);
  run_pinned (module, " @ , % ,@", 0);
  g_assert_cmpint (omp_get_max_threads (), ==, threads);
  assert_nobody_is_pinned ();
  return NULL;
}

static void
test_threads (void)
{
  g_thread_join (g_thread_new ("other", run_one_after_another, NULL));
  run_one_after_another (NULL);
}

static void
test_default (void)
{
  g_autoptr (DnnModule) module = load ("masks");
  static const gchar *const lists[] = { "@", "@,@", "@-@", "@,%" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree gchar *list = fill_in (lists[i]);
    g_autoptr (DnnInstance)
        instance = dnn_instance_new (module, 0, NULL, list, NULL);
    g_assert_cmpint (dnn_instance_get_threads (instance), ==,
        i == 3 && cpus[0] != cpus[1] ? 2 : 1);
  }
}

/* A frame fails, or preparing does. */
static void
test_failure (void)
{
  g_autoptr (DnnModule) never = load ("refuse"), module = load ("refuse_one");
  g_autofree gchar *list = fill_in ("@");
  g_autoptr (DnnInstance)
      unprepared = dnn_instance_new (never, 2, NULL, list, NULL);
  g_autoptr (DnnInstance)
      instance = dnn_instance_new (module, 2, NULL, list, NULL);
  gfloat src[16] __attribute__ ((aligned (64))) = { 1 };
  const gpointer inputs[] = { src };
  gpointer outputs[] = { src };
  DnnShape shape = dnn_shape (1, 4), other = dnn_shape (1, 5);
  g_autoptr (GError) error = NULL;
  gint threads = omp_get_max_threads ();

  g_assert_false (dnn_instance_prepare (instance, &other, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_false (dnn_instance_prepare (unprepared, &shape, &error));
  g_assert_nonnull (strstr (error->message, "refused"));
  g_clear_error (&error);
  assert_nobody_is_pinned ();
  g_assert_true (dnn_instance_prepare (instance, &shape, &error));
  g_assert_no_error (error);
  g_assert_false (dnn_instance_run (
      instance, (gconstpointer const *) inputs, outputs, &error));
  g_assert_nonnull (strstr (error->message, "refused"));
  assert_nobody_is_pinned ();
  g_assert_cmpint (omp_get_max_threads (), ==, threads);
}

/* The process's mask is what its main thread has now, but not what a module
 * that runs in there has made of it. */
static void
test_process (void)
{
  g_autofree gchar *first = fill_in ("@"), *second = fill_in ("%");
  g_autoptr (GError) error = NULL;
  DnnThreadsState outer, inner;
  cpu_set_t one;

  if (cpus[0] == cpus[1]) {
    g_test_skip ("only one CPU");
    return;
  }
  dnn_threads_enter (&outer, 2, first);
  dnn_threads_enter (&inner, 1, second);
  g_assert_cmpint (dnn_threads_get_n_cpus (), ==, CPU_COUNT (&at_start));
  g_assert_true (dnn_threads_check_affinity (second, NULL));
  dnn_threads_leave (&inner);
  g_assert_true (dnn_threads_check_affinity (second, NULL));
  dnn_threads_leave (&outer);
  assert_nobody_is_pinned ();

  CPU_ZERO (&one);
  CPU_SET (cpus[0], &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  g_assert_cmpint (dnn_threads_get_n_cpus (), ==, 1);
  g_assert_false (dnn_threads_check_affinity (second, &error));
  sched_setaffinity (0, sizeof at_start, &at_start);
  g_assert_error (error, DNN_ERROR, DNN_ERROR_VALUE);
  g_test_message ("%s", error->message);
  g_assert_true (dnn_threads_check_affinity (second, NULL));
}

/* ---- in pipelines ------------------------------------------------------- */

#define GRAPH                                                                 \
  "{\"nodes\": [{\"op\": \"null\", \"name\": \"x\", \"inputs\": []}, "        \
  "{\"op\": \"tvm_op\", \"name\": \"n\", \"attrs\": {\"func_name\": "         \
  "\"masks\", \"num_inputs\": \"1\", \"num_outputs\": \"1\", "                \
  "\"flatten_data\": \"0\"}, \"inputs\": [[0, 0, 0]]}], \"arg_nodes\": [0], " \
  "\"heads\": [[1, 0, 0]], \"node_row_ptr\": [0, 1, 2], \"attrs\": "          \
  "{\"dltype\": [\"list_str\", [\"float32\", \"float32\"]], \"shape\": "      \
  "[\"list_shape\", [[4], [4]]], \"storage_id\": [\"list_int\", [0, 1]]}}"
#define STAGE \
  "%s{\"mod_idx\": %u, \"lib_name\": \"%s\", \"json_name\": \"json0\"}"
#define CONNECTION                                               \
  "%s{\"mod_idx\": %u, \"cpu_affinity\": \"%s\"%s, \"output\": " \
  "[{\"output_idx\": 0, \"dependencies\": [%s]}]}"

/* A chain of stages, one for each of @affinities, in one file. */
static void
write_config (
    const gchar *folder, const gchar *const *affinities, const gchar *more)
{
  g_autoptr (GString) load = g_string_new ("[");
  g_autoptr (GString) bind = g_string_new ("[");
  g_autofree gchar *library = one_node_library ("masks.so");
  g_autofree gchar *json = g_build_filename (folder, "json0", NULL);
  g_autofree gchar *config = g_build_filename (folder, "config", NULL);
  g_autofree gchar *text = NULL;

  for (guint i = 0; affinities[i]; i++) {
    g_autofree gchar *list = fill_in (affinities[i]);
    g_autofree gchar *next = affinities[i + 1]
        ? g_strdup_printf ("{\"mod_idx\": %u, \"input_name\": \"x\"}", i + 1)
        : g_strdup ("{\"global_output_index\": 0}");
    g_string_append_printf (load, STAGE, i ? ", " : "", i, library);
    g_string_append_printf (
        bind, CONNECTION, i ? ", " : "", i, list, more, next);
  }
  text = g_strdup_printf ("{\"load_config\": %s], \"pipeline_config\": "
                          "{\"module_connection\": %s]}}",
      load->str, bind->str);
  g_assert_true (g_file_set_contents (json, GRAPH, -1, NULL));
  g_assert_true (g_file_set_contents (config, text, -1, NULL));
}

/* What the buffers of one pad say. */
typedef struct
{
  const gchar *affinity;
  gint threads;
  gint n_buffers;
} Probe;

/* In the streaming thread, between two modules. */
static GstPadProbeReturn
look_at_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Probe *self = data;
  GstBuffer *buffer = gst_pad_probe_info_get_buffer (info);
  cpu_set_t mask;
  gfloat seen[4];

  g_assert_cmpuint (
      gst_buffer_extract (buffer, 0, seen, sizeof seen), ==, sizeof seen);
  check_seen (seen, self->affinity, self->threads);
  g_assert_cmpint (sched_getaffinity (0, sizeof mask, &mask), ==, 0);
  g_assert_true (CPU_EQUAL (&mask, &at_start));
  self->n_buffers++;
  return GST_PAD_PROBE_OK;
}

static void
watch (GstElement *pipeline, const gchar *name, Probe *probe)
{
  g_autoptr (GstElement)
      element = gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER, look_at_buffer, probe, NULL);
}

static void
play (GstElement *pipeline, GstState state)
{
  g_assert_cmpint (
      gst_element_set_state (pipeline, state), !=, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint (
      gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE), ==,
      GST_STATE_CHANGE_SUCCESS);
}

static void
wait_for_end (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
}

#define SOURCE                                                     \
  "fakesrc num-buffers=8 sizetype=fixed sizemax=16 filltype=zero " \
  "format=time ! other/tensors,format=static,num_tensors=1,"       \
  "dimensions=(string)4,types=(string)float32,framerate=(fraction)0/1 ! "

/* Two modules share a streaming thread, a third has its own; the pool's threads
 * run other modules in the next round. */
static void
test_pipeline (void)
{
  g_autofree gchar *folder = test_folder_make ();
  g_autofree gchar *first = fill_in ("@"), *second = fill_in ("%");
  g_autofree gchar *line = g_strdup_printf (SOURCE
      "dnnmodule name=a model=%s cpu-affinity=%s threads=2 ! "
      "dnnmodule name=b model=%s cpu-affinity=%s threads=2 ! queue ! "
      "dnnmodule name=c model=%s threads=2 ! fakesink",
      folder, first, folder, second, folder);
  static const gchar *const one[] = { "", NULL };
  Probe probes[] = { { "@", 2, 0 }, { "%", 2, 0 }, { NULL, 2, 0 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  gint threads = omp_get_max_threads ();

  write_config (folder, one, "");
  pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  watch (pipeline, "a", &probes[0]);
  watch (pipeline, "b", &probes[1]);
  watch (pipeline, "c", &probes[2]);
  for (guint round = 0; round < 3; round++) {
    play (pipeline, GST_STATE_PAUSED);
    play (pipeline, GST_STATE_READY);
    assert_nobody_is_pinned ();
    play (pipeline, GST_STATE_PLAYING);
    wait_for_end (pipeline);
    play (pipeline, GST_STATE_PAUSED);
    assert_nobody_is_pinned ();
    play (pipeline, round == 1 ? GST_STATE_READY : GST_STATE_NULL);
    assert_nobody_is_pinned ();
    g_assert_cmpint (omp_get_max_threads (), ==, threads);
  }
  play (pipeline, GST_STATE_NULL);
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    g_assert_cmpint (probes[i].n_buffers, >=, 3 * N_BUFFERS);
  test_folder_remove (folder);
}

/* Sum of the teams in a dnnbin, each of them in *@teams. */
static gint
sum_threads (GstElement *bin, GArray *teams)
{
  g_autoptr (GstIterator)
      elements = gst_bin_iterate_all_by_element_factory_name (
          GST_BIN (bin), "dnnmodule");
  g_auto (GValue) item = G_VALUE_INIT;
  gint sum = 0;

  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK) {
    gint threads;
    g_object_get (g_value_get_object (&item), "threads", &threads, NULL);
    g_array_append_val (teams, threads);
    sum += threads;
    g_value_reset (&item);
  }
  return sum;
}

typedef struct
{
  const gchar *name;
  const gchar *affinities[4];
  const gchar *more;
  gint sum; /* 0: CPUs of the process */
} BinRow;

static const BinRow bins[] = {
  { "none", { "", "" }, "", 0 },
  { "one-each", { "@", "%" }, "", 2 },
  { "twice-the-same", { "@,@", "@-@" }, "", 2 },
  { "three-stages", { "@", "%", "@,%" }, ", \"threads\": 2", 6 },
};

static void
test_bin (gconstpointer data)
{
  const BinRow *row = data;
  g_autofree gchar *folder = test_folder_make ();
  g_autofree gchar *line = g_strdup_printf (
      SOURCE "dnnbin name=bin config=%s ! fakesink", folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL, bin = NULL;
  g_autoptr (GArray) teams = g_array_new (FALSE, FALSE, sizeof (gint));
  guint n = g_strv_length ((gchar **) row->affinities);
  gint sum = row->sum ? row->sum : MAX (CPU_COUNT (&at_start), (gint) n);
  Probe probe = { row->affinities[n - 1][0] ? row->affinities[n - 1] : NULL };

  write_config (folder, row->affinities, row->more);
  pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  bin = gst_bin_get_by_name (GST_BIN (pipeline), "bin");
  play (pipeline, GST_STATE_READY);
  g_assert_cmpint (sum_threads (bin, teams), ==, sum);
  g_assert_cmpuint (teams->len, ==, n);
  /* All stages are alike or the last row: any of them tells the last's. */
  probe.threads = g_array_index (teams, gint, 0);
  if (row->sum)
    watch (pipeline, "bin", &probe);
  play (pipeline, GST_STATE_PLAYING);
  wait_for_end (pipeline);
  play (pipeline, GST_STATE_NULL);
  g_assert_cmpint (probe.n_buffers, ==, row->sum ? N_BUFFERS : 0);
  assert_nobody_is_pinned ();
  test_folder_remove (folder);
}

static void
test_executor (void)
{
  g_autofree gchar *folder = test_folder_make ();
  static const gchar *const stages[] = { "@", "%", "@,%", NULL };
  g_autoptr (GError) error = NULL;
  DnnPipelineExecutor *executor;
  DnnShape shape = dnn_shape (1, 4);
  gint threads = omp_get_max_threads ();

  write_config (folder, stages, ", \"threads\": 2");
  executor = dnn_pipeline_executor_load_library (folder, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 4; i++) {
    g_autoptr (DnnTensor) tensor = dnn_tensor_new (DNN_TYPE_FLOAT32, &shape);
    g_autoptr (GPtrArray) outputs = NULL;
    const gfloat *seen;
    g_assert_true (
        dnn_pipeline_executor_set_input (executor, "x", tensor, &error));
    g_assert_true (dnn_pipeline_executor_run (executor, &error));
    outputs = dnn_pipeline_executor_wait_output (executor, 60000, &error);
    g_assert_no_error (error);
    seen = dnn_tensor_get_data (outputs->pdata[0]);
    check_seen (seen, "@,%", 2);
    g_assert_cmpfloat (seen[3], ==, 3);
  }
  dnn_pipeline_executor_stop (executor);
  assert_nobody_is_pinned ();
  g_object_unref (executor);
  assert_nobody_is_pinned ();
  g_assert_cmpint (omp_get_max_threads (), ==, threads);
  test_folder_remove (folder);
}

/* One ERROR that names stage, CPU and mask; nobody is pinned. */
static void
check_refused (const gchar *affinity, const gchar *more, const gchar *text)
{
  g_autofree gchar *folder = test_folder_make ();
  const gchar *const stages[] = { "@", affinity, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) bin = gst_element_factory_make ("dnnbin", NULL);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;

  write_config (folder, stages, more);
  gst_element_set_bus (bin, bus);
  g_object_set (gst_object_ref_sink (bin), "config", folder, NULL);
  g_assert_cmpint (gst_element_set_state (bin, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_test_message ("%s", error->message);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_false (gst_bus_have_pending (bus) &&
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) != NULL);
  assert_nobody_is_pinned ();
  gst_element_set_bus (bin, NULL);
  gst_element_set_state (bin, GST_STATE_NULL);
  test_folder_remove (folder);
}

static void
test_refused (void)
{
  check_refused (
      "1023", "", "module 1: cpu_affinity \"1023\": CPU 1023 is none");
  check_refused (
      "0-5000", "", "module 1: cpu_affinity \"0-5000\": CPU 5000 is none");
  check_refused ("98765432109876543210", "",
      "CPU 1000000 or above is none that this process may use");
  check_refused (
      "@", ", \"threads\": 1025", "1025 is out of range (1 to 1024)");
  check_refused ("@;", "", "module_connection[1].cpu_affinity: \"");
}

/* A process that may use one CPU only. */
static void
test_one_cpu (void)
{
  if (g_test_subprocess ()) {
    g_autofree gchar *text = g_strdup_printf ("module 1: cpu_affinity \"%d\": "
                                              "CPU %d is none that this "
                                              "process may use (%d)",
        cpus[1], cpus[1], cpus[0]);
    cpu_set_t one;

    if (cpus[0] == cpus[1])
      return;
    CPU_ZERO (&one);
    CPU_SET (cpus[0], &one);
    g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
    at_start = one;
    check_refused ("%", "", text);
    test_bin (&bins[0]);
    return;
  }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  find_cpus ();
  dnn_init ();
  gst_init (NULL, NULL);
#define ADD(name, function) g_test_add_func ("/tvm/affinity/" name, function)
  ADD ("one-cpu", test_one_cpu);
  ADD ("threads", test_threads);
  ADD ("default", test_default);
  ADD ("failure", test_failure);
  ADD ("process", test_process);
  ADD ("pipeline", test_pipeline);
  for (guint i = 0; i < G_N_ELEMENTS (bins); i++) {
    g_autofree gchar *name = g_strconcat (
        "/tvm/affinity/bin/", bins[i].name, NULL);
    g_test_add_data_func (name, &bins[i], test_bin);
  }
  ADD ("executor", test_executor);
  ADD ("refused", test_refused);
  return g_test_run ();
}
