/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model → times, memory, frames per second. */
#include "config.h"

#include "tools/command.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline-core/store/dnn-store.h"
#include "tools/bench.h"

#define DEFAULT_FRAMES 30
#define DEFAULT_ROUNDS 3

static gsize
measure_weights (DnnModule *module)
{
  DnnGraph *graph = dnn_module_get_graph (module);
  gsize size = 0;

  for (guint i = 0; i < graph->values->len; i++) {
    const DnnValue *value = graph->values->pdata[i];
    if (value->tensor)
      size += dnn_tensor_get_size (value->tensor);
  }
  return size;
}

static void
measure_sizes (DnnSerial *serial, BenchResult *result)
{
  for (guint i = 0; i < dnn_serial_get_n_instances (serial); i++) {
    DnnInstance *instance = dnn_serial_get_instance (serial, i);
    result->weights_mb += measure_weights (dnn_instance_get_module (instance)) /
        1e6;
    result->packed_mb += dnn_plan_get_packed_size (
                             dnn_instance_get_plan (instance)) /
        1e6;
    result->arena_mb += dnn_instance_get_arena_size (instance) / 1e6;
    result->n_plans += dnn_instance_get_n_plans (instance);
  }
  result->store_mb = (gdouble) dnn_store_get_size () / 1e6;
}

static gboolean
time_frames (BenchFrames *frames, gint n, GArray *times, GError **error)
{
  for (gint i = 0; i < n; i++) {
    gint64 start = g_get_monotonic_time ();
    gdouble ms;
    if (!bench_frames_run (frames, NULL, error))
      return FALSE;
    ms = (g_get_monotonic_time () - start) / 1e3;
    g_array_append_val (times, ms);
  }
  return TRUE;
}

/* The sum of each step's median over some frames of a one-module pipeline. */
static gboolean
time_steps (BenchFrames *frames, gint n, gdouble *sum_ms, GError **error)
{
  DnnInstance *instance = dnn_serial_get_instance (frames->serial, 0);
  guint n_steps = dnn_plan_get_n_steps (dnn_instance_get_plan (instance));
  g_autofree guint64 *ns = g_new0 (guint64, MAX (n_steps, 1));
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (gdouble));

  for (gint i = 0; i < n; i++) {
    gdouble sum = 0;
    if (!bench_frames_run_steps (frames, instance, ns, error))
      return FALSE;
    for (guint k = 0; k < n_steps; k++)
      sum += ns[k] / 1e6;
    g_array_append_val (sums, sum);
  }
  *sum_ms = bench_median (sums);
  return TRUE;
}

/* What dnnbin can load: the given path, or for an ONNX file a compiled copy in
 * a temporary folder. */
static gchar *
find_config (DnnPipelineConfig *config, const BenchOptions *options,
    gchar **made, GError **error)
{
  g_autofree gchar *dir = NULL;

  if (!options->cuts && g_file_test (options->path, G_FILE_TEST_IS_DIR))
    return g_strdup (options->path);
  dir = g_dir_make_tmp ("gst-dnn-bench-XXXXXX", error);
  if (!dir)
    return NULL;
  *made = g_strdup (dir);
  return dnn_pipeline_config_export (config, dir, error);
}

static void
remove_made (const gchar *dir)
{
  g_autoptr (GDir) open = dir ? g_dir_open (dir, 0, NULL) : NULL;
  const gchar *name;

  while (open && (name = g_dir_read_name (open))) {
    g_autofree gchar *path = g_build_filename (dir, name, NULL);
    g_remove (path);
  }
  if (open)
    g_rmdir (dir);
}

/* The median of each stage. */
static gboolean
time_stages (BenchFrames *frames, gint n, BenchResult *result, GError **error)
{
  g_autofree guint64 *ns = g_new0 (guint64, result->n_stages);
  g_autofree gdouble *all = g_new0 (gdouble, result->n_stages * n);

  for (gint i = 0; i < n; i++) {
    if (!bench_frames_run (frames, ns, error))
      return FALSE;
    for (guint k = 0; k < result->n_stages; k++)
      all[k * n + i] = ns[k] / 1e6;
  }
  result->stage_ms = g_new0 (gdouble, result->n_stages);
  for (guint k = 0; k < result->n_stages; k++) {
    g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gdouble));
    g_array_append_vals (times, all + k * n, n);
    result->stage_ms[k] = bench_median (times);
  }
  return TRUE;
}

