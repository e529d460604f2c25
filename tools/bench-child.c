/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Figures that need a process of their own: oneDNN's verbose times, peak
 * memory; frames on demand for benchmarks/run. The child prints, the parent
 * reads. */
#include "config.h"

#include "tools/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FRAME_MARK "gst-dnn-frame"
#define MEMORY_MARK "gst-dnn-peak-kb "
#define WARM_UP 3

static glong
get_peak_kb (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/* One line in, the number of frames; one line out, what each took and the peak
 * of memory so far. */
static gboolean
answer (BenchFrames *frames, const gchar *line, GError **error)
{
  gint n = atoi (line);

  printf ("{\"ms\": [");
  for (gint i = 0; i < n; i++) {
    gint64 start = g_get_monotonic_time ();
    if (!bench_frames_run (frames, NULL, error))
      return FALSE;
    printf ("%s%.4f", i ? ", " : "", (g_get_monotonic_time () - start) / 1e3);
  }
  printf ("], \"peak-mb\": %.1f}\n", get_peak_kb () * 1024 / 1e6);
  fflush (stdout);
  return TRUE;
}

/* The protocol of benchmarks/contender.py. */
static gint
serve (const BenchOptions *options)
{
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (DnnSerial) serial = NULL;
  g_auto (BenchFrames) frames = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  gchar line[32];

  serial = bench_load (options, &config, &error);
  if (serial && bench_frames_init (&frames, serial, options, &error) &&
      bench_frames_run (&frames, NULL, &error)) {
    printf ("{\"version\": \"%s\", \"load-ms\": %.1f}\n", VERSION,
        (g_get_monotonic_time () - start) / 1e3);
    fflush (stdout);
    while (!error && fgets (line, sizeof line, stdin))
      answer (&frames, line, &error);
  }
  if (!error)
    return EXIT_SUCCESS;
  g_printerr ("%s\n", error->message);
  return EXIT_FAILURE;
}

/* Frames with a mark behind each, then the peak of memory. */
static gint
run_frames (const BenchOptions *options, gint n)
{
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autoptr (DnnSerial) serial = NULL;
  g_auto (BenchFrames) frames = { 0 };
  g_autoptr (GError) error = NULL;

  serial = bench_load (options, &config, &error);
  if (!serial || !bench_frames_init (&frames, serial, options, &error)) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  for (gint i = 0; i < WARM_UP + n; i++) {
    if (!bench_frames_run (&frames, NULL, &error)) {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
    puts (FRAME_MARK);
  }
  printf (MEMORY_MARK "%ld\n", get_peak_kb ());
  return EXIT_SUCCESS;
}

gint
bench_child_main (const BenchOptions *options, const gchar *mode)
{
  if (strcmp (mode, "serve") == 0)
    return serve (options);
  return run_frames (
      options, strcmp (mode, "memory") == 0 ? 2 : options->frames);
}

/* Runs ourselves with the same options; (transfer full): its output. */
static gchar *
spawn_child (const BenchOptions *options, const gchar *mode, gboolean verbose,
    GError **error)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) env = g_get_environ ();
  g_autofree gchar *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree gchar *output = NULL;
  g_autofree gchar *complaint = NULL;
  gint status = 0;

  g_ptr_array_add (args, g_steal_pointer (&self));
  g_ptr_array_add (args, g_strdup ("bench"));
  g_ptr_array_add (args, g_strdup_printf ("--child=%s", mode));
  g_ptr_array_add (args, g_strdup_printf ("--threads=%d", options->threads));
  dnn_target_args_repeat (options->target_args, args);
  g_ptr_array_add (args, g_strdup_printf ("--frames=%d", options->frames));
  for (guint i = 0; options->cuts && options->cuts[i]; i++)
    g_ptr_array_add (args, g_strdup_printf ("--cut=%s", options->cuts[i]));
  for (guint i = 0; options->shapes && options->shapes[i]; i++)
    g_ptr_array_add (args, g_strdup_printf ("--shape=%s", options->shapes[i]));
  g_ptr_array_add (args, g_strdup (options->path));
  g_ptr_array_add (args, NULL);
  if (verbose)
    env = g_environ_setenv (env, "DNNL_VERBOSE", "1", TRUE);
  if (!g_spawn_sync (NULL, (gchar **) args->pdata, env, G_SPAWN_DEFAULT, NULL,
          NULL, &output, &complaint, &status, error))
    return NULL;
  if (!g_spawn_check_wait_status (status, NULL)) {
    g_set_error (
        error, DNN_ERROR, DNN_ERROR_FAILED, "%s", g_strchomp (complaint));
    return NULL;
  }
  return g_steal_pointer (&output);
}

/* oneDNN prints "onednn_verbose,…,exec,…,MS" for each primitive. */
static gboolean
parse_exec_line (const gchar *line, gdouble *ms)
{
  const gchar *last = strrchr (line, ',');

  if (!strstr (line, "_verbose,") || !strstr (line, ",exec,") || !last)
    return FALSE;
  *ms = g_ascii_strtod (last + 1, NULL);
  return TRUE;
}

gboolean
bench_child_primitives (
    const BenchOptions *options, gdouble *ms, GError **error)
{
  g_autofree gchar *output = spawn_child (options, "primitives", TRUE, error);
  g_auto (GStrv) lines = NULL;
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (gdouble));
  gdouble sum = 0, one;
  gint n_frames = 0;

  if (!output)
    return FALSE;
  lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    if (parse_exec_line (lines[i], &one)) {
      sum += one;
    } else if (strcmp (lines[i], FRAME_MARK) == 0) {
      if (n_frames++ >= WARM_UP)
        g_array_append_val (sums, sum);
      sum = 0;
    }
  }
  *ms = bench_median (sums);
  return TRUE;
}

gboolean
bench_child_memory (const BenchOptions *options, gdouble *mb, GError **error)
{
  g_autofree gchar *output = spawn_child (options, "memory", FALSE, error);
  const gchar *found = output ? strstr (output, MEMORY_MARK) : NULL;

  if (!output)
    return FALSE;
  *mb = found
      ? g_ascii_strtoll (found + strlen (MEMORY_MARK), NULL, 10) * 1024 / 1e6
      : 0;
  return TRUE;
}
