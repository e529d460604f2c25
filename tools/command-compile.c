/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* ONNX file → folder of compiled modules. */
#include "config.h"

#include "tools/command.h"

#include <stdlib.h>

static gint
run_compile (gint argc, gchar **argv)
{
  g_autofree gchar *output = NULL;
  g_autofree gchar *stages = NULL;
  g_autofree gchar *precision = NULL;
  g_auto (GStrv) cuts = NULL;
  g_auto (GStrv) shapes = NULL;
  gboolean single = FALSE, no_states = FALSE, dump = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
        "folder to write (made if missing)", "DIR" },
    { "cut", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cuts,
        "a stage ends at this tensor; may be repeated", "TENSOR" },
    { "shape", 0, 0, G_OPTION_ARG_STRING_ARRAY, &shapes,
        "shape of an input with open dimensions", "[NAME=]1,3,224,224" },
    { "stages", 0, 0, G_OPTION_ARG_STRING, &stages, "number of stages", "N" },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &precision, "f32 (default)",
        "f32" },
    { "single-file", 0, 0, G_OPTION_ARG_NONE, &single,
        "write the three configuration files as one", NULL },
    { "no-states", 0, 0, G_OPTION_ARG_NONE, &no_states,
        "inputs stay inputs, also where names say that they are outputs of the "
        "frame before",
        NULL },
    { "dump-passes", 0, 0, G_OPTION_ARG_NONE, &dump,
        "write the graph that each pass of the optimiser leaves to DIR/passes",
        NULL },
    { NULL },
  };
  g_autoptr (DnnPipelineConfig) config = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *passes = NULL;
  GError *error = NULL;
  DnnCompileOptions options = { 0 };

  if (!dnn_command_parse (&dnn_command_compile, entries, 1, &argc, &argv))
    return EXIT_FAILURE;
  if (!output) {
    g_printerr ("gst-dnn compile: no output folder given (-o DIR)\n");
    return EXIT_FAILURE;
  }
  options.cuts = (const gchar *const *) cuts;
  options.shapes = (const gchar *const *) shapes;
  options.precision = precision;
  options.no_states = no_states;
  if (dump)
    options.dump_passes = passes = g_build_filename (output, "passes", NULL);
  if (!dnn_command_check_stages (stages, options.cuts, &error))
    return dnn_command_fail (error);
  config = dnn_compile_file (argv[1], &options, &error);
  if (!config)
    return dnn_command_fail (error);
  if (single) {
    path = g_build_filename (output, "config", NULL);
    if (g_mkdir_with_parents (output, 0777) != 0)
      g_set_error (&error, DNN_ERROR, DNN_ERROR_FAILED,
          "%s: the folder cannot be made", output);
    else
      dnn_pipeline_config_export_single (config, path, &error);
  } else {
    path = dnn_pipeline_config_export (config, output, &error);
  }
  if (error)
    return dnn_command_fail (error);
  g_print ("%s\n", path);
  return EXIT_SUCCESS;
}

const DnnCommand dnn_command_compile = {
  "compile",
  "MODEL.onnx -o DIR",
  "compile an ONNX model into modules",
  run_compile,
};