static gboolean
measure_pipeline (DnnPipelineConfig *config, BenchFrames *frames,
    const BenchOptions *options, BenchResult *result, GError **error)
{
  g_autoptr (GArray) serial = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_autoptr (GArray) fps = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_autofree gchar *made = NULL;
  g_autofree gchar *path = find_config (config, options, &made, error);
  gboolean good = path && time_stages (frames, options->frames, result, error);

  for (gint i = 0; good && i < options->rounds; i++) {
    gdouble one = 0;
    good = time_frames (frames, options->frames, serial, error) &&
        bench_pipeline_fps (config, path, frames, options, &one,
            &result->elements_store_mb, error);
    g_array_append_val (fps, one);
  }
  remove_made (made);
  if (!good)
    return FALSE;
  result->serial_fps = 1e3 / bench_median (serial);
  result->pipeline_fps = bench_median (fps);
  return TRUE;
}

static gboolean
measure_one (BenchFrames *frames, const BenchOptions *options,
    BenchResult *result, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gdouble));
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (gdouble));

  for (gint i = 0; i < options->rounds; i++) {
    gdouble sum = 0;
    if (!time_frames (frames, options->frames, times, error) ||
        !bench_child_primitives (options, &sum, error))
      return FALSE;
    g_array_append_val (sums, sum);
  }
  result->frame_ms = bench_median (times);
  result->primitives_ms = bench_median (sums);
  if (result->n_stages == 1 &&
      !time_steps (frames, options->frames, &result->steps_ms, error))
    return FALSE;
  return bench_child_memory (options, &result->peak_mb, error);
}

static const gchar *
get_instances (const BenchOptions *options)
{
  return options->instances ? options->instances : "1";
}

static void
print_text (const BenchOptions *options, const BenchResult *r)
{
  g_print ("model                %s, %u stage%s, %d thread%s\n", options->path,
      r->n_stages, r->n_stages > 1 ? "s" : "", options->threads,
      options->threads > 1 ? "s" : "");
  g_print ("planning             %.0f ms, weights packed\n", r->plan_ms);
  g_print ("frame                %.3f ms (%.1f frames/s), median of %d\n",
      r->frame_ms, 1e3 / r->frame_ms, options->rounds * options->frames);
  if (r->n_stages == 1)
    g_print (
        "steps                %.3f ms, sum of their own times\n", r->steps_ms);
  g_print ("oneDNN primitives    %.3f ms, sum by DNNL_VERBOSE; frame is "
           "%.3f times that\n",
      r->primitives_ms,
      r->primitives_ms > 0 ? r->frame_ms / r->primitives_ms : 0);
  g_print ("peak memory          %.1f MB; weights %.1f + packed weights %.1f + "
           "arena %.1f + 40 = %.1f MB\n",
      r->peak_mb, r->weights_mb, r->packed_mb, r->arena_mb,
      r->weights_mb + r->packed_mb + r->arena_mb + 40);
  g_print ("store                %.1f MB of packed weights, for %u plan%s that "
           "need%s %.1f MB",
      r->store_mb, r->n_plans, r->n_plans > 1 ? "s" : "",
      r->n_plans > 1 ? "" : "s", r->packed_mb);
  if (r->elements_store_mb > 0)
    g_print (
        "; %.1f MB with the instances of the elements", r->elements_store_mb);
  g_print ("\n");
  for (guint i = 0; r->stage_ms && i < r->n_stages; i++)
    g_print ("stage %-14u %.3f ms\n", i, r->stage_ms[i]);
  if (r->pipeline_fps > 0)
    g_print ("pipelined            %.1f frames/s, %s instance%s a stage; one "
             "after the other %.1f; %.2f times that\n",
        r->pipeline_fps, get_instances (options),
        g_str_equal (get_instances (options), "1") ? "" : "s", r->serial_fps,
        r->pipeline_fps / r->serial_fps);
}

