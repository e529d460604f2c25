/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Model → implementations chosen by measuring, into a file that other machines
 * of the kind use (tune-file). */
#include "config.h"

#include "tools/command.h"

#include <stdlib.h>

#include "tools/tensor-args.h"

/* Steps that were measured, and all. */
static void
count_steps (DnnPlan *plan, guint *n_measured, guint *n_steps)
{
  guint n = dnn_plan_get_n_steps (plan);

  for (guint i = 0; i < n; i++)
    *n_measured += dnn_plan_get_step (plan, i)->is_measured;
  *n_steps += n;
}

static gboolean
write_choices (DnnSerial *serial, const gchar *path, GError **error)
{
  guint n = dnn_serial_get_n_instances (serial);
  g_autofree DnnPlan **plans = g_new0 (DnnPlan *, MAX (n, 1));
  guint n_measured = 0, n_steps = 0;

  for (guint i = 0; i < n; i++) {
    plans[i] = dnn_instance_get_plan (dnn_serial_get_instance (serial, i));
    count_steps (plans[i], &n_measured, &n_steps);
  }
  if (!dnn_plan_write_choices (plans, n, path, error))
    return FALSE;
  g_print ("%s: %u steps, %u by measuring, %u by estimates\n", path, n_steps,
      n_measured, n_steps - n_measured);
  return TRUE;
}

static gboolean
tune (DnnPipelineConfig *config, gint threads,
    const gchar *const *shape_options, const gchar *path, GError **error)
{
  g_autoptr (DnnSerial) serial = NULL;
  g_autofree DnnShape *shapes = NULL;
  DnnTarget target;

  dnn_target_init (&target);
  target.threads = threads;
  target.tune = DNN_TUNE_ON;
  serial = dnn_serial_new_for_target (config, &target, error);
  if (!serial)
    return FALSE;
  shapes = dnn_args_get_shapes (serial, shape_options, NULL, error);
  return shapes && dnn_serial_prepare (serial, shapes, error) &&
      write_choices (serial, path, error);
}

static gint
run_tune (gint argc, gchar **argv)
{
  g_autofree gchar *output = NULL;
  g_auto (GStrv) shapes = NULL;
  g_auto (GStrv) cuts = NULL;
  gint threads = 1;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
        "where the choices are written (required)", "FILE" },
    { "cut", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cuts,
        "a stage ends at this tensor; may be repeated", "TENSOR" },
    { "shape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &shapes,
        "shape of an input with open dimensions", "[NAME=]1,3,224,224" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads,
        "OpenMP threads of a module (default 1)", "N" },
    { NULL },
  };
  g_autoptr (DnnPipelineConfig) config = NULL;
  DnnCompileOptions options = { 0 };
  GError *error = NULL;

  if (!dnn_command_parse (&dnn_command_tune, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  options.cuts = (const gchar *const *) cuts;
  if (!output)
    g_set_error (&error, DNN_ERROR, DNN_ERROR_VALUE,
        "--output: a file is expected, for the choices");
  else
    config = dnn_args_load (
        argv[1], &options, (const gchar *const *) shapes, NULL, FALSE, &error);
  if (!config ||
      !tune (config, threads, (const gchar *const *) shapes, output, &error))
    return dnn_command_fail (error);
  return EXIT_SUCCESS;
}

const DnnCommand dnn_command_tune = {
  "tune",
  "DIR|MODEL.onnx -o FILE",
  "measure implementations, write what was chosen",
  run_tune,
};