static void
add_number (JsonBuilder *builder, const gchar *key, gdouble value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

static void
print_json (const BenchOptions *options, const BenchResult *r)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, options->path);
  add_number (builder, "stages", r->n_stages);
  add_number (builder, "threads", options->threads);
  json_builder_set_member_name (builder, "instances");
  json_builder_add_string_value (builder, get_instances (options));
  add_number (builder, "plan-ms", r->plan_ms);
  add_number (builder, "frame-ms", r->frame_ms);
  add_number (builder, "steps-ms", r->steps_ms);
  add_number (builder, "primitives-ms", r->primitives_ms);
  add_number (builder, "peak-mb", r->peak_mb);
  add_number (builder, "weights-mb", r->weights_mb);
  add_number (builder, "packed-mb", r->packed_mb);
  add_number (builder, "arena-mb", r->arena_mb);
  add_number (builder, "plans", r->n_plans);
  add_number (builder, "store-mb", r->store_mb);
  add_number (builder, "elements-store-mb", r->elements_store_mb);
  json_builder_set_member_name (builder, "stage-ms");
  json_builder_begin_array (builder);
  for (guint i = 0; r->stage_ms && i < r->n_stages; i++)
    json_builder_add_double_value (builder, r->stage_ms[i]);
  json_builder_end_array (builder);
  add_number (builder, "serial-fps", r->serial_fps);
  add_number (builder, "pipeline-fps", r->pipeline_fps);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

static gint
measure (const BenchOptions *options, gboolean json)
{
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (DnnSerial) serial = NULL;
  g_auto (BenchFrames) frames = { 0 };
  BenchResult result = { 0 };
  GError *error = NULL;

  serial = bench_load (options, &config, &error);
  if (!serial || !bench_frames_init (&frames, serial, options, &error))
    return dnn_command_fail (error);
  result.n_stages = dnn_serial_get_n_instances (serial);
  result.plan_ms = frames.plan_ms;
  measure_sizes (serial, &result);
  if (!measure_one (&frames, options, &result, &error))
    return dnn_command_fail (error);
  if ((result.n_stages > 1 || options->instances) && frames.n_inputs == 1 &&
      !measure_pipeline (config, &frames, options, &result, &error))
    return dnn_command_fail (error);
  if (json)
    print_json (options, &result);
  else
    print_text (options, &result);
  g_free (result.stage_ms);
  return EXIT_SUCCESS;
}

static gint
run_bench (gint argc, gchar **argv)
{
  g_auto (GStrv) cuts = NULL;
  g_auto (GStrv) shapes = NULL;
  g_autofree gchar *child = NULL;
  g_autofree gchar *stages = NULL, *instances = NULL;
  gboolean json = FALSE;
  g_auto (DnnTargetArgs) target_args = { 0 };
  gint threads = 1, frames = DEFAULT_FRAMES, rounds = DEFAULT_ROUNDS;
  const GOptionEntry entries[] = {
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
        "OpenMP threads of one instance of a stage (1)", "N" },
    { "instances", 0, 0, G_OPTION_ARG_STRING, &instances,
        "instances of each stage that work on successive frames, or auto (1)",
        "K" },
    { "stages", 0, 0, G_OPTION_ARG_STRING, &stages, "number of stages", "N" },
    { "cut", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cuts,
        "a stage ends at this tensor; may be repeated", "TENSOR" },
    { "shape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &shapes,
        "shape of an input with open dimensions", "[NAME=]1,3,224,224" },
    { "frames", 0, 0, G_OPTION_ARG_INT, &frames, "frames a round (30)", "N" },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "rounds (3)", "N" },
    DNN_TARGET_ENTRIES (target_args),
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print one JSON object", NULL },
    { "child", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &child, NULL,
        NULL },
    { NULL },
  };
  GError *error = NULL;
  BenchOptions options = { 0 };
  gint n_instances;

  if (!dnn_command_parse (&dnn_command_bench, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  options = (BenchOptions){ argv[1], (const gchar *const *) cuts,
    (const gchar *const *) shapes, threads, frames, rounds, instances,
    &target_args };
  if (threads < 1 || frames < 1 || rounds < 1)
    g_set_error (&error, DNN_ERROR, DNN_ERROR_VALUE,
        "--threads, --frames and --rounds: expected numbers from 1");
  else if ((!instances ||
               dnn_instances_parse (instances, &n_instances, &error)) &&
      dnn_target_args_get (&target_args, threads, &options.target, &error))
    dnn_command_check_stages (stages, options.cuts, &error);
  if (error)
    return dnn_command_fail (error);
  return child ? bench_child_main (&options, child) : measure (&options, json);
}

const DnnCommand dnn_command_bench = {
  "bench",
  "DIR|MODEL.onnx",
  "measure time, memory, frames per second",
  run_bench,
};
